/** The resource types that the embedded cloud knows, and what each means here: a template goes in, a plan of what to run comes out. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Assembly, Resource } from './assembly.ts';
import { CloudError } from './errors.ts';
import { Resolver } from './intrinsics.ts';
import { parseRouteKey, type Route } from './routing.ts';
import { everyMs } from './schedule-expression.ts';
import { isAboutTables, policyProperties, type TableStatement, tableStatement } from './table-policy.ts';

export const REGION = 'eu-west-2';
export const ACCOUNT = '123456789012';

export interface FunctionPlan {
  /** The folder in functions/ as far as the template tells: the name without the stack's. */
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly directory: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** The ARN of the queue for what nobody waited for and failed for good, where there is one. */
  readonly failuresTo: string | undefined;
  /** What its role lets it do to tables; undefined where it has no role, as in small templates of tests: it may do anything. */
  readonly mayToTables: readonly TableStatement[] | undefined;
}
export interface TablePlan {
  readonly name: string;
  /** What CreateTable is given. */
  readonly request: TableRequest;
}
export interface StateMachinePlan {
  readonly name: string;
  readonly arn: string;
  readonly definition: string;
}
export interface SchedulePlan {
  readonly arn: string;
  readonly everyMs: number;
  /** Whether it may come late. */
  readonly flexible: boolean;
  readonly functionArn: string;
  readonly input: string;
}
/** Which of the mail that a configuration set sends is told of to EventBridge: the kinds of event that SES publishes. */
export interface EventDestinationPlan {
  readonly configurationSet: string;
  readonly eventTypes: readonly string[];
}
/** Values of which a field has to have one, or a pattern for what is in the field. The other ways to compare are not known here. */
export type EventPattern = { readonly [field: string]: EventPattern | readonly string[] };
/** A rule of the default event bus: what is like the pattern goes to the functions. */
export interface RulePlan {
  readonly arn: string;
  readonly pattern: EventPattern;
  readonly functionArns: readonly string[];
}
export interface QueuePlan {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
}
export interface SecretPlan {
  readonly name: string;
  readonly arn: string;
  /** How many characters its value has. */
  readonly length: number;
}
export interface UserPoolPlan {
  readonly id: string;
  /** What its tokens name as theirs, and where it answers. */
  readonly issuer: string;
}
/** A client that gets tokens of its own accord, with nobody signed in. */
export interface ApiClientPlan {
  readonly pool: string;
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly tokenSeconds: number;
}
/** A client through which people sign in. */
export interface PeopleClientPlan {
  readonly pool: string;
  readonly id: string;
  readonly scopes: readonly string[];
  /** Where people may come back to, signed in or signed out. */
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
}
export interface ApiRoute extends Route {
  readonly functionArn: string;
}
export interface Plan {
  readonly functions: FunctionPlan[];
  readonly tables: TablePlan[];
  readonly stateMachines: StateMachinePlan[];
  readonly schedules: SchedulePlan[];
  readonly secrets: SecretPlan[];
  readonly queues: QueuePlan[];
  /** Alarms and composite alarms, as the template has them. Nobody is on call for a laptop; tests let them ring. */
  readonly alarms: { readonly type: string; readonly properties: Resource['Properties'] }[];
  readonly userPools: UserPoolPlan[];
  readonly apiScopes: { readonly pool: string; readonly scope: string }[];
  readonly apiClients: ApiClientPlan[];
  readonly peopleClients: PeopleClientPlan[];
  /** The groups that people may be in. */
  readonly groups: { readonly pool: string; readonly name: string }[];
  readonly apiId: string;
  readonly routes: ApiRoute[];
  readonly identities: string[];
  readonly configurationSets: string[];
  readonly eventDestinations: EventDestinationPlan[];
  readonly rules: RulePlan[];
}

/** Types that do their work in AWS and need nothing on a laptop. */
const NEEDS_NOTHING: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::Stage', // there is one, $default, and nobody to throttle
  'AWS::Budgets::Budget', // a laptop costs nothing
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Dashboard',
  'AWS::Cognito::ManagedLoginBranding', // the page where people sign in is another one here
  'AWS::Cognito::UserPoolDomain', // the pool answers at the front door
  'AWS::IAM::ManagedPolicy', // no role of the service has one
  'AWS::KMS::Alias', // the data folder is as safe as the laptop's disk
  'AWS::KMS::Key',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup', // logs are kept in the data folder
  'AWS::Logs::MetricFilter',
  'AWS::Logs::ResourcePolicy',
  'AWS::SNS::Subscription', // alarms go to nobody here
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::ScheduleGroup',
]);

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const indexes = z.array(
  z.object({ IndexName: z.string(), KeySchema: keySchema, Projection: z.record(z.string(), z.unknown()) }),
);
const tableRequest = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: indexes.optional(),
  LocalSecondaryIndexes: indexes.optional(),
});
export type TableRequest = z.infer<typeof tableRequest>;

