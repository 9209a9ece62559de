import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { cloudOf, lambda, relay, sharedCloud, stateMachine } from './template.ts';

const definition = {
  Comment: 'A small life. And more.',
  StartAt: 'Wait',
  States: {
    Wait: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: `\${Ask}` },
      End: true,
    },
  },
};
const shared = sharedCloud({ ...relay, Ask: lambda('ask', ''), Machine: stateMachine(definition, ['Ask']) });

/** fetch does not let a program choose its Host. */
function statusFor(
  url: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the control API', () => {
  it('answers only programs and pages of this machine', async () => {
    const clock = `${shared().url}/_cloud/clock.json`;
    expect(await statusFor(clock, {})).toBe(200);
    expect(await statusFor(clock, { host: 'evil.example.com' })).toBe(403);
    expect(await statusFor(clock, { origin: 'https://evil.example.com' }, 'POST')).toBe(403);
    expect(await statusFor(clock, { origin: 'null' }, 'POST')).toBe(403);
  });

  it.each([
    ['GET', '/_cloud/nothing', 404],
    ['POST', '/_cloud/inbox', 405],
    ['GET', '/_cloud/executions/none/history.json', 404],
    ['POST', '/_cloud/clock', 400],
    ['GET', '/_cloudy', 404],
  ])('%s %s is %i, with a message', async (method, path, status) => {
    const answer = await fetch(`${shared().url}${path}`, { method });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toHaveProperty('message');
  });

  it('refuses what is not JSON, and faults that it cannot inject', async () => {
    const post = (body: string) => fetch(`${shared().url}/_cloud/faults`, { method: 'POST', body });
    expect((await post('{')).status).toBe(400);
    expect((await post('{"function":"ask"}')).status).toBe(400);
    expect(await (await post('{"function":"nobody","crashes":1}')).json()).toEqual({
      message: 'There is no function nobody',
    });
  });
});

describe('the front page', () => {
  it('shows the clock, and where every execution is', async () => {
    const cloud = await cloudOf(
      { ...relay, Ask: lambda('ask', ''), Machine: stateMachine(definition, ['Ask']) },
      { now: () => Date.parse('2026-07-01T09:00:00Z') },
    );
    await cloud.start('r-1');
    await cloud.start('r-2');
    const page = await fetch(`${cloud.url}/_cloud/`);
    const text = await page.text();
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    // In the time of the people who read it.
    expect(text).toMatch(/Wednesday,? 1 July 2026 at 10:00/);
    expect(text).toContain('aria-label="A small life"');
    expect(text).toContain('● 2 here');
    expect(text).toContain('<td>running</td><td>Wait</td>');
    const nonce = /script-src 'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1];
    expect(text).toContain(`<script nonce="${nonce}">`);
  });

  it('moves the clock by its buttons and comes back', async () => {
    const cloud = await cloudOf({}, { now: () => Date.parse('2026-07-01T09:00:00Z') });
    const moved = await fetch(`${cloud.url}/_cloud/clock`, {
      method: 'POST',
      body: new URLSearchParams({ hours: '24' }),
      headers: { origin: cloud.url },
      redirect: 'manual',
    });
    expect(moved.status).toBe(303);
    expect(moved.headers.get('location')).toBe('/_cloud/');
    expect(await cloud.get('/_cloud/clock.json')).toEqual({ now: '2026-07-02T09:00:00.000Z' });
  });
});
