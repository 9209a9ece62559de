/** Writes seeded referrals straight into a table, many at a time, as record.ts would write each. */
import { setTimeout } from 'node:timers/promises';
import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { toItem } from '../../functions/shared/record.ts';
import { type Seeding, seededReferral } from './referrals.ts';

/** As many as DynamoDB takes in one request. */
const BATCH = 25;

/** Requests under way at once. */
const AT_ONCE = 8;

/** How often the rest of a batch that DynamoDB could not take is sent again. */
const ATTEMPTS = 10;

/**
 * Writes referrals number `from` to `to` (not included), over whatever is there of the same seeding. `wrote` is told how many were written
 * since it was told last. Rejects with the first error, when what was under way is done.
 */
export async function writeSeeded(
  client: DynamoDBDocumentClient,
  table: string,
  { from, to }: { from: number; to: number },
  seeding: Seeding,
  wrote: (count: number) => void = () => {},
): Promise<void> {
  let next = from;
  let failed = false;
  const worker = async () => {
    for (let begin = next; begin < to && !failed; begin = next) {
      next = Math.min(begin + BATCH, to);
      const numbers = Array.from({ length: next - begin }, (_, i) => begin + i);
      const items = await Promise.all(
        numbers.map(async (each) => toItem(await seededReferral(each, seeding))),
      );
      await writeBatch(client, table, items);
      wrote(items.length);
    }
  };
  const results = await Promise.allSettled(
    Array.from({ length: AT_ONCE }, () =>
      worker().catch((error) => {
        failed = true;
        throw error;
      }),
    ),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function writeBatch(
  client: DynamoDBDocumentClient,
  table: string,
  items: readonly Record<string, unknown>[],
): Promise<void> {
  let requests = items.map((Item) => ({ PutRequest: { Item } }));
  for (let attempt = 0; requests.length > 0; attempt++) {
    if (attempt === ATTEMPTS) throw new Error(`${requests.length} items were refused ${ATTEMPTS} times`);
    if (attempt > 0) await setTimeout(50 * 2 ** attempt);
    const { UnprocessedItems } = await client.send(
      new BatchWriteCommand({ RequestItems: { [table]: requests } }),
    );
    requests = (UnprocessedItems?.[table] ?? []) as typeof requests;
  }
}
