/** The offer: one referral put to one provider for one programme. */

import {
  addLink,
  answerWaiting,
  causeOf,
  dueAfter,
  email,
  emailKey,
  happened,
  type Outcome,
  openOffer,
  recordOnLink,
  revokeLinks,
  saidAgain,
  settlePlaces,
} from './change.ts';
import { mayKnow } from './closing.ts';
import { askForMeasures } from './measure-times.ts';
import { emailOf, reachedAt } from './person.ts';
import { type Due, type In, isOwn, type Offer, type Referral } from './referral.ts';
import { answerWithin } from './reminder-policy.ts';
import { backToReview } from './review.ts';
import { after } from './time.ts';
import { noteToTell } from './undelivered.ts';

/** Why a provider declines, in codes; the page has the words. */
export const OFFER_DECLINE_REASONS = [
  'no-capacity',
  'not-eligible',
  'needs-assessment',
  'cannot-meet-access-needs',
  'other',
] as const;
export type OfferDeclineReason = (typeof OFFER_DECLINE_REASONS)[number];

export type OfferReply =
  | {
      reply: 'accept';
      cohortId: string;
      firstSessionAt: string;
      sessions: number;
      sessionMinutes: number;
      assessments?: number;
      /** Where one person's own sessions are to be. */
      place?: string;
    }
  | { reply: 'waitlist' }
  | { reply: 'decline'; reason: OfferDeclineReason };

/**
 * Records a provider's reply. Accepting and declining are final; the waiting list keeps the same link open for
 * accepting or declining later.
 */
export function replyToOffer(referral: Referral, linkId: string, reply: OfferReply, now: string): Outcome {
  const recorded = referral.links[linkId]?.recorded;
  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };
  const offer = openOffer(referral);
  if (!offer || linkId !== `offer-${offer.number}`) return { refused: 'not-now' };
  switch (reply.reply) {
    case 'waitlist':
      return waitlist(referral, offer, now);
    case 'decline': {
      const { cohortId, ...rest } = offer;
      const declined = withOffer(backToReview(referral), {
        ...rest,
        ...(reply.reason === 'no-capacity' && cohortId !== undefined
          ? { fullCohortId: cohortId, fullAt: now }
          : {}),
        result: 'declined',
        declineReason: reply.reason,
        repliedAt: now,
      });
      const noted = happened(
        recordOnLink(settlePlaces(declined, now), linkId, now, 'decline'),
        now,
        'provider',
        'offer-declined',
        reply.reason,
      );
      const told = tellOffList(tellOfNoRoom(noted, offer, declined, now), offer, now);
      return answerWaiting(told, now, 'decline');
    }
    case 'accept':
      // The place in the group that they were shown has been given back meanwhile.
      if (!isOwn(reply.cohortId) && reply.cohortId !== offer.cohortId) return { refused: 'not-now' };
      return accept(referral, offer, linkId, reply, now);
  }
}

function waitlist(referral: Referral, offer: Offer, now: string): Outcome {
  // Said again, it means that the person still waits: the next question comes a full interval later. A place that was found is none after all.
  if (offer.waitlistedAt) {
    const still = settlePlaces(withOffer(referral, withoutPlace(offer, now)), now);
    const noted = saidAgain(still, now, 'provider', 'offer-still-waitlisted');
    return dueAfter(tellOfNoRoom(noted, offer, still, now), now, 'place');
  }
  const listed = happened(
    settlePlaces(withOffer(referral, { ...withoutPlace(offer, now), waitlistedAt: now }), now),
    now,
    'provider',
    'offer-waitlisted',
  );
  const cause = `offer-${offer.number}`;
  const told = email(listed, now, { message: 'waitlisted', to: 'link-worker', cause });
  const toPerson =
    emailOf(told.person) === undefined
      ? told
      : email(told, now, { message: 'waitlisted', to: 'person', cause, link: 'person' });
  return answerWaiting(tellOfNoRoom(toPerson, offer, toPerson, now), now, 'waitlist');
}

