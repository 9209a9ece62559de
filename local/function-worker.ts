/**
 * The thread in which one copy of a function runs: Lambda's runtime as far as a handler can tell. It loads the handler, then runs
 * one invocation after the other. What the handler writes to its output goes out through the same channel as its results, so a
 * result never overtakes a line.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionError, FunctionReply, FunctionRun, FunctionSetup } from './functions.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const setup = workerData as FunctionSetup;

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk: string | Uint8Array, encoding?: unknown, written?: unknown) => {
    reply({ wrote: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    const done = typeof encoding === 'function' ? encoding : written;
    if (typeof done === 'function') done();
    return true;
  };
}

load().then(
  (handler) => {
    reply({ ready: true });
    parentPort?.on('message', (run: FunctionRun) => {
      void invoke(handler, run);
    });
  },
  (error) => reply({ broken: describe(error, 'Runtime.ImportModuleError') }),
);

function reply(message: FunctionReply): void {
  parentPort?.postMessage(message);
}

async function load(): Promise<Handler> {
  const [file = '', name = ''] = setup.handler.split('.');
  const path = ['.mjs', '.js', '.cjs']
    .map((end) => join(setup.directory, file + end))
    .find((each) => existsSync(each));
  if (!path) throw named('Runtime.ImportModuleError', `Cannot find module '${file}' in ${setup.directory}`);
  const module = await import(pathToFileURL(path).href);
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function')
    throw named('Runtime.HandlerNotFound', `${setup.handler} is undefined or not exported`);
  return handler;
}

async function invoke(handler: Handler, { requestId, payload, deadline, crash }: FunctionRun): Promise<void> {
  if (crash === 'before') process.exit(1);
  const started = performance.now();
  const ms = () => performance.now() - started;
  try {
    const result = await handler(JSON.parse(payload), {
      awsRequestId: requestId,
      callbackWaitsForEmptyEventLoop: true,
      functionName: setup.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: setup.arn,
      memoryLimitInMB: String(setup.memoryMb),
      logGroupName: `/aws/lambda/${setup.name}`,
      logStreamName: 'laptop',
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    if (crash === 'after') process.exit(1);
    reply({ requestId, payload: JSON.stringify(result) ?? 'null', ms: ms() });
  } catch (error) {
    reply({ requestId, error: describe(error, 'Error'), ms: ms() });
  }
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function describe(error: unknown, fallback: string): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return {
    errorType: error.name || fallback,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
}
