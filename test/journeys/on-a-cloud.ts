/** Runs journeys on the cloud at BASE_URL, or, when that is not set, on an embedded cloud of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { startCloud } from '../../local/cloud.ts';

/** The base URL, once the tests run. */
export type OnACloud = { readonly baseUrl: string };

/** Starts a cloud before the tests of a file and stops it after them. */
export function onACloud(): OnACloud {
  const given = process.env.BASE_URL;
  const cloud = { baseUrl: given ?? '' };
  if (given) return cloud;
  let stop = async () => {};
  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'osp-journey-'));
    const running = await startCloud({ assembly: inject('assembly'), dataDir, port: 0 });
    cloud.baseUrl = running.url;
    stop = async () => {
      await running.stop();
      await rm(dataDir, { recursive: true, force: true });
    };
  });
  afterAll(() => stop());
  return cloud;
}
