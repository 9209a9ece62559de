/** Runs journeys on the cloud at BASE_URL, or, when that is not set, on an embedded cloud of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';

/** The program that serves an embedded cloud: `SERVE ASSEMBLY DATA_DIR [PORT]`. */
export const SERVE = join(import.meta.dirname, 'serve.ts');

/** The base URL, once the tests run. */
export type OnACloud = { readonly baseUrl: string };

/** Starts a cloud before the tests of a file and stops it after them. */
export function onACloud(): OnACloud {
  const given = givenUrl();
  const cloud = { baseUrl: given ?? '' };
  if (given) return cloud;
  let stop = async () => {};
  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'osp-journey-'));
    const child = spawn(process.execPath, [SERVE, inject('assembly') ?? '', dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    stop = async () => {
      child.kill('SIGTERM');
      await exited;
      const refused = refusedIn(dataDir);
      await rm(dataDir, { recursive: true, force: true });
      if (refused.length > 0) throw new Error(`roles do not allow what functions do:\n${refused.join('\n')}`);
    };
    const [line] = await Promise.race([once(child.stdout, 'data'), exited]);
    if (!Buffer.isBuffer(line)) throw new Error('the cloud did not start');
    cloud.baseUrl = line.toString().trim();
  });
  afterAll(() => stop());
  return cloud;
}

/** What functions were refused, by a cloud's log. Some go on without it, as they would in production: nobody else would see it. */
function refusedIn(dataDir: string): string[] {
  const lines = globSync('logs/functions.log*', { cwd: dataDir }).flatMap((file) =>
    readFileSync(join(dataDir, file), 'utf8').split('\n'),
  );
  return [...new Set(lines.flatMap((line) => /"accessDenied":"(.*)"\}$/.exec(line)?.[1] ?? []))];
}

/** Whether the cloud is one that other journeys run on, too. */
export function isShared(): boolean {
  return givenUrl() !== undefined;
}

/** The cloud that the journeys are told to run on. Vite sets BASE_URL to a path of its own when nobody does. */
function givenUrl(): string | undefined {
  const url = process.env.BASE_URL;
  return url?.startsWith('http') ? url : undefined;
}
