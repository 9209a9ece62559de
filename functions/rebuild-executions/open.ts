/** Open referrals, a slice of the table at a time: for an operator, since it reads everything that is in there. */
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { idOf } from '../shared/record.ts';
import { documents } from '../shared/table.ts';

/** So many items of the table are looked at in one request, and at most so many requests are made for a slice. */
const LOOKED_AT = 300;
const MOST_REQUESTS = 20;

/** What is looked at of an open referral. */
export type Open = { id: string; stage: string; execution: { name: string } };

/**
 * The open referrals of a slice that has some, or of as much as is looked at in one go, and where the next slice begins: undefined at the end of the
 * table. The cursor stands for the last item that was looked at.
 */
export async function openReferrals(
  table: string,
  cursor: string | undefined,
): Promise<{ open: Open[]; next: string | undefined }> {
  let start: Record<string, unknown> | undefined = cursor === undefined ? undefined : keyAt(cursor);
  for (let request = 1; ; request++) {
    const { Items = [], LastEvaluatedKey: last } = await documents().send(
      new ScanCommand({
        TableName: table,
        FilterExpression: 'sk = :referral AND stage <> :closed',
        ExpressionAttributeValues: { ':referral': 'REFERRAL', ':closed': 'closed' },
        ProjectionExpression: 'pk, stage, execution',
        Limit: LOOKED_AT,
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    if (Items.length > 0 || !last || request === MOST_REQUESTS) {
      const open = Items.map(({ pk, stage, execution }): Open => ({ id: idOf(pk), stage, execution }));
      return { open, next: last && cursorOf(last) };
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
