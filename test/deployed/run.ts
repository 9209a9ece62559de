/**
 * The deployed tier: the real template, deployed by the real CDK CLI to an AWS emulator that nobody here wrote, and the same
 * journeys as on the embedded cloud.
 *
 *   npm run test:deployed                               everything, from nothing to nothing
 *   npm run test:deployed -- --core                     the journeys in which every function and every service has a part, not all of them
 *   npm run test:deployed -- provider                   only the journeys whose file has that in its name
 *   npm run test:deployed -- --fuzz-only                only the fuzzing of the JSON API, which follows the journeys
 *   npm run test:deployed -- --many-only                only what pages cost with many open referrals, at most 2,500 a team: 2,000, or --referrals N
 *   npm run test:deployed -- --serve                    deploy, print the addresses and wait for Ctrl-C
 *   npm run test:deployed -- --endpoint http://…:4566   deploy to an emulator that runs already, for example one of --serve
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environmentVariable } from '../../infra/config.ts';
import { COGNITO } from '../../infra/settings.ts';
import { laptopSettings } from '../../local/settings.ts';
import { startsAt } from '../starts-at.ts';
import { Cloud, owner } from './cloud.ts';
import { answers, checkDeviations, type Emulator, startEmulator } from './emulator.ts';
import { fuzz } from './fuzz.ts';
import { Harness } from './harness.ts';
import { seedMany, teamsFor } from './many.ts';
import { preparePython } from './python.ts';
import { environment, root, run, StepError, start, step, stopAll } from './steps.ts';

const USAGE =
  "npm run test:deployed -- [--endpoint URL] [--serve] [--core] [--fuzz-only] [--many-only] [--referrals N] [part of a journey's file …]";

/** The journeys of `--core`: the emulator takes ten times as long for each as the embedded cloud, and they share its clock. */
const CORE = [
  ...['cohort', 'happy-path', 'api', 'undelivered', 'link-worker', 'twice', 'throttled', 'sign-in'],
  ...['token', 'worklist', 'directory', 'audit', 'plan', 'session-over'],
];

const ending: (() => Promise<unknown>)[] = [];
let interrupted: NodeJS.Signals | undefined;

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const many = Number(values.referrals);
  if (!Number.isInteger(many) || many < 1)
    throw new StepError(`--referrals must be a whole number.\n${USAGE}`);
  const begins = startsAt();
  const folder = await mkdtemp(join(tmpdir(), 'osp-deployed-'));
  ending.push(() => rm(folder, { recursive: true, force: true }));
  const harness = await Harness.open();
  ending.push(() => harness.close());
  ending.push(stopAll);
  const started = performance.now();
  console.log('The deployed tier');

  let emulator: Emulator | undefined;
  try {
    const assembly = join(folder, 'cdk.out');
    const endpoint = values.endpoint === undefined ? undefined : await originOf(values.endpoint);
    [emulator] = await Promise.all([
      endpoint === undefined ? startOwn(folder) : { endpoint },
      assemble(assembly, harness.baseUrl, many),
    ]);
    const stackName = await deploy(emulator, assembly);
    const cloud = await Cloud.of(emulator.endpoint, stackName);
    harness.serve(cloud);
    await step('the first page answers', () => firstPage(harness.baseUrl));
    console.log(`Deployed in ${((performance.now() - started) / 1000).toFixed(1)} s: ${harness.baseUrl}`);

    if (values.serve) {
      console.log(`The emulator is at ${emulator.endpoint}. Ctrl-C ends it.`);
      await new Promise(() => {});
    }
    if (!(await answers(`${emulator.endpoint}/_harness/clock`))) {
      throw new StepError(
        `${emulator.endpoint} took the template, and the first page answers. The journeys were not run: a referral takes months, and\n` +
          'the clock of that endpoint cannot be moved. Leave out --endpoint, or use the emulator that --serve starts.',
      );
    }
    if (begins) await step(`the clock moved to ${begins.toISOString()}`, () => cloud.moveTo(begins));
    const code =
      values['fuzz-only'] || values['many-only']
        ? 0
        : await journeys(harness.baseUrl, values.core ? CORE.map((name) => `/${name}.test.ts`) : positionals);
    if (code !== 0 && interrupted === undefined) await keepLog(emulator);
    if (code === 0 && positionals.length === 0) {
      if (!values['fuzz-only']) await seedMany(harness.baseUrl, many);
      if (!values['many-only']) await fuzz(harness.baseUrl, folder);
    }
    return code;
  } catch (error) {
    if (emulator) await keepLog(emulator);
    throw error;
  }
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        endpoint: { type: 'string' },
        serve: { type: 'boolean', default: false },
        core: { type: 'boolean', default: false },
        'fuzz-only': { type: 'boolean', default: false },
        'many-only': { type: 'boolean', default: false },
        referrals: { type: 'string', default: '2000' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new StepError(`${(error as Error).message}\n${USAGE}`);
  }
}

async function startOwn(folder: string): Promise<Emulator> {
  const python = await step('Python environment', () => preparePython('requirements.txt', 10));
  const [emulator] = await Promise.all([
    step('emulator ready', () => startEmulator(python, folder)),
    step('known deviations are still there', () => checkDeviations(python)),
  ]);
  return emulator;
}

