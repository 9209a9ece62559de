/**
 * A cohort: one run of a programme, with its sessions and their registers. It is one record, changed by writes that are conditional on its
 * version; what follows for each participant is told to their referrals from its outbox, as often as it takes.
 */
import type { Refusal } from './change.ts';
import type {
  CohortMessage,
  CohortOutboxEntry,
  CohortRecord,
  CohortSession,
  RegisterEntry,
} from './cohort-record.ts';
import { type Programme, sessionsFor } from './directory.ts';
import { afterQuiet } from './quiet.ts';
import { reminder } from './reminder-policy.ts';
import { type Rule, slotAfter, slotsOf } from './schedule.ts';
import { after, before, isDue, isWorkingDay, londonDate, londonInstant } from './time.ts';

/** What a change of a cohort comes to. */
export type CohortOutcome = CohortRecord | Refusal;

/**
 * In this many sessions from somebody's own first one a facilitator may find that the programme is not right for somebody, where its entry in the
 * directory does not say another number (field guide: often two).
 */
export const ASSESSMENT_SESSIONS = 2;

/**
 * The last session's register can be corrected for so many days after its end, and every one for so long after it first came [check]; so can the word that a
 * session was not held.
 */
const CORRECTABLE = { last: { days: 14 }, late: { hours: 48 } } as const;

/** What a cohort is made of. */
export type CohortPlan = {
  programmeId: string;
  cohortId: string;
  own?: string;
  firstAt: string;
  count: number;
  minutes: number;
  /** Where it stays, whatever the directory says later. */
  place?: string;
  breaks?: Rule['breaks'];
};

/** A cohort as it begins; the facilitator of one person's own is told where its page is. Throws where its breaks leave no week for a session. */
export function newCohort(
  plan: CohortPlan,
  at: { id: string; reference: string; now: string },
): CohortRecord {
  const { programmeId, cohortId, own, firstAt, count, minutes, place, breaks = [] } = plan;
  const slots = slotsOf({ firstAt, minutes, breaks }, count);
  const sessions = slots.map(
    (slot, i): CohortSession => ({ number: i + 1, ...slot, status: 'planned', sequence: 0 }),
  );
  const cohort = withDue({
    schemaVersion: 1,
    id: at.id,
    programmeId,
    cohortId,
    reference: at.reference,
    version: 0,
    createdAt: at.now,
    updatedAt: at.now,
    ...(own === undefined ? {} : { own }),
    minutes,
    ...(place === undefined ? {} : { place }),
    breaks: [...breaks],
    sessions,
    hashes: [],
    outbox: [],
  });
  return own === undefined ? cohort : welcome(cohort, at.now);
}

/** Something about the group is not done after several tries: the coordinator hears of it, once while that waits. */
export function tellThatStuck(cohort: CohortRecord, now: string): CohortRecord {
  const [session] = inOrder(cohort).filter(({ status }) => status === 'planned');
  return email(cohort, now, {
    message: 'group-alert',
    to: 'coordinator',
    session: session?.number ?? 1,
    cause: `stuck-${cohort.version}`,
  });
}

/** Somebody is in the group: its facilitator is told where its page is, once. */
export function welcome(cohort: CohortRecord, now: string): CohortRecord {
  if (cohort.welcomedAt !== undefined) return cohort;
  const [session] = inOrder(cohort).filter(({ status }) => status === 'planned');
  const told = email(cohort, now, {
    message: 'group-page',
    to: 'provider',
    session: session?.number ?? 1,
    cause: 'made',
  });
  return { ...told, welcomedAt: now };
}

/** Somebody of the team has the group's page sent to its facilitator anew, with a fresh link: twice in a minute is once. Refused when all is over. */
export function sendPageAgain(cohort: CohortRecord, now: string): CohortOutcome {
  const [session] = inOrder(cohort).filter(({ status }) => status === 'planned');
  if (!session) return { refused: 'not-now' };
  const cause = `asked-${now.slice(0, 'YYYY-MM-DDTHH:MM'.length)}`;
  return email(cohort, now, { message: 'group-page', to: 'provider', session: session.number, cause });
}

