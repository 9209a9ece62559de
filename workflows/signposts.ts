/** Telling a person about a service: a record of its own, and no referral (PRSB). It may end a referral, and need not. */
import { happened, type Outcome } from './change.ts';
import type { Referral, TeamMember } from './referral.ts';

/** Records that the person was told about a service, while the referral goes on. The same again is recorded once. */
export function addSignpost(referral: Referral, to: string, now: string, by: TeamMember): Outcome {
  if (referral.stage === 'closed') return { refused: 'not-now' };
  if (referral.signposts?.some((before) => before.to === to)) return referral;
  return happened(withSignpost(referral, to, now, by), now, 'link-worker', 'signposted', undefined, by.name);
}

/** The referral with one signpost more. */
export function withSignpost<R extends Referral>(
  referral: R,
  to: string,
  now: string,
  by: TeamMember | undefined,
): R {
  const signposts = referral.signposts ?? [];
  const signpost = { number: signposts.length + 1, at: now, to, ...(by ? { by } : {}) };
  return { ...referral, signposts: [...signposts, signpost] };
}
