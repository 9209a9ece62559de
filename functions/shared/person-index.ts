/** Keyed hashes by which the same person is found again. Whoever reads the table or the index cannot tell whom they stand for. */
import { createHmac } from 'node:crypto';
import { fullName } from '../../workflows/person.ts';
import type { Person, PersonKeys } from '../../workflows/referral.ts';
import { keyFor } from './secret.ts';

/** The keys of a person: by name, date of birth and postcode, and by NHS number where it is known. */
export async function personKeysOf(person: Person): Promise<PersonKeys> {
  const key = await keyFor('person-index');
  const hash = (...parts: string[]) =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
  const { dateOfBirth, postcode, nhsNumber } = person;
  return {
    details: hash('details', sameForEverySpelling(fullName(person)), dateOfBirth, postcode),
    ...(nhsNumber === undefined ? {} : { nhsNumber: hash('nhs-number', nhsNumber) }),
  };
}

/** A name without what people write now one way and now another: accents, apostrophes, hyphens, spaces, capitals. */
function sameForEverySpelling(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[^\p{Letter}\p{Number}]/gu, '')
    .toLowerCase();
}
