/** How a referral stands, for who works with it: nobody's, on hold, just decided, and as a coordinator sees it. */
import type { AsTold } from '../../../functions/link-worker-review/pages/as-told.ts';
import type { Standing } from '../../../functions/link-worker-review/pages/standing.ts';
import { assign } from '../../../workflows/assignment.ts';
import { raiseConcern } from '../../../workflows/concerns.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview, type ReviewDecision } from '../../../workflows/review.ts';
import { addSignpost } from '../../../workflows/signposts.ts';
import { accepted, inReview, NOW, offered, stored } from '../workflows/builders.ts';

/** Samples in which what people write ends with the mark. */
export function standingSamples(mark = '') {
  const amina = { id: 'amina', name: `Amina Rahman${mark}` };
  const tom = { id: 'tom', name: `Tom Field${mark}` };
  const decided = (referral: Referral, decision: ReviewDecision) =>
    stored(decideReview(referral, `review-${referral.reviews}`, decision, NOW, amina));
  const told = stored(addSignpost(inReview(), `The drop-in at the library${mark}`, NOW, tom));
  const by = (referral: Referral, who = amina): Standing => ({
    ...{ referral, now: NOW, colleagues: [] },
    who: { sub: who.id },
  });
  const away = { sub: amina.id, cover: tom.id };
  return {
    nobodys: by(inReview()),
    held: by(
      decided(told, { decision: 'hold', until: '2027-01-11T08:00:00.000Z', reason: 'person-unwell-or-away' }),
    ),
    undoable: by(decided(told, { decision: 'decline', reason: 'not-eligible' })),
    shared: {
      ...by(stored(assign(offered(), amina, undefined, NOW, amina)), tom),
      colleagues: [
        { sub: amina.id, name: amina.name, absences: [{ ...away, from: '2026-11-20', until: '2027-01-04' }] },
        { sub: tom.id, name: tom.name, absences: [] },
      ],
    },
  } satisfies Record<string, Standing>;
}

/** What can be recorded in the person's place: while it is offered, in a programme, and while something that they said is open. */
export function asToldSamples() {
  const referral = accepted();
  const next = referral.programme?.sessions[0];
  return {
    offered: { referral: offered(), next: undefined },
    inProgramme: { referral, next },
    concerned: { referral: raiseConcern(referral, 'unsafe', NOW), next: next && { ...next, excusedAt: NOW } },
  } satisfies Record<string, AsTold>;
}
