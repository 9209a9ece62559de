/** The way back after a loss, rehearsed: a table is copied as DynamoDB restores it, lost, brought back, and every execution is made anew. */
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { handler as rebuildHandler } from '../../functions/rebuild-executions/handler.ts';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { type Invoke, rebuild } from '../../infra/operate.ts';
import { restore } from '../../infra/restore.ts';
import { writeSeeded } from '../seed/write.ts';
import { type RealTable, startRealEnvironment } from '../unit/functions/dynalite.ts';
import { TABLE } from '../unit/functions/table.ts';
import { NOW } from '../unit/workflows/builders.ts';

const BACKUP = 'restored';
const COUNT = 60;

let table: RealTable;
let documents: DynamoDBDocumentClient;
beforeAll(async () => {
  table = await startRealEnvironment();
  documents = DynamoDBDocumentClient.from(table.client);
  const seeding = {
    seed: 1,
    now: NOW,
    teams: [{ id: 'all', members: [{ id: 'amina', name: 'Amina' }] }],
    programmes: allProgrammes(),
    lawfulBasis: { article6: 'public-task', article9: 'health-or-social-care' },
  };
  await writeSeeded(documents, TABLE, { from: 0, to: COUNT }, seeding);
  // What restore-table-to-point-in-time makes: another table with the same items.
  const { Table } = await table.client.send(new DescribeTableCommand({ TableName: TABLE }));
  await table.client.send(
    new CreateTableCommand({
      TableName: BACKUP,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: Table?.KeySchema,
      AttributeDefinitions: Table?.AttributeDefinitions?.filter(({ AttributeName = '' }) =>
        ['pk', 'sk'].includes(AttributeName),
      ),
    }),
  );
  for (const Item of await itemsOf(TABLE)) await documents.send(new PutCommand({ TableName: BACKUP, Item }));
}, 60_000);
afterAll(() => table.stop());

it('brings everything back, keeps what came since, and every open referral has its execution again', async () => {
  const before = await itemsOf(TABLE);
  expect(before).toHaveLength(COUNT);
  await loseEverything();
  expect(await itemsOf(TABLE)).toEqual([]);
  // Somebody is referred before anybody has noticed; and one of the lost is written anew.
  const since = { pk: 'REFERRAL#since', sk: 'REFERRAL', note: 'made since' };
  const changed = { ...before[0], note: 'changed since' };
  for (const Item of [since, changed]) await documents.send(new PutCommand({ TableName: TABLE, Item }));

  const said: string[] = [];
  const from = { from: BACKUP, to: TABLE, overwrite: false };
  const say = (line: string) => said.push(line);
  expect(await restore(table.client, from, say)).toEqual({ written: before.length - 1, kept: 1 });
  const key = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`;
  const sorted = (items: Record<string, unknown>[]) => items.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  expect(sorted(await itemsOf(TABLE))).toEqual(sorted([changed, ...before.slice(1), since]));
  // A second time, as after a command that broke off.
  expect(await restore(table.client, from, say)).toEqual({ written: 0, kept: before.length });
  expect(await restore(table.client, { ...from, overwrite: true }, say)).toEqual({
    written: before.length,
    kept: 0,
  });
  expect(sorted(await itemsOf(TABLE))).toEqual(sorted([...before, since]));

  const invoke: Invoke = (_, payload) =>
    (rebuildHandler as unknown as (payload: object, context: object) => Promise<unknown>)(payload, {});
  const open = { dryRun: true, onlyMissing: false, perSecond: undefined, since: NOW, from: undefined };
  expect(await rebuild(invoke, open, say)).toBe(true);
  expect(said.at(-1)).toMatch(/^[1-9]\d* executions would be started anew/);
});

it('says which table is not there', async () => {
  const from = { from: 'nowhere', to: TABLE, overwrite: false };
  await expect(restore(table.client, from, () => {})).rejects.toThrow('not found');
});

async function itemsOf(TableName: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for await (const { Items = [] } of paginateScan({ client: documents }, { TableName })) items.push(...Items);
  return items;
}

async function loseEverything(): Promise<void> {
  const keys = (await itemsOf(TABLE)).map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
  for (let i = 0; i < keys.length; i += 25) {
    await documents.send(new BatchWriteCommand({ RequestItems: { [TABLE]: keys.slice(i, i + 25) } }));
  }
}
