import { describe, expect, it } from 'vitest';
import { indexWriteUnits } from '../../local/capacity.ts';
import { cloudOf, type Resources, relay, type TestCloud, table, temporaryFolder } from './template.ts';

const app: Resources = { ...relay, Table: table };
const key = { pk: { S: 'REFERRAL#1' }, sk: { S: 'REFERRAL' } };
const TableName = 'Small-Table';
const put = (cloud: TestCloud, more: object = {}, item: object = {}) =>
  cloud.call('DYNAMODB', 'PutItem', { TableName, Item: { ...key, ...item }, ...more });
const units = async (cloud: TestCloud) => {
  const { readUnits, writeUnits } = await cloud.get('/_cloud/usage.json');
  return { readUnits, writeUnits };
};

describe('the tables', () => {
  it('hold what was put, also after the next start', async () => {
    const dataDir = temporaryFolder();
    const first = await cloudOf(app, { dataDir });
    await put(
      first,
      {},
      {
        stage: { S: 'review' },
        sessions: { N: '12' },
        tags: { L: [{ S: 'a' }, { BOOL: true }, { NULL: true }] },
        more: { M: { age: { N: '17' } } },
      },
    );
    await first.stop();
    const second = await cloudOf(app, { dataDir });
    const { body } = await second.call('DYNAMODB', 'GetItem', { TableName, Key: key });
    expect(body.Item).toMatchObject({ stage: { S: 'review' } });
    expect(await second.get('/_cloud/table.json')).toEqual([
      {
        pk: 'REFERRAL#1',
        sk: 'REFERRAL',
        stage: 'review',
        sessions: 12,
        tags: ['a', true, null],
        more: { age: 17 },
      },
    ]);
  });

  it('are refused when another version made them', async () => {
    const dataDir = temporaryFolder();
    await (await cloudOf(app, { dataDir })).stop();
    const other = structuredClone(table) as {
      Type: string;
      Properties: { GlobalSecondaryIndexes: { IndexName: string }[] };
    };
    for (const index of other.Properties.GlobalSecondaryIndexes) index.IndexName = 'renamed';
    await expect(cloudOf({ Table: other }, { dataDir })).rejects.toThrow(
      `The table Small-Table in ${dataDir} has other keys or indexes than the template`,
    );
  });

  it('count what DynamoDB bills, and show capacity only to who asked', async () => {
    const cloud = await cloudOf(app);
    expect((await put(cloud)).body).toEqual({});
    expect(await units(cloud)).toEqual({ readUnits: 0, writeUnits: 1 });
    // Into the sparse index, changed in it, out of it: each costs its entries too.
    await put(cloud, {}, { dueShard: { S: '0' }, dueAt: { S: '2026-01-01' } });
    expect(await units(cloud)).toEqual({ readUnits: 0, writeUnits: 3 });
    await put(cloud, {}, { dueShard: { S: '0' }, dueAt: { S: '2026-01-02' } });
    expect(await units(cloud)).toEqual({ readUnits: 0, writeUnits: 6 });
    await put(cloud, {}, { dueShard: { S: '0' }, dueAt: { S: '2026-01-02' }, other: { S: 'x' } });
    expect(await units(cloud)).toEqual({ readUnits: 0, writeUnits: 7 });
    await put(cloud, {}, { big: { S: 'x'.repeat(2500) } });
    expect(await units(cloud)).toEqual({ readUnits: 0, writeUnits: 11 });
    const refused = await put(cloud, { ConditionExpression: 'attribute_not_exists(pk)' });
    expect(refused).toMatchObject({
      status: 400,
      body: { __type: expect.stringContaining('#ConditionalCheckFailedException') },
    });
    expect(await units(cloud)).toEqual({ readUnits: 0, writeUnits: 12 });
    const read = await cloud.call('DYNAMODB', 'GetItem', { TableName, Key: key });
    expect(read.body).not.toHaveProperty('ConsumedCapacity');
    expect(await units(cloud)).toEqual({ readUnits: 0.5, writeUnits: 12 });
    const asked = await cloud.call('DYNAMODB', 'GetItem', {
      TableName,
      Key: key,
      ConsistentRead: true,
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(asked.body.ConsumedCapacity).toMatchObject({ CapacityUnits: 1 });
    await cloud.call('DYNAMODB', 'Query', {
      TableName,
      IndexName: 'due',
      KeyConditionExpression: 'dueShard = :s',
      ExpressionAttributeValues: { ':s': { S: 'nothing is here' } },
    });
    expect(await units(cloud)).toEqual({ readUnits: 2, writeUnits: 12 });
    // The control API's own look costs nothing.
    await cloud.get('/_cloud/table.json');
    expect(await units(cloud)).toEqual({ readUnits: 2, writeUnits: 12 });
  });

  it('fail as often as they are told to, and no more', async () => {
    const cloud = await cloudOf(app);
    await cloud.post('/_cloud/faults', { dynamodb: 'ProvisionedThroughputExceededException', times: 2 });
    const answers = [await put(cloud), await put(cloud), await put(cloud)];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 200]);
    expect(answers[0]?.body.__type).toBe(
      'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    );
    await cloud.post('/_cloud/faults', { dynamodb: 'InternalServerError', times: 5 });
    expect((await put(cloud)).status).toBe(500);
    await cloud.post('/_cloud/faults', {});
    expect((await put(cloud)).status).toBe(200);
  });
});

describe('units of index writes', () => {
  const table = {
    KeySchema: [{ AttributeName: 'pk' }],
    GlobalSecondaryIndexes: [
      { KeySchema: [{ AttributeName: 'due' }], Projection: { ProjectionType: 'ALL' } },
    ],
  };
  const item = (due: string | undefined, other = 'x') => ({
    pk: { S: '1' },
    other: { S: other },
    ...(due ? { due: { S: due } } : {}),
  });

  it.each([
    ['never in the index', item(undefined), item(undefined), 0],
    ['new in it', undefined, item('a'), 1],
    ['taken out', item('a'), item(undefined), 1],
    ['deleted', item('a'), undefined, 1],
    ['the same', item('a'), item('a'), 0],
    ['another projected value', item('a'), item('a', 'y'), 1],
    ['another key', item('a'), item('b'), 2],
  ])('%s', (_, before, after, expected) => {
    expect(indexWriteUnits(table, before, after)).toBe(expected);
  });
});
