/** The link worker's review: match, ask for more, signpost or decline. */
import { answerWaiting, happened, type Outcome, recordOnLink, revokeAfterEnding } from './change.ts';
import { reachOf } from './contacts.ts';
import type { Ending, In, Referral } from './referral.ts';

/** Why a referral is declined, in codes; the page has the words. */
export const DECLINE_REASONS = [
  'not-eligible',
  'needs-other-service',
  'could-not-reach',
  'person-does-not-want-it',
  'duplicate',
] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

export type ReviewDecision =
  | { decision: 'match'; programmeId: string; summary?: string; riskSummary?: string }
  | { decision: 'ask-for-more'; to: 'referrer' | 'person'; question: string }
  | { decision: 'signpost'; signpostedTo: string }
  | { decision: 'decline'; reason: DeclineReason };

/** Records a review decision made through a link. The first decision stands; a second is told what it was. */
export function decideReview(
  referral: Referral,
  linkId: string,
  decision: ReviewDecision,
  now: string,
): Outcome {
  const recorded = referral.links[linkId]?.recorded;
  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };
  if (referral.stage !== 'review' || linkId !== `review-${referral.reviews}`) return { refused: 'not-now' };
  const unreached = decision.decision === 'decline' && decision.reason === 'could-not-reach';
  if (unreached && reachOf(referral, now).state !== 'unreached') return { refused: 'not-now' };

  const decided = recordOnLink(
    happened(referral, now, 'link-worker', 'reviewed', decision.decision),
    linkId,
    now,
    decision.decision,
  );
  return answerWaiting(withDecision(decided, decision, now), now, decision.decision);
}

function withDecision(referral: In<'review'>, decision: ReviewDecision, now: string): Referral {
  const { askedAt: _asked, ...rest } = referral;
  switch (decision.decision) {
    case 'match': {
      const offer = {
        number: referral.offers.length + 1,
        programmeId: decision.programmeId,
        offeredAt: now,
        ...(decision.summary === undefined ? {} : { summary: decision.summary }),
        ...(decision.riskSummary === undefined ? {} : { riskSummary: decision.riskSummary }),
      };
      const offered: In<'offer'> = { ...rest, stage: 'offer', offers: [...referral.offers, offer] };
      return happened(offered, now, 'link-worker', 'matched', decision.programmeId);
    }
    case 'ask-for-more': {
      const question = {
        number: referral.questions.length + 1,
        to: decision.to,
        question: decision.question,
      };
      return { ...rest, stage: 'information', questions: [...referral.questions, question] };
    }
    case 'signpost':
      return end(rest, { kind: 'signposted', decidedAt: now, signpostedTo: decision.signpostedTo }, now);
    case 'decline':
      return end(rest, { kind: 'declined', decidedAt: now, reason: decision.reason }, now);
  }
}

function end(referral: Omit<In<'review'>, 'askedAt'>, ending: Ending, now: string): Referral {
  return revokeAfterEnding({ ...referral, stage: 'closing', ending }, now);
}

/** A referral that comes back to the link worker: a new review with a new link. */
export function backToReview(referral: Referral): In<'review'> {
  return { ...referral, stage: 'review', reviews: referral.reviews + 1 } as In<'review'>;
}
