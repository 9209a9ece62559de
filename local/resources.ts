/** The resource types that the embedded cloud knows, and what each means here: a template goes in, a plan of what to run comes out. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import type { Assembly, Resource } from './assembly.ts';
import { CloudError } from './errors.ts';
import { Resolver } from './intrinsics.ts';
import { ACCOUNT, type Plan, REGION, type TokensPlan } from './plan.ts';
import {
  apiClientProperties,
  authorizerProperties,
  clientKind,
  destinationProperties,
  eventInvokeProperties,
  functionProperties,
  groupProperties,
  integrationProperties,
  peopleClientProperties,
  resourceServerProperties,
  routeProperties,
  ruleProperties,
  SECONDS,
  scheduleProperties,
  secretProperties,
  stateMachineProperties,
  tableRequest,
} from './resource-properties.ts';
import { parseRouteKey } from './routing.ts';
import { everyMs } from './schedule-expression.ts';
import { isAboutTables, policyProperties, type TableStatement, tableStatement } from './table-policy.ts';

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
  readonly authorizers: Map<string, Omit<TokensPlan, 'scopes'>>;
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
  'AWS::ApiGatewayV2::Authorizer': {
    handle: (logicalId) => ({ ref: logicalId, attributes: { AuthorizerId: logicalId } }),
    plan(logicalId, properties, _, { authorizers }) {
      const { JwtConfiguration } = check(authorizerProperties, properties, logicalId);
      authorizers.set(logicalId, { issuer: JwtConfiguration.Issuer, audience: JwtConfiguration.Audience });
    },
  },
  'AWS::ApiGatewayV2::Route': {
    handle: (logicalId) => ({ ref: logicalId, attributes: {} }),
    plan(logicalId, properties, plan, { integrations, authorizers }) {
      const { RouteKey, Target, AuthorizationType, AuthorizerId, AuthorizationScopes } = check(
        routeProperties,
        properties,
        logicalId,
      );
      const authorizer = AuthorizationType === 'NONE' ? undefined : authorizers.get(AuthorizerId ?? '');
      if (AuthorizationType === 'JWT' && !authorizer) {
        throw new CloudError(`${logicalId} (AWS::ApiGatewayV2::Route) has no authorizer for its tokens`);
      }
      const functionArn = integrations.get(Target.replace('integrations/', ''));
      if (functionArn === undefined) {
        throw new CloudError(`${logicalId} (AWS::ApiGatewayV2::Route) has no integration with a function`);
      }
      const tokens = authorizer && { ...authorizer, scopes: AuthorizationScopes };
      plan.routes.push({ ...parseRouteKey(RouteKey), functionArn, tokens });
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
  'AWS::ApiGatewayV2::Authorizer',
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
    ...{ integrations: new Map(), authorizers: new Map(), failures: new Map(), policies: new Map() },
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
