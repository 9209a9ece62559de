/** What counting costs a month: metrics, alarms, dashboards, and the reading and writing that only they need. docs/adr/0026 says whether it is worth it. */
import { METRICS } from '../../functions/shared/metric-catalogue.ts';
import { DUE_SHARDS } from '../../functions/shared/shards.ts';
import { STANDINGS } from '../../workflows/figures.ts';
import { URGENCIES } from '../../workflows/worklist.ts';
import { ofAlarm } from '../infra/metrics.ts';
import type { Service } from '../infra/service.ts';
import type { Units } from './cost.ts';
import { measured } from './measured.ts';

/** The gauges are told every five minutes what time it is. */
const RUNS_A_MONTH = (365.25 * 24 * 12) / 12;

/** What is assumed, and was not measured. */
export const ASSUMED_OF_COUNTING = {
  /** Of one run of the gauges, as seconds, with few open. */
  secondsOfARun: 2,
  /** More for each megabyte of keys that is counted. */
  secondsOfAMegabyte: 0.1,
  /** Of a line of the log that is a metric. */
  bytesOfALine: 450,
  /** Of an item in the index by which open referrals are counted: its keys, names and values. */
  bytesOfAKey: 120,
  /** How often a referral comes to stand elsewhere. */
  standings: 6,
  /** What goes through the outbox of a referral beside its emails: starts and answers of its execution. */
  answers: 16,
  /** Measured once of a referral: received, four waits, a reply, twelve registers, the ending. */
  lines: 19,
  teamsOf: { borough: 1, region: 100, England: 1_000 },
} as const;
type Size = keyof typeof ASSUMED_OF_COUNTING.teamsOf;

/** What the template has to watch with. */
export interface Watching {
  readonly alarmMetricMonths: number;
  readonly compositeAlarmMonths: number;
  readonly dashboardMonths: number;
}

/** How many metrics the alarms of a template look at, and how many composite alarms and dashboards it has. */
export function watchingOf(service: Service): Watching {
  return {
    alarmMetricMonths: service
      .all('AWS::CloudWatch::Alarm')
      .reduce((sum, [, { Properties }]) => sum + ofAlarm(Properties).length, 0),
    compositeAlarmMonths: service.all('AWS::CloudWatch::CompositeAlarm').length,
    dashboardMonths: service.all('AWS::CloudWatch::Dashboard').length,
  };
}

/** Every metric with every value of its dimensions: CloudWatch bills those that something was written to, and no more than these. */
export function metricsAtMost(): number {
  return Object.values(METRICS)
    .map(({ by }) => Object.values<readonly string[]>(by).reduce((all, values) => all * values.length, 1))
    .reduce((sum, each) => sum + each, 0);
}

/** What a month of counting uses, with so many referrals a year of which so many are open. */
export function countingOf(
  size: Size,
  { referrals, open }: { referrals: number; open: number },
  watching: Watching,
): Units {
  const { emails } = measured().life;
  const assumed = ASSUMED_OF_COUNTING;
  const megabytes = (open * assumed.bytesOfAKey) / 1_000_000;
  // A query that finds nothing is half a unit; what is counted is read eventually consistently, 8 KB a unit.
  const queries =
    2 * STANDINGS.length + URGENCIES.length * (assumed.teamsOf[size] + 1) + 2 * 2 + DUE_SHARDS + 1;
  const linesOfARun = 2 * STANDINGS.length + 2 * URGENCIES.length + 4;
  const aMonth = referrals / 12;
  const lines = RUNS_A_MONTH * linesOfARun + aMonth * (assumed.lines + emails);
  const seconds = assumed.secondsOfARun + megabytes * assumed.secondsOfAMegabyte;
  return {
    metricMonths: metricsAtMost(),
    ...watching,
    lambdaInvocations: RUNS_A_MONTH,
    traces: RUNS_A_MONTH,
    lambdaGbSeconds: (RUNS_A_MONTH * seconds * measured().memoryMb) / 1024,
    readUnits: RUNS_A_MONTH * (queries / 2 + (megabytes * 1_000_000) / 8192),
    // An entry of an index comes and goes.
    writeUnits: aMonth * 2 * (assumed.standings + emails + assumed.answers),
    logGigabytes: (lines * assumed.bytesOfALine) / 1_000_000_000,
  };
}
