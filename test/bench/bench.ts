/**
 * Measures and prints.
 *
 *   npm run bench [-- --lives N]                        whole lives, pages, cost and imports. Nothing is judged but that every life came to its
 *                                                       end; times are for people to read. --record keeps what one life uses in
 *                                                       test/bench/measured.json, of which docs/capacity.md is made
 *   npm run bench -- --worklist [--referrals 100000]    the worklist with so many open referrals beside the same with 100. Fails when p95 is
 *                                                       more than 1.5 times as long
 *   npm run bench -- --sweep [--due 10000] [--referrals 100000]   requests of the reminder sweep with the same due among more and more, and how many
 *                                                       drain in a second. Fails when the requests are not the same
 *
 * Everything happens on loopback, in a temporary folder, on a service that this starts and stops.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Usage } from '../../local/usage.ts';
import { linkIn } from '../journeys/people.ts';
import { MeteredCloud } from './control.ts';
import {
  between,
  billable,
  billOf,
  type Line,
  ofOneSweep,
  sweepsOfAMonth,
  totalOf,
  withoutSweeps,
} from './cost.ts';
import { bundleDocumentClient, type ImportTime, timeImports } from './imports.ts';
import { type Batch, leftInTable, liveTogether } from './lives.ts';
import { MEASURED_FILE, type Measured } from './measured.ts';
import { type Times, timeLetters, timePages } from './pages.ts';
import { EMAIL_ON_ESSENTIALS } from './prices.ts';
import { dollars, heading, note, number, seconds, table } from './report.ts';
import { startService } from './service.ts';
import { percentile } from './statistics.ts';
import { measureSweep } from './sweep.ts';
import { compareWorklists, FEW } from './worklist.ts';

const SAMPLES_A_PAGE = 50;
const IMPORTS_EACH = 5;
/** Clock time over which nothing happens but sweeps. */
const IDLE = { hours: 7 * 24 };

const { lives, record, referrals, due } = wanted();
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(status));
}

const began = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'osp-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
try {
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'of an unknown kind'})`;
  note(`Node ${process.version} on ${machine}; load before this: ${number(loadavg()[0] ?? 0, 1)}`);
  if (due !== undefined) {
    if (!(await measureSweep(due, referrals ?? 0))) process.exitCode = 1;
  } else if (referrals === undefined) await measureAll();
  else if (!(await compareWorklists(folder, referrals))) process.exitCode = 1;
  note(`\nThe whole bench took ${seconds(performance.now() - began)}.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** How many lives; or how many open referrals, where it is about the worklist alone; and how many are due, where about the sweep. */
