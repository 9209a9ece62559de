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
/** How often a change is tried again on the newest answers before it gives up: more pages at once than this are no person's. */
const ATTEMPTS = 8;
/** A link that was taken up, in a browser that saved and took up its own link, and so on: how far that is followed. */
const MOST_MOVES = 10;

const TOKEN = /^[A-Za-z0-9_-]{64}$/;

const contentSchema = z.object({
  way: z.enum(['myself', 'someone-i-know']),
  fields: z.record(z.string(), z.string()),
  /** Makes the reference: however often the form is sent, it is one referral. */
  submissionKey: z.uuid(),
  /** The page to go on with: the last one that was left by a button. */
  resume: z.string(),
});
export type DraftContent = z.infer<typeof contentSchema>;

/**
 * What a token opens: a form to go on with, one that was sent already, one that another token opens since `at` (whose id is `to`), or
 * nothing (any more).
 */
export type Draft =
  | { state: 'open'; content: DraftContent; expiresAt: string; version: number }
  | { state: 'sent'; reference: string }
  | { state: 'moved'; at: string; to: string }
  | { state: 'gone' };
export type OpenDraft = Extract<Draft, { state: 'open' }>;

/** Too many changes of one draft at once; this one was not made. */
class ContendedDraftError extends Error {
  override name = 'ContendedDraftError';
}

/** What opens a draft: base64url of a random id and a random key. */
export function newToken(): string {
  return randomBytes(ID_BYTES + KEY_BYTES).toString('base64url');
}

/** Stores a new draft, for a week, and returns its token. */
export async function newDraft(
  table: string,
  draft: Omit<DraftContent, 'submissionKey'>,
  now: string,
): Promise<string> {
  const token = newToken();
  const parts = partsOf(token) as Parts;
  const box = encrypt(parts, { ...draft, submissionKey: randomUUID() });
  await put(table, parts.id, now, { version: FIRST, box }, MUST_BE_NEW);
  return token;
}

/** Opens a draft. A token that is forged, cut or too old opens nothing. */
export async function openDraft(table: string, token: string | undefined, now: string): Promise<Draft> {
  const parts = partsOf(token);
  const item = parts && (await read(table, parts.id, now));
  if (!item) return { state: 'gone' };
  if (typeof item.reference === 'string') return { state: 'sent', reference: item.reference };
  if (typeof item.movedTo === 'string') {
    const reference = await referenceAfter(table, item.movedTo, now);
    return reference === undefined
      ? { state: 'moved', at: String(item.movedAt), to: item.movedTo }
      : { state: 'sent', reference };
  }
  const content = decrypt(parts, item.box);
  if (!content) return { state: 'gone' };
  return { state: 'open', content, expiresAt: instantOf(item.expiresAt), version: Number(item.version) };
}

/**
 * Changes what was entered, and keeps it for another week. When another page was faster, `rule` is asked again with what that one left.
 * Returns the draft as it is then; unless it is open, nothing was changed. Throws ContendedDraftError.
 *
 * @param known what the draft was a moment ago, which spares the first read.
 */
export async function changeDraft(
  table: string,
  token: string,
  now: string,
  rule: (content: DraftContent) => DraftContent,
  known?: OpenDraft,
): Promise<Draft> {
  let changed: OpenDraft | undefined;
  const found = await replace(
    table,
    token,
    now,
    (draft, parts) => {
      const content = rule(draft.content);
      const version = draft.version + 1;
      changed = { state: 'open', content, version, expiresAt: instantOf(expiryAfter(now)) };
      return { version, box: encrypt(parts, content) };
    },
    known,
  );
  return found.state === 'open' && changed ? changed : found;
}

/** Replaces what was entered by the reference that it got: sent again, by reload or from the emailed link, it shows the same. */
export async function closeDraft(
  table: string,
  token: string,
  reference: string,
  now: string,
): Promise<void> {
  const parts = partsOf(token);
  if (parts) await put(table, parts.id, now, { reference });
}

