import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { shardOf } from '../../../functions/shared/record.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { inReview, submitted } from '../workflows/builders.ts';
import { startTable, TABLE, type TestTable } from './table.ts';

let table: TestTable;
let lambda: Server;
const woken: string[] = [];

beforeAll(async () => {
  table = await startTable();
  lambda = createServer((request, response) => {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      woken.push(JSON.parse(body).referralId);
      response.writeHead(202).end();
    });
  });
  lambda.listen(0, '127.0.0.1');
  await once(lambda, 'listening');
  vi.stubEnv('TABLE_NAME', TABLE);
  vi.stubEnv('OUTBOX_FUNCTION', 'outbox');
  const levels = { review: 2, information: 5, offer: 3, register: 1, welfare: 2 };
  vi.stubEnv('SERVICE_LEVELS', JSON.stringify(levels));
  vi.stubEnv('AWS_REGION', 'eu-west-2');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', table.url);
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await table.stop();
  lambda.close();
  lambda.closeAllConnections();
});

const withId = (referral: Referral, n: number): Referral => {
  const id = n.toString(16).padStart(32, '0');
  return { ...referral, id, version: 0, outbox: [], execution: { ...referral.execution, name: `${id}-1` } };
};

describe('the sweep', () => {
  it('does what is due, leaves the rest, and is not stopped by one that cannot be read', async () => {
    const { handler } = await import('../../../functions/reminder-sweep/handler.ts');
    const due = [withId(submitted(), 1), withId(submitted(), 2), withId(submitted(), 3)];
    const later = withId(inReview(), 4);
    for (const referral of [...due, later]) await table.referrals.create(referral);
    const poison = 'e'.repeat(32);
    await table.put({
      pk: `REFERRAL#${poison}`,
      sk: 'REFERRAL',
      stage: 'lost-in-space',
      dueAt: '2026-11-20T00:00:00.000Z',
      dueShard: shardOf(poison),
    });

    const now = '2026-11-23T09:20:00Z';
    expect(await handler({ now }, {} as never)).toEqual({ count: 4, failed: 1 });
    expect(woken.sort()).toEqual(due.map((referral) => referral.id));
    expect((await table.referrals.read(later.id))?.version).toBe(0);
    expect((await table.referrals.read(due[0]?.id ?? ''))?.execution.number).toBe(2);
  });

  it('refuses to run without a time', async () => {
    const { handler } = await import('../../../functions/reminder-sweep/handler.ts');
    await expect(handler({ now: 'tonight' } as never, {} as never)).rejects.toThrow(/InvalidPayload/);
  });
});
