/** Tells whoever takes part in a programme what has become of one of their sessions. */
import { email } from './change.ts';
import type { CohortRecord, CohortSession } from './cohort-record.ts';
import { reachedAt } from './person.ts';
import type { In, Session } from './referral.ts';
import { isDue } from './time.ts';
import { noteToTell } from './undelivered.ts';

/**
 * `session-added`: one that was to be over was not held, and another comes at the end in its place. `session-not-needed`: one that was cancelled is held after
 * all, and is no news to whoever was there; but what was to come in its place does not.
 */
type SessionNews =
  | 'session-cancelled'
  | 'session-restored'
  | 'session-moved'
  | 'session-added'
  | 'session-not-needed'
  | 'session-missed';

/**
 * Tells the person; where email does not reach them, a link worker is asked to. `cause` tells what happened from everything else that happened to the
 * session in this programme of theirs. `by`: when the session is, or was to be; absent where that is over.
 */
export function tellPerson(
  referral: In<'programme'>,
  message: SessionNews,
  cause: string,
  now: string,
  by?: string,
): In<'programme'> {
  const mail = { cause: `offer-${referral.offers.length}-${cause}` };
  if (reachedAt(referral) !== undefined) {
    return email(referral, now, { ...mail, message, to: 'person', link: 'person' });
  }
  const then = by === undefined ? {} : { by };
  const asked = email(referral, now, { ...mail, message: `${message}-by-hand`, to: 'link-worker', ...then });
  // Where to be, and when, somebody has to have told them. That they were missed is said when they are spoken with.
  return message === 'session-missed' ? asked : noteToTell(asked, { message, id: mail.cause, ...then }, now);
}

/** What happened to a session, as the cause of what is said of it: every change of one has a number of its own. */
export function changeOf({ number, sequence = 0 }: Pick<Session, 'number' | 'sequence'>): string {
  return `session-${number}-change-${sequence}`;
}

/** Tells the person what a session is to be, unless it has begun: then that is no news any more. */
export function tellBefore(
  referral: In<'programme'>,
  message: SessionNews,
  session: Pick<Session, 'number' | 'startsAt' | 'sequence'>,
  now: string,
): In<'programme'> {
  const { startsAt } = session;
  return isDue(startsAt, now) ? referral : tellPerson(referral, message, changeOf(session), now, startsAt);
}

/** A session that was cancelled was held after all: what they were told would come in its place does not. */
export function tellOfNotNeeded(
  referral: In<'programme'>,
  cohort: Pick<CohortRecord, 'sessions'>,
  session: CohortSession,
  now: string,
): In<'programme'> {
  const { startsAt } = insteadOf(cohort, session.number) ?? {};
  return tellPerson(referral, 'session-not-needed', changeOf(session), now, startsAt);
}

/** What was last to be held in the place of a session, or of what was in its place; undefined where that was not noted yet. */
function insteadOf({ sessions }: Pick<CohortRecord, 'sessions'>, number: number): CohortSession | undefined {
  const instead = sessions.findLast((each) => each.insteadOf === number);
  const isOver = instead?.status === 'cancelled' && !instead.notNeeded;
  return isOver ? insteadOf({ sessions }, instead.number) : instead;
}