/** Somebody of the team closes all links to the group that were sent, and those of its calendar; while it runs its facilitator is sent a fresh one. */
export function closeLinks(cohort: CohortRecord, now: string): CohortRecord {
  const hashes = cohort.hashes.map((each) => ({ ...each, closedAt: each.closedAt ?? now }));
  const closed = { ...cohort, hashes };
  const [session] = inOrder(cohort).filter(({ status }) => status === 'planned');
  if (!session) return closed;
  const cause = `closed-${cohort.version}`;
  return email(closed, now, { message: 'group-page', to: 'provider', session: session.number, cause });
}

/** The sessions in the order of time. */
export function inOrder({ sessions }: Pick<CohortRecord, 'sessions'>): CohortSession[] {
  return [...sessions].sort((a, b) => a.startsAt.localeCompare(b.startsAt) || a.number - b.number);
}

/** Which session of those that are held or to be held it is, from 1: a session in place of a cancelled one has its own place by time. */
export function ordinalOf(cohort: Pick<CohortRecord, 'sessions'>, number: number): number {
  const kept = inOrder(cohort).filter((each) => each.status !== 'cancelled' || each.number === number);
  return kept.findIndex((each) => each.number === number) + 1;
}

/**
 * What the facilitator says of a session: who came, by the ids of referrals; or that it was not held. `basedOn`: the revision that they had before
 * them, 'none' where there was no register yet; absent where whoever records it saw none.
 */
export type GroupRegister =
  | { held: true; entries: Record<string, RegisterEntry>; basedOn?: number | 'none' }
  | { held: false };

/**
 * Records a register, or corrects it until it is too late for that (`correctableUntil`). The same one again changes nothing. Refused before the session starts, once
 * it is too late to correct, when a session that was held is said not to have been, or the other way, and ('recorded-meanwhile') when
 * somebody else recorded another one since.
 */
export function recordGroupRegister(
  cohort: CohortRecord,
  number: number,
  register: GroupRegister,
  now: string,
): CohortOutcome {
  const session = cohort.sessions.find((each) => each.number === number);
  if (!session || !isDue(session.startsAt, now)) return { refused: 'not-now' };
  if (session.status === 'cancelled') {
    return register.held ? { refused: 'already-decided', recorded: 'cancelled-by-provider' } : cohort;
  }
  if (!register.held) {
    return session.status === 'held'
      ? { refused: 'already-decided', recorded: 'held' }
      : cancelled(cohort, session, now);
  }
  const before = session.register;
  const entries = { ...before?.entries, ...settledAs(before?.entries ?? {}, register.entries) };
  if (before && sameEntries(before.entries, entries)) return cohort;
  if (before && isDue(correctableUntil(cohort, session), now)) {
    return { refused: 'already-decided', recorded: 'held' };
  }
  if (register.basedOn !== undefined && register.basedOn !== (before?.revision ?? 'none')) {
    return { refused: 'already-decided', recorded: 'recorded-meanwhile' };
  }
  const revision = before ? before.revision + 1 : 0;
  const firstAt = before && firstCameAt(before);
  const recorded = { at: now, ...(firstAt === undefined ? {} : { firstAt }), revision, entries };
  const held: CohortSession = { ...session, status: 'held', register: recorded };
  return tell(withDue(withSession(cohort, held)), held, `register-${revision}`, now);
}

/** What a register says now. For whom it is not right, their place has ended: that is not taken back by one, whatever it says of how they came. */
function settledAs(
  before: Readonly<Record<string, RegisterEntry>>,
  now: Readonly<Record<string, RegisterEntry>>,
): Record<string, RegisterEntry> {
  return Object.fromEntries(
    Object.entries(now).map(([id, entry]) => [
      id,
      before[id]?.notRight ? { ...entry, notRight: true } : entry,
    ]),
  );
}

