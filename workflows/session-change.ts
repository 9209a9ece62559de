/** The facilitator changes or cancels a session that is to come: what speaks against it, and against doing so after somebody else did. */
import {
  CANCELLED_POLICY,
  type CohortOutcome,
  cancelledInARow,
  cancelSession,
  changeSession,
  restoreSession,
  ruleOf,
} from './cohort.ts';
import type { CohortRecord, CohortSession } from './cohort-record.ts';
import { againstDay } from './schedule.ts';
import { after, isDue, londonDate, londonInstant, londonTime, weekdayOf } from './time.ts';

/** Why a session cannot be then. The last two only want to be said. */
export const AGAINST = ['no-such-time', 'past', 'too-far', 'overlaps', 'bank-holiday', 'break'] as const;
export type Against = (typeof AGAINST)[number];

/** Why a session cannot be held after all. But for the first they only want to be said; the last: the group is on another day, or at another hour, since. */
export const AGAINST_RESTORING = ['overlaps', 'bank-holiday', 'break', 'other-time'] as const;
export type AgainstRestoring = (typeof AGAINST_RESTORING)[number];

/** A session is moved by so much at most: what is further away was mistyped. */
const FURTHEST_DAYS = 366;

export type AskedChange = {
  /** On the clock in London, YYYY-MM-DD and HH:MM. */
  date: string;
  time: string;
  place?: string;
  /** Whoever asks knows that it is a bank holiday, or in a break of the group. */
  anyDay: boolean;
  /** The sequence of the session that they had before them. */
  basedOn: number;
};

/**
 * Moves a session that is to come, or puts it somewhere else. The same again changes nothing. Refused once it has begun (`begun`), where something
 * speaks against the time (one of AGAINST), and where somebody else changed it since (`changed-meanwhile`).
 */
export function moveSession(
  cohort: CohortRecord,
  number: number,
  { date, time, place, anyDay, basedOn }: AskedChange,
  now: string,
): CohortOutcome {
  const session = cohort.sessions.find((each) => each.number === number);
  if (!session) return { refused: 'not-now' };
  const minutes = minutesOf(session);
  const startsAt = londonInstant(date, time);
  const moved = changeSession(
    cohort,
    number,
    { startsAt, minutes, ...(place === undefined ? {} : { place }) },
    now,
  );
  if (moved === cohort) return cohort;
  if (session.status !== 'planned') return { refused: 'already-decided', recorded: session.status };
  if (isDue(session.startsAt, now)) return { refused: 'not-now', recorded: 'begun' };
  const against = whatSpeaksAgainst(cohort, session, { date, time, anyDay }, now);
  if (against !== undefined) return { refused: 'not-now', recorded: against };
  if (basedOn !== session.sequence) return { refused: 'already-decided', recorded: 'changed-meanwhile' };
  return moved;
}

/**
 * Cancels a session that is to come; it is held later. Cancelled already: nothing changes. Refused as moving it is, and (`too-many`) where too many in a row
 * are cancelled already: then the team is asked.
 */
export function cancelComing(
  cohort: CohortRecord,
  number: number,
  basedOn: number,
  now: string,
): CohortOutcome {
  const session = cohort.sessions.find((each) => each.number === number);
  if (!session) return { refused: 'not-now' };
  if (session.status === 'planned' && isDue(session.startsAt, now)) {
    return { refused: 'not-now', recorded: 'begun' };
  }
  if (session.status === 'planned' && basedOn !== session.sequence) {
    return { refused: 'already-decided', recorded: 'changed-meanwhile' };
  }
  const tooMany = cancelledInARow(cohort, number) > CANCELLED_POLICY.most;
  if (session.status === 'planned' && tooMany) return { refused: 'not-now', recorded: 'too-many' };
  return cancelSession(cohort, number, now);
}

/**
 * Takes a cancellation back, as `restoreSession` does. Refused as that is, and where something that came since speaks against it (one of
 * AGAINST_RESTORING). `anyDay`: whoever asks knows of the day. One that has begun was held, whatever day that is.
 */
export function holdAfterAll(
  cohort: CohortRecord,
  number: number,
  { basedOn, anyDay }: Pick<AskedChange, 'basedOn' | 'anyDay'>,
  now: string,
): CohortOutcome {
  const restored = restoreSession(cohort, number, basedOn, now);
  if ('refused' in restored || restored === cohort) return restored;
  const session = restored.sessions.find((each) => each.number === number);
  if (!session) return { refused: 'not-now' };
  const against = overlaps(restored, session)
    ? 'overlaps'
    : anyDay || isDue(session.startsAt, now)
      ? undefined
      : (againstDay(londonDate(session.startsAt), cohort.breaks) ?? otherTime(cohort, session));
  return against === undefined ? restored : { refused: 'not-now', recorded: against };
}

/** Where the directory has moved the group since it was planned: whether a session is not when the group's are. */
function otherTime(cohort: CohortRecord, { startsAt }: CohortSession): 'other-time' | undefined {
  if (cohort.firstAt === undefined) return undefined;
  const { firstAt } = ruleOf(cohort);
  const isSame =
    londonTime(startsAt) === londonTime(firstAt) &&
    weekdayOf(londonDate(startsAt)) === weekdayOf(londonDate(firstAt));
  return isSame ? undefined : 'other-time';
}

/** Whether another session, that is held or to be held, is at the same time as this one. */
function overlaps({ sessions }: CohortRecord, { number, startsAt, endsAt }: CohortSession): boolean {
  return sessions.some(
    (other) =>
      other.number !== number &&
      other.status !== 'cancelled' &&
      other.startsAt < endsAt &&
      other.endsAt > startsAt,
  );
}

/** How long a session is. */
export function minutesOf({ startsAt, endsAt }: Pick<CohortSession, 'startsAt' | 'endsAt'>): number {
  return Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 60_000);
}

function whatSpeaksAgainst(
  cohort: CohortRecord,
  session: CohortSession,
  { date, time, anyDay }: Pick<AskedChange, 'date' | 'time' | 'anyDay'>,
  now: string,
): Against | undefined {
  const startsAt = londonInstant(date, time);
  // In the night in spring when the clocks go forward an hour is left out.
  if (londonDate(startsAt) !== date || londonTime(startsAt) !== time) return 'no-such-time';
  if (isDue(startsAt, now)) return 'past';
  if (!isDue(startsAt, after(now, { days: FURTHEST_DAYS }))) return 'too-far';
  const endsAt = after(startsAt, { minutes: minutesOf(session) });
  if (overlaps(cohort, { ...session, startsAt, endsAt })) return 'overlaps';
  // Who changes only the place or the hour was told of the day before.
  if (anyDay || date === londonDate(session.startsAt)) return undefined;
  return againstDay(date, cohort.breaks);
}
