/** The way back after a loss, rehearsed: a table is copied as DynamoDB restores it, lost, brought back, and every execution is made anew. */
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  paginateScan,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as personalData } from '../../functions/personal-data/handler.ts';
import { handler as rebuildHandler } from '../../functions/rebuild-executions/handler.ts';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { beginErasure } from '../../functions/shared/erasures.ts';
import { keepNote, mintNoteKey } from '../../functions/shared/notes.ts';
import { outcomesIn, recordOutcomes } from '../../functions/shared/outcomes.ts';
import { keyOf, toItem } from '../../functions/shared/record.ts';
import { documents as shared } from '../../functions/shared/table.ts';
import { type Invoke, rebuild } from '../../infra/operate.ts';
import { type Eraser, restore } from '../../infra/restore.ts';
import { close } from '../../workflows/closing.ts';
import { placeHold } from '../../workflows/data-rights.ts';
import { referenceOf } from '../../workflows/intake.ts';
import { leave } from '../../workflows/leaving.ts';
import type { Referral } from '../../workflows/referral.ts';
import { after } from '../../workflows/time.ts';
import { writeSeeded } from '../seed/write.ts';
import { type RealTable, startRealEnvironment } from '../unit/functions/dynalite.ts';
import { startLambdas } from '../unit/functions/lambdas.ts';
import { TABLE } from '../unit/functions/table.ts';
import { accepted, NOW, stored } from '../unit/workflows/builders.ts';

const BACKUP = 'restored';
const COUNT = 60;

/** Stands in everything that is of whoever is erased. */
const WORD = 'Quetzalcoatl';
const PROGRAMME = 'hive-music';
const MONTHS = { from: '2026-01', to: '2099-12' };

type Handler = (payload: object, context: object) => Promise<unknown>;
const ask = (payload: object) => (personalData as unknown as Handler)(payload, {});
const LATER = after(NOW, { days: 3 });
const eraser: Eraser = { invoke: (_, payload) => ask(payload), now: LATER };

let table: RealTable;
let lambdas: Awaited<ReturnType<typeof startLambdas>>;
let documents: DynamoDBDocumentClient;
beforeAll(async () => {
  table = await startRealEnvironment();
  lambdas = await startLambdas({});
  documents = DynamoDBDocumentClient.from(table.client);
  const seeding = {
    seed: 1,
    now: NOW,
    teams: [{ id: 'all', members: [{ id: 'amina', name: 'Amina' }] }],
    programmes: allProgrammes(),
    lawfulBasis: { article6: 'public-task', article9: 'health-or-social-care' },
  };
  await writeSeeded(documents, TABLE, { from: 0, to: COUNT }, seeding);
  await backUp(BACKUP);
}, 60_000);
afterAll(async () => {
  lambdas.stop();
  await table.stop();
});

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
  const from = { from: BACKUP, to: TABLE, overwrite: false, dryRun: false, erasures: undefined };
  const say = (line: string) => said.push(line);
  const firstTime = { written: before.length - 1, kept: 1, erased: 0 };
  const lost = sorted(await itemsOf(TABLE));
  expect(await restore(table.client, { ...from, dryRun: true }, eraser, say)).toEqual(firstTime);
  expect(sorted(await itemsOf(TABLE))).toEqual(lost);
  expect(await restore(table.client, from, eraser, say)).toEqual(firstTime);
  expect(sorted(await itemsOf(TABLE))).toEqual(sorted([changed, ...before.slice(1), since]));
  // A second time, as after a command that broke off.
  expect(await restore(table.client, from, eraser, say)).toEqual({
    written: 0,
    kept: before.length,
    erased: 0,
  });
  const everything = { written: before.length, kept: 0, erased: 0 };
  expect(await restore(table.client, { ...from, overwrite: true }, eraser, say)).toEqual(everything);
  expect(sorted(await itemsOf(TABLE))).toEqual(sorted([...before, since]));

  const invoke: Invoke = (_, payload) =>
    (rebuildHandler as unknown as (payload: object, context: object) => Promise<unknown>)(payload, {});
  const open = { dryRun: true, onlyMissing: false, perSecond: undefined, since: NOW, from: undefined };
  expect(await rebuild(invoke, open, say)).toBe(true);
  expect(said.at(-1)).toMatch(/^[1-9]\d* executions would be started anew/);
});