/**
 * From when a link alone shows who takes part in a session, to be printed: the beginning of the last working day before it, on the clock in London.
 * Whoever prints it for a Monday does so on Friday.
 */
export function listOpensAt({ startsAt }: Pick<CohortSession, 'startsAt'>): string {
  let day = startsAt;
  do day = before(day, { days: 1 });
  while (!isWorkingDay(londonDate(day)));
  return londonInstant(londonDate(day), '00:00');
}

/** When a register first came; undefined where it was corrected before that was noted. */
function firstCameAt({ at, firstAt, revision }: NonNullable<CohortSession['register']>): string | undefined {
  return firstAt ?? (revision === 0 ? at : undefined);
}

/**
 * Until when the register of a session can be corrected: the start of the next one that is held, or some days after the last; where it came late, two
 * days from then.
 */
export function correctableUntil(cohort: Pick<CohortRecord, 'sessions'>, session: CohortSession): string {
  return openUntil(cohort, session, session.register && firstCameAt(session.register));
}

/** Until when what was said of a session can be put right; `saidAt`: when it was first said, where that is known. */
function openUntil(
  cohort: Pick<CohortRecord, 'sessions'>,
  session: CohortSession,
  saidAt: string | undefined,
): string {
  const next = inOrder(cohort).find(
    ({ status, startsAt }) => status !== 'cancelled' && startsAt > session.startsAt,
  );
  const until = next?.startsAt ?? after(session.endsAt, CORRECTABLE.last);
  const late = saidAt === undefined ? until : after(saidAt, CORRECTABLE.late);
  return late > until ? late : until;
}

/**
 * How many sessions in a row are cancelled until somebody asks why: from then on the coordinator hears of each. Of those that are to come no more than
 * `most` in a row are cancelled by a facilitator alone [check]; that one was not held can always be said.
 */
export const CANCELLED_POLICY = { tell: 3, most: 6 } as const;

/** How many sessions in a row are cancelled, one next to the other by time, with this one. */
export function cancelledInARow(cohort: Pick<CohortRecord, 'sessions'>, number: number): number {
  const all = inOrder(cohort).filter(({ notNeeded }) => !notNeeded);
  const at = all.findIndex((each) => each.number === number);
  const isOver = (session: CohortSession | undefined) => session?.status === 'cancelled';
  let [from, to] = [at, at];
  while (isOver(all[from - 1])) from -= 1;
  while (isOver(all[to + 1])) to += 1;
  return to - from + 1;
}

/**
 * Until when a cancellation can be taken back: for as long as a register could be corrected that came when it was said, and never once what is held in its
 * place has begun. Undefined where it cannot, or it is none.
 */
export function restorableUntil(
  cohort: Pick<CohortRecord, 'sessions'>,
  number: number,
  now: string,
): string | undefined {
  const session = cohort.sessions.find((each) => each.number === number);
  if (session?.status !== 'cancelled' || session.notNeeded) return undefined;
  const instead = insteadOf(cohort, number);
  if (!instead) return undefined;
  const open = openUntil(cohort, session, session.cancelledAt);
  const until = open < instead.startsAt ? open : instead.startsAt;
  return isDue(until, now) ? undefined : until;
}

/** The session that is planned in the place of a cancelled one, or of what was in its place. */
function insteadOf({ sessions }: Pick<CohortRecord, 'sessions'>, number: number): CohortSession | undefined {
  const instead =
    sessions.find((each) => each.insteadOf === number && !each.notNeeded) ??
    // What was cancelled before this was noted has the last one in its place.
    (sessions.every((each) => each.insteadOf === undefined)
      ? inOrder({ sessions }).findLast((each) => each.status === 'planned' && each.number > number)
      : undefined);
  return instead?.status === 'cancelled' ? insteadOf({ sessions }, instead.number) : instead;
}

