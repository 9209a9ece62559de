/**
 * Brings what a backup has into the table of the service: `npm run restore -- --from <table>`, where that is a table that DynamoDB made of the
 * service's own as it was at some moment (docs/deploy.md).
 */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';

/** So many are written at once. */
const AT_ONCE = 25;

export interface Restored {
  readonly written: number;
  /** What the table has already. It is newer, or the same. */
  readonly kept: number;
}

/**
 * Puts every item of a table into another that has none with its key; `overwrite` puts all of them. Doing it twice does no harm. What was made
 * since the backup stays. Rejects when a table is not there, or does not answer; then do it again.
 */
export async function restore(
  client: DynamoDBClient,
  { from, to, overwrite }: { from: string; to: string; overwrite: boolean },
  say: (line: string) => void,
): Promise<Restored> {
  const documents = DynamoDBDocumentClient.from(client);
  const sum = { written: 0, kept: 0 };
  const put = async (Item: Record<string, unknown>): Promise<keyof Restored> => {
    try {
      const condition = overwrite ? {} : { ConditionExpression: 'attribute_not_exists(pk)' };
      await documents.send(new PutCommand({ TableName: to, Item, ...condition }));
      return 'written';
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return 'kept';
      throw error;
    }
  };
  for await (const { Items = [] } of paginateScan({ client: documents }, { TableName: from })) {
    for (let i = 0; i < Items.length; i += AT_ONCE) {
      for (const done of await Promise.all(Items.slice(i, i + AT_ONCE).map(put))) sum[done] += 1;
    }
    say(`${sum.written} written, ${sum.kept} kept`);
  }
  return sum;
}
