/** Whose a referral is: it can be given to somebody as long as it is in any list of the team. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assign, canBeGiven } from '../../../workflows/assignment.ts';
import { CONCERNS, type Referral, type Stage } from '../../../workflows/referral.ts';
import { keyAmongOpen } from '../../../workflows/worklist.ts';
import { AMINA, inReview, NOW, TOM } from './builders.ts';

const STAGES: Stage[] = ['intake', 'review', 'information', 'offer', 'closing', 'closed'];
const settled = fc.constantFrom({}, { settledAt: NOW, settledBy: TOM });
const concerns = fc.array(
  fc
    .tuple(fc.constantFrom(...CONCERNS), settled)
    .map(([kind, done]) => ({ number: 1, at: NOW, kind, ...done })),
  { maxLength: 3 },
);
const undelivered = fc.array(
  settled.map((done) => ({ number: 1, at: NOW, to: 'gp', why: 'bounced', missed: [], ...done })),
  { maxLength: 2 },
);

it('is given to somebody exactly as long as it is in a list', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STAGES), concerns, undelivered, (stage, said, missed) => {
      const referral = { ...inReview(), stage, concerns: said, undelivered: missed } as unknown as Referral;
      const isListed = keyAmongOpen(referral) !== undefined;
      expect(canBeGiven(referral)).toBe(isListed);
      expect(assign(referral, AMINA, undefined, NOW, TOM)).toMatchObject(
        isListed ? { assignee: AMINA } : { refused: 'not-now' },
      );
    }),
  );
});
