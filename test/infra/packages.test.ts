/** Packages of others: pinned, with licences that fit, and unsafe ones are noticed where somebody answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultsOfAudit, wrongLicences } from '../../infra/packages.ts';

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
const NOBODY = ['NOT CHECKED: no registry with an audit answered, so nothing is known of what is unsafe.'];
test.each<[string, string, string[], string[]]>([
  ['something severe', finding('high'), ['a <2: high'], ['a <2: high']],
  ['something less', finding('moderate'), [], []],
  ['nothing', '{"vulnerabilities":{}}', [], []],
  ['a registry that has no audit', '{"message":"405 Method Not Allowed","statusCode":405}', [], NOBODY],
  ['no network', '', [], NOBODY],
])('an audit that meets %s fails where it has to', (_, output, usual, required) => {
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  expect(faultsOfAudit(output, { required: false }, say)).toEqual(usual);
  // What was not asked is never passed over in silence.
  const unanswered = required === NOBODY;
  expect(said.map((line) => line.startsWith('NOT CHECKED'))).toEqual(unanswered ? [true] : []);
  expect(faultsOfAudit(output, { required: true }, say)).toEqual(required);
});