/**
 * A session that was cancelled is held after all; what would have been held in its place is not. Held or planned: nothing changes. Refused once it is too late
 * for that (`restorableUntil`), and where somebody else changed it since.
 */
export function restoreSession(
  cohort: CohortRecord,
  number: number,
  basedOn: number,
  now: string,
): CohortOutcome {
  const session = cohort.sessions.find((each) => each.number === number);
  if (!session || session.notNeeded) return { refused: 'not-now' };
  if (session.status !== 'cancelled') return cohort;
  const instead = insteadOf(cohort, number);
  if (restorableUntil(cohort, number, now) === undefined || instead?.status !== 'planned') {
    return { refused: 'already-decided', recorded: 'cancelled' };
  }
  if (basedOn !== session.sequence) return { refused: 'already-decided', recorded: 'changed-meanwhile' };
  const { cancelledAt: _taken, ...before } = session;
  const held: CohortSession = { ...before, status: 'planned', sequence: session.sequence + 1 };
  const { asked: _none, ...rest } = instead;
  const gone: CohortSession = {
    ...{ ...rest, status: 'cancelled', notNeeded: true },
    sequence: instead.sequence + 1,
  };
  const restored = withDue(withSession(withSession(cohort, held), gone));
  const told = tell(restored, held, `changed-${held.sequence}`, now);
  return tell(told, gone, 'not-needed', now);
}

/** The facilitator cancels a session; it is held later, so that as many are held as were planned. Cancelled already: nothing changes. */
export function cancelSession(cohort: CohortRecord, number: number, now: string): CohortOutcome {
  const session = cohort.sessions.find((each) => each.number === number);
  if (!session) return { refused: 'not-now' };
  if (session.status === 'cancelled') return cohort;
  if (session.status === 'held') return { refused: 'already-decided', recorded: 'held' };
  return cancelled(cohort, session, now);
}

/** Another time, or another place, for a session that is to come. */
export type SessionChange = { startsAt: string; minutes: number; place?: string };

/** The facilitator changes a session. Refused once it is over, and into the past. The same again changes nothing. */
export function changeSession(
  cohort: CohortRecord,
  number: number,
  change: SessionChange,
  now: string,
): CohortOutcome {
  const session = cohort.sessions.find((each) => each.number === number);
  if (!session || isDue(change.startsAt, now)) return { refused: 'not-now' };
  if (session.status !== 'planned') return { refused: 'already-decided', recorded: session.status };
  const { place: _before, asked: _then, together: _others, plannedAt = session.startsAt, ...rest } = session;
  const changed: CohortSession = {
    ...rest,
    ...(plannedAt === change.startsAt ? {} : { plannedAt }),
    startsAt: change.startsAt,
    endsAt: after(change.startsAt, { minutes: change.minutes }),
    ...(change.place === undefined ? {} : { place: change.place }),
    sequence: session.sequence + 1,
  };
  const same =
    changed.startsAt === session.startsAt &&
    changed.endsAt === session.endsAt &&
    changed.place === session.place;
  if (same) return cohort;
  return tell(withDue(withSession(cohort, changed)), changed, `changed-${changed.sequence}`, now);
}

function cancelled(cohort: CohortRecord, session: CohortSession, now: string): CohortRecord {
  const last = inOrder(cohort).findLast(({ notNeeded }) => !notNeeded) ?? session;
  const instead: CohortSession = {
    number: cohort.sessions.length + 1,
    ...slotAfter(ruleOf(cohort), last.endsAt > now ? last.endsAt : now),
    status: 'planned',
    sequence: 0,
    insteadOf: session.number,
  };
  const sequence = session.sequence + 1;
  const done: CohortSession = { ...session, status: 'cancelled', sequence, cancelledAt: now };
  const replaced = withSession(cohort, done);
  const next = withDue({ ...replaced, sessions: [...replaced.sessions, instead] });
  const told = tell(next, done, 'cancelled', now);
  if (cancelledInARow(next, session.number) < CANCELLED_POLICY.tell) return told;
  return email(told, now, {
    message: 'cancelled-often',
    to: 'coordinator',
    session: session.number,
    cause: `session-${session.number}-${done.sequence}`,
  });
}

