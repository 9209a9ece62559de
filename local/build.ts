/**
 * Bundles the functions and synthesizes the template for this laptop, in a thread of its own: the CDK is large and keeps a thread
 * busy for seconds, in which Ctrl-C must still be heard.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CloudError, messageOf } from './errors.ts';

/** Builds into a folder and gives the cloud assembly's. Rejects with a {@link CloudError} when something cannot be built. */
export async function buildAssembly(folder: string): Promise<string> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { folder }, execArgv: [] });
  try {
    return await new Promise<string>((resolve, reject) => {
      worker.once('message', ({ assembly, error }: { assembly: string; error?: string }) => {
        if (error === undefined) resolve(assembly);
        else reject(new CloudError(`The service cannot be built: ${error}`));
      });
      worker.once('error', (error) =>
        reject(new CloudError(`The service cannot be built: ${messageOf(error)}`)),
      );
      worker.once('exit', () =>
        reject(new CloudError('The service cannot be built: the thread that builds it ended')),
      );
    });
  } finally {
    await worker.terminate();
  }
}

async function build(folder: string): Promise<string> {
  const bundles = join(folder, 'functions');
  const assembly = join(folder, 'assembly');
  // An assembly of an earlier start may name functions that are no more.
  await rm(assembly, { recursive: true, force: true });
  // The CDK loads while esbuild, which is a process of its own, bundles.
  const { bundleFunctions } = await import('../infra/bundle.ts');
  const [{ synthesize }, { laptopSettings }] = await Promise.all([
    import('../infra/app.ts'),
    import('./settings.ts'),
    bundleFunctions({ outdir: bundles }),
  ]);
  synthesize({ outdir: assembly, bundles, overrides: laptopSettings() });
  return assembly;
}

if (!isMainThread && workerData?.folder) {
  build(String(workerData.folder)).then(
    (assembly) => parentPort?.postMessage({ assembly }),
    (error) => parentPort?.postMessage({ error: messageOf(error) }),
  );
}
