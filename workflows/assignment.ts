/** Whose referral it is: of one link worker of the team, or nobody's yet. */
import { happened, type Outcome } from './change.ts';
import type { Referral, TeamMember } from './referral.ts';

/** Whether a referral can be given to somebody: while it is open, and after that as long as something in it waits for the team. */
export function canBeGiven({ stage, concerns = [], undelivered = [] }: Referral): boolean {
  return stage !== 'closed' || [...concerns, ...undelivered].some(({ settledAt }) => settledAt === undefined);
}

/**
 * Gives a referral to a link worker, or back to nobody. `from` is whose it was when the choice was made: if it is somebody else's by now
 * the choice is refused, with whose it is. Whose it is already stays as it is.
 */
export function assign(
  referral: Referral,
  to: TeamMember | undefined,
  from: string | undefined,
  now: string,
  by: TeamMember,
): Outcome {
  const { assignee, ...rest } = referral;
  if (assignee?.id === to?.id) return referral;
  if (!canBeGiven(referral)) return { refused: 'not-now' };
  if (assignee?.id !== from) return { refused: 'already-decided', recorded: assignee?.name ?? '' };
  const assigned = (to ? { ...rest, assignee: { ...to, since: now } } : rest) as Referral;
  const role = to?.id === by.id ? 'taken' : to ? 'assigned' : 'given-back';
  const whom = to && role === 'assigned' ? { whom: to.name } : {};
  return happened(assigned, now, 'link-worker', role, undefined, by.name, whom);
}

/** The referral of whoever does something to it while it is nobody's. */
export function takenBy<R extends Referral>(referral: R, by: TeamMember | undefined, now: string): R {
  return by === undefined || referral.assignee ? referral : { ...referral, assignee: { ...by, since: now } };
}
