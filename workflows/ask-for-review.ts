/** A referral is put to the link workers: the first time, and whenever it comes back to them. */
import { addLink, dueAfter, dueAt, email, happened } from './change.ts';
import { dangerStands } from './danger.ts';
import type { Due, In, Referral } from './referral.ts';
import { answerWithin } from './reminder-policy.ts';
import { after, isDue } from './time.ts';

/**
 * Asks for a review once; who was asked already is not asked again, and who waits on hold is asked when the hold is over. Where a decision was taken back
 * it is due as it was before.
 */
export function askForReview(referral: Referral, now: string): Referral {
  const step = reviewStep(referral);
  if (referral.stage === 'review' && referral.hold) {
    return dueAt(addLink(referral, `review-${referral.reviews}`, 'review'), referral.hold.until, 'hold');
  }
  if (referral.stage === 'review' && referral.askedAt) {
    return referral.due && referral.due.step !== 'workflow'
      ? referral
      : dueSince(referral, referral.askedAt, step);
  }
  const reviews = referral.stage === 'intake' ? referral.reviews + 1 : referral.reviews;
  const askedAt = takenBack(referral)?.askedAt ?? now;
  const asked = { ...referral, stage: 'review', askedAt, reviews } as In<'review'>;
  const id = `review-${reviews}`;
  const answered = referral.history.at(-1)?.event === 'information-given';
  const mailed = email(addLink(asked, id, 'review'), now, {
    message: answered ? 'information-answered' : 'review-request',
    to: 'link-worker',
    cause: id,
    link: id,
    by: after(askedAt, answerWithin(step)),
  });
  return dueSince(happened(mailed, now, 'workflow', 'review-requested'), askedAt, step);
}

/** What is due of a review that was asked for at `askedAt`: the first reminder, or what had come before a decision that was taken back. */
function dueSince(referral: Referral, askedAt: string, step: 'review' | 'urgent-review'): Referral {
  const due = takenBack(referral)?.due;
  return due?.step === step ? { ...referral, due } : dueAfter(referral, askedAt, step);
}

/**
 * How the review stood before the newest decision, where that was taken back: since when it had been asked for, and what was due. While the decision stood
 * nobody could take another, so both are later by as long; a day on which they are to be tried again is that day, if it is still to come. Whoever ends a hold
 * takes nothing back.
 */
function takenBack({ links, reviews }: Referral): { askedAt?: string; due?: Due } | undefined {
  const newest = Array.from({ length: reviews }, (_, i) => links[`review-${reviews - i}`]).find(
    (link) => link?.recorded,
  );
  const { recorded, undoneAt, before } = newest ?? {};
  if (!recorded || undoneAt === undefined || recorded.decision === 'hold' || !before) return undefined;
  const minutes = (Date.parse(undoneAt) - Date.parse(recorded.at)) / 60_000;
  const later = (at: string) => after(at, { minutes });
  const { askedAt, due } = before;
  const isToCome = due?.tryAt !== undefined && !isDue(due.tryAt, undoneAt);
  return {
    ...(askedAt === undefined ? {} : { askedAt: later(askedAt) }),
    ...(due && {
      due: isToCome
        ? due
        : { ...due, at: later(due.at), ...(due.tryAt === undefined ? {} : { tryAt: later(due.tryAt) }) },
    }),
  };
}

/** A review cannot wait for days while somebody may be in danger now. */
export function reviewStep(referral: Referral): 'review' | 'urgent-review' {
  return dangerStands(referral) ? 'urgent-review' : 'review';
}
