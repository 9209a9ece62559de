/** How often one client may do something: a count for each client and window, in an item that DynamoDB removes when it is over. */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { Message, warn } from './log.ts';
import { documents } from './table.ts';

/** So many times in so many seconds. */
export type Limit = { count: number; seconds: number };

/** Whether a client may go on, or in how many seconds (1 or more) it may try again. */
export type Admission = { admitted: true } | { admitted: false; retryAfterSeconds: number };

/** For so long a person waits for the count, in milliseconds. */
const PATIENCE_MS = 1000;

/**
 * Counts one attempt of a client in the window that `now` is in, and says whether it is within the limit. Windows are fixed: they begin at
 * multiples of their length. A refused attempt counts too, which changes nothing before the window ends.
 *
 * `client` is a keyed hash of who it is and of what they do, never an address. Never throws: when the table does not count, the client is
 * admitted and the log says so. A flood that also brings down the count is for the firewall; a referral turned away is lost.
 */
export async function admit(table: string, client: string, limit: Limit, now: string): Promise<Admission> {
  const second = Math.floor(Date.parse(now) / 1000);
  const start = second - (second % limit.seconds);
  const end = start + limit.seconds;
  let count: number;
  try {
    count = await increment(table, { pk: `THROTTLE#${client}`, sk: `WINDOW#${limit.seconds}#${start}` }, end);
  } catch (error) {
    warn(Message.throttleFailed, error);
    return { admitted: true };
  }
  return count > limit.count ? { admitted: false, retryAfterSeconds: end - second } : { admitted: true };
}

/**
 * Adds one to an item's count, made when it is not there, and gives the new count. DynamoDB removes the item some time after `expiresAt`
 * (seconds since 1970); nothing depends on when, since the next window is an item of its own.
 */
async function increment(table: string, Key: Record<string, string>, expiresAt: number): Promise<number> {
  const { Attributes } = await documents().send(
    new UpdateCommand({
      TableName: table,
      Key,
      UpdateExpression: 'ADD attempts :one SET expiresAt = :expiresAt',
      ExpressionAttributeValues: { ':one': 1, ':expiresAt': expiresAt },
      ReturnValues: 'UPDATED_NEW',
    }),
    { abortSignal: AbortSignal.timeout(PATIENCE_MS) },
  );
  return Number(Attributes?.attempts);
}
