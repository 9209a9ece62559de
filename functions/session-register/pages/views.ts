/** The facilitator's pages: the register of one session. */
import type { Attendance, Session } from '../../../workflows/referral.ts';
import { inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { attendanceWords, recordedInWords } from '../../shared/pages/words.ts';
import door from './door.njk';
import recorded from './recorded.njk';
import register from './register.njk';

/** In the order in which they are asked: the good news first. 4 goes with a cancelled session. */
const ATTENDANCE_CHOICES: readonly Exclude<Attendance, '4'>[] = ['5', '6', '7', '2', '3'];

/** Which session it is. Held sessions count towards the planned number; a cancelled one is held later. */
export type Which = {
  reference: string;
  programmeName: string;
  /** How many sessions are held when this one is: "session 4 of 12". */
  number: number;
  planned: number;
  session: Pick<Session, 'startsAt'>;
};

/** Before the register is opened: which session, and not whose. */
export function registerDoorPage(view: Site & Which) {
  return page(view, { title: titleOf(view), template: door, context: inPageWords(view) });
}

export type RegisterView = Site &
  Which & {
    /** Whose register it is. */
    personName: string;
    form?: Form | undefined;
  };

/** The register: was the session held, and did the person come? */
export function registerPage(view: RegisterView) {
  return page(view, {
    title: titleOf(view),
    template: register,
    context: {
      ...inPageWords(view),
      personName: view.personName,
      attendanceItems: ATTENDANCE_CHOICES.map((value) => ({ value, text: attendanceWords[value] })),
    },
    form: view.form,
    fields: ['held', 'attendance'],
  });
}

export type RegisterRecordedView = Site & {
  reference: string;
  /** attendance-… or cancelled-by-provider. */
  decision: string;
  at: string;
  /** When the session was, or would have been. */
  startsAt: string;
  held: number;
  planned: number;
  /** What follows: the next session, a link worker's contact first, or nothing more. */
  next: 'session' | 'paused' | 'ended';
};

/** What was recorded, and how many sessions were held so far. */
export function registerRecordedPage({
  reference,
  decision,
  at,
  startsAt,
  held,
  planned,
  next,
  ...site
}: RegisterRecordedView) {
  return page(site, {
    title: 'The session is recorded',
    template: recorded,
    context: {
      reference,
      held,
      planned,
      next,
      when: inWords(startsAt),
      words: recordedInWords('register', decision),
      cancelled: decision === 'cancelled-by-provider',
      at: inWords(at),
    },
  });
}

function titleOf({ number, planned }: Which): string {
  return `Session ${number} of ${planned}: who came?`;
}

function inPageWords({ reference, programmeName, number, planned, session }: Which) {
  return { reference, programmeName, number, planned, when: inWords(session.startsAt) };
}
