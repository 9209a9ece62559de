/** Everything that is kept under a referral. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { documents } from '../shared/table.ts';

/** All items of a referral's partition, page by page, read consistently. */
export async function* itemsOf(TableName: string, id: string): AsyncGenerator<Record<string, unknown>[]> {
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await documents().send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `REFERRAL#${id}` },
        ConsistentRead: true,
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    yield Items;
    start = LastEvaluatedKey;
  } while (start);
}
