import { describe, expect, it } from 'vitest';
import {
  api,
  cloudOf,
  lambda,
  MACHINE,
  type Resources,
  relay,
  stateMachine,
  table,
  temporaryFolder,
} from './template.ts';

const definition = {
  StartAt: 'Wait',
  States: {
    Wait: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: `\${Ask}`, Payload: { 'token.$': '$$.Task.Token' } },
      TimeoutSeconds: 2_592_000,
      End: true,
    },
  },
};
/** Starts again whatever the table says is open, as the product's own function does. */
const rebuild = `
  console.log('rebuilt at ' + event.now);
  const { body } = await db('Scan', {});
  for (const { pk } of body.Items) {
    await call('SFN', 'AWSStepFunctions.StartExecution', { stateMachineArn: '${MACHINE}', name: pk.S + '-again', input: '{}' });
  }`;
const app: Resources = {
  ...relay,
  Table: table,
  Ask: lambda('ask', ''),
  RebuildExecutions: lambda('rebuild-executions', rebuild),
  Machine: stateMachine(definition, ['Ask']),
};
const item = { Item: { pk: { S: 'r' }, sk: { S: 'REFERRAL' } }, TableName: 'Small-Table' };
const logs = async (url: string) => (await fetch(`${url}/_cloud/logs.txt`)).text();

describe('a restart', () => {
  it('forgets executions and their tokens, keeps the tables and the clock, and takes up what was open', async () => {
    const cloud = await cloudOf(app, { now: () => Date.parse('2026-03-01T09:00:00Z') });
    await cloud.call('DYNAMODB', 'PutItem', item);
    await cloud.start('r-1');
    const token = await cloud.token('r-1');
    await cloud.move({ hours: 24 });
    expect(await cloud.post('/_cloud/restart', {})).toEqual({});
    expect((await cloud.executions()).map(({ name, state }) => ({ name, state }))).toEqual([
      { name: 'r-again', state: 'Wait' },
    ]);
    expect(await cloud.call('SFN', 'SendTaskSuccess', { taskToken: token, output: '{}' })).toMatchObject({
      body: { __type: 'TaskDoesNotExist' },
    });
    expect(await cloud.get('/_cloud/table.json')).toHaveLength(1);
    expect(await cloud.get('/_cloud/clock.json')).toEqual({ now: '2026-03-02T09:00:00.000Z' });
    expect((await logs(cloud.url)).match(/rebuilt at \S+/g)).toEqual([
      'rebuilt at 2026-03-01T09:00:00.000Z',
      'rebuilt at 2026-03-02T09:00:00.000Z',
    ]);
  });

  it('cuts the power of whatever is running', async () => {
    const cloud = await cloudOf({
      ...app,
      Slow: lambda(
        'slow',
        "await db('PutItem', " +
          JSON.stringify(item) +
          "); await new Promise((r) => setTimeout(r, 60_000)); console.log('never');",
      ),
      ...api({ 'POST /relay': 'Relay', 'GET /slow': 'Slow' }),
    });
    const cut = fetch(`${cloud.url}/slow`);
    while (((await cloud.get<unknown[]>('/_cloud/table.json')) as unknown[]).length === 0);
    await cloud.post('/_cloud/restart', {});
    expect((await cut).status).toBe(500);
    expect(await cloud.get('/_cloud/table.json')).toHaveLength(1);
    expect(await logs(cloud.url)).not.toContain('never');
  });

  it('keeps counting usage', async () => {
    const cloud = await cloudOf(app);
    await cloud.call('DYNAMODB', 'PutItem', item);
    const { readUnits: before } = await cloud.get<{ readUnits: number }>('/_cloud/usage.json');
    await cloud.post('/_cloud/restart', {});
    expect(await cloud.get('/_cloud/usage.json')).toMatchObject({ writeUnits: 1, readUnits: before + 0.5 });
  });

  it('is the same as a stop and a new start on the same data', async () => {
    const dataDir = temporaryFolder();
    const first = await cloudOf(app, { dataDir });
    await first.call('DYNAMODB', 'PutItem', item);
    await first.stop();
    const second = await cloudOf(app, { dataDir });
    expect(await second.execution('r-again')).toMatchObject({ status: 'RUNNING', state: 'Wait' });
  });

  it('says when what was open could not be taken up again, and leaves nothing running', async () => {
    const dataDir = temporaryFolder();
    const broken = {
      ...app,
      RebuildExecutions: lambda('rebuild-executions', "throw new Error('cannot read');"),
    };
    await expect(cloudOf(broken, { dataDir })).rejects.toThrow(
      'The referrals under way could not be taken up again (Error: cannot read); see ',
    );
    await expect(cloudOf(app, { dataDir })).resolves.toBeDefined();
  });
});

describe('a stop', () => {
  it('lets what is under way end', async () => {
    const dataDir = temporaryFolder();
    const cloud = await cloudOf(
      {
        ...app,
        Slow: lambda(
          'slow',
          `await new Promise((r) => setTimeout(r, 200)); await db('PutItem', ${JSON.stringify(item)}); return {};`,
        ),
        ...api({ 'GET /slow': 'Slow' }),
      },
      { dataDir },
    );
    const slow = fetch(`${cloud.url}/slow`);
    while ((await cloud.get<{ lambdaInvocations: number }>('/_cloud/usage.json')).lambdaInvocations < 2);
    await cloud.stop();
    expect((await slow).status).toBe(200);
    const again = await cloudOf(app, { dataDir });
    expect(await again.get('/_cloud/table.json')).toHaveLength(1);
  });
});
