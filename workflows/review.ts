/** The link worker's review: match, ask for more, signpost, decline, put on hold or pass to another team. */
import { askForReview } from './ask-for-review.ts';
import { takenBy } from './assignment.ts';
import {
  answerWaiting,
  email,
  happened,
  type Outcome,
  recordOnLink,
  revokeAfterEnding,
  settlePlaces,
} from './change.ts';
import { reachOf } from './contacts.ts';
import { dangerStands } from './danger.ts';
import { emailOf } from './person.ts';
import type { Ending, HistoryEntry, HoldReason, In, Offer, Referral, TeamMember } from './referral.ts';
import { UNDO_MINUTES } from './reminder-policy.ts';
import { withSignpost } from './signposts.ts';
import { ANY_TEAM } from './teams.ts';
import { after } from './time.ts';

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
  | {
      decision: 'match';
      programmeId: string;
      /** The cohort that is chosen for them, where not any will do. */
      cohortId?: string;
      /** Where the programme has cohorts: the one in which a place is held, or that they wait for the next that is free. */
      place?: { cohortId: string } | 'waiting-list';
      /** Why this one, where others rank above it. */
      againstRanking?: Offer['againstRanking'];
      /** The criteria that are not met, as the link worker confirmed. */
      confirmed?: string[];
      summary?: string;
      riskSummary?: string;
    }
  | { decision: 'ask-for-more'; to: 'referrer' | 'person'; question: string }
  | { decision: 'signpost'; signpostedTo: string }
  | { decision: 'decline'; reason: DeclineReason }
  /** Put to the link worker again at `until`; who has something to decide before does. */
  | { decision: 'hold'; until: string; reason: HoldReason }
  | { decision: 'transfer'; team: string };

/**
 * Records a review decision made through a link. The first decision stands; a second is told what it was. Whoever decides while signed in
 * takes the referral, if it is nobody's yet.
 */
export function decideReview(
  referral: Referral,
  linkId: string,
  decision: ReviewDecision,
  now: string,
  by?: TeamMember,
): Outcome {
  const recorded = referral.links[linkId]?.recorded;
  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };
  if (referral.stage !== 'review' || linkId !== `review-${referral.reviews}`) return { refused: 'not-now' };
  const unreached = decision.decision === 'decline' && decision.reason === 'could-not-reach';
  if (unreached && reachOf(referral, now).state !== 'unreached') return { refused: 'not-now' };
  if (speaksFirst(decision) && dangerStands(referral)) return { refused: 'not-now' };

  const { hold: _over, passedOnBy: _settled, workedOnAt: _theirs, ...open } = referral;
  const reviewed = happened(
    open,
    now,
    'link-worker',
    'reviewed',
    decision.decision,
    by?.name,
    holdOf(decision),
  );
  const noted = withBefore(recordOnLink(reviewed, linkId, now, decision.decision), linkId, referral);
  const decided = takenBy(noted, by, now);
  switch (decision.decision) {
    case 'hold':
      return putOnHold(decided, decision, now);
    case 'transfer':
      return transfer(decided, decision.team, now);
    default: {
      // Letters cannot be called back: nothing goes out before it is too late to undo.
      const ends = decision.decision === 'signpost' || decision.decision === 'decline';
      const at = ends ? after(now, { minutes: UNDO_MINUTES }) : now;
      return answerWaiting(withDecision(decided, decision, now, by), now, decision.decision, at);
    }
  }
}

/**
 * Whether somebody has to speak with the person before a decision, where they may be in danger: they would wait for weeks while nothing is arranged, or nobody
 * can know what they want.
 */
export function speaksFirst(decision: ReviewDecision): boolean {
  switch (decision.decision) {
    case 'hold':
      return true;
    case 'match':
      return decision.place === 'waiting-list';
    case 'decline':
      return decision.reason === 'person-does-not-want-it';
    default:
      return false;
  }
}

/** Until when it waits, and why, for the history: when it is over nothing else has that any more. */
function holdOf(decision: ReviewDecision): Pick<HistoryEntry, 'hold'> {
  if (decision.decision !== 'hold') return {};
  const { until, reason } = decision;
  return { hold: { until, reason } };
}

