/**
 * The one-time code before a person's details. It goes to the address that the directory has for the provider, so a link that was passed on
 * shows nobody who the person is. Kept is a keyed hash of it; it works for ten minutes, once, and can be tried five times. Whoever entered it
 * may look for a while in this browser.
 */
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { after, isDue, type Span } from '../../workflows/time.ts';
import { cookie, cookieIn } from '../shared/cookies.ts';
import { environment } from '../shared/environment.ts';
import { Message, warn } from '../shared/log.ts';
import { keyFor, keysFor } from '../shared/secret.ts';
import { documents } from '../shared/table.ts';
import { admit, giveBack, type Limit } from '../shared/throttle.ts';
import type { Opened, Visit } from '../shared/web.ts';

const DIGITS = 6;
const WORKS_FOR: Span = { minutes: 10 };
const MOST_TRIES = 5;

/** Codes about one offer: with five tries each, nobody guesses one of a million. */
const CODES: Limit = { count: 5, seconds: 3600 };

const LOOK_MINUTES = 30;
const COOKIE = 'provider';

const lambda = new LambdaClient({});

/** Whose code it is: about one offer, for the address that its provider has now. */
export type For = Pick<Opened, 'referral' | 'id'> & { programmeId: string; address: string };

/** What became of asking for a code. */
export type Asked = { state: 'sent' } | { state: 'failed' } | { state: 'too-many'; minutes: number };

/** Sends a new code; the one before it opens nothing any more. */
export async function askForCode({ now }: Visit, whose: For): Promise<Asked> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('provider');
  const key = await keyFor('code');
  const id = idOf(whose, key);
  const admission = await admit(TABLE_NAME, id, CODES, now);
  if (!admission.admitted) {
    return { state: 'too-many', minutes: Math.ceil(admission.retryAfterSeconds / 60) };
  }
  const digits = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
  const until = after(now, WORKS_FOR);
  await documents().send(
    new PutCommand({
      TableName: TABLE_NAME,
      Item: {
        ...keyOf(id),
        ...{ codeHash: hashOf(whose, digits, key), validUntil: until, tries: 0 },
        // DynamoDB removes it when it comes round to it; whether it still holds is checked here.
        expiresAt: Math.ceil(Date.parse(until) / 1000),
      },
    }),
  );
  const { programmeId, referral } = whose;
  const code = { programmeId, reference: referral.reference, digits, until };
  if (await sendCode(OUTBOX_FUNCTION, code, now)) return { state: 'sent' };
  await giveBack(TABLE_NAME, id, CODES, now);
  return { state: 'failed' };
}

/**
 * Has a one-time code sent to the address that the directory has for a programme's provider, and waits until it is: a code is kept nowhere in
 * which the outbox could find it later. False when it was not sent.
 */
async function sendCode(
  FunctionName: string,
  code: { programmeId: string; reference: string; digits: string; until: string },
  now: string,
): Promise<boolean> {
  try {
    const { FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify({ code, now }) }),
    );
    return FunctionError === undefined;
  } catch (error) {
    warn(Message.outboxNotInvoked, error, { programmeId: code.programmeId });
    return false;
  }
}

/** What became of a try: it was right; or wrong; or nothing can be tried now, and why. */
export type Tried = 'right' | 'wrong' | 'expired' | 'used' | 'spent' | 'none';

/** Counts a try before it looks, so that no two at once are one. The right code is used up by the first who enters it. */
export async function tryCode(visit: Visit, whose: For, digits: string): Promise<Tried> {
  for (const key of await keysFor('code')) {
    const tried = await tryWith(key, visit, whose, digits);
    // A code that was sent before a rotation of the keys is found by the key before.
    if (tried !== 'none') return tried;
  }
  return 'none';
}

async function tryWith(key: Uint8Array, { now }: Visit, whose: For, digits: string): Promise<Tried> {
  const { TABLE_NAME } = environment('provider');
  const Key = keyOf(idOf(whose, key));
  const counted = await unlessRefused(() =>
    documents().send(
      new UpdateCommand({
        TableName: TABLE_NAME,
        Key,
        UpdateExpression: 'ADD tries :one',
        ConditionExpression:
          'attribute_exists(pk) AND tries < :most AND validUntil > :now AND attribute_not_exists(usedAt)',
        ExpressionAttributeValues: { ':one': 1, ':most': MOST_TRIES, ':now': now },
        ReturnValues: 'ALL_NEW',
      }),
    ),
  );
  if (!counted) return whyNot(TABLE_NAME, Key, now);
  const { codeHash, tries } = counted.Attributes ?? {};
  if (!same(String(codeHash), hashOf(whose, digits, key)))
    return Number(tries) < MOST_TRIES ? 'wrong' : 'spent';
  const used = await unlessRefused(() =>
    documents().send(
      new UpdateCommand({
        TableName: TABLE_NAME,
        Key,
        UpdateExpression: 'SET usedAt = :now',
        // A newer code may have taken its place meanwhile.
        ConditionExpression: 'attribute_not_exists(usedAt) AND codeHash = :codeHash',
        ExpressionAttributeValues: { ':now': now, ':codeHash': codeHash },
      }),
    ),
  );
  return used ? 'right' : 'used';
}

async function whyNot(TableName: string, Key: Record<string, string>, now: string): Promise<Tried> {
  const { Item } = await documents().send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  if (!Item) return 'none';
  if (Item.usedAt !== undefined) return 'used';
  return isDue(String(Item.validUntil), now) ? 'expired' : 'spent';
}

/** The cookie by which this browser may look for a while. It holds until when, and a signature over that and the address. */
export async function mayLook(visit: Visit, address: string): Promise<string> {
  const until = Math.floor(Date.parse(after(visit.now, { minutes: LOOK_MINUTES })) / 1000);
  const signature = signed(address, until, await keyFor('code'));
  return `${cookie(COOKIE, `${until}.${signature}`, visit)}; Max-Age=${LOOK_MINUTES * 60}`;
}

/** Whether this browser may look: a code that went to this address was entered in it a short time ago. */
export async function maySee(visit: Visit, address: string): Promise<boolean> {
  const [, until, signature] = /^(\d{1,12})\.([\w-]+)$/.exec(cookieIn(visit, COOKIE) ?? '') ?? [];
  if (until === undefined || signature === undefined) return false;
  const now = Math.floor(Date.parse(visit.now) / 1000);
  const keys = now < Number(until) ? await keysFor('code') : [];
  return keys.some((key) => same(signature, signed(address, Number(until), key)));
}

function signed(address: string, until: number, key: Uint8Array): string {
  return mac(['look', address.toLowerCase(), String(until)], key);
}

function idOf({ referral, id, address }: For, key: Uint8Array): string {
  return mac(['code of', referral.id, id, address.toLowerCase()], key);
}

function hashOf({ referral, id, address }: For, digits: string, key: Uint8Array): string {
  return mac(['code', referral.id, id, address.toLowerCase(), digits], key);
}

/** JSON tells where each part ends. */
function mac(parts: readonly string[], key: Uint8Array): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function keyOf(id: string) {
  return { pk: `CODE#${id}`, sk: 'CODE' };
}

async function unlessRefused<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
