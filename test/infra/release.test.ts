/** What is deployed says which state of the repository it is. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { readConfiguration, readContext } from '../../infra/config.ts';
import { RELEASE, releaseOf } from '../../infra/release.ts';
import { ServiceStack } from '../../infra/stack.ts';
import { oneLineBundles } from './service.ts';

function inFolder(test: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'osp-release-'));
  try {
    test(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the stack says what it is told, and nothing where it is not', () => {
  inFolder((folder) => {
    const output = (context: Record<string, unknown>) => {
      const app = new App({ outdir: join(folder, 'out'), context: { ...readContext(), ...context } });
      const configuration = readConfiguration({ context: readContext() });
      const stack = new ServiceStack(app, { configuration, bundles: oneLineBundles(folder) });
      return stack.node.tryFindChild('Release');
    };
    expect(output({ [RELEASE]: 'v1.2.0' })).toMatchObject({ value: 'v1.2.0' });
    expect(output({})).toBeUndefined();
  });
});

test('without a repository nobody knows', () => {
  inFolder((folder) => expect(releaseOf(folder)).toBeUndefined());
});

const hasGit = (() => {
  try {
    return execFileSync('git', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

test.runIf(hasGit)('git says which it is, and that it was changed since', () => {
  inFolder((folder) => {
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b.example', ...words], { cwd: folder });
    git('init', '-q');
    writeFileSync(join(folder, 'file'), 'as released');
    git('add', 'file');
    git('commit', '-q', '-m', 'First');
    git('tag', 'v1.2.0');
    expect(releaseOf(folder)).toBe('v1.2.0');
    writeFileSync(join(folder, 'file'), 'changed');
    expect(releaseOf(folder)).toBe('v1.2.0-dirty');
  });
});
