import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Episode } from '../../../workflows/episode.ts';
import {
  equityOf,
  halfYearIn,
  insightsOf,
  monthsUntil,
  shownSteps,
  standingOver,
} from '../../../workflows/insights.ts';

const RULES = { fewerThan: 5, providerOf: (id: string) => `provider of ${id}` };
const MONTHS = monthsUntil('2026-11');

const base: Episode = {
  ...{
    month: '2026-11',
    team: 'all',
    from: 'self',
    ageBand: '18 to 24',
    area: 'NW1',
    ethnicGroup: 'unknown',
  },
  ...{ reached: true, hours: {}, replies: [], held: 0, attended: 0, version: 1 },
};
const some = (count: number, with_: Partial<Episode>) =>
  Array.from({ length: count }, (): Episode => ({ ...base, ...with_ }));
const row = (table: { rows: { name: string; cells: unknown[] }[] }, name: string) =>
  table.rows.find((each) => each.name === name)?.cells;
const said = (count: number) => ({ state: 'number', count });

describe('figures over time', () => {
  it('are of twelve months, over the turn of a year', () => {
    expect(monthsUntil('2026-02', 4)).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
    expect(MONTHS).toHaveLength(12);
  });

  it('say a median in days, of enough people, and none where it has happened to nobody', () => {
    const waited = [24, 48, 72, 96, 1000].flatMap((contact) => some(1, { hours: { contact } }));
    const { waiting } = insightsOf(waited, MONTHS, RULES);
    expect(row(waiting, '2026-11')?.slice(0, 2)).toEqual([said(3), { state: 'none' }]);
    const fewer = insightsOf(waited.slice(1), MONTHS, RULES).waiting;
    expect(row(fewer, '2026-11')?.[0]).toEqual({ state: 'few' });
  });

  it('count what came and what became of it, of one programme where one is asked for', () => {
    const all = [
      ...some(7, { ending: 'completed', programmeId: 'choir' }),
      ...some(2, { programmeId: 'crafts' }),
      ...some(3, { month: '2026-01', ending: 'declined' }),
    ];
    const { received } = insightsOf(all, MONTHS, RULES);
    expect(row(received, '2026-11')).toEqual([9, 7, 0, 0, 0, 0, 2].map(said));
    expect(row(received, '2026-01')).toEqual([3, 0, 3, 0, 0, 0, 0].map(said));
    const choir = insightsOf(all, MONTHS, { ...RULES, isIn: (id) => id === 'choir' });
    expect(row(choir.received, '2026-11')?.[0]).toEqual(said(7));
    expect(choir.programmes.rows.map(({ name }) => name)).toEqual(['choir']);
  });

  it('say how providers reply and whether people come', () => {
    const reply = (result: 'accepted' | 'declined', hours: number) => ({
      replies: [{ programmeId: 'choir', reply: result, hours }],
    });
    const all = [
      ...some(3, { ...reply('accepted', 24), held: 4, attended: 3 }),
      ...some(3, { ...reply('declined', 72), held: 4, attended: 1 }),
    ];
    const { replies, attendance } = insightsOf(all, MONTHS, RULES);
    expect(row(replies, 'provider of choir')).toEqual([said(6), said(50), said(2)]);
    expect(row(attendance, '2026-11')).toEqual([said(6), said(24), said(50)]);
    expect(row(insightsOf(all.slice(2), MONTHS, RULES).attendance, '2026-11')).toEqual([
      ...[{ state: 'few' }, { state: 'withheld' }, { state: 'few' }],
    ]);
  });

  it('do not say how often few people came, however many had sessions', () => {
    const all = [...some(4, { held: 12, attended: 11 }), ...some(9, { held: 12, attended: 0 })];
    const cells = (of: Episode[]) => row(insightsOf(of, MONTHS, RULES).attendance, '2026-11');
    expect(cells(all)).toEqual([said(13), said(156), { state: 'few' }]);
    expect(cells(all.slice(4))).toEqual([said(9), said(108), said(0)]);
  });

  it('say how things stood on the last day of a month that is known', () => {
    const day = (date: string, count: number) => ({
      ...{ date, overdue: [] },
      open: [{ stage: 'review' as const, count, oldestDays: 2 * count }],
    });
    const table = standingOver([day('2026-10-30', 3), day('2026-10-31', 4)], MONTHS);
    const cells = row(table, '2026-10') ?? [];
    expect([cells[table.columns.indexOf('review')], cells.at(-1)]).toEqual([said(4), said(8)]);
    expect(row(table, '2026-09')?.[0]).toEqual({ state: 'none' });
  });
});

