/**
 * Forms that are not finished: kept encrypted for a week, with a key that only the browser's cookie and the emailed link hold. Whoever
 * reads the table cannot read them, and neither can we.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { after, isDue } from '../../workflows/time.ts';
import { documents } from '../shared/table.ts';

/** How long an unfinished form is kept after its last change. */
const DRAFT_DAYS = 7;

const ID_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TOKEN = /^[A-Za-z0-9_-]{64}$/;

const contentSchema = z.object({
  way: z.enum(['myself', 'someone-i-know']),
  fields: z.record(z.string(), z.string()),
  /** Makes the reference: however often the form is sent, it is one referral. */
  submissionKey: z.uuid(),
  /** The page to go on with: the last one that was left by a button. */
  resume: z.string(),
  /** How many links have been sent by email. */
  linksSent: z.int(),
});
export type DraftContent = z.infer<typeof contentSchema>;

/** What a token opens: a form to go on with, one that was sent already, or nothing (any more). */
export type Draft =
  | { state: 'open'; content: DraftContent; expiresAt: string }
  | { state: 'sent'; reference: string }
  | { state: 'gone' };

/** A new draft, which is not stored yet, and its token: base64url of id and key. */
export function newDraft(
  way: DraftContent['way'],
  resume: string,
  fields: Record<string, string>,
): { token: string; content: DraftContent } {
  return {
    token: randomBytes(ID_BYTES + KEY_BYTES).toString('base64url'),
    content: { way, fields, submissionKey: randomUUID(), resume, linksSent: 0 },
  };
}

/** Opens a draft. A token that is forged, cut or too old opens nothing. */
export async function openDraft(table: string, token: string | undefined, now: string): Promise<Draft> {
  const parts = partsOf(token);
  if (!parts) return { state: 'gone' };
  const { Item } = await documents().send(
    new GetCommand({ TableName: table, Key: keyOf(parts.id), ConsistentRead: true }),
  );
  // DynamoDB removes what has expired when it comes round to it.
  if (!Item || isDue(instantOf(Item.expiresAt), now)) return { state: 'gone' };
  if (typeof Item.reference === 'string') return { state: 'sent', reference: Item.reference };
  const content = decrypt(parts, Item.box);
  return content ? { state: 'open', content, expiresAt: instantOf(Item.expiresAt) } : { state: 'gone' };
}

/** Stores a draft for another week. False when its form has been sent meanwhile. Throws for a token of the wrong form. */
export async function saveDraft(
  table: string,
  token: string,
  content: DraftContent,
  now: string,
): Promise<boolean> {
  return put(table, token, now, (parts) => ({ box: encrypt(parts, content) }));
}

/** Replaces what was entered by the reference that it got: sent again, by reload or from the emailed link, it shows the same. */
export async function closeDraft(
  table: string,
  token: string,
  reference: string,
  now: string,
): Promise<void> {
  await put(table, token, now, () => ({ reference }));
}

type Parts = { id: string; key: Buffer };

async function put(
  table: string,
  token: string,
  now: string,
  content: (parts: Parts) => Record<string, unknown>,
): Promise<boolean> {
  const parts = partsOf(token);
  if (!parts) throw new Error('not a draft token');
  const expiresAt = Math.floor(Date.parse(after(now, { days: DRAFT_DAYS })) / 1000);
  try {
    await documents().send(
      new PutCommand({
        TableName: table,
        Item: { ...keyOf(parts.id), expiresAt, ...content(parts) },
        ConditionExpression: 'attribute_not_exists(#reference)',
        ExpressionAttributeNames: { '#reference': 'reference' },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function partsOf(token: string | undefined): Parts | undefined {
  if (token === undefined || !TOKEN.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  return { id: bytes.subarray(0, ID_BYTES).toString('hex'), key: bytes.subarray(ID_BYTES) };
}

function keyOf(id: string) {
  return { pk: `DRAFT#${id}`, sk: 'DRAFT' };
}

function instantOf(seconds: unknown): string {
  return new Date(Number(seconds) * 1000).toISOString();
}

/** Nonce, tag and ciphertext of AES-256-GCM; the id is bound to it, so that no box opens in another's place. */
function encrypt({ id, key }: Parts, content: DraftContent): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(
    Buffer.from(id),
  );
  const sealed = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function decrypt({ id, key }: Parts, box: unknown): DraftContent | undefined {
  if (!(box instanceof Uint8Array)) return undefined;
  try {
    const nonce = box.subarray(0, NONCE_BYTES);
    const tag = box.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(id))
      .setAuthTag(tag);
    const opened = Buffer.concat([decipher.update(box.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return contentSchema.parse(JSON.parse(opened.toString('utf8')));
  } catch {
    // Another key than the one that it was closed with.
    return undefined;
  }
}
