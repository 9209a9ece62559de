/**
 * What becomes of something that is due and fails. It is tried again later, each time after a longer while; when it has failed too often it is
 * parked: taken out of its part of the due index, where it could hold up nothing, into a part of its own, where an operator finds it. Whatever
 * changes it brings it back, and so does the operator (`npm run parked -- --retry`).
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { after, type Span } from '../../workflows/time.ts';
import { ContendedReferralError } from '../shared/record.ts';
import { documents } from '../shared/table.ts';
import { ContendedItemError } from '../shared/versioned.ts';
import type { DueItem } from './due.ts';

/** The part of the due index where what is parked is. The sweep does not look there. */
const PARKED = 'parked';

/** When it is tried again, by how often it has failed. Who fails once more than that is parked. */
const AGAIN_AFTER: readonly Span[] = [{ minutes: 5 }, { minutes: 15 }, { hours: 1 }, { hours: 4 }];

/** So many of what is parked are listed at once. */
const MOST_LISTED = 100;

/** Faults of the moment and not of the item, by their names: too much was asked for, or no answer came. */
const PASSING =
  /Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|RequestLimit|Timeout|TransactionConflict/;

/**
 * Something parked: where it is, by which reference people know it (of a referral or a group, where it can still be read), since when, how often
 * it failed, and the kind of error.
 */
export type ParkedItem = {
  pk: string;
  sk: string;
  reference?: string;
  since: string;
  failures: number;
  why: string;
};

/** Whether an error says something of what was tried, rather than of the moment at which it was. */
export function isOfItem(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (error instanceof ContendedReferralError || error instanceof ContendedItemError) return false;
  const { $fault, code } = error as { $fault?: unknown; code?: unknown };
  const unreachable = typeof code === 'string' && /^E[A-Z]+$/.test(code);
  return $fault !== 'server' && !unreachable && !PASSING.test(error.name);
}

/** Notes that something due has failed. True when that was once too often, and it is parked now. What was changed meanwhile is left as it is. */
export async function noteFailure(
  table: string,
  item: DueItem,
  error: unknown,
  now: string,
): Promise<boolean> {
  const { pk, sk, dueShard, dueAt } = item;
  const at = { TableName: table, Key: { pk, sk } };
  const { Item } = await documents().send(new GetCommand({ ...at, ConsistentRead: true }));
  const failures = Number(Item?.sweepFailures ?? 0) + 1;
  // What nobody knows how to do is not tried again.
  const again = item.kind === 'unknown' ? undefined : AGAIN_AFTER[failures - 1];
  const values = {
    ...{ ':shard': dueShard, ':at': dueAt, ':failures': failures },
    ':why': error instanceof Error ? error.name : typeof error,
  };
  const change = again
    ? {
        UpdateExpression: 'SET sweepFailures = :failures, sweepError = :why, dueAt = :again',
        ExpressionAttributeValues: { ...values, ':again': after(now, again) },
      }
    : {
        UpdateExpression:
          'SET sweepFailures = :failures, sweepError = :why, dueShard = :parked, parkedFrom = :shard, parkedAt = :now',
        ExpressionAttributeValues: { ...values, ':parked': PARKED, ':now': now },
      };
  const done = await changed(
    new UpdateCommand({ ...at, ...change, ConditionExpression: 'dueShard = :shard AND dueAt = :at' }),
  );
  return done && again === undefined;
}

/** How many things are parked, up to a page of them: one request. */
export async function countParked(table: string): Promise<number> {
  const { Count = 0 } = await documents().send(new QueryCommand({ ...parkedIn(table), Select: 'COUNT' }));
  return Count;
}

/** What is parked, the longest due first, at most a hundred; `more`: whether there is more. */
export async function listParked(table: string): Promise<{ parked: ParkedItem[]; more: boolean }> {
  const { Items = [], LastEvaluatedKey } = await documents().send(
    new QueryCommand({ ...parkedIn(table), Limit: MOST_LISTED }),
  );
  const parked = await Promise.all(
    Items.map(async ({ pk, sk }): Promise<ParkedItem> => {
      const { Item } = await documents().send(new GetCommand({ TableName: table, Key: { pk, sk } }));
      return {
        ...{ pk, sk },
        ...(typeof Item?.reference === 'string' ? { reference: Item.reference } : {}),
        since: String(Item?.parkedAt ?? ''),
        failures: Number(Item?.sweepFailures ?? 0),
        why: String(Item?.sweepError ?? ''),
      };
    }),
  );
  return { parked, more: LastEvaluatedKey !== undefined };
}

/** Brings back everything that is parked, as if it had never failed: the next sweep tries it. Gives how many. */
export async function retryParked(table: string): Promise<number> {
  let retried = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await documents().send(
      new QueryCommand({ ...parkedIn(table), ...(start ? { ExclusiveStartKey: start } : {}) }),
    );
    for (const { pk, sk } of Items) {
      const done = await changed(
        new UpdateCommand({
          TableName: table,
          Key: { pk, sk },
          UpdateExpression:
            'SET dueShard = parkedFrom REMOVE parkedFrom, parkedAt, sweepFailures, sweepError',
          ConditionExpression: 'dueShard = :parked',
          ExpressionAttributeValues: { ':parked': PARKED },
        }),
      );
      if (done) retried += 1;
    }
    start = LastEvaluatedKey;
  } while (start);
  return retried;
}

function parkedIn(table: string) {
  return {
    TableName: table,
    IndexName: 'due',
    KeyConditionExpression: 'dueShard = :parked',
    ExpressionAttributeValues: { ':parked': PARKED },
  };
}

/** Writes; false where the condition did not hold. */
async function changed(command: UpdateCommand): Promise<boolean> {
  try {
    await documents().send(command);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
