import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RealTable, startDynalite } from './dynalite.ts';
import { TABLE } from './table.ts';

const LIMIT = { count: 3, seconds: 600 };
const NOON = '2026-11-23T12:00:00.000Z';
const SOON = '2026-11-23T12:09:59.500Z';
const NEXT = '2026-11-23T12:10:00.000Z';

let table: RealTable;
beforeAll(async () => {
  table = await startDynalite();
  vi.stubEnv('AWS_REGION', 'eu-west-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
beforeEach(() => {
  vi.resetModules();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', table.url);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => table.stop());

/** A fresh copy, which finds DynamoDB where the environment says now. */
const fresh = () => import('../../../functions/shared/throttle.ts');
const freshAdmit = async () => (await fresh()).admit;

describe('a client', () => {
  it('is admitted as often as the limit says, then told when to come back, then admitted again', async () => {
    const admit = await freshAdmit();
    for (let n = 0; n < LIMIT.count; n++) {
      expect(await admit(TABLE, 'a', LIMIT, NOON)).toEqual({ admitted: true });
    }
    expect(await admit(TABLE, 'a', LIMIT, NOON)).toEqual({ admitted: false, retryAfterSeconds: 600 });
    expect(await admit(TABLE, 'a', LIMIT, SOON)).toEqual({ admitted: false, retryAfterSeconds: 1 });
    expect(await admit(TABLE, 'a', LIMIT, NEXT)).toEqual({ admitted: true });
  });

  it('is not held up by another, nor by another window of its own', async () => {
    const admit = await freshAdmit();
    const once = { count: 1, seconds: 60 };
    expect(await admit(TABLE, 'b', once, NOON)).toEqual({ admitted: true });
    expect(await admit(TABLE, 'b', once, NOON)).toEqual({ admitted: false, retryAfterSeconds: 60 });
    expect(await admit(TABLE, 'c', once, NOON)).toEqual({ admitted: true });
    expect(await admit(TABLE, 'b', LIMIT, NOON)).toEqual({ admitted: true });
  });

  it('is counted exactly when twenty come at once', async () => {
    const admit = await freshAdmit();
    const answers = await Promise.all(Array.from({ length: 20 }, () => admit(TABLE, 'd', LIMIT, NOON)));
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(LIMIT.count);
  });
});

describe('an attempt that came to nothing', () => {
  it('is given back, however many were refused meanwhile', async () => {
    const { admit, giveBack } = await fresh();
    const many = Array.from({ length: 8 }, () => admit(TABLE, 'f', LIMIT, NOON));
    expect((await Promise.all(many)).filter(({ admitted }) => admitted)).toHaveLength(LIMIT.count);
    await giveBack(TABLE, 'f', LIMIT, NOON);
    expect(await admit(TABLE, 'f', LIMIT, SOON)).toEqual({ admitted: true });
    expect(await admit(TABLE, 'f', LIMIT, SOON)).toMatchObject({ admitted: false });
  });

  it('gives nothing to whoever has made none', async () => {
    const { admit, giveBack } = await fresh();
    const once = { count: 1, seconds: 600 };
    await giveBack(TABLE, 'g', once, NOON);
    expect(await admit(TABLE, 'g', once, NOON)).toEqual({ admitted: true });
    expect(await admit(TABLE, 'g', once, NOON)).toMatchObject({ admitted: false });
  });
});

it('leaves one item a window, which says when it is over and that it is no referral', async () => {
  const admit = await freshAdmit();
  await admit(TABLE, 'e', LIMIT, NOON);
  await admit(TABLE, 'e', LIMIT, SOON);
  const key = { pk: { S: 'THROTTLE#e' }, sk: { S: `WINDOW#600#${Date.parse(NOON) / 1000}` } };
  const { Item } = await table.client.send(new GetItemCommand({ TableName: TABLE, Key: key }));
  expect(Item).toEqual({
    ...key,
    attempts: { N: '2' },
    expiresAt: { N: String(Date.parse(NEXT) / 1000) },
  });
  const { referralsIn } = await import('../../../functions/rebuild-executions/open.ts');
  expect((await referralsIn(TABLE, 'open', undefined)).found).toEqual([]);
  const { Count } = await table.client.send(new ScanCommand({ TableName: TABLE, IndexName: 'due' }));
  expect(Count).toBe(0);
});

describe('a table that does not count lets everybody in, and the log says so without saying who', () => {
  it('when it is throttled itself', async () => {
    const busy = await answering((response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end('{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}');
    });
    await expectAdmitted(busy);
  });

  it('when it is not there', async () => {
    await expectAdmitted({ url: table.url, stop: () => {} }, 'no-such-table');
  });

  it('when it says nothing', async () => {
    await expectAdmitted(await answering(() => {}));
  });

  async function expectAdmitted({ url, stop }: { url: string; stop(): void }, name = TABLE): Promise<void> {
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', url);
    const admit = await freshAdmit();
    const { log: freshLog } = await import('../../../functions/shared/log.ts');
    const said = vi.spyOn(freshLog, 'error').mockImplementation(() => {});
    try {
      expect(await admit(name, 'client-hash', { count: 1, seconds: 60 }, NOON)).toEqual({ admitted: true });
    } finally {
      stop();
    }
    expect(said).toHaveBeenCalledExactlyOnceWith(
      'THROTTLE_FAILED',
      expect.objectContaining({ error: expect.any(String) }),
    );
    expect(JSON.stringify(said.mock.calls)).not.toContain('client-hash');
  }
});

/** A server that answers every request so. */
async function answering(answer: (response: import('node:http').ServerResponse) => void) {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
