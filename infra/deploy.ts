/**
 * `npm run deploy`: looks whether everything that a deployment needs is there, says what is missing, then builds and lets the CDK
 * CLI deploy. Whatever follows `--` goes to the CLI: `npm run deploy -- -c service.stage=production --require-approval never`.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { allProgrammes } from '../functions/shared/directory/directory.ts';
import type { Programme } from '../workflows/directory.ts';
import { readContext } from './app.ts';
import { bundleFunctions } from './bundle.ts';
import {
  type Configuration,
  ConfigurationError,
  type ConfigurationSources,
  exampleSettings,
  readConfiguration,
} from './config.ts';

const root = join(import.meta.dirname, '..');

/** What is asked of the AWS account before deploying. Each throws when the answer cannot be had. */
export interface Account {
  region(): Promise<string>;
  credentials(): Promise<unknown>;
  bootstrapped(): Promise<boolean>;
}

/** Domains that nobody can have (RFC 2606, RFC 6761): mail to them goes nowhere. */
const RESERVED = /[@.](example|test|invalid|localhost|example\.(com|net|org))$/i;

/** What keeps a directory of programmes from serving real people: providers whom no mail reaches, invented programmes in production. */
function whatTheDirectoryLacks(
  programmes: readonly Programme[],
  stage: Configuration['stage'] | undefined,
): string[] {
  const file = 'functions/shared/directory/programmes.json';
  const unreachable = programmes.filter((entry) => !entry.example && RESERVED.test(entry.provider.email));
  const invented = stage === 'production' ? programmes.filter((entry) => entry.example) : [];
  return [
    ...(unreachable.length > 0
      ? [
          `The providers' own addresses: ${unreachable.map(({ id }) => id).join(', ')} in ${file} can receive no mail, so no offer would arrive.`,
        ]
      : []),
    ...(invented.length > 0
      ? [
          `A directory of real programmes: ${invented.map(({ id }) => id).join(', ')} in ${file} are examples. Take them out before real people are matched to them.`,
        ]
      : []),
  ];
}

/** What keeps the service from being deployed, in words that say how to mend it; empty when nothing does. */
export async function whatIsMissing(
  sources: ConfigurationSources,
  account: Account,
  programmes: readonly Programme[] = allProgrammes(),
): Promise<string[]> {
  const missing: string[] = [];
  let configuration: Configuration | undefined;
  try {
    configuration = readConfiguration(sources);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    missing.push(error.message);
  }
  const examples = configuration ? exampleSettings(configuration) : [];
  if (examples.length > 0) {
    missing.push(
      `Your own addresses: ${examples.map((key) => `service.${key}`).join(', ')} in cdk.json still hold examples, at which nobody reads mail and from which AWS sends none.`,
    );
  }
  missing.push(...whatTheDirectoryLacks(programmes, configuration?.stage));
  const region = await answer(() => account.region());
  if (!region.ok) {
    missing.push('An AWS Region: set AWS_REGION, for example AWS_REGION=eu-west-2 for London.');
  }
  const credentials = await answer(() => account.credentials());
  if (!credentials.ok) {
    missing.push(
      'AWS credentials: set AWS_PROFILE to a profile of yours (aws configure sso makes one), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    );
  }
  if (region.ok && credentials.ok) {
    const bootstrapped = await answer(() => account.bootstrapped());
    if (!bootstrapped.ok) {
      missing.push(`An answer from AWS in ${region.value}: ${bootstrapped.why}`);
    } else if (!bootstrapped.value) {
      missing.push(
        `The CDK's own stack in ${region.value}, which takes the bundles: run npx cdk bootstrap aws://<account number>/${region.value} once.`,
      );
    }
  }
  return missing;
}

type Answer<T> = { ok: true; value: T } | { ok: false; why: string };

async function answer<T>(ask: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (error) {
    return { ok: false, why: (error as Error).message };
  }
}

/** The account that the environment leads to, found as every AWS tool finds it. */
function accountOfEnvironment(): Account {
  const client = new CloudFormationClient({});
  return {
    region: async () => await client.config.region(),
    credentials: async () => await client.config.credentials(),
    bootstrapped: async () => {
      try {
        await client.send(new DescribeStacksCommand({ StackName: 'CDKToolkit' }));
        return true;
      } catch (error) {
        if ((error as Error).message.includes('does not exist')) return false;
        throw error;
      }
    },
  };
}

/** The `-c key=value` of a command line. */
function contextOf(args: string[]): Record<string, string> {
  const { values } = parseArgs({
    args,
    options: { context: { type: 'string', short: 'c', multiple: true } },
    strict: false,
  });
  return Object.fromEntries(
    (values.context ?? []).map((pair) => {
      const [key = '', ...value] = String(pair).split('=');
      return [key, value.join('=')];
    }),
  );
}

async function deploy(args: string[]): Promise<number> {
  const context = { ...readContext(), ...contextOf(args) };
  const missing = await whatIsMissing({ context, environment: process.env }, accountOfEnvironment());
  if (missing.length > 0) {
    console.error(`Not deployed. What is missing:\n${missing.map((line) => `- ${line}`).join('\n')}`);
    console.error('docs/deploy.md has the whole way.');
    return 1;
  }
  await bundleFunctions();
  const cdk = spawn(process.execPath, [join(root, 'node_modules/aws-cdk/bin/cdk'), 'deploy', ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    cdk.on('error', reject);
    cdk.on('exit', (code) => resolve(code ?? 1));
  });
}

if (import.meta.main) {
  try {
    process.exitCode = await deploy(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
