/**
 * Which sessions somebody's referral plans: always the next of their group that is to come, and whatever else is to be reminded of before anybody plans
 * again. When they are reminded of each, and which one the workflow waits for.
 */
import { dueAfter, dueAt } from './change.ts';
import { inOrder } from './cohort.ts';
import type { CohortRecord, CohortSession } from './cohort-record.ts';
import type { In, ProgrammeRecord, Referral, Session } from './referral.ts';
import { answerWithin } from './reminder-policy.ts';
import { remindedBy, sessionReminderAt } from './session-reminder.ts';
import { after, isDue, type Span } from './time.ts';

export type Schedule = Pick<CohortRecord, 'sessions'>;

/** The session that is waited for: the earliest that is to come or whose register is open. */
export function plannedSession({ sessions }: Pick<ProgrammeRecord, 'sessions'>): Session | undefined {
  return sessions.find(({ status, unrecordedAt }) => status === 'planned' && unrecordedAt === undefined);
}

/** The sessions of which nobody has said what became of them, and which are waited for no more. */
export function unrecordedSessions(programme: ProgrammeRecord): Session[] {
  return programme.sessions.filter(
    ({ status, unrecordedAt }) => status === 'planned' && unrecordedAt !== undefined,
  );
}

/**
 * The next session to which somebody can come, undefined where there is none: the earliest of their group, `cohort`, that is to come, whatever is waited
 * for meanwhile. Without it, the earliest of which their referral knows.
 */
export function nextToCome(
  { programme, stage }: Referral,
  now: string,
  cohort?: Schedule,
): Session | undefined {
  if (stage !== 'programme' || !programme) return undefined;
  if (!cohort) {
    return programme.sessions.find(({ status, startsAt }) => status === 'planned' && !isDue(startsAt, now));
  }
  const [next] = comingTo(programme, cohort, now);
  return next && (knownAs(programme, next) ?? asPlanned(next));
}

/** The sessions of a cohort in which somebody takes part who joins at a moment: those that are to come. */
export function sessionsFrom(cohort: Schedule, joinedAt: string): CohortSession[] {
  return inOrder(cohort).filter(({ status, startsAt }) => status === 'planned' && startsAt > joinedAt);
}

/**
 * The session of their group at which somebody who takes part is expected next, undefined where none is to come. `first`: they were not expected at one
 * before.
 */
export function nextExpected(
  { sessions, joinedAt = '' }: ProgrammeRecord,
  cohort: Schedule,
  now: string,
): { startsAt: string | undefined; first: boolean } {
  const [next] = sessionsFrom(cohort, joinedAt > now ? joinedAt : now);
  const before = sessions.filter(({ status }) => status !== 'cancelled');
  const first = !before.some(({ status, startsAt }) => status === 'held' || isDue(startsAt, now));
  return { startsAt: next?.startsAt, first };
}

/** The sessions of their group that are to come for somebody. One that was cancelled is not before they have heard that it is held after all. */
function comingTo(
  { sessions, joinedAt = '' }: ProgrammeRecord,
  cohort: Schedule,
  now: string,
): CohortSession[] {
  const over = new Set(sessions.filter(({ status }) => status !== 'planned').map(({ number }) => number));
  return sessionsFrom(cohort, joinedAt > now ? joinedAt : now).filter(({ number }) => !over.has(number));
}

/** What somebody's referral knows of a session, where it is still at that time. */
function knownAs({ sessions }: ProgrammeRecord, { number, startsAt }: CohortSession): Session | undefined {
  return sessions.find((each) => each.number === number && each.startsAt === startsAt);
}

function asPlanned({ number, startsAt, endsAt }: CohortSession): Session {
  return { number, startsAt, endsAt, status: 'planned' };
}

/** While a link worker is asked to contact somebody no register is waited for, so that nobody plans for so long if none comes. */
const WHILE_CONTACTED: Span = { days: 28 };

/**
 * Plans what somebody is to come to, by the schedule of their group as it is now: the earliest session that is to come, and those that are to be reminded of
 * while the register of the one that is waited for is missing, since nobody plans before that is settled. Others are planned in their turn; what the
 * person said of one is kept. Each has the moment of its reminder, unless that is over. What has begun stays until its register, or a word about it,
 * comes.
 */
