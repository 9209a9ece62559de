/** Telling a person about a service: a record of its own, and no referral (PRSB). It may end a referral, and need not. */
import { happened, type Outcome } from './change.ts';
import type { Ending, Referral, TeamMember } from './referral.ts';
import { after, isDue, type Span } from './time.ts';

type Signpost = NonNullable<Referral['signposts']>[number];

/** For so long the same is the same: sent again by a double click, or by a page that lay open. After that they were told again. */
const SAME_FOR: Span = { days: 1 };

/** Records that the person was told about a service, while the referral goes on. The same again within a day is recorded once. */
export function addSignpost(referral: Referral, to: string, now: string, by: TeamMember): Outcome {
  if (referral.stage === 'closed') return { refused: 'not-now' };
  const isSame = (before: Signpost) => before.to === to && !isDue(after(before.at, SAME_FOR), now);
  if (signpostsThatStand(referral).some(isSame)) return referral;
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

/** What the person was told about, without what was part of a decision that was taken back. */
export function signpostsThatStand({ signposts = [] }: Pick<Referral, 'signposts'>) {
  return signposts.filter(({ takenBackAt }) => takenBackAt === undefined);
}

/** The referral without the signpost of a decision: it stays in the list, as taken back. Nothing changes where the decision was no signpost. */
export function withoutSignpostOf<R extends Referral>(referral: R, ending: Ending, now: string): R {
  const { kind, decidedAt, signpostedTo } = ending;
  if (kind !== 'signposted' || !referral.signposts) return referral;
  const signposts = referral.signposts.map((signpost) =>
    signpost.at === decidedAt && signpost.to === signpostedTo ? { ...signpost, takenBackAt: now } : signpost,
  );
  return { ...referral, signposts };
}