/** The directory says that a group has a place, and its provider says that it has none: the coordinator finds out which is right. */
function tellOfNoRoom<R extends Referral>(
  referral: R,
  { fullAt: before }: Offer,
  said: Referral,
  now: string,
): R {
  const { number, fullAt } = said.offers.at(-1) ?? {};
  if (fullAt === undefined || fullAt === before) return referral;
  return email(referral, now, { message: 'no-room', to: 'coordinator', cause: `offer-${number}-${fullAt}` });
}

/** The provider finds no room, whatever the directory says of the cohort. */
function withoutPlace({ cohortId, calledAt: _over, ...offer }: Offer, now: string): Offer {
  return cohortId === undefined ? offer : { ...offer, fullCohortId: cohortId, fullAt: now };
}

/** Somebody on the waiting list is next, and a place is held for them: the provider is asked. Refused when they wait no more. */
export function callFromWaitingList(
  referral: Referral,
  { offer: number, cohortId }: { offer: number; cohortId: string },
  now: string,
): Outcome {
  const offer = openOffer(referral);
  const waits = offer?.number === number && offer.waitlistedAt !== undefined && offer.cohortId === undefined;
  if (!offer || !waits) return { refused: 'not-now' };
  const { fullCohortId: _before, fullAt: _then, ...rest } = offer;
  const id = `offer-${number}`;
  const called = addLink(
    withOffer(referral, { ...rest, cohortId, calledAt: now, askedAt: now }),
    id,
    'offer',
  );
  const asked = email(happened(called, now, 'workflow', 'place-found'), now, {
    message: 'place-free',
    to: 'provider',
    cause: `${id}-${now}`,
    link: id,
    by: after(now, answerWithin('offer')),
  });
  return dueAfter(settlePlaces(asked, now), now, 'offer');
}

function accept(
  referral: Referral,
  offer: Offer,
  linkId: string,
  reply: Extract<OfferReply, { reply: 'accept' }>,
  now: string,
): Outcome {
  const started = {
    ...withOffer(referral, { ...offer, result: 'accepted', repliedAt: now }),
    stage: 'programme',
    programme: {
      programmeId: offer.programmeId,
      cohortId: reply.cohortId,
      ...(isOwn(reply.cohortId) ? {} : { joinedAt: now }),
      planned: reply.sessions,
      firstSessionAt: reply.firstSessionAt,
      sessionMinutes: reply.sessionMinutes,
      ...(reply.place === undefined ? {} : { place: reply.place }),
      ...(reply.assessments === undefined ? {} : { assessments: reply.assessments }),
      sessions: [],
      welfare: [],
    },
  } as In<'programme'>;
  const noted = happened(
    recordOnLink(settlePlaces(started, now), linkId, now, 'accept'),
    now,
    'provider',
    'offer-accepted',
  );
  return answerWaiting(askForMeasures(tellOfAcceptance(noted, linkId, now), now), now, 'accept');
}

/** Everyone who waits for it, and may know it, hears that a place was found. */
function tellOfAcceptance(referral: In<'programme'>, linkId: string, now: string): In<'programme'> {
  const isReached = reachedAt(referral) !== undefined;
  const message = isReached ? 'offer-accepted' : 'offer-accepted-by-hand';
  const by = referral.programme.firstSessionAt;
  let told = email(referral, now, {
    message,
    to: 'link-worker',
    cause: linkId,
    ...(isReached ? {} : { by }),
  });
  told = email(told, now, { message: 'offer-confirmed', to: 'provider', cause: linkId, link: linkId });
  // Who does not hear in their letter where the person went does not hear it now.
  if (referral.referrer.kind !== 'self' && mayKnow('referrer', referral.referrer).ending) {
    told = email(told, now, { message: 'offer-accepted', to: 'referrer', cause: linkId });
  }
  return isReached
    ? email(told, now, { message: 'offer-accepted', to: 'person', cause: linkId, link: 'person' })
    : noteToTell(told, { message: 'offer-accepted', id: linkId, by }, now);
}

