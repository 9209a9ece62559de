/** How the items of the directory are read: by everybody who needs programmes, so with as little as possible around it. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { documents } from '../table.ts';

export const PARTITION = 'DIRECTORY';

/** For so long a request waits for a page of the directory, in milliseconds. */
const PATIENCE_MS = 2000;

/** The items whose sort key begins so. A page holds a megabyte, which is some hundreds of entries. */
export async function directoryItems(table: string, prefix: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await documents().send(
      new QueryCommand({
        TableName: table,
        ...beginningWith(prefix),
        ConsistentRead: true,
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
      { abortSignal: AbortSignal.timeout(PATIENCE_MS) },
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}

/** The condition of a query for the items whose sort key begins so. */
export function beginningWith(prefix: string) {
  return {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': PARTITION, ':prefix': prefix },
  };
}
