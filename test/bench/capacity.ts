/**
 * How much of each AWS quota a borough, a region and England would use, and what a referral costs: docs/capacity.md. What one referral causes was counted by the
 * bench (measured.ts); the rest is assumed, and each quota says where it is from.
 */
import { readFileSync } from 'node:fs';
import { DUE_SHARDS } from '../../functions/shared/shards.ts';
import { PER_SECOND } from '../../infra/operate.ts';
import { billable, billOf, type Line, totalOf } from './cost.ts';
import { ASSUMED_OF_COUNTING, countingOf, metricsAtMost, type Watching } from './counting.ts';
import { measured } from './measured.ts';

/** Referrals a year. England: 1.3 million. The others are assumed. */
export const SIZES = { borough: 5_000, region: 150_000, England: 1_300_000 } as const;

/** What was counted of one referral that comes to its end after twelve sessions, in a group of its own: the dearest case. */
const LIFE = measured().life;

/** What is assumed beside that. */
export const ASSUMED = {
  /** Days from the form to the end: waiting, then twelve weeks. */
  openDays: 150,
  /** Writes to the due index: each time that another time is due. */
  dueWrites: 60,
  /** Of the whole day's work, what falls into its busiest hour. Nearly all comes on working days. */
  busiestHour: 0.2,
  workingDays: 253,
  /** Of one team, in the busiest hour, beside all others: England in 1,000 teams. */
  referralsOfATeam: 1_300,
} as const;

interface Quota {
  readonly what: string;
  readonly quota: number;
  readonly source: string;
  readonly raise: string;
  /** How much is used with so many referrals a year. */
  readonly used: (referrals: number) => number;
}

/** So many a second in the busiest hour, of something that each referral causes so often. */
export function aSecond(referrals: number, each: number): number {
  return ((referrals * each) / ASSUMED.workingDays) * (ASSUMED.busiestHour / 3600);
}

/** How many are open at once, by Little's law. */
export function openAtOnce(referrals: number): number {
  return (referrals * ASSUMED.openDays) / 365.25;
}

/** Our own limit before API Gateway's. */
const { throttling } = JSON.parse(readFileSync('cdk.json', 'utf8')).context.service;
const PARTITION = 'DynamoDB, “Best practices for designing and using partition keys effectively”';
const STEPS = 'Step Functions, “Step Functions service quotas”';

export const QUOTAS: readonly Quota[] = [
  {
    what: 'open executions',
    quota: 1_000_000,
    source: STEPS,
    raise: 'on request, to millions',
    used: openAtOnce,
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
    source: 'SES, “Service quotas in Amazon SES”',
    raise: 'leave the sandbox, then ask for the daily quota and the rate of the busiest hour',
    used: (n) => (n * LIFE.emails) / ASSUMED.workingDays,
  },
  {
    what: 'invocations a second by EventBridge Scheduler',
    quota: 1_000,
    source: 'EventBridge Scheduler, “Quotas for Amazon EventBridge Scheduler”',
    raise: 'need not be: the sweep’s schedule is one, every five minutes, whatever the size',
    used: () => 1 / 300,
  },
];

/** What one finished referral costs: what was counted of it, at the price list. */
export function billOfOne(): Line[] {
  const { life, memoryMb } = measured();
  // Sweeps run whether anybody is referred or not.
  const { schedulerInvocations: _none, ...units } = billable(life, memoryMb);
  return billOf(units);
}

/** What counting costs a month, for each size. */
export function billsOfCounting(watching: Watching): Record<keyof typeof SIZES, Line[]> {
  const names = Object.keys(SIZES) as (keyof typeof SIZES)[];
  return Object.fromEntries(
    names.map((name) => {
      const referrals = SIZES[name];
      return [name, billOf(countingOf(name, { referrals, open: openAtOnce(referrals) }, watching))];
    }),
  ) as Record<keyof typeof SIZES, Line[]>;
}

/** Three significant figures. */
function shown(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}

