/** The facilitator's pages: the register of one session of a group. */
import {
  type CohortSession,
  REGISTER_CODES,
  type RegisterCode,
  type RegisterEntry,
} from '../../../workflows/cohort-record.ts';
import { inWords, weekdayAndDate } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { attendanceWords } from '../../shared/pages/words.ts';
import conflict from './conflict.njk';
import door from './door.njk';
import list from './list.njk';
import recorded from './recorded.njk';
import register from './register.njk';

/** Which session it is: "session 4 of 12". One that is held in place of a cancelled one has its number by time. */
export type Which = {
  reference: string;
  programmeName: string;
  number: number;
  planned: number;
  session: Pick<CohortSession, 'startsAt'>;
  /** Where the group's schedule is. */
  schedule: string;
  /** Where the list to print is, while one is of use. */
  list?: string;
};

/** On the field that somebody taps; what it means is said in full beside it. */
const briefly: Record<RegisterCode, string> = {
  '5': 'On time',
  '6': 'Late',
  '7': 'Too late to join',
  '2': 'Told us before',
  '3': 'Did not come',
};

const codes = REGISTER_CODES.map((value) => ({
  value,
  text: briefly[value],
  words: attendanceWords[value],
}));

/** Before the register is opened: which session, and not whose. `open`: it has begun. `listOpensAt`: when there is a list to print. */
export function registerDoorPage(view: Site & Which & { open: boolean; listOpensAt: string }) {
  return page(view, {
    title: titleOf(view),
    template: door,
    context: { ...inPageWords(view), open: view.open, listOpens: weekdayAndDate(view.listOpensAt) },
  });
}

/**
 * Somebody who takes part. `excused`: they said beforehand that they cannot come. `left`: they took part, and do not any more. `assessment`: it is one of
 * their first sessions, in which a facilitator may find that it is not right for them.
 */
type Participant = {
  id: string;
  name: string;
  entry?: RegisterEntry | undefined;
  excused?: boolean;
  left?: boolean;
  assessment?: boolean;
};

export type RegisterView = Site &
  Which & {
    people: readonly Participant[];
    /** It is recorded, and is being corrected. */
    corrects: boolean;
    /** The revision that is shown, for whoever records to say what they saw. */
    basedOn: number | 'none';
    /** When somebody else recorded it while this was filled in. */
    meanwhile?: string;
    form?: Form | undefined;
  };

/** The register: who came? It was held, unless somebody says otherwise. */
export function registerPage(view: RegisterView) {
  const { form, corrects, basedOn, meanwhile } = view;
  const people = view.people.map((person) => rowOf(person, view));
  const fields = people.flatMap(({ id }) => [`attendance-${id}`, `notRight-${id}`, `note-${id}`]);
  const given = Object.fromEntries(people.map(({ id, notRight }) => [`notRight-${id}`, notRight]));
  return page(view, {
    title: titleOf(view),
    template: register,
    context: {
      ...inPageWords(view),
      people,
      codes,
      corrects,
      basedOn,
      meanwhile: meanwhile && inWords(meanwhile),
    },
    form: { values: { ...form?.values, ...given }, errors: form?.errors ?? {} },
    fields,
    ...(meanwhile === undefined ? {} : { statusCode: 409 }),
  });
}

function rowOf(person: Participant, { form, meanwhile }: RegisterView) {
  const { id, name, entry, excused, left, assessment } = person;
  const settled = entry?.notRight === true;
  const values = form?.values;
  const before = entry?.attendance ?? (excused ? '2' : undefined);
  const attendance = values?.[`attendance-${id}`] ?? before;
  const notRight = values ? values[`notRight-${id}`] : entry?.notRight && 'yes';
  const otherwise =
    meanwhile !== undefined &&
    entry !== undefined &&
    (entry.attendance !== attendance || (entry.notRight ? 'yes' : undefined) !== notRight);
  return {
    id,
    name,
    notRight,
    items: codes.map(({ value, text }) => ({ value, text, chosen: value === attendance })),
    asks: assessment === true && !left && !settled,
    aside: [
      ...(settled ? [NOT_RIGHT] : []),
      ...(left ? ['Takes part no more. Please record whether they came to this session'] : []),
      ...(excused ? ['Told us beforehand that they cannot come'] : []),
      ...(otherwise ? [recordedInWords(entry)] : []),
    ],
    more:
      [`note-${id}`, `notRight-${id}`].some((field) => values?.[field] || form?.errors?.[field]) || notRight,
  };
}

