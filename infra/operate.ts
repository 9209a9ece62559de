/**
 * What operators do to a service that runs, on AWS or on a laptop; docs/deploy.md says when.
 *
 *   npm run rebuild [-- --dry-run --only-missing --per-second 20 --since TIME --from CURSOR]   every open referral's execution, from the table
 *   npm run rebuild -- --retention [--dry-run …]                                              when closed ones are erased, after shorter periods were set
 *   npm run parked [-- --retry]                                                              what the reminder sweep has put aside
 *   npm run rotate [-- --forget-former]                                                      the key of cookies, links and codes
 *   npm run data-rights -- copy|audit|correct|hold|release|erase SP-7K4M-2Q9X [--html] [--details FILE] [--reason TEXT]   what people may ask about their data
 *   npm run restore -- --from TABLE [--dry-run --overwrite --erasures TABLE]                  what a backup has and the table has not
 *
 * All take --base-url http://localhost:3000 for the cloud of npm start. Without it they are about the stack in cdk.json.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ConfigurationError, readConfiguration, readContext } from './config.ts';
import { restore } from './restore.ts';
import { dataRights, RIGHTS, readDetails } from './rights.ts';
import { forgetFormer, rotate, type SecretStore } from './rotation.ts';

/** Calls a function by the name of its folder, and gives what it answers. Rejects when it fails. */
export type Invoke = (name: string, payload: object) => Promise<unknown>;

/** How often a slice is tried: it may fail by an accident, and does nothing twice. */
const ATTEMPTS = 4;

/** Step Functions in London starts 150 executions a second, stops 25 and describes 10, for everybody in the account: docs/capacity.md. */
export const PER_SECOND = { all: 20, onlyMissing: 8, retention: 100 };

/** How often somebody who waits for a time looks whether it has come. */
const LOOK_AT_CLOCK_MS = 2_000;

export type Rebuild = {
  dryRun: boolean;
  onlyMissing: boolean;
  perSecond: number | undefined;
  /** About closed referrals, and when they are erased. */
  retention?: boolean;
  /** The name of the run: when it began. */
  since: string;
  from: string | undefined;
};

/** What a slice answers: functions/rebuild-executions/handler.ts. */
type Slice = {
  count: number;
  failed: number;
  skipped: number;
  stages: Record<string, number>;
  cursor?: string;
};

/**
 * Rebuilds slice by slice, and after each says how to go on from there. Gives whether every referral was done. Rejects when a slice fails again and
 * again; what was said last then still holds. @param pause in milliseconds, before a slice is tried again.
 */
export async function rebuild(
  invoke: Invoke,
  { dryRun, onlyMissing, perSecond, retention = false, since, from }: Rebuild,
  say: (line: string) => void,
  pause = 2_000,
): Promise<boolean> {
  const usual = onlyMissing ? PER_SECOND.onlyMissing : PER_SECOND.all;
  const rate = perSecond ?? (retention ? PER_SECOND.retention : usual);
  const sum = { count: 0, failed: 0, skipped: 0, stages: {} as Record<string, number> };
  const kind = `${onlyMissing ? '--only-missing ' : ''}${retention ? '--retention ' : ''}`;
  const again = `npm run rebuild -- ${kind}--since ${since}`;
  let cursor = from;
  do {
    const asked = {
      now: since,
      cursor,
      dryRun,
      onlyMissing,
      retention,
      ...(dryRun ? {} : { perSecond: rate }),
    };
    const slice = await tried(() => invoke('rebuild-executions', asked) as Promise<Slice>, pause);
    for (const kind of ['count', 'failed', 'skipped'] as const) sum[kind] += slice[kind];
    for (const [stage, count] of Object.entries(slice.stages)) {
      sum.stages[stage] = (sum.stages[stage] ?? 0) + count;
    }
    cursor = slice.cursor;
    if (cursor !== undefined && !dryRun)
      say(`${sum.count} so far. To go on from here: ${again} --from ${cursor}`);
  } while (cursor !== undefined);
  for (const [stage, count] of Object.entries(sum.stages)) say(`${stage}: ${count}`);
  const kept = sum.skipped === 0 ? '' : `, ${sum.skipped} left as they were`;
  const [would, were] = retention
    ? ['referrals would be erased at another time', 'referrals are erased at another time now']
    : ['executions would be started anew', 'executions started anew'];
  say(
    dryRun
      ? `${sum.count} ${would}${kept}. Nothing was changed.`
      : `${sum.count} ${were}${kept}, ${sum.failed} failed.`,
  );
  if (sum.failed > 0) say(`The log of the function says why. To try those again: ${again}`);
  return sum.failed === 0;
}

async function tried<T>(doIt: () => Promise<T>, pause: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await doIt();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await setTimeout(pause * attempt);
    }
  }
}

