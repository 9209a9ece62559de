/** Referrals, open or closed, a slice of the table at a time: for an operator, since it reads everything that is in there. */
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { idOf } from '../shared/record.ts';
import { documents } from '../shared/table.ts';

/** So many items of the table are looked at in one request, and at most so many requests are made for a slice. */
const LOOKED_AT = 300;
const MOST_REQUESTS = 20;

/** What is looked at of a referral. `dueAt`: when the due index has it. */
export type Found = { id: string; stage: string; execution: { name: string }; dueAt: string | undefined };

/**
 * The open referrals, or the closed ones, of a slice that has some, or of as much as is looked at in one go, and where the next slice begins: undefined at the end of the
 * table. The cursor stands for the last item that was looked at.
 */
export async function referralsIn(
  table: string,
  which: 'open' | 'closed',
  cursor: string | undefined,
): Promise<{ found: Found[]; next: string | undefined }> {
  let start: Record<string, unknown> | undefined = cursor === undefined ? undefined : keyAt(cursor);
  for (let request = 1; ; request++) {
    const { Items = [], LastEvaluatedKey: last } = await documents().send(
      new ScanCommand({
        TableName: table,
        FilterExpression: `sk = :referral AND stage ${which === 'open' ? '<>' : '='} :closed`,
        ExpressionAttributeValues: { ':referral': 'REFERRAL', ':closed': 'closed' },
        ProjectionExpression: 'pk, stage, execution, dueAt',
        Limit: LOOKED_AT,
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    if (Items.length > 0 || !last || request === MOST_REQUESTS) {
      const found = Items.map(
        ({ pk, stage, execution, dueAt }): Found => ({ id: idOf(pk), stage, execution, dueAt }),
      );
      return { found, next: last && cursorOf(last) };
    }
    start = last;
  }
}

function cursorOf({ pk, sk }: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify([pk, sk])).toString('base64url');
}

/** Throws for what is no cursor of ours. */
function keyAt(cursor: string): { pk: string; sk: string } {
  const [pk, sk] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  return { pk, sk };
}
