/**
 * `npm run simulate`: ten thousand referrals of every kind, valid and faulty, through the API and the forms on a real table, and as much
 * garbage; and a tenth as many times several people at once on one referral, and everybody at once at the places of one programme, in any order of
 * their requests to the table.
 *
 *   npm run simulate -- --runs 100000          more of each
 *   npm run simulate -- --seed 42              the same ones again
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = 'npm run simulate -- [--runs a number] [--seed a number]';
const RUNS = 10_000;

try {
  const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
  const runs = Math.max(1, numberIn('--runs', values.runs ?? String(RUNS)));
  const seed = numberIn('--seed', values.seed ?? String(randomInt(2 ** 31)));
  console.log(`${runs.toLocaleString('en-GB')} of each, with seed ${seed}`);
  const { status } = spawnSync(
    'vitest',
    ['run', '--config', join(import.meta.dirname, 'vitest.config.ts'), '--disable-console-intercept'],
    {
      cwd: join(import.meta.dirname, '../..'),
      stdio: 'inherit',
      env: { ...process.env, SIMULATE_RUNS: String(runs), SIMULATE_SEED: String(seed) },
    },
  );
  process.exitCode = status ?? 1;
  console.log(
    status === 0
      ? `Simulated ${(4 * runs).toLocaleString('en-GB')} requests and ${(2 * Math.ceil(runs / 10)).toLocaleString('en-GB')} interleavings with seed ${seed}: each was answered as it should be.`
      : `Something did not hold. Again: npm run simulate -- --runs=${runs} --seed=${seed}`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function numberIn(option: string, text: string): number {
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`${option} ${text} is no whole number.\n${USAGE}`);
}
