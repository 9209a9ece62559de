/** The pages of a group's schedule: all its sessions, and what can be changed of one. */
import { CANCELLED_POLICY, inOrder, ordinalOf, restorableUntil } from '../../../workflows/cohort.ts';
import type { CohortRecord, CohortSession } from '../../../workflows/cohort-record.ts';
import { type AgainstRestoring, minutesOf } from '../../../workflows/session-change.ts';
import { dateInWords, inWords, isDue, londonDate, londonTime } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import change from './change.njk';
import schedule from './schedule.njk';
import tooLate from './too-late.njk';

type Group = Pick<CohortRecord, 'reference' | 'sessions'>;

/** What was just done on a page of the schedule. */
export const DONE = ['changed', 'cancelled', 'restored', 'link-sent', 'links-closed'] as const;
export type Done = (typeof DONE)[number];

const doneInWords: Record<Done, string> = {
  changed:
    'The session is changed, and everybody who takes part is told: by email, or by their link worker where they have none',
  cancelled:
    'The session is cancelled, and everybody who takes part is told: by email, or by their link worker where they have none. It is held later instead',
  restored:
    'The session is held after all, and everybody who takes part is told: by email, or by their link worker where they have none. If it is over, please record who came',
  'link-sent': 'An email with a fresh link to the sessions is on its way to the provider',
  'links-closed':
    'The links before this are closed, and an email with a fresh one is on its way to the provider',
};

/** What the team sees of a group besides its sessions. */
export type TeamView = {
  programme: { name: string; provider: string; href: string };
  /** Of their own teams, by reference. */
  people: readonly { reference: string; takesPart: boolean }[];
  /** How many are of other teams. */
  others: number;
};

export type ScheduleView = Site & {
  group: Group;
  seat: { address: string; register?: (number: number) => string; calendar?: string };
  team?: TeamView | undefined;
  place?: string | undefined;
  now: string;
  done?: Done | undefined;
};

/** All sessions of the group with their state. Names nobody. */
export function schedulePage(view: ScheduleView) {
  const { group, seat, team, place, now, done } = view;
  const { reference, sessions } = group;
  const [next] = inOrder(group).filter(
    ({ status, startsAt }) => status === 'planned' && !isDue(startsAt, now),
  );
  return page(view, {
    title: team ? 'A group and its sessions' : 'The sessions of your group',
    template: schedule,
    context: {
      reference,
      place,
      done: done && doneInWords[done],
      held: sessions.filter(({ status }) => status === 'held').length,
      planned: sessions.filter(({ status }) => status !== 'cancelled').length,
      sessions: inOrder(group)
        .filter(({ notNeeded }) => !notNeeded)
        .map((session) => rowOf(session, session === next, view)),
      calendar: seat.calendar,
      team,
      canSend: sessions.some(({ status }) => status === 'planned'),
    },
  });
}

function rowOf(session: CohortSession, isNext: boolean, { group, seat, now }: ScheduleView) {
  const { number, startsAt, endsAt, place, status, sequence } = session;
  const to = (registerText: string) =>
    seat.register ? { register: seat.register(number), registerText } : {};
  const row = { title: `Session ${ordinalOf(group, number)}`, when: inWords(startsAt), place };
  if (status === 'cancelled') {
    const until = restorableUntil(group, number, now);
    const restore = until && `${seat.address}?session=${number}`;
    return { ...row, status: 'Cancelled', colour: 'grey', restore };
  }
  if (status === 'held') return { ...row, status: 'Held', colour: 'green', ...to('See what is recorded') };
  if (isDue(startsAt, now)) {
    const late = isDue(endsAt, now) && !seat.register;
    const note = late ? askedInWords(session) : undefined;
    return { ...row, status: 'Not recorded yet', colour: 'yellow', note, ...to('Open the register') };
  }
  return {
    ...row,
    status: 'To come',
    colour: 'blue',
    change: `${seat.address}?session=${number}`,
    note: sequence > 0 ? 'Not as it was first planned' : undefined,
    ...(isNext ? to('List of names to print') : {}),
  };
}

