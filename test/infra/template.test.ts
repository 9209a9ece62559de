/** What the template must and must not say. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { environments } from '../../functions/shared/environment.ts';
import { FUNCTION_PLANS, type FunctionName, PAGE_FUNCTIONS, TASK_FUNCTIONS } from '../../infra/functions.ts';
import { ROUTES } from '../../infra/web.ts';
import { production, type Resource, readable, Service, synthesizeText, target } from './service.ts';

const root = join(import.meta.dirname, '../..');
const development = new Service();
const service = new Service(production);
const names = Object.keys(FUNCTION_PLANS) as FunctionName[];
const stages: [string, Service][] = [
  ['development', development],
  ['production', service],
];

test("the template is the same every time, and keeps CloudFormation's own rules", () => {
  expect(synthesizeText(production, true)).toBe(synthesizeText(production));
});

test('nothing in it was looked up in an account or a Region', () => {
  const text = JSON.stringify(service.template.toJSON());
  expect(text).not.toMatch(/\b\d{12}\b/);
  expect(text).not.toMatch(/\b(eu|us)-[a-z]+-\d\b/);
});

describe('functions', () => {
  test('each handler folder has a function and each function a handler folder', () => {
    const folders = readdirSync(join(root, 'functions')).filter((name) =>
      existsSync(join(root, 'functions', name, 'handler.ts')),
    );
    expect(folders.sort()).toEqual([...names].sort());
    expect(service.all('AWS::Lambda::Function')).toHaveLength(names.length);
  });

  test.each(names)('%s runs on Node 24 and arm64, traced, from its own bundle', (name) => {
    const [, { Properties }] = service.fn(name);
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
    });
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(Properties).toMatchObject({ Environment: { Variables: { POWERTOOLS_SERVICE_NAME: name } } });
  });

  test('no two share a role, a log or a bundle', () => {
    const all = service.all('AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    for (const key of ['Role', 'LoggingConfig', 'Code'] as const) {
      expect(new Set(all.map((properties) => JSON.stringify(properties[key]))).size).toBe(names.length);
    }
  });

  test.each(names)(
    '%s is told every variable of its kind, only the outbox whom and what to drive, and only what makes whole addresses the base of them',
    (name) => {
      const variables = variablesIn(service, name);
      const kind = FUNCTION_PLANS[name].environment;
      expect(environments[kind].safeParse(readableValues(variables)).error).toBeUndefined();
      const driving = /^(STATE_MACHINE_ARN|CONFIGURATION_SET|SENDER|COORDINATOR_ADDRESS)$/;
      // The rebuild looks whether executions run.
      expect(Object.keys(variables).filter((variable) => driving.test(variable))).toHaveLength(
        { outbox: 4, 'rebuild-executions': 1 }[name as string] ?? 0,
      );
      expect('BASE_URL' in variables).toBe(['outbox', 'api', 'sign-in', 'directory'].includes(name));
    },
  );

  test('links use the configured address, or the one that AWS gives the API', () => {
    expect(variablesIn(service, 'outbox').BASE_URL).toBe(production.baseUrl);
    const [[api]] = development.all('AWS::ApiGatewayV2::Api') as [[string, unknown]];
    expect(variablesIn(development, 'outbox').BASE_URL).toEqual({ 'Fn::GetAtt': [api, 'ApiEndpoint'] });
  });
});

describe('permissions', () => {
  const basics = (name: FunctionName) => [
    `logs:CreateLogStream on Functions${pascal(name)}Log`,
    `logs:PutLogEvents on Functions${pascal(name)}Log`,
    'xray:PutTelemetryRecords on *',
    'xray:PutTraceSegments on *',
  ];
  const record = [
    'dynamodb:GetItem on StorageTable',
    'dynamodb:PutItem on StorageTable',
    'kms:Decrypt on StorageKey',
    'kms:DescribeKey on StorageKey',
    'kms:Encrypt on StorageKey',
    'kms:GenerateDataKey on StorageKey',
    'kms:GenerateDataKeyWithoutPlaintext on StorageKey',
    'kms:ReEncryptFrom on StorageKey',
    'kms:ReEncryptTo on StorageKey',
  ];
  const secret = 'secretsmanager:GetSecretValue on StorageSecret';
  const wake = ['lambda:InvokeFunction on FunctionsOutboxFunction'];
  // Called by the clock, which nobody waits for.
  const deadLetter = 'sqs:SendMessage on RemindersDeadLetters';
  // Of its partition only: see below.
  const directory = 'dynamodb:Query on StorageTable';
  const arn = (service: string) => `arn:Partition:${service}:Region:AccountId`;
  const special: Partial<Record<FunctionName, string[]>> = {
    'web-assets': [],
    'public-forms': [...record, 'dynamodb:UpdateItem on StorageTable', directory, secret, ...wake],
    'provider-offer': [...record, 'dynamodb:UpdateItem on StorageTable', directory, secret, ...wake],
    'provider-offers': [
      ...record,
      'dynamodb:BatchGetItem on StorageTable',
      'dynamodb:Query on StorageTable/index/offers',
      'dynamodb:UpdateItem on StorageTable',
      directory,
      secret,
      ...wake,
    ],
    'session-register': [
      ...record,
      'dynamodb:BatchGetItem on StorageTable',
      'dynamodb:Query on StorageTable/index/offers',
      'dynamodb:Query on StorageTable/index/reference',
      'dynamodb:UpdateItem on StorageTable',
      directory,
      secret,
      ...wake,
    ],
    directory: [...record, 'dynamodb:UpdateItem on StorageTable', directory, secret, ...wake],
    'directory-sweep': [...record, directory, deadLetter, ...wake],
    'person-voice': [...record, 'dynamodb:UpdateItem on StorageTable', secret, ...wake],
    'person-page': [
      ...record,
      'dynamodb:Query on StorageTable',
      'dynamodb:UpdateItem on StorageTable',
      secret,
      ...wake,
    ],
    api: [
      ...record,
      'dynamodb:UpdateItem on StorageTable',
      'dynamodb:Query on StorageTable/index/reference',
      directory,
      secret,
      ...wake,
    ],
    'link-worker-review': [
      ...record,
      'dynamodb:Query on StorageTable',
      'dynamodb:Query on StorageTable/index/nhsNumberKey',
      'dynamodb:Query on StorageTable/index/personKey',
      'dynamodb:Query on StorageTable/index/reference',
      'dynamodb:UpdateItem on StorageTable',
      secret,
      ...wake,
    ],
    'link-worker-plan': [
      ...record,
      'dynamodb:Query on StorageTable',
      'dynamodb:Query on StorageTable/index/reference',
      'dynamodb:UpdateItem on StorageTable',
      secret,
      ...wake,
    ],
    'link-worker-answers': [
      ...record,
      directory,
      'dynamodb:Query on StorageTable/index/reference',
      'dynamodb:UpdateItem on StorageTable',
      secret,
      ...wake,
    ],
    'link-worker-contacts': [
      ...record,
      'dynamodb:Query on StorageTable',
      'dynamodb:Query on StorageTable/index/reference',
      'dynamodb:UpdateItem on StorageTable',
      secret,
      ...wake,
    ],
    worklist: [
      'dynamodb:BatchGetItem on StorageTable',
      ...record.filter((line) => !line.startsWith('dynamodb:PutItem')),
      'dynamodb:Query on StorageTable',
      ...['caseload', 'familyNameKey', 'nameKey', 'nhsNumberKey', 'worklist'].map(
        (index) => `dynamodb:Query on StorageTable/index/${index}`,
      ),
      'dynamodb:UpdateItem on StorageTable',
      secret,
      ...wake,
    ],
    team: [
      ...record,
      'dynamodb:BatchGetItem on StorageTable',
      'dynamodb:DeleteItem on StorageTable',
      'dynamodb:Query on StorageTable',
      'dynamodb:Query on StorageTable/index/caseload',
      'dynamodb:UpdateItem on StorageTable',
      secret,
      ...wake,
    ],
    // It notes who looked, finds others of the same person, and asks the one that may do the rest.
    'data-rights': [
      ...record,
      'dynamodb:BatchGetItem on StorageTable',
      ...['familyNameKey', 'nameKey', 'nhsNumberKey', 'reference'].map(
        (index) => `dynamodb:Query on StorageTable/index/${index}`,
      ),
      'dynamodb:UpdateItem on StorageTable',
      'lambda:InvokeFunction on FunctionsPersonalDataFunction',
      secret,
    ],
    // The only one that may take a referral away. It reads all that belongs to one, and finds others of the same person.
    'personal-data': [
      ...record,
      'dynamodb:BatchGetItem on StorageTable',
      'dynamodb:DeleteItem on StorageTable',
      'dynamodb:Query on StorageTable',
      ...['familyNameKey', 'nameKey', 'nhsNumberKey', 'personKey', 'reference'].map(
        (index) => `dynamodb:Query on StorageTable/index/${index}`,
      ),
      // The keys by which somebody is found whose name was put right.
      secret,
      ...wake,
    ],
    // It notes who read the audit, wakes nobody, and reads one referral's partition.
    audit: [
      ...record,
      'dynamodb:Query on StorageTable',
      'dynamodb:Query on StorageTable/index/reference',
      'dynamodb:UpdateItem on StorageTable',
      secret,
    ],
    // It keeps sessions, and who is of which team, and changes no referral.
    'sign-in': [
      ...record,
      'dynamodb:BatchGetItem on StorageTable',
      'dynamodb:DeleteItem on StorageTable',
      'dynamodb:UpdateItem on StorageTable',
      secret,
    ],
    // It only reads.
    'referrer-status': [
      'dynamodb:GetItem on StorageTable',
      'kms:Decrypt on StorageKey',
      'kms:DescribeKey on StorageKey',
    ],
    calendar: [
      'dynamodb:GetItem on StorageTable',
      directory,
      secret,
      'kms:Decrypt on StorageKey',
      'kms:DescribeKey on StorageKey',
    ],
    // Of measures and the directory.
    letters: [
      ...record,
      directory,
      'dynamodb:UpdateItem on StorageTable',
      'dynamodb:Query on StorageTable/index/reference',
      secret,
    ],
    'person-measures': [...record, 'dynamodb:Query on StorageTable', ...wake],
    'close-referral': [...record, 'dynamodb:Query on StorageTable', ...wake],
    // It changes nothing but that a session is used.
    report: [
      ...record.filter((line) => !line.startsWith('dynamodb:PutItem')),
      'dynamodb:UpdateItem on StorageTable',
      directory,
      secret,
    ],
    insights: [
      ...record.filter((line) => !line.startsWith('dynamodb:PutItem')),
      'dynamodb:Query on StorageTable',
      'dynamodb:UpdateItem on StorageTable',
      secret,
    ],
    'reminder-sweep': [
      ...record,
      'dynamodb:UpdateItem on StorageTable',
      ...['due', 'offers'].map((index) => `dynamodb:Query on StorageTable/index/${index}`),
      'lambda:InvokeFunction on FunctionsPersonalDataFunction',
      deadLetter,
      ...wake,
    ],
    gauges: [
      ...['due', 'outbox', 'standing', 'worklist'].map(
        (index) => `dynamodb:Query on StorageTable/index/${index}`,
      ),
      ...record.filter((line) => !line.startsWith('dynamodb:GetItem')),
      deadLetter,
    ],
    'mail-events': [
      ...record,
      'dynamodb:BatchGetItem on StorageTable',
      'dynamodb:Query on StorageTable/index/offers',
      directory,
      ...wake,
    ],
    'rebuild-executions': [
      ...record,
      'dynamodb:Scan on StorageTable',
      `states:DescribeExecution on ${arn('states')}:execution:OpenSocialPrescribing-referral:*`,
      secret,
      ...wake,
    ],
    outbox: [
      ...record,
      'dynamodb:BatchGetItem on StorageTable',
      'dynamodb:Query on StorageTable/index/offers',
      directory,
      `ses:SendRawEmail on ${arn('ses')}:configuration-set/EmailConfigurationSet`,
      `ses:SendRawEmail on ${arn('ses')}:identity/EmailSender`,
      `states:SendTaskSuccess on ${arn('states')}:stateMachine:OpenSocialPrescribing-referral`,
      `states:StartExecution on ${arn('states')}:stateMachine:OpenSocialPrescribing-referral`,
      `states:StopExecution on ${arn('states')}:execution:OpenSocialPrescribing-referral:*`,
    ],
  };

  test.each(names)('%s may do what it needs and no more', (name) => {
    const [, { Properties }] = service.fn(name);
    expect(service.permissions(target(Properties.Role))).toEqual(
      [...basics(name), ...(special[name] ?? [...record, ...wake])].sort(),
    );
  });

  test('the key of the table and the secret is used through their services only, and the other one by no role', () => {
    const uses = service
      .all('AWS::IAM::Role')
      .flatMap(([role]) => service.statements(role))
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')))
      .map(({ Resource, Condition }) => `${readable(Resource)} ${conditionOf(Condition)}`);
    expect([...new Set(uses)].sort()).toEqual([
      'StorageKey dynamodb.Region.amazonaws.com',
      'StorageKey secretsmanager.Region.amazonaws.com',
    ]);
  });

  test('the state machine may call its eight functions, unqualified', () => {
    const { RoleArn } = service.only('AWS::StepFunctions::StateMachine').Properties;
    const calls = service.permissions(target(RoleArn)).filter((line) => line.startsWith('lambda:'));
    expect(calls).toEqual(
      Object.keys(TASK_FUNCTIONS)
        .map((name) => `lambda:InvokeFunction on Functions${pascal(name)}Function`)
        .sort(),
    );
  });
});

describe('storage', () => {
  test('on demand, recoverable, encrypted with a key of its own that rotates', () => {
    const { Properties } = service.only('AWS::DynamoDB::Table');
    const [key] = keyOf(service, 'StorageKey');
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } },
    });
    // Items that are over go by themselves; no referral has the attribute.
    expect(Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
    const { Properties: ofSecret } = service.only('AWS::SecretsManager::Secret');
    expect(ofSecret.KmsKeyId).toEqual({ 'Fn::GetAtt': [key, 'Arn'] });
  });

  test('keys rotate, and can be called back for as long as AWS lets them in production', () => {
    for (const [stage, at] of stages) {
      const keys = at.all('AWS::KMS::Key');
      expect(keys.map(([id]) => readable({ Ref: id })).sort()).toEqual(['OperationsKey', 'StorageKey']);
      for (const [, { Properties, DeletionPolicy }] of keys) {
        const production = stage === 'production';
        expect(Properties).toMatchObject({
          EnableKeyRotation: true,
          PendingWindowInDays: production ? 30 : 7,
        });
        expect(DeletionPolicy).toBe(production ? 'Retain' : 'Delete');
      }
    }
  });

  test('the indexes hold keys only', () => {
    expect(service.only('AWS::DynamoDB::Table').Properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'due',
        KeySchema: [
          { AttributeName: 'dueShard', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      ...['reference', 'personKey', 'nhsNumberKey', 'nameKey', 'familyNameKey'].map((attribute) => ({
        IndexName: attribute,
        KeySchema: [
          { AttributeName: attribute, KeyType: 'HASH' },
          // Those that are searched have each team's apart, the newest first.
          ...(['reference', 'personKey'].includes(attribute)
            ? []
            : [{ AttributeName: 'searchKey', KeyType: 'RANGE' }]),
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
      {
        IndexName: 'worklist',
        KeySchema: [
          { AttributeName: 'worklistTeam', KeyType: 'HASH' },
          { AttributeName: 'worklistKey', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: 'caseload',
        KeySchema: [
          { AttributeName: 'caseloadOf', KeyType: 'HASH' },
          { AttributeName: 'caseloadKey', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: 'offers',
        KeySchema: [
          { AttributeName: 'offerProgramme', KeyType: 'HASH' },
          { AttributeName: 'offerKey', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: 'standing',
        KeySchema: [
          { AttributeName: 'standsAt', KeyType: 'HASH' },
          { AttributeName: 'standsSince', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: 'outbox',
        KeySchema: [
          { AttributeName: 'outboxOf', KeyType: 'HASH' },
          { AttributeName: 'outboxSince', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
  });

  test('production protects and keeps its data, development does not', () => {
    for (const [stage, at] of stages) {
      const table = at.only('AWS::DynamoDB::Table');
      const kept = stage === 'production';
      expect(table.Properties.DeletionProtectionEnabled).toBe(kept);
      expect(table.DeletionPolicy).toBe(kept ? 'Retain' : 'Delete');
      expect(at.only('AWS::SecretsManager::Secret').DeletionPolicy).toBe(kept ? 'Retain' : 'Delete');
    }
  });
});

describe('logs', () => {
  test('each has a retention', () => {
    // One for each function, the state machine and the API.
    const logs = service.all('AWS::Logs::LogGroup');
    expect(logs).toHaveLength(names.length + 2);
    for (const [, { Properties }] of logs) expect(Properties.RetentionInDays).toBe(90);
  });

  test('each is encrypted with the key of operations, which CloudWatch Logs may use for logs of this account only', () => {
    const [key, { Properties }] = keyOf(service, 'OperationsKey');
    for (const [, log] of service.all('AWS::Logs::LogGroup')) {
      expect(log.Properties.KmsKeyId).toEqual({ 'Fn::GetAtt': [key, 'Arn'] });
    }
    const { Statement } = Properties.KeyPolicy as { Statement: Record<string, unknown>[] };
    const ofLogs = Statement.find(({ Principal }) => JSON.stringify(Principal).includes('logs.'));
    const condition = ofLogs?.Condition as { ArnLike: Record<string, unknown> } | undefined;
    expect(Object.entries(condition?.ArnLike ?? {}).map(([name, value]) => [name, readable(value)])).toEqual([
      ['kms:EncryptionContext:aws:logs:arn', 'arn:Partition:logs:Region:AccountId:log-group:*'],
    ]);
  });

  test('the access log has no path, address or agent', () => {
    const { AccessLogSettings } = service.only('AWS::ApiGatewayV2::Stage').Properties as {
      AccessLogSettings: { Format: string };
    };
    expect(Object.values(JSON.parse(AccessLogSettings.Format)).sort()).toEqual([
      '$context.integrationLatency',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.routeKey',
      '$context.status',
    ]);
  });

  test('the state machine writes no execution data', () => {
    expect(service.only('AWS::StepFunctions::StateMachine').Properties.LoggingConfiguration).toMatchObject({
      IncludeExecutionData: false,
      Level: 'ERROR',
    });
  });
});

describe('workflow', () => {
  const { Properties } = service.only('AWS::StepFunctions::StateMachine');
  const substitutions = Properties.DefinitionSubstitutions as Record<string, unknown>;
  const resolved = (Properties.DefinitionString as string).replace(/\$\{([^}]*)\}/g, (whole, name: string) =>
    name in substitutions ? `arn:aws:lambda:eu-west-2:123456789012:function:${name}` : whole,
  );

  test('every substitution is used and none is left', () => {
    expect(resolved).not.toContain('${');
    for (const [name, arn] of Object.entries(substitutions)) {
      expect(Properties.DefinitionString).toContain(`\${${name}}`);
      expect(target(arn)).toMatch(new RegExp(`^Functions${name}Function`));
    }
  });

  test('the definition is valid Amazon States Language', () => {
    const { isValid, errorsText } = validate(JSON.parse(resolved));
    expect(isValid, errorsText()).toBe(true);
  });

  test('every task has a timeout and retries', () => {
    const { States } = JSON.parse(resolved) as { States: Record<string, Record<string, unknown>> };
    const tasks = Object.entries(States).filter(([, { Type }]) => Type === 'Task');
    expect(tasks.map(([name]) => name).sort()).toEqual(Object.keys(substitutions).sort());
    for (const [name, state] of tasks) {
      expect(state, name).toMatchObject({ TimeoutSeconds: expect.any(Number), Retry: expect.any(Array) });
    }
  });

  test('it is traced, and its name is the one in the ARN that the outbox is told', () => {
    expect(Properties.TracingConfiguration).toEqual({ Enabled: true });
    expect(readable(variablesIn(service, 'outbox').STATE_MACHINE_ARN)).toBe(
      `arn:Partition:states:Region:AccountId:stateMachine:${Properties.StateMachineName}`,
    );
  });
});

describe('web', () => {
  test('every address is a route of its own with its function, and there is no other', () => {
    const integrations = new Map(
      service
        .all('AWS::ApiGatewayV2::Integration')
        .map(([id, { Properties }]) => [id, target(Properties.IntegrationUri)]),
    );
    const routes = service.all('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => {
      const { 'Fn::Join': parts } = Properties.Target as { 'Fn::Join': [string, [string, { Ref: string }]] };
      const fn = integrations.get(parts[1][1].Ref);
      return `${Properties.RouteKey} ${readable({ Ref: fn })}`;
    });
    expect(routes.sort()).toEqual(
      ROUTES.flatMap(([path, methods, name]) =>
        methods.map((method) => `${method} ${path} Functions${pascal(name)}Function`),
      ).sort(),
    );
    expect(new Set(ROUTES.map(([, , name]) => name))).toEqual(new Set(Object.keys(PAGE_FUNCTIONS)));
  });

  test('payload 2.0', () => {
    for (const [, { Properties }] of service.all('AWS::ApiGatewayV2::Integration')) {
      expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    }
  });

  test('each permission is for one route of this API', () => {
    const [[api]] = service.all('AWS::ApiGatewayV2::Api') as [[string, unknown]];
    const sources = service
      .all('AWS::Lambda::Permission')
      .map(([, { Properties }]) => readable(Properties.SourceArn))
      // Of the rule for what comes back about email: see below.
      .filter((source) => source !== 'EmailComesBack');
    expect(new Set(sources)).toEqual(
      new Set(
        ROUTES.map(
          ([path]) =>
            `arn:Partition:execute-api:Region:AccountId:${api.replace(/[0-9A-F]{8}$/, '')}/*/*${path}`,
        ),
      ),
    );
  });

  test('the stage is throttled as configured', () => {
    expect(service.only('AWS::ApiGatewayV2::Stage').Properties).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
    const { Properties } = new Service({ throttling: { requestsPerSecond: 7, burst: 9 } }).only(
      'AWS::ApiGatewayV2::Stage',
    );
    expect(Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 9 },
    });
  });
});

test.each([
  ['reminder-sweep', 'rate(5 minutes)', 900],
  ['directory-sweep', 'rate(1 day)', 43_200],
  ['gauges', 'rate(5 minutes)', 900],
] as const)('%s is called at %s with the planned time, and by nobody else', (name, rate, age) => {
  const schedules = service.all('AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties);
  expect(schedules).toHaveLength(3);
  const found = schedules.filter(
    ({ Target }) => target((Target as { Arn: unknown }).Arn) === service.fn(name)[0],
  );
  expect(found).toEqual([
    expect.objectContaining({
      ScheduleExpression: rate,
      FlexibleTimeWindow:
        name === 'gauges' ? { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1 } : { Mode: 'OFF' },
      State: 'ENABLED',
      Target: expect.objectContaining({
        Input: '{"now":"<aws.scheduler.scheduled-time>"}',
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: age },
        DeadLetterConfig: { Arn: expect.anything() },
      }),
    }),
  ]);
  const { RoleArn } = (found[0] as { Target: { RoleArn: unknown } }).Target;
  expect(service.permissions(target(RoleArn))).toEqual([
    'lambda:InvokeFunction on FunctionsDirectorySweepFunction',
    'lambda:InvokeFunction on FunctionsGaugesFunction',
    'lambda:InvokeFunction on FunctionsReminderSweepFunction',
    'sqs:SendMessage on RemindersDeadLetters',
  ]);
  // That it failed, though it was called, is known to Lambda alone.
  const failures = service
    .all('AWS::Lambda::EventInvokeConfig')
    .map(([, { Properties }]) => Properties)
    .filter(({ FunctionName }) => (FunctionName as { Ref: string }).Ref === service.fn(name)[0]);
  expect(failures).toEqual([
    expect.objectContaining({ DestinationConfig: { OnFailure: { Destination: expect.anything() } } }),
  ]);
});

test('alarms go over TLS, encrypted, and from alarms of this account only', () => {
  const [[id, topic]] = service.all('AWS::SNS::Topic') as [[string, Resource]];
  const [key, { Properties: ofKey }] = keyOf(service, 'OperationsKey');
  expect(topic.Properties.KmsMasterKeyId).toEqual({ 'Fn::GetAtt': [key, 'Arn'] });
  const { PolicyDocument, Topics } = service.only('AWS::SNS::TopicPolicy').Properties as {
    PolicyDocument: { Statement: Record<string, unknown>[] };
    Topics: unknown;
  };
  expect(Topics).toEqual([{ Ref: id }]);
  const ours = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
  const alarms = { Service: 'cloudwatch.amazonaws.com' };
  expect(PolicyDocument.Statement).toEqual([
    expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    expect.objectContaining({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: alarms,
      Condition: ours,
    }),
  ]);
  const { Statement } = ofKey.KeyPolicy as { Statement: Record<string, unknown>[] };
  expect(Statement.filter(({ Principal }) => JSON.stringify(Principal) === JSON.stringify(alarms))).toEqual([
    expect.objectContaining({ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Condition: ours }),
  ]);
});

test('the operator hears when the account costs more than the budget, or will; without a budget nobody does', () => {
  const { Budget, NotificationsWithSubscribers } = service.only('AWS::Budgets::Budget').Properties;
  expect(Budget).toMatchObject({
    BudgetName: 'OpenSocialPrescribing-month',
    BudgetType: 'COST',
    TimeUnit: 'MONTHLY',
    BudgetLimit: { Amount: 100, Unit: 'USD' },
  });
  expect(NotificationsWithSubscribers).toEqual(
    [
      { NotificationType: 'ACTUAL', Threshold: 80 },
      { NotificationType: 'FORECASTED', Threshold: 100 },
    ].map((notification) => ({
      Notification: { ...notification, ComparisonOperator: 'GREATER_THAN', ThresholdType: 'PERCENTAGE' },
      Subscribers: [{ SubscriptionType: 'EMAIL', Address: production.alarmAddress }],
    })),
  );
  expect(new Service({ budget: { dollarsAMonth: 0 } }).all('AWS::Budgets::Budget')).toEqual([]);
});

test('email needs TLS, counts its reputation and comes from the configured sender', () => {
  expect(service.only('AWS::SES::ConfigurationSet').Properties).toMatchObject({
    DeliveryOptions: { TlsPolicy: 'REQUIRE' },
    ReputationOptions: { ReputationMetricsEnabled: true },
    SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
  });
  expect(service.only('AWS::SES::EmailIdentity').Properties.EmailIdentity).toBe(production.senderAddress);
});

test('what comes back about email of this service, and of no other, reaches the function that learns of it', () => {
  const [[set]] = service.all('AWS::SES::ConfigurationSet') as [[string, Resource]];
  const bus = ':event-bus/default';
  const destination = service.only('AWS::SES::ConfigurationSetEventDestination').Properties;
  expect(destination).toMatchObject({
    ConfigurationSetName: { Ref: set },
    EventDestination: {
      Enabled: true,
      MatchingEventTypes: ['bounce', 'complaint', 'reject', 'deliveryDelay'],
    },
  });
  const { EventBridgeDestination } = destination.EventDestination as {
    EventBridgeDestination: { EventBusArn: unknown };
  };
  expect(readable(EventBridgeDestination.EventBusArn).endsWith(bus.slice(1))).toBe(true);
  const [, { Properties: fn }] = service.fn('mail-events');
  expect(fn.FunctionName).toBe('OpenSocialPrescribing-mail-events');
  const rule = service.only('AWS::Events::Rule').Properties;
  expect(rule).toMatchObject({
    EventBusName: 'default',
    EventPattern: {
      source: ['aws.ses'],
      detail: { mail: { tags: { 'ses:configuration-set': [{ Ref: set }] } } },
    },
    State: 'ENABLED',
  });
  const permitted = service
    .all('AWS::Lambda::Permission')
    .filter(([, { Properties }]) => readable(Properties.SourceArn) === 'EmailComesBack');
  expect(
    permitted.map(([, { Properties }]) => [Properties.Principal, readable(Properties.FunctionName)]),
  ).toEqual([['events.amazonaws.com', 'FunctionsMailEventsFunction']]);
  const [wanted] = rule.Targets as { Arn: unknown; RetryPolicy: unknown }[];
  expect(readable(wanted?.Arn)).toBe('FunctionsMailEventsFunction');
  expect(wanted?.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
});

test('the outputs that other tools read', () => {
  const outputs = service.template.findOutputs('*');
  expect(Object.keys(outputs).sort()).toEqual([
    'ApiUrl',
    'StateMachineArn',
    'TableName',
    'TokenIssuer',
    'TokenUrl',
  ]);
});

test('two services live side by side: every fixed name starts with the name of the stack', () => {
  const camden = new Service({ stackName: 'Camden' });
  const fixed = [
    ...camden.all('AWS::Lambda::Function').map(([, { Properties }]) => Properties.FunctionName),
    ...camden.all('AWS::Logs::LogGroup').map(([, { Properties }]) => Properties.LogGroupName),
    camden.only('AWS::StepFunctions::StateMachine').Properties.StateMachineName,
  ].filter((name) => name !== undefined);
  expect(fixed).toHaveLength(names.length + 2);
  for (const name of fixed) expect(name).toMatch(/^(\/aws\/vendedlogs\/states\/)?Camden-/);
});

/** A key by its name. */
function keyOf(at: Service, name: string): [string, Resource] {
  const found = at.all('AWS::KMS::Key').find(([id]) => readable({ Ref: id }) === name);
  if (!found) throw new Error(`no key ${name}`);
  return found;
}

/** Through which service, and nothing else. */
function conditionOf(condition: unknown): string {
  const { StringEquals, ...others } = condition as Record<string, Record<string, unknown>>;
  if (Object.keys(others).length > 0) throw new Error('another condition');
  return readable(StringEquals?.['kms:ViaService']);
}

function pascal(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function variablesIn(at: Service, name: FunctionName): Record<string, unknown> {
  return (at.fn(name)[1].Properties.Environment as { Variables: Record<string, unknown> }).Variables;
}

function readableValues(variables: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, readable(value)]));
}
