import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundles, bundleFunctions, functionNames, sizeTable } from '../../infra/bundle.ts';
import type { FunctionName } from '../../infra/functions.ts';
import { PARTITIONS, TABLE_ACCESS } from '../../infra/table-access.ts';

/** Bytes, minified, AWS clients inside. */
const BUDGET = { plain: 440_000, withPages: 640_000 };
/**
 * Of functions that do what no other does: charts are drawn by a library (docs/adr/0025); all that a link worker does with a referral is on one page; the
 * words of every email are in one place.
 */
const OWN_BUDGET: Readonly<Record<string, number>> = {
  insights: 960_000,
  'link-worker-review': 665_000,
  outbox: 450_000,
};

/** How code names each kind of partition: its key, or what that begins with, in quotes of some kind. */
const PARTITIONS_NAMED = Object.entries(PARTITIONS)
  .filter(([partition]) => partition !== 'ANY')
  .map(([partition, key]) => ({
    partition,
    literal: new RegExp(key.endsWith('*') ? `["'\`]${key.slice(0, -1)}` : `["'\`]${key}["'\`]`),
  }));

let folder: string;
let bundles: Bundles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osp-bundles-'));
  bundles = await bundleFunctions({ outdir: folder });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the bundles', () => {
  it('keep within their budgets', () => {
    console.log(sizeTable(bundles.sizes));
    const over = bundles.sizes.filter(
      ({ name, bytes, rendersPages }) =>
        bytes > (OWN_BUDGET[name] ?? (rendersPages ? BUDGET.withPages : BUDGET.plain)),
    );
    expect(over).toEqual([]);
  });

  it('are one for each folder with a handler', () => {
    expect(bundles.sizes.map(({ name }) => name)).toEqual(functionNames());
  });

  it('read the directory where they carry it, and are allowed to, and nowhere else', () => {
    const carrying = Object.entries(bundles.metafile.outputs)
      .filter(([, { inputs }]) => 'functions/shared/directory/directory.ts' in inputs)
      .map(([file]) => file.split('/').at(-2));
    const allowed = Object.entries(TABLE_ACCESS)
      .filter(([, { Query = [] }]) => Query.includes('DIRECTORY'))
      .map(([name]) => name);
    expect(allowed.sort()).toEqual(carrying.sort());
  });

  it('name the partitions of the table that they may reach, and no others', async () => {
    const differing: string[] = [];
    for (const { name } of bundles.sizes) {
      const code = await readFile(join(folder, name, 'index.mjs'), 'utf8');
      const named = PARTITIONS_NAMED.filter(({ literal }) => literal.test(code)).map(
        (each) => each.partition,
      );
      const { indexes: _, ...byAction } = TABLE_ACCESS[name as FunctionName];
      const reached = new Set<string>(Object.values(byAction).flat());
      const reachesAny = reached.delete('ANY');
      for (const partition of named) {
        if (!reachesAny && !reached.has(partition)) differing.push(`${name} may not reach ${partition}`);
      }
      for (const partition of reached) {
        if (!named.includes(partition)) differing.push(`${name} never names ${partition}`);
      }
    }
    expect(differing).toEqual([]);
  });

  it('are the same to the byte when they are built again', async () => {
    // The embedded clouds of this run have theirs from before.
    const before = fileURLToPath(new URL('../../dist/functions', import.meta.url));
    for (const { name } of bundles.sizes) {
      const [first, second] = await Promise.all(
        [before, folder].map((build) => readFile(join(build, name, 'index.mjs'), 'utf8')),
      );
      expect(second === first, name).toBe(true);
    }
  }, 60_000);

  it('load by themselves, with nothing installed, and export a handler', async () => {
    const files = bundles.sizes.map(({ name }) => join(folder, name, 'index.mjs'));
    const script = `for (const file of ${JSON.stringify(files)}) console.log(typeof (await import(file)).handler);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      {
        cwd: folder,
        env: { AWS_REGION: 'eu-west-2' },
      },
    );
    expect(stdout.trim().split('\n')).toEqual(files.map(() => 'function'));
  }, 60_000);
});
