/** The closing letters: to the person, to whoever referred them, and to their GP practice. Made to be read and printed. */
import type { Reader } from '../../../workflows/closing.ts';
import type { Programme } from '../../../workflows/directory.ts';
import type { Ending, Person, Referrer } from '../../../workflows/referral.ts';
import { dateInWords } from '../../../workflows/time.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import { declineReasonWords, nhsNumberInWords, referrerKindWords } from '../../shared/pages/words.ts';
import door from './door.njk';
import letter from './letter.njk';

export type LetterDoorView = Site & { reference: string; reader: Reader };

const titles: Record<Reader, string> = {
  person: 'A letter for you',
  referrer: 'The outcome of your referral',
  gp: 'A letter about a patient of your practice',
};

/** Before the letter is opened. */
export function letterDoorPage({ reference, reader, ...site }: LetterDoorView) {
  return page(site, { title: titles[reader], template: door, context: { reference } });
}

export type LetterView = Site & {
  reference: string;
  reader: Reader;
  /** The day of the letter: when the referral was closed. */
  date: string;
  createdAt: string;
  person: Person;
  referrer: Referrer;
  ending: Ending;
  /** The programme that was offered last, and how many of its sessions were held and attended. */
  programme?: Programme | undefined;
  sessions?: { planned: number; held: number; attended: number } | undefined;
};

/** One letter. */
export function letterPage(view: LetterView) {
  const { reference, reader, date, createdAt, person, referrer, ending, programme, sessions } = view;
  const name = `${person.firstName} ${person.familyName}`;
  return page(view, {
    title: titles[reader],
    template: letter,
    context: {
      reference,
      reader,
      date: dateInWords(date),
      to: { person: name, referrer: referrer.name, gp: `GP practice ${person.gpPracticeCode}` }[reader],
      name,
      dear:
        reader === 'gp' ? 'Dear colleague' : `Dear ${reader === 'person' ? person.firstName : referrer.name}`,
      about: [
        { key: 'Name', value: name },
        { key: 'Date of birth', value: dateInWords(`${person.dateOfBirth}T12:00:00Z`) },
        {
          key: 'NHS number',
          value: reader === 'gp' && person.nhsNumber && nhsNumberInWords(person.nhsNumber),
        },
        { key: 'Postcode', value: reader === 'gp' && person.postcode },
        { key: 'Referred on', value: dateInWords(createdAt) },
        { key: 'Referred by', value: referredBy(referrer) },
      ],
      ending: ending.kind,
      reason: reasonOf(ending),
      signpostedTo: ending.signpostedTo,
      programme,
      sessions,
      snomed: snomedOf(ending),
      selfReferred: referrer.kind === 'self',
    },
  });
}

function referredBy({ kind, name, organisation }: Referrer): string {
  if (kind === 'self') return referrerKindWords.self;
  return organisation === undefined ? name : `${name}, ${organisation}`;
}

function reasonOf({ kind, reason }: Ending): string | undefined {
  const words: Record<string, string> = declineReasonWords;
  return kind === 'declined' && reason !== undefined ? words[reason] : undefined;
}

/** The code that the practice's record takes (NHS transformation partners' guidance). */
function snomedOf({ kind, reason }: Ending): { code: string; words: string } {
  return kind === 'withdrawn' || reason === 'person-does-not-want-it'
    ? { code: '871711000000103', words: 'social prescribing declined' }
    : { code: '871731000000106', words: 'referral to social prescribing service' };
}