function dollars(usd: number): string {
  return usd.toFixed(2);
}

/** The document. */
export function capacity(watching: Watching): string {
  const names = Object.keys(SIZES) as (keyof typeof SIZES)[];
  const rows = QUOTAS.map(({ what, quota, used, source, raise }) => {
    const uses = names.map((name) => {
      const use = used(SIZES[name]);
      return `${shown(use)}${use > quota ? ' **over**' : ''}`;
    });
    return `| ${[what, ...uses, `${shown(quota)}`, raise, source].join(' | ')} |`;
  });
  const listed = (values: object) =>
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'number' ? [`\`${name}\` ${shown(value)}`] : [],
    );
  const { command, on, memoryMb, life } = measured();
  const bill = billOfOne();
  const counting = billsOfCounting(watching);
  const countingRows = counting.borough.map(({ price }, index) =>
    [`${price.service}: ${price.of}`, ...names.map((name) => dollars(counting[name][index]?.usd ?? 0))].join(
      ' | ',
    ),
  );
  const totals = names.map((name) => totalOf(counting[name]));
  const aReferral = names.map((name, index) => ((totals[index] ?? 0) * 12) / SIZES[name]);
  const over = QUOTAS.filter(({ quota, used }) => used(SIZES.England) > quota).map(({ what }) => what);
  return `<!-- Generated by test/bench/capacity.ts: npx vitest run test/unit/docs -u -->
# Capacity, on paper

Nothing here was measured on AWS. **Counted**: what one referral causes, by \`${command}\` on ${on}, on the
embedded cloud. **Assumed**: the sizes of a borough and a region, and what is listed at the end. **Published**: quotas, as the pages of AWS's
documentation that are named have them for London; an account has its own in Service Quotas. **Computed**: all the rest, for the busiest hour of a working day.

Referrals a year: ${names.map((name) => `${name} ${SIZES[name].toLocaleString('en-GB')}`).join(', ')}.

| what | ${names.join(' | ')} | quota | to raise it | source |
|---|${'--:|'.repeat(names.length + 1)}---|---|
${rows.join('\n')}

Over for England: ${over.join(', ') || 'none'}. A second account begins where open executions pass half of what AWS grants, so that a rebuild of
all has room, or where one team of people is to be responsible for fewer; a service for each region comes before either.

Not modelled: the ledger of a programme's places (one item), the growth of an item towards 400 KB (lists in workflows/referral.ts are bounded),
and many people at once after news coverage.

## Price of one finished referral

$${totalOf(bill).toFixed(4)}, at the prices of test/bench/prices.ts, without logs, storage, backups, the firewall and the month's fixed
costs: ${bill.map(({ price, usd }) => `${price.of} $${usd.toFixed(4)}`).join('; ')}. Functions are taken to run as long as on the machine of the bench, each with ${memoryMb} MB: that is the
least certain, and next to nothing.

Counted of each referral: ${listed(life).join('; ')}.

## What counting costs a month

Metrics (${metricsAtMost()} at most, with every value of their dimensions), alarms, dashboards, the function that counts every five minutes, and the two indexes that it reads, in dollars ([why it is
worth it](adr/0026-what-counting-costs.md)). Nothing is taken off for the first 10 metrics, 10 alarms, 3 dashboards and 5 GB, which are free.

| what | ${names.join(' | ')} |
|---|${'--:|'.repeat(names.length)}
${countingRows.map((row) => `| ${row} |`).join('\n')}
| **together** | ${totals.map((total) => `**${dollars(total)}**`).join(' | ')} |
| of each referral | ${aReferral.map((usd) => `${usd.toFixed(4)}`).join(' | ')} |

## Assumed

Of each referral: ${listed(ASSUMED).join('; ')}.

Of counting: ${listed(ASSUMED_OF_COUNTING).join('; ')}; teams ${listed(ASSUMED_OF_COUNTING.teamsOf).join(', ')}.
`;
}
