import { describe, expect, it } from 'vitest';
import {
  cloudOf,
  lambda,
  MACHINE,
  type Resources,
  relay,
  sharedCloud,
  stateMachine,
  type TestCloud,
} from './template.ts';

const THIRTY_DAYS = 2_592_000;
const arnOf = (logicalId: string) => `\${${logicalId}}`;
const waiting = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Parameters: {
    FunctionName: arnOf('Ask'),
    Payload: {
      'id.$': '$.id',
      'token.$': '$$.Task.Token',
      'now.$': '$$.State.EnteredTime',
      'execution.$': '$$.Execution.Name',
      'state.$': '$$.State.Name',
    },
  },
  TimeoutSeconds: THIRTY_DAYS,
  ResultPath: '$.answer',
  Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 60, MaxAttempts: 3 }],
  Catch: [
    { ErrorEquals: ['States.Timeout'], ResultPath: null, Next: 'Wait' },
    { ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Report' },
  ],
  Next: 'Decide',
};
const invoking = (name: string, next: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: arnOf(name), Payload: { 'now.$': '$$.State.EnteredTime' } },
  TimeoutSeconds: 60,
  ...next,
});
const definition = {
  StartAt: 'Intake',
  States: {
    Intake: { Type: 'Pass', Next: 'Wait' },
    Wait: waiting,
    Decide: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.answer.decision', StringEquals: 'again', Next: 'Wait' },
        { Variable: '$.answer.decision', StringEquals: 'close', Next: 'Close' },
      ],
      Default: 'Report',
    },
    Close: invoking('Close', { ResultSelector: { 'ending.$': '$.Payload.ending' }, Next: 'Closed' }),
    Closed: { Type: 'Succeed' },
    Report: { Type: 'Fail', Error: 'NeedsAttention', Cause: 'someone must look' },
  },
};
const app: Resources = {
  ...relay,
  Ask: lambda('ask', "if (event.id === 'broken') throw new TypeError('no such person'); return {};"),
  Close: lambda('close', "return { ending: 'completed' };"),
  Machine: stateMachine(definition, ['Ask', 'Close']),
};

const shared = sharedCloud(app);
const answer = (cloud: TestCloud, token: string, decision: string) =>
  cloud.call('SFN', 'SendTaskSuccess', { taskToken: token, output: JSON.stringify({ decision }) });

