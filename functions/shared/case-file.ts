/**
 * What belongs to a referral and is no part of its one item: long texts and what grows without end. Items of their own under the
 * referral's partition key, each written once and never changed, so that every version stays and two writers cannot lose each other's.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import { documents } from './table.ts';

/** The kinds of items, as their sort keys begin. */
export type CaseItemKind = 'NOTE' | 'FEEDBACK' | 'PLAN' | 'MEASURES' | 'AUDIT' | 'REASON';

/**
 * Adds an item of a kind under a key that sorts after the older ones of its kind. False when there is one already: the same thing sent
 * twice, or somebody was faster; read it to tell which.
 */
export async function addToCase(
  table: string,
  { id, kind, key }: { id: string; kind: CaseItemKind; key: string },
  item: object,
): Promise<boolean> {
  try {
    await documents().send(
      new PutCommand({
        TableName: table,
        Item: { ...item, pk: `REFERRAL#${id}`, sk: `${kind}#${key}` },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * The newest items of a kind, the newest first, in one request; those before the one with a key, where one is given. Throws for an item
 * that is not of the schema.
 */
export async function newestOfCase<T extends z.ZodMiniType>(
  table: string,
  { id, kind, limit, before }: { id: string; kind: CaseItemKind; limit: number; before?: string | undefined },
  schema: T,
): Promise<z.output<T>[]> {
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
      ExpressionAttributeValues: { ':pk': `REFERRAL#${id}`, ':kind': `${kind}#` },
      ScanIndexForward: false,
      Limit: limit,
      ConsistentRead: true,
      ...(before === undefined
        ? {}
        : { ExclusiveStartKey: { pk: `REFERRAL#${id}`, sk: `${kind}#${before}` } }),
    }),
  );
  return Items.map((item) => schema.parse(item));
}

/** One item by its key; undefined when there is none. Throws for an item that is not of the schema. */
export async function oneOfCase<T extends z.ZodMiniType>(
  table: string,
  { id, kind, key }: { id: string; kind: CaseItemKind; key: string },
  schema: T,
): Promise<z.output<T> | undefined> {
  const { Item } = await documents().send(
    new GetCommand({
      TableName: table,
      Key: { pk: `REFERRAL#${id}`, sk: `${kind}#${key}` },
      ConsistentRead: true,
    }),
  );
  return Item === undefined ? undefined : schema.parse(Item);
}
