/** Keyed hashes by which the same person is found again. Whoever reads the table or the index cannot tell whom they stand for. */
import { createHmac } from 'node:crypto';
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
export async function nameKeysOf(name: string, familyName = name) {
  const key = await keyFor('person-index');
  return {
    name: hashOf(key, ['name', sameForEverySpelling(name)]),
    familyName: hashOf(key, ['family-name', sameForEverySpelling(familyName)]),
  };
}

/** The key to search by an NHS number of ten digits. */
export async function nhsNumberKeyOf(nhsNumber: string): Promise<string> {
  return hashOf(await keyFor('person-index'), ['nhs-number', nhsNumber]);
}

function hashOf(key: Buffer, parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}

/** A name without what people write now one way and now another: accents, apostrophes, hyphens, spaces, capitals. */
function sameForEverySpelling(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[^\p{Letter}\p{Number}]/gu, '')
    .toLowerCase();
}