it('says which table is not there', async () => {
  const from = { from: 'nowhere', to: TABLE, overwrite: false, dryRun: false, erasures: undefined };
  await expect(restore(table.client, from, eraser, () => {})).rejects.toThrow('not found');
});

describe('who was erased after the backup was taken', () => {
  const nothing = { overwrite: false, dryRun: false, erasures: undefined };
  const say = () => {};
  const everything = async () => JSON.stringify(await itemsOf(TABLE));

  it.each([
    ['into the table that knows it, ', false, false],
    ['into the table that knows it, over what it has, ', false, true],
    ['after a loss, with the erasures of a later moment, ', true, false],
  ])('%s is erased again, as they were then or not, and counted once', async (_how, lost, overwrite) => {
    await loseEverything();
    const open = await somebody('1');
    const held = stored(placeHold(ended(await somebody('2')), { reason: WORD, by: AMINA }, NOW));
    const closed = ended(await somebody('3'));
    const before = ended(await somebody('4'));
    const staying = ended(await somebody('5', 'Somebody else'));
    for (const each of [held, closed, before, staying]) await write(each);
    await erase(before);
    const backup = `backup-${lost}-${overwrite}`;
    await backUp(backup);
    for (const each of [open, held]) await write(ended(each));
    for (const each of [open, held, closed]) await erase(each);
    const numbers = (await outcomesIn(TABLE, PROGRAMME, MONTHS)).outcomes.length;
    expect(await everything()).not.toContain(WORD);

    const from = { ...nothing, from: backup, to: TABLE, overwrite };
    const known = { ...from, erasures: lost ? `${backup}-later` : undefined };
    if (lost) {
      await backUp(`${backup}-later`);
      await loseEverything();
    }
    const told: string[] = [];
    const dry = await restore(table.client, { ...known, dryRun: true }, eraser, (line) => told.push(line));
    expect(told[0]).toBe('3 referrals of the backup were erased since, and would be again');
    expect(await everything()).not.toContain(WORD);
    // And a second time, as after a command that broke off.
    for (let time = 0; time < 2; time++) {
      const done = await restore(table.client, known, eraser, say);
      expect(done.erased).toBe(3);
      if (time === 0) expect(done).toEqual(dry);
      for (const each of [open, held, closed]) await goOver(each);
      expect(await everything()).not.toContain(WORD);
      for (const each of [open, held, closed]) expect(await table.referrals.read(each.id)).toBeUndefined();
      expect(await table.referrals.read(staying.id)).toBeDefined();
      // Of whoever was open then, what came of it later is lost with everything that came later.
      expect((await outcomesIn(TABLE, PROGRAMME, MONTHS)).outcomes).toHaveLength(
        lost ? numbers - 1 : numbers,
      );
    }
  });

  it('is gone on with, where it broke off, whatever the backup says of them', async () => {
    await loseEverything();
    const open = await somebody('6');
    await backUp('broken-off');
    await write(ended(open));
    await erase(open);
    const from = { ...nothing, from: 'broken-off', to: TABLE };
    const send = shared().send.bind(shared());
    // Right before the referral would be deleted.
    vi.spyOn(shared(), 'send').mockImplementation((async (sending: Parameters<typeof send>[0]) => {
      if (sending.constructor.name === 'DeleteCommand') throw new Error('broken off');
      return send(sending);
    }) as never);
    await expect(restore(table.client, from, eraser, say)).rejects.toThrow("see the function's log");
    vi.restoreAllMocks();
    expect(await everything()).toContain(WORD);
    // It is in no list meanwhile, and nothing of it is due.
    const [item] = (await itemsOf(TABLE)).filter(({ sk }) => sk === 'REFERRAL');
    for (const name of ['dueAt', 'worklistTeam', 'offerProgramme', 'personKey', 'standsAt', 'outboxOf']) {
      expect(item).not.toHaveProperty(name);
    }
    await ask({ act: 'continue', reference: open.reference, now: after(LATER, { minutes: 6 }) });
    await goOver(open);
    expect(await everything()).not.toContain(WORD);
  });

  it('is not, where it was only about to be done and the table still has them', async () => {
    await loseEverything();
    const closed = ended(await somebody('8'));
    await write(closed);
    await backUp('about-to');
    const at = NOW;
    const first = { reference: closed.reference, referralId: closed.id, why: 'asked', at } as const;
    const left = {
      nextAt: LATER,
      passes: 0,
      secret: 'x',
      execution: closed.execution.name,
      month: '2026-11',
    };
    const lists = { programmeIds: [], cohorts: [], addressIds: [] };
    await beginErasure(TABLE, { ...first, left: { ...left, ...lists } }, NOW);
    const from = { ...nothing, from: 'about-to', to: TABLE };
    expect(await restore(table.client, from, eraser, say)).toMatchObject({ erased: 0, written: 0 });
    expect(await table.referrals.read(closed.id)).toBeDefined();
    // Nor of another moment, where that may have been withdrawn since; once the table has lost them it was meant.
    const elsewhere = { ...from, to: 'about-to', from: TABLE, erasures: TABLE };
    expect(await restore(table.client, { ...elsewhere, dryRun: true }, eraser, say)).toMatchObject({
      erased: 0,
    });
    await documents.send(new DeleteCommand({ TableName: TABLE, Key: keyOf(closed.id) }));
    expect(await restore(table.client, from, eraser, say)).toMatchObject({ erased: 1 });
    expect(await everything()).not.toContain(WORD);
  });

  it('is said, where they cannot be erased', async () => {
    await loseEverything();
    const closed = ended(await somebody('7'));
    await backUp('cannot');
    await write(closed);
    await erase(closed);
    const from = { ...nothing, from: 'cannot', to: TABLE };
    const refusing: Eraser = { invoke: async () => ({ state: 'refused' }), now: LATER };
    await expect(restore(table.client, from, refusing, say)).rejects.toThrow(closed.id);
  });
});

