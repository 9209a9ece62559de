/** Starts the emulator: ministack, from PyPI, in a virtual environment of the project's own (python.ts). */
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environment, freePort, run, StepError, start, tail, until } from './steps.ts';

/** A running emulator. */
export interface Emulator {
  readonly endpoint: string;
  /** Where it writes its log; undefined when someone else started it. */
  readonly log?: string;
}

/**
 * All that the emulator inherits. Functions inherit it from the emulator, so anything more could stand in for a variable that the
 * template forgot. Lambda's clock is UTC.
 */
const sandbox = {
  PATH: environment().PATH ?? '',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  PYTHONDONTWRITEBYTECODE: '1',
};

/** Checks that the emulator still differs from AWS in all that emulator.py puts right. */
export async function checkDeviations(python: string): Promise<string> {
  return run(python, [join(import.meta.dirname, 'deviations.py')], {
    env: { ...sandbox, LOG_LEVEL: 'CRITICAL', SFN_WAIT_SCALE: '0' },
    timeoutMs: 30_000,
    purpose: 'Showing the known deviations of the emulator',
  });
}

/** Starts the emulator on loopback and waits until it answers. `folder` takes its log and its temporary files. */
export async function startEmulator(python: string, folder: string): Promise<Emulator> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const log = join(folder, 'emulator.log');
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const output = openSync(log, 'a');
  const child = start(python, [join(import.meta.dirname, 'emulator.py')], {
    env: {
      ...sandbox,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: '127.0.0.1',
      // Listeners of services that nobody here uses.
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      // Containers of other people's are none of its business: a socket that is not there keeps it off Docker.
      DOCKER_HOST: `unix://${join(folder, 'no-docker.sock')}`,
      TMPDIR: temporary,
      // Where it keeps the keys that tokens are signed with.
      STATE_DIR: join(temporary, 'state'),
      // Every call is checked against the caller's IAM policies.
      AUTH: 'true',
      // Waits between retries are not what is tested here.
      SFN_WAIT_SCALE: '0.02',
      LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.1',
      // Warm functions stay warm when the clock moves on by months.
      LAMBDA_WARM_TTL_SECONDS: '1000000000',
    },
    // It ends when this pipe does, even if this process is killed.
    stdio: ['pipe', output, output],
  });
  closeSync(output);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `exit ${code ?? signal}`;
  });
  await until(
    'The emulator is ready',
    async () => {
      if (ended !== undefined) {
        throw new StepError(`The emulator ended (${ended}):\n${tail(await readFile(log, 'utf8'))}`);
      }
      return answers(`${endpoint}/_ministack/ready`);
    },
    { timeoutMs: 60_000 },
  );
  return { endpoint, log };
}

/** Whether an address answers with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