/** What the sweep says of what it has put aside: functions/reminder-sweep/parking.ts. */
type Parked = {
  parked: { pk: string; reference?: string; since: string; failures: number; why: string }[];
  more: boolean;
};

/** Lists what is parked, or brings it back. `now`: what time it is for the service. */
export async function parked(
  invoke: Invoke,
  { retry, now }: { retry: boolean; now: string },
  say: (line: string) => void,
): Promise<void> {
  const asked = { now, parked: retry ? 'retry' : 'list' };
  const answer = (await invoke('reminder-sweep', asked)) as Parked & { retried: number };
  if (retry) {
    say(`${answer.retried} brought back. The next sweep tries them.`);
    return;
  }
  for (const { pk, reference, since, failures, why } of answer.parked) {
    const known = reference === undefined ? '' : ` (${reference})`;
    say(`${pk}${known}: parked ${since} after ${failures} tries, ${why}`);
  }
  say(
    answer.parked.length === 0
      ? 'Nothing is parked.'
      : `${answer.parked.length}${answer.more ? ' and more' : ''} parked. Once the cause is mended: npm run parked -- --retry`,
  );
}

/** A function that has the service's secret; any would do. */
const WITH_SECRET = 'sign-in';

/** The functions of the stack that cdk.json and the environment name. */
function deployed(): Invoke {
  return invokeBy(new LambdaClient({}), deployedStack());
}

function deployedStack(): string {
  return readConfiguration({ context: readContext(), environment: process.env }).stackName;
}

/** What an embedded cloud says of itself, as JSON. */
async function askCloud(baseUrl: string, path: string): Promise<Record<string, string>> {
  const answer = await fetch(`${baseUrl}/_cloud/${path}`).catch(() => undefined);
  if (!answer?.ok) throw new Error(`No cloud with a control API answers at ${baseUrl}.`);
  return (await answer.json()) as Record<string, string>;
}

async function timeIn(baseUrl: string): Promise<string> {
  return (await askCloud(baseUrl, 'clock.json')).now ?? '';
}

/** How a client reaches a cloud, as its functions do: each service at an address of its own, or all at one. */
function reaching(env: Record<string, string>, endpoint: string) {
  return {
    endpoint: env[endpoint] ?? env.AWS_ENDPOINT_URL ?? '',
    region: env.AWS_REGION ?? '',
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    },
  };
}

/** The functions of an embedded cloud, which says itself where they are called, and what time it is there. */
async function embedded(baseUrl: string): Promise<{ invoke: Invoke; now: string }> {
  const env = await askCloud(baseUrl, 'functions/reminder-sweep/environment.json');
  const client = new LambdaClient(reaching(env, 'AWS_ENDPOINT_URL_LAMBDA'));
  const own = env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  return { invoke: invokeBy(client, own.replace(/-reminder-sweep$/, '')), now: await timeIn(baseUrl) };
}

/** The service's secret, where a function is told that it is. */
export async function secretOfService(baseUrl: string | undefined): Promise<SecretStore> {
  const env =
    baseUrl === undefined
      ? await environmentOf(`${deployedStack()}-${WITH_SECRET}`)
      : await askCloud(baseUrl, `functions/${WITH_SECRET}/environment.json`);
  const client = new SecretsManagerClient(
    baseUrl === undefined ? {} : reaching(env, 'AWS_ENDPOINT_URL_SECRETS_MANAGER'),
  );
  const SecretId = env.SECRET_ARN ?? '';
  return {
    async read() {
      return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '';
    },
    async write(SecretString) {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
    },
  };
}

/** The service's table, and who reaches it. */
export async function tableOfService(
  baseUrl: string | undefined,
): Promise<{ client: DynamoDBClient; table: string }> {
  const env =
    baseUrl === undefined
      ? await environmentOf(`${deployedStack()}-${WITH_SECRET}`)
      : await askCloud(baseUrl, `functions/${WITH_SECRET}/environment.json`);
  const reached = baseUrl === undefined ? {} : reaching(env, 'AWS_ENDPOINT_URL_DYNAMODB');
  return { client: new DynamoDBClient(reached), table: env.TABLE_NAME ?? '' };
}

async function environmentOf(FunctionName: string): Promise<Record<string, string>> {
  const { Environment } = await new LambdaClient({}).send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  return Environment?.Variables ?? {};
}

function invokeBy(client: LambdaClient, stackName: string): Invoke {
  return async (name, payload) => {
    const { FunctionError, Payload = [] } = await client.send(
      new InvokeCommand({ FunctionName: `${stackName}-${name}`, Payload: JSON.stringify(payload) }),
    );
    const text = Buffer.from(Payload).toString();
    if (FunctionError) throw new Error(`${name} failed: ${text}`);
    return JSON.parse(text);
  };
}

const baseUrlOption = { 'base-url': { type: 'string' } } as const;

