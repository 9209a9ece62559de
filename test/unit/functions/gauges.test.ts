import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/gauges/handler.ts';
import { snapshotsIn } from '../../../functions/shared/episodes.ts';
import { log } from '../../../functions/shared/log.ts';
import { METRICS } from '../../../functions/shared/metric-catalogue.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { accepted, inReview, NOW, offered, submitted } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeEach(async () => {
  table = await startEnvironment();
});
afterEach(() => table.stop());
afterEach(() => vi.restoreAllMocks());

let ids = 0;
async function put(referral: Referral): Promise<void> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  await table.referrals.create({ ...referral, id, version: 0 });
}

/** What the gauges say, by metric and dimension. */
async function gauges(now: string): Promise<Record<string, number>> {
  const said: Record<string, number> = {};
  vi.spyOn(log, 'info').mockImplementation((...written) => {
    const line = written[1] as unknown as Record<string, unknown> & {
      _aws: {
        CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[];
        Timestamp: number;
      };
    };
    expect(line._aws.Timestamp).toBe(Date.parse(now));
    for (const { Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      const [dimensions = []] = Dimensions;
      const [{ Name = '' } = {}] = Metrics;
      said[[Name, ...dimensions.map((dimension) => line[dimension])].join(' ')] = line[Name] as number;
    }
  });
  await (handler as (payload: object, context: object) => Promise<unknown>)({ now }, {});
  return said;
}

describe('the gauges', () => {
  it('say nothing stands anywhere of an empty table, and each of them all the same', async () => {
    const said = await gauges(NOW);
    expect(new Set(Object.values(said))).toEqual(new Set([0]));
    const counted = METRICS.OpenReferrals.by.stage.length + METRICS.Overdue.by.urgency.length;
    expect(Object.keys(said)).toHaveLength(2 * counted + 4);
  });

  it('say where referrals stand, who is late, and what was not done', async () => {
    const quiet = { outbox: [] };
    await put({ ...submitted(), ...quiet });
    await put({ ...inReview(), ...quiet });
    await put({ ...inReview(), ...quiet });
    await put({ ...offered(), ...quiet });
    await put({ ...accepted(), ...quiet });
    const danger = inReview();
    await put({ ...danger, ...quiet, request: { ...danger.request, danger: true } });
    const [entry] = inReview().outbox;
    if (!entry) throw new Error('nothing to send');
    // Tried already, and to be tried again in an hour.
    const tried = { ...entry, attempts: 3, since: NOW, notBefore: later(NOW, { days: 4 }) };
    await put({ ...accepted(), outbox: [tried] });
    const now = later(NOW, { days: 3 });
    const said = await gauges(now);
    expect(said).toMatchObject({
      ...{ 'OpenReferrals intake': 1, 'OpenReferrals review': 3, 'OpenReferrals offer': 1 },
      ...{
        'OpenReferrals programme': 2,
        'OpenReferrals closing': 0,
        'OldestDays review': 3,
        'OldestDays hold': 0,
      },
      ...{ 'Overdue danger': 1, OutboxWaiting: 1, OutboxOldestMinutes: 3 * 24 * 60, Parked: 0 },
    });
    // An hour was promised.
    expect(said['LongestOverdueHours danger']).toBeGreaterThan(70);
    expect(said['LongestOverdueHours danger']).toBeLessThanOrEqual(72);
    expect(said['Overdue none']).toBeGreaterThanOrEqual(2);
    expect(said.SweepLagMinutes).toBeGreaterThan(60);

    // Kept, once for each day: what was said last.
    await gauges(later(now, { minutes: 5 }));
    await gauges(later(now, { days: 1 }));
    const kept = await snapshotsIn(TABLE, ['2026-11']);
    expect(kept.map(({ date }) => date)).toEqual(['2026-11-26', '2026-11-27']);
    const [day] = kept;
    expect(day?.open.find(({ stage }) => stage === 'review')).toMatchObject({ count: 3, oldestDays: 3 });
    expect(day?.overdue.find(({ urgency }) => urgency === 'danger')).toEqual({ urgency: 'danger', count: 1 });
  });
});
