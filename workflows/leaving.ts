/** The person leaves: at any stage, by their own page, or by telling a link worker (team-ends.ts). */
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
import { hasOpenRisk, raiseConcern } from './concerns.ts';
import { beforeHeldBack } from './held-back.ts';
import type { In, Referral, TeamMember } from './referral.ts';
import { isEnded } from './steps.ts';

/**
 * Records that the person leaves. A provider who was asked, or holds a place, is told. `by`: the link worker whom they told; the team then hears
 * nothing of what it has done itself.
 */
export function leave(current: Referral, linkId: string, now: string, by?: TeamMember): Outcome {
  // A decision of which nobody has heard yet gives way to theirs.
  const referral = beforeHeldBack(current, now);
  if (isEnded(referral)) {
    return { refused: 'already-decided', recorded: referral.ending.kind };
  }
  const offer = referral.offers.at(-1);
  const held = referral.stage === 'offer' || referral.stage === 'programme';
  const offers =
    referral.stage === 'offer' && offer
      ? [...referral.offers.slice(0, -1), { ...offer, result: 'withdrawn' as const, repliedAt: now }]
      : referral.offers;
  const left: In<'closing'> = {
    ...referral,
    stage: 'closing',
    offers,
    ending: { kind: 'withdrawn', decidedAt: now },
  };
  const recorded = recordOnLink(left, linkId, now, 'leave');
  const noted = by
    ? takenBy(happened(recorded, now, 'link-worker', 'left-as-told', referral.stage, by.name), by, now)
    : happened(recorded, now, 'person', 'left', referral.stage);
  // Whoever waits by our own list is known to nobody yet.
  const isKnown = held && offer?.askedAt !== undefined;
  const told = isKnown
    ? email(noted, now, { message: 'offer-withdrawn', to: 'provider', cause: `left-${offer.number}` })
    : noted;
  // They may leave; but whoever may not be safe stays in the worklist until somebody has seen to it.
  const flagged = hasOpenRisk(referral) ? raiseConcern(told, 'left-at-risk', now) : told;
  const revoked = revokeAfterEnding(flagged, now);
  const informed = by
    ? revoked
    : email(revoked, now, { message: 'person-left', to: 'link-worker', cause: 'left' });
  return answerWaiting(held ? settlePlaces(informed, now) : informed, now, 'left');
}
