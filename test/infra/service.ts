/** Synthesizes the service for a test, with one-line bundles: what is tested here is the template, not the handlers. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { synthesize } from '../../infra/app.ts';
import { readConfiguration, readContext } from '../../infra/config.ts';
import { EdgeStack } from '../../infra/edge.ts';
import { FUNCTION_PLANS, type FunctionName } from '../../infra/functions.ts';
import type { ConfigurationOverrides } from '../../infra/settings.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
}
export type Statement = {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
};

/** What a production deployment is told. */
export const production = {
  stage: 'production',
  baseUrl: 'https://referrals.service.nhs.uk',
  senderAddress: 'referrals@service.nhs.uk',
  linkWorkerAddress: 'link-workers@service.nhs.uk',
  coordinatorAddress: 'coordinator@service.nhs.uk',
  alarmAddress: 'operations@service.nhs.uk',
  onCall: {
    engineer: 'On call 020 7946 0001, then 020 7946 0005',
    coordinator: 'Tom Wells 020 7946 0002',
    owner: 'Ada Lovelace +44 20 7946 0003',
    dataProtection: 'Grace Hopper 020 7946 0004',
  },
} as const satisfies ConfigurationOverrides;

/** A certificate where CloudFront looks for it. */
export const certificate =
  'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef';

/** Writes a bundle for each function into a folder, and gives where they are. */
export function oneLineBundles(folder: string): string {
  const bundles = join(folder, 'functions');
  for (const name of Object.keys(FUNCTION_PLANS)) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, 'index.mjs'), `export const handler = () => '${name}';\n`);
  }
  return bundles;
}

/**
 * The synthesized template as text, in a folder that is gone afterwards: of the service, or of the edge before it. `validate` throws where
 * CloudFormation's rules are broken.
 */
export function synthesizeText(
  overrides: ConfigurationOverrides = {},
  validate = false,
  edge = false,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'osp-infra-'));
  try {
    const assembly = synthesize({
      outdir: join(folder, 'out'),
      overrides,
      bundles: oneLineBundles(folder),
      validate,
      environment: {},
    });
    const stack = assembly.stacks.find(({ stackName }) => stackName.endsWith('-edge') === edge);
    if (!stack) throw new Error('the app has no such stack');
    return readFileSync(stack.templateFullPath, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The template of the edge by itself, which takes a fraction of the time, as text. CloudFormation's rules are tried on it unless
 * CDK_VALIDATION says otherwise.
 */
export function edgeText(overrides: ConfigurationOverrides): string {
  const folder = mkdtempSync(join(tmpdir(), 'osp-edge-'));
  try {
    const app = new App({ outdir: folder, context: readContext(), analyticsReporting: false });
    const configuration = readConfiguration({ context: readContext(), environment: {}, overrides });
    const { templateFile } = new EdgeStack(app, { configuration });
    app.synth();
    return readFileSync(join(folder, templateFile), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The template, for aws-cdk-lib's assertions and for reading by hand. */
export class Service {
  readonly template: Template;

  constructor(overrides: ConfigurationOverrides = {}, edge = false) {
    this.template = Template.fromString(edge ? edgeText(overrides) : synthesizeText(overrides));
  }

  /** Every resource of a type, by logical id. */
  all(type: string): [string, Resource][] {
    return Object.entries(this.template.findResources(type)) as [string, Resource][];
  }

  /** The only resource of a type. */
  only(type: string): Resource {
    const found = this.all(type);
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} resources are ${type}`);
    return found[0][1];
  }

  /** A function's logical id and resource. */
  fn(name: FunctionName): [string, Resource] {
    const found = this.all('AWS::Lambda::Function').find(([, { Properties }]) =>
      String(Properties.FunctionName).endsWith(`-${name}`),
    );
    if (!found) throw new Error(`no function ${name}`);
    return found;
  }

  /** What a role may do, one line for each action and resource, sorted. Under which conditions, docs/permissions.md says. */
  permissions(role: string): string[] {
    const lines = this.statements(role).flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((on) => `${action} on ${readable(on)}`)),
    );
    return [...new Set(lines)].sort();
  }

  /** The statements of every policy of a role. */
  statements(role: string): Statement[] {
    return this.all('AWS::IAM::Policy')
      .filter(([, { Properties }]) => (Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref === role))
      .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
  }
}

/** The logical id in a `Fn::GetAtt` of an ARN. */
export function target(value: unknown): string {
  return String((value as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0]);
}

/** A resource of a policy as a person would write it: names without CDK's hashes, ARNs without account and Region. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const node = value as Record<string, unknown>;
  if (node['Fn::GetAtt']) return withoutHash(target(node));
  if (node.Ref) return withoutHash(String(node.Ref)).replace('AWS::', '');
  const [glue, parts] = node['Fn::Join'] as [string, unknown[]];
  return parts.map(readable).join(glue);
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