/** What its sessions follow, but for those that were moved. */
export function ruleOf(cohort: CohortRecord): Rule {
  const { firstAt = firstAtOf(cohort), minutes, breaks } = cohort;
  return { firstAt, minutes, breaks };
}

/**
 * Follows another rule: `sessions`, which are to come, are at other times or places than before. Everybody in the group is told once, and so is its
 * facilitator.
 */
export function withRule(
  cohort: CohortRecord,
  { firstAt, minutes, breaks, place }: Rule & { place: string },
  sessions: readonly CohortSession[],
  now: string,
): CohortRecord {
  const followed: CohortRecord = { ...cohort, firstAt, minutes, breaks: [...breaks], place };
  const moved = sessions.map(({ asked: _then, ...session }) => ({
    ...{ ...session, sequence: session.sequence + 1, together: now },
  }));
  const told = moved.reduce<CohortRecord>(
    (group, session) => tell(withSession(group, session), session, `changed-${session.sequence}`, now),
    followed,
  );
  const [first] = inOrder({ sessions: moved });
  if (!first) return followed;
  const mail = { message: 'sessions-changed', to: 'provider', session: first.number, cause: now } as const;
  return withDue(told.welcomedAt === undefined ? told : email(told, now, mail));
}

/** The team changed a session: its facilitator hears of it too. Where nothing changed, nobody does. */
export function tellFacilitator(
  before: CohortRecord,
  changed: CohortOutcome,
  number: number,
  now: string,
): CohortOutcome {
  if ('refused' in changed || changed === before) return changed;
  const { sequence = 0 } = changed.sessions.find((each) => each.number === number) ?? {};
  const cause = `session-${number}-${sequence}`;
  return email(changed, now, { message: 'sessions-changed', to: 'provider', session: number, cause });
}

/** When the first session was planned to be: the weeks are counted from it, whatever was moved since. */
function firstAtOf({ sessions }: CohortRecord): string {
  const [first] = sessions.filter(({ sequence }) => sequence === 0);
  return (first ?? sessions[0])?.startsAt ?? '';
}

/** What the sweep does when a register's time has come: asks, reminds, escalates. `attended`: whether anybody of ours takes part in it.
 * One person's own cohort is over with their programme, but for what was asked of it by then. */
export function actOnCohortDue(
  cohort: CohortRecord,
  attended: boolean,
  now: string,
): CohortRecord | undefined {
  const { due } = cohort;
  if (!due || !isDue(due.at, now)) return undefined;
  const session = cohort.sessions.find(({ number }) => number === due.session);
  if (session?.status !== 'planned') return withDue(cohort);
  if (!attended && cohort.own !== undefined) {
    // What they were at before they left is asked for all the same.
    const { asked: _none, ...unasked } = session;
    const { due: _over, ...rest } = withSession(cohort, unasked);
    const due = dueOf(rest.sessions.filter((each) => each.asked !== undefined));
    return due ? { ...rest, due } : rest;
  }
  if (!attended) return withDue(withSession(cohort, { ...session, status: 'held' }));
  const asked = session.asked?.count ?? 0;
  const step = asked === 0 ? undefined : reminder('register', asked - 1).action;
  const by = after(now, reminder('register', 0).after);
  const cause = `session-${session.number}-${asked}`;
  // At its end the facilitator of a session is at work, whatever the time; a reminder keeps to quiet hours.
  const toProvider = email(cohort, asked === 0 ? now : afterQuiet(now), {
    message: asked === 0 ? 'register-request' : 'register-reminder',
    to: 'provider',
    session: session.number,
    cause,
    by,
  });
  const told =
    step === 'escalate'
      ? email(toProvider, now, {
          message: 'register-escalation',
          to: 'coordinator',
          session: session.number,
          cause,
        })
      : toProvider;
  const next = afterQuiet(after(now, reminder('register', asked).after));
  return withDue(withSession(told, { ...session, asked: { count: asked + 1, next } }));
}

