/** The model of capacity: its arithmetic by hand, and its document. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRICS } from '../../../functions/shared/metric-catalogue.ts';
import { noUsage } from '../../../local/usage.ts';
import {
  ASSUMED,
  aSecond,
  billOfOne,
  billsOfCounting,
  capacity,
  openAtOnce,
  QUOTAS,
  SIZES,
} from '../../bench/capacity.ts';
import { totalOf } from '../../bench/cost.ts';
import { countingOf, metricsAtMost, watchingOf } from '../../bench/counting.ts';
import { measured } from '../../bench/measured.ts';
import { Service } from '../../infra/service.ts';

const watching = watchingOf(new Service());

it('has as many open at once as come while one is open', () => {
  expect(openAtOnce(365.25)).toBe(ASSUMED.openDays);
});

it('spreads a year over its working days, and counts the busiest hour', () => {
  expect(aSecond(253 * 3600, 1)).toBeCloseTo(0.2, 10);
});

it('needs never less for more referrals', () => {
  for (const { used } of QUOTAS) {
    expect(used(SIZES.region)).toBeGreaterThanOrEqual(used(SIZES.borough));
    expect(used(SIZES.England)).toBeGreaterThanOrEqual(used(SIZES.region));
  }
});

it('is made of what the bench counted of a whole life, and says when and by which command', () => {
  const { command, on, memoryMb, life, sweep } = measured();
  expect(command).toMatch(/^npm run bench -- --lives \d+ --record$/);
  expect(on).toMatch(/^20\d\d-\d\d-\d\d$/);
  expect(memoryMb).toBeGreaterThanOrEqual(128);
  for (const usage of [life, sweep]) expect(Object.keys(usage)).toEqual(Object.keys(noUsage()));
  const { schedulerInvocations, ...used } = life;
  expect(schedulerInvocations).toBe(0);
  // Twelve sessions, each with an email at least and a wait that was answered.
  for (const count of Object.values(used)) expect(count).toBeGreaterThanOrEqual(12);
  expect(sweep.schedulerInvocations).toBe(1);
});

it('has a price of one referral, to which an email more adds its own', () => {
  const emails = billOfOne().find(({ price }) => price.unit === 'emails');
  expect(emails?.usd).toBeCloseTo(measured().life.emails * 0.0001, 10);
  expect(totalOf(billOfOne())).toBeGreaterThan(emails?.usd ?? 0);
});

it('knows what there is to watch with', () => {
  // Two metrics of the catalogue without a dimension, say, are two; one with three values is three.
  expect(metricsAtMost()).toBeGreaterThan(Object.keys(METRICS).length);
  expect(watching).toMatchObject({ compositeAlarmMonths: 4, dashboardMonths: 2 });
  expect(watching.alarmMetricMonths).toBeGreaterThanOrEqual(17);
  const none = countingOf('borough', { referrals: 0, open: 0 }, watching);
  expect(none).toMatchObject({ writeUnits: 0, ...watching });
});

it('is about what the decision about counting says it costs', () => {
  const text = readFileSync('docs/adr/0026-what-counting-costs.md', 'utf8');
  const said = [...text.matchAll(/\*\*(\d+) dollars a month\*\*/g)].map(([, dollars]) => Number(dollars));
  const computed = Object.values(billsOfCounting(watching)).map(totalOf);
  expect(said).toHaveLength(computed.length);
  for (const [index, dollars] of computed.entries()) {
    expect(Math.abs((said[index] ?? 0) / dollars - 1)).toBeLessThan(0.1);
  }
});

it('is what the document says', async () => {
  await expect(capacity(watching)).toMatchFileSnapshot('../../../docs/capacity.md');
});
