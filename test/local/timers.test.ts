/** What the embedded cloud does by itself while nobody moves its clock: real time, here wound by hand. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Activity } from '../../local/activity.ts';
import { Clock } from '../../local/clock.ts';
import { Executions } from '../../local/executions.ts';
import type { Functions } from '../../local/functions.ts';
import { Metrics } from '../../local/metrics.ts';
import { Schedules } from '../../local/schedules.ts';
import { learnTaskTimeout } from '../../local/state-machine.ts';
import { noUsage } from '../../local/usage.ts';
import { MACHINE, temporaryFolder } from './template.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

beforeAll(learnTaskTimeout);
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: new Date('2026-03-01T09:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Functions that do nothing but note what they are given. */
function notingFunctions(): { functions: Functions; given: unknown[] } {
  const given: unknown[] = [];
  const note = (_: unknown, payload: string) => given.push(JSON.parse(payload));
  const functions = {
    find: () => ({}),
    invoke: async (plan: unknown, payload: string) => {
      note(plan, payload);
      return { payload: 'null' };
    },
    invokeLater: note,
  };
  return { functions: functions as unknown as Functions, given };
}

describe('a schedule', () => {
  const plan = {
    arn: 'arn',
    everyMs: 5 * MINUTE,
    flexible: false,
    functionArn: 'sweep',
    input: '{"now":"<aws.scheduler.scheduled-time>"}',
  };

  it('ticks in real time, with the time it was planned for', () => {
    const { functions, given } = notingFunctions();
    const schedules = new Schedules([plan], {
      clock: new Clock(temporaryFolder()),
      functions,
      usage: noUsage(),
    });
    schedules.start();
    vi.advanceTimersByTime(11 * MINUTE);
    expect(given).toEqual([{ now: '2026-03-01T09:05:00Z' }, { now: '2026-03-01T09:10:00Z' }]);
    schedules.hold();
    vi.advanceTimersByTime(DAY);
    expect(given).toHaveLength(2);
  });

  it('does not catch up tick by tick on what a sleeping laptop missed', () => {
    const { functions, given } = notingFunctions();
    const schedules = new Schedules([plan], {
      clock: new Clock(temporaryFolder()),
      functions,
      usage: noUsage(),
    });
    schedules.start();
    vi.setSystemTime(new Date('2026-03-02T09:01:00Z'));
    vi.advanceTimersByTime(5 * MINUTE + 1);
    vi.advanceTimersByTime(5 * MINUTE);
    expect(given).toHaveLength(2);
  });

  it('fires once when the clock is moved, at the end, where it may come late', () => {
    const { functions, given } = notingFunctions();
    const schedules = new Schedules([{ ...plan, flexible: true }], {
      clock: new Clock(temporaryFolder()),
      functions,
      usage: noUsage(),
    });
    for (const isLast of [false, false, true]) schedules.hop(3_600_000, 3 * 3_600_000, isLast);
    expect(given).toHaveLength(1);
  });

  it('fires once a day while days are skipped, where it may come late, and each time where no more than its period is', () => {
    const { functions, given } = notingFunctions();
    const clock = new Clock(temporaryFolder());
    const schedules = new Schedules([{ ...plan, flexible: true }], { clock, functions, usage: noUsage() });
    const move = (ms: number) => {
      clock.skipTo(clock.now() + ms);
      schedules.hop(ms, ms, true);
      return given.length;
    };
    expect(Array.from({ length: 5 }, () => move(8 * 60 * MINUTE))).toEqual([1, 1, 1, 2, 2]);
    expect(Array.from({ length: 3 }, () => move(5 * MINUTE))).toEqual([3, 4, 5]);
  });

  it('fills in all that the scheduler knows', () => {
    const { functions, given } = notingFunctions();
    const input =
      '{"a":"<aws.scheduler.schedule-arn>","n":"<aws.scheduler.attempt-number>","e":"<aws.scheduler.execution-id>","x":"<aws.scheduler.moon>"}';
    const schedules = new Schedules([{ ...plan, input }], {
      clock: new Clock(temporaryFolder()),
      functions,
      usage: noUsage(),
    });
    schedules.hop(3_600_000, 3_600_000, true);
    expect(given).toEqual([
      { a: 'arn', n: '1', e: expect.stringMatching(/^[0-9a-f-]{36}$/), x: '<aws.scheduler.moon>' },
    ]);
  });
});

describe('a time limit', () => {
  it('is kept in real time when nobody moves the clock', async () => {
    const { functions, given } = notingFunctions();
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: {
        FunctionName: 'arn:aws:lambda:eu-west-2:123456789012:function:ask',
        Payload: { 'now.$': '$$.State.EnteredTime' },
      },
      TimeoutSeconds: (20 * DAY) / 1000,
      Retry: [{ ErrorEquals: ['States.TaskFailed'] }],
      Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }],
      End: true,
    };
    const definition = JSON.stringify({ StartAt: 'Wait', States: { Wait: task, Late: { Type: 'Succeed' } } });
    const clock = new Clock(temporaryFolder());
    const executions = new Executions([{ name: 'small', arn: MACHINE, definition }], {
      activity: new Activity(),
      clock,
      functions,
      metrics: new Metrics(clock),
      usage: noUsage(),
    });
    const execution = executions.start(MACHINE, 'r-1');
    await vi.advanceTimersByTimeAsync(20 * DAY - MINUTE);
    expect(execution).toMatchObject({ status: 'RUNNING', state: 'Wait' });
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', state: null });
    expect(given).toEqual([{ now: '2026-03-01T09:00:00.000Z' }]);
  });
});