export function planAhead(referral: In<'programme'>, cohort: Schedule, now: string): In<'programme'> {
  const { programme, id } = referral;
  const coming = comingTo(programme, cohort, now);
  const numbers = new Set(coming.map(({ number }) => number));
  const kept = programme.sessions.filter(
    ({ number, status, startsAt, excusedAt }) =>
      !numbers.has(number) && (status !== 'planned' || isDue(startsAt, now) || excusedAt !== undefined),
  );
  const known = [...kept, ...begunUnknown(programme, kept, cohort, id, now)];
  const all = inTime([...known, ...coming.map((session) => expected(referral, session, now))]);
  const waited = plannedSession({ sessions: all });
  const isContacted = programme.welfare.some(({ outcome }) => outcome === undefined);
  const span = isContacted ? WHILE_CONTACTED : answerWithin('register-missing');
  const until = waited && after(waited.endsAt, span);
  const sessions = all.filter((session) => {
    if (!numbers.has(session.number) || session.number === coming[0]?.number) return true;
    if (session.excusedAt !== undefined) return true;
    const { at, late } = sessionReminderAt(session, now, referral);
    return late || (until !== undefined && at <= until);
  });
  return { ...referral, programme: { ...programme, sessions } };
}

/** A session that is to come, as the person knows it. Whoever was reminded of it is not again. */
function expected(referral: In<'programme'>, session: CohortSession, now: string): Session {
  const mine = knownAs(referral.programme, session);
  return mine ? { ...mine, endsAt: session.endsAt } : toRemindOf(referral, asPlanned(session), now);
}

/** With the moment at which the person is to be reminded of it: the day before, or now where that has passed; none once it has begun. */
export function toRemindOf(referral: Referral, session: Session, now: string): Session {
  if (isDue(session.startsAt, now)) return session;
  return { ...session, remindAt: sessionReminderAt(session, now, referral).at };
}

/** Where others are to remind somebody than before, what is to come is at another time, too: a team is asked while they work. Whoever was reminded is not again. */
export function remindedAnew(before: Referral, referral: Referral, now: string): Referral {
  if (referral.stage !== 'programme' || remindedBy(before) === remindedBy(referral)) return referral;
  const { programme, due } = referral;
  const sessions = programme.sessions.map((each) =>
    each.remindAt === undefined ? each : toRemindOf(referral, each, now),
  );
  const waited = plannedSession(programme);
  const isNext = due?.step === 'session-reminder' && waited && !isDue(waited.startsAt, now);
  return {
    ...referral,
    programme: { ...programme, sessions },
    ...(isNext ? { due: { ...due, at: sessionReminderAt(waited, now, referral).at } } : {}),
  };
}

/** Sessions that began, since they joined, before their referral heard of them; one that was held without them is none of theirs. */
function begunUnknown(
  { joinedAt = '' }: ProgrammeRecord,
  kept: readonly Session[],
  cohort: Schedule,
  id: string,
  now: string,
): Session[] {
  return cohort.sessions
    .filter(({ number }) => !kept.some((each) => each.number === number))
    .filter(({ startsAt }) => startsAt > joinedAt && isDue(startsAt, now))
    .filter(
      ({ status, register }) =>
        status === 'planned' || (status === 'held' && register?.entries[id] !== undefined),
    )
    .map(asPlanned);
}

/** With the reminder that is due next noted on its session: what is due may then be something else, and nobody's reminder is lost. */
export function withPending<R extends Referral>(referral: R): R {
  const { due, programme } = referral;
  const session = programme && plannedSession(programme);
  if (due?.step !== 'session-reminder' || !session) return referral;
  return { ...referral, programme: withOne(programme, { remindAt: due.at, ...session }) };
}

/**
 * Sets what is due next while the workflow waits for a session: the reminder of it, or, once that was and when it has begun, that its register is
 * missing. `before`: the referral before it was planned anew; what was due for the same session then, and its count, stays.
 */
export function waitForSession(
  referral: In<'programme'>,
  now: string,
  before: Referral = referral,
): In<'programme'> {
  const session = plannedSession(referral.programme);
  if (!session) return referral;
  const { remindAt, ...rest } = session;
  const waits = { ...referral, programme: withOne(referral.programme, rest) };
  if (remindAt !== undefined && !isDue(session.startsAt, now)) {
    return dueAt(waits, remindAt, 'session-reminder');
  }
  const waited = before.programme && plannedSession(before.programme);
  const isSame = waited?.number === session.number && waited.endsAt === session.endsAt;
  if (isSame && before.due?.step === 'register-missing') return { ...waits, due: before.due };
  return dueAfter(waits, session.endsAt, 'register-missing');
}

/** With what is known of one session, in the order of time. */
export function withOne(programme: ProgrammeRecord, session: Session): ProgrammeRecord {
  const others = programme.sessions.filter(({ number }) => number !== session.number);
  return { ...programme, sessions: inTime([...others, session]) };
}

function inTime(sessions: readonly Session[]): Session[] {
  return [...sessions].sort((a, b) => a.startsAt.localeCompare(b.startsAt) || a.number - b.number);
}
