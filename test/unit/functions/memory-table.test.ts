/** Whatever is asked of the table in memory, dynalite answers the same: the commands and expressions of functions/, with random items and values. */
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import fc, { type Arbitrary } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentsOf } from '../../../functions/shared/table.ts';
import { type RealTable, startDynalite } from './dynalite.ts';
import { MemoryTable, NotInMemoryError } from './memory-table.ts';
import { TABLE } from './table.ts';

let table: RealTable;
let real: DynamoDBDocumentClient;
beforeAll(async () => {
  table = await startDynalite();
  real = documentsOf(table.client);
});
afterAll(() => table.stop());

type Item = Record<string, unknown>;
type Command = { input: object };

const pk = fc.constantFrom('REFERRAL#a', 'REFERRAL#b', 'COHORT#a', 'É');
const sk = fc.constantFrom('REFERRAL', 'AUDIT#1', 'AUDIT#2', 'NOTE#1', 'ﬀ', '😀');
const key = fc.record({ pk, sk });
const time = fc.constantFrom(
  '2026-11-23T09:00:00.000Z',
  '2026-11-24T09:00:00.000Z',
  '2027-01-01T09:00:00.000Z',
);
const number = fc.integer({ min: 0, max: 3 });
const anything: Arbitrary<unknown> = fc.oneof(
  fc.string(),
  number,
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(fc.string(), fc.record({ a: fc.option(number, { nil: undefined }) })), { maxLength: 3 }),
  fc.record({ b: fc.record({ c: fc.string() }) }),
);
const item: Arbitrary<Item> = fc
  .tuple(
    key,
    fc.record(
      {
        ...{ version: number, attempts: number, tries: number, taken: number },
        ...{ dueShard: fc.constantFrom('0', '1', 'parked'), dueAt: time, usedAt: time, validUntil: time },
        ...{ reference: fc.constantFrom('SP-1', 'SP-2'), nameKey: fc.constantFrom('n', 'm') },
        ...{
          searchKey: time,
          seenAt: time,
          until: time,
          cover: sk,
          leftAt: time,
          stage: fc.constantFrom('closed', 'offer'),
        },
        ...{ any: anything, nothing: fc.constant(undefined), execution: fc.record({ name: fc.string() }) },
      },
      { requiredKeys: [] },
    ),
  )
  .map(([at, rest]) => ({ ...at, ...rest }));

/** The conditions of functions/, with values. */
const condition: Arbitrary<object> = fc.oneof(
  fc.constantFrom(
    {},
    ...['pk', 'leftAt'].flatMap((name) => [
      { ConditionExpression: `attribute_exists(${name})` },
      { ConditionExpression: `attribute_not_exists(${name})` },
    ]),
  ),
  number.map((n) => ({
    ConditionExpression: 'version = :before',
    ExpressionAttributeValues: { ':before': n },
  })),
  number.map((n) => ({
    ConditionExpression: 'attribute_not_exists(pk) OR version < :v OR taken <= :v',
    ExpressionAttributeValues: { ':v': n },
  })),
  fc.tuple(time, sk).map(([until, cover]) => ({
    ConditionExpression: 'attribute_not_exists(pk) OR (#until = :until AND cover = :cover)',
    ExpressionAttributeNames: { '#until': 'until' },
    ExpressionAttributeValues: { ':until': until, ':cover': cover },
  })),
  // Types that do not agree are not equal, and stand in no order.
  fc
    .oneof(time, number)
    .map((at) => ({ ConditionExpression: 'seenAt < :now', ExpressionAttributeValues: { ':now': at } })),
  time.map((at) => ({
    ConditionExpression: 'NOT version >= :now AND stage <> :now',
    ExpressionAttributeValues: { ':now': at },
  })),
  // What is wrong is refused.
  fc.constantFrom(
    ...[
      { ConditionExpression: 'until = :a', ExpressionAttributeValues: { ':a': 1 } },
      { ConditionExpression: 'version = :a', ExpressionAttributeValues: { ':a': 1, ':b': 2 } },
      { ConditionExpression: 'version = :a' },
      { ConditionExpression: 'version = = :a', ExpressionAttributeValues: { ':a': 1 } },
      {
        ConditionExpression: '#v = :a',
        ExpressionAttributeNames: { '#v': 'version', '#w': 'x' },
        ExpressionAttributeValues: { ':a': 1 },
      },
      { ConditionExpression: 'begins_with(version, :a)', ExpressionAttributeValues: { ':a': 1 } },
    ],
  ),
);

