/** Bundles the functions and synthesizes the template for embedded clouds: before any test, once for all clouds of a run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../infra/app.ts';
import { bundleFunctions } from '../../infra/bundle.ts';
import { laptopSettings } from '../../local/settings.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where it is; undefined where a run has one cloud alone, which makes its own (serve.ts). */
    assembly: string | undefined;
  }
}

export default async function setup(project: TestProject) {
  const outdir = await mkdtemp(join(tmpdir(), 'osp-assembly-'));
  await assemble(outdir);
  project.provide('assembly', outdir);
  return () => rm(outdir, { recursive: true, force: true });
}

/** Writes the cloud assembly of a laptop into a folder. */
export async function assemble(outdir: string): Promise<void> {
  await bundleFunctions();
  synthesize({ outdir, validate: false, overrides: laptopSettings() });
}
