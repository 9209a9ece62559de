/** How much of each AWS quota, and of each limit of our own, a borough, a region and England would use. Each says where it is from, and what to do. */
import { readFileSync } from 'node:fs';
import { MOST_PAGES } from '../../functions/shared/episodes.ts';
import { DUE_SHARDS } from '../../functions/shared/shards.ts';
import { FUNCTION_PLANS, MOST_BYTES } from '../../infra/functions.ts';
import { PER_SECOND } from '../../infra/operate.ts';
import { ASSUMED_OF_COUNTING } from './counting.ts';
import { measured } from './measured.ts';
import { bytesOfTeams, type Settings, teamsThatFit } from './settings.ts';

/** Referrals a year. England: 1.3 million. The others are assumed. */
export const SIZES = { borough: 5_000, region: 150_000, England: 1_300_000 } as const;
export type Size = keyof typeof SIZES;

/** What was counted of one referral that comes to its end after twelve sessions, in a group of its own: the dearest case. */
const LIFE = measured().life;

/** What is assumed beside that. */
export const ASSUMED = {
  /** Days from the form to the end: waiting, then twelve weeks. */
  openDays: 150,
  /** Writes to the due index: each time that another time is due. */
  dueWrites: 60,
  /** Writes of the record for figures over time: at each step that waits but for sessions, and at the end. */
  episodeWrites: 5,
  /** Of that record, as it is stored. */
  bytesOfAnEpisode: 350,
  /** Of the whole day's work, what falls into its busiest hour. Nearly all comes on working days. */
  busiestHour: 0.2,
  workingDays: 253,
  /** Of one team, in the busiest hour, beside all others: England in 1,000 teams. */
  referralsOfATeam: 1_300,
} as const;

export interface Quota {
  readonly what: string;
  readonly quota: number;
  readonly source: string;
  readonly raise: string;
  /** How much is used with so many referrals a year, in a service of that size. */
  readonly used: (referrals: number, size: Size) => number;
  /** It has to stay below half, so that a rebuild of all has room: a second account begins where it does not. */
  readonly halfAtMost?: true;
}

/** What a use of a quota is, where it is too much. */
export function verdict({ quota, used, halfAtMost }: Quota, size: Size): 'over' | 'over half' | undefined {
  const use = used(SIZES[size], size);
  if (use > quota) return 'over';
  return halfAtMost && use > quota / 2 ? 'over half' : undefined;
}

/** So many a second in the busiest hour, of something that each referral causes so often. */
export function aSecond(referrals: number, each: number): number {
  return ((referrals * each) / ASSUMED.workingDays) * (ASSUMED.busiestHour / 3600);
}

/** How many are open at once, by Little's law. */
export function openAtOnce(referrals: number): number {
  return (referrals * ASSUMED.openDays) / 365.25;
}

/** What DynamoDB reads for one unit, eventually consistently, and what a query answers at most. */
const BYTES_OF_A_UNIT = 8_192;
const MEGABYTE = 1_048_576;
/** Read units a second of one partition. */
const READS_OF_A_PARTITION = 3_000;

/** Bytes that figures over time have of the referrals of a month. */
function bytesOfAMonth(referrals: number): number {
  return (referrals / 12) * ASSUMED.bytesOfAnEpisode;
}

/** So many referrals a year, if as many come each month, /insights can show. */
export function mostInsightsAYear(): number {
  return (12 * MOST_PAGES * MEGABYTE) / ASSUMED.bytesOfAnEpisode;
}

/** Our own limit before API Gateway's. */
const { throttling } = JSON.parse(readFileSync('cdk.json', 'utf8')).context.service;
const PARTITION = 'DynamoDB, “Best practices for designing and using partition keys effectively”';
const STEPS = 'Step Functions, “Step Functions service quotas”';
const SES = 'SES, “Service quotas in Amazon SES”';
const USUAL = `${SES}, which say that it varies with the use; this is what others were granted first. Yours: \`aws sesv2 get-account\``;