describe('who is reached', () => {
  it('is said of spans of which no two overlap, and none still goes on, whatever is looked at on whatever day', () => {
    for (const today of monthsUntil('2027-12', 24)) {
      const shown = monthsUntil(today, 36).map((to) => {
        const months = monthsUntil(to);
        const span = halfYearIn(months, today);
        expect(span.every((month) => months.includes(month) && month < today)).toBe(true);
        return span.join();
      });
      const spans = [...new Set(shown)].map((span) => span.split(','));
      expect(spans.length).toBeGreaterThanOrEqual(5);
      expect(spans.every(({ length }) => length === 6)).toBe(true);
      const months = spans.flat();
      expect(new Set(months).size).toBe(months.length);
      // The public sector's year, as reports have it.
      expect(spans.every(([first = '']) => /-(04|10)$/.test(first))).toBe(true);
    }
    expect(halfYearIn(monthsUntil('2026-11'), '2026-11').at(-1)).toBe('2026-09');
    expect(halfYearIn(monthsUntil('2026-09'), '2026-09').at(-1)).toBe('2026-03');
    expect(halfYearIn(['2026-09'], '2026-11')).toEqual([]);
  });

  it('is said by how far they came; who is not known stands last, and small areas together', () => {
    const all = [
      ...some(10, { ethnicGroup: 'white', hours: { acceptance: 3 } }),
      ...some(20, { ending: 'completed', area: 'N19' }),
      ...some(3, { area: 'E1', hours: { acceptance: 1 } }),
      ...some(3, { area: 'E2', hours: { acceptance: 1 } }),
    ];
    const { ethnicGroup, area } = equityOf(all, 5);
    expect(ethnicGroup.rows.map(({ name }) => name)).toEqual(['white', 'unknown']);
    expect(row(ethnicGroup, 'white')).toEqual([10, 10, 10, 0].map(said));
    expect(row(area, 'elsewhere')?.[0]).toEqual(said(6));
    expect(row(area, 'E1')).toBeUndefined();
  });

  it('shows no small number, and none that is the difference of what is shown', () => {
    const group = fc
      .tuple(fc.nat(12), fc.nat(12), fc.nat(12), fc.nat(12))
      .map(([only, reached, accepted, completed]) => [
        only + reached + accepted + completed,
        reached + accepted + completed,
        accepted + completed,
        completed,
      ]);
    const isSmall = (count: number) => count > 0 && count < 5;
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 6 }), (counts) => {
        const rows = shownSteps(
          counts.map((each, i) => ({ name: `group ${i}`, counts: each })),
          5,
        );
        const numbers = rows.map(({ cells }) =>
          cells.map((cell) => (cell.state === 'number' ? cell.count : undefined)),
        );
        for (const [i, cells] of numbers.entries()) {
          for (const [step, count] of cells.entries()) {
            if (count !== undefined) expect([count, isSmall(count)]).toEqual([counts[i]?.[step], false]);
            // Who came no further.
            const next = cells[step + 1];
            if (count !== undefined && next !== undefined) expect(isSmall(count - next)).toBe(false);
          }
        }
        // Of a column, whose sum is known, what is missing is the sum of several, or of everything.
        for (const step of [0, 1, 2, 3]) {
          const hidden = counts.filter((_, i) => numbers[i]?.[step] === undefined);
          if (hidden.length === 1) expect(counts).toHaveLength(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
