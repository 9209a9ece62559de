/**
 * Brings what a backup has into the table of the service: `npm run restore -- --from <table>`, where that is a table that DynamoDB made of the
 * service's own as it was at some moment (docs/deploy.md). Whoever was erased since then is erased again.
 */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/lib-dynamodb';
import { OF_THE_ITEM } from '../functions/shared/indexes.ts';
import { idOf, keyOf } from '../functions/shared/record.ts';
import type { Invoke } from './operate.ts';

/** So many are written at once. */
const AT_ONCE = 25;

/** So many people are erased at once. */
const ERASED_AT_ONCE = 5;

/** DynamoDB gives so many items in one request. */
const MOST_TOGETHER = 100;

export interface Restored {
  readonly written: number;
  /** What the table has already. It is newer, or the same. */
  readonly kept: number;
  /** Referrals that the backup has and that were erased since: gone from the table again. */
  readonly erased: number;
}

export interface Restore {
  readonly from: string;
  readonly to: string;
  /** Puts back what the table has too. */
  readonly overwrite: boolean;
  /** Changes nothing, and counts. */
  readonly dryRun: boolean;
  /** A table that knows more erasures than `to`: of a later moment, where those were lost as well. */
  readonly erasures: string | undefined;
}

/** How somebody is erased: by the function that does it, at a time. */
export interface Eraser {
  readonly invoke: Invoke;
  readonly now: string;
}

type Item = Record<string, unknown>;

/**
 * Puts every item of a table into another that has none with its key; `overwrite` puts all of them. What was made since the backup stays. Referrals
 * that were erased since are left out, then brought back one by one, out of every list, to be erased anew with what belongs to them. Doing it
 * twice does no harm. Rejects when a table is not there or does not answer, or somebody is not erased; then do it again.
 */
export async function restore(
  client: DynamoDBClient,
  wanted: Restore,
  eraser: Eraser,
  say: (line: string) => void,
): Promise<Restored> {
  const documents = DynamoDBDocumentClient.from(client);
  const tables = { documents, ...wanted };
  const gone = await erasedSince(tables);
  say(
    `${gone.size} referrals of the backup were erased since, and ${wanted.dryRun ? 'would be' : 'are'} again`,
  );
  const sum = { written: 0, kept: 0 };
  for await (const { Items = [] } of paginateScan({ client: documents }, { TableName: wanted.from })) {
    const staying = Items.filter(({ pk }) => !gone.has(String(pk)));
    await together(staying, AT_ONCE, async (item) => {
      sum[await put(tables, item, wanted.overwrite)] += 1;
    });
    say(`${sum.written} ${wanted.dryRun ? 'to write' : 'written'}, ${sum.kept} kept`);
  }
  if (wanted.dryRun) return { ...sum, erased: gone.size };
  let erased = 0;
  await together([...gone], ERASED_AT_ONCE, async ([pk, why]) => {
    await bringBack(tables, pk);
    await eraseAgain(eraser, idOf(pk), why);
    erased += 1;
    if (erased % MOST_TOGETHER === 0) say(`${erased} erased again`);
  });
  return { ...sum, erased };
}

type Tables = Restore & { documents: DynamoDBDocumentClient };

/** Writes an item, or says whether it would be written. */
async function put(
  { documents, to, dryRun }: Tables,
  Item: Item,
  overwrite: boolean,
): Promise<'written' | 'kept'> {
  if (dryRun) {
    if (overwrite) return 'written';
    const Key = { pk: Item.pk, sk: Item.sk };
    const found = await documents.send(new GetCommand({ TableName: to, Key, ProjectionExpression: 'pk' }));
    return found.Item ? 'kept' : 'written';
  }
  try {
    const condition = overwrite ? {} : { ConditionExpression: 'attribute_not_exists(pk)' };
    await documents.send(new PutCommand({ TableName: to, Item, ...condition }));
    return 'written';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'kept';
    throw error;
  }
}

/** The partitions of referrals that the backup has and that were erased since, and why they were. */
async function erasedSince({ documents, from, to, erasures }: Tables): Promise<Map<string, string>> {
  const gone = new Map<string, string>();
  for (const TableName of new Set([to, ...(erasures === undefined ? [] : [erasures])])) {
    const known = paginateScan(
      { client: documents },
      {
        TableName,
        ConsistentRead: true,
        FilterExpression: 'begins_with(pk, :erasure)',
        ExpressionAttributeValues: { ':erasure': 'ERASURE#' },
      },
    );
    for await (const { Items = [] } of known) {
      for (let i = 0; i < Items.length; i += MOST_TOGETHER) {
        const some = new Map(
          Items.slice(i, i + MOST_TOGETHER).map((item) => [keyOf(String(item.referralId)).pk, item]),
        );
        const there = new Set(await thoseIn(documents, to, [...some.keys()]));
        for (const pk of await thoseIn(documents, from, [...some.keys()])) {
          const { doneAt, left, why } = some.get(pk) ?? {};
          const done = doneAt || left?.passes > 0 || left?.regardless;
          // What is only about to be done may be withdrawn yet, and at another moment may have been.
          if (done || (TableName === to && !there.has(pk))) gone.set(pk, String(why));
        }
      }
    }
  }
  return gone;
}

/** In which of some partitions, a hundred at most, a table has a referral. */
async function thoseIn(
  documents: DynamoDBDocumentClient,
  table: string,
  partitions: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  let keys: Item[] = partitions.map((pk) => keyOf(idOf(pk)));
  while (keys.length > 0) {
    const { Responses, UnprocessedKeys } = await documents.send(
      new BatchGetCommand({
        RequestItems: { [table]: { Keys: keys, ProjectionExpression: 'pk', ConsistentRead: true } },
      }),
    );
    found.push(...(Responses?.[table] ?? []).map(({ pk }) => String(pk)));
    keys = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}

/** Puts back what belongs to a referral that is to be erased, but for what the table has: in no list, and with nothing due. */
async function bringBack(tables: Tables, pk: string): Promise<void> {
  const all = paginateQuery(
    { client: tables.documents },
    {
      TableName: tables.from,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    },
  );
  for await (const { Items = [] } of all) {
    await together(Items, AT_ONCE, async (item) => {
      const found = Object.entries(item).filter(([name]) => isKey(name) || !OF_THE_ITEM.has(name));
      await put(tables, Object.fromEntries(found), false);
    });
  }
}

function isKey(name: string): boolean {
  return name === 'pk' || name === 'sk';
}

async function eraseAgain({ invoke, now }: Eraser, referralId: string, why: string): Promise<void> {
  const { state } = (await invoke('personal-data', { act: 'again', referralId, why, now })) as {
    state: string;
  };
  if (state !== 'erased')
    throw new Error(`referral ${referralId} was erased once, and is not again: ${state}`);
}

/** Does something with each of several, some at once. */
async function together<T>(
  all: readonly T[],
  atOnce: number,
  what: (one: T) => Promise<void>,
): Promise<void> {
  for (let i = 0; i < all.length; i += atOnce) await Promise.all(all.slice(i, i + atOnce).map(what));
}
