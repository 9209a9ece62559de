/** The model of capacity: its arithmetic by hand, and its document. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRICS } from '../../../functions/shared/metric-catalogue.ts';
import { noUsage } from '../../../local/usage.ts';
import { episodeOf } from '../../../workflows/episode.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { billOfOne, billsOfCounting, capacity } from '../../bench/capacity.ts';
import { totalOf } from '../../bench/cost.ts';
import { countingOf, metricsAtMost, watchingOf } from '../../bench/counting.ts';
import { measured } from '../../bench/measured.ts';
import { ASSUMED, aSecond, openAtOnce, type Quota, quotasOf, SIZES, verdict } from '../../bench/quotas.ts';
import { settingsOf, TEAM, teamsThatFit } from '../../bench/settings.ts';
import { Service } from '../../infra/service.ts';
import { accepted, register } from '../workflows/builders.ts';

const service = new Service();
const watching = watchingOf(service);
const settings = settingsOf(service);
const quotas = quotasOf(settings);

it('has as many open at once as come while one is open', () => {
  expect(openAtOnce(365.25)).toBe(ASSUMED.openDays);
});

it('spreads a year over its working days, and counts the busiest hour', () => {
  expect(aSecond(253 * 3600, 1)).toBeCloseTo(0.2, 10);
});

it('needs never less for more referrals', () => {
  for (const { used } of quotas) {
    const [borough, region, england] = [
      used(SIZES.borough, 'borough'),
      used(SIZES.region, 'region'),
      used(SIZES.England, 'England'),
    ];
    expect(region).toBeGreaterThanOrEqual(borough);
    expect(england).toBeGreaterThanOrEqual(region);
  }
});

it('says what is over, and over half where a rebuild has to have room', () => {
  const using = (use: number, halfAtMost?: true): Quota => ({
    ...{ what: 'something', quota: 100, source: '', raise: '', used: () => use },
    ...(halfAtMost ? { halfAtMost } : {}),
  });
  const verdicts = [50, 51, 100, 101].map((use) => [
    verdict(using(use), 'region'),
    verdict(using(use, true), 'region'),
  ]);
  expect(verdicts).toEqual([
    [undefined, undefined],
    [undefined, 'over half'],
    [undefined, 'over half'],
    ['over', 'over'],
  ]);
});

it('has room for as many teams as a deployment takes: one more is refused', () => {
  const most = teamsThatFit(settings);
  // As long as the one that is counted with; one of them looks after all the rest.
  const longer = 'x'.repeat(TEAM.name.length + '"NW1","NW3","NW5"'.length);
  const teams = Array.from({ length: most + 1 }, (_, index) => ({
    id: `camden-${index + 10_000}`,
    ...(index === 0
      ? { name: longer, postcodeDistricts: [] }
      : { name: TEAM.name, postcodeDistricts: ['A', 'B', 'C'].map((area) => `${area}${index + 10}`) }),
  }));
  expect(() => new Service({ teams })).toThrow(/^The settings of [\w-]+ have \d+ bytes/);
  expect(new Service({ teams: teams.slice(0, most) }).all('AWS::Lambda::Function').length).toBeGreaterThan(0);
});

it('takes the record of a referral for about as long as it is', () => {
  const joined = { ...accepted(), ethnicGroup: 'mixed' } as const;
  let referral: Referral = joined;
  for (let session = 0; session < 12; session++) referral = register(referral, '5');
  const item = { pk: 'EPISODES#2026-11', sk: 'x'.repeat(22), ...episodeOf(referral) };
  const bytes = JSON.stringify(item).length;
  expect(bytes / ASSUMED.bytesOfAnEpisode).toBeGreaterThan(0.8);
  expect(bytes / ASSUMED.bytesOfAnEpisode).toBeLessThan(1.25);
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
  expect(watching).toMatchObject({ compositeAlarmMonths: 5, dashboardMonths: 2 });
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
  await expect(capacity(watching, settings)).toMatchFileSnapshot('../../../docs/capacity.md');
});
