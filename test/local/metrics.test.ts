/** What the embedded cloud says of itself as AWS would: metrics, and the queue of what failed for good. */
import { describe, expect, it } from 'vitest';
import type { DataPoint } from '../../local/metrics.ts';
import {
  api,
  cloudOf,
  lambda,
  type Resources,
  relay,
  stateMachine,
  type TestCloud,
  table,
} from './template.ts';

const fails = "throw new Error('never')";
const definition = {
  StartAt: 'Fail',
  States: { Fail: { Type: 'Fail', Error: 'NeedsAttention' } },
};
const app: Resources = {
  ...relay,
  Table: table,
  Fails: lambda('fails', fails),
  Kept: lambda('kept', fails),
  Calls: lambda(
    'calls',
    `for (const name of JSON.parse(event.body)) await fetch(
      process.env.AWS_ENDPOINT_URL_LAMBDA + '/2015-03-31/functions/Small-' + name + '/invocations',
      { method: 'POST', headers: { 'x-amz-invocation-type': 'Event' }, body: '{"now":"then"}' });`,
  ),
  ...api({ 'POST /relay': 'Relay', 'GET /fails': 'Fails', 'POST /calls': 'Calls' }),
  Letters: { Type: 'AWS::SQS::Queue' },
  Config: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'Kept' },
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Letters', 'Arn'] } } },
    },
  },
  Machine: stateMachine(definition, []),
};

/** The sum of a metric by its dimensions, as text. */
async function sums(cloud: TestCloud, namespace: string, name: string): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const point of await cloud.get<DataPoint[]>('/_cloud/metrics.json')) {
    if (point.namespace !== namespace || point.name !== name) continue;
    const key = Object.values(point.by).join();
    all[key] = (all[key] ?? 0) + point.value;
  }
  return all;
}

const sqs = (cloud: TestCloud, operation: string, body: object) =>
  cloud.post<{ body: { QueueUrls?: string[]; Messages?: { Body: string }[] } }>('/relay', {
    ...{ service: 'LAMBDA', target: `AmazonSQS.${operation}`, body },
  });

describe('what AWS would measure', () => {
  it('is counted: requests, runs, errors, executions that fail', async () => {
    const cloud = await cloudOf(app);
    expect((await fetch(`${cloud.url}/fails`)).status).toBe(500);
    expect((await fetch(`${cloud.url}/nothing`)).status).toBe(404);
    await cloud.start('r-1');
    expect(await sums(cloud, 'AWS/ApiGateway', '5xx')).toEqual({ api: 1 });
    expect(await sums(cloud, 'AWS/ApiGateway', '4xx')).toEqual({ api: 1 });
    expect(await sums(cloud, 'AWS/ApiGateway', 'Count')).toEqual({ api: 3 });
    expect(await sums(cloud, 'AWS/Lambda', 'Invocations')).toEqual({ 'Small-fails': 1, 'Small-relay': 1 });
    expect(await sums(cloud, 'AWS/Lambda', 'Errors')).toEqual({ 'Small-fails': 1, 'Small-relay': 0 });
    expect(Object.values(await sums(cloud, 'AWS/States', 'ExecutionsFailed'))).toEqual([1]);
    const later = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
    expect(await cloud.get(`/_cloud/metrics.json?since=${later}`)).toEqual([]);
  });

  it('says what was dropped, and keeps it where the template has a queue for it until somebody empties that', async () => {
    const cloud = await cloudOf(app);
    await cloud.post('/calls', ['fails', 'kept']);
    await cloud.settle();
    expect(await sums(cloud, 'AWS/Lambda', 'Errors')).toMatchObject({ 'Small-fails': 3, 'Small-kept': 3 });
    expect(await sums(cloud, 'AWS/Lambda', 'AsyncEventsDropped')).toEqual({
      'Small-fails': 1,
      'Small-kept': 1,
    });
    const visible = () => sums(cloud, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible');
    await cloud.move({ hours: 0.1 });
    expect(await visible()).toEqual({ 'Small-Letters': 1 });
    const QueueUrl = (await sqs(cloud, 'ListQueues', { QueueNamePrefix: 'Small' })).body.QueueUrls?.[0];
    const [letter] = (await sqs(cloud, 'ReceiveMessage', { QueueUrl })).body.Messages ?? [];
    expect(JSON.parse(letter?.Body ?? '{}')).toMatchObject({ requestPayload: { now: 'then' } });
    await sqs(cloud, 'PurgeQueue', { QueueUrl });
    await cloud.move({ hours: 0.1 });
    // It says that it is empty, and adds nothing.
    expect(await visible()).toEqual({ 'Small-Letters': 1 });
  });
});

describe('a function that is turned away', () => {
  it('is not run until that is over: pages say so, and what nobody waits for is tried again', async () => {
    const cloud = await cloudOf(app);
    for (const name of ['fails', 'kept'])
      await cloud.post('/_cloud/faults', { function: name, throttled: true });
    expect((await fetch(`${cloud.url}/fails`)).status).toBe(503);
    await cloud.post('/calls', ['kept']);
    await cloud.move({ hours: 0.1 });
    expect(await sums(cloud, 'AWS/Lambda', 'Throttles')).toEqual({
      'Small-fails': 1,
      'Small-kept': 2,
      '': 3,
    });
    expect(Object.keys(await sums(cloud, 'AWS/Lambda', 'Invocations'))).toEqual(['Small-calls']);
    await cloud.post('/_cloud/faults', {});
    await cloud.settle();
    expect(await sums(cloud, 'AWS/Lambda', 'Invocations')).toMatchObject({ 'Small-kept': 3 });
  });
});

describe('a table that is asked for too much', () => {
  it('says which operation it turned away, and of one operation only where only that is', async () => {
    const cloud = await cloudOf(app);
    const fault = { dynamodb: 'ProvisionedThroughputExceededException', times: 2, operation: 'PutItem' };
    await cloud.post('/_cloud/faults', fault);
    const Key = { pk: { S: 'a' }, sk: { S: 'b' } };
    const TableName = 'Small-Table';
    expect((await cloud.call('DYNAMODB', 'GetItem', { TableName, Key })).status).toBe(200);
    expect((await cloud.call('DYNAMODB', 'PutItem', { TableName, Item: Key })).status).toBe(400);
    expect(await sums(cloud, 'AWS/DynamoDB', 'ThrottledRequests')).toEqual({ 'Small-Table,PutItem': 1 });
  });
});
