import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBDocumentClient, type QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { handler } from '../../../functions/reminder-sweep/handler.ts';
import { isOfItem } from '../../../functions/reminder-sweep/parking.ts';
import { log } from '../../../functions/shared/log.ts';
import { shardOf } from '../../../functions/shared/record.ts';
import { documents } from '../../../functions/shared/table.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { accepted, entered, inReview, NOW, offered, register, submitted } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
let lambda: Server;
const woken: string[] = [];

beforeAll(async () => {
  table = await startEnvironment();
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
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await table.stop();
  lambda.close();
  lambda.closeAllConnections();
});
beforeEach(() => {
  woken.length = 0;
});

type Swept = { count: number; failed: number; left: number; parked: number };
const call = (payload: object, context: object = {}) =>
  (handler as (payload: object, context: object) => Promise<unknown>)(payload, context);
const sweep = (now: string, context?: object) => call({ now }, context) as Promise<Swept>;

let ids = 0;
/** A referral of its own in the table, with nothing to send. */
async function put(referral: Referral): Promise<string> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const execution = { ...referral.execution, name: `${id}-1` };
  await table.referrals.create({ ...referral, id, version: 0, outbox: [], execution });
  return id;
}

/** Something in the due index that nobody can read. */
async function putPoison(pk: string, dueAt: string): Promise<void> {
  const id = pk.split('#')[1] ?? '';
  const stored = { stage: 'lost-in-space', reference: 'SP-7K4M-2Q9X' };
  await table.put({ pk, sk: 'REFERRAL', ...stored, dueAt, dueShard: String(shardOf(id)) });
}

const read = async (id: string) => (await table.referrals.read(id)) as Referral;
const emails = ({ outbox }: Referral) =>
  outbox.flatMap((entry) => (entry.kind === 'email' ? [`${entry.message} → ${entry.to}`] : []));
/** How many sweeps the log says were done. */
const sweepsIn = ({ mock }: MockInstance<typeof log.info>) =>
  mock.calls.filter(([, fields]) => Object.hasOwn(Object(fields), 'SweepsDone')).length;
const POISON = `REFERRAL#${'e'.repeat(32)}`;

