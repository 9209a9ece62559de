/** Small cloud assemblies for tests of the embedded cloud, and clouds that run them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, onTestFinished } from 'vitest';
import { startCloud } from '../../local/cloud.ts';

export type Resources = Record<
  string,
  { Type: string; Condition?: string; Properties?: object; Metadata?: object }
>;

/** A new folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'osp-local-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a cloud assembly with one stack, and gives its folder. */
export function assemblyOf(resources: Resources): string {
  const folder = temporaryFolder();
  writeAssembly(folder, resources);
  return folder;
}

function writeAssembly(folder: string, Resources: Resources): void {
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'Small.template.json' } };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts: { Small: stack } }));
  writeFileSync(join(folder, 'Small.template.json'), JSON.stringify({ Resources }));
}

/** A function whose handler's body is given as text; `call(service, target, body)` in it asks a service as an SDK would. */
export function lambda(id: string, body: string, properties: object = {}): Resources[string] {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: { 'Fn::Sub': `\${AWS::StackName}-${id}` },
      Handler: 'index.handler',
      Code: { ZipFile: `${CALL}\nexports.handler = async (event, context) => {${body}};` },
      MemorySize: 128,
      Timeout: 10,
      ...properties,
    },
  };
}

const CALL = `
const call = async (service, target, body) => {
  const answer = await fetch(process.env['AWS_ENDPOINT_URL_' + service], {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      'x-amz-date': '20260101T000000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/eu-west-2/dynamodb/aws4_request, SignedHeaders=host, Signature=b',
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
};
const db = (operation, body) => call('DYNAMODB', 'DynamoDB_20120810.' + operation, { TableName: 'Small-Table', ...body });`;

/** A table with a sparse index, as the product has. */
export const table: Resources[string] = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    AttributeDefinitions: ['pk', 'sk', 'dueShard', 'dueAt'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: keys('pk', 'sk'),
    GlobalSecondaryIndexes: [
      { IndexName: 'due', KeySchema: keys('dueShard', 'dueAt'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  },
};

function keys(hash: string, range: string): object[] {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
}

/** Routes of an HTTP API to functions, by route key. */
export function api(routes: Record<string, string>): Resources {
  const resources: Resources = {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
  };
  for (const [i, [RouteKey, logicalId]] of Object.entries(routes).entries()) {
    resources[`Route${i}`] = {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { RouteKey, Target: { 'Fn::Join': ['', ['integrations/', { Ref: `Integration${i}` }]] } },
    };
    resources[`Integration${i}`] = {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        IntegrationType: 'AWS_PROXY',
        PayloadFormatVersion: '2.0',
        IntegrationUri: { 'Fn::GetAtt': [logicalId, 'Arn'] },
      },
    };
  }
  return resources;
}

/** A user pool with two scopes. */
export const userPool: Resources = {
  Pool: { Type: 'AWS::Cognito::UserPool' },
  Domain: {
    Type: 'AWS::Cognito::UserPoolDomain',
    Properties: { Domain: 'small', UserPoolId: { Ref: 'Pool' } },
  },
  Server: {
    Type: 'AWS::Cognito::UserPoolResourceServer',
    Properties: {
      UserPoolId: { Ref: 'Pool' },
      Identifier: 'referrals',
      Scopes: [{ ScopeName: 'submit' }, { ScopeName: 'read' }],
    },
  },
};

/** A client of the user pool that gets tokens for itself. */
export function apiClient(ClientName: string, scopes: string[], properties: object = {}): Resources[string] {
  return {
    Type: 'AWS::Cognito::UserPoolClient',
    Properties: {
      UserPoolId: { Ref: 'Pool' },
      ClientName,
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes: scopes,
      ...properties,
    },
  };
}

/** A client of the user pool through which people sign in, and come back to the API's `/back`. */
export const peopleClient: Resources[string] = {
  Type: 'AWS::Cognito::UserPoolClient',
  Properties: {
    UserPoolId: { Ref: 'Pool' },
    AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid', 'email', 'profile'],
    CallbackURLs: [{ 'Fn::Sub': `\${Api.ApiEndpoint}/back` }],
    LogoutURLs: [{ 'Fn::Sub': `\${Api.ApiEndpoint}/` }],
  },
};

/** A group of the user pool. */
export function group(GroupName: string): Resources[string] {
  return { Type: 'AWS::Cognito::UserPoolGroup', Properties: { UserPoolId: { Ref: 'Pool' }, GroupName } };
}

/** A state machine named `small` whose definition may use a logical id in `${}` for a function's ARN. */
export function stateMachine(definition: object, functions: readonly string[]): Resources[string] {
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'small',
      DefinitionString: JSON.stringify(definition),
      DefinitionSubstitutions: Object.fromEntries(
        functions.map((logicalId) => [logicalId, { 'Fn::GetAtt': [logicalId, 'Arn'] }]),
      ),
    },
  };
}

