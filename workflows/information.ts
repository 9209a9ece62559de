/** More information was asked for: the answer, or silence, brings the referral back to the link worker. */
import { answerWaiting, happened, type Outcome, recordOnLink, revokeLinks } from './change.ts';
import type { Referral } from './referral.ts';
import { backToReview } from './review.ts';

/** Records the answer to a question. */
export function answerQuestion(referral: Referral, linkId: string, answer: string, now: string): Outcome {
  const recorded = referral.links[linkId]?.recorded;
  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };
  const question = referral.questions.at(-1);
  if (referral.stage !== 'information' || !question || linkId !== `information-${question.number}`) {
    return { refused: 'not-now' };
  }
  const questions = [...referral.questions.slice(0, -1), { ...question, answer, answeredAt: now }];
  const answered = recordOnLink({ ...backToReview(referral), questions }, linkId, now, 'answered');
  return answerWaiting(happened(answered, now, question.to, 'information-given'), now, 'answered');
}

/** Nobody answered in time: the link worker decides without. */
export function giveUpOnInformation(referral: Referral, now: string): Outcome {
  if (referral.stage !== 'information') return { refused: 'not-now' };
  const back = revokeLinks(backToReview(referral), now, ['information']);
  return answerWaiting(happened(back, now, 'sweep', 'information-not-given'), now, 'no-answer');
}
