import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Activity } from '../../local/activity.ts';
import { cloudOf, lambda, type Resources, type TestCloud, temporaryFolder } from './template.ts';

const schedule = (functionId: string, expression: string, Input: string): Resources[string] => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    ScheduleExpression: expression,
    Target: { Arn: { 'Fn::GetAtt': [functionId, 'Arn'] }, Input },
  },
});
const app: Resources = {
  Sweep: lambda('sweep', "console.log('sweep at ' + event.now);"),
  Daily: lambda('daily', "console.log('daily at ' + event.now);"),
  Often: schedule('Sweep', 'rate(5 minutes)', '{"now":"<aws.scheduler.scheduled-time>"}'),
  Seldom: schedule('Daily', 'rate(1 day)', '{"now":"<aws.scheduler.scheduled-time>"}'),
};
const START = Date.parse('2026-03-01T09:00:00Z');
const stoppedClock = { now: () => START };

async function runs(cloud: TestCloud, what: string): Promise<string[]> {
  const text = await (await fetch(`${cloud.url}/_cloud/logs.txt`)).text();
  return [...text.matchAll(new RegExp(`${what} at (\\S+)`, 'g'))].map(([, at]) => at ?? '');
}

describe('moving the clock', () => {
  it('fires schedules hop by hop, at most an hour each, with the time of the hop', async () => {
    const cloud = await cloudOf(app, stoppedClock);
    expect(await cloud.get('/_cloud/clock.json')).toEqual({ now: '2026-03-01T09:00:00.000Z' });
    expect(await cloud.move({ hours: 2.5 })).toEqual({ now: '2026-03-01T11:30:00.000Z' });
    expect(await runs(cloud, 'sweep')).toEqual([
      '2026-03-01T10:00:00Z',
      '2026-03-01T11:00:00Z',
      '2026-03-01T11:30:00Z',
    ]);
    expect(await runs(cloud, 'daily')).toEqual([]);
    await cloud.move({ to: '2026-03-04T12:00:00Z' });
    expect(await runs(cloud, 'daily')).toEqual([
      '2026-03-02T09:30:00Z',
      '2026-03-03T09:30:00Z',
      '2026-03-04T09:30:00Z',
    ]);
    expect(await cloud.get('/_cloud/usage.json')).toMatchObject({ schedulerInvocations: 3 + 73 + 3 });
  });

  it('waits for each hop to end before the next begins', async () => {
    const cloud = await cloudOf(
      {
        ...app,
        Sweep: lambda(
          'sweep',
          "console.log('begin at ' + event.now); await new Promise((r) => setTimeout(r, 20)); console.log('end at ' + event.now);",
        ),
      },
      stoppedClock,
    );
    await cloud.move({ hours: 3 });
    const text = await (await fetch(`${cloud.url}/_cloud/logs.txt`)).text();
    expect([...text.matchAll(/sweep (begin|end)/g)].map(([, what]) => what)).toEqual(
      Array(3).fill(['begin', 'end']).flat(),
    );
  });

  it('never goes back', async () => {
    const cloud = await cloudOf(app, stoppedClock);
    expect(await cloud.move({ to: '2020-01-01T00:00:00Z' })).toEqual({ now: '2026-03-01T09:00:00.000Z' });
    expect(await runs(cloud, 'sweep')).toEqual([]);
  });

  it('moves one after the other when two ask at once', async () => {
    const cloud = await cloudOf(app, stoppedClock);
    await Promise.all([cloud.move({ hours: 1 }), cloud.move({ hours: 1 })]);
    expect(await cloud.get('/_cloud/clock.json')).toEqual({ now: '2026-03-01T11:00:00.000Z' });
    expect(await runs(cloud, 'sweep')).toHaveLength(2);
  });

  it.each([{ hours: -1 }, { hours: 'soon' }, { hours: 1e9 }, { to: 'tomorrow' }, {}])(
    'refuses %j',
    async (body) => {
      const cloud = await cloudOf({}, stoppedClock);
      expect(await cloud.move(body as { hours: number })).toHaveProperty('message');
      expect(await cloud.get('/_cloud/clock.json')).toEqual({ now: '2026-03-01T09:00:00.000Z' });
    },
  );

  it('is remembered between starts', async () => {
    const dataDir = temporaryFolder();
    const first = await cloudOf(app, { dataDir, ...stoppedClock });
    await first.move({ hours: 24 });
    await first.stop();
    const second = await cloudOf(app, { dataDir, now: () => START + 60_000 });
    expect(await second.get('/_cloud/clock.json')).toEqual({ now: '2026-03-02T09:01:00.000Z' });
    expect(readFileSync(join(dataDir, 'logs', 'functions.log'), 'utf8')).toContain(
      'sweep at 2026-03-02T09:00:00Z',
    );
  });
});

describe('quiet', () => {
  it('comes when the last thing ends, not when one of them does', async () => {
    const activity = new Activity();
    const order: string[] = [];
    activity.begin();
    activity.begin();
    const quiet = activity.quiet().then(() => order.push('quiet'));
    activity.end();
    await new Promise((resolve) => setImmediate(resolve));
    order.push('one left');
    activity.end();
    await quiet;
    expect(order).toEqual(['one left', 'quiet']);
    await activity.quiet();
  });

  it('does not come between one thing and what it causes', async () => {
    const activity = new Activity();
    let quiet = false;
    activity.begin();
    void activity.quiet().then(() => {
      quiet = true;
    });
    activity.end();
    activity.begin();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(quiet).toBe(false);
    activity.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(quiet).toBe(true);
  });
});