/** Keeps how the review stood beside what was decided, for whoever takes that back (undo.ts). */
function withBefore<R extends Referral>(decided: R, linkId: string, before: In<'review'>): R {
  const link = decided.links[linkId];
  if (!link) return decided;
  const { assignee, askedAt, due, hold } = before;
  const kept = {
    ...(assignee ? { assignee } : {}),
    ...(askedAt === undefined ? {} : { askedAt }),
    ...(due ? { due } : {}),
    ...(hold ? { hold } : {}),
  };
  return { ...decided, links: { ...decided.links, [linkId]: { ...link, before: kept } } };
}

/** The execution waits on: nothing is answered until there is a decision. */
function putOnHold(
  referral: In<'review'>,
  { until, reason }: Extract<ReviewDecision, { decision: 'hold' }>,
  now: string,
): Referral {
  const { askedAt: _asked, ...rest } = backToReview(referral);
  return askForReview({ ...rest, hold: { until, reason, since: now } }, now);
}

/** To the other team it is a new referral that is nobody's yet. */
function transfer(referral: In<'review'>, team: string, now: string): Referral {
  const { askedAt: _asked, assignee: _former, ...rest } = backToReview(referral);
  const passed: In<'review'> = { ...rest, team, passedOnBy: referral.team ?? ANY_TEAM };
  return askForReview(happened(passed, now, 'link-worker', 'transferred', team), now);
}

/** The hold is over: the link worker is asked again. */
export function resume(referral: Referral, now: string): Referral {
  if (referral.stage !== 'review' || !referral.hold) return referral;
  const { hold: _over, ...rest } = referral;
  return askForReview(happened(rest, now, 'sweep', 'hold-ended'), now);
}

type Leaving = Exclude<ReviewDecision, { decision: 'hold' | 'transfer' }>;

function withDecision(
  referral: In<'review'>,
  decision: Leaving,
  now: string,
  by: TeamMember | undefined,
): Referral {
  const { askedAt: _asked, ...rest } = referral;
  switch (decision.decision) {
    case 'match': {
      const offer = {
        number: referral.offers.length + 1,
        programmeId: decision.programmeId,
        ...(decision.againstRanking === undefined ? {} : { againstRanking: decision.againstRanking }),
        ...(decision.confirmed === undefined ? {} : { confirmed: decision.confirmed }),
        offeredAt: now,
        ...(decision.cohortId === undefined ? {} : { chosenCohortId: decision.cohortId }),
        ...placeOf(decision.place, now),
        ...(decision.summary === undefined ? {} : { summary: decision.summary }),
        ...(decision.riskSummary === undefined ? {} : { riskSummary: decision.riskSummary }),
      };
      const offered: In<'offer'> = { ...rest, stage: 'offer', offers: [...referral.offers, offer] };
      return happened(
        settlePlaces(tellOfWaiting(offered, decision.place, now), now),
        now,
        'link-worker',
        decision.againstRanking ? 'matched-against-ranking' : 'matched',
        decision.programmeId,
      );
    }
    case 'ask-for-more': {
      const question = {
        number: referral.questions.length + 1,
        to: decision.to,
        question: decision.question,
      };
      return { ...rest, stage: 'information', questions: [...referral.questions, question] };
    }
    case 'signpost': {
      const { signpostedTo } = decision;
      const signposted = withSignpost(referral, signpostedTo, now, by);
      return end(signposted, { kind: 'signposted', decidedAt: now, signpostedTo }, now);
    }
    case 'decline':
      return end(referral, { kind: 'declined', decidedAt: now, reason: decision.reason }, now);
  }
}

/** The person hears that they wait: no provider is asked before a place is free. */
function tellOfWaiting(
  referral: In<'offer'>,
  place: Extract<Leaving, { decision: 'match' }>['place'],
  now: string,
): In<'offer'> {
  if (place !== 'waiting-list' || emailOf(referral.person) === undefined) return referral;
  const cause = `offer-${referral.offers.length}`;
  return email(referral, now, { message: 'waitlisted', to: 'person', cause, link: 'person' });
}

function placeOf(place: Extract<Leaving, { decision: 'match' }>['place'], now: string): Partial<Offer> {
  if (place === undefined) return {};
  return place === 'waiting-list' ? { waitlistedAt: now } : { cohortId: place.cohortId };
}

function end(referral: In<'review'>, ending: Ending, now: string): Referral {
  const { askedAt: _asked, ...rest } = referral;
  return revokeAfterEnding({ ...rest, stage: 'closing', ending }, now);
}

/** A referral that comes back to the link worker: a new review with a new link. */
export function backToReview(referral: Referral): In<'review'> {
  return { ...referral, stage: 'review', reviews: referral.reviews + 1 } as In<'review'>;
}
