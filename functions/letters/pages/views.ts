/** The closing letters: to the person, to whoever referred them, and to their GP practice. Made to be read and printed. */
import { mayKnow, type Reader } from '../../../workflows/closing.ts';
import type { Programme } from '../../../workflows/directory.ts';
import type { CodeInDocument } from '../../../workflows/episode-code.ts';
import type { Instrument } from '../../../workflows/instrument.ts';
import type { DueMeasures } from '../../../workflows/measure-times.ts';
import type { Measurement } from '../../../workflows/measures.ts';
import { fullName, hasGpPractice } from '../../../workflows/person.ts';
import { ATTENDANCE, type Attendance, type Ending } from '../../../workflows/referral.ts';
import type { Person, Referrer } from '../../../workflows/request.ts';
import { DECLINE_REASONS, type DeclineReason } from '../../../workflows/review.ts';
import { ENDED_AT_PROVIDER } from '../../../workflows/team-ends.ts';
import { dateInWords } from '../../../workflows/time.ts';
import { changesInWords } from '../../shared/pages/measures.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import { contactInWords, gpPracticeInWords, postcodeInWords } from '../../shared/pages/person.ts';
import { attendanceToPerson } from '../../shared/pages/sessions.ts';
import { attendanceWords, nhsNumberInWords, referrerKindWords } from '../../shared/pages/words.ts';
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
  /** Whether the reader has no email address, so that a link worker, who reads this, prints the letter and sends it by post. */
  toPrint?: boolean | undefined;
  /** The day of the letter: when the referral was closed. */
  date: string;
  createdAt: string;
  person: Person;
  referrer: Referrer;
  ending: Ending;
  /** The programme that was offered last, and how many of its sessions were held and attended. */
  programme?: Programme | undefined;
  sessions?: { planned: number; held: number; attended: number } | undefined;
  /** Whether it ended early after missed sessions. */
  missed?: boolean | undefined;
  /** The programmes before it, which were not right for them. */
  earlier?: readonly { programme: string; held: number; attended: number }[];
  /** Each programme in which they took part, with the attendance code of each of their sessions. */
  attendance?: readonly { programme: string; codes: readonly Attendance[] }[];
  /** What was measured, oldest first: only what the reader may know. */
  measurements?: readonly Measurement[];
  instruments?: readonly Instrument[];
  /** What has been asked and is not answered yet: what was answered before is not the outcome. */
  measuresDue?: DueMeasures | undefined;
  /** Until when the reader's link works, where they read by one. */
  until?: string | undefined;
  /** A concern that somebody is to see to, or a risk that was named. */
  risk?: 'followed-up' | 'named' | undefined;
  /** The code for the practice's record, and since when it has it, if it was given before. */
  snomed?: CodeInDocument | undefined;
};

/** One letter. */
export function letterPage(view: LetterView) {
  const { reference, reader, date, createdAt, person, referrer, ending, programme, sessions, snomed } = view;
  const { attendance = [], measurements = [], instruments = [], earlier = [], risk } = view;
  const name = fullName(person);
  const may = mayKnow(reader, referrer);
  return page(view, {
    title: titles[reader],
    template: letter,
    context: {
      reference,
      reader,
      date: dateInWords(date),
      to: { person: name, referrer: referrer.name, gp: gpPracticeInWords(person) }[reader],
      name,
      dear:
        reader === 'gp'
          ? 'Dear colleague'
          : `Dear ${reader === 'person' ? (person.firstName ?? person.familyName) : referrer.name}`,
      about: [
        { key: 'Name', value: name },
        { key: 'Date of birth', value: dateInWords(`${person.dateOfBirth}T12:00:00Z`) },
        {
          key: 'NHS number',
          value: reader === 'gp' && person.nhsNumber && nhsNumberInWords(person.nhsNumber),
        },
        { key: 'Postcode', value: reader === 'gp' && postcodeInWords(person) },
        { key: 'Referred on', value: dateInWords(createdAt) },
        { key: 'Referred by', value: referredBy(referrer) },
      ],
      // Whoever may not know how it ended reads that it has.
      ending: may.ending ? ending.kind : 'ended',
      reason: reasonOf(view),
      // Who came to nothing, or whose sessions ran out, has finished nothing.
      finished: ending.reason !== 'no-session-left' && (sessions?.attended ?? 0) > 0,
      unreached: ending.reason === 'could-not-reach',
      missed: view.missed,
      atProvider: ending.reason === ENDED_AT_PROVIDER,
      toPrint:
        view.toPrint && (reader === 'person' ? printingForPerson(person) : printingForPractice(person)),
      signpostedTo: ending.signpostedTo,
      programme,
      sessions,
      earlier: earlier.filter(({ held }) => held > 0),
      attendance:
        may.attendance === 'codes' ? attendance.flatMap((each) => attendanceTable(each, reader)) : [],
      changes: may.measures
        ? changesInWords(measurements, instruments, { soFar: view.measuresDue !== undefined })
        : [],
      due: may.measures && view.measuresDue && dueInWords(view.measuresDue, view.until),
      risk,
      snomed: may.snomed && snomed && { ...snomed, givenOn: snomed.givenOn && dateInWords(snomed.givenOn) },
      selfReferred: referrer.kind === 'self',
      practiceHears: hasGpPractice(person),
    },
  });
}

