/** The contact with a person who missed two sessions in a row: what came of it. Nothing is closed before a link worker has said so. */
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
import { allHeld, complete, openWelfare } from './programme.ts';
import type { In, Referral, TeamMember } from './referral.ts';

/** What came of a welfare contact: go on, or end the programme early. */
export type WelfareDecision =
  | { outcome: 'continue'; note?: string }
  | { outcome: 'close'; reason: 'agreed' | 'could-not-reach'; note?: string };

/**
 * Records a welfare contact. If every session was already held, going on means completing. Nobody counts as not reached while a risk is
 * open, or before enough was tried since the contact was asked for. Who records it takes the referral, if it is nobody's yet.
 */
export function decideWelfare(
  referral: Referral,
  linkId: string,
  decision: WelfareDecision,
  now: string,
  by?: TeamMember,
): Outcome {
  const recorded = referral.links[linkId]?.recorded;
  if (recorded) return { refused: 'already-decided', recorded: recorded.decision };
  if (referral.stage !== 'programme') return { refused: 'not-now' };
  const open = openWelfare(referral.programme);
  if (!open || linkId !== `welfare-${open.number}`) return { refused: 'not-now' };

  const unreached = decision.outcome === 'close' && decision.reason === 'could-not-reach';
  if (unreached && reachOf(referral, now).state !== 'unreached') return { refused: 'not-now' };

  const { outcome, note } = decision;
  const contact = { ...open, outcome, ...(note === undefined ? {} : { note }), decidedAt: now };
  const welfare = [...referral.programme.welfare.slice(0, -1), contact];
  const contacted = happened(
    { ...referral, programme: { ...referral.programme, welfare } },
    now,
    'link-worker',
    'welfare-contact',
    unreached ? 'could-not-reach' : outcome,
    by?.name,
  );
  const decided = takenBy(recordOnLink(contacted, linkId, now, outcome), by, now);
  if (decision.outcome === 'continue') {
    return allHeld(decided.programme)
      ? answerWaiting(complete(decided, now), now, 'continue')
      : answerWaiting(decided, now, 'continue');
  }
  const ended: In<'closing'> = {
    ...decided,
    stage: 'closing',
    ending: {
      kind: 'ended-early',
      decidedAt: now,
      reason: decision.reason === 'agreed' ? 'after-welfare-contact' : 'could-not-reach',
    },
  };
  // The provider must know that the place is free and that nobody comes.
  const told = email(ended, now, { message: 'offer-withdrawn', to: 'provider', cause: linkId });
  return answerWaiting(settlePlaces(revokeAfterEnding(told, now), now), now, 'close');
}
