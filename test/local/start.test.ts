/** What someone sees who types `npm start`: the real process, from a ready assembly. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { apiClient, assemblyOf, relay, table, temporaryFolder, userPool } from './template.ts';

interface Started {
  readonly child: ChildProcess;
  /** Everything that was written so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves when it ends. */
  readonly code: Promise<number | null>;
}

/** Starts with a ready assembly, or builds the service as everyone's `npm start` does. */
function start(assembly: string | undefined, environment: Record<string, string>): Started {
  const program = join(import.meta.dirname, '../../local/start.ts');
  const child = spawn(
    process.execPath,
    assembly === undefined ? [program] : [program, '--assembly', assembly],
    {
      env: { PATH: process.env.PATH, PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const code = once(child, 'close').then(([exit]) => exit as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await code;
  });
  return { child, output, code };
}

/** Waits for the address in the last line. */
async function addressOf({ child, output }: Started): Promise<string> {
  for (;;) {
    const address = /^(http:\/\/localhost:\d+)\n$/m.exec(output.stdout)?.[1];
    if (address) return address;
    if (!child.stdout || child.exitCode !== null) throw new Error(`it ended: ${output.stderr}`);
    await once(child.stdout, 'data');
  }
}

const app = { ...relay, Table: table };

describe('npm start', () => {
  it('says what to do, with the address in the last line, and stops cleanly at Ctrl-C', async () => {
    const DATA_DIR = temporaryFolder();
    const started = start(assemblyOf(app), { DATA_DIR });
    const address = await addressOf(started);
    expect(started.output.stdout.trimEnd().split('\n').at(-1)).toBe(address);
    expect(started.output.stdout).toContain(`${address}/_cloud/inbox`);
    expect((await fetch(`${address}/_cloud/clock.json`)).status).toBe(200);
    // A terminal sends one, and npm passes another on.
    started.child.kill('SIGINT');
    started.child.kill('SIGINT');
    expect(await started.code).toBe(0);
    expect(started.output.stderr).toBe('');
    expect(readdirSync(DATA_DIR)).toContain('tables');
  });

  it('says how to get a token for the API, if it has a sandbox client', async () => {
    const Sandbox = apiClient('sandbox', ['referrals/read']);
    const started = start(assemblyOf({ ...app, ...userPool, Sandbox }), { DATA_DIR: temporaryFolder() });
    const address = await addressOf(started);
    const command = /curl -u (\w+:\w+) -d (\S+) (\S+)$/m.exec(started.output.stdout);
    const [, secret = '', body = '', tokenUrl = ''] = command ?? [];
    expect(tokenUrl).toContain(`${address}/`);
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(secret).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body,
    });
    expect(await response.json()).toMatchObject({ token_type: 'Bearer', scope: 'referrals/read' });
    expect(started.output.stderr).toBe('');
  });

  it('stops at SIGTERM too, and finds its data at the next start', async () => {
    const DATA_DIR = temporaryFolder();
    const assembly = assemblyOf(app);
    const first = start(assembly, { DATA_DIR });
    const body = JSON.stringify({
      service: 'DYNAMODB',
      target: 'DynamoDB_20120810.PutItem',
      body: { TableName: 'Small-Table', Item: { pk: { S: 'kept' }, sk: { S: 'x' } } },
    });
    await fetch(`${await addressOf(first)}/relay`, { method: 'POST', body });
    first.child.kill('SIGTERM');
    expect(await first.code).toBe(0);
    const second = start(assembly, { DATA_DIR });
    const items = await fetch(`${await addressOf(second)}/_cloud/table.json`);
    expect(await items.json()).toEqual([{ pk: 'kept', sk: 'x' }]);
  });

  it('stops while it is still building', async () => {
    const started = start(undefined, { DATA_DIR: temporaryFolder() });
    if (started.child.stdout) await once(started.child.stdout, 'data');
    expect(started.output.stdout).toBe('Building the service and its template …\n');
    started.child.kill('SIGINT');
    expect(await started.code).toBe(0);
    expect(started.output.stderr).toBe('');
  });

  it('loses nothing when it is killed', async () => {
    const DATA_DIR = temporaryFolder();
    const assembly = assemblyOf(app);
    const first = start(assembly, { DATA_DIR });
    const address = await addressOf(first);
    await fetch(`${address}/_cloud/clock`, { method: 'POST', body: '{"hours":100}' });
    first.child.kill('SIGKILL');
    await first.code;
    const second = start(assembly, { DATA_DIR });
    const { now } = (await (await fetch(`${await addressOf(second)}/_cloud/clock.json`)).json()) as {
      now: string;
    };
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(99 * 3_600_000);
  });
});

