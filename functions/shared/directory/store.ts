/**
 * How the directory is kept in the table, in one partition. The newest version of an entry is one item, changed by writes that are
 * conditional on its version and that say who changed what; before it is written over, it is kept as an item of its own. So no change is
 * lost, and all entries are read by one query however long their history is.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Assurance, assuranceSchema } from '../../../workflows/assurance.ts';
import { programmeSchema } from '../../../workflows/directory.ts';
import {
  ENTRY_FIELDS,
  type EntryChange,
  type EntryField,
  entryChangeSchema,
} from '../../../workflows/directory-entry.ts';
import { Message, warn } from '../log.ts';
import { documents } from '../table.ts';
import { beginningWith, directoryItems, PARTITION } from './items.ts';

const toCheckSchema = z.object({
  field: z.enum(ENTRY_FIELDS as [EntryField]),
  /** Why, in words. */
  note: z.string(),
});
export type ToCheck = z.infer<typeof toCheckSchema>;

const entrySchema = z.object({
  /** Counts writes: 1 is the first one over what was deployed. */
  version: z.int().check(z.positive()),
  programme: programmeSchema,
  at: z.iso.datetime(),
  how: z.enum(['added', 'edited', 'imported', 'confirmed']),
  /** Who of the team; absent where it was the provider, through a link. */
  name: z.optional(z.string()),
  changes: z.array(entryChangeSchema),
  /** It came from somebody else's directory, and these have to be checked before it takes referrals. Whoever saves it has done so. */
  toCheck: z.optional(z.array(toCheckSchema)),
});
/** One version of an entry: what it says, and who made it from the one before, when and how. */
export type StoredEntry = z.infer<typeof entrySchema>;
type NewVersion = Omit<StoredEntry, 'version' | 'changes' | 'toCheck'> & {
  changes: readonly EntryChange[];
  toCheck?: readonly ToCheck[];
};

/** The newest versions of every entry in the table. One that cannot be read is left out, and the log says so. */
export async function storedEntries(table: string): Promise<StoredEntry[]> {
  const items = await directoryItems(table, 'PROGRAMME#');
  return items.flatMap((item) => {
    const { success, data, error } = entrySchema.safeParse(item);
    if (success) return [data];
    warn(Message.directoryNotRead, error);
    return [];
  });
}

/** The newest version of an entry, read consistently; undefined while it is as it was deployed, or is not there. */
export async function storedEntry(table: string, id: string): Promise<StoredEntry | undefined> {
  const Item = await itemAt(table, `PROGRAMME#${id}`);
  return Item && entrySchema.parse(Item);
}

/** The versions of an entry before the newest one, the newest first. */
export async function earlierVersions(table: string, id: string, limit: number): Promise<StoredEntry[]> {
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName: table,
      ...beginningWith(`VERSION#${id}#`),
      ScanIndexForward: false,
      Limit: limit + 1,
    }),
  );
  return Items.map((item) => entrySchema.parse(item));
}

/** Stores the version after `before`. False when somebody was faster. */
export async function storeEntry(
  table: string,
  before: StoredEntry | undefined,
  entry: NewVersion,
): Promise<boolean> {
  const { id } = entry.programme;
  // Kept first, so that it is never gone; when it is kept already, it is the same.
  if (before) await putIfNew(table, `VERSION#${id}#${String(before.version).padStart(6, '0')}`, before);
  const version = (before?.version ?? 0) + 1;
  return putVersion(table, `PROGRAMME#${id}`, before?.version, { ...entry, version });
}

/** Whether entries are right, by the ids of their programmes. */
export async function storedAssurances(table: string): Promise<Map<string, Assurance>> {
  const items = await directoryItems(table, 'ASSURANCE#');
  return new Map(
    items.map((item) => [String(item.sk).slice('ASSURANCE#'.length), assuranceSchema.parse(item)]),
  );
}

/** Whether an entry is right, read consistently; undefined when nobody was asked. */
export async function storedAssurance(table: string, id: string): Promise<Assurance | undefined> {
  const Item = await itemAt(table, `ASSURANCE#${id}`);
  return Item && assuranceSchema.parse(Item);
}

/** Stores what follows the version that `after` was made from. False when somebody was faster. */
export async function storeAssurance(table: string, id: string, after: Assurance): Promise<boolean> {
  const before = after.version === 0 ? undefined : after.version;
  return putVersion(table, `ASSURANCE#${id}`, before, { ...after, version: after.version + 1 });
}

async function itemAt(table: string, sk: string): Promise<Record<string, unknown> | undefined> {
  const { Item } = await documents().send(
    new GetCommand({ TableName: table, Key: { pk: PARTITION, sk }, ConsistentRead: true }),
  );
  return Item;
}

async function putIfNew(table: string, sk: string, item: object): Promise<void> {
  await putVersion(table, sk, undefined, item);
}

/** Puts an item over the version before, or where there is none. False when that is not what is there. */
async function putVersion(
  table: string,
  sk: string,
  before: number | undefined,
  item: object,
): Promise<boolean> {
  try {
    await documents().send(
      new PutCommand({
        TableName: table,
        Item: { ...item, pk: PARTITION, sk },
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'version = :before',
              ExpressionAttributeValues: { ':before': before },
            }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