const change: Arbitrary<object> = fc.oneof(
  time.map((now) => ({
    UpdateExpression: 'SET seenAt = :now',
    ConditionExpression: 'seenAt < :now',
    ExpressionAttributeValues: { ':now': now },
  })),
  time.map((at) => ({
    UpdateExpression: 'SET searches = :searches',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':searches': [{ at, keys: { nameKey: at } }] },
  })),
  fc.tuple(number, time).map(([most, end]) => ({
    UpdateExpression: 'ADD attempts :one SET expiresAt = :end',
    ConditionExpression: 'attribute_not_exists(attempts) OR attempts < :most',
    ExpressionAttributeValues: { ':one': 1, ':end': end, ':most': most },
  })),
  fc.constant({
    UpdateExpression: 'ADD attempts :less',
    ConditionExpression: 'attempts > :none',
    ExpressionAttributeValues: { ':less': -1, ':none': 0 },
  }),
  fc.tuple(number, time).map(([most, now]) => ({
    UpdateExpression: 'ADD tries :one',
    ConditionExpression:
      'attribute_exists(pk) AND tries < :most AND validUntil > :now AND attribute_not_exists(usedAt)',
    ExpressionAttributeValues: { ':one': 1, ':most': most, ':now': now },
    ReturnValues: 'ALL_NEW',
  })),
  fc.constant({
    UpdateExpression: 'SET dueShard = parkedFrom REMOVE parkedFrom, parkedAt',
    ConditionExpression: 'dueShard = :parked',
    ExpressionAttributeValues: { ':parked': 'parked' },
  }),
  time.map((now) => ({
    UpdateExpression: 'SET sweepFailures = :n, dueShard = :parked, parkedFrom = :shard, parkedAt = :now',
    ConditionExpression: 'dueShard = :shard',
    ExpressionAttributeValues: { ':n': 1, ':parked': 'parked', ':shard': '1', ':now': now },
  })),
  fc.constantFrom(
    { UpdateExpression: 'SET pk = :a', ExpressionAttributeValues: { ':a': 'x' } },
    { UpdateExpression: 'SET dueAt = :a', ExpressionAttributeValues: { ':a': 1 } },
    { UpdateExpression: 'ADD seenAt :a', ExpressionAttributeValues: { ':a': 1 } },
    { UpdateExpression: 'SET a = :a', ExpressionAttributeValues: {} },
  ),
);

