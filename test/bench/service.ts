/** `npm start` as people run it: a process of its own, on a free port and an empty data folder. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const LONGEST_START_MS = 120_000;
const LONGEST_STOP_MS = 10_000;

export interface Service {
  readonly url: string;
  /** From the command to the line that names the address. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** Starts the service and waits until it says where it answers. Whatever happens, it does not outlive this process. */
export async function startService(dataDir: string): Promise<Service> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that npm, its shell and the service can be stopped together.
    detached: true,
  });
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It is gone already.
    }
  };
  const kill = () => signal('SIGKILL');
  process.prependOnceListener('exit', kill);

  let output = '';
  const lastLine = new RegExp(`^https?://(?:localhost|127\\.0\\.0\\.1):${port}$`, 'm');
  const url = await new Promise<string>((found, fail) => {
    const late = setTimeout(
      () => fail(new Error(`npm start said nothing in time:\n${output}`)),
      LONGEST_START_MS,
    );
    const read = (text: string) => {
      output += text;
      const [named] = lastLine.exec(output) ?? [];
      if (named === undefined) return;
      clearTimeout(late);
      found(named);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', fail);
    child.once('exit', (code) => {
      clearTimeout(late);
      fail(new Error(`npm start ended with status ${code}:\n${output}`));
    });
  }).catch((error) => {
    kill();
    throw error;
  });
  return {
    url,
    startMs: performance.now() - started,
    async stop() {
      const late = setTimeout(kill, LONGEST_STOP_MS);
      signal('SIGINT');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      clearTimeout(late);
      kill();
      process.off('exit', kill);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
