import { describe, expect, it } from 'vitest';
import { api, cloudOf, lambda, type Resources } from './template.ts';

type Answer = Record<string, unknown>;
const page = (id: string, body: string, properties: object = {}): Resources => ({
  Fn: lambda(id, body, properties),
  ...api({ $default: 'Fn' }),
});
const later = `const later = (payload) => fetch(process.env.AWS_ENDPOINT_URL_LAMBDA + '/2015-03-31/functions/Small-worker/invocations',
  { method: 'POST', headers: { 'x-amz-invocation-type': 'Event' }, body: JSON.stringify(payload) });`;

describe('a function', () => {
  it('has the environment that Lambda and the template give it, and nothing of this process', async () => {
    const cloud = await cloudOf({
      ...page(
        'settings',
        'return { ...process.env, time: new Date(0).getHours(), context: { ...context, left: context.getRemainingTimeInMillis() } };',
        {
          Environment: {
            Variables: { OTHER: { Ref: 'Other' }, API: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } },
          },
          MemorySize: 256,
        },
      ),
      Other: lambda('other', ''),
    });
    const { context, ...environment } = await cloud.get<Answer & { context: Answer }>('/');
    expect(environment).toMatchObject({
      OTHER: 'Small-other',
      API: cloud.url,
      AWS_REGION: 'eu-west-2',
      AWS_LAMBDA_FUNCTION_NAME: 'Small-settings',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      TZ: 'UTC',
      time: 0,
    });
    expect(Object.keys(environment).filter((name) => /^(PATH|HOME|VITEST)/.test(name))).toEqual([]);
    for (const service of ['DYNAMODB', 'SFN', 'SES', 'LAMBDA']) {
      expect(environment[`AWS_ENDPOINT_URL_${service}`]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    }
    expect(context).toMatchObject({
      functionName: 'Small-settings',
      memoryLimitInMB: '256',
      left: expect.any(Number),
    });
  });

  it('stays warm, and runs beside itself when it is busy', async () => {
    const cloud = await cloudOf(
      page(
        'count',
        "globalThis.runs = (globalThis.runs ?? 0) + 1; if (event.rawPath === '/slow') await new Promise((r) => setTimeout(r, 1000)); return { runs };",
      ),
    );
    expect(await cloud.get('/')).toEqual({ runs: 1 });
    expect(await cloud.get('/')).toEqual({ runs: 2 });
    const slow = cloud.get('/slow');
    // The warm copy is taken, so this one is new.
    expect(await cloud.get('/')).toEqual({ runs: 1 });
    expect(await slow).toEqual({ runs: 3 });
  });

  it('queues what four copies cannot take, and loses nothing', async () => {
    const cloud = await cloudOf(
      page('slow', 'await new Promise((r) => setTimeout(r, 20)); return { path: event.rawPath };'),
    );
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => cloud.get(`/${i}`)));
    expect(answers).toEqual(Array.from({ length: 12 }, (_, i) => ({ path: `/${i}` })));
  });

  it.each([
    ['throws', "throw new Error('no');"],
    ['exits', 'process.exit(3);'],
    [
      'throws where nobody catches',
      "setImmediate(() => { throw new Error('no'); }); await new Promise(() => {});",
    ],
    ['takes longer than it may', 'await new Promise(() => {});'],
    [
      'uses more memory than it has',
      'const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()));',
    ],
    ['cannot be loaded', ''],
  ])('answers 500 when it %s, and works the next time', async (what, body) => {
    const Handler = what === 'cannot be loaded' ? 'index.missing' : 'index.handler';
    const Timeout = what === 'takes longer than it may' ? 0.3 : 10;
    const cloud = await cloudOf(
      page('bad', `if (event.rawPath === '/bad') { ${body} } return { fine: true };`, { Handler, Timeout }),
    );
    const failed = await fetch(`${cloud.url}/bad`);
    expect(failed.status).toBe(500);
    expect(await failed.json()).toEqual({ message: 'Internal Server Error' });
    if (what !== 'cannot be loaded') expect(await cloud.get('/good')).toEqual({ fine: true });
    expect(await (await fetch(`${cloud.url}/_cloud/logs.txt`)).text()).toMatch(/ bad .*functionError/);
  });

  it('writes its lines to the logs before its result is known', async () => {
    const cloud = await cloudOf(
      page(
        'talk',
        "console.log('one'); console.error('two'); process.stdout.write('thr'); process.stdout.write('ee\\n'); return {};",
      ),
    );
    await cloud.get('/');
    const lines = (await (await fetch(`${cloud.url}/_cloud/logs.txt`)).text()).trim().split('\n');
    expect(lines.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'talk one',
      'talk two',
      'talk three',
    ]);
  });

  it('crashes when told to: once before its work, once after it', async () => {
    const cloud = await cloudOf(page('work', "console.log('worked'); return {};"));
    await cloud.post('/_cloud/faults', { function: 'work', crashes: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await fetch(`${cloud.url}/`)).status);
    expect(statuses).toEqual([500, 500, 200]);
    expect((await (await fetch(`${cloud.url}/_cloud/logs.txt`)).text()).match(/worked/g)).toHaveLength(2);
  });
});

describe('an asynchronous invocation', () => {
  it('is repeated twice when it fails, and the cloud is not quiet before', async () => {
    const cloud = await cloudOf({
      ...page(
        'caller',
        `${later} const answer = await later({ try: event.rawPath }); return { accepted: answer.status };`,
      ),
      Worker: lambda('worker', "console.log('run ' + event.try); throw new Error('again');"),
    });
    expect(await cloud.get('/a')).toEqual({ accepted: 202 });
    await cloud.settle();
    expect((await (await fetch(`${cloud.url}/_cloud/logs.txt`)).text()).match(/run \/a/g)).toHaveLength(3);
    expect(await cloud.get('/_cloud/usage.json')).toMatchObject({ lambdaInvocations: 4, apiRequests: 1 });
  });
});

describe("Lambda's Invoke", () => {
  const call = (name: string) =>
    `const answer = await fetch(process.env.AWS_ENDPOINT_URL_LAMBDA + '/2015-03-31/functions/' + encodeURIComponent(${JSON.stringify(name)}) + '/invocations', { method: 'POST', body: '{"a":1}' });
     return { status: answer.status, failed: answer.headers.get('x-amz-function-error'), type: answer.headers.get('x-amzn-errortype'), body: await answer.json() };`;

  it.each([
    ['Small-worker', { status: 200, failed: null, body: { got: 1 } }],
    ['arn:aws:lambda:eu-west-2:123456789012:function:Small-worker', { status: 200, body: { got: 1 } }],
    [
      'Small-broken',
      { status: 200, failed: 'Unhandled', body: { errorType: 'RangeError', errorMessage: 'too far' } },
    ],
    ['Small-none', { status: 404, type: 'ResourceNotFoundException' }],
  ])('%s', async (name, expected) => {
    const cloud = await cloudOf({
      ...page('caller', call(name)),
      Worker: lambda('worker', 'return { got: event.a };'),
      Broken: lambda('broken', "throw new RangeError('too far');"),
    });
    expect(await cloud.get('/')).toMatchObject(expected);
  });
});