const functionProperties = z.object({
  FunctionName: z.string().optional(),
  Handler: z.string(),
  Code: z.union([z.object({ S3Key: z.string() }), z.object({ ZipFile: z.string() })]),
  Environment: z
    .object({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
    .default({ Variables: {} }),
  // CloudFormation's own defaults.
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  Role: z.string().optional(),
});
const eventInvokeProperties = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.literal(2).default(2),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).default({}),
});
const stateMachineProperties = z.object({
  StateMachineName: z.string().optional(),
  DefinitionString: z.string(),
  DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
});
const scheduleProperties = z.object({
  Name: z.string().optional(),
  GroupName: z.string().default('default'),
  ScheduleExpression: z.string(),
  State: z.string().default('ENABLED'),
  FlexibleTimeWindow: z.object({ Mode: z.enum(['OFF', 'FLEXIBLE']) }).default({ Mode: 'OFF' }),
  Target: z.object({ Arn: z.string(), Input: z.string().default('{}') }),
});
const eventPattern: z.ZodType<EventPattern> = z.lazy(() =>
  z.record(z.string(), z.union([z.array(z.string()), eventPattern])),
);
/** SES's event bus is the default one; other destinations are other services, which are not here. */
const destinationProperties = z.object({
  ConfigurationSetName: z.string(),
  EventDestination: z.object({
    Enabled: z.boolean().default(true),
    MatchingEventTypes: z.array(z.string()),
    EventBridgeDestination: z.object({ EventBusArn: z.string().endsWith(':event-bus/default') }),
  }),
});
const ruleProperties = z.object({
  EventBusName: z.literal('default').default('default'),
  EventPattern: eventPattern,
  State: z.string().default('ENABLED'),
  Targets: z.array(
    z.object({
      Arn: z.string(),
      // What else a target may have changes what it is given.
      Input: z.never().optional(),
      InputPath: z.never().optional(),
      InputTransformer: z.never().optional(),
    }),
  ),
});
const secretProperties = z.object({
  GenerateSecretString: z.strictObject({
    PasswordLength: z.coerce.number().int().positive().default(32),
    ExcludePunctuation: z.literal(true),
  }),
});
const resourceServerProperties = z.object({
  UserPoolId: z.string(),
  Identifier: z.string(),
  Scopes: z.array(z.object({ ScopeName: z.string() })).default([]),
});
const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };
const clientKind = z.object({ AllowedOAuthFlows: z.tuple([z.enum(['client_credentials', 'code'])]) });
const apiClientProperties = z.object({
  UserPoolId: z.string(),
  ClientName: z.string().optional(),
  GenerateSecret: z.literal(true),
  AllowedOAuthFlows: z.tuple([z.literal('client_credentials')]),
  AllowedOAuthScopes: z.array(z.string()),
  // Cognito's own defaults.
  AccessTokenValidity: z.coerce.number().int().positive().default(1),
  TokenValidityUnits: z
    .object({ AccessToken: z.enum(['seconds', 'minutes', 'hours', 'days']).default('hours') })
    .default({ AccessToken: 'hours' }),
});
const peopleClientProperties = z.object({
  UserPoolId: z.string(),
  GenerateSecret: z.literal(false).default(false),
  AllowedOAuthScopes: z.array(z.enum(['openid', 'email', 'profile'])),
  CallbackURLs: z.array(z.string()).min(1),
  LogoutURLs: z.array(z.string()).default([]),
});
const groupProperties = z.object({ UserPoolId: z.string(), GroupName: z.string() });
const integrationProperties = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});
const routeProperties = z.object({ RouteKey: z.string(), Target: z.string() });

