/** More information was asked for: the answer, or silence, brings the referral back to the link worker. */
import { answerWaiting, email, happened, type Outcome, recordOnLink, revokeLinks } from './change.ts';
import type { Referral } from './referral.ts';
import { backToReview } from './review.ts';

/**
 * Records the answer to a question. While one is waited for, it brings the referral back to the link worker. Refused with what was recorded where it was
 * answered before, and where the referral has ended.
 */
export function answerQuestion(referral: Referral, linkId: string, answer: string, now: string): Outcome {
  const link = referral.links[linkId];
  if (link?.recorded) return { refused: 'already-decided', recorded: link.recorded.decision };
  if (link?.revokedAt !== undefined) return answerLate(referral, linkId, answer, now);
  const question = referral.questions.at(-1);
  if (referral.stage !== 'information' || !question || linkId !== `information-${question.number}`) {
    return { refused: 'not-now' };
  }
  const questions = [...referral.questions.slice(0, -1), { ...question, answer, answeredAt: now }];
  const answered = recordOnLink({ ...backToReview(referral), questions }, linkId, now, 'answered');
  return answerWaiting(happened(answered, now, question.to, 'information-given'), now, 'answered');
}

/**
 * The question was taken back, or nobody waited for it any more, while somebody wrote the answer, which may be what matters most: it is kept with its
 * question, and the team is told. Nothing else changes, since they have gone on without it.
 */
function answerLate(referral: Referral, linkId: string, answer: string, now: string): Outcome {
  const question = referral.questions.find(({ number }) => linkId === `information-${number}`);
  if (!question || referral.stage === 'closing' || referral.stage === 'closed') return { refused: 'not-now' };
  const questions = referral.questions.map((each) =>
    each === question ? { ...each, answer, answeredAt: now } : each,
  );
  const answered = recordOnLink({ ...referral, questions }, linkId, now, 'answered');
  const noted = happened(answered, now, question.to, 'information-given', 'late');
  return email(noted, now, { message: 'information-late', to: 'link-worker', cause: linkId });
}

/** Nobody answered in time: the link worker decides without. */
export function giveUpOnInformation(referral: Referral, now: string): Outcome {
  if (referral.stage !== 'information') return { refused: 'not-now' };
  const back = revokeLinks(backToReview(referral), now, ['information']);
  return answerWaiting(happened(back, now, 'sweep', 'information-not-given'), now, 'no-answer');
}
