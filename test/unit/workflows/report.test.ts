import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../workflows/measures.ts';
import type { Outcome } from '../../../workflows/outcome.ts';
import { answersFinalOn, periodOf, periodsUntil, reportOf } from '../../../workflows/report.ts';
import { sampleOutcome } from '../pages/measures-samples.ts';

const many = (count: number, other: Partial<Outcome> = {}) =>
  Array.from({ length: count }, (_, i) => sampleOutcome(i, other));
const report = (outcomes: Outcome[]) => reportOf(outcomes, INSTRUMENTS, { fewerThan: 5 });
const shown = (rows: ReturnType<typeof report>['people']) =>
  Object.fromEntries(
    rows.map(({ name, shown }) => [name, shown.state === 'number' ? shown.count : shown.state]),
  );

describe('periods', () => {
  it.each([
    ['2026-11', 3, { from: '2026-10', to: '2026-12' }],
    ['2027-01', 3, { from: '2027-01', to: '2027-03' }],
    ['2027-03', 12, { from: '2026-04', to: '2027-03' }],
    ['2026-04', 6, { from: '2026-04', to: '2026-09' }],
    ['2026-12', 1, { from: '2026-12', to: '2026-12' }],
  ])('of %s, of %i months, is %o', (month, months, period) => {
    expect(periodOf(month, { months })).toEqual(period);
  });

  it('follow each other without a gap, and do not overlap', () => {
    const periods = periodsUntil('2027-02', { months: 3, fewerThan: 5 }, 5);
    expect(periods.map(({ from, to }) => `${from} ${to}`)).toEqual([
      ...['2027-01 2027-03', '2026-10 2026-12', '2026-07 2026-09', '2026-04 2026-06', '2026-01 2026-03'],
    ]);
  });
});

describe('what changed for people', () => {
  it('is final once thirty days have passed since the last day of the period', () => {
    expect(answersFinalOn({ from: '2026-10', to: '2026-12' })).toBe('2027-01-31');
    // The clocks change in between.
    expect(answersFinalOn({ from: '2027-01', to: '2027-03' })).toBe('2027-05-01');
  });
});

describe('a report', () => {
  it('counts people from being referred to how it ended', () => {
    const none = { came: false, groups: [], attendance: {}, measures: [] };
    const outcomes = [
      ...many(9),
      ...many(7, { result: 'left' }),
      ...many(5, { ...none, result: 'left' }),
      ...many(6, { ...none, reply: 'declined' }).map(({ result: _none, ...rest }) => rest),
    ];
    expect(shown(report(outcomes).people)).toEqual({
      ...{
        referred: 27,
        accepted: 21,
        started: 16,
        completed: 9,
        'left-early': 7,
        left: 7,
        'ended-early': 0,
      },
      ...{ 'not-right': 0, 'never-came': 5, 'not-accepted': 6, declined: 6, silence: 0, withdrawn: 0 },
    });
  });

  it('counts each session of a group once', () => {
    expect(shown(report(many(10)).sessions)).toEqual({ held: 10, cancelled: 2 });
  });

  it('shows nothing of the sessions of so few people that they are theirs', () => {
    const { sessions, attendance, people, changes } = report(many(4));
    expect(new Set([...sessions, ...attendance].map(({ shown }) => shown.state))).toEqual(
      new Set(['withheld']),
    );
    expect(shown(people)).toMatchObject({ referred: 'few', accepted: 'withheld', completed: 'withheld' });
    expect(changes[1]?.total?.means).toBeUndefined();
  });

  it('says by bands what got better, and adds up only what may be', () => {
    const [ons4, ucla3] = report(many(9)).changes;
    const of = (id: string) => ons4?.items.find(({ item }) => item.id === id);
    // From 3 (low) to 6 (medium), 7 or 8 (high).
    expect(of('satisfied')?.changes.better).toEqual({ state: 'number', count: 9 });
    expect(of('worthwhile')?.changes.same).toEqual({ state: 'number', count: 9 });
    // Less anxiety is better.
    expect(of('anxious')?.changes.better).toEqual({ state: 'number', count: 9 });
    // One of nine got worse: which is small, and so is the other number withheld.
    expect(of('happy')?.changes).toMatchObject({ worse: { state: 'few' }, better: { state: 'withheld' } });
    expect(ons4?.total).toBeUndefined();
    expect(ucla3?.total).toEqual({ both: { state: 'number', count: 9 }, means: { first: 8, last: 6 } });
  });

  it('does not take one version of an instrument for another', () => {
    const old = many(9).map((outcome) => ({
      ...outcome,
      measures: outcome.measures.map((each) => ({ ...each, version: 'older' })),
    }));
    expect(report(old).changes.flatMap(({ items }) => items.map(({ both }) => both))).toEqual(
      Array(8).fill({ state: 'number', count: 0 }),
    );
  });
});