function wanted(): { lives: number; record: boolean; referrals?: number; due?: number } {
  try {
    const { values } = parseArgs({
      options: {
        lives: { type: 'string', default: '24' },
        record: { type: 'boolean', default: false },
        worklist: { type: 'boolean', default: false },
        sweep: { type: 'boolean', default: false },
        due: { type: 'string', default: '10000' },
        referrals: { type: 'string', default: '100000' },
      },
    });
    const lives = whole('--lives', values.lives);
    const { record } = values;
    if (!values.worklist && !values.sweep) return { lives, record };
    const referrals = whole('--referrals', values.referrals);
    if (values.sweep) return { lives, record: false, referrals, due: whole('--due', values.due) };
    if (referrals > FEW) return { lives, record: false, referrals };
    throw new Error(`--referrals must be more than ${FEW}, with which it is compared`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

function whole(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`${name} must be a whole number above 0, not ${text}`);
}

async function measureAll(): Promise<void> {
  const built = await build();
  const service = await startService(join(folder, 'data'));
  try {
    printStart(built, service.startMs);
    await measureLives(new MeteredCloud(service.url), built);
  } finally {
    await service.stop();
  }
  await measureImports(built.bundles);
}

interface Built {
  readonly bundles: ReadonlyMap<string, string>;
  readonly bundleMs: number;
  readonly synthMs: number;
  /** The largest memory that the template gives a function. */
  readonly mostMemoryMb: number;
}

/** Bundles and synthesizes into the temporary folder, loading the tools included, as `npm run synth` does. */
async function build(): Promise<Built> {
  const outdir = join(folder, 'functions');
  const start = performance.now();
  const { bundleFunctions } = await import('../../infra/bundle.ts');
  const { sizes } = await bundleFunctions({ outdir });
  const bundled = performance.now();
  const { synthesize } = await import('../../infra/app.ts');
  const assembly = synthesize({ outdir: join(folder, 'assembly'), bundles: outdir });
  const synthMs = performance.now() - bundled;
  const resources: Record<string, { Type: string; Properties?: { MemorySize?: number } }> =
    assembly.stacks[0]?.template.Resources ?? {};
  const functions = Object.values(resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  return {
    bundles: new Map(sizes.map(({ name }) => [name, join(outdir, name, 'index.mjs')])),
    bundleMs: bundled - start,
    synthMs,
    mostMemoryMb: Math.max(...functions.map(({ Properties }) => Properties?.MemorySize ?? 128)),
  };
}

function printStart({ bundles, bundleMs, synthMs }: Built, startMs: number): void {
  heading('Build and start');
  table(
    ['what', { right: 'time' }],
    [
      [`bundle ${bundles.size} functions`, seconds(bundleMs)],
      ['synthesize the template', seconds(synthMs)],
      ['npm start, until it names its address', seconds(startMs)],
    ],
  );
}

async function measureLives(cloud: MeteredCloud, { mostMemoryMb }: Built): Promise<void> {
  // In this order: the first life is counted on an empty service, and warms it for the others.
  const atRest = await cloud.usage();
  await cloud.advance(IDLE);
  const sweep = ofOneSweep(between(atRest, await cloud.usage()));
  const before = await cloud.usage();
  const first = await liveTogether(cloud, { count: 1, batch: 'first', people: 'prompt' });
  const used = between(before, await cloud.usage());
  const batch = await liveTogether(cloud, { count: lives, batch: 'batch', people: 'late' });
  await printLives(cloud, batch, first);
  // The newest letters, before their links expire.
  const letters = (await cloud.inbox()).flatMap((mail) => linkIn(mail, 'letters') ?? []);
  const readings = await timeLetters(letters.slice(-lives), SAMPLES_A_PAGE);
  printPages([await timePages(cloud, SAMPLES_A_PAGE), readings]);
  const life = withoutSweeps(used, sweep, between(first.clockUsage, used));
  printCost(life, sweep, mostMemoryMb);
  if (!record) return;
  const measured: Measured = {
    command: `npm run bench -- --lives ${lives} --record`,
    on: new Date().toISOString().slice(0, 10),
    memoryMb: mostMemoryMb,
    ...{ life: rounded(life), sweep: rounded(sweep) },
  };
  writeFileSync(MEASURED_FILE, `${JSON.stringify(measured, undefined, 2)}\n`);
  note(`Kept in ${MEASURED_FILE}. Now npx vitest run test/unit/docs -u`);
}

/** Of what is counted, what is not whole was divided: a hundredth is near enough. */
function rounded(usage: Usage): Usage {
  const entries = Object.entries(usage).map(([name, value]) => [name, Math.round(value * 100) / 100]);
  return Object.fromEntries(entries) as Usage;
}

async function printLives(cloud: MeteredCloud, batch: Batch, first: Batch): Promise<void> {
  heading('Whole lives on the embedded cloud');
  const { ms, clockMs, weeks } = batch;
  table(
    ['what', { right: 'measured' }],
    [
      ['lives taken together', number(batch.lives)],
      ['lives that came to their end', number(batch.finished.length)],
      ['time', seconds(ms)],
      [`of it, ${number(weeks)} weeks of the clock and their sweeps`, seconds(clockMs)],
      ['whole lives per second', number(batch.finished.length / (ms / 1000), 2)],
      ['the first life, alone on a cold service, half a day at a time', seconds(first.ms)],
    ],
  );
  const left = await leftInTable(cloud, [...first.finished, ...batch.finished]);
  const failures = [...first.unfinished, ...batch.unfinished, ...left];
  if (failures.length > 0) throw new Error(`Lives that did not finish:\n${failures.join('\n')}`);
}

function printPages(measured: readonly Times[]): void {
  heading('Pages, one request at a time on a warm service');
  const rows = measured.flatMap((times) =>
    [...times].map(([name, each]) => [
      name,
      number(each.length),
      number(percentile(each, 0.5), 1),
      number(percentile(each, 0.95), 1),
    ]),
  );
  table(['page', { right: 'requests' }, { right: 'p50 ms' }, { right: 'p95 ms' }], rows);
}

function printCost(life: Usage, sweep: Usage, memoryMb: number): void {
  heading('Billable units of one whole life, everybody acting in time, at London list prices');
  printBill(billOf(billable({ ...life, schedulerInvocations: 0 }, memoryMb)));
  const essentials = billOf({ emails: life.emails }, [EMAIL_ON_ESSENTIALS]);
  note(
    `GB-seconds: ${number(life.lambdaInvocations)} runs of ${number(life.lambdaMs / life.lambdaInvocations, 1)} ms, wall-clock on this machine, each at ${memoryMb} MB, the most that any has.`,
  );
  note("These are not Lambda's milliseconds. Lambda bills the loading of a cold start as well.");
  note(
    `Emails on SES's Essentials plan, where new accounts start: ${dollars(totalOf(essentials))} (not confirmed for London).`,
  );

  heading('What a month costs before anybody is referred');
  const idle = billable(sweepsOfAMonth(sweep, 5), memoryMb);
  printBill(billOf({ ...onlyUsed(idle), keyMonths: 1 }));
  note(
    'A sweep that finds nothing every five minutes, and the key of the table. Free tiers are not taken off.',
  );
  note(
    "Counted nowhere: logs, traces, key requests, the secret, Cognito's clients and tokens, storage, backups, data out.",
  );
  note('Prices: test/bench/prices.ts.');
}

function onlyUsed<T extends object>(units: T): Partial<T> {
  return Object.fromEntries(Object.entries(units).filter(([, value]) => value > 0)) as Partial<T>;
}

function printBill(bill: readonly Line[]): void {
  const used = bill.filter(({ quantity }) => quantity > 0);
  table(
    ['service', 'unit', { right: 'units' }, { right: 'price' }, 'seen', '', { right: 'cost' }],
    [
      ...used.map(({ price, quantity, usd }) => [
        price.service,
        price.of,
        number(quantity, quantity < 1000 && !Number.isInteger(quantity) ? 2 : 0),
        `$${price.usd} / ${number(price.per)}`,
        price.seen,
        price.confirmed
          ? price.source.startsWith('https://aws.amazon.com/')
            ? ''
            : 'quoted'
          : 'unconfirmed',
        dollars(usd),
      ]),
      ['total', '', '', '', '', '', dollars(totalOf(used))],
    ],
  );
}

async function measureImports(bundles: ReadonlyMap<string, string>): Promise<void> {
  heading(`Import of each bundle in a fresh Node ${process.version}, median of ${IMPORTS_EACH}`);
  const alone = await bundleDocumentClient(join(folder, 'document-client'));
  const name = 'the DynamoDB document client alone';
  const [base, ...rest] = await timeImports(new Map([[name, alone], ...bundles]), IMPORTS_EACH);
  if (!base) return;
  const row = ({ name, bytes, ms }: ImportTime) => [
    name,
    number(bytes),
    number(ms, 1),
    `${ms < base.ms ? '−' : '+'}${number(Math.abs(ms - base.ms), 1)}`,
  ];
  table(
    ['bundle', { right: 'bytes' }, { right: 'ms' }, { right: 'beside the first' }],
    [row(base), ...rest.map(row)],
  );
}
