/** "I can't make this one": the person says beforehand that they cannot come to their next session, and may take it back until it begins. */
import { type Outcome, saidAgain } from './change.ts';
import type { In, Referral, Session } from './referral.ts';
import { isDue } from './time.ts';

const EVENTS = ['cannot-come', 'comes-after-all'];

/** The next session for which somebody can say so; undefined where none is planned, or it has begun. */
export function nextToCome({ programme, stage }: Referral, now: string): Session | undefined {
  if (stage !== 'programme') return undefined;
  return programme?.sessions.find(({ status, startsAt }) => status === 'planned' && !isDue(startsAt, now));
}

/**
 * Records that the person cannot come to the session of a number, or (`comes`) that they can after all. Said again it changes nothing; `not-now`
 * where that session is not the next, or has begun. The facilitator sees it in the register, as code 2: neither missed nor attended.
 */
export function excuse(referral: Referral, number: number, comes: boolean, now: string): Outcome {
  const session = nextToCome(referral, now);
  if (!session || session.number !== number || referral.stage !== 'programme') return { refused: 'not-now' };
  if ((session.excusedAt === undefined) === comes) return referral;
  const { excusedAt: _taken, ...rest } = session;
  const said: Session = comes ? rest : { ...rest, excusedAt: now };
  const sessions = referral.programme.sessions.map((each) => (each === session ? said : each));
  const changed: In<'programme'> = { ...referral, programme: { ...referral.programme, sessions } };
  return saidAgain(changed, now, 'person', comes ? 'comes-after-all' : 'cannot-come', EVENTS);
}