const AMINA = { id: 'amina', name: 'Amina Rahman' };

/** Somebody in a programme, with a note. */
async function somebody(digit: string, familyName = WORD): Promise<Referral> {
  const id = digit.padEnd(32, 'b');
  const base = accepted();
  if (base.stage !== 'programme') throw new Error('no programme');
  const referral = {
    ...base,
    ...{ id, reference: referenceOf(id), team: 'all', version: 0, outbox: [] },
    person: { ...base.person, familyName },
    programme: { ...base.programme, programmeId: PROGRAMME },
    offers: base.offers.map((offer) => ({ ...offer, programmeId: PROGRAMME })),
  } as Referral;
  await write(referral);
  await keepNote(TABLE, id, mintNoteKey(NOW), { at: NOW, by: AMINA, text: `A note about ${familyName}` });
  return referral;
}

function ended(referral: Referral): Referral {
  const { legalHold: _over, ...free } = referral;
  if (referral.stage === 'closed') return free as Referral;
  return {
    ...stored(close(stored(leave(referral, 'person', NOW)), NOW)),
    outbox: [],
    version: 0,
  } as Referral;
}

async function write(referral: Referral): Promise<void> {
  await documents.send(new PutCommand({ TableName: TABLE, Item: toItem(referral) }));
  await recordOutcomes(TABLE, referral);
}

/** Erased as somebody asked for it, and all is gone through once more. */
async function erase({ reference }: Referral): Promise<void> {
  const asked = { act: 'erase', reference, now: NOW, requestId: `r-${reference}` };
  expect(await ask(asked)).toMatchObject({ state: 'erased' });
  await ask({ act: 'continue', reference, now: after(NOW, { minutes: 20 }) });
}

async function goOver({ reference }: Referral): Promise<void> {
  await ask({ act: 'continue', reference, now: after(LATER, { minutes: 30 }) });
}

/** What restore-table-to-point-in-time makes: another table with the same items. */
async function backUp(TableName: string): Promise<void> {
  const { Table } = await table.client.send(new DescribeTableCommand({ TableName: TABLE }));
  await table.client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: Table?.KeySchema,
      AttributeDefinitions: Table?.AttributeDefinitions?.filter(({ AttributeName = '' }) =>
        ['pk', 'sk'].includes(AttributeName),
      ),
    }),
  );
  for (const Item of await itemsOf(TABLE)) await documents.send(new PutCommand({ TableName, Item }));
}

function sorted(items: Record<string, unknown>[]): Record<string, unknown>[] {
  const key = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`;
  return items.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

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
