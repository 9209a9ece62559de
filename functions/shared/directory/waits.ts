/**
 * How long people wait for each programme, measured when its provider accepts: an item for each programme beside the directory's entries, so
 * that one query reads them all. It counts days and names nobody.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import {
  type Measured,
  measuredSchema,
  type Wait,
  waitOf,
  withMeasured,
  withoutKeysOf,
} from '../../../workflows/waits.ts';
import { documents } from '../table.ts';

const PARTITION = 'DIRECTORY';
const PREFIX = 'WAITS#';

const itemSchema = z.object({ version: z.int(), measured: z.array(measuredSchema) });

/** More at once than this for one programme are not worth waiting for. */
const ATTEMPTS = 4;

/** Adds one person's wait to a programme's; the same one again changes nothing. Throws when DynamoDB does, or when too many write at once. */
export function recordWait(table: string, programmeId: string, one: Measured): Promise<void> {
  return change(table, programmeId, (measured) => withMeasured(measured, one));
}

/** The waits of a referral stay, under keys that `as` begins, which stands for nobody. Throws as `recordWait`. */
export function forgetWaits(
  table: string,
  programmeId: string,
  referralId: string,
  as: string,
): Promise<void> {
  return change(table, programmeId, (measured) => withoutKeysOf(measured, referralId, as));
}

async function change(
  table: string,
  programmeId: string,
  rule: (measured: readonly Measured[]) => readonly Measured[],
): Promise<void> {
  const Key = { pk: PARTITION, sk: `${PREFIX}${programmeId}` };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { Item } = await documents().send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
    const before = Item ? itemSchema.parse(Item) : { version: 0, measured: [] };
    const measured = rule(before.measured);
    if (measured === before.measured) return;
    try {
      await documents().send(
        new PutCommand({
          TableName: table,
          Item: { ...Key, version: before.version + 1, measured },
          ConditionExpression: 'attribute_not_exists(pk) OR version = :before',
          ExpressionAttributeValues: { ':before': before.version },
        }),
      );
      return;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
  throw new Error('too many measure at once');
}

/** The measured wait of each programme that has one, by its id: one request for some four hundred programmes. */
export async function measuredWaits(table: string): Promise<Map<string, Wait>> {
  const waits = new Map<string, Wait>();
  let start: Record<string, unknown> | undefined;
  do {
    const page = await documents().send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': PARTITION, ':prefix': PREFIX },
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    for (const item of page.Items ?? []) {
      const wait = waitOf(itemSchema.parse(item).measured);
      if (wait) waits.set(String(item.sk).slice(PREFIX.length), wait);
    }
    start = page.LastEvaluatedKey;
  } while (start);
  return waits;
}