/** Which questions are not answered yet, when they were sent, and until when answers to them can be read. */
function dueInWords({ point, askedAt }: DueMeasures, until: string | undefined) {
  return {
    questions: point === 'follow-up' ? 'The questions some months after the end' : 'The questions at the end',
    askedOn: askedAt && dateInWords(askedAt),
    until: until && dateInWords(until),
  };
}

/** How often they came, by NHS attendance code, to the person by what is said of it; nothing where there was no session. */
function attendanceTable(
  { programme, codes }: NonNullable<LetterView['attendance']>[number],
  reader: Reader,
) {
  if (codes.length === 0) return [];
  // To the person, on time and a little late is the same: they came.
  const words = reader === 'person' ? attendanceToPerson : attendanceWords;
  const rows = [...new Set(ATTENDANCE.map((code) => words[code]))].map((said) => {
    const same = codes.filter((each) => words[each] === said);
    return { code: same[0], words: said, count: same.length };
  });
  return [{ programme, rows: rows.filter(({ count }) => count > 0) }];
}

/** What the link worker must know before the person's letter goes to where they live: others may open it. */
function printingForPerson(person: Person) {
  const { phone, address, contact = {} } = person;
  const { preferred = 'letter', note, mayEmail } = contact;
  return {
    whose: 'the person',
    perhapsUnsafe: preferred !== 'letter' || note !== undefined || mayEmail === false,
    howToContact: contactInWords(person),
    phone: phone ?? 'Not known',
    address: [address, postcodeInWords(person)].filter(Boolean).join('\n'),
    gpPractice: gpPracticeInWords(person),
  };
}

function printingForPractice(person: Person) {
  return { whose: 'the GP practice', gpPractice: gpPracticeInWords(person) };
}

function referredBy({ kind, name, organisation }: Referrer): string {
  if (kind === 'self') return referrerKindWords.self;
  return organisation === undefined ? name : `${name}, ${organisation}`;
}

/** Why a referral was declined, to the person themself and to everybody else. */
const declineReasons: Record<DeclineReason, { person: string; others: string }> = {
  'not-eligible': {
    person: 'At the moment we know of no programme that is open to you.',
    others: 'No programme that we know of is open to this person at the moment.',
  },
  'needs-other-service': {
    person: 'We think that another kind of service would help you more than a programme of ours.',
    others: 'The person needs a different kind of service.',
  },
  'could-not-reach': {
    person: 'We tried to reach you and could not.',
    others: 'We tried to reach the person and could not.',
  },
  'person-does-not-want-it': {
    person: 'You told us that you do not want it.',
    others: 'The person told us that they do not want it.',
  },
  duplicate: {
    person: 'You already have another referral with us, which goes on.',
    others: 'The person already has another referral with us, which goes on.',
  },
};

function reasonOf(view: LetterView): string | undefined {
  const { kind, reason } = view.ending;
  const known = DECLINE_REASONS.find((code) => code === reason);
  if (kind !== 'declined' || known === undefined) return undefined;
  if (known === 'duplicate' && isReadByReferrer(view)) return undefined;
  return declineReasons[known][view.reader === 'person' ? 'person' : 'others'];
}

/** Whoever referred somebody else learns of no other referral: not from their letter, nor from one sent to an address of theirs. */
function isReadByReferrer({ reader, person, referrer }: LetterView): boolean {
  if (referrer.kind === 'self') return false;
  const address = { person: person.email, gp: person.gpPracticeEmail, referrer: undefined }[reader];
  const theirs = [referrer.email, referrer.respondTo?.email].map((email) => email?.toLowerCase());
  return reader === 'referrer' || (address !== undefined && theirs.includes(address.toLowerCase()));
}