/** When something next happens of itself: a register is asked for, or the outbox is tried. */
export function nextCohortDue({ due, outbox }: CohortRecord): string | undefined {
  return [...outbox.map(({ notBefore }) => notBefore), ...(due ? [due.at] : [])].sort()[0];
}

/** Each register is asked for at the end of its session, and again in its own time: one that is missing holds up no other. */
function withDue(cohort: Omit<CohortRecord, 'due'> & Pick<Partial<CohortRecord>, 'due'>): CohortRecord {
  const { due: _before, ...rest } = cohort;
  const due = dueOf(cohort.sessions);
  return due ? { ...rest, due } : rest;
}

/** The register that is asked for next; undefined where none is. */
function dueOf(sessions: readonly CohortSession[]): CohortRecord['due'] {
  const [next] = inOrder({ sessions: [...sessions] })
    .filter(({ status }) => status === 'planned')
    .map(({ number, endsAt, asked }) => ({
      at: asked?.next ?? endsAt,
      session: number,
      count: asked?.count ?? 0,
    }))
    .sort((a, b) => a.at.localeCompare(b.at));
  return next;
}

function withSession<C extends Pick<CohortRecord, 'sessions'>>(cohort: C, session: CohortSession): C {
  return {
    ...cohort,
    sessions: cohort.sessions.map((each) => (each.number === session.number ? session : each)),
  };
}

function sameEntries(
  a: Readonly<Record<string, RegisterEntry>>,
  b: Readonly<Record<string, RegisterEntry>>,
): boolean {
  const ids = Object.keys(b);
  return (
    ids.length === Object.keys(a).length &&
    ids.every((id) => a[id]?.attendance === b[id]?.attendance && a[id]?.notRight === b[id]?.notRight)
  );
}

function tell(cohort: CohortRecord, session: CohortSession, cause: string, now: string): CohortRecord {
  return queue(cohort, {
    kind: 'tell',
    key: `tell:${session.number}:${cause}`,
    session: session.number,
    attempts: 0,
    notBefore: now,
  });
}

function email(
  cohort: CohortRecord,
  now: string,
  mail: {
    message: CohortMessage;
    to: 'provider' | 'coordinator';
    session: number;
    cause: string;
    by?: string;
  },
): CohortRecord {
  const { cause, ...rest } = mail;
  return queue(cohort, {
    kind: 'email',
    key: `email:${mail.message}:${cause}`,
    attempts: 0,
    notBefore: now,
    ...rest,
  });
}

function queue(cohort: CohortRecord, entry: CohortOutboxEntry): CohortRecord {
  return cohort.outbox.some(({ key }) => key === entry.key)
    ? cohort
    : { ...cohort, outbox: [...cohort.outbox, entry] };
}

/** The plan of a cohort that the directory describes: weekly from its first day on, at its own time or the programme's. */
export function planOf(
  programme: Pick<Programme, 'id' | 'sessions' | 'cohorts'>,
  cohortId: string,
): CohortPlan | undefined {
  const cohort = programme.cohorts?.find(({ id }) => id === cohortId);
  if (!cohort) return undefined;
  const { count, minutes, time } = sessionsFor(programme, cohortId);
  return {
    programmeId: programme.id,
    cohortId,
    firstAt: londonInstant(cohort.startsOn, time),
    count,
    minutes,
    ...(cohort.breaks === undefined ? {} : { breaks: cohort.breaks }),
  };
}
