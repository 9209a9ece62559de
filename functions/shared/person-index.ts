/** Keyed hashes by which the same person is found again. Whoever reads the table or the index cannot tell whom they stand for. */
import { createHmac } from 'node:crypto';
import { sameForEverySpelling, withoutAccents } from '../../workflows/naming.ts';
import { fullName } from '../../workflows/person.ts';
import type { PersonKeys } from '../../workflows/referral.ts';
import type { Person } from '../../workflows/request.ts';
import { keyFor } from './secret.ts';

/** The keys of a person: by name, date of birth and postcode, and by NHS number where it is known. */
export async function personKeysOf(person: Person): Promise<PersonKeys> {
  const key = await keyFor('person-index');
  const { dateOfBirth, postcode, nhsNumber } = person;
  const name = fullName(person);
  return {
    details: hashOf(key, ['details', sameForEverySpelling(name), dateOfBirth, postcode]),
    ...(await nameKeysOf(name, person.familyName)),
    ...(nhsNumber === undefined ? {} : { nhsNumber: await nhsNumberKeyOf(nhsNumber) }),
  };
}

/** The keys to search by a name: as a full name, and as a family name. */
export function nameKeysOf(name: string, familyName = name) {
  return keysOfSpellings(sameForEverySpelling(name), sameForEverySpelling(familyName));
}

/**
 * The same as they were before "ł" counted as "l": by them those are found whose keys were not made anew since. Undefined for names without such
 * letters, whose keys are as they were.
 */
export async function formerNameKeysOf(name: string, familyName = name) {
  const [former, formerFamily] = [withoutAccents(name), withoutAccents(familyName)];
  return former === sameForEverySpelling(name) && formerFamily === sameForEverySpelling(familyName)
    ? undefined
    : keysOfSpellings(former, formerFamily);
}

async function keysOfSpellings(name: string, familyName: string) {
  const key = await keyFor('person-index');
  return { name: hashOf(key, ['name', name]), familyName: hashOf(key, ['family-name', familyName]) };
}

/** The key to search by an NHS number of ten digits. */
export async function nhsNumberKeyOf(nhsNumber: string): Promise<string> {
  return hashOf(await keyFor('person-index'), ['nhs-number', nhsNumber]);
}

function hashOf(key: Buffer, parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}
