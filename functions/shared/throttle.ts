/** How often one client may do something: a count for each client and window, in an item that DynamoDB removes when it is over. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
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
 * Counts one attempt of a client in the window that `now` is in, if that is within the limit. Windows are fixed: they begin at multiples
 * of their length. A refused attempt is not counted.
 *
 * `client` is a keyed hash of who it is and of what they do, never an address. Never throws: when the table does not count, the client is
 * admitted and the log says so. A flood that also brings down the count is for the firewall; a referral turned away is lost.
 */
export async function admit(table: string, client: string, limit: Limit, now: string): Promise<Admission> {
  const { end, left } = windowOf(limit, now);
  try {
    await documents().send(
      new UpdateCommand({
        TableName: table,
        Key: keyOf(client, limit, now),
        UpdateExpression: 'ADD attempts :one SET expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(attempts) OR attempts < :most',
        // DynamoDB removes it some time later; nothing depends on when, since the next window is an item of its own.
        ExpressionAttributeValues: { ':one': 1, ':expiresAt': end, ':most': limit.count },
      }),
      { abortSignal: AbortSignal.timeout(PATIENCE_MS) },
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { admitted: false, retryAfterSeconds: left };
    warn(Message.throttleFailed, error);
  }
  return { admitted: true };
}

/** Takes back the count of an attempt that was admitted at `now` and came to nothing. Never throws. */
export async function giveBack(table: string, client: string, limit: Limit, now: string): Promise<void> {
  try {
    await documents().send(
      new UpdateCommand({
        TableName: table,
        Key: keyOf(client, limit, now),
        UpdateExpression: 'ADD attempts :less',
        ConditionExpression: 'attempts > :none',
        ExpressionAttributeValues: { ':less': -1, ':none': 0 },
      }),
    );
  } catch (error) {
    // Not counted, so there is nothing to take back.
    if (!(error instanceof ConditionalCheckFailedException)) warn(Message.throttleFailed, error);
  }
}

/** The window that a moment is in: when it begins and ends (seconds since 1970), and how many seconds (1 or more) are left. */
function windowOf({ seconds }: Limit, now: string): { start: number; end: number; left: number } {
  const second = Math.floor(Date.parse(now) / 1000);
  const start = second - (second % seconds);
  const end = start + seconds;
  return { start, end, left: end - second };
}

function keyOf(client: string, limit: Limit, now: string) {
  return { pk: `THROTTLE#${client}`, sk: `WINDOW#${limit.seconds}#${windowOf(limit, now).start}` };
}
