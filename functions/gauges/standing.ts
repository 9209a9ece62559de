/** How many items are in parts of an index, and the first key among them. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { documents } from '../shared/table.ts';

/** The part of an index with one value of its partition key, from and until a sort key where they are given. */
export type Part = { index: string; of: string; key: string; value: string; from?: string; until?: string };

/** The items of all parts together: how many, and the lowest sort key. A megabyte of keys, some five thousand items, is one request. */
export async function standing(
  table: string,
  parts: readonly Part[],
): Promise<{ count: number; first: string | undefined }> {
  const found = await Promise.all(parts.map((part) => ofPart(table, part)));
  return {
    count: found.reduce((sum, { count }) => sum + count, 0),
    first: found.flatMap(({ first }) => first ?? []).sort()[0],
  };
}

async function ofPart(table: string, part: Part): Promise<{ count: number; first: string | undefined }> {
  const query = queryOf(table, part);
  const { Items: [item] = [] } = await documents().send(new QueryCommand({ ...query, Limit: 1 }));
  if (!item) return { count: 0, first: undefined };
  let count = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const page = await documents().send(
      new QueryCommand({ ...query, Select: 'COUNT', ...(start ? { ExclusiveStartKey: start } : {}) }),
    );
    count += page.Count ?? 0;
    start = page.LastEvaluatedKey;
  } while (start);
  return { count, first: String(item[part.key]) };
}

function queryOf(table: string, { index, of, key, value, from = '', until }: Part) {
  // No key is above this one, which sorts after every digit and letter.
  const range =
    from === '' && until === undefined ? undefined : { ':from': from || ' ', ':until': until ?? '~' };
  return {
    TableName: table,
    IndexName: index,
    KeyConditionExpression: `#of = :of${range ? ' AND #key BETWEEN :from AND :until' : ''}`,
    ExpressionAttributeNames: { '#of': of, ...(range ? { '#key': key } : {}) },
    ExpressionAttributeValues: { ':of': value, ...range },
  };
}
