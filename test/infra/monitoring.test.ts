/** Who is woken by what: every alarm tells somebody, says what to do, and looks at something that is really measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Message } from '../../functions/shared/log.ts';
import { CATALOGUE } from '../../functions/shared/log-catalogue.ts';
import { METRICS, type Metric } from '../../functions/shared/metric-catalogue.ts';
import { whomToPhone } from '../../infra/on-call.ts';
import { bodyOf, metricsIn, ofAlarm, type Seen } from './metrics.ts';
import { production, Service, type Statement } from './service.ts';

const service = new Service(production);
const root = join(import.meta.dirname, '../..');
const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-'),
);
const alarms = service.all('AWS::CloudWatch::Alarm');
const composites = service.all('AWS::CloudWatch::CompositeAlarm');
const [[topic]] = service.all('AWS::SNS::Topic') as [[string, unknown]];

const OWN = 'OpenSocialPrescribing';
const { onCall } = production;

/** What AWS publishes, by the dimensions that it publishes it with (none: of the account), and the page of its documentation that says so. */
const PUBLISHED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // Amazon API Gateway, "Work with CloudWatch metrics for HTTP APIs"
  'AWS/ApiGateway': { Count: ['ApiId'], '4xx': ['ApiId'], '5xx': ['ApiId'], Latency: ['ApiId'] },
  // Amazon DynamoDB, "DynamoDB metrics and dimensions"
  'AWS/DynamoDB': {
    ...{ ConsumedReadCapacityUnits: ['TableName'], ConsumedWriteCapacityUnits: ['TableName'] },
    ThrottledRequests: ['Operation,TableName'],
  },
  // AWS Lambda, "Types of metrics for Lambda functions"
  'AWS/Lambda': {
    ...{ Invocations: ['FunctionName'], Errors: ['FunctionName'], Duration: ['FunctionName'] },
    ...{ AsyncEventsDropped: ['FunctionName'], Throttles: ['FunctionName', ''] },
  },
  // Amazon SES, "Creating reputation monitoring alarms using CloudWatch"
  'AWS/SES': { 'Reputation.BounceRate': [''], 'Reputation.ComplaintRate': [''] },
  // Amazon SQS, "Available CloudWatch metrics for Amazon SQS"
  'AWS/SQS': { ApproximateNumberOfMessagesVisible: ['QueueName'] },
  // AWS Step Functions, "Monitoring Step Functions metrics using Amazon CloudWatch"
  'AWS/States': {
    ...{ ExecutionsStarted: ['StateMachineArn'], ExecutionsSucceeded: ['StateMachineArn'] },
    ...{ ExecutionsFailed: ['StateMachineArn'], ExecutionsTimedOut: ['StateMachineArn'] },
  },
};
/** Of which type what a dimension names is. */
const RESOURCES: Readonly<Record<string, string>> = {
  ApiId: 'AWS::ApiGatewayV2::Api',
  FunctionName: 'AWS::Lambda::Function',
  QueueName: 'AWS::SQS::Queue',
  StateMachineArn: 'AWS::StepFunctions::StateMachine',
  TableName: 'AWS::DynamoDB::Table',
};

const tells = ({ AlarmActions, OKActions }: Record<string, unknown>) =>
  [AlarmActions, OKActions].every((actions) => JSON.stringify(actions) === JSON.stringify([{ Ref: topic }]));

describe('every alarm', () => {
  test.each(
    [...alarms, ...composites].map(([id, { Properties }]) => [String(Properties.AlarmName), id, Properties]),
  )('%s says what people feel, what to do, and where to read on', (name, _, properties) => {
    const { AlarmDescription: says } = properties as { AlarmDescription: string };
    const anchor = String(name).replace(`${OWN}-`, '');
    expect(says).toMatch(new RegExp(`^[A-Z].+\\. .+ See docs/runbook\\.md#${anchor}\\. Phone `));
    // The runbook says to phone them, and whoever is woken has this email.
    expect(says.slice(says.lastIndexOf('. Phone '))).toBe(
      `. Phone on call for faults: ${onCall.engineer}; coordinator: ${onCall.coordinator}; owner of the service: ${onCall.owner}; data protection officer: ${onCall.dataProtection}.`,
    );
    // CloudWatch takes 1,024, and the settings take 80 of each.
    const longest = says.length + Object.values(onCall).reduce((sum, { length }) => sum + 80 - length, 0);
    expect(longest).toBeLessThanOrEqual(1024);
    expect(anchors.filter((each) => each === anchor)).toHaveLength(1);
  });

  test.each(alarms.map(([id, { Properties }]) => [String(Properties.AlarmName), id, Properties]))(
    '%s tells somebody when it rings and when it is over, by itself or with others and never twice',
    (_, id, properties) => {
      const together = composites.filter(([, { Properties }]) =>
        JSON.stringify(Properties.AlarmRule).includes(`"${id}"`),
      );
      const ways = [...together.map(([, composite]) => composite.Properties), properties].filter((each) =>
        tells(each as Record<string, unknown>),
      );
      expect(ways).toHaveLength(1);
    },
  );

  test.each(alarms.map(([, { Properties }]) => [String(Properties.AlarmName), Properties]))(
    '%s says what it makes of missing data',
    (_, properties) => {
      const { TreatMissingData } = properties as { TreatMissingData: string };
      expect(['breaching', 'notBreaching', 'ignore']).toContain(TreatMissingData);
    },
  );

  test('that something does not run rings where nothing is heard of it', () => {
    const silent = alarms.filter(([, { Properties }]) => Properties.TreatMissingData === 'breaching');
    expect(silent.map(([, { Properties }]) => Properties.AlarmName).sort()).toEqual([
      `${OWN}-not-counted`,
      `${OWN}-sweep-not-run`,
    ]);
  });
});