/** Throws away what was entered. Returns what there was: unless it was open, nothing was thrown away. Throws ContendedDraftError. */
export async function deleteDraft(table: string, token: string, now: string): Promise<Draft> {
  return replace(table, token, now, () => ({ deleted: true }));
}

/**
 * Gives a draft a fresh id and key, those of the token `to`: who has only the old token reads nothing from now on. Safe to repeat with the
 * same `to`. Returns what the old token opened: open, the draft was moved. Throws ContendedDraftError.
 */
export async function moveDraft(table: string, token: string, to: string, now: string): Promise<Draft> {
  const fresh = partsOf(to);
  if (!fresh) throw new Error('not a draft token');
  return replace(table, token, now, async ({ content }) => {
    // First the new one: a crash in between leaves one too many, which nobody opens. Once somebody writes there it is theirs.
    const box = encrypt(fresh, content);
    await put(table, fresh.id, now, { version: FIRST, box }, MUST_BE_FRESH);
    return { movedTo: fresh.id, movedAt: now };
  });
}

/** Whether something is a token that may open a draft of this id, or of any. */
export function isTokenOf(token: string | undefined, id?: string): token is string {
  const parts = partsOf(token);
  return parts !== undefined && (id === undefined || parts.id === id);
}

type Parts = { id: string; key: Buffer };

/** The version of a draft that nobody has changed yet. */
const FIRST = 1;

type Condition = { ConditionExpression: string; ExpressionAttributeValues?: Record<string, unknown> };
const MUST_BE_NEW: Condition = { ConditionExpression: 'attribute_not_exists(pk)' };
const MUST_BE_FRESH: Condition = {
  ConditionExpression: 'attribute_not_exists(pk) OR version = :first',
  ExpressionAttributeValues: { ':first': FIRST },
};

/** Puts something in an open draft's place, if nobody was faster; otherwise asks again what to put. Returns what was found. */
async function replace(
  table: string,
  token: string,
  now: string,
  by: (draft: OpenDraft, parts: Parts) => Record<string, unknown> | Promise<Record<string, unknown>>,
  known?: OpenDraft,
): Promise<Draft> {
  const parts = partsOf(token);
  if (!parts) return { state: 'gone' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const draft = attempt === 0 && known ? known : await openDraft(table, token, now);
    if (draft.state !== 'open') return draft;
    const unchanged: Condition = {
      ConditionExpression: 'version = :before',
      ExpressionAttributeValues: { ':before': draft.version },
    };
    if (await put(table, parts.id, now, await by(draft, parts), unchanged)) return draft;
  }
  throw new ContendedDraftError('a draft is changed by too many at once');
}

/** Stores an item for a week. False when the condition does not hold. */
async function put(
  table: string,
  id: string,
  now: string,
  content: Record<string, unknown>,
  condition?: Condition,
): Promise<boolean> {
  const Item = { ...keyOf(id), expiresAt: expiryAfter(now), ...content };
  try {
    await documents().send(new PutCommand({ TableName: table, Item, ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function read(table: string, id: string, now: string): Promise<Record<string, unknown> | undefined> {
  const { Item } = await documents().send(
    new GetCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }),
  );
  // DynamoDB removes what has expired when it comes round to it.
  return Item && !isDue(instantOf(Item.expiresAt), now) ? Item : undefined;
}

/** The reference of a draft that was moved, once it was sent from where it went. */
async function referenceAfter(table: string, id: string, now: string): Promise<string | undefined> {
  let at: unknown = id;
  for (let moves = 0; moves < MOST_MOVES && typeof at === 'string'; moves++) {
    const item = await read(table, at, now);
    if (typeof item?.reference === 'string') return item.reference;
    at = item?.movedTo;
  }
  return undefined;
}

/** In seconds since 1970. */
function expiryAfter(now: string): number {
  return Math.floor(Date.parse(after(now, { days: DRAFT_DAYS })) / 1000);
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
