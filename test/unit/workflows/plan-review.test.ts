import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action, Plan } from '../../../workflows/plan.ts';
import { remindOfPlan } from '../../../workflows/plan-review.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import { AMINA, accepted, inReview, NOW, stored } from './builders.ts';

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

  it('is reminded of whenever the plan is saved again: by one email of each day that still stands when its moment comes', () => {
    // A Saturday, whose email goes on Monday morning, and a Tuesday.
    const moments = { '2026-11-28': '2026-11-30T08:00:00.000Z', '2026-12-01': '2026-12-01T08:00:00.000Z' };
    const days = Object.keys(moments) as (keyof typeof moments)[];
    const save = fc.record({
      minutes: fc.integer({ min: 0, max: 9 * 24 * 60 }),
      open: fc.subarray(days),
    });
    // The outbox may be emptied a while after something was due.
    const run = fc.record({
      saves: fc.array(save, { minLength: 1, maxLength: 6 }),
      late: fc.integer({ min: 0, max: 90 }),
    });
    fc.assert(
      fc.property(run, ({ saves, late }) => {
        const inOrder = saves
          .map(({ minutes, open }) => ({ at: momentAfter(NOW, { minutes }), open }))
          .sort((a, b) => a.at.localeCompare(b.at));
        const sent: string[] = [];
        const emptied = (referral: Referral, until: string): Referral => {
          const gone = referral.outbox.filter(
            ({ notBefore }) => momentAfter(notBefore, { minutes: late }) < until,
          );
          sent.push(...gone.map(({ notBefore }) => notBefore));
          return { ...referral, outbox: referral.outbox.filter((entry) => !gone.includes(entry)) };
        };
        const last = inOrder.reduce<Referral>(
          (referral, { at, open }, i) =>
            stored(
              remindOfPlan(
                emptied(referral, at),
                plan(i + 1, ...open.map((day): [string, 'planned'] => [day, 'planned'])),
                at,
              ),
            ),
          base,
        );
        emptied(last, momentAfter(NOW, { days: 30 }));
        const expected = days.filter((day) => {
          const at = moments[day];
          const gone = momentAfter(at, { minutes: late });
          const before = inOrder.filter((each) => each.at < at).at(-1);
          const meanwhile = inOrder.filter((each) => each.at >= at && each.at <= gone);
          return before?.open.includes(day) && meanwhile.every(({ open }) => open.includes(day));
        });
        expect(sent.sort()).toEqual(expected.map((day) => moments[day]));
      }),
    );
  });

  it.each([
    ['2026-11-28', '2026-11-28T10:00:00.000Z', '2026-11-30T08:00:00.000Z'],
    ['2026-11-28', '2026-11-30T07:45:00.000Z', '2026-11-30T08:00:00.000Z'],
    ['2026-12-01', '2026-12-01T07:30:00.000Z', '2026-12-01T08:00:00.000Z'],
  ])('is not forgotten when %s is saved for the first time at %s', (day, now, at) => {
    expect(remindersOf(stored(remindOfPlan(base, plan(1, [day, 'planned']), now)))).toEqual([
      ['link-worker', at],
    ]);
  });

  it('is kept for a version that is saved while a decision that would end the referral can still be undone', () => {
    const declined = stored(
      decideReview(
        { ...inReview(), outbox: [] },
        'review-1',
        { decision: 'decline', reason: 'duplicate' },
        NOW,
        AMINA,
      ),
    );
    const at = (minutes: number) => momentAfter(NOW, { minutes });
    const saved = stored(remindOfPlan(declined, plan(1, ['2026-12-08', 'planned']), at(2)));
    const undone = stored(undoDecision(saved, 'review-1', at(4), AMINA));
    expect(remindersOf(undone)).toEqual([['link-worker', '2026-12-08T08:00:00.000Z']]);
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
