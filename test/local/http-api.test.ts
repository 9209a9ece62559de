import { describe, expect, it } from 'vitest';
import { api, lambda, sharedCloud } from './template.ts';

type Event = Record<string, unknown> & {
  headers: Record<string, string>;
  requestContext: Record<string, unknown>;
};
const app = {
  Echo: lambda(
    'echo',
    "return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };",
  ),
  Say: lambda(
    'say',
    'return JSON.parse(Buffer.from(event.queryStringParameters.answer, "base64").toString());',
  ),
  ...api({ 'GET /review/{link}': 'Echo', 'POST /review/{link}': 'Echo', 'GET /say': 'Say' }),
};
const say = (url: string, answer: unknown) =>
  fetch(`${url}/say?answer=${encodeURIComponent(Buffer.from(JSON.stringify(answer)).toString('base64'))}`);

const shared = sharedCloud(app, { now: () => Date.parse('2026-03-01T09:05:07.123Z') });

describe('the HTTP API', () => {
  it('gives a function an event of payload format 2.0, in the time of the cloud', async () => {
    const cloud = shared();
    const event = await cloud.get<Event>('/review/a%20link?tag=1&tag=2&empty=');
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /review/{link}',
      rawPath: '/review/a%20link',
      rawQueryString: 'tag=1&tag=2&empty=',
      queryStringParameters: { tag: '1,2', empty: '' },
      pathParameters: { link: 'a link' },
      isBase64Encoded: false,
      requestContext: {
        apiId: 'api',
        http: { method: 'GET', path: '/review/a%20link', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        routeKey: 'GET /review/{link}',
        stage: '$default',
        time: '01/Mar/2026:09:05:07 +0000',
        timeEpoch: Date.parse('2026-03-01T09:05:07.123Z'),
      },
    });
    expect(event).not.toHaveProperty('body');
    expect(event).not.toHaveProperty('cookies');
  });

  it('lowers header names, parts cookies, and gives forms in base64', async () => {
    const cloud = shared();
    const answer = await fetch(`${cloud.url}/review/x`, {
      method: 'POST',
      headers: {
        'X-Mixed-Case': 'Kept',
        cookie: 'a=1; b=2',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'action=open',
    });
    const event = (await answer.json()) as Event;
    expect(event.headers['x-mixed-case']).toBe('Kept');
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event.cookies).toEqual(['a=1', 'b=2']);
    expect(event.isBase64Encoded).toBe(true);
    expect(Buffer.from(String(event.body), 'base64').toString()).toBe('action=open');
  });

  it.each([
    ['application/json', false],
    ['text/plain; charset=utf-8', false],
    ['application/fhir+json', false],
    ['image/png', true],
    ['application/octet-stream', true],
  ])('gives %s as base64: %s', async (type, isBase64Encoded) => {
    const cloud = shared();
    const answer = await fetch(`${cloud.url}/review/x`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: '{}',
    });
    expect(await answer.json()).toMatchObject({ isBase64Encoded, body: isBase64Encoded ? 'e30=' : '{}' });
  });

  it('turns what a function returns into a response', async () => {
    const cloud = shared();
    const page = await say(cloud.url, {
      statusCode: 422,
      headers: { 'Content-Type': 'text/html', 'x-number': 5 },
      cookies: ['a=1; HttpOnly', 'b=2'],
      body: '<p>é</p>',
    });
    expect(page.status).toBe(422);
    expect(page.headers.get('content-type')).toBe('text/html');
    expect(page.headers.get('x-number')).toBe('5');
    expect(page.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2']);
    expect(await page.text()).toBe('<p>é</p>');
    const image = await say(cloud.url, {
      statusCode: 200,
      isBase64Encoded: true,
      body: Buffer.from([0, 255]).toString('base64'),
    });
    expect([...new Uint8Array(await image.arrayBuffer())]).toEqual([0, 255]);
    const bare = await say(cloud.url, { any: 'thing' });
    expect(bare.headers.get('content-type')).toBe('application/json');
    expect(await bare.json()).toEqual({ any: 'thing' });
    expect((await say(cloud.url, { statusCode: 204 })).status).toBe(204);
  });

  it.each([
    { statusCode: 'many' },
    { statusCode: 200, body: 5 },
    { statusCode: 200, headers: { 'bad name': 'x' } },
  ])('answers 500 for %j, which is no response', async (answer) => {
    const cloud = shared();
    const response = await say(cloud.url, answer);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
  });

  it('answers 404 itself for what it has no route for, and 413 for more than 10 MB', async () => {
    const cloud = shared();
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['DELETE', '/review/x'],
      ['POST', '/say'],
    ] as const) {
      const answer = await fetch(`${cloud.url}${path}`, { method });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual({ message: 'Not Found' });
    }
    const large = await fetch(`${cloud.url}/review/x`, {
      method: 'POST',
      body: 'x'.repeat(10 * 1024 * 1024 + 1),
    });
    expect(large.status).toBe(413);
    expect(await large.json()).toEqual({ message: 'Request Entity Too Large' });
  });
});
