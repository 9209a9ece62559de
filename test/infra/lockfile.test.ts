import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Packages with a binary for each platform name so many of them. */
const A_PLATFORM_EACH = 5;

type Locked = {
  packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
};
const lock: Locked = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8'));

test('the lock file holds the packages of every platform, so that npm ci works on each', () => {
  const missing = Object.entries(lock.packages)
    .map(([path, { optionalDependencies = {} }]) => ({ path, names: Object.keys(optionalDependencies) }))
    .filter(({ names }) => names.length >= A_PLATFORM_EACH)
    .flatMap(({ path, names }) =>
      names.filter(
        (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
      ),
    );
  expect(missing).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved)).toEqual([]);
});