/** What was recorded of somebody cannot be taken back: their link worker may have spoken with them. */
const NOT_RIGHT =
  'Recorded: not right for them. Their place here has ended. If that was a mistake, please call the link workers';

function recordedInWords({ attendance, notRight }: RegisterEntry): string {
  return `Recorded: ${attendanceWords[attendance]}${notRight ? '; not right for them' : ''}`;
}

export type ListView = Site &
  Which & {
    back: string;
    place?: string | undefined;
    people: readonly Pick<Participant, 'name' | 'excused'>[];
    now: string;
  };

/** The list to print, for a room without signal. */
export function listPage(view: ListView) {
  const { back, place, people, now } = view;
  return page(view, {
    title: `Session ${view.number} of ${view.planned}: list of names`,
    template: list,
    context: { ...inPageWords(view), back, place, names: people, codes, asOf: inWords(now) },
  });
}

/** What can be changed of a session that is recorded. */
export type Changeable = {
  /** Where and until when its cancellation can be taken back. */
  restore?: { until: string; href: string };
  correctableUntil?: string;
};

function changeableInWords({ restore, correctableUntil }: Changeable) {
  return {
    correctableUntil: correctableUntil && inWords(correctableUntil),
    restore: restore && { ...restore, until: inWords(restore.until) },
  };
}

export type RegisterRecordedView = Site &
  Which & {
    status: 'held' | 'cancelled';
    /** When it was recorded; absent where nobody took part, or it was cancelled. */
    at?: string;
    attendance: readonly RegisterCode[];
    /** How many sessions of the group were held so far. */
    held: number;
    /** Whether there is a session to come. */
    hasNext: boolean;
    /** The sessions that are over, and of which nothing is recorded. */
    missing: readonly { startsAt: string; href: string }[];
  } & Changeable;

/** What was recorded, in numbers, and how many sessions were held so far. */
export function registerRecordedPage(view: RegisterRecordedView) {
  const { at, attendance, status, held, hasNext, missing } = view;
  const counts = REGISTER_CODES.map((code) => ({
    words: attendanceWords[code],
    count: attendance.filter((each) => each === code).length,
  })).filter(({ count }) => count > 0);
  return page(view, {
    title: status === 'held' ? 'The session is recorded' : 'The session is cancelled',
    template: recorded,
    context: {
      ...inPageWords(view),
      status,
      counts,
      held,
      hasNext,
      missing: missing.map(({ startsAt, href }) => ({ when: weekdayAndDate(startsAt), href })),
      at: at && inWords(at),
      ...changeableInWords(view),
    },
  });
}

/** What somebody entered of one person. */
export type Typed = { name: string; attendance?: RegisterCode; notRight: boolean; note?: string };

/** What was sent comes too late, or says otherwise than what was recorded. What was entered stays on the page. */
export function registerConflictPage(
  view: Site & Which & Changeable & { status: CohortSession['status']; typed: readonly Typed[] },
) {
  const typed = view.typed.map(({ name, attendance, notRight, note }) => ({
    key: name,
    value: [
      attendance === undefined ? 'Nothing' : attendanceWords[attendance],
      ...(notRight ? ['Not right for them'] : []),
      ...(note === undefined ? [] : [`Note: ${note}`]),
    ].join('\n'),
  }));
  const noted = view.typed.some(({ note }) => note !== undefined);
  return page(view, {
    title: 'This was not recorded',
    template: conflict,
    statusCode: 409,
    context: { ...inPageWords(view), ...changeableInWords(view), status: view.status, typed, noted },
  });
}

function titleOf({ number, planned }: Which): string {
  return `Session ${number} of ${planned}: who came?`;
}

function inPageWords({ reference, programmeName, number, planned, session, schedule, list }: Which) {
  return { reference, programmeName, number, planned, schedule, list, when: inWords(session.startsAt) };
}