describe('an execution', () => {
  it('waits for the answer to its token, goes where the answer says, and ends', async () => {
    const cloud = await cloudOf(app);
    await cloud.start('r-1', { id: 'r' });
    expect(await cloud.execution('r-1')).toMatchObject({ status: 'RUNNING', state: 'Wait' });
    const [first] = await cloud.payloads('r-1');
    expect(first).toMatchObject({ id: 'r', execution: 'r-1', state: 'Wait' });
    expect((await answer(cloud, first?.token ?? '', 'again')).status).toBe(200);
    await cloud.settle();
    const second = (await cloud.payloads('r-1'))[1];
    expect(second?.token).not.toBe(first?.token);
    await answer(cloud, second?.token ?? '', 'close');
    await cloud.settle();
    expect(await cloud.execution('r-1')).toMatchObject({ status: 'SUCCEEDED', state: null });
    const { body } = await cloud.call('SFN', 'DescribeExecution', {
      executionArn: 'arn:aws:states:eu-west-2:123456789012:execution:small:r-1',
    });
    expect(JSON.parse(String(body.output))).toEqual({ ending: 'completed' });
  });

  it('takes an answer once: a used token and an unknown one are refused by name', async () => {
    const cloud = await cloudOf(app);
    await cloud.start('r-1', { id: 'r' });
    const token = await cloud.token('r-1');
    expect((await answer(cloud, token, 'again')).status).toBe(200);
    expect(await answer(cloud, token, 'close')).toMatchObject({
      status: 400,
      body: { __type: 'TaskTimedOut' },
    });
    expect(await answer(cloud, 'made-up', 'close')).toMatchObject({
      status: 400,
      body: { __type: 'TaskDoesNotExist' },
    });
    expect(await cloud.call('SFN', 'SendTaskSuccess', { taskToken: token, output: '{' })).toMatchObject({
      body: { __type: 'InvalidOutput' },
    });
    expect(await cloud.call('SFN', 'SendTaskHeartbeat', { taskToken: await cloud.token('r-1') })).toEqual({
      status: 200,
      body: {},
    });
  });

  it('is retried with a fresh token and the same entry time when a function crashes', async () => {
    const cloud = await cloudOf(app);
    await cloud.post('/_cloud/faults', { function: 'ask', crashes: 2 });
    await cloud.start('r-1', { id: 'r' });
    const attempts = await cloud.payloads('r-1');
    expect(attempts).toHaveLength(3);
    expect(new Set(attempts.map(({ token }) => token)).size).toBe(3);
    expect(new Set(attempts.map(({ now }) => now)).size).toBe(1);
    expect(await answer(cloud, attempts[0]?.token ?? '', 'close')).toMatchObject({
      body: { __type: 'TaskTimedOut' },
    });
    expect(await cloud.execution('r-1')).toMatchObject({ status: 'RUNNING', state: 'Wait' });
    await answer(cloud, attempts[2]?.token ?? '', 'close');
    await cloud.settle();
    expect(await cloud.execution('r-1')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('goes the way of failures when the retries are used up, with the error as Lambda gives it', async () => {
    const cloud = await cloudOf(app);
    await cloud.start('r-1', { id: 'broken' });
    expect(await cloud.execution('r-1')).toMatchObject({ status: 'FAILED', state: null });
    const history = await cloud.history('r-1');
    const failed = history
      .filter(({ type }) => type === 'TaskFailed')
      .map((event) => event.taskFailedEventDetails);
    expect(failed).toHaveLength(4);
    expect(failed[0]?.error).toBe('TypeError');
    expect(JSON.parse(failed[0]?.cause ?? '')).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'no such person',
    });
    expect(history.at(-1)).toMatchObject({
      type: 'ExecutionFailed',
      executionFailedEventDetails: { error: 'NeedsAttention', cause: 'someone must look' },
    });
  });

  it('fails a task by SendTaskFailure, and that is retried like any failure', async () => {
    const cloud = await cloudOf(app);
    await cloud.start('r-1', { id: 'r' });
    const token = await cloud.token('r-1');
    await cloud.call('SFN', 'SendTaskFailure', {
      taskToken: token,
      error: 'Wrong',
      cause: 'asked the wrong one',
    });
    await cloud.settle();
    expect(await cloud.payloads('r-1')).toHaveLength(2);
    expect((await cloud.history('r-1')).find(({ type }) => type === 'TaskFailed')).toMatchObject({
      taskFailedEventDetails: { error: 'Wrong', cause: 'asked the wrong one' },
    });
  });

  it('keeps the answer that comes while the function still runs', async () => {
    const cloud = await cloudOf({
      ...app,
      Ask: lambda(
        'ask',
        `const answered = await call('SFN', 'AWSStepFunctions.SendTaskSuccess', { taskToken: event.token, output: '{"decision":"close"}' });
         if (answered.status !== 200) throw new Error('refused');
         throw new Error('too late to matter');`,
      ),
    });
    await cloud.start('r-1', { id: 'r' });
    expect(await cloud.execution('r-1')).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('time limits', () => {
  it('wait 30 days of the cloud, whatever a timer can hold, and then begin the wait anew', async () => {
    const cloud = await cloudOf(app, { now: () => Date.parse('2026-01-01T00:00:00Z') });
    await cloud.start('r-1', { id: 'r' });
    await cloud.move({ to: '2026-01-30T23:59:59Z' });
    expect(await cloud.payloads('r-1')).toHaveLength(1);
    await cloud.move({ to: '2026-01-31T00:00:00Z' });
    const [first, second, ...more] = await cloud.payloads('r-1');
    expect(more).toEqual([]);
    expect(first?.now).toBe('2026-01-01T00:00:00.000Z');
    expect(second?.now).toBe('2026-01-31T00:00:00.000Z');
    expect(await answer(cloud, first?.token ?? '', 'close')).toMatchObject({
      body: { __type: 'TaskTimedOut' },
    });
    const types = (await cloud.history('r-1')).map(({ type }) => type);
    expect(types).toContain('TaskTimedOut');
    // A time limit is not a failure that is tried again: it has a rule of its own.
    expect(types.filter((type) => type === 'TaskStateEntered')).toHaveLength(2);
  });
});

describe('starting and stopping', () => {
  it('takes the same name with the same input for the same execution, and refuses it otherwise', async () => {
    const cloud = await cloudOf(app);
    const start = (input: string) =>
      cloud.call('SFN', 'StartExecution', { stateMachineArn: MACHINE, name: 'r-1', input });
    const first = await start('{"id":"r"}');
    expect(await start('{"id":"r"}')).toEqual(first);
    expect(await start('{"id":"s"}')).toMatchObject({
      status: 400,
      body: { __type: 'ExecutionAlreadyExists' },
    });
    await cloud.call('SFN', 'StopExecution', first.body);
    expect(await start('{"id":"r"}')).toMatchObject({
      status: 400,
      body: { __type: 'ExecutionAlreadyExists' },
    });
    expect(await cloud.executions()).toHaveLength(1);
  });

  it('stops an execution for good: its token is spent and nothing runs again', async () => {
    const cloud = await cloudOf(app);
    await cloud.start('r-1', { id: 'r' });
    const token = await cloud.token('r-1');
    const executionArn = 'arn:aws:states:eu-west-2:123456789012:execution:small:r-1';
    await cloud.call('SFN', 'StopExecution', { executionArn, error: 'Left', cause: 'the person left' });
    await cloud.settle();
    expect(await cloud.execution('r-1')).toMatchObject({ status: 'ABORTED', state: null });
    expect(await answer(cloud, token, 'close')).toMatchObject({ body: { __type: 'TaskTimedOut' } });
    await cloud.move({ hours: 24 * 40 });
    expect(await cloud.payloads('r-1')).toHaveLength(1);
  });

  it.each([
    ['StartExecution', { stateMachineArn: 'arn:aws:states:::stateMachine:none' }, 'StateMachineDoesNotExist'],
    ['StartExecution', { stateMachineArn: MACHINE, input: 'nothing' }, 'InvalidExecutionInput'],
    ['StartExecution', { stateMachineArn: MACHINE, name: 'a name' }, 'InvalidName'],
    ['DescribeExecution', { executionArn: 'none' }, 'ExecutionDoesNotExist'],
    ['DescribeExecution', {}, 'ValidationException'],
    ['DeleteEverything', {}, 'UnknownOperationException'],
  ])('%s of %j is refused as %s', async (operation, body, type) => {
    const cloud = shared();
    expect(await cloud.call('SFN', operation, body)).toMatchObject({ status: 400, body: { __type: type } });
  });

  it('lists executions and their history in pages', async () => {
    const cloud = await cloudOf(app);
    for (const name of ['r-1', 'r-2', 'r-3']) await cloud.start(name, { id: 'r' });
    const list = (more: object) =>
      cloud.call<{ executions: { name: string }[]; nextToken: string }>('SFN', 'ListExecutions', {
        stateMachineArn: MACHINE,
        maxResults: 2,
        ...more,
      });
    const first = (await list({})).body;
    const rest = (await list({ nextToken: first.nextToken })).body;
    expect([...first.executions, ...rest.executions].map(({ name }) => name)).toEqual(['r-3', 'r-2', 'r-1']);
    expect((await list({ statusFilter: 'SUCCEEDED' })).body.executions).toEqual([]);
    const { events } = (
      await cloud.call<{ events: { id: number; type: string; timestamp: number }[] }>(
        'SFN',
        'GetExecutionHistory',
        {
          executionArn: 'arn:aws:states:eu-west-2:123456789012:execution:small:r-1',
          reverseOrder: true,
          maxResults: 2,
        },
      )
    ).body;
    expect(events.map(({ type }) => type)).toEqual(['TaskSubmitted', 'TaskStarted']);
    expect(events[0]?.timestamp).toBeTypeOf('number');
  });

  it('counts what Step Functions bills', async () => {
    const cloud = await cloudOf(app);
    await cloud.start('r-1', { id: 'r' });
    await answer(cloud, await cloud.token('r-1'), 'close');
    await cloud.settle();
    expect(await cloud.get('/_cloud/usage.json')).toMatchObject({ stateTransitions: 5 });
  });
});

describe('a definition', () => {
  it.each([
    [{ Wait: { Type: 'Wait', Seconds: 5, End: true } }, 'Wait is a Wait state'],
    [{ Wait: { Type: 'Parallel', Branches: [], End: true } }, 'Wait is a Parallel state'],
    [
      { Wait: { ...waiting, Resource: 'arn:aws:states:::sqs:sendMessage' } },
      'Wait uses arn:aws:states:::sqs:sendMessage',
    ],
    [{ Wait: { ...waiting, HeartbeatSeconds: 5 } }, 'Wait uses HeartbeatSeconds'],
    [{ Wait: { Type: 'Pass', Next: 'Nowhere' } }, 'The definition of small is not valid'],
  ])('that cannot run here stops the start: %#', async (States, message) => {
    await expect(
      cloudOf({ ...app, Machine: stateMachine({ StartAt: 'Wait', States }, ['Ask', 'Close']) }),
    ).rejects.toThrow(message);
  });
});
