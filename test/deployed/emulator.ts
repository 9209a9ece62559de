/** Gets and starts the emulator: ministack, from PyPI, in a virtual environment of the project's own. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { environment, freePort, root, run, StepError, start, tail, until } from './steps.ts';

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

const requirements = join(import.meta.dirname, 'requirements.txt');

/** Python 3.10 or newer, by the name under which it was found. */
async function findPython(): Promise<string> {
  const seen: string[] = [];
  for (const name of ['python3', 'python']) {
    try {
      const version = await run(name, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
        timeoutMs: 10_000,
        purpose: `${name} --version`,
      });
      const [major = 0, minor = 0] = version.trim().split('.').map(Number);
      if (major === 3 && minor >= 10) return name;
      seen.push(`${name} is ${version.trim()}`);
    } catch {
      seen.push(`${name} is missing`);
    }
  }
  throw new StepError(
    `The deployed tier runs an AWS emulator that is written in Python and needs Python 3.10 or newer (${seen.join(', ')}).\n` +
      'Install it from https://www.python.org/ or your system (Debian: apt install python3 python3-venv), or pass\n' +
      '--endpoint URL to use an emulator that runs already.',
  );
}

/** The Python of a virtual environment that holds exactly what requirements.txt says. Made once for each content of that file. */
export async function preparePython(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const home = join(root, '.venv', hash);
  const python = join(home, 'bin/python');
  if (existsSync(python)) return python;
  const base = await findPython();
  // Made beside its place and then moved there, so that an interrupted or concurrent run leaves no half of one behind.
  const draft = `${home}.${process.pid}`;
  await mkdir(join(root, '.venv'), { recursive: true });
  try {
    await run(base, ['-m', 'venv', draft], {
      timeoutMs: 60_000,
      purpose: `Making a virtual environment (${base} -m venv; on Debian it needs the package python3-venv)`,
    });
    await run(
      join(draft, 'bin/python'),
      [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
        ...['--requirement', requirements],
      ],
      { timeoutMs: 300_000, purpose: 'Installing ministack from PyPI' },
    );
    await rename(draft, home).catch((error) => {
      if (!existsSync(python)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return python;
}

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