/** Where the service is, and what time it is there. */
export async function service(baseUrl: string | undefined): Promise<{ invoke: Invoke; now: string }> {
  return baseUrl === undefined
    ? { invoke: deployed(), now: new Date().toISOString() }
    : embedded(withoutSlash(baseUrl));
}

function withoutSlash(baseUrl: string): string {
  return baseUrl.replace(/\/$/, '');
}

const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<boolean>>> = {
  async 'data-rights'(args) {
    const options = {
      ...baseUrlOption,
      reason: { type: 'string' },
      html: { type: 'boolean', default: false },
      details: { type: 'string' },
    } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const act = RIGHTS.find((each) => each === positionals[0]);
    const reference = positionals[1]?.toUpperCase() ?? '';
    if (!act || !/^SP-[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(reference)) {
      throw new Error(`say ${RIGHTS.join(', ')} and a reference like SP-7K4M-2Q9X`);
    }
    if (act === 'hold' && !values.reason) throw new Error('say why it must be kept: --reason "…"');
    if (act === 'correct' && !values.details) {
      throw new Error('say in which file the right details are: --details FILE');
    }
    const { reason, html } = values;
    const fields = values.details && readDetails(await readFile(values.details, 'utf8'));
    const { invoke, now } = await service(values['base-url']);
    return dataRights(
      invoke,
      { act, reference, now, reason, html, fields: fields || undefined },
      console.log,
    );
  },
  async parked(args) {
    const options = { ...baseUrlOption, retry: { type: 'boolean', default: false } } as const;
    const { values } = parseArgs({ args, options });
    const { invoke, now } = await service(values['base-url']);
    await parked(invoke, { retry: values.retry, now }, console.log);
    return true;
  },
  async rebuild(args) {
    const options = {
      ...baseUrlOption,
      'dry-run': { type: 'boolean', default: false },
      'only-missing': { type: 'boolean', default: false },
      retention: { type: 'boolean', default: false },
      'per-second': { type: 'string' },
      since: { type: 'string' },
      from: { type: 'string' },
    } as const;
    const { values } = parseArgs({ args, options });
    const perSecond = values['per-second'];
    if (perSecond !== undefined && !/^[1-9]\d{0,2}$/.test(perSecond)) {
      throw new Error(`--per-second must be a whole number, 1 to 999, not ${perSecond}`);
    }
    const { invoke, now } = await service(values['base-url']);
    const wanted: Rebuild = {
      dryRun: values['dry-run'],
      onlyMissing: values['only-missing'],
      retention: values.retention,
      perSecond: perSecond === undefined ? undefined : Number(perSecond),
      since: values.since ?? now,
      from: values.from,
    };
    return rebuild(invoke, wanted, console.log);
  },
  async restore(args) {
    const options = {
      ...baseUrlOption,
      from: { type: 'string' },
      erasures: { type: 'string' },
      overwrite: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
    } as const;
    const {
      from,
      erasures,
      overwrite,
      'dry-run': dryRun,
      'base-url': url,
    } = parseArgs({ args, options }).values;
    const baseUrl = url === undefined ? undefined : withoutSlash(url);
    const { client, table: to } = await tableOfService(baseUrl);
    if (!from || !to || from === to) throw new Error('say --from and the table that DynamoDB restored');
    const wanted = { from, to, erasures, overwrite, dryRun };
    const { erased } = await restore(client, wanted, await service(baseUrl), console.log);
    console.log(
      dryRun
        ? 'Nothing was changed.'
        : `${erased} erased again. Now let every referral have its execution again: npm run rebuild`,
    );
    return true;
  },
  async rotate(args) {
    const options = { ...baseUrlOption, 'forget-former': { type: 'boolean', default: false } } as const;
    const { values } = parseArgs({ args, options });
    const baseUrl = values['base-url'] === undefined ? undefined : withoutSlash(values['base-url']);
    const secret = await secretOfService(baseUrl);
    if (values['forget-former']) {
      await forgetFormer(secret, console.log);
      return true;
    }
    const clock = async () => (baseUrl === undefined ? new Date().toISOString() : timeIn(baseUrl));
    const wait = async (until: string) => {
      // The clock of a laptop may be moved meanwhile.
      while ((await clock()) < until) await setTimeout(LOOK_AT_CLOCK_MS);
    };
    await rotate(secret, clock, wait, console.log);
    return true;
  },
};

if (import.meta.main) {
  try {
    const [command = '', ...args] = process.argv.slice(2);
    const run = COMMANDS[command];
    if (!run) throw new Error(`say one of ${Object.keys(COMMANDS).join(', ')}`);
    process.exitCode = (await run(args)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error instanceof ConfigurationError ? error.message : `Not done: ${error.message}`);
    process.exitCode = 1;
  }
}
