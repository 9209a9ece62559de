/** A referral is put to the link workers: the first time, and whenever it comes back to them. */
import { addLink, dueAfter, dueAt, email, happened } from './change.ts';
import type { In, Referral } from './referral.ts';
import { answerWithin } from './reminder-policy.ts';
import { after } from './time.ts';

/** Asks for a review once; who was asked already is not asked again, and who waits on hold is asked when the hold is over. */
export function askForReview(referral: Referral, now: string): Referral {
  const step = reviewStep(referral);
  if (referral.stage === 'review' && referral.hold) return dueAt(referral, referral.hold.until, 'hold');
  if (referral.stage === 'review' && referral.askedAt) {
    return referral.due && referral.due.step !== 'workflow' ? referral : dueAfter(referral, now, step);
  }
  const reviews = referral.stage === 'intake' ? referral.reviews + 1 : referral.reviews;
  const asked = { ...referral, stage: 'review', askedAt: now, reviews } as In<'review'>;
  const id = `review-${reviews}`;
  const answered = referral.history.at(-1)?.event === 'information-given';
  const mailed = email(addLink(asked, id, 'review'), now, {
    message: answered ? 'information-answered' : 'review-request',
    to: 'link-worker',
    cause: id,
    link: id,
    by: after(now, answerWithin(step)),
  });
  return dueAfter(happened(mailed, now, 'workflow', 'review-requested'), now, step);
}

/** A first review of a referral that says that somebody is in danger now cannot wait for days. */
export function reviewStep(referral: Referral): 'review' | 'urgent-review' {
  return referral.request.danger && referral.reviews <= 1 ? 'urgent-review' : 'review';
}
