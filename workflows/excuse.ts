/**
 * "I can't make this one": the person says beforehand that they cannot come to their next session, on their own page or to a link worker
 * (team-ends.ts), and may take it back until it begins.
 */
import { type Outcome, saidAgain } from './change.ts';
import type { CohortRecord } from './cohort-record.ts';
import { nextToCome, toRemindOf, withOne } from './planning.ts';
import type { In, Referral, Session, TeamMember } from './referral.ts';

const EVENTS = ['cannot-come', 'comes-after-all'];
const AS_TOLD = ['cannot-come-as-told', 'comes-as-told'];

type Schedule = Pick<CohortRecord, 'sessions'>;

/**
 * Records that the person cannot come to the session of a number, or (`comes`) that they can after all. Said again it changes nothing; `not-now`
 * where that session is not the next, or has begun. The facilitator sees it in the register, as code 2: neither missed nor attended.
 * `by`: the link worker whom they told.
 */
export function excuse(
  referral: Referral,
  number: number,
  comes: boolean,
  now: string,
  cohort?: Schedule,
  by?: TeamMember,
): Outcome {
  const session = nextToCome(referral, now, cohort);
  if (!session || session.number !== number || referral.stage !== 'programme') return { refused: 'not-now' };
  if ((session.excusedAt === undefined) === comes) return referral;
  const isKnown = referral.programme.sessions.includes(session);
  // What was not planned for them yet is from now on, with a reminder should they come after all.
  const { excusedAt: _taken, ...rest } = isKnown ? session : toRemindOf(referral, session, now);
  const said: Session = comes ? rest : { ...rest, excusedAt: now };
  const changed: In<'programme'> = { ...referral, programme: withOne(referral.programme, said) };
  const [away = '', back = ''] = by ? AS_TOLD : EVENTS;
  return by
    ? saidAgain(changed, now, 'link-worker', comes ? back : away, AS_TOLD, by.name)
    : saidAgain(changed, now, 'person', comes ? back : away, EVENTS);
}
