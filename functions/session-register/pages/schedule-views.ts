/** The pages of a group's schedule: all its sessions, and what can be changed of one. */
import { type CohortRecord, type CohortSession, inOrder, ordinalOf } from '../../../workflows/cohort.ts';
import { minutesOf } from '../../../workflows/session-change.ts';
import { inWords, isDue, londonDate, londonTime } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import change from './change.njk';
import schedule from './schedule.njk';
import tooLate from './too-late.njk';

type Group = Pick<CohortRecord, 'reference' | 'sessions'>;

/** What was just done on a page of the schedule. */
export const DONE = ['changed', 'cancelled'] as const;
export type Done = (typeof DONE)[number];

const doneInWords: Record<Done, string> = {
  changed: 'The session is changed, and everybody who takes part is told',
  cancelled: 'The session is cancelled, and everybody who takes part is told. It is held later instead',
};

export type ScheduleView = Site & {
  group: Group;
  /** The address of the group's link. */
  address: string;
  /** The address of the group's calendar, which opens nothing else. */
  calendar: string;
  place?: string | undefined;
  now: string;
  done?: Done | undefined;
};

/** All sessions of the group with their state. Names nobody. */
export function schedulePage(view: ScheduleView) {
  const { group, calendar, place, now, done } = view;
  const { reference, sessions } = group;
  const [next] = inOrder(group).filter(
    ({ status, startsAt }) => status === 'planned' && !isDue(startsAt, now),
  );
  return page(view, {
    title: 'The sessions of your group',
    template: schedule,
    context: {
      reference,
      place,
      done: done && doneInWords[done],
      held: sessions.filter(({ status }) => status === 'held').length,
      planned: sessions.filter(({ status }) => status !== 'cancelled').length,
      sessions: inOrder(group).map((session) => rowOf(session, session === next, view)),
      calendar,
    },
  });
}

function rowOf(session: CohortSession, isNext: boolean, { group, address, now }: ScheduleView) {
  const { number, startsAt, place, status, sequence } = session;
  const register = `${address}?session=${number}`;
  const row = { title: `Session ${ordinalOf(group, number)}`, when: inWords(startsAt), place };
  if (status === 'cancelled') return { ...row, status: 'Cancelled', colour: 'grey' };
  if (status === 'held') {
    return { ...row, status: 'Held', colour: 'green', register, registerText: 'See what is recorded' };
  }
  if (isDue(startsAt, now)) {
    return {
      ...row,
      status: 'Not recorded yet',
      colour: 'yellow',
      register,
      registerText: 'Open the register',
    };
  }
  return {
    ...row,
    status: 'To come',
    colour: 'blue',
    change: `${address}/group?session=${number}`,
    note: sequence > 0 ? 'Not as it was first planned' : undefined,
    ...(isNext ? { register, registerText: 'List of names to print' } : {}),
  };
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
  register: string;
  /** What was entered, as it was. */
  typed: readonly { key: string; value: string }[];
  /** It was sent, and not only looked at. */
  sent: boolean;
};

const whyTooLate: Record<CohortSession['status'], string> = {
  planned:
    'It has begun, so that it cannot be changed or cancelled here any more. If it was not held, say so in its register: it is then held later.',
  held: 'It is recorded as held, so that it cannot be changed or cancelled any more.',
  cancelled: 'It is cancelled already. The one that is held in its place can be changed.',
};

/** The session cannot be changed any more, and why. */
export function tooLatePage(view: TooLateView) {
  const { group, session, back, register, typed, sent } = view;
  return page(view, {
    title: sent ? 'This was not recorded' : 'This session cannot be changed',
    template: tooLate,
    context: {
      reference: group.reference,
      when: inWords(session.startsAt),
      why: whyTooLate[session.status],
      back,
      register: session.status === 'cancelled' ? undefined : register,
      typed,
    },
    ...(sent ? { statusCode: 409 } : {}),
  });
}
