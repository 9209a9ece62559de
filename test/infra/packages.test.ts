/** Packages of others: pinned, with licences that fit, and unsafe ones are noticed where somebody answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { severeIn, wrongLicences } from '../../infra/packages.ts';

const read = (file: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'));

test('every package is pinned to one version, the same in the lock file', () => {
  const { dependencies, devDependencies } = read('package.json') as Record<string, Record<string, string>>;
  const { packages } = read('package-lock.json') as { packages: Record<string, { version: string }> };
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
  }
});

test('the licences of all packages fit', () => {
  expect(wrongLicences(read('package-lock.json'))).toEqual([]);
});

test.each<[string, object, string[]]>([
  ['a licence for tools only, deployed', { license: 'MPL-2.0' }, ['a: MPL-2.0 is not among']],
  ['of a tool', { license: 'MPL-2.0', dev: true }, []],
  ['none', { dev: true }, ['a does not say its licence']],
  ['one that asks for more', { license: 'AGPL-3.0-only', dev: true }, ['a: AGPL-3.0-only']],
  ['a choice of which one fits', { license: '(GPL-3.0-or-later OR MIT)' }, []],
  ['two at once of which one does not', { license: 'MIT AND GPL-2.0-only' }, ['a: MIT AND']],
])('a package with %s', (_, entry, faults) => {
  const found = wrongLicences({ packages: { '': {}, 'node_modules/a': entry } });
  expect(found).toEqual(faults.map((fault) => expect.stringContaining(fault)));
});

const finding = (severity: string) => JSON.stringify({ vulnerabilities: { a: { severity, range: '<2' } } });
test.each<[string, string, ReturnType<typeof severeIn>]>([
  ['something severe', finding('high'), { answered: true, severe: ['a <2: high'] }],
  ['something less', finding('moderate'), { answered: true, severe: [] }],
  ['nothing', '{"vulnerabilities":{}}', { answered: true, severe: [] }],
  [
    'a registry that has no audit',
    '{"message":"405 Method Not Allowed","statusCode":405}',
    { answered: false },
  ],
  ['no network', '', { answered: false }],
])('an audit that meets %s', (_, output, found) => {
  expect(severeIn(output)).toEqual(found);
});
