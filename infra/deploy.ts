/**
 * `npm run deploy`: looks whether everything that a deployment needs is there, says what is missing, then builds and lets the CDK
 * CLI deploy the service and, where it is configured, the edge before it. Whatever follows `--` goes to the CLI:
 * `npm run deploy -- -c service.stage=production --require-approval never`.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { allProgrammes } from '../functions/shared/directory/directory.ts';
import type { Programme } from '../workflows/directory.ts';
import { bundleFunctions } from './bundle.ts';
import {
  ConfigurationError,
  type ConfigurationSources,
  exampleSettings,
  hostBehindEdge,
  readConfiguration,
  readContext,
} from './config.ts';
import { EDGE_REGION, edgeStackName } from './edge.ts';
import { deploymentsBefore, INDEXES, WITHOUT_INDEXES } from './indexes.ts';
import { RELEASE, releaseOf } from './release.ts';
import type { Configuration } from './settings.ts';

const root = join(import.meta.dirname, '..');

/** What is asked of the AWS account before deploying. Each throws when the answer cannot be had. */
export interface Account {
  region(): Promise<string>;
  credentials(): Promise<unknown>;
  bootstrapped(region: string): Promise<boolean>;
  /** The stage of a stack that is deployed; undefined when none is. */
  stageOf(region: string, stackName: string): Promise<string | undefined>;
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
    const regions = new Set([region.value, ...(configuration?.edge.enabled ? [EDGE_REGION] : [])]);
    for (const each of regions) {
      const bootstrapped = await answer(() => account.bootstrapped(each));
      if (!bootstrapped.ok) {
        missing.push(`An answer from AWS in ${each}: ${bootstrapped.why}`);
      } else if (!bootstrapped.value) {
        missing.push(
          `The CDK's own stack in ${each}, which takes the bundles: run npm run build && npx cdk bootstrap aws://<account number>/${each} once.`,
        );
      }
    }
    if (configuration) missing.push(...(await whatTheStageLacks(configuration, region.value, account)));
  }
  return missing;
}

/** What serves people is not made a trial by leaving a setting out: its table could be deleted, and invented programmes taken. */
async function whatTheStageLacks(
  { stage, stackName }: Configuration,
  region: string,
  account: Account,
): Promise<string[]> {
  if (stage === 'production') return [];
  const deployed = await answer(() => account.stageOf(region, stackName));
  if (!deployed.ok) return [`An answer from AWS in ${region}: ${deployed.why}`];
  if (deployed.value !== 'production') return [];
  return [
    `The stage: ${stackName} is deployed as production, and this would make it ${stage}, without its protection. Set service.stage to production (OSP_STAGE=production), or another service.stackName.`,
  ];
}

/** Choices that a deployer of a real service should have made knowingly; empty when there is nothing to say. */
export function choicesToKnow({ stage, baseUrl, edge }: Configuration): string[] {
  if (stage !== 'production') return [];
  if (!edge.enabled) {
    return [
      'No firewall stands before the pages: service.edge.enabled is false. The service itself counts what each client sends, and refuses more. For AWS WAF and CloudFront before it, set service.edge.enabled to true; docs/deploy.md says what that brings and costs.',
    ];
  }
  return baseUrl === '' || hostBehindEdge(baseUrl) === undefined
    ? [
        'The pages are at an address of CloudFront, which lets browsers use TLS versions before 1.2. With a name of your own (service.baseUrl and service.edge.certificateArn) it does not.',
      ]
    : [];
}

/** Lets the CDK CLI deploy one stack, and gives the stack's outputs. Rejects when it is not deployed. */
export type DeployStack = (stack: string, args?: readonly string[]) => Promise<Record<string, string>>;

/** Where people find the service, and for a name of its own behind the edge, the name that it has to point to. */
export interface Deployed {
  readonly address: string;
  readonly pointTo?: string;
}

/**
 * Deploys the service and, where it is configured, the edge before it. Links in emails must lead through the edge; without a name of its own
 * its address is only known once it is there, so the service is then told in a second pass. `edgeHost` says what an earlier deployment
 * of the edge was named; `before`, which indexes of the table each deployment leaves out that must come first (indexes.ts).
 */
export async function deployStacks(
  configuration: Configuration,
  deployStack: DeployStack,
  edgeHost: () => Promise<string | undefined>,
  before: readonly string[] = [],
): Promise<Deployed> {
  const { stackName, baseUrl, edge } = configuration;
  const deployService = async (args: readonly string[] = []) => {
    for (const without of before) {
      await deployStack(stackName, [...args, '-c', `${WITHOUT_INDEXES}=${without}`]);
    }
    return deployStack(stackName, args);
  };
  if (!edge.enabled) {
    const outputs = await deployService();
    return { address: baseUrl || outputOf(outputs, 'ApiUrl') };
  }
  const earlier = baseUrl === '' ? await edgeHost() : undefined;
  const known = baseUrl || (earlier && `https://${earlier}`);
  const service = await deployService(known ? ['-c', `service.baseUrl=${known}`] : []);
  const name = edgeStackName(configuration);
  const apiUrl = outputOf(service, 'ApiUrl');
  const host = outputOf(await deployStack(name, ['--parameters', `${name}:ApiUrl=${apiUrl}`]), 'Host');
  if (hostBehindEdge(baseUrl) !== undefined) return { address: baseUrl, pointTo: host };
  const address = `https://${host}`;
  if (address !== known) await deployStack(stackName, ['-c', `service.baseUrl=${address}`]);
  return { address };
}

