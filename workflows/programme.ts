/** The programme: sessions, the register, missed sessions and the welfare contact that follows them. */
import { answerWaiting, happened, type Outcome, recordOnLink, revokeAfterEnding } from './change.ts';
import type { Programme } from './directory.ts';
import type { Attendance, In, ProgrammeRecord, Referral, Session, WelfareContact } from './referral.ts';
import { MISSED_IN_A_ROW } from './reminder-policy.ts';
import { after, londonDate, sameTimeWeeksLater } from './time.ts';

/** The session that is to come or whose register is open. */
export function plannedSession(programme: ProgrammeRecord): Session | undefined {
  return programme.sessions.find((session) => session.status === 'planned');
}

/**
 * The first session that an acceptance proposes: the programme's next weekday at its time, at least two days away so that the
 * person can be told. Date and time are on the clock in London.
 */
export function proposedFirstSession(programme: Programme, now: string): { date: string; time: string } {
  const { weekday, time } = programme.sessions;
  for (let days = 2; ; days++) {
    const date = londonDate(after(now, { days }));
    // Sunday is 0 in JavaScript and 7 in ISO 8601.
    if ((new Date(`${date}T00:00:00Z`).getUTCDay() || 7) === weekday) return { date, time };
  }
}

/** The session after the last one: a week later at the same time on the clock in London. Cancelled ones are held later. */
export function nextSession(programme: ProgrammeRecord): Session {
  const number = programme.sessions.length + 1;
  const startsAt = sameTimeWeeksLater(programme.firstSessionAt, number - 1);
  return {
    number,
    startsAt,
    endsAt: after(startsAt, { minutes: programme.sessionMinutes }),
    status: 'planned',
  };
}

/** How many sessions were held, whether the person came or not. */
export function heldSessions(programme: ProgrammeRecord): number {
  return programme.sessions.filter((session) => session.status === 'held').length;
}

/** How many sessions the person attended (on time, or late but seen). */
export function attendedSessions(programme: ProgrammeRecord): number {
  return programme.sessions.filter((session) => attended(session.attendance)).length;
}

/** The welfare contact that waits for its outcome. */
export function openWelfare(programme: ProgrammeRecord): WelfareContact | undefined {
  return programme.welfare.find((contact) => contact.outcome === undefined);
}

/** Sessions missed in a row since the person last came or was last contacted; a cancelled session neither counts nor breaks the row. */
export function missedInARow(programme: ProgrammeRecord): number {
  const since = programme.welfare.at(-1)?.afterSession ?? 0;
  let missed = 0;
  for (const session of programme.sessions) {
    if (session.number <= since || session.status !== 'held') continue;
    missed = attended(session.attendance) ? 0 : missed + 1;
  }
  return missed;
}

function attended(attendance: Attendance | undefined): boolean {
  return attendance === '5' || attendance === '6';
}

/** What the register of one session says. */
export type Register = { held: true; attendance: Exclude<Attendance, '4'> } | { held: false };

/** Records the register of the session of a link. Once recorded, a second register shows the first. */
export function recordRegister(referral: Referral, linkId: string, register: Register, now: string): Outcome {
  const recorded = referral.links[linkId]?.recorded;
  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };
  if (referral.stage !== 'programme') return { refused: 'not-now' };
  const session = plannedSession(referral.programme);
  if (!session || linkId !== `register-${session.number}`) return { refused: 'not-now' };
  if (Date.parse(now) < Date.parse(session.startsAt)) return { refused: 'not-now' };

  const done: Session = {
    ...session,
    status: register.held ? 'held' : 'cancelled',
    attendance: register.held ? register.attendance : '4',
    recordedAt: now,
  };
  const sessions = [...referral.programme.sessions.slice(0, -1), done];
  const detail = register.held ? `attendance-${register.attendance}` : 'cancelled-by-provider';
  const noted = recordOnLink(
    happened(
      { ...referral, programme: { ...referral.programme, sessions } },
      now,
      'facilitator',
      'register',
      detail,
    ),
    linkId,
    now,
    detail,
  );
  return afterSession(noted, done, now);
}

/** What follows a session: the next one, a welfare contact, or the end of the programme. */
function afterSession(referral: In<'programme'>, session: Session, now: string): Referral {
  if (session.status === 'cancelled') return answerWaiting(referral, now, 'cancelled');
  if (missedInARow(referral.programme) >= MISSED_IN_A_ROW) {
    const number = referral.programme.welfare.length + 1;
    const contact: WelfareContact = { number, afterSession: session.number, openedAt: now };
    const programme = { ...referral.programme, welfare: [...referral.programme.welfare, contact] };
    return answerWaiting({ ...referral, programme }, now, 'missed-two-in-a-row');
  }
  if (allHeld(referral.programme)) return answerWaiting(complete(referral, now), now, 'all-held');
  return answerWaiting(referral, now, attended(session.attendance) ? 'held' : 'missed');
}

/** Whether as many sessions were held as were planned. */
export function allHeld(programme: ProgrammeRecord): boolean {
  return heldSessions(programme) >= programme.planned;
}

/** Every session was held. */
export function complete(referral: In<'programme'>, now: string): In<'closing'> {
  const ended: In<'closing'> = {
    ...referral,
    stage: 'closing',
    ending: { kind: 'completed', decidedAt: now },
  };
  return revokeAfterEnding(happened(ended, now, 'workflow', 'programme-completed'), now);
}
