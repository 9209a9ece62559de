/**
 * How much of each AWS quota a borough, a region and England would use: docs/capacity.md. Nothing here is measured: what one referral causes is
 * assumed, and each quota says where it is from.
 */
import { readFileSync } from 'node:fs';
import { DUE_SHARDS } from '../../functions/shared/shards.ts';
import { billOf, totalOf, type Units } from './cost.ts';

/** Referrals a year. England: 1.3 million. The others are assumed. */
export const SIZES = { borough: 5_000, region: 150_000, England: 1_300_000 } as const;

/** What is assumed of one referral that comes to its end after twelve sessions, in a group of its own: the dearest case. */
export const ASSUMED = {
  /** Days from the form to the end: waiting, then twelve weeks. */
  openDays: 150,
  stateTransitions: 60,
  emails: 40,
  apiRequests: 120,
  lambdaInvocations: 300,
  /** Each invocation, as seconds. */
  lambdaSeconds: 0.2,
  lambdaMb: 512,
  readUnits: 1_500,
  writeUnits: 2_500,
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
  /** The figure was seen at its source. Others are to be compared with Service Quotas before anybody relies on them. */
  readonly seen: boolean;
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
    seen: true,
    raise: 'on request, to millions',
    used: openAtOnce,
  },
  {
    what: 'StartExecution a second',
    quota: 150,
    source: STEPS,
    seen: false,
    raise: 'on request; a rebuild of all keeps to a rate of its own',
    used: (n) => aSecond(n, 1),
  },
  {
    what: 'state transitions a second',
    quota: 800,
    source: STEPS,
    seen: false,
    raise: 'on request; new accounts begin with less',
    used: (n) => aSecond(n, ASSUMED.stateTransitions),
  },
  {
    what: 'writes a second to one shard of the due index',
    quota: 1_000,
    source: PARTITION,
    seen: true,
    raise: 'cannot be: more shards (functions/shared/shards.ts)',
    used: (n) => aSecond(n, ASSUMED.dueWrites) / DUE_SHARDS,
  },
  {
    what: 'writes a second to the worklist of one team',
    quota: 1_000,
    source: PARTITION,
    seen: true,
    raise: 'cannot be: smaller teams',
    used: (n) => aSecond(Math.min(n, ASSUMED.referralsOfATeam), ASSUMED.dueWrites),
  },
  {
    what: 'Lambda, running at once',
    quota: 1_000,
    source: 'Lambda, “Lambda quotas”',
    seen: true,
    raise: 'on request, to tens of thousands; new accounts begin with less',
    used: (n) => aSecond(n, ASSUMED.lambdaInvocations) * ASSUMED.lambdaSeconds,
  },
  {
    what: 'requests a second to API Gateway',
    quota: 10_000,
    source: 'API Gateway, “Amazon API Gateway quotas”',
    seen: false,
    raise: 'on request',
    used: (n) => aSecond(n, ASSUMED.apiRequests),
  },
  {
    what: 'requests a second, by our own limit',
    quota: throttling.requestsPerSecond,
    source: 'cdk.json, `throttling`',
    seen: true,
    raise: 'set it to several times the busiest hour: people come in bursts',
    used: (n) => aSecond(n, ASSUMED.apiRequests),
  },
  {
    what: 'emails a day, in the sandbox',
    quota: 200,
    source: 'SES, “Service quotas in Amazon SES”',
    seen: false,
    raise: 'leave the sandbox, then ask for the daily quota and the rate of the busiest hour',
    used: (n) => (n * ASSUMED.emails) / ASSUMED.workingDays,
  },
  {
    what: 'invocations a second by EventBridge Scheduler',
    quota: 1_000,
    source: 'EventBridge Scheduler, “Quotas for Amazon EventBridge Scheduler”',
    seen: true,
    raise: 'need not be: the sweep’s schedule is one, every five minutes, whatever the size',
    used: () => 1 / 300,
  },
];

/** What one referral uses that is paid for. */
function unitsOfOne(): Units {
  const { stateTransitions, emails, apiRequests, lambdaInvocations, readUnits, writeUnits } = ASSUMED;
  const lambdaGbSeconds = (lambdaInvocations * ASSUMED.lambdaSeconds * ASSUMED.lambdaMb) / 1024;
  return {
    stateTransitions,
    emails,
    apiRequests,
    lambdaInvocations,
    lambdaGbSeconds,
    readUnits,
    writeUnits,
  };
}

/** Three significant figures. */
function shown(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}

/** The document. */
export function capacity(): string {
  const names = Object.keys(SIZES) as (keyof typeof SIZES)[];
  const rows = QUOTAS.map(({ what, quota, used, seen, source, raise }) => {
    const uses = names.map((name) => {
      const use = used(SIZES[name]);
      return `${shown(use)}${use > quota ? ' **over**' : ''}`;
    });
    return `| ${[what, ...uses, `${shown(quota)}${seen ? '' : ' (check)'}`, raise, source].join(' | ')} |`;
  });
  const assumptions = Object.entries(ASSUMED).map(([name, value]) => `\`${name}\` ${shown(value)}`);
  const bill = billOf(unitsOfOne());
  const over = QUOTAS.filter(({ quota, used }) => used(SIZES.England) > quota).map(({ what }) => what);
  return `<!-- Generated by test/bench/capacity.ts: npx vitest run test/unit/docs -u -->
# Capacity, on paper

Nothing here was measured on AWS. **Assumed**: what one referral causes, and the sizes of a borough and a region; run \`npm run bench\` and put
in what it counts. **Published**: quotas, of which those marked (check) were not seen at their source when this was written: compare them with
Service Quotas in your Region. **Computed**: all the rest, for the busiest hour of a working day.

Referrals a year: ${names.map((name) => `${name} ${SIZES[name].toLocaleString('en-GB')}`).join(', ')}.

| what | ${names.join(' | ')} | quota | to raise it | source |
|---|${'--:|'.repeat(names.length + 1)}---|---|
${rows.join('\n')}

Over for England: ${over.join(', ') || 'none'}. A second account begins where open executions pass half of what AWS grants, so that a rebuild of
all has room, or where one team of people is to be responsible for fewer; a service for each region comes before either.

Not modelled: the ledger of a programme's places (one item), the growth of an item towards 400 KB (lists in workflows/referral.ts are bounded),
and many people at once after news coverage.

## Price of one finished referral

$${totalOf(bill).toFixed(3)} as assumed, at the prices of test/bench/prices.ts, without logs, storage, backups, the firewall and the month's fixed
costs: ${bill.map(({ price, usd }) => `${price.of} $${usd.toFixed(4)}`).join('; ')}.

## Assumed of each referral

${assumptions.join('; ')}.
`;
}
