/** Records of what came of referrals, under keys that nobody can make who has no referral: written as often as one likes, never replaced by an older one. */
import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { documents } from './table.ts';

type Key = { pk: string; sk: string };
type Item = Record<string, unknown>;

/** Of what nobody can guess: a referral has a random id. `of`: the kind of record. */
export function hashOf(of: string, name: string): string {
  return createHash('sha256').update(`${of} ${name}`).digest('base64url').slice(0, 22);
}

/**
 * Writes a record, unless what is there was made of something newer, as any of the numbers of those names in both says. A number that what is there
 * does not have, since it was written before that was noted, says nothing.
 */
export async function putUnlessOlder(
  TableName: string,
  key: Key,
  record: Item,
  newness: readonly string[],
): Promise<void> {
  const isNoNewer = newness.map((_, i) => `(attribute_not_exists(#n${i}) OR #n${i} <= :n${i})`);
  try {
    await documents().send(
      new PutCommand({
        TableName,
        Item: { ...key, ...record },
        ConditionExpression: isNoNewer.join(' AND '),
        ExpressionAttributeNames: Object.fromEntries(newness.map((name, i) => [`#n${i}`, name])),
        ExpressionAttributeValues: Object.fromEntries(newness.map((name, i) => [`:n${i}`, record[name]])),
      }),
    );
  } catch (error) {
    // Somebody knew more.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Moves a record to another key, as `change` makes it; where there is none to move it to it goes altogether. */
export async function moveRecord(
  TableName: string,
  from: Key,
  to: { sk: string; change: (item: Item) => Item } | undefined,
): Promise<void> {
  if (to !== undefined) {
    const { Item } = await documents().send(new GetCommand({ TableName, Key: from, ConsistentRead: true }));
    if (!Item) return;
    const moved = { ...to.change(Item), pk: from.pk, sk: to.sk };
    await documents().send(new PutCommand({ TableName, Item: moved }));
  }
  await documents().send(new DeleteCommand({ TableName, Key: from }));
}

/** The records of a partition, or those from one sort key to another, in at most so many pages of 1 MB; `tooMany` where not all of them were read. */
export async function recordsIn(
  TableName: string,
  { pk, from, to }: { pk: string; from?: string; to?: string },
  mostPages: number,
): Promise<{ items: Item[]; tooMany: boolean }> {
  const items: Item[] = [];
  const between = from !== undefined && to !== undefined;
  let start: Item | undefined;
  for (let page = 0; page < mostPages; page++) {
    const { Items = [], LastEvaluatedKey } = await documents().send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: `pk = :pk${between ? ' AND sk BETWEEN :from AND :to' : ''}`,
        ExpressionAttributeValues: { ':pk': pk, ...(between ? { ':from': from, ':to': to } : {}) },
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    items.push(...Items);
    if (!LastEvaluatedKey) return { items, tooMany: false };
    start = LastEvaluatedKey;
  }
  return { items, tooMany: true };
}