/** How often the facilitator was asked for a register that is late. */
function askedInWords({ asked }: CohortSession): string {
  if (!asked) return 'The register is late';
  const times = asked.count === 1 ? 'once' : `${asked.count} times`;
  return `The register is late. The facilitator was asked ${times}; we ask again on ${dateInWords(asked.next)}`;
}

export type ChangeView = Site & {
  group: Group;
  session: CohortSession;
  back: string;
  usualPlace?: string | undefined;
  /** Whether the day wants to be confirmed: a bank holiday, or a break. */
  asksForDay?: boolean;
  /** Somebody else changed it while this was filled in. */
  meanwhile?: boolean;
  form?: Form | undefined;
};

/** The forms that change and cancel one session. */
export function changePage(view: ChangeView) {
  const { group, session, back, usualPlace, asksForDay, meanwhile, form } = view;
  const [year = '', month = '', day = ''] = londonDate(session.startsAt).split('-');
  const stored = {
    'startsOn-day': String(Number(day)),
    'startsOn-month': String(Number(month)),
    'startsOn-year': year,
    time: londonTime(session.startsAt),
    place: session.place,
  };
  return page(view, {
    title: `Session ${ordinalOf(group, session.number)}: change or cancel`,
    template: change,
    context: {
      reference: group.reference,
      when: inWords(session.startsAt),
      place: session.place ?? usualPlace,
      usualPlace,
      minutes: minutesOf(session),
      sequence: session.sequence,
      back,
      asksForDay,
      meanwhile,
    },
    form: form ?? { values: stored },
    fields: ['startsOn', 'time', 'place', 'anyDay'],
    ...(meanwhile ? { statusCode: 409 } : {}),
  });
}

export type TooLateView = Site & {
  group: Group;
  session: CohortSession;
  back: string;
  /** Where its register is, for whoever keeps it. */
  register?: string | undefined;
  /** What was entered, as it was. */
  typed: readonly { key: string; value: string }[];
  /** It was sent, and not only looked at. */
  sent: boolean;
  /** Too many in a row are cancelled for this one to be, or what speaks against taking its cancellation back. */
  because?: 'too-many' | AgainstRestoring | undefined;
  /** Until when its cancellation can be taken back. */
  restorableUntil?: string | undefined;
};

const whyTooLate: Record<CohortSession['status'], string> = {
  planned:
    'It has begun, so that it cannot be changed or cancelled here any more. If it was not held, say so in its register: it is then held later.',
  held: 'It is recorded as held, so that it cannot be changed or cancelled any more.',
  cancelled: 'It is cancelled already. The one that is held in its place can be changed.',
};

const whyNot = {
  'too-many': `${CANCELLED_POLICY.most} sessions in a row are cancelled already, and the people in the group wait. Please call the link workers before you cancel another one; if it is not held, say so in its register.`,
  overlaps:
    'Another session of the group is at that time by now. Change that one first, or leave this one cancelled.',
} as const;

const whyAsked = {
  'bank-holiday': 'That day is a bank holiday: tick the box if it is held then all the same',
  break: 'The group has a break on that day: tick the box if it is held then all the same',
  'other-time':
    'The group has moved to another day or time since: tick the box if this session is held when it was planned all the same',
} as const;

/** The session cannot be changed any more, and why. */
export function tooLatePage(view: TooLateView) {
  const { group, session, back, register, typed, sent, because, restorableUntil } = view;
  const asks = because === 'bank-holiday' || because === 'break' || because === 'other-time';
  return page(view, {
    title: sent ? 'This was not recorded' : 'This session cannot be changed',
    template: tooLate,
    context: {
      reference: group.reference,
      when: inWords(session.startsAt),
      why: because && !asks ? whyNot[because] : whyTooLate[session.status],
      asksForDay: asks,
      restore: restorableUntil && { until: inWords(restorableUntil), sequence: session.sequence },
      back,
      register: session.status === 'cancelled' ? undefined : register,
      typed,
    },
    fields: ['anyDay'],
    ...(asks ? { form: { values: {}, errors: { anyDay: whyAsked[because] } } } : {}),
    ...(sent && !asks ? { statusCode: 409 } : {}),
  });
}