/** What a reference to a resource gives. Types of {@link NEEDS_NOTHING} get something that looks right. */
interface Handle {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Reading {
  readonly assembly: Assembly;
  readonly dataDir: string;
  readonly resolver: Resolver;
  readonly integrations: Map<string, string>;
  /** Where what failed for good goes, by the function's name. */
  readonly failures: Map<string, string>;
  /** What each role, by its name, may do to tables. */
  readonly policies: Map<string, TableStatement[]>;
}

interface Kind {
  /** Names the resource, from its raw properties: others refer to it before it is planned. */
  handle(logicalId: string, name: (property: string) => string, url: string): Handle;
  /** Adds it to the plan, from its resolved properties. */
  plan?(logicalId: string, properties: Resource['Properties'], plan: Plan, reading: Reading): void;
}

const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** AWS ends it in six characters of its own choosing. */
const secretArn = (name: string) => arn('secretsmanager', `secret:${name}-laptop`);

/** An alarm, whose name this property is. */
function alarmKind(property: string): Kind {
  return {
    handle(_, name) {
      const itself = arn('cloudwatch', `alarm:${name(property)}`);
      return { ref: name(property), attributes: { Arn: itself } };
    },
    plan(logicalId, properties, plan, { resolver, assembly }) {
      const type = assembly.template.Resources[logicalId]?.Type ?? '';
      const name = String(resolver.resolve({ Ref: logicalId }, logicalId));
      plan.alarms.push({ type, properties: { ...properties, [property]: name } });
    },
  };
}

/** Small letters and digits, like the ids that AWS chooses, but the same at every start. */
function digestOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  return BigInt(`0x${hash}`).toString(36).padStart(50, '0');
}