/** All of them, for what functions are told in the template. */
export function quotasOf(settings: Settings): readonly Quota[] {
  return [
    {
      what: 'open executions',
      quota: 1_000_000,
      source: STEPS,
      raise: 'on request, to millions',
      used: openAtOnce,
      halfAtMost: true,
    },
    {
      what: 'StartExecution a second',
      quota: 150,
      source: STEPS,
      raise: 'on request; a rebuild of all keeps to a rate of its own',
      used: (n) => aSecond(n, 1),
    },
    {
      what: 'StopExecution a second, while all are rebuilt',
      quota: 25,
      source: STEPS,
      raise: 'on request; then npm run rebuild -- --per-second',
      used: () => PER_SECOND.all,
    },
    {
      what: 'state transitions a second',
      quota: 800,
      source: STEPS,
      raise: 'on request; new accounts begin with less',
      used: (n) => aSecond(n, LIFE.stateTransitions),
    },
    {
      what: 'writes a second to one shard of the due index',
      quota: 1_000,
      source: PARTITION,
      raise: 'cannot be: more shards (functions/shared/shards.ts)',
      used: (n) => aSecond(n, ASSUMED.dueWrites) / DUE_SHARDS,
    },
    {
      what: 'writes a second to the worklist of one team',
      quota: 1_000,
      source: PARTITION,
      raise: 'cannot be: smaller teams',
      used: (n) => aSecond(Math.min(n, ASSUMED.referralsOfATeam), ASSUMED.dueWrites),
    },
    {
      what: 'writes a second to one partition of the standing index, were all in the same',
      quota: 1_000,
      source: PARTITION,
      raise: 'cannot be: shards, as the due index has',
      // An entry comes and goes.
      used: (n) => aSecond(n, 2 * ASSUMED_OF_COUNTING.standings),
    },
    {
      what: 'seconds of reading that partition to its end, at 3,000 units a second',
      quota: FUNCTION_PLANS.gauges.timeoutSeconds,
      source: `${PARTITION}; infra/functions.ts, \`gauges\``,
      raise: 'cannot be: shards, as the due index has',
      used: (n) => (openAtOnce(n) * ASSUMED_OF_COUNTING.bytesOfAKey) / BYTES_OF_A_UNIT / READS_OF_A_PARTITION,
    },
    {
      what: 'writes a second to the EPISODES# partition of one month, were all in the same',
      quota: 1_000,
      source: PARTITION,
      raise: 'cannot be: a partition for each team',
      used: (n) => aSecond(n, ASSUMED.episodeWrites),
    },
    {
      what: 'read units a second of that partition, /insights opened once a second',
      quota: READS_OF_A_PARTITION,
      source: PARTITION,
      raise: 'cannot be: figures made once a day',
      used: (n) => Math.min(bytesOfAMonth(n), MOST_PAGES * MEGABYTE) / BYTES_OF_A_UNIT,
    },
    {
      what: 'MB of figures of one month, for /insights',
      quota: MOST_PAGES,
      source: 'functions/shared/episodes.ts; the page says that there are too many, and shows nothing',
      raise: 'a service for each region, or figures made once a day',
      used: (n) => bytesOfAMonth(n) / MEGABYTE,
    },
    {
      what: 'bytes of settings of one function',
      quota: MOST_BYTES,
      source: 'Lambda, “Lambda quotas”',
      raise: `cannot be: a service for every ${teamsThatFit(settings)} teams`,
      used: (_, size) => settings.bytes + bytesOfTeams(ASSUMED_OF_COUNTING.teamsOf[size]),
    },
    {
      what: 'Lambda, running at once',
      quota: 1_000,
      source: 'Lambda, “Lambda quotas”',
      raise: 'on request, to tens of thousands; new accounts begin with less',
      used: (n) => aSecond(n, LIFE.lambdaMs / 1000),
    },
    {
      what: 'requests a second to API Gateway',
      quota: 10_000,
      source: 'API Gateway, “Amazon API Gateway quotas”; some Regions have 2,500, London is none of them',
      raise: 'on request',
      used: (n) => aSecond(n, LIFE.apiRequests),
    },
    {
      what: 'requests a second, by our own limit',
      quota: throttling.requestsPerSecond,
      source: 'cdk.json, `throttling`',
      raise: 'set it to several times the busiest hour: people come in bursts',
      used: (n) => aSecond(n, LIFE.apiRequests),
    },
    {
      what: 'emails a day, in the sandbox',
      quota: 200,
      source: SES,
      raise: 'leave the sandbox, then ask for the daily quota and the rate of the busiest hour',
      used: (n) => (n * LIFE.emails) / ASSUMED.workingDays,
    },
    {
      what: 'emails a day, at what is granted first',
      quota: 50_000,
      source: USUAL,
      raise: 'on request',
      used: (n) => (n * LIFE.emails) / ASSUMED.workingDays,
    },
    {
      what: 'emails a second, in the sandbox',
      quota: 1,
      source: SES,
      raise: 'leave the sandbox',
      used: (n) => aSecond(n, LIFE.emails),
    },
    {
      what: 'emails a second, at what is granted first',
      quota: 14,
      source: USUAL,
      raise: 'on request; what is refused meanwhile waits in the outbox, and is tried again',
      used: (n) => aSecond(n, LIFE.emails),
    },
    {
      what: 'invocations a second by EventBridge Scheduler',
      quota: 1_000,
      source: 'EventBridge Scheduler, “Quotas for Amazon EventBridge Scheduler”',
      raise: 'need not be: the sweep’s schedule is one, every five minutes, whatever the size',
      used: () => 1 / 300,
    },
  ];
}