const listing = fc.record(
  { ScanIndexForward: fc.boolean(), Limit: fc.integer({ min: 1, max: 3 }), Select: fc.constant('COUNT') },
  { requiredKeys: [] },
);
const queried: Arbitrary<object> = fc.oneof(
  pk.map((of) => ({
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': of },
    ConsistentRead: true,
  })),
  fc.tuple(pk, fc.constantFrom('AUDIT#', 'N', 'É')).map(([of, kind]) => ({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
    ExpressionAttributeValues: { ':pk': of, ':kind': kind },
  })),
  fc.tuple(pk, sk, sk).map(([of, a, b]) => ({
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': of, ':from': a < b ? a : b, ':to': a < b ? b : a },
  })),
  fc.tuple(fc.constantFrom('0', '1', 'parked'), time).map(([shard, now]) => ({
    IndexName: 'due',
    KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
    ExpressionAttributeValues: { ':shard': shard, ':now': now },
  })),
  fc.constantFrom('SP-1', 'SP-2').map((of) => ({
    IndexName: 'reference',
    KeyConditionExpression: '#of = :of',
    ExpressionAttributeNames: { '#of': 'reference' },
    ExpressionAttributeValues: { ':of': of },
  })),
  fc.constantFrom(
    { IndexName: 'nowhere', KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': 'x' } },
    { KeyConditionExpression: 'sk = :a', ExpressionAttributeValues: { ':a': 'x' } },
    {
      IndexName: 'due',
      ConsistentRead: true,
      KeyConditionExpression: 'dueShard = :a',
      ExpressionAttributeValues: { ':a': 'x' },
    },
  ),
);

const uniqueKeys = fc.uniqueArray(key, { minLength: 1, maxLength: 4, selector: JSON.stringify });
const TableName = TABLE;
/** Made anew for each of the two tables: a client may change what it is given. */
const anyCommand: Arbitrary<() => Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(item, condition).map(
      ([Item, more]) =>
        () =>
          new PutCommand({ TableName, Item, ...more }),
    ),
  },
  { weight: 2, arbitrary: key.map((Key) => () => new GetCommand({ TableName, Key, ConsistentRead: true })) },
  {
    weight: 3,
    arbitrary: fc.tuple(key, change).map(
      ([Key, more]) =>
        () =>
          new UpdateCommand({ TableName, Key, UpdateExpression: '', ...more }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(key, condition).map(
      ([Key, more]) =>
        () =>
          new DeleteCommand({ TableName, Key, ...more }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(queried, listing).map(
      ([more, how]) =>
        () =>
          new QueryCommand({ TableName, ...more, ...how } as object as { TableName: string }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      () =>
        new ScanCommand({
          TableName,
          FilterExpression: 'sk = :referral AND stage <> :closed',
          ExpressionAttributeValues: { ':referral': 'REFERRAL', ':closed': 'closed' },
          ProjectionExpression: 'pk, stage, execution',
        }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(key, { minLength: 1, maxLength: 4 })
      .map((Keys) => () => new BatchGetCommand({ RequestItems: { [TABLE]: { Keys } } })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(uniqueKeys, fc.boolean()).map(
      ([keys, puts]) =>
        () =>
          new BatchWriteCommand({
            RequestItems: {
              [TABLE]: keys.map((Key) =>
                puts ? { PutRequest: { Item: { ...Key, put: 1 } } } : { DeleteRequest: { Key } },
              ),
            },
          }),
    ),
  },
);

/** What was answered, as far as whoever asks can see; of an error its name. */
async function answerOf(send: () => Promise<unknown>): Promise<unknown> {
  try {
    const { $metadata: _m, ...answer } = (await send()) as { $metadata?: object };
    return inOneOrder(answer);
  } catch (error) {
    if (error instanceof NotInMemoryError) throw error;
    return (error as Error).name;
  }
}

/** Scans and batches give items in an order that means nothing. */
function inOneOrder(answer: object): object {
  const sorted = (items: unknown[]) =>
    [...items].sort((a, b) => JSON.stringify(a, ['pk', 'sk']).localeCompare(JSON.stringify(b, ['pk', 'sk'])));
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) =>
      name === 'Responses'
        ? [name, { [TABLE]: sorted((value as Record<string, unknown[]>)[TABLE] ?? []) }]
        : [name, value],
    ),
  );
}

/** What DynamoDB says of the order: none in a scan, nor among those that have the same sort key of an index. */
function asFarAsSaid(answer: unknown, { input }: Command): unknown {
  const { Items, LastEvaluatedKey, ...rest } = answer as { Items?: Item[]; LastEvaluatedKey?: Item };
  const { IndexName, Limit } = input as { IndexName?: string; Limit?: number };
  const isOpen = IndexName !== undefined || 'FilterExpression' in input;
  if (!isOpen || typeof answer === 'string') return answer;
  if (!Items) return { ...rest, more: LastEvaluatedKey !== undefined };
  const order = Items.map(({ dueAt }) => dueAt);
  const which =
    Limit === undefined
      ? new Set(Items.map((each) => JSON.stringify(Object.entries(each).sort())))
      : Items.length;
  return { ...rest, order, which, more: LastEvaluatedKey !== undefined };
}

async function both(memory: MemoryTable, make: () => Command): Promise<[unknown, unknown]> {
  return [await answerOf(() => memory.send(make())), await answerOf(() => real.send(make() as GetCommand))];
}

async function emptied(): Promise<void> {
  const { Items = [] } = await real.send(new ScanCommand({ TableName, ProjectionExpression: 'pk, sk' }));
  for (const Key of Items) await real.send(new DeleteCommand({ TableName, Key }));
}

describe('the table in memory', () => {
  it('answers as dynalite does, whatever is asked of it', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCommand, { minLength: 10, maxLength: 40, size: 'max' }),
        async (commands) => {
          const memory = new MemoryTable(TABLE);
          await emptied();
          for (const make of commands) {
            const what = make().constructor.name;
            const [mine, theirs] = await both(memory, make);
            expect(asFarAsSaid(mine, make()), JSON.stringify(make().input)).toEqual(
              asFarAsSaid(theirs, make()),
            );
            seen.add(`${what} ${typeof mine === 'string' ? mine : 'answered'}`);
          }
          const all = (items: Item[]) =>
            items.sort((a, b) => `${a.pk}${a.sk}`.localeCompare(`${b.pk}${b.sk}`));
          const { Items = [] } = await real.send(new ScanCommand({ TableName }));
          expect(all(memory.items())).toEqual(all(Items));
        },
      ),
      { numRuns: 30, endOnFailure: true },
    );
    // All of it happened.
    for (const what of ['Put', 'Update', 'Delete']) {
      expect(seen).toContain(`${what}Command answered`);
      expect(seen).toContain(`${what}Command ConditionalCheckFailedException`);
      expect(seen).toContain(`${what}Command ValidationException`);
    }
    for (const what of ['Get', 'Query', 'Scan', 'BatchGet', 'BatchWrite'])
      expect(seen).toContain(`${what}Command answered`);
  });

  it('gives a long list in the same pages', async () => {
    const memory = new MemoryTable(TABLE);
    await emptied();
    for (let i = 0; i < 12; i++) {
      const Item = {
        pk: `REFERRAL#${i}`,
        sk: 'REFERRAL',
        dueShard: '1',
        dueAt: `2026-11-${10 + ((i * 5) % 12)}T09:00:00.000Z`,
      };
      await both(memory, () => new PutCommand({ TableName, Item }));
    }
    for (const ScanIndexForward of [true, false]) {
      let start: Item | undefined;
      let count = 0;
      do {
        const ask = {
          IndexName: 'due',
          KeyConditionExpression: 'dueShard = :one',
          ExpressionAttributeValues: { ':one': '1' },
        };
        const more = { ScanIndexForward, Limit: 5, ...(start ? { ExclusiveStartKey: start } : {}) };
        const [mine, theirs] = await both(memory, () => new QueryCommand({ TableName, ...ask, ...more }));
        const { Items, LastEvaluatedKey } = mine as { Items: Item[]; LastEvaluatedKey?: Item };
        expect(mine).toEqual(theirs);
        count += Items.length;
        start = LastEvaluatedKey;
      } while (start);
      expect(count).toBe(12);
    }
  });

  it('shares nothing with whoever wrote or read, and refuses what it does not know', async () => {
    const memory = new MemoryTable(TABLE);
    const Item = { pk: 'a', sk: 'b', list: [{ n: 1 }] };
    await memory.send(new PutCommand({ TableName, Item }));
    Item.list.push({ n: 2 });
    const read = async () =>
      (await memory.send(new GetCommand({ TableName, Key: { pk: 'a', sk: 'b' } }))).Item as typeof Item;
    const { list } = await read();
    expect(() => list.push({ n: 3 })).toThrow(TypeError);
    expect((await read()).list).toEqual([{ n: 1 }]);
    await expect(memory.send(new PutCommand({ TableName, Item, ReturnValues: 'ALL_OLD' }))).rejects.toThrow(
      NotInMemoryError,
    );
    await expect(
      memory.send(new PutCommand({ TableName, Item: { ...Item, at: new Date(0) } })),
    ).rejects.toThrow(NotInMemoryError);
  });
});