test('where the settings name nobody to phone, alarms say so of nobody', () => {
  expect(whomToPhone({ engineer: '', coordinator: '', owner: '', dataProtection: '' })).toBe('');
});

test('alarms go to the address of the settings, encrypted, and CloudWatch may use the key', () => {
  expect(service.only('AWS::SNS::Subscription').Properties).toEqual({
    Protocol: 'email',
    Endpoint: production.alarmAddress,
    TopicArn: { Ref: topic },
  });
});

test('the queue of what failed is encrypted and keeps it long enough to be seen', () => {
  expect(service.only('AWS::SQS::Queue').Properties).toEqual({
    MessageRetentionPeriod: 1_209_600,
    SqsManagedSseEnabled: true,
  });
});

describe('every metric of an alarm or a dashboard', () => {
  const seen = metricsIn(service);
  const isOurs = ({ namespace }: Seen) => namespace === OWN;

  test('of AWS is one that AWS publishes, and of what the template has', () => {
    const theirs = seen.filter((metric) => !isOurs(metric));
    expect(theirs.length).toBeGreaterThan(50);
    for (const { namespace, name, by } of theirs) {
      const dimensions = Object.keys(by).sort().join();
      expect([namespace, name, PUBLISHED[namespace]?.[name] ?? 'nothing of the kind']).toEqual([
        namespace,
        name,
        expect.arrayContaining([dimensions]),
      ]);
      for (const [dimension, value] of Object.entries(by)) {
        const type = RESOURCES[dimension];
        if (type === undefined) expect(value, dimension).toMatch(/^(\w+Item|Query|Scan)$/);
        else
          expect(
            service.all(type).map(([id]) => `=>${id}`),
            `${name} ${dimension}`,
          ).toContain(value);
      }
    }
  });

  test('of ours is in the catalogue with a value for each of its dimensions', () => {
    expect(seen.length).toBeGreaterThan(60);
    for (const metric of seen) {
      if (!isOurs(metric)) continue;
      const planned = METRICS[metric.name as Metric] as { by: Record<string, readonly string[]> } | undefined;
      expect(planned, metric.name).toBeDefined();
      expect(Object.keys(metric.by), metric.name).toEqual(Object.keys(planned?.by ?? {}));
      for (const [dimension, value] of Object.entries(metric.by)) {
        expect(planned?.by[dimension], metric.name).toContain(value);
      }
    }
  });

  test('of the table has every operation that a function may do, as far as one alarm may have metrics', () => {
    const granted = new Set(
      service
        .all('AWS::IAM::Policy')
        .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement)
        .flatMap(({ Action }) => [Action].flat())
        .flatMap((action) => /^dynamodb:(\w+)$/.exec(action)?.[1] ?? []),
    );
    const [, alarm] =
      alarms.find(([, { Properties }]) => /-table-throttled$/.test(String(Properties.AlarmName))) ?? [];
    const counted = ofAlarm(alarm?.Properties ?? {}).map(({ by }) => by.Operation);
    expect(counted.toSorted()).toEqual([...granted].toSorted());
    expect(counted.length).toBeLessThanOrEqual(10);
  });

  test('leaves none of the catalogue unlooked at', () => {
    const looked = new Set(seen.filter(isOurs).map(({ name }) => name));
    expect(Object.keys(METRICS).filter((name) => !looked.has(name))).toEqual([]);
  });
});

