/** The facilitator's pages: the register of one session of a group. */
import {
  type CohortSession,
  REGISTER_CODES,
  type RegisterCode,
  type RegisterEntry,
} from '../../../workflows/cohort.ts';
import { inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { attendanceWords } from '../../shared/pages/words.ts';
import conflict from './conflict.njk';
import door from './door.njk';
import recorded from './recorded.njk';
import register from './register.njk';

/** Which session it is: "session 4 of 12". One that is held in place of a cancelled one has its number by time. */
export type Which = {
  reference: string;
  programmeName: string;
  number: number;
  planned: number;
  session: Pick<CohortSession, 'startsAt'>;
};

/** Before the register is opened: which session, and not whose. `open`: it has begun. */
export function registerDoorPage(view: Site & Which & { open: boolean }) {
  return page(view, {
    title: titleOf(view),
    template: door,
    context: { ...inPageWords(view), open: view.open },
  });
}

export type RegisterView = Site &
  Which & {
    people: readonly { id: string; name: string; entry?: RegisterEntry | undefined }[];
    /** It is one of the first sessions, in which a facilitator may find that it is not right for somebody. */
    assessment: boolean;
    /** It is recorded, and is being corrected. */
    corrects: boolean;
    form?: Form | undefined;
  };

/** The register: was the session held, and who came? */
export function registerPage(view: RegisterView) {
  const values = view.form?.values ?? {};
  const people = view.people.map(({ id, name, entry }) => ({
    id,
    name,
    items: REGISTER_CODES.map((value) => ({ value, text: attendanceWords[value] })),
    chosen: values[`attendance-${id}`] ?? entry?.attendance,
    notRight: (values[`notRight-${id}`] ?? (entry?.notRight ? 'yes' : '')) === 'yes',
  }));
  const chosen = Object.fromEntries(people.map(({ id, chosen }) => [`attendance-${id}`, chosen ?? '']));
  return page(view, {
    title: titleOf(view),
    template: register,
    context: {
      ...inPageWords(view),
      people,
      assessment: view.assessment,
      corrects: view.corrects,
    },
    form: { values: { ...chosen, ...values }, errors: view.form?.errors ?? {} },
    fields: ['held', ...view.people.map(({ id }) => `attendance-${id}`)],
  });
}

export type RegisterRecordedView = Site &
  Which & {
    status: 'held' | 'cancelled';
    /** When it was recorded; absent where nobody took part, or it was cancelled. */
    at?: string;
    attendance: readonly RegisterCode[];
    /** How many sessions of the group were held so far. */
    held: number;
    correctableUntil?: string;
  };

/** What was recorded, in numbers, and how many sessions were held so far. */
export function registerRecordedPage(view: RegisterRecordedView) {
  const { at, attendance, status, held, correctableUntil } = view;
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
      at: at && inWords(at),
      correctableUntil: correctableUntil && inWords(correctableUntil),
    },
  });
}

/** What was sent comes too late, or says otherwise than what was recorded. */
export function registerConflictPage(view: Site & Which & { status: CohortSession['status'] }) {
  return page(view, {
    title: 'This was not recorded',
    template: conflict,
    statusCode: 409,
    context: { ...inPageWords(view), status: view.status },
  });
}

function titleOf({ number, planned }: Which): string {
  return `Session ${number} of ${planned}: who came?`;
}

function inPageWords({ reference, programmeName, number, planned, session }: Which) {
  return { reference, programmeName, number, planned, when: inWords(session.startsAt) };
}