/** The provider kept silent: the offer is released and the link worker matches again. */
export function releaseOffer(referral: Referral, now: string): Outcome {
  const offer = openOffer(referral);
  if (!offer) return { refused: 'not-now' };
  const released = revokeLinks(
    withOffer(backToReview(referral), { ...offer, result: 'silence', repliedAt: now }),
    now,
    ['offer'],
  );
  const told = email(released, now, {
    message: 'offer-withdrawn',
    to: 'provider',
    cause: `offer-${offer.number}`,
  });
  const noted = settlePlaces(happened(told, now, 'sweep', 'offer-released'), now);
  return answerWaiting(tellOffList(noted, offer, now), now, 'silence');
}

/**
 * The provider on whose list they waited has no place for them after all: who was told of the list hears that it is over, by email, or from the link worker
 * where that does not reach them.
 */
function tellOffList<R extends Referral>(referral: R, offer: Offer, now: string): R {
  if (!knowsOfList(referral, offer)) return referral;
  const cause = `offer-${offer.number}`;
  if (reachedAt(referral) !== undefined) {
    return email(referral, now, { message: 'list-ended', to: 'person', cause, link: 'person' });
  }
  const asked = email(referral, now, { message: 'list-ended-by-hand', to: 'link-worker', cause });
  return noteToTell(asked, { message: 'list-ended', id: `${cause}-list-ended` }, now);
}

/** Whether somebody heard that they are on a waiting list: by email, or when a link worker spoke with them since. */
function knowsOfList(
  { sent = [], contacts = [], outbox }: Referral,
  { number, waitlistedAt }: Offer,
): boolean {
  if (waitlistedAt === undefined) return false;
  const key = emailKey({ message: 'waitlisted', to: 'person', cause: `offer-${number}` });
  return (
    outbox.some((entry) => entry.key === key) ||
    sent.some(
      ({ message, to, at, notSent }) =>
        message === 'waitlisted' && to === 'person' && !notSent && at >= waitlistedAt,
    ) ||
    contacts.some(({ outcome, at }) => outcome === 'reached' && at >= waitlistedAt)
  );
}

/**
 * The provider of a waitlisted offer is asked again whether a place is free. Where our own list says when, nobody is asked, and the person waits on;
 * from the second time on the link worker hears of it.
 */
export function askForPlace(referral: Referral, now: string, due: Pick<Due, 'at' | 'count'>): Referral {
  const { count } = due;
  const offer = referral.offers.at(-1);
  const id = `offer-${offer?.number ?? 0}`;
  const cause = causeOf(id, due);
  if (waitsByOurList(offer)) {
    const told =
      count === 0 ? referral : email(referral, now, { message: 'still-waiting', to: 'link-worker', cause });
    return dueAfter(told, now, 'place', count + 1);
  }
  const asked = email(referral, now, { message: 'place-check', to: 'provider', cause, link: id });
  return dueAfter(happened(asked, now, 'sweep', 'place-asked'), now, 'place', count + 1);
}

/**
 * The programme that somebody waits for has ended, or has no group any more: nobody calls them, so their link worker hears of it at once. Refused when they do
 * not wait, or when it was told.
 */
export function tellOfNoGroup(referral: Referral, programmeId: string, now: string): Outcome {
  const offer = openOffer(referral);
  const waits = offer?.waitlistedAt !== undefined && offer.cohortId === undefined;
  if (!offer || !waits || offer.programmeId !== programmeId || offer.noGroupToldAt !== undefined) {
    return { refused: 'not-now' };
  }
  const told = withOffer(referral, { ...offer, noGroupToldAt: now });
  return email(told, now, {
    message: 'still-waiting',
    to: 'link-worker',
    cause: `offer-${offer.number}-no-group`,
  });
}

/** Whether somebody waits for a group of the directory: they are called in turn, and a provider who is asked could not accept. */
export function waitsByOurList(offer: Offer | undefined): boolean {
  return offer?.askedAt === undefined || offer.fullCohortId !== undefined;
}

function withOffer<R extends Referral>(referral: R, offer: Offer): R {
  return { ...referral, offers: [...referral.offers.slice(0, -1), offer] };
}
