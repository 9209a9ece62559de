/** A decision that ends a referral and of which nobody has heard yet: its answer to the execution waits in the outbox until it is too late to undo. */
import { stepOfAnswer } from './change.ts';
import type { OutboxEntry } from './outbox-entry.ts';
import type { In, Referral } from './referral.ts';
import { withoutSignpostOf } from './signposts.ts';
import { endedByReview } from './steps.ts';

type Answer = Extract<OutboxEntry, { kind: 'answer' }>;

/**
 * The answer that is held back, as long as nobody has tried to give it: to the review, or to the step at which the execution still is where
 * decisions were taken faster than it went on. Who leaves has acted: that is held back from nobody.
 */
export function heldBack(referral: Referral): Answer | undefined {
  if (referral.stage !== 'closing' || !endedByReview(referral.ending)) return undefined;
  const [answer, ...others] = referral.outbox.filter((entry): entry is Answer => entry.kind === 'answer');
  const isHeld = answer && answer.attempts === 0 && answer.notBefore > referral.ending.decidedAt;
  return isHeld && others.length === 0 ? answer : undefined;
}

/** The referral as it was before a decision that is held back; the execution waits on with the same token. Any other as it is. */
export function beforeHeldBack(referral: Referral, now: string): Referral {
  const answer = heldBack(referral);
  if (!answer || referral.stage !== 'closing') return referral;
  const { ending: _taken, ...rest } = withoutSignpostOf(referral, referral.ending, now);
  const reviewed: In<'review'> = {
    ...rest,
    stage: 'review',
    outbox: referral.outbox.filter((entry) => entry !== answer),
    waiting: { step: stepOfAnswer(answer), token: answer.token, since: now },
  };
  return reviewed;
}

/** What everybody outside the team is told of: a decision that is held back is none yet. */
export function asOthersSee(referral: Referral): Referral {
  return beforeHeldBack(referral, referral.updatedAt);
}

/** Until when a referral waits, and why; undefined when it does not. */
export function holdOf(referral: Referral): In<'review'>['hold'] {
  return referral.stage === 'review' ? referral.hold : undefined;
}
