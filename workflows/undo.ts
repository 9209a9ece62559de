/** A link worker's decision is taken back, as long as the other side has not acted: no reply to the offer, no answer, no letter. */
import { askForReview, isMistake } from './ask-for-review.ts';
import {
  answerWaiting,
  email,
  emailKey,
  happened,
  type Outcome,
  openOffer,
  revokeLinks,
  settlePlaces,
} from './change.ts';
import { beforeHeldBack, heldBack } from './held-back.ts';
import type { In, Link, Referral, TeamMember } from './referral.ts';
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

/** A hold, and passing on to a team that has not acted, are decisions of a review before this one. */
function undoableWait(referral: In<'review'>): Undoable | undefined {
  if (referral.hold) {
    const link = reviewsBefore(referral).find((id) => {
      const { recorded, undoneAt } = referral.links[id] ?? {};
      return recorded?.decision === 'hold' && undoneAt === undefined;
    });
    return link === undefined ? undefined : { link, decision: 'hold' };
  }
  if (referral.passedOnBy === undefined || referral.assignee || actedOnAt(referral)) return undefined;
  const [link = ''] = reviewsBefore(referral);
  const decision = 'transfer';
  return referral.links[link]?.recorded?.decision === decision ? { link, decision } : undefined;
}

/** The links of the reviews before this one, the newest first. */
function reviewsBefore({ reviews }: Referral): string[] {
  return Array.from({ length: Math.max(0, reviews - 1) }, (_, i) => `review-${reviews - 1 - i}`);
}

/**
 * When somebody of the other team first did something about a referral since it was passed on to them; undefined where nobody has. A note of whoever covers is
 * left by others.
 */
export function actedOnAt({ history, workedOnAt }: In<'review'>): string | undefined {
  const passed = history.findLastIndex(({ event }) => event === 'transferred');
  const acted = history
    .slice(passed + 1)
    .find(({ by, event }) => by === 'link-worker' && event !== 'concern-raised');
  return acted?.at ?? workedOnAt;
}

/**
 * Notes that somebody of a team saves something about a referral that is kept beside it, so that it is not taken back from them. Refused where it is another
 * team's. Changes nothing where it was not passed on, or where that is known.
 */
export function workOn(referral: Referral, team: string | undefined, now: string): Outcome {
  if (referral.team !== team) return { refused: 'not-now' };
  const isNew = referral.stage === 'review' && referral.passedOnBy !== undefined && !referral.workedOnAt;
  return isNew ? { ...referral, workedOnAt: now } : referral;
}

/**
 * Takes the newest review's decision back: the referral returns to the link worker at once, whatever the execution is at, as it was before: on hold where it
 * was, due when it was, and of whoever had it, unless it was given to somebody since. A hold that is ended later than a day after it began is no
 * mistake: the team has time anew. Whoever was asked is told or finds the link closed.
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
    case 'information':
      return withdrawQuestion(asBefore(back, link), link, now);
    case 'offer':
      return withdrawOffer(asBefore(back, link), link, now);
    case 'review':
      return back.hold ? endHold(back, link, now) : takeBack(back, link, now);
    default:
      return reopen(asBefore(back, link), link, now);
  }
}

/** Nobody's again, where it was: deciding took it. */
function asBefore<R extends Referral>(referral: R, { before, recorded }: Link): R {
  const { assignee, ...rest } = referral;
  return before && !before.assignee && assignee?.since === recorded?.at ? (rest as R) : referral;
}

/** The review waits again; on hold, where it was and that is not over. */
function reviewAgain(referral: Referral, { before }: Link, now: string): Referral {
  const hold = before?.hold;
  const review = backToReview(referral);
  return askForReview(hold && !isDue(hold.until, now) ? { ...review, hold } : review, now);
}

/** The team decides now after all. Where it was a mistake, that is whose it was. */
function endHold(referral: In<'review'>, link: Link, now: string): Referral {
  const { hold: _over, ...rest } = referral;
  const isBack = link.recorded !== undefined && isMistake(link.recorded.at, now);
  return askForReview(isBack ? asBefore(rest, link) : rest, now);
}

/** From the team that it was passed on to: their link opens nothing any more, and they are told where they had heard of it. */
function takeBack(referral: In<'review'>, link: Link, now: string): Referral {
  const revoked = revokeLinks(tellWhoHad(referral, now), now, ['review']);
  const { passedOnBy: team, askedAt: _asked, ...rest } = revoked;
  const assignee = link.before?.assignee;
  const theirs = { ...rest, ...(team === undefined ? {} : { team }), ...(assignee ? { assignee } : {}) };
  return reviewAgain(theirs, link, now);
}

/** What asks them for a review is sent no more while nobody has tried to. */
function tellWhoHad<R extends In<'review'>>(referral: R, now: string): R {
  const { team, outbox, reviews } = referral;
  const cause = `review-${reviews}`;
  const asked = emailKey({ message: 'review-request', to: 'link-worker', cause });
  const isUnheard = outbox.some(({ key, attempts }) => key === asked && attempts === 0);
  if (isUnheard || team === undefined) return referral;
  return email(referral, now, { message: 'taken-back', to: 'link-worker', cause, team });
}

function withdrawQuestion(referral: Referral, link: Link, now: string): Referral {
  const question = referral.questions.at(-1);
  const questions = question
    ? [...referral.questions.slice(0, -1), { ...question, withdrawnAt: now }]
    : referral.questions;
  const revoked = revokeLinks({ ...referral, questions }, now, ['information']);
  return answerWaiting(reviewAgain(revoked, link, now), now, 'no-answer');
}

function withdrawOffer(referral: Referral, link: Link, now: string): Referral {
  const offer = referral.offers.at(-1);
  if (!offer) return referral;
  const withdrawn = { ...offer, result: 'withdrawn' as const, repliedAt: now };
  const offers = [...referral.offers.slice(0, -1), withdrawn];
  const revoked = revokeLinks({ ...referral, offers }, now, ['offer']);
  const told =
    offer.askedAt === undefined
      ? revoked
      : email(revoked, now, {
          message: 'offer-withdrawn',
          to: 'provider',
          cause: `offer-${offer.number}`,
        });
  return answerWaiting(settlePlaces(reviewAgain(told, link, now), now), now, 'withdrawn');
}

/**
 * The answer to the execution was held back: it still waits, with the same token. Where that is at another step, because decisions were
 * taken faster than it went on, it is sent back to the review.
 */
function reopen(referral: Referral, link: Link, now: string): Referral {
  const before = beforeHeldBack(referral, now);
  if (!before.waiting) return referral;
  const open = reviewAgain(before, link, now);
  const code = answerOf(open, before.waiting.step);
  return code === undefined ? open : answerWaiting(open, now, code);
}
