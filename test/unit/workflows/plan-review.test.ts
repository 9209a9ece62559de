import { describe, expect, it } from 'vitest';
import type { Action, Plan } from '../../../workflows/plan.ts';
import { remindOfPlan } from '../../../workflows/plan-review.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import { accepted, inReview, NOW, stored } from './builders.ts';

const plan = (
  version: number,
  ...actions: [reviewOn: string | undefined, status: Action['status']][]
): Plan => ({
  ...{ version, at: NOW, by: { id: 'amina', name: 'Amina' } },
  goals: [
    { goal: 'Sing', actions: actions.map(([reviewOn, status]) => ({ what: 'Visit', status, reviewOn })) },
  ],
});
const remindersOf = ({ outbox }: Referral) =>
  outbox.flatMap((entry) =>
    entry.kind === 'email' && entry.message === 'plan-review' ? [[entry.to, entry.notBefore]] : [],
  );

describe('a day on which somebody wanted to look at a plan again', () => {
  const base = { ...accepted(), outbox: [] };

  it('has the link workers written to in the morning, or on the next day on which somebody works', () => {
    const saved = stored(
      remindOfPlan(
        base,
        plan(
          1,
          ['2026-12-01', 'planned'],
          // A Saturday, and one that two actions share.
          ['2027-05-29', 'under-way'],
          ['2026-12-01', 'under-way'],
          ['2026-12-02', 'done'],
          ['2026-12-03', 'stopped'],
          [undefined, 'planned'],
          // Today, and a day before: the page says so.
          [NOW.slice(0, 10), 'planned'],
          ['2026-10-01', 'planned'],
        ),
        NOW,
      ),
    );
    expect(remindersOf(saved)).toEqual([
      ['link-worker', '2026-12-01T08:00:00.000Z'],
      // Monday is a bank holiday; it is summer time.
      ['link-worker', '2027-06-01T07:00:00.000Z'],
    ]);
    expect(referralSchema.parse(saved)).toEqual(saved);
  });

  it('is the newest version’s: nothing is left of one before, and an older one that is late changes nothing', () => {
    const first = stored(remindOfPlan(base, plan(1, ['2026-12-01', 'planned']), NOW));
    const second = stored(remindOfPlan(first, plan(2, ['2026-12-08', 'planned']), NOW));
    expect(remindersOf(second)).toEqual([['link-worker', '2026-12-08T08:00:00.000Z']]);
    for (const version of [1, 2]) {
      expect(remindOfPlan(second, plan(version, ['2026-12-01', 'planned']), NOW)).toEqual({
        refused: 'not-now',
      });
    }
    expect(remindersOf(stored(remindOfPlan(second, plan(3, ['2026-12-08', 'done']), NOW)))).toEqual([]);
  });

  it('is nobody’s once the referral has ended', () => {
    const ended = {
      ...inReview(),
      stage: 'closed',
      ending: { kind: 'declined', decidedAt: NOW },
    } as Referral;
    expect(remindOfPlan(ended, plan(1, ['2026-12-01', 'planned']), NOW)).toEqual({ refused: 'not-now' });
  });
});
