/** How many sessions somebody missed in a row, or could not come to, as far as the registers say so now; and what a correction makes of a contact because of that. */
import type { Attendance, ProgrammeRecord, Referral, Session, WelfareContact } from './referral.ts';
import { afterMissing, EXCUSED_IN_A_ROW, SHORT_NOTICE } from './reminder-policy.ts';
import { isDue, after as later } from './time.ts';

/** Whether they were there: on time, or late but seen. */
export function attended(attendance: Attendance | undefined): boolean {
  return attendance === '5' || attendance === '6';
}

/** Whether somebody was accepted into the programme in which they are too short before a session to have missed it if they were not there. */
export function isShortNotice({ offers }: Pick<Referral, 'offers'>, startsAt: string): boolean {
  const acceptedAt = offers.at(-1)?.repliedAt;
  return acceptedAt !== undefined && !isDue(later(acceptedAt, SHORT_NOTICE), startsAt);
}

/** Whether they are taken to have missed a session: they were not there, or too late to join in, and had said nothing. */
export function isMissed({ status, attendance, shortNotice }: Session): boolean {
  return status === 'held' && attendance !== '2' && !attended(attendance) && !shortNotice;
}

/**
 * Sessions missed in a row, up to the last that was held. One that was cancelled, for which the person said that they cannot come, or of which they could
 * hardly know in time, neither counts nor breaks the row.
 */
export function missedInARow({ sessions }: Pick<ProgrammeRecord, 'sessions'>): number {
  return sessions.reduce((missed, session) => {
    if (isMissed(session)) return missed + 1;
    return attended(session.attendance) ? 0 : missed;
  }, 0);
}

/**
 * Sessions in a row for which the person said that they cannot come, up to the last that was held and since somebody was last to contact them. One
 * that was cancelled neither counts nor breaks the row.
 */
export function excusedInARow({ sessions, welfare }: Pick<ProgrammeRecord, 'sessions' | 'welfare'>): number {
  const last = welfare.findLast(({ outcome }) => outcome !== 'not-needed');
  const held = after(sessions, last?.afterSession).filter(({ status }) => status === 'held');
  return held.length - 1 - held.findLastIndex(({ attendance }) => attendance !== '2');
}

/** Whether so many are missed that a link worker is to contact them. */
export function asksForContact(missed: number): boolean {
  const then = afterMissing(missed);
  return then === 'welfare' || then === 'decision';
}

/**
 * An open contact because of missed sessions, or of those to which they could not come, counted anew after a register was corrected; undefined where it stays
 * as it is. What was missed since then counts too, and nobody who came since takes back what was missed before.
 */
export function countedAnew(programme: ProgrammeRecord, open: WelfareContact): WelfareContact | undefined {
  if (open.why !== undefined) return undefined;
  const sessions = upTo(programme.sessions, open.afterSession);
  if (open.missed === undefined && open.excused !== undefined) {
    const excused = excusedInARow({ sessions, welfare: programme.welfare.filter((each) => each !== open) });
    return excused < open.excused ? { ...open, excused } : undefined;
  }
  const missed = Math.max(missedInARow({ sessions }), missedInARow(programme));
  if (open.missed === undefined || missed >= open.missed) return undefined;
  // Who was to be asked before they missed any is to be asked still.
  const { missed: _fewer, ...excused } = open;
  return open.excused !== undefined && !asksForContact(missed) ? excused : { ...open, missed };
}

/** Whether an open contact, as it is counted now, is for what it was asked for: at the end one session is enough (completeOrAsk in programme.ts). */
export function isStillNeeded(before: WelfareContact, { missed, excused = 0 }: WelfareContact): boolean {
  if (missed === undefined) {
    return excused >= EXCUSED_IN_A_ROW || ((before.excused ?? 0) < EXCUSED_IN_A_ROW && excused > 0);
  }
  return asksForContact(missed) || (!asksForContact(before.missed ?? 0) && missed > 0);
}

/** Whether somebody has tried to reach them since a contact was asked for. */
export function isTried(
  { contacts = [] }: Pick<Referral, 'contacts'>,
  { openedAt }: WelfareContact,
): boolean {
  return contacts.some(({ at }) => at >= openedAt);
}

/** Whether a link worker has been in contact with them about the row that they are in now, and it has grown no longer since. */
export function isContactedFor({ sessions, welfare }: ProgrammeRecord, missed: number): boolean {
  const last = welfare.findLast(({ outcome, why }) => outcome === 'continue' && why === undefined);
  if (!last) return false;
  const isSameRow = missedInARow({ sessions: after(sessions, last.afterSession) }) < missed;
  return (
    isSameRow && missed <= (last.missed ?? missedInARow({ sessions: upTo(sessions, last.afterSession) }))
  );
}

function upTo(sessions: readonly Session[], last: number): Session[] {
  return sessions.slice(0, sessions.findIndex(({ number }) => number === last) + 1);
}

/** What comes after a session; everything where there is none of that number. */
function after(sessions: readonly Session[], number: number | undefined): Session[] {
  return sessions.slice(sessions.findIndex((each) => each.number === number) + 1);
}