const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::DynamoDB::Table': {
    handle: (_, name) => ({
      ref: name('TableName'),
      attributes: { Arn: arn('dynamodb', `table/${name('TableName')}`) },
    }),
    plan(logicalId, properties, plan, { resolver }) {
      plan.tables.push({
        name: String(resolver.resolve({ Ref: logicalId }, logicalId)),
        request: check(tableRequest, properties, logicalId),
      });
    },
  },
  'AWS::Lambda::Function': {
    handle: (_, name) => ({
      ref: name('FunctionName'),
      attributes: { Arn: arn('lambda', `function:${name('FunctionName')}`) },
    }),
    plan(logicalId, properties, plan, reading) {
      const { FunctionName, Handler, Code, Environment, Timeout, MemorySize, Role } = check(
        functionProperties,
        properties,
        logicalId,
      );
      const name = String(reading.resolver.resolve({ Ref: logicalId }, logicalId));
      plan.functions.push({
        id: functionId(reading.assembly.stackName, logicalId, FunctionName),
        name,
        arn: String(reading.resolver.resolve({ 'Fn::GetAtt': [logicalId, 'Arn'] }, logicalId)),
        directory:
          'S3Key' in Code
            ? assetOf(Code.S3Key, logicalId, reading)
            : inline(Code.ZipFile, logicalId, reading),
        handler: Handler,
        environment: Environment.Variables,
        timeoutMs: Timeout * 1000,
        memoryMb: MemorySize,
        failuresTo: reading.failures.get(name),
        mayToTables: Role === undefined ? undefined : (reading.policies.get(roleName(Role)) ?? []),
      });
    },
  },
  'AWS::IAM::Role': {
    handle: (_, name) => ({
      ref: name('RoleName'),
      attributes: { Arn: arn('iam', `role/${name('RoleName')}`) },
    }),
  },
  'AWS::IAM::Policy': {
    handle: (logicalId) => ({ ref: logicalId, attributes: {} }),
    plan(logicalId, properties, _, { policies }) {
      const { Roles, PolicyDocument } = check(policyProperties, properties, logicalId);
      const statements = PolicyDocument.Statement.filter(isAboutTables).map((statement) =>
        check(tableStatement, statement, logicalId),
      );
      for (const role of Roles) policies.set(role, [...(policies.get(role) ?? []), ...statements]);
    },
  },
  'AWS::Lambda::EventInvokeConfig': {
    handle: (logicalId) => ({ ref: logicalId, attributes: {} }),
    plan(logicalId, properties, _, { failures }) {
      const { FunctionName, DestinationConfig } = check(eventInvokeProperties, properties, logicalId);
      const to = DestinationConfig.OnFailure?.Destination;
      if (to !== undefined) failures.set(FunctionName, to);
    },
  },
  'AWS::SQS::Queue': {
    handle: (_, name) => ({
      ref: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name('QueueName')}`,
      attributes: { Arn: arn('sqs', name('QueueName')), QueueName: name('QueueName') },
    }),
    plan(logicalId, _, plan, { resolver }) {
      const attribute = (name: string) =>
        String(resolver.resolve({ 'Fn::GetAtt': [logicalId, name] }, logicalId));
      const url = String(resolver.resolve({ Ref: logicalId }, logicalId));
      plan.queues.push({ name: attribute('QueueName'), arn: attribute('Arn'), url });
    },
  },
  'AWS::CloudWatch::Alarm': alarmKind('AlarmName'),
  'AWS::CloudWatch::CompositeAlarm': alarmKind('AlarmName'),
  'AWS::StepFunctions::StateMachine': {
    handle: (_, name) => {
      const itself = arn('states', `stateMachine:${name('StateMachineName')}`);
      return { ref: itself, attributes: { Arn: itself, Name: name('StateMachineName') } };
    },
    plan(logicalId, properties, plan, { resolver }) {
      const { DefinitionString, DefinitionSubstitutions } = check(
        stateMachineProperties,
        properties,
        logicalId,
      );
      plan.stateMachines.push({
        name: String(resolver.resolve({ 'Fn::GetAtt': [logicalId, 'Name'] }, logicalId)),
        arn: String(resolver.resolve({ Ref: logicalId }, logicalId)),
        definition: DefinitionString.replace(
          /\$\{(\w+)\}/g,
          (whole, key) => DefinitionSubstitutions[key] ?? whole,
        ),
      });
    },
  },
  'AWS::Scheduler::Schedule': {
    handle: (_, name) => ({
      ref: name('Name'),
      attributes: { Arn: arn('scheduler', `schedule/default/${name('Name')}`) },
    }),
    plan(logicalId, properties, plan, { resolver }) {
      const { GroupName, ScheduleExpression, State, FlexibleTimeWindow, Target } = check(
        scheduleProperties,
        properties,
        logicalId,
      );
      if (State !== 'ENABLED') return;
      plan.schedules.push({
        arn: arn('scheduler', `schedule/${GroupName}/${resolver.resolve({ Ref: logicalId }, logicalId)}`),
        everyMs: everyMs(ScheduleExpression, logicalId),
        flexible: FlexibleTimeWindow.Mode === 'FLEXIBLE',
        functionArn: Target.Arn,
        input: Target.Input,
      });
    },
  },
  'AWS::SecretsManager::Secret': {
    handle: (_, name) => ({ ref: secretArn(name('Name')), attributes: { Id: secretArn(name('Name')) } }),
    plan(logicalId, properties, plan, { resolver, assembly }) {
      const { GenerateSecretString } = check(secretProperties, properties, logicalId);
      plan.secrets.push({
        name: String(properties.Name ?? `${assembly.stackName}-${logicalId}`),
        arn: String(resolver.resolve({ Ref: logicalId }, logicalId)),
        length: GenerateSecretString.PasswordLength,
      });
    },
  },
  'AWS::Cognito::UserPool': {
    handle(_, name, url) {
      const id = `${REGION}_${digestOf(name('UserPoolName')).slice(0, 9)}`;
      return {
        ref: id,
        attributes: {
          Arn: arn('cognito-idp', `userpool/${id}`),
          ProviderURL: `${url}/_identity/${id}`,
          UserPoolId: id,
        },
      };
    },
    plan(logicalId, _, plan, { resolver }) {
      plan.userPools.push({
        id: String(resolver.resolve({ Ref: logicalId }, logicalId)),
        issuer: String(resolver.resolve({ 'Fn::GetAtt': [logicalId, 'ProviderURL'] }, logicalId)),
      });
    },
  },
  'AWS::Cognito::UserPoolResourceServer': {
    handle: (_, name) => ({ ref: name('Identifier'), attributes: {} }),
    plan(logicalId, properties, plan) {
      const { UserPoolId, Identifier, Scopes } = check(resourceServerProperties, properties, logicalId);
      for (const { ScopeName } of Scopes) {
        plan.apiScopes.push({ pool: UserPoolId, scope: `${Identifier}/${ScopeName}` });
      }
    },
  },
  'AWS::Cognito::UserPoolClient': {
    handle: (logicalId) => {
      const id = digestOf(logicalId).slice(0, 26);
      return { ref: id, attributes: { ClientId: id } };
    },
    plan(logicalId, properties, plan, { resolver }) {
      const id = String(resolver.resolve({ Ref: logicalId }, logicalId));
      const { AllowedOAuthFlows } = check(clientKind, properties, logicalId);
      if (AllowedOAuthFlows[0] === 'code') {
        const client = check(peopleClientProperties, properties, logicalId);
        plan.peopleClients.push({
          pool: client.UserPoolId,
          id,
          scopes: client.AllowedOAuthScopes,
          callbackUrls: client.CallbackURLs,
          logoutUrls: client.LogoutURLs,
        });
        return;
      }
      const client = check(apiClientProperties, properties, logicalId);
      plan.apiClients.push({
        pool: client.UserPoolId,
        id,
        name: client.ClientName ?? logicalId,
        scopes: client.AllowedOAuthScopes,
        tokenSeconds: client.AccessTokenValidity * SECONDS[client.TokenValidityUnits.AccessToken],
      });
    },
  },
  'AWS::Cognito::UserPoolGroup': {
    handle: (_, name) => ({ ref: name('GroupName'), attributes: {} }),
    plan(logicalId, properties, plan) {
      const { UserPoolId, GroupName } = check(groupProperties, properties, logicalId);
      plan.groups.push({ pool: UserPoolId, name: GroupName });
    },
  },
  'AWS::ApiGatewayV2::Api': {
    handle: (logicalId, _, url) => ({ ref: logicalId.toLowerCase(), attributes: { ApiEndpoint: url } }),
  },
  'AWS::ApiGatewayV2::Integration': {
    handle: (logicalId) => ({ ref: logicalId, attributes: {} }),
    plan(logicalId, properties, _, { integrations }) {
      integrations.set(logicalId, check(integrationProperties, properties, logicalId).IntegrationUri);
    },
  },
  'AWS::ApiGatewayV2::Route': {
    handle: (logicalId) => ({ ref: logicalId, attributes: {} }),
    plan(logicalId, properties, plan, { integrations }) {
      const { RouteKey, Target } = check(routeProperties, properties, logicalId);
      const functionArn = integrations.get(Target.replace('integrations/', ''));
      if (functionArn === undefined) {
        throw new CloudError(`${logicalId} (AWS::ApiGatewayV2::Route) has no integration with a function`);
      }
      plan.routes.push({ ...parseRouteKey(RouteKey), functionArn });
    },
  },
  'AWS::SES::EmailIdentity': {
    handle: (_, name) => ({ ref: name('EmailIdentity'), attributes: {} }),
    plan: (_, { EmailIdentity }, plan) => plan.identities.push(String(EmailIdentity)),
  },
  'AWS::SES::ConfigurationSet': {
    handle: (_, name) => ({ ref: name('Name'), attributes: {} }),
    plan: (logicalId, _, plan, { resolver }) =>
      plan.configurationSets.push(String(resolver.resolve({ Ref: logicalId }, logicalId))),
  },
  'AWS::SES::ConfigurationSetEventDestination': {
    handle: (logicalId) => ({ ref: logicalId, attributes: {} }),
    plan(logicalId, properties, plan) {
      const { ConfigurationSetName, EventDestination } = check(destinationProperties, properties, logicalId);
      if (!EventDestination.Enabled) return;
      plan.eventDestinations.push({
        configurationSet: ConfigurationSetName,
        eventTypes: EventDestination.MatchingEventTypes,
      });
    },
  },
  'AWS::Events::Rule': {
    handle: (logicalId) => ({ ref: logicalId, attributes: { Arn: arn('events', `rule/${logicalId}`) } }),
    plan(logicalId, properties, plan) {
      const { EventPattern, State, Targets } = check(ruleProperties, properties, logicalId);
      if (State !== 'ENABLED') return;
      plan.rules.push({
        arn: arn('events', `rule/${logicalId}`),
        pattern: EventPattern,
        functionArns: Targets.map(({ Arn }) => Arn),
      });
    },
  },
};

/** What others are told of is planned first: routes name integrations, and functions go on where their failures go and have roles. Everything else may come in any order. */
const FIRST: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::Integration',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::IAM::Policy',
]);

/**
 * Plans what to run for an assembly whose API answers at `url`. Throws a {@link CloudError} that names the resource when there is
 * anything in the template that the embedded cloud does not know.
 */
export function planOf(assembly: Assembly, { url, dataDir }: { url: string; dataDir: string }): Plan {
  const { stackName, template } = assembly;
  refuseUnknown(template.Resources);
  const resolver: Resolver = new Resolver(
    template,
    {
      'AWS::AccountId': ACCOUNT,
      'AWS::Region': REGION,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stackName,
      'AWS::StackId': arn('cloudformation', `stack/${stackName}/laptop`),
      'AWS::NotificationARNs': [],
    },
    {
      ref: (logicalId) => handleOf(logicalId)?.ref ?? `${stackName}-${logicalId}`,
      attribute(logicalId, name) {
        const handle = handleOf(logicalId);
        return handle
          ? handle.attributes[name]
          : inertAttribute(template.Resources[logicalId], logicalId, name);
      },
    },
  );
  function handleOf(logicalId: string): Handle | undefined {
    const resource = template.Resources[logicalId];
    const name = (property: string) =>
      String(
        resolver.resolve(resource?.Properties[property], `${logicalId}.${property}`) ??
          `${stackName}-${logicalId}`,
      );
    return KINDS[resource?.Type ?? '']?.handle(logicalId, name, url);
  }

  const active = Object.entries(template.Resources)
    .filter(([id, { Condition }]) => Condition === undefined || resolver.condition(Condition, id))
    .sort(([, left], [, right]) => Number(FIRST.has(right.Type)) - Number(FIRST.has(left.Type)));
  const apis = active.filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Api').map(([id]) => id);
  if (apis.length > 1)
    throw new CloudError(`The template has ${apis.length} HTTP APIs; one at most can run here`);
  const plan: Plan = {
    functions: [],
    tables: [],
    stateMachines: [],
    schedules: [],
    secrets: [],
    queues: [],
    alarms: [],
    userPools: [],
    apiScopes: [],
    apiClients: [],
    peopleClients: [],
    groups: [],
    apiId: apis[0]?.toLowerCase() ?? 'none',
    routes: [],
    identities: [],
    configurationSets: [],
    eventDestinations: [],
    rules: [],
  };
  const reading: Reading = {
    ...{ assembly, dataDir, resolver },
    ...{ integrations: new Map(), failures: new Map(), policies: new Map() },
  };
  for (const [logicalId, { Type, Properties }] of active) {
    const kind = KINDS[Type];
    if (!kind?.plan) continue;
    const resolved = resolver.resolve(Properties, `${logicalId} (${Type})`) as Resource['Properties'];
    kind.plan(logicalId, resolved, plan, reading);
  }
  return plan;
}

function refuseUnknown(resources: Readonly<Record<string, Resource>>): void {
  const unknown = Object.entries(resources).filter(
    ([, { Type }]) => !(Type in KINDS) && !NEEDS_NOTHING.has(Type),
  );
  if (unknown.length === 0) return;
  const list = unknown.map(([logicalId, { Type }]) => `${logicalId} (${Type})`).join(', ');
  throw new CloudError(
    `The embedded cloud cannot run ${list}. Teach it in local/resources.ts: what the type does, or that it needs nothing on a laptop`,
  );
}

function inertAttribute(resource: Resource | undefined, logicalId: string, name: string): string | undefined {
  if (!resource || !NEEDS_NOTHING.has(resource.Type)) return undefined;
  const service = resource.Type.split('::')[1]?.toLowerCase() ?? 'none';
  return name.endsWith('Arn') || name === 'Arn' ? arn(service, logicalId) : `${logicalId}-${name}`;
}

/** `OpenSocialPrescribing-await-review` → `await-review`; without a name of its own, the logical id without CDK's hash. */
function functionId(stackName: string, logicalId: string, name: string | undefined): string {
  if (name !== undefined) return name.startsWith(`${stackName}-`) ? name.slice(stackName.length + 1) : name;
  return logicalId
    .replace(/[0-9A-F]{8}$/, '')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
    .toLowerCase();
}

function roleName(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}

function assetOf(key: string, logicalId: string, { assembly }: Reading): string {
  const directory = assembly.assets.get(key);
  if (directory !== undefined && existsSync(directory)) return directory;
  throw new CloudError(
    `The code of ${logicalId} is not in the cloud assembly. Build it again: npm run synth`,
  );
}

/** Code written in the template itself, which Lambda saves as index.js. */
function inline(code: string, logicalId: string, { dataDir }: Reading): string {
  const directory = join(dataDir, 'inline', logicalId);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{"type":"commonjs"}');
  writeFileSync(join(directory, 'index.js'), code);
  return directory;
}

function check<T extends z.ZodType>(schema: T, properties: unknown, logicalId: string): z.infer<T> {
  const result = schema.safeParse(properties);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new CloudError(`${logicalId} has properties that the embedded cloud cannot use: ${faults}`);
}