function outputOf(outputs: Record<string, string>, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`the stack has no output ${name}`);
  return value;
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
    bootstrapped: async (region) => (await stackIn(region, 'CDKToolkit')) !== undefined,
    stageOf: async (region, stackName) => {
      const { Tags = [] } = (await stackIn(region, stackName)) ?? {};
      return Tags.find(({ Key }) => Key === 'stage')?.Value;
    },
  };
}

/** A stack as it is deployed; undefined when it is not. */
async function stackIn(region: string, StackName: string): Promise<Stack | undefined> {
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0];
  } catch (error) {
    if ((error as Error).message.includes('does not exist')) return undefined;
    throw error;
  }
}

/** The name that CloudFront gave the service in an earlier deployment. */
async function hostOfEdge(configuration: Configuration): Promise<string | undefined> {
  const stack = await stackIn(EDGE_REGION, edgeStackName(configuration));
  return stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'Host')?.OutputValue;
}

/** The indexes of the table that is deployed; undefined where none is. */
async function deployedIndexes({ stackName }: Configuration): Promise<string[] | undefined> {
  const region = await new CloudFormationClient({}).config.region();
  const stack = await stackIn(region, stackName);
  const TableName = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'TableName')?.OutputValue;
  if (TableName === undefined) return undefined;
  const { Table } = await new DynamoDBClient({ region }).send(new DescribeTableCommand({ TableName }));
  return (Table?.GlobalSecondaryIndexes ?? []).flatMap(({ IndexName }) => IndexName ?? []);
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
  const sources = { context: { ...readContext(), ...contextOf(args) }, environment: process.env };
  const missing = await whatIsMissing(sources, accountOfEnvironment());
  if (missing.length > 0) {
    console.error(`Not deployed. What is missing:\n${missing.map((line) => `- ${line}`).join('\n')}`);
    console.error('docs/deploy.md has the whole way.');
    return 1;
  }
  const configuration = readConfiguration(sources);
  const choices = choicesToKnow(configuration);
  for (const choice of choices) console.error(`Please note: ${choice}`);
  const indexes = await deployedIndexes(configuration);
  const wanted = INDEXES.map(({ indexName }) => indexName);
  const before = indexes === undefined ? [] : deploymentsBefore(indexes, wanted);
  if (before.length > 0) {
    console.error(
      `Please note: the table gets ${before.length + 1} new indexes, one in each of as many deployments. Until the last is done, what reads ${before[0]} fails.`,
    );
  }
  await bundleFunctions();
  const folder = await mkdtemp(join(tmpdir(), 'osp-deploy-'));
  try {
    const release = releaseOf(root);
    const deployStack = stackDeployer(
      release === undefined ? args : ['-c', `${RELEASE}=${release}`, ...args],
      folder,
    );
    const edgeHost = () => hostOfEdge(configuration);
    const { address, pointTo } = await deployStacks(configuration, deployStack, edgeHost, before);
    if (pointTo)
      console.log(`Let ${new URL(address).host} point to ${pointTo} (a CNAME record), if it does not yet.`);
    console.log(`The service is at ${address}`);
    return 0;
  } catch (error) {
    if (!(error instanceof NotDeployed)) throw error;
    // The CLI has said why.
    return error.code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The CDK CLI ended with this code and deployed nothing. */
class NotDeployed extends Error {
  override name = 'NotDeployed';
  readonly code: number;
  constructor(code: number) {
    super(`the CDK CLI ended with ${code}`);
    this.code = code;
  }
}

/** Deploys with the CDK CLI of this project, which talks with whoever sits there, and leaves the stack's outputs in a folder. */
function stackDeployer(args: readonly string[], folder: string): DeployStack {
  return async (stack, more = []) => {
    const file = join(folder, `${stack}.json`);
    const words = ['deploy', stack, '--exclusively', '--outputs-file', file, ...args, ...more];
    const cdk = spawn(process.execPath, [join(root, 'node_modules/aws-cdk/bin/cdk'), ...words], {
      cwd: root,
      stdio: 'inherit',
    });
    const code = await new Promise<number>((resolve, reject) => {
      cdk.on('error', reject);
      cdk.on('exit', (code) => resolve(code ?? 1));
    });
    // Whoever was asked and said no, or asked for no more than a change set, has no outputs.
    if (code !== 0 || !existsSync(file)) throw new NotDeployed(code);
    const outputs = JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, string>>;
    const ofStack = outputs[stack];
    if (!ofStack) throw new NotDeployed(code);
    return ofStack;
  };
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
