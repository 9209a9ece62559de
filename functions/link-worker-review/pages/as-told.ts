/** What a link worker can record in the person's place, in words. */
import { hasOpenRisk, openConcern } from '../../../workflows/concerns.ts';
import type { Referral, Session } from '../../../workflows/referral.ts';
import { canBeEnded } from '../../../workflows/team-ends.ts';
import { inWords } from '../../../workflows/time.ts';

export type AsTold = {
  referral: Referral;
  /** The session to which they can come next, where there is one. */
  next: Session | undefined;
};

/** Undefined where there is nothing of the kind to record: in a review, and once it has ended. */
export function asToldInWords({ referral, next }: AsTold) {
  if (!canBeEnded(referral)) return undefined;
  return {
    offer: referral.offers.length,
    inProgramme: referral.stage === 'programme',
    atRisk: hasOpenRisk(referral),
    concerned: openConcern(referral) !== undefined,
    next: next && {
      number: next.number,
      startsAt: next.startsAt,
      when: inWords(next.startsAt),
      excused: next.excusedAt !== undefined,
    },
  };
}
