/** What every step of the deployed tier needs: progress with timings, child processes that cannot be left behind, conditions. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A failure whose message says all a person needs; no stack is printed for it. */
export class StepError extends Error {
  override name = 'StepError';
}

let failed = false;

/** Runs one step and prints how long it took. When one has failed, those beside it that fail because everything stops say nothing. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const result = await work();
    console.log(`  ✓ ${name} (${seconds()})`);
    return result;
  } catch (error) {
    if (!failed) console.log(`  ✗ ${name} (${seconds()})`);
    failed = true;
    throw error;
  }
}

/** The environment of child processes: the project's own Node first, whatever the machine has. */
export function environment(extra: Record<string, string> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    // Nothing of a real account may reach the emulator's clients, nor the other way round.
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('AWS_'),
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    ...extra,
  };
}

const children = new Set<ChildProcess>();
let stopping = false;

/** Starts a child in a process group of its own, so that it can be stopped together with whatever it started. */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  if (stopping) throw new StepError('Stopped.');
  const child = spawn(command, args, { detached: true, ...options });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Stops a child and its group: asks first, insists after some seconds. Resolves when it is gone. */
export async function stop(child: ChildProcess, graceMs = 5_000): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  signalGroup(pid, 'SIGTERM');
  const insist = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  await gone;
  clearTimeout(insist);
  // The leader is gone; what it started may not be.
  signalGroup(pid, 'SIGKILL');
}

/** Stops every child that still runs, and lets no other begin. */
export async function stopAll(): Promise<void> {
  stopping = true;
  await Promise.all([...children].map((child) => stop(child)));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly timeoutMs: number;
  /** What the step was for, as the error says it. */
  readonly purpose: string;
  /** How many of the last lines of its output the error shows. */
  readonly lines?: number;
}

/** Runs a command to its end. Its output is shown only when it fails. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const child = start(command, args, {
    cwd: options.cwd ?? root,
    env: options.env ?? environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void stop(child);
  }, options.timeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearTimeout(timer));
  if (late) {
    throw new StepError(
      `${options.purpose} did not finish within ${options.timeoutMs / 1000} s:\n${tail(output, options.lines)}`,
    );
  }
  if (code !== 0)
    throw new StepError(`${options.purpose} failed (exit ${code}):\n${tail(output, options.lines)}`);
  return output;
}

/** Waits for a condition. `check` answers whether it holds, or throws a StepError when it never will. */
export async function until(
  what: string,
  check: () => Promise<boolean>,
  { timeoutMs, everyMs = 50 }: { readonly timeoutMs: number; readonly everyMs?: number },
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new StepError(`${what}: not within ${timeoutMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** A port of loopback that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The last lines of some output. */
export function tail(text: string, lines = 40): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
