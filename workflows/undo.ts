/** A link worker's decision is taken back, as long as the other side has not acted: no reply to the offer, no answer, no letter. */
import { askForReview } from './ask-for-review.ts';
import {
  answerWaiting,
  email,
  happened,
  type Outcome,
  openOffer,
  revokeLinks,
  settlePlaces,
} from './change.ts';
import { beforeHeldBack, heldBack } from './held-back.ts';
import type { In, Referral, TeamMember } from './referral.ts';
import { backToReview } from './review.ts';
import { answerOf } from './steps.ts';
import { isDue } from './time.ts';

/** What can be taken back now: the link of the review that decided it, and until when, where that is certain. */
export type Undoable = { link: string; decision: string; until?: string };

/** The decision that can be taken back at `now`; undefined when there is none (any more). */
export function undoable(referral: Referral, now: string): Undoable | undefined {
  if (referral.stage === 'review') return undoableWait(referral);
  const link = `review-${referral.reviews}`;
  const decision = referral.links[link]?.recorded?.decision;
  if (decision === undefined) return undefined;
  switch (referral.stage) {
    case 'information':
      return referral.questions.at(-1)?.answer === undefined ? { link, decision } : undefined;
    case 'offer':
      // On a waiting list too: somebody else may have a place sooner.
      return openOffer(referral) ? { link, decision } : undefined;
    case 'closing': {
      const answer = heldBack(referral);
      return answer && !isDue(answer.notBefore, now)
        ? { link, decision, until: answer.notBefore }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** A hold, and passing on to a team of whom nobody has taken it, are decisions of the review before this one. */
function undoableWait(referral: In<'review'>): Undoable | undefined {
  const link = `review-${referral.reviews - 1}`;
  const passed = referral.passedOnBy !== undefined && !referral.assignee;
  const decision = referral.hold ? 'hold' : passed ? 'transfer' : undefined;
  return decision && referral.links[link]?.recorded?.decision === decision ? { link, decision } : undefined;
}

/**
 * Takes the newest review's decision back: the referral returns to the link worker at once, whatever the execution is at; whoever was asked is
 * told or finds the link closed.
 * Refused with what was recorded when the other side was faster. Taken back already: nothing changes.
 */
export function undoDecision(referral: Referral, linkId: string, now: string, by?: TeamMember): Outcome {
  const link = referral.links[linkId];
  if (link?.undoneAt) return referral;
  const found = undoable(referral, now);
  if (!link || found?.link !== linkId) return { refused: 'not-now' };
  const links = { ...referral.links, [linkId]: { ...link, undoneAt: now } };
  const back = happened(
    { ...referral, links },
    now,
    'link-worker',
    'decision-undone',
    found.decision,
    by?.name,
  );
  switch (back.stage) {
    case 'information': {
      const question = back.questions.at(-1);
      const questions = question
        ? [...back.questions.slice(0, -1), { ...question, withdrawnAt: now }]
        : back.questions;
      const returned = revokeLinks(backToReview({ ...back, questions }), now, ['information']);
      return answerWaiting(askForReview(returned, now), now, 'no-answer');
    }
    case 'offer':
      return withdrawOffer(back, now);
    case 'review':
      return back.hold ? endHold(back, now) : takeBack(back, now);
    default:
      return reopen(back, now);
  }
}

/** The team decides now after all. */
function endHold(referral: In<'review'>, now: string): Referral {
  const { hold: _over, ...rest } = referral;
  return askForReview(rest, now);
}

/** From the team that it was passed on to: their link opens nothing any more. */
function takeBack(referral: In<'review'>, now: string): Referral {
  const { passedOnBy: team, askedAt: _asked, ...rest } = backToReview(revokeLinks(referral, now, ['review']));
  return askForReview({ ...rest, ...(team === undefined ? {} : { team }) }, now);
}

function withdrawOffer(referral: Referral, now: string): Referral {
  const offer = referral.offers.at(-1);
  if (!offer) return referral;
  const withdrawn = { ...offer, result: 'withdrawn' as const, repliedAt: now };
  const offers = [...referral.offers.slice(0, -1), withdrawn];
  const returned = revokeLinks(backToReview({ ...referral, offers }), now, ['offer']);
  const told =
    offer.askedAt === undefined
      ? returned
      : email(returned, now, {
          message: 'offer-withdrawn',
          to: 'provider',
          cause: `offer-${offer.number}`,
        });
  return answerWaiting(settlePlaces(askForReview(told, now), now), now, 'withdrawn');
}

/**
 * The answer to the execution was held back: it still waits, with the same token. Where that is at another step, because decisions were
 * taken faster than it went on, it is sent back to the review.
 */
function reopen(referral: Referral, now: string): Referral {
  const before = beforeHeldBack(referral, now);
  if (!before.waiting) return referral;
  const open = askForReview(backToReview(before), now);
  const code = answerOf(open, before.waiting.step);
  return code === undefined ? open : answerWaiting(open, now, code);
}