/** The address of an endpoint that answers, whatever it answers. */
async function originOf(url: string): Promise<string> {
  if (!URL.canParse(url)) throw new StepError(`--endpoint ${url} is not a URL.\n${USAGE}`);
  const { origin } = new URL(url);
  try {
    await fetch(origin, { signal: AbortSignal.timeout(5_000) });
  } catch {
    throw new StepError(`Nothing answers at ${origin}.`);
  }
  return origin;
}

/** Bundles the functions and synthesizes the template, with the harness's address as the one that links lead to, and teams for so many. */
async function assemble(output: string, baseUrl: string, many: number): Promise<void> {
  await step('functions bundled', () =>
    run('node', ['infra/bundle.ts'], { timeoutMs: 120_000, purpose: 'Bundling the functions' }),
  );
  await step('template synthesized', () =>
    run('cdklocal', ['synth', '--quiet', '--no-notices', '--output', output], {
      env: environment({
        ...CDK,
        OSP_BASE_URL: baseUrl,
        OSP_TEAMS: JSON.stringify(teamsFor(many, laptopSettings().teams)),
        OSP_STAGE: 'development',
        // The emulator has no CloudFront.
        OSP_EDGE_ENABLED: 'false',
        // Fuzzing sends more than a client may, and would only see that refused.
        OSP_THROTTLING_API_PER_MINUTE: '100000',
        ...cognito,
        ...unreachable,
      }),
      timeoutMs: 120_000,
      purpose: 'Synthesizing the template',
    }),
  );
}

/** The emulator's Cognito signs people in, whatever issuer cdk.json names. */
const cognito = Object.fromEntries(
  Object.entries(COGNITO).map(([key, value]) => [
    environmentVariable(`identity.${key}`),
    Array.isArray(value) ? value.join() : typeof value === 'string' ? value : JSON.stringify(value),
  ]),
);

const CDK = { CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_LEGACY_EXPORT_WARNING: '1', NO_COLOR: '1' };

/** Synthesis needs no cloud: an address at which nobody listens keeps it so. */
const unreachable = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
};

/** Bootstraps the account and deploys the template. Returns the stack's name. */
async function deploy({ endpoint }: Emulator, assembly: string): Promise<string> {
  const env = environment({
    ...CDK,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: owner.region,
    AWS_ACCESS_KEY_ID: owner.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: owner.credentials.secretAccessKey,
  });
  await step('account bootstrapped', () =>
    run('cdklocal', ['bootstrap', `aws://000000000000/${owner.region}`, '--no-notices'], {
      // Somewhere without a cdk.json, so that the CLI does not run the app for this.
      cwd: assembly,
      env,
      timeoutMs: 120_000,
      purpose: 'Bootstrapping the account',
    }),
  );
  const manifest: unknown = JSON.parse(await readFile(join(assembly, 'manifest.json'), 'utf8'));
  const stack = stackIn(manifest);
  await step('template deployed', () =>
    run(
      'cdklocal',
      [
        ...['deploy', '--app', assembly, stack, '--no-notices'],
        ...['--require-approval', 'never', '--method', 'direct', '--progress', 'events'],
        ...['--asset-parallelism', '--concurrency', '4'],
      ],
      { cwd: assembly, env, timeoutMs: 300_000, purpose: 'Deploying the template' },
    ),
  );
  return stack;
}

/** The name of the only stack of a cloud assembly. */
function stackIn(manifest: unknown): string {
  const { artifacts = {} } = manifest as { artifacts?: Record<string, { type?: string }> };
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [only, ...more] = stacks.map(([name]) => name);
  if (only === undefined || more.length > 0) throw new StepError('The template should be one stack.');
  return only;
}

async function firstPage(baseUrl: string): Promise<void> {
  const response = await fetch(baseUrl, { signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  if (!response.ok) throw new StepError(`GET / answers ${response.status}: ${text.slice(0, 500)}`);
}

/** Runs the journeys, one file after the other: they share the clock. */
async function journeys(baseUrl: string, filters: readonly string[]): Promise<number> {
  const child = start(
    'vitest',
    ['run', '--root', root, '--config', join(import.meta.dirname, 'vitest.config.ts'), ...filters],
    { cwd: root, env: environment({ BASE_URL: baseUrl }), stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

/** Leaves the emulator's log where the message says it is. */
async function keepLog({ log }: Emulator): Promise<void> {
  if (log === undefined || !existsSync(log)) return;
  const { copyFile } = await import('node:fs/promises');
  const kept = join(tmpdir(), `osp-deployed-${process.pid}-emulator.log`);
  await copyFile(log, kept);
  console.error(`The emulator's log is at ${kept}`);
}

async function end(): Promise<void> {
  for (const last of ending.splice(0).reverse()) await last();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted = signal;
    console.error(`\n${signal}: stopping what was started …`);
    void end().finally(() => process.exit(130));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = 1;
  if (interrupted === undefined) {
    console.error(error instanceof StepError ? `\n${error.message}` : error);
  }
} finally {
  if (interrupted === undefined) await end();
}