describe('the sweep', () => {
  it('does what is due, leaves the rest, and is not stopped by one that cannot be read', async () => {
    const due = [await put(submitted()), await put(submitted()), await put(submitted())];
    const later = await put(inReview());
    await putPoison(POISON, '2026-11-20T00:00:00.000Z');
    expect(await sweep('2026-11-23T09:20:00Z')).toEqual({ count: 4, failed: 1, left: 0, parked: 0 });
    expect(woken.sort()).toEqual(due);
    expect((await read(later)).version).toBe(0);
    expect((await read(due[0] ?? '')).execution.number).toBe(2);
  });

  it('refuses to run without a time', async () => {
    await expect(sweep('tonight')).rejects.toThrow(/InvalidPayload/);
  });

  it('tries what fails again after longer and longer, then parks it, until an operator brings it back', async () => {
    // It failed once, at 09:20.
    const runs: (Swept & { now: string })[] = [];
    for (const minutes of [24, 25, 39, 40, 99, 100, 339, 340, 341]) {
      const now = later('2026-11-23T09:00:00.000Z', { minutes });
      runs.push({ now, ...(await sweep(now)) });
    }
    const tried = runs.filter(({ failed }) => failed > 0).map(({ now }) => now.slice(11, 16));
    expect(tried).toEqual(['09:25', '09:40', '10:40', '14:40']);
    expect(runs.map(({ parked }) => parked)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(await call({ now: NOW, parked: 'list' })).toEqual({
      parked: [
        {
          pk: POISON,
          sk: 'REFERRAL',
          reference: 'SP-7K4M-2Q9X',
          since: '2026-11-23T14:40:00.000Z',
          failures: 5,
          why: 'UnreadableReferralError',
        },
      ],
      more: false,
    });
    expect(await call({ now: NOW, parked: 'retry' })).toEqual({ retried: 1 });
    expect(await call({ now: NOW, parked: 'list' })).toEqual({ parked: [], more: false });
    // It begins anew: the first failure does not park it.
    expect(await sweep('2026-11-24T09:00:00.000Z')).toMatchObject({ failed: 1, parked: 0 });
  });

  it('parks at once what it does not know, whatever else is due', async () => {
    await table.put({
      pk: 'PARCEL#1',
      sk: 'PARCEL',
      dueAt: '2020-01-01T00:00:00.000Z',
      dueShard: '1',
    });
    const [id = ''] = [await put(submitted())];
    expect(await sweep('2026-11-24T09:01:00.000Z')).toMatchObject({ failed: 1, parked: 1 });
    expect((await read(id)).version).toBe(1);
  });

  it('has what is parked back as soon as something changes it', async () => {
    const id = await put(inReview());
    const key = { pk: `REFERRAL#${id}`, sk: 'REFERRAL' };
    await documents().send(
      new UpdateCommand({
        TableName: TABLE,
        Key: key,
        UpdateExpression: 'SET dueShard = :parked, parkedFrom = :shard',
        ExpressionAttributeValues: { ':parked': 'parked', ':shard': String(shardOf(id)) },
      }),
    );
    const now = (await read(id)).due?.at ?? '';
    await sweep(now);
    expect((await read(id)).version).toBe(0);
    await table.referrals.change(id, NOW, (referral) => ({ ...referral, reviews: referral.reviews }));
    await sweep(now);
    expect(emails(await read(id))).toEqual(['review-reminder → link-worker']);
  });

  it('parks nothing for a fault of the moment', () => {
    const named = (name: string, more: object = {}) => Object.assign(new Error('x'), { name, ...more });
    expect(isOfItem(named('ThrottlingException', { $fault: 'client' }))).toBe(false);
    expect(isOfItem(named('InternalServerError', { $fault: 'server' }))).toBe(false);
    expect(isOfItem(named('TimeoutError'))).toBe(false);
    expect(isOfItem(named('Error', { code: 'ECONNRESET' }))).toBe(false);
    expect(isOfItem(named('ContendedReferralError'))).toBe(true);
    expect(isOfItem(named('ValidationException', { $fault: 'client' }))).toBe(true);
    expect(isOfItem(new TypeError('x'))).toBe(true);
  });

  it('goes on where there was no time, the longest due first', async () => {
    const all: string[] = [];
    for (let i = 0; i < 40; i++) {
      const due = { at: later(NOW, { minutes: -i }), step: 'workflow', count: 0 } as const;
      all.unshift(await put({ ...submitted(), due }));
    }
    // Time for some and not for all.
    let left = 30;
    const context = { getRemainingTimeInMillis: () => (left-- > 0 ? 240_000 : 19_000) };
    const first = await sweep(NOW, context);
    expect(first.left).toBeGreaterThan(0);
    expect(first.count).toBeLessThanOrEqual(30);
    const done = await Promise.all(all.map(async (id) => (await read(id)).version > 0));
    // In each part of the index it is the longest due that are done.
    for (const shard of [0, 1, 2, 3]) {
      const ofShard = done.filter((_, i) => shardOf(all[i] ?? '') === shard);
      expect(ofShard.lastIndexOf(true)).toBe(ofShard.filter(Boolean).length - 1);
    }
    expect(await sweep(NOW)).toMatchObject({ left: 0 });
    for (const id of all) expect((await read(id)).version).toBe(1);
  });

  it('is measured when it came to its end, as what operators ask for in its place is not', async () => {
    const written = vi.spyOn(log, 'info');
    await call({ now: NOW, parked: 'list' });
    await call({ now: NOW, parked: 'retry' });
    expect(sweepsIn(written)).toBe(0);
    await sweep(NOW);
    expect(sweepsIn(written)).toBe(1);
    written.mockRestore();
  });

  it('does each thing once, however often it runs, at once, late and out of order', async () => {
    const all: string[] = [];
    for (let i = 0; i < 30; i++) all.push(await put(i % 2 === 0 ? inReview() : offered()));
    const now = '2026-11-26T09:00:00.000Z';
    const fiveMinutesLate = later(now, { minutes: 5 });
    await Promise.all([sweep(now), sweep(now), sweep(fiveMinutesLate), sweep(now)]);
    await sweep(fiveMinutesLate);
    await sweep(now);
    await sweep(NOW);
    for (const [i, id] of all.entries()) {
      const referral = await read(id);
      expect(referral.version).toBe(1);
      expect(emails(referral)).toEqual([
        i % 2 === 0 ? 'review-reminder → link-worker' : 'offer-reminder → provider',
      ]);
      expect(referral.due?.count).toBe(1);
    }
  });

  it('after a week without a sweep sends one reminder of a step, and the next in its own time', async () => {
    const review = await put(inReview());
    const offer = await put(offered());
    const back = '2026-12-07T09:00:00.000Z';
    for (let minutes = 0; minutes < 60; minutes += 5) await sweep(later(back, { minutes }));
    const [reviewed, withProvider] = [await read(review), await read(offer)];
    expect(emails(reviewed)).toEqual(['review-reminder → link-worker']);
    expect(reviewed.due).toEqual({ at: '2026-12-08T09:00:00.000Z', step: 'review', count: 1 });
    expect(emails(withProvider)).toEqual(['offer-reminder → provider']);
    expect(withProvider.due).toEqual({ at: '2026-12-10T09:00:00.000Z', step: 'offer', count: 1 });
  });

  it('asks anew for a contact whose place was used up by one of an earlier programme', async () => {
    const asked = entered(register(register(accepted(), '3'), '3'), 'welfare');
    const recorded = { at: NOW, decision: 'continue' };
    const id = await put({ ...asked, links: { 'welfare-1': { purpose: 'welfare', hashes: [], recorded } } });
    await sweep(asked.due?.at ?? '');
    const { outbox, links, programme } = await read(id);
    expect(outbox).toMatchObject([{ message: 'welfare-reminder', link: 'welfare-2' }]);
    expect(links['welfare-2']).toEqual({ purpose: 'welfare', hashes: [] });
    expect(programme?.welfare).toMatchObject([{ number: 2, missed: 2 }]);
  });

  it('does the other parts of the index when one cannot be read, and says so', async () => {
    const ofShard = new Map<number, string>();
    while (ofShard.size < 4) {
      const id = await put(submitted());
      ofShard.set(shardOf(id), id);
    }
    const send = DynamoDBDocumentClient.prototype.send as (command: unknown) => Promise<unknown>;
    const broken = vi.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(function (
      this: unknown,
      command: unknown,
    ) {
      const { ExpressionAttributeValues: values } = (command as QueryCommand).input;
      if (values?.[':shard'] === '2') throw new Error('cannot be read');
      return send.call(this, command) as never;
    });
    const written = vi.spyOn(log, 'info');
    await expect(sweep('2026-12-09T09:00:00.000Z')).rejects.toThrow(/NotListed/);
    expect(sweepsIn(written)).toBe(0);
    written.mockRestore();
    broken.mockRestore();
    const versions = await Promise.all([0, 1, 2, 3].map((shard) => read(ofShard.get(shard) ?? '')));
    expect(versions.map(({ version }) => version)).toEqual([1, 1, 0, 1]);
  });
});