describe('the runbook', () => {
  const between = (name: string) =>
    new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(runbook)?.[1]?.trim() ?? '';

  test('says of every message what it means, as the catalogue does', () => {
    const rows = Object.entries(CATALOGUE).map(
      ([code, { level, meaning }]) => `| \`${code}\` | ${level} | ${meaning} |`,
    );
    expect(between('messages')).toBe(['| message | level | meaning |', '|---|---|---|', ...rows].join('\n'));
  });

  test('says of every metric what it counts, as the catalogue does', () => {
    const rows = Object.entries(METRICS).map(([name, { unit, by, meaning }]) => {
      const dimensions = Object.entries(by as Record<string, readonly string[]>).map(([dimension, values]) =>
        name === 'Errors' ? '`code`: of the errors above' : `\`${dimension}\`: ${values.join(', ')}`,
      );
      return `| \`${name}\` | ${unit} | ${dimensions.join('; ')} | ${meaning} |`;
    });
    expect(between('metrics')).toBe(
      ['| metric | in | by | meaning |', '|---|---|---|---|', ...rows].join('\n'),
    );
  });

  test('speaks of no alarm that is not there', () => {
    const named = [...runbook.matchAll(/`([a-z]+(?:-[a-z0-9]+)+)`/g)].map(([, name = '']) => name);
    const known = new Set([
      ...[...alarms, ...composites].map(([, { Properties }]) =>
        String(Properties.AlarmName).replace(`${OWN}-`, ''),
      ),
      ...['mail-events', 'personal-data', 'enable-alarm-actions'],
    ]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

test('every message has a code of its own, and the log has every code', () => {
  expect(Object.values(Message).sort()).toEqual(Object.keys(CATALOGUE).sort());
});

describe('one cause is told once, and another one all the same', () => {
  const ours = (name: unknown) => String(name).replace(`${OWN}-`, '');
  const [refused] =
    composites.find(([, { Properties }]) => ours(Properties.AlarmName) === 'requests-refused') ?? [];
  const partsOf = ({ AlarmRule }: Record<string, unknown>) =>
    alarms
      .filter(([id]) => JSON.stringify(AlarmRule).includes(`"${id}"`))
      .map(([, { Properties }]) => ours(Properties.AlarmName));

  test('what turns requests away also stops everything else, and nothing but that keeps an alarm quiet', () => {
    const quietWhile = composites.map(([, { Properties }]) => [
      ours(Properties.AlarmName),
      Properties.ActionsSuppressor,
    ]);
    const suppressor = { 'Fn::GetAtt': [refused, 'Arn'] };
    expect(Object.fromEntries(quietWhile)).toEqual({
      'requests-refused': undefined,
      'pages-failing': suppressor,
      'reminders-late': suppressor,
      'emails-late': suppressor,
      'news-lost': suppressor,
    });
    const [, { Properties }] = composites.find(([id]) => id === refused) as (typeof composites)[number];
    expect(partsOf(Properties).sort()).toEqual(['functions-throttled', 'table-throttled']);
  });

  test('what rings until somebody acts, or without which others are blind, shares with none', () => {
    const shared = composites.flatMap(([, { Properties }]) => partsOf(Properties));
    const alone = alarms
      .map(([, { Properties }]) => ours(Properties.AlarmName))
      .filter((name) => !shared.includes(name));
    expect(alone).toEqual(
      expect.arrayContaining([
        'danger-overdue',
        'parked',
        'dead-letters',
        'not-counted',
        'sign-in-unavailable',
      ]),
    );
  });
});

describe('the dashboards', () => {
  type Widget = {
    type: string;
    properties: { title?: string; alarms?: string[]; metrics?: (string | Record<string, unknown>)[][] };
  };
  const widgetsOf = (name: string): Widget[] =>
    service
      .all('AWS::CloudWatch::Dashboard')
      .filter(([, { Properties }]) => Properties.DashboardName === `${OWN}-${name}`)
      .flatMap(([, { Properties }]) => bodyOf(Properties.DashboardBody).widgets as Widget[]);

  test('of the system begins with what rings: each alarm by itself, whichever group tells it', () => {
    const [first] = widgetsOf('system');
    expect(first?.type).toBe('alarm');
    expect(first?.properties.alarms).toEqual(alarms.map(([id]) => `=>${id}`));
  });

  test.each(['Errors', 'Duration'])('of the system choose ten of all functions by their %s', (metric) => {
    const widget = widgetsOf('system').find(({ properties: { metrics = [] } }) =>
      metrics.some((row) => row[0] === 'AWS/Lambda' && row[1] === metric),
    );
    const [formula, ...rows] = widget?.properties.metrics ?? [];
    expect(formula).toEqual([expect.objectContaining({ expression: 'SORT(METRICS(), MAX, DESC, 10)' })]);
    expect(rows).toHaveLength(service.all('AWS::Lambda::Function').length);
    for (const row of rows) expect(row.at(-1)).toMatchObject({ visible: false });
  });

  test('of the service speak in words: no line is named by a code', () => {
    const labels = widgetsOf('service').flatMap(({ properties: { metrics = [] } }) =>
      metrics.flatMap((row) => row.flatMap((each) => (typeof each === 'string' ? [] : [each.label]))),
    );
    const codes = Object.entries(METRICS)
      .filter(([name]) => name !== 'Errors')
      .flatMap(([, { by }]) => Object.values<readonly string[]>(by).flat());
    expect(labels.length).toBeGreaterThan(30);
    expect(
      labels.filter((label) => typeof label !== 'string' || label === '' || codes.includes(label)),
    ).toEqual([]);
  });
});
