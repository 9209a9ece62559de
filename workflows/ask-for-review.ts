/** A referral is put to the link workers: the first time, and whenever it comes back to them. */
import { addLink, dueAfter, dueAt, email, happened } from './change.ts';
import { dangerStands } from './danger.ts';
import { nextTryOf, planNextTry } from './next-try.ts';
import type { Due, In, Link, Referral } from './referral.ts';
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
      : dueSince(referral, referral.askedAt, step, now);
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
  return dueSince(happened(mailed, now, 'workflow', 'review-requested'), askedAt, step, now);
}

/**
 * What is due of a review that was asked for at `askedAt`: the first reminder, on the day of the next try where there is one, or what had come before a
 * decision that was taken back.
 */
function dueSince(
  referral: Referral,
  askedAt: string,
  step: 'review' | 'urgent-review',
  now: string,
): Referral {
  const due = takenBack(referral)?.due;
  if (due?.step === step) return { ...referral, due };
  const asked = dueAfter(referral, askedAt, step);
  return isStillToTry(referral, askedAt) ? planNextTry(asked, nextTryOf(referral), now) : asked;
}

/**
 * Whether the day of the next try is this review's: it was planned in it, or before it, and nothing was decided since but to ask a question. What else
 * brings a referral back, like a provider's reply, is put off by no day that was planned before.
 */
function isStillToTry({ contacts, links, reviews }: Referral, askedAt: string): boolean {
  if ((contacts?.at(-1)?.at ?? '') > askedAt) return true;
  const newest = newestDecided(links, reviews)?.recorded;
  return newest === undefined || newest.decision === 'ask-for-more';
}

/**
 * How the review stood before the newest decision, where that was taken back: since when it had been asked for, and what was due. While the decision stood
 * nobody could take another, so both are later by as long; a day on which they are to be tried again is that day, if it is still to come. Whoever ends a hold
 * that was no mistake takes nothing back.
 */
function takenBack({ links, reviews }: Referral): { askedAt?: string; due?: Due } | undefined {
  const { recorded, undoneAt, before } = newestDecided(links, reviews) ?? {};
  if (!recorded || undoneAt === undefined || !before) return undefined;
  if (recorded.decision === 'hold' && !isMistake(recorded.at, undoneAt)) return undefined;
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

/** A hold that is ended so soon is one that is taken back; later that is a decision of its own. */
const MISTAKE = { hours: 24 } as const;

/** Whether a hold that was decided at `at` and ended at `now`, before its day, was a mistake: then all is as it was before. */
export function isMistake(at: string, now: string): boolean {
  return !isDue(after(at, MISTAKE), now);
}

/** The link of the newest review that was decided, also where that was taken back. */
function newestDecided(links: Referral['links'], reviews: number): Link | undefined {
  return Array.from({ length: reviews }, (_, i) => links[`review-${reviews - i}`]).find(
    (link) => link?.recorded,
  );
}

/** A review cannot wait for days while somebody may be in danger now. */
export function reviewStep(referral: Referral): 'review' | 'urgent-review' {
  return dangerStands(referral) ? 'urgent-review' : 'review';
}
