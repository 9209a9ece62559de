/** Seeds a cloud that runs, found by its control API: a laptop's, or the deployed tier's. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Cloud } from '../journeys/cloud.ts';
import type { Part } from './worker.ts';

/** More threads than this wait for the table and not for each other. */
const MOST_THREADS = 2;

export type Wanted = {
  /** How many referrals. */
  count: number;
  seed: number;
  /** The ids of their teams; none for all that there are. */
  teams: readonly string[];
  /** Whether a table may be written to that is not on this machine. */
  remote: boolean;
};

/**
 * Writes open referrals into a cloud's table. `wrote` is told how many there are by now. Rejects before anything is written when the table
 * is elsewhere, and with the first error.
 */
export async function seedCloud(
  cloud: Cloud,
  { count, seed, teams, remote }: Wanted,
  wrote: (total: number) => void = () => {},
): Promise<void> {
  // Whoever takes referrals in knows the table, the secret of the person index and the teams.
  const env = await cloud.environment('public-forms');
  for (const address of [cloud.baseUrl, ...endpointsIn(env)]) {
    if (!remote && !isLoopback(address)) {
      throw new Error(`${address} is not on this machine. If you mean it, say --allow-remote.`);
    }
  }
  const now = await cloud.now();
  const threads = Math.min(MOST_THREADS, availableParallelism());
  let total = 0;
  await Promise.all(
    Array.from({ length: threads }, (_, i) => {
      const [from, to] = [i, i + 1].map((part) => Math.floor((part * count) / threads)) as [number, number];
      return run({ from, to, seed, now, teams }, env, (written) => {
        total += written;
        wrote(total);
      });
    }),
  );
}

/** Where the services are. Throws where the environment does not say it: without it, requests would go to AWS. */
function endpointsIn(env: Readonly<Record<string, string>>): string[] {
  const endpoints = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith('AWS_ENDPOINT_URL') ? [value] : [],
  );
  if (endpoints.length === 0) throw new Error('The cloud does not say where its table is.');
  return endpoints;
}

/** Whether an address is on this machine, whatever answers there. */
export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function run(part: Part, env: Record<string, string>, wrote: (count: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: part,
      env,
      execArgv: [],
    });
    worker.on('message', wrote);
    worker.once('error', reject);
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a thread ended with ${code}`)),
    );
  });
}