/** Lets a test call services as a function would: `POST /relay {service, target, body}`. */
export const relay: Resources = {
  Relay: lambda(
    'relay',
    'const { service, target, body } = JSON.parse(event.body); return call(service, target, body);',
  ),
  ...api({ 'POST /relay': 'Relay' }),
};

export const MACHINE = 'arn:aws:states:eu-west-2:123456789012:stateMachine:small';

/** A cloud for one test, with short words for what tests do to it. */
export class TestCloud {
  readonly url: string;
  readonly stop: () => Promise<void>;

  constructor(url: string, stop: () => Promise<void>) {
    this.url = url;
    this.stop = stop;
  }

  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    return (await fetch(`${this.url}${path}`)).json() as Promise<T>;
  }

  async post<T = Record<string, unknown>>(path: string, body: unknown): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return answer.json() as Promise<T>;
  }

  settle(): Promise<unknown> {
    return this.post('/_cloud/settle', {});
  }

  move(by: { hours: number } | { to: string }): Promise<{ now: string }> {
    return this.post('/_cloud/clock', by);
  }

  /** A call to a service, from inside a function. */
  call<T = Record<string, unknown>>(
    service: 'DYNAMODB' | 'SFN',
    operation: string,
    body: object,
  ): Promise<{ status: number; body: T }> {
    const prefix = service === 'SFN' ? 'AWSStepFunctions' : 'DynamoDB_20120810';
    return this.post('/relay', { service, target: `${prefix}.${operation}`, body });
  }

  /** Starts an execution and waits until it waits or ended. */
  async start(name: string, input: unknown = {}): Promise<void> {
    const { status, body } = await this.call('SFN', 'StartExecution', {
      stateMachineArn: MACHINE,
      name,
      input: JSON.stringify(input),
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
    await this.settle();
  }

  async execution(name: string): Promise<ExecutionSummary> {
    const found = (await this.executions()).find((execution) => execution.name === name);
    if (!found) throw new Error(`no execution ${name}`);
    return found;
  }

  executions(): Promise<ExecutionSummary[]> {
    return this.get('/_cloud/executions.json');
  }

  history(name: string): Promise<HistoryEvent[]> {
    return this.get(`/_cloud/executions/${name}/history.json`);
  }

  /** What every attempt of every task of an execution was given, in order. */
  async payloads(name: string): Promise<Record<string, string>[]> {
    return (await this.history(name))
      .filter(({ type }) => type === 'TaskScheduled')
      .map(
        ({ taskScheduledEventDetails }) => JSON.parse(taskScheduledEventDetails?.parameters ?? '{}').Payload,
      );
  }

  async token(name: string): Promise<string> {
    return (await this.payloads(name)).at(-1)?.token ?? '';
  }
}

export type ExecutionSummary = { name: string; status: string; state: string | null; startedAt: string };
export type HistoryEvent = { id: number; type: string; timestamp: string } & Record<
  `${string}EventDetails`,
  Record<string, string> | undefined
>;

interface Settings {
  readonly dataDir?: string;
  readonly now?: () => number;
}

/** Starts a cloud that stops when the test ends. */
export async function cloudOf(resources: Resources, settings: Settings = {}): Promise<TestCloud> {
  const { cloud, stop } = await start(resources, settings.dataDir ?? temporaryFolder(), settings.now);
  onTestFinished(stop);
  return cloud;
}

/** One cloud for all tests of a file that leave nothing behind in it. */
export function sharedCloud(resources: Resources, { now }: Settings = {}): () => TestCloud {
  let cloud: TestCloud | undefined;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'osp-local-'));
    const started = await start(resources, folder, now);
    cloud = started.cloud;
    return async () => {
      await started.stop();
      rmSync(folder, { recursive: true, force: true });
    };
  });
  return () => {
    if (!cloud) throw new Error('the cloud did not start');
    return cloud;
  };
}

async function start(
  resources: Resources,
  dataDir: string,
  now: (() => number) | undefined,
): Promise<{ cloud: TestCloud; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'osp-assembly-'));
  writeAssembly(folder, resources);
  const cloud = await startCloud({ assembly: folder, dataDir, port: 0, ...(now ? { now } : {}) });
  rmSync(folder, { recursive: true });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= cloud.stop();
    return stopped;
  };
  return { cloud: new TestCloud(cloud.url, stop), stop };
}
