/**
 * What the sweep costs and how quickly it drains what is due: the real function on a table in a process of its own, with what it wakes counted and
 * not done. The embedded cloud is left out, since it would measure itself.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { FUNCTION_PLANS } from '../../infra/functions.ts';
import { after } from '../../workflows/time.ts';
import { startDynalite } from '../unit/functions/dynalite.ts';
import { TABLE } from '../unit/functions/table.ts';
import { heading, note, number, table as print, seconds } from './report.ts';

/** So many are due when requests are counted, whatever else there is. */
export const DUE = 100;

const NOW = '2026-11-25T09:00:00.000Z';
const BATCH = 25;
const AT_ONCE = 8;

/** `ms`: how long the function ran. */
type Swept = { count: number; failed: number; left: number; ms: number };

/** A table with referrals, and the sweep of it. */
export type SweptTable = {
  /** Adds copies of a referral in review: due now, or in a year. */
  add(count: number, due: boolean): Promise<void>;
  /** Runs the function once, with as much time as it is deployed with; then what it woke the outbox for is taken as sent. */
  sweep(): Promise<Swept>;
  /** How often each operation of DynamoDB was asked for by the sweep, and how often the outbox was woken. */
  requests(work: () => Promise<unknown>): Promise<Record<string, number>>;
  stop(): Promise<void>;
};

/** Starts a table and puts what the function is told into this process's environment. */
export async function startSweptTable(): Promise<SweptTable> {
  const dynamodb = await startDynalite();
  let woken = 0;
  let unsent: string[] = [];
  const lambda = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    woken += 1;
    unsent.push(JSON.parse(text).referralId);
    response.writeHead(202).end();
  });
  lambda.listen(0, '127.0.0.1');
  await once(lambda, 'listening');
  Object.assign(process.env, {
    TABLE_NAME: TABLE,
    OUTBOX_FUNCTION: 'outbox',
    PERSONAL_DATA_FUNCTION: 'personal-data',
    REMINDERS: '{}',
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`,
  });
  // They read the environment when they are loaded.
  const [{ handler }, { log }, { documents }, { keyOf, shardOf, toItem }, { inReview }] = await Promise.all([
    import('../../functions/reminder-sweep/handler.ts'),
    import('../../functions/shared/log.ts'),
    import('../../functions/shared/table.ts'),
    import('../../functions/shared/record.ts'),
    import('../unit/workflows/builders.ts'),
  ]);
  log.setLogLevel('SILENT');
  const run = handler as unknown as (payload: object, context: object) => Promise<Omit<Swept, 'ms'>>;
  const referral = { ...inReview(), outbox: [] };
  const item = toItem(referral);
  let ids = 0;
  /** Spread over the whole of the hash's range, as ids are. */
  const idOf = (n: number) =>
    (BigInt(n) * 0x9e3779b97f4a7c15f39cc0605cedc835n).toString(16).slice(-32).padStart(32, '0');
  return {
    async add(count, isDue) {
      const last = ids + count;
      const write = async () => {
        for (let from = ids; from < last; from = ids) {
          ids = Math.min(from + BATCH, last);
          const items = Array.from({ length: ids - from }, (_, i) => {
            const id = idOf(from + i);
            const at = after(NOW, { minutes: isDue ? -((from + i) % 1440) : 525_600 });
            const due = { ...referral.due, at };
            const dueShard = String(shardOf(id));
            return { ...item, id, ...keyOf(id), due, dueAt: at, dueShard };
          });
          const requests = items.map((Item) => ({ PutRequest: { Item } }));
          await documents().send(new BatchWriteCommand({ RequestItems: { [TABLE]: requests } }));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, write));
    },
    async sweep() {
      const began = performance.now();
      const deadline = began + FUNCTION_PLANS['reminder-sweep'].timeoutSeconds * 1000;
      const swept = await run({ now: NOW }, { getRemainingTimeInMillis: () => deadline - performance.now() });
      const ms = performance.now() - began;
      const sent = unsent;
      unsent = [];
      for (const id of sent) await dynamodb.referrals.change(id, NOW, (each) => ({ ...each, outbox: [] }));
      return { ...swept, ms };
    },
    async requests(work) {
      const counts: Record<string, number> = {};
      const before = woken;
      const { middlewareStack } = documents();
      const name = 'count';
      middlewareStack.add(
        (next, context) => (args) => {
          const command = String(context.commandName).replace(/(Item)?Command$/, '');
          counts[command] = (counts[command] ?? 0) + 1;
          return next(args);
        },
        { step: 'initialize', name },
      );
      await work();
      middlewareStack.remove(name);
      return { ...counts, woken: woken - before };
    },
    async stop() {
      lambda.close();
      lambda.closeAllConnections();
      await dynamodb.stop();
    },
  };
}

/** Measures and prints: requests with the same due among more and more, then how many drain in a second. Gives whether the requests were the same. */
export async function measureSweep(due: number, most: number): Promise<boolean> {
  heading(`The sweep, with ${DUE} due among many`);
  const sizes = [1_000, 10_000, 100_000].filter((size) => size <= most);
  const swept = await startSweptTable();
  const rows: Record<string, number>[] = [];
  try {
    let there = 0;
    for (const size of sizes) {
      await swept.add(size - there - DUE, false);
      await swept.add(DUE, true);
      there = size;
      rows.push(await swept.requests(() => swept.sweep()));
    }
    const kinds = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    print(
      ['open referrals', ...kinds.map((kind) => ({ right: kind }))],
      rows.map((row, i) => [number(sizes[i] ?? 0), ...kinds.map((kind) => number(row[kind] ?? 0))]),
    );
    await swept.add(due, true);
    let runs = 0;
    let done = 0;
    let ms = 0;
    while (done < due) {
      const { count, failed, ms: took } = await swept.sweep();
      ms += took;
      if (failed > 0 || count === 0) throw new Error(`${failed} failed and ${count - failed} were done`);
      done += count;
      runs += 1;
    }
    note(
      `\n${number(due)} due, among ${number(there + due)}: drained in ${seconds(ms)} and ${number(runs)} runs, ${number(due / (ms / 1000))} a second, the table on the same cores.`,
    );
  } finally {
    await swept.stop();
  }
  return rows.every((row) => JSON.stringify(row) === JSON.stringify(rows[0]));
}
