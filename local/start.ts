/**
 * `npm start`: builds the service, runs its template in the embedded cloud, and says where.
 *
 *   npm start                          → http://localhost:3000, data in .data/
 *   PORT=3001 DATA_DIR=/tmp/b npm start
 *   node local/start.ts --assembly cdk.out   → runs what was synthesized already
 */
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { SANDBOX_CLIENT } from '../infra/settings.ts';
import { buildAssembly } from './build.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { openDataFolder } from './data-folder.ts';
import { CloudError, messageOf } from './errors.ts';
import { requireFreePort } from './front.ts';
import type { ApiClient } from './identity.ts';

let cloud: Cloud | undefined;
/** When it began to stop, in real time. */
let stopping: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping === undefined) void stop(0);
    // Whoever presses again does not want to wait. npm passes the first press on too, at once.
    else if (Date.now() - stopping > 1000) process.exit(0);
  });
}
// Nobody at the keyboard is helped by a stack.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => void giveUp(error));
}

try {
  await start();
} catch (error) {
  await giveUp(error);
}

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { assembly: { type: 'string' } } });
  const dataDir = resolve(process.env.DATA_DIR || join(import.meta.dirname, '../.data'));
  const port = portOf(process.env.PORT || '3000');
  // What can be seen to be wrong is said before the seconds that building takes.
  await requireFreePort(port);
  openDataFolder(dataDir);
  if (values.assembly === undefined) console.log('Building the service and its template …');
  const assembly = values.assembly ?? (await buildAssembly(join(dataDir, 'build')));
  if (stopping !== undefined) return;
  const started = await startCloud({ assembly, dataDir, port });
  if (stopping !== undefined) return started.stop();
  cloud = started;
  void started.failed.then(giveUp);
  const { url } = started;
  await addExamples(url);
  const client = started.clients().find(({ name }) => name === SANDBOX_CLIENT);
  console.log(`
The service runs on this laptop. Its data is in ${dataDir}; Ctrl-C stops it and keeps the data.

  Refer a person          ${url}/refer
  Work as a link worker   ${url}/worklist
  Read everyone's email   ${url}/_cloud/inbox
  Move the clock, watch   ${url}/_cloud/${client ? `\n  Token for the JSON API  ${tokenCommand(client)}` : ''}
`);
  console.log(url);
}

/** Adds to the directory what it is tried with. A cloud of something else, which has no directory, stays as it is. */
async function addExamples(url: string): Promise<void> {
  const answer = await fetch(`${url}/_cloud/functions/directory/environment.json`);
  if (!answer.ok) return;
  const env = (await answer.json()) as Record<string, string>;
  const { now } = (await (await fetch(`${url}/_cloud/clock.json`)).json()) as { now: string };
  const worker = new Worker(new URL('./example-worker.ts', import.meta.url), {
    ...{ workerData: { now }, env, execArgv: [] },
  });
  await once(worker, 'exit');
}

/** As a shell takes it. */
function tokenCommand({ id, secret, tokenUrl }: ApiClient): string {
  return `curl -u ${id}:${secret} -d grant_type=client_credentials ${tokenUrl}`;
}

async function stop(code: number): Promise<never> {
  stopping = Date.now();
  try {
    await cloud?.stop();
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
  process.exit(code);
}

async function giveUp(error: unknown): Promise<void> {
  if (stopping !== undefined) return;
  console.error(
    error instanceof CloudError ? error.message : `The embedded cloud failed: ${messageOf(error)}`,
  );
  await stop(1);
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new CloudError(`PORT is ${JSON.stringify(text)}; it must be a number from 0 to 65535`);
}