describe('npm start that cannot', () => {
  async function refusal(assembly: string, environment: Record<string, string>): Promise<string> {
    const { code, output } = start(assembly, { DATA_DIR: temporaryFolder(), ...environment });
    expect(await code).toBe(1);
    expect(output.stdout).toBe('');
    expect(output.stderr.trimEnd().split('\n')).toHaveLength(1);
    return output.stderr.trimEnd();
  }

  it('because the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await refusal('unused', { PORT: String(port) })).toBe(
      `Port ${port} is taken. Stop what uses it, or set PORT to another one: PORT=3001 npm start`,
    );
  });

  it.each(['three', '70000', '-1'])('because PORT is %s', async (PORT) => {
    expect(await refusal('unused', { PORT })).toBe(`PORT is "${PORT}"; it must be a number from 0 to 65535`);
  });

  it('because the data folder is a file', async () => {
    const DATA_DIR = join(temporaryFolder(), 'file');
    writeFileSync(DATA_DIR, '');
    expect(await refusal('unused', { DATA_DIR })).toBe(
      `The data folder ${DATA_DIR} cannot be used: it is not a folder. Set DATA_DIR to use another one`,
    );
  });

  it('because the data folder is inside a file', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(await refusal('unused', { DATA_DIR: join(file, 'inside') })).toContain(
      'it is inside something that is not a folder',
    );
  });

  it('because the tables are damaged', async () => {
    const DATA_DIR = temporaryFolder();
    mkdirSync(join(DATA_DIR, 'tables'));
    writeFileSync(join(DATA_DIR, 'tables', 'CURRENT'), 'rubbish');
    expect(await refusal(assemblyOf(app), { DATA_DIR })).toMatch(
      /^The data folder \S+ cannot be used: its tables cannot be read \(.*\)\. Set DATA_DIR to use another one$/,
    );
  });

  it('because the clock is damaged', async () => {
    const DATA_DIR = temporaryFolder();
    writeFileSync(join(DATA_DIR, 'clock.json'), '{');
    expect(await refusal(assemblyOf(app), { DATA_DIR })).toContain('clock.json is damaged');
  });

  it('because another start uses the data folder', async () => {
    const DATA_DIR = temporaryFolder();
    const assembly = assemblyOf(app);
    await addressOf(start(assembly, { DATA_DIR }));
    expect(await refusal(assembly, { DATA_DIR })).toBe(
      `The data folder ${DATA_DIR} cannot be used: it is in use by another start. Set DATA_DIR to use another one`,
    );
  });

  it('because nothing was built', async () => {
    const assembly = temporaryFolder();
    expect(await refusal(assembly, {})).toBe(
      `There is no cloud assembly in ${assembly}. Make one first: npm run synth`,
    );
  });

  it('because its configuration cannot be used', async () => {
    const { code, output } = start(undefined, { DATA_DIR: temporaryFolder(), OSP_SENDER_ADDRESS: 'nobody' });
    expect(await code).toBe(1);
    expect(output.stderr).toContain(
      'service.senderAddress is "nobody" (from OSP_SENDER_ADDRESS) but must be one email address',
    );
    expect(output.stderr).not.toContain('    at ');
  }, 30_000);

  it('because the template has a type that it does not know', async () => {
    expect(await refusal(assemblyOf({ Firewall: { Type: 'AWS::WAFv2::WebACL' } }), {})).toMatch(
      /^The embedded cloud cannot run Firewall \(AWS::WAFv2::WebACL\)\./,
    );
  });
});
