import { hkdfSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

const ARN = 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:Service-Secret-a1b2c3';
const SECRET = 'correct-horse-battery-staple'.repeat(2);

let server: Server;
/** What the service answers, one after the other; the last one for ever. */
let answers: [status: number, body: object][];
let asked: { target: unknown; body: unknown }[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push({ target: request.headers['x-amz-target'], body: JSON.parse(text) });
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, {}];
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-west-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('SECRET_ARN', ARN);
});
beforeEach(() => {
  vi.resetModules();
  asked = [];
  answers = [[200, { ARN, SecretString: SECRET }]];
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
  server.closeAllConnections();
});

/** A fresh copy, as after a cold start. */
async function coldStart() {
  return (await import('../../../functions/shared/secret.ts')).keyFor;
}

describe('a key', () => {
  it('is derived from the secret and the purpose, and from nothing else', async () => {
    const keyFor = await coldStart();
    const key = await keyFor('person-index');
    expect(key).toEqual(Buffer.from(hkdfSync('sha256', SECRET, '', 'person-index', 32)));
    expect(await keyFor('form')).not.toEqual(key);
    vi.resetModules();
    expect(await (await coldStart())('person-index')).toEqual(key);
  });

  it('costs one fetch a cold start, whoever asks at the same time', async () => {
    const keyFor = await coldStart();
    await Promise.all([keyFor('form'), keyFor('person-index'), keyFor('form')]);
    await keyFor('form');
    expect(asked).toEqual([{ target: 'secretsmanager.GetSecretValue', body: { SecretId: ARN } }]);
  });

  it.each<[string, number, object]>([
    ['denied', 400, { __type: 'AccessDeniedException', message: 'no' }],
    ['empty', 200, { ARN }],
  ])('is not given when the secret is %s, and is at the next try', async (_, status, body) => {
    answers.unshift([status, body]);
    const keyFor = await coldStart();
    const [form, person] = await Promise.allSettled([keyFor('form'), keyFor('person-index')]);
    expect([form.status, person.status]).toEqual(['rejected', 'rejected']);
    expect(await keyFor('form')).toHaveLength(32);
    expect(await keyFor('person-index')).toHaveLength(32);
  });
});
