/** What went wrong in some order of events once (test/simulation/interleavings.test.ts), each by itself. */
import { describe, expect, it } from 'vitest';
import { isRefusal, nextExecution } from '../../../workflows/change.ts';
import { leave } from '../../../workflows/leaving.ts';
import type { OutboxEntry } from '../../../workflows/outbox-entry.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview, type ReviewDecision } from '../../../workflows/review.ts';
import { addSignpost } from '../../../workflows/signposts.ts';
import { enterStep } from '../../../workflows/steps.ts';
import { after } from '../../../workflows/time.ts';
import { undoable, undoDecision } from '../../../workflows/undo.ts';
import { answers, entered, inReview, NOW, stored } from './builders.ts';

const later = (minutes: number) => after(NOW, { minutes });
const amina = { id: 'amina', name: 'Amina Rahman' };
const tom = { id: 'tom', name: 'Tom Wells' };
const quiet = (referral: Referral): Referral => ({ ...referral, outbox: [] });
const decide = (referral: Referral, decision: ReviewDecision, at = NOW) =>
  stored(decideReview(referral, `review-${referral.reviews}`, decision, at, amina));
const undo = (referral: Referral, at = NOW) =>
  stored(undoDecision(referral, `review-${referral.reviews}`, at, amina));
const decline: ReviewDecision = { decision: 'decline', reason: 'duplicate' };
const match: ReviewDecision = { decision: 'match', programmeId: 'hive-music' };

type Answer = Extract<OutboxEntry, { kind: 'answer' }>;
const answersOf = ({ outbox }: Referral) =>
  outbox.filter((entry): entry is Answer => entry.kind === 'answer');

/** Its own execution arrives at a step that the referral is past. */
const arrives = (referral: Referral, step: 'review' | 'provider' | 'place', at: string) =>
  stored(enterStep(referral, step, { token: `${step} at ${at}`, execution: referral.execution.name }, at));

describe('a new execution', () => {
  const rebuilt = nextExecution(decide(quiet(inReview()), decline), later(1));

  it('gives no answer of the old one, and is held back as that was', () => {
    expect(answersOf(rebuilt)).toEqual([]);
    const held = arrives(rebuilt, 'review', later(2));
    expect(answersOf(held).map(({ notBefore, output }) => [notBefore, output.decision])).toEqual([
      [later(10), 'decline'],
    ]);
  });

  it('waits with its own token when the decision is taken back', () => {
    const back = undo(arrives(rebuilt, 'review', later(2)), later(3));
    expect([back.stage, back.waiting?.token, answersOf(back)]).toEqual([
      'review',
      `review at ${later(2)}`,
      [],
    ]);
  });
});

describe('a referral that ends before its execution has come back', () => {
  // Offered, taken back and declined while the execution is still on its way to the provider.
  const withdrawn = quiet(undo(quiet(decide(quiet(inReview()), match))));
  const declined = decide(withdrawn, decline, later(1));

  it('leaves as much time to take that back as any', () => {
    expect(answersOf(declined)).toEqual([]);
    const held = arrives(declined, 'provider', later(2));
    expect(answersOf(held)[0]?.notBefore).toBe(later(11));
    expect(undoable(held, later(10))?.until).toBe(later(11));
    const back = undo(held, later(3));
    expect([back.stage, back.waiting, back.due?.step]).toEqual(['review', undefined, 'workflow']);
    expect(answers(back)).toEqual(['withdrawn']);
  });

  it('tells the execution at once when the time is over', () => {
    expect(answersOf(arrives(declined, 'provider', later(30)))[0]?.notBefore).toBe(later(30));
  });

  it('lets the person leave', () => {
    const held = arrives(declined, 'provider', later(2));
    const left = stored(leave(held, 'person', later(3)));
    expect(left.stage === 'closing' && left.ending.kind).toBe('withdrawn');
    expect(answersOf(left).map(({ notBefore, output }) => [notBefore, output.reply])).toEqual([
      [later(3), 'left'],
    ]);
  });
});

describe('an offer to another provider', () => {
  it('is asked of them, though the execution comes to a waiting list that nobody is on', () => {
    const other = decide(quiet(inReview()), { decision: 'match', programmeId: 'example-crafts' });
    const arrived = arrives(other, 'place', later(1));
    expect([answers(arrived).at(-1), arrived.waiting]).toEqual(['withdrawn', undefined]);
    const asked = entered(quiet(arrived), 'provider', later(2));
    expect(asked.offers.at(-1)).toMatchObject({ programmeId: 'example-crafts', askedAt: later(2) });
  });
});

describe('somebody who has left', () => {
  it('is brought back by nobody, however slow whoever takes a decision back was', () => {
    const left = stored(leave(quiet(decide(quiet(inReview()), match)), 'person', later(1)));
    const told = arrives(quiet(left), 'provider', later(2));
    // Their clock is behind.
    expect(undoDecision(told, 'review-1', later(1), tom)).toEqual({ refused: 'not-now' });
    expect(isRefusal(leave(told, 'person', later(3)))).toBe(true);
  });
});

describe('a signpost', () => {
  it('is told again where the same is said when a day has gone by, and by whom', () => {
    const once = stored(addSignpost(inReview(), 'Foodbank', NOW, amina));
    expect(addSignpost(once, 'Foodbank', later(23 * 60), tom)).toBe(once);
    const then = later(60 * 24 * 60);
    const again = stored(addSignpost(once, 'Foodbank', then, tom));
    expect(again.signposts).toMatchObject([
      { number: 1, at: NOW, by: amina },
      { number: 2, at: then, by: tom },
    ]);
    expect(again.history.at(-1)).toMatchObject({ event: 'signposted', at: then, name: tom.name });
    expect(addSignpost(again, 'Foodbank', later(60 * 24 * 60 + 1), tom)).toBe(again);
  });

  it('sent again after somebody else’s is recorded once', () => {
    const once = stored(addSignpost(inReview(), 'Citizens Advice', NOW, amina));
    const both = stored(addSignpost(once, 'Age UK', NOW, tom));
    expect(addSignpost(both, 'Citizens Advice', later(1), amina)).toBe(both);
  });
});
