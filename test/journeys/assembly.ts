/** Before any test: bundles the functions and synthesizes the template once, for every embedded cloud of the run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../infra/app.ts';
import { bundleFunctions } from '../../infra/bundle.ts';
import { laptopSettings } from '../../local/settings.ts';

declare module 'vitest' {
  interface ProvidedContext {
    assembly: string;
  }
}

export default async function setup(project: TestProject) {
  const outdir = await mkdtemp(join(tmpdir(), 'osp-assembly-'));
  await bundleFunctions();
  synthesize({ outdir, validate: false, overrides: laptopSettings() });
  project.provide('assembly', outdir);
  return () => rm(outdir, { recursive: true, force: true });
}
