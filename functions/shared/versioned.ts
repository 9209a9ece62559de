/** Items that count their writes: each change is conditional on the version that it was made from, and is tried again on the newest. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod/mini';
import type { Refusal } from '../../workflows/change.ts';
import { OF_THE_ITEM } from './indexes.ts';
import { documents } from './table.ts';
import { carryUnknown, restoreUnknown } from './unknown-fields.ts';

/** How often a change is tried again on the newest version: more writers than this at once is a fault. */
const ATTEMPTS = 12;

/** Too many at once; nothing was written. */
export class ContendedItemError extends Error {
  override name = 'ContendedItemError';
}

type Versioned = { version: number; updatedAt: string };

/** A kind of item: where it is, of which shape, and which attributes of indexes it has. */
export type Kind<T extends Versioned> = {
  table: string;
  pk: string;
  sk: string;
  schema: z.ZodMiniType<T>;
  /** When something next happens of itself, and in which part of the due index. */
  due: (item: T) => { at: string; shard: number } | undefined;
  /** The attributes of other indexes. */
  index?: (item: T) => Record<string, string>;
};

/** What became of a change. `missing`: there is none, and none to begin with. */
export type ItemChanged<T> =
  | { state: 'stored'; item: T }
  | { state: 'refused'; refusal: Refusal; item: T }
  | { state: 'missing' };

/** The item, read consistently; undefined when there is none. Throws for what its schema does not allow. */
export async function readVersioned<T extends Versioned>(kind: Kind<T>): Promise<T | undefined> {
  const { Item } = await documents().send(
    new GetCommand({
      TableName: kind.table,
      Key: { pk: kind.pk, sk: kind.sk },
      ConsistentRead: true,
    }),
  );
  return Item && fromItem(kind, Item);
}

/**
 * Items of one kind and table, read consistently, at most a hundred in one request; those that are not there are left out. Throws as `readVersioned`,
 * and ContendedItemError when DynamoDB does not give all of them.
 */
export async function readSeveralVersioned<T extends Versioned>(kinds: readonly Kind<T>[]): Promise<T[]> {
  const [first] = kinds;
  if (!first) return [];
  const Keys = kinds.map(({ pk, sk }) => ({ pk, sk }));
  const { Responses, UnprocessedKeys } = await documents().send(
    new BatchGetCommand({ RequestItems: { [first.table]: { Keys, ConsistentRead: true } } }),
  );
  if (UnprocessedKeys?.[first.table]) throw new ContendedItemError('not everything could be read');
  return (Responses?.[first.table] ?? []).map((item) => fromItem(first, item));
}

function fromItem<T extends Versioned>(kind: Kind<T>, item: Record<string, unknown>): T {
  const stored = Object.fromEntries(Object.entries(item).filter(([name]) => !OF_THE_ITEM.has(name)));
  return carryUnknown(stored, kind.schema.parse(item));
}

/**
 * Applies a rule to the newest version, or to `first` where there is none, and stores what it returns. The same object again is stored already. A
 * rule that reads something else reads it after the item, and again whenever it is asked again: so what it saw is as new as what it changes.
 */
export async function changeVersioned<T extends Versioned>(
  kind: Kind<T>,
  now: string,
  rule: (item: T) => T | Refusal | Promise<T | Refusal>,
  first?: T,
): Promise<ItemChanged<T>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await readVersioned(kind);
    const before = stored ?? first;
    if (!before) return { state: 'missing' };
    const outcome = await rule(before);
    if ('refused' in outcome) return { state: 'refused', refusal: outcome, item: before };
    if (outcome === before && stored) return { state: 'stored', item: before };
    const after = { ...outcome, version: before.version + 1, updatedAt: now };
    if (await put(kind, after, stored?.version)) return { state: 'stored', item: after };
  }
  throw new ContendedItemError(`${kind.sk} is changed by too many at once`);
}

async function put<T extends Versioned>(
  kind: Kind<T>,
  item: T,
  before: number | undefined,
): Promise<boolean> {
  const due = kind.due(item);
  try {
    await documents().send(
      new PutCommand({
        TableName: kind.table,
        Item: {
          ...restoreUnknown(item, kind.schema.parse(item)),
          pk: kind.pk,
          sk: kind.sk,
          ...(due ? { dueAt: due.at, dueShard: String(due.shard) } : {}),
          ...kind.index?.(item),
        },
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : { ConditionExpression: 'version = :before', ExpressionAttributeValues: { ':before': before } }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
