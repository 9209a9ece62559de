/** What was corrected of a person's details, in words: what each of their details was, and what it is now. */
import { correctionsOf } from '../../../workflows/corrections.ts';
import { fullName } from '../../../workflows/person.ts';
import type { Referral } from '../../../workflows/referral.ts';
import type { Person } from '../../../workflows/request.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { communicationInWords, contactInWords, gpPracticeInWords, postcodeInWords } from './person.ts';
import { nhsNumberInWords } from './words.ts';

/** The details as the page of the referral has them. */
const DETAILS: Record<string, (person: Person) => string | undefined> = {
  Name: fullName,
  'Date of birth': ({ dateOfBirth }) => dateInWords(`${dateOfBirth}T12:00:00Z`),
  'NHS number': ({ nhsNumber }) => nhsNumber && nhsNumberInWords(nhsNumber),
  Phone: ({ phone }) => phone,
  Email: ({ email }) => email,
  'How to make contact': contactInWords,
  Address: (person) =>
    [person.address?.replaceAll('\n', ', '), postcodeInWords(person)].filter(Boolean).join(', '),
  'GP practice': gpPracticeInWords,
  'GP practice email': ({ gpPracticeEmail }) => gpPracticeEmail,
  'How to communicate': communicationInWords,
};

/** The corrections, the newest first, each with what changed and who made it. */
export function correctionsInWords(referral: Pick<Referral, 'person' | 'corrections' | 'history'>) {
  return correctionsOf(referral)
    .map(({ at, by = 'the person', was, is }) => ({ at: inWords(at), by, changes: changesInWords(was, is) }))
    .filter(({ changes }) => changes.length > 0);
}

/** Each detail that is not the same in both, as either has it. */
export function changesInWords(was: Person, is: Person) {
  return Object.entries(DETAILS)
    .map(([detail, wordsOf]) => ({ detail, was: inOneLine(wordsOf(was)), is: inOneLine(wordsOf(is)) }))
    .filter((change) => change.was !== change.is);
}

/** Inside a sentence: on one line, without a full stop of its own. */
function inOneLine(words: string | undefined): string {
  return words?.replaceAll('\n', '; ').replace(/\.$/, '') ?? 'not given';
}
