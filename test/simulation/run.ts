/**
 * `npm run simulate`: ten thousand referrals of every kind, valid and faulty, through the API and the forms on a real table, and as much
 * garbage; and a tenth as many times several people at once on one referral, and everybody at once at the places of one programme, in any order of
 * their requests to the table.
 *
 *   npm run simulate -- --runs 100000          more of each
 *   npm run simulate -- --seed 42              the same ones again
 *   npm run simulate -- --seeds 10000          small services, one by each seed, with faults at calls to AWS; `--seed`: the first
 *   npm run simulate -- --exhaustive           each ending, with every call to AWS failing once in every way
 *   npm run simulate -- --mutations            bugs put in on purpose, each to be found
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MUTATIONS } from './mutations.ts';

const USAGE =
  'npm run simulate -- [--runs n] [--seed n] | --seeds n [--seed first] | --exhaustive | --mutations';
const RUNS = 10_000;
/** A bug has to be found within so many services. */
const TO_FIND_A_BUG = 500;
const CORES = Math.max(1, availableParallelism());

/** What a part of the services, or of the endings, has seen (services.test.ts, endings.test.ts). */
type Seen = {
  lives: number;
  calls: number;
  mails: number;
  faults: Record<string, number>;
  endings: Record<string, number>;
  states: string[];
};

try {
  const { values } = parseArgs({
    options: {
      ...{ runs: { type: 'string' }, seed: { type: 'string' }, seeds: { type: 'string' } },
      ...{ exhaustive: { type: 'boolean' }, mutations: { type: 'boolean' } },
      // Of a replay, which a failure prints.
      ...{ keep: { type: 'string' }, skip: { type: 'string' } },
    },
  });
  const { seed, seeds, keep, skip } = values;
  if (values.mutations) process.exitCode = await mutations();
  else if (values.exhaustive) process.exitCode = await exhaustive();
  else if (seeds !== undefined) {
    const replay = {
      ...(keep === undefined ? {} : { SIMULATE_KEEP: keep }),
      ...(skip === undefined ? {} : { SIMULATE_SKIP: skip }),
    };
    process.exitCode = await services(
      Math.max(1, numberIn('--seeds', seeds)),
      numberIn('--seed', seed ?? '1'),
      replay,
    );
  } else process.exitCode = await referrals(values.runs, seed);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function referrals(asked: string | undefined, from: string | undefined): Promise<number> {
  const runs = Math.max(1, numberIn('--runs', asked ?? String(RUNS)));
  const seed = numberIn('--seed', from ?? String(randomInt(2 ** 31)));
  console.log(`${words(runs)} of each, with seed ${seed}`);
  const { status } = await vitest(
    ['intake', 'interleavings', 'places'],
    { SIMULATE_RUNS: String(runs), SIMULATE_SEED: String(seed) },
    true,
  );
  console.log(
    status === 0
      ? `Simulated ${words(4 * runs)} requests and ${words(2 * Math.ceil(runs / 10))} interleavings with seed ${seed}: each was answered as it should be.`
      : `Something did not hold. Again: npm run simulate -- --runs=${runs} --seed=${seed}`,
  );
  return status;
}

async function services(count: number, first: number, replay: Record<string, string>): Promise<number> {
  const started = performance.now();
  const shards = Math.min(CORES, count);
  const asked = { SIMULATE_SEEDS: String(count), SIMULATE_FIRST: String(first), ...replay };
  const { status, seen } = await inParts('services', shards, asked);
  if (status !== 0) return status;
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${words(seen.lives)} services lived in ${words(seconds)} s on ${shards} cores, and everything held.`,
  );
  tell(seen);
  return 0;
}

async function exhaustive(): Promise<number> {
  const { status, seen } = await inParts('endings', CORES, { SIMULATE_EXHAUSTIVE: '1' });
  if (status !== 0) return status;
  console.log(`${words(seen.lives)} lives, each with another single fault, ended as they do without one.`);
  tell(seen);
  return 0;
}

function tell({ calls, mails, faults, endings, states }: Seen): void {
  const sum = Object.values(faults).reduce((total, count) => total + count, 0);
  const list = (of: Record<string, number>) =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${words(count)}`)
      .join(', ');
  console.log(`  ${words(calls)} calls to AWS, ${words(sum)} of them with a fault: ${list(faults)}`);
  console.log(`  ${words(mails)} emails; endings: ${list(endings)}`);
  console.log(`  ${words(states.length)} distinct states: of a referral, of its execution and of its outbox`);
}

/** Each bug by itself, as many at a time as there are cores. */
async function mutations(): Promise<number> {
  const left = [...MUTATIONS];
  let missed = 0;
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const asked = { SIMULATE_SEEDS: String(TO_FIND_A_BUG), SIMULATE_MUTATION: next.name };
      const { status, text } = await vitest(['services'], asked, false);
      const found = /FOUND at seed .*/.exec(text)?.[0];
      if (status !== 0 || !found) missed += 1;
      console.log(`${next.name}: ${status === 0 && found ? found : `NOT FOUND\n${text.slice(-3000)}`}`);
    }
  };
  await Promise.all(Array.from({ length: CORES }, work));
  console.log(
    `${MUTATIONS.length - missed} of ${MUTATIONS.length} bugs were found within ${TO_FIND_A_BUG} services each.`,
  );
  return missed === 0 ? 0 : 1;
}

/** Several processes, each with a part of the work. Gives what they have seen together. */
async function inParts(
  file: string,
  parts: number,
  asked: Record<string, string>,
): Promise<{ status: number; seen: Seen }> {
  const folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  try {
    const reports = Array.from({ length: parts }, (_, part) => join(folder, `${part}.json`));
    const done = await Promise.all(
      reports.map((report, part) =>
        vitest([file], { ...asked, SIMULATE_SHARD: `${part}/${parts}`, SIMULATE_REPORT: report }, true),
      ),
    );
    const seen = reports
      .filter((report) => existsSync(report))
      .map((report): Seen => JSON.parse(readFileSync(report, 'utf8')));
    return { status: Math.max(...done.map(({ status }) => status)), seen: together(seen) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function together(parts: readonly Seen[]): Seen {
  const sum = (of: 'lives' | 'calls' | 'mails') => parts.reduce((total, part) => total + part[of], 0);
  const all = (of: 'faults' | 'endings') => {
    const counts: Record<string, number> = {};
    for (const part of parts)
      for (const [name, count] of Object.entries(part[of])) counts[name] = (counts[name] ?? 0) + count;
    return counts;
  };
  return {
    ...{
      lives: sum('lives'),
      calls: sum('calls'),
      mails: sum('mails'),
      faults: all('faults'),
      endings: all('endings'),
    },
    states: [...new Set(parts.flatMap(({ states }) => states))],
  };
}

/** Runs files of tests. `shown`: what they print is seen as it comes; otherwise it is given. */
function vitest(
  files: readonly string[],
  env: Record<string, string>,
  shown: boolean,
): Promise<{ status: number; text: string }> {
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const child = spawn('vitest', ['run', ...files, '--config', config, '--disable-console-intercept'], {
    ...{ cwd: join(import.meta.dirname, '../..'), stdio: shown ? 'inherit' : 'pipe' },
    env: { ...process.env, ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, text }));
  });
}

function words(count: number): string {
  return Math.round(count).toLocaleString('en-GB');
}

function numberIn(option: string, text: string): number {
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`${option} ${text} is no whole number.\n${USAGE}`);
}
