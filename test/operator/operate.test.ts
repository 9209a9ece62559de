/** An operator's commands, on the real functions and a table. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { paginateScan, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { parse as parseCsv } from 'csv-parse/sync';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { handler as personalData } from '../../functions/personal-data/handler.ts';
import { handler as rebuildHandler } from '../../functions/rebuild-executions/handler.ts';
import { handler as sweepHandler } from '../../functions/reminder-sweep/handler.ts';
import { allProgrammes } from '../../functions/shared/directory/directory.ts';
import { documents } from '../../functions/shared/table.ts';
import { type Invoke, parked, rebuild } from '../../infra/operate.ts';
import { dataRights, type Right, readDetails } from '../../infra/rights.ts';
import { writeSeeded } from '../seed/write.ts';
import { startEnvironment } from '../unit/functions/environment.ts';
import { TABLE, type TestTable } from '../unit/functions/table.ts';
import { NOW } from '../unit/workflows/builders.ts';

/** More than one slice of the table. */
const COUNT = 650;

let table: TestTable;
let states: Server;
/** The executions that run, by name. */
const running = new Set<string>();

beforeAll(async () => {
  table = await startEnvironment();
  states = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const name = String(JSON.parse(text).executionArn).split(':').at(-1) ?? '';
    const there = running.has(name);
    response.writeHead(there ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(there ? { status: 'RUNNING' } : { __type: 'ExecutionDoesNotExist' }));
  });
  states.listen(0, '127.0.0.1');
  await once(states, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_SFN', `http://127.0.0.1:${(states.address() as AddressInfo).port}`);
  const seeding = {
    seed: 1,
    now: NOW,
    teams: [{ id: 'all', members: [{ id: 'amina', name: 'Amina' }] }],
    programmes: allProgrammes(),
    lawfulBasis: { article6: 'public-task', article9: 'health-or-social-care' },
  };
  await writeSeeded(documents(), TABLE, { from: 0, to: COUNT }, seeding);
}, 60_000);
afterAll(async () => {
  states.close();
  states.closeAllConnections();
  await table.stop();
});

const said: string[] = [];
const say = (line: string) => said.push(line);
beforeEach(() => {
  said.length = 0;
});

type Handler = (payload: object, context: object) => Promise<unknown>;
const invoke: Invoke = (name, payload) => {
  const handler =
    { 'rebuild-executions': rebuildHandler, 'personal-data': personalData }[name] ?? sweepHandler;
  return (handler as unknown as Handler)(JSON.parse(JSON.stringify(payload)), {});
};
const run = { dryRun: false, onlyMissing: false, perSecond: 999, from: undefined };
const FIRST = '2026-11-24T09:00:00.000Z';
const SECOND = '2026-11-25T09:00:00.000Z';

/** The references of open referrals. */
async function openReferences(): Promise<string[]> {
  const { Items = [] } = await documents().send(new ScanCommand({ TableName: TABLE }));
  return Items.flatMap(({ sk, stage, reference }) =>
    sk === 'REFERRAL' && stage !== 'closed' && stage !== 'closing' ? [String(reference)] : [],
  );
}

/** The execution of every referral. */
async function executions(): Promise<{ name: string; number: number }[]> {
  const found: { name: string; number: number }[] = [];
  for await (const { Items = [] } of paginateScan({ client: documents() }, { TableName: TABLE })) {
    found.push(...Items.flatMap(({ sk, execution }) => (sk === 'REFERRAL' ? [execution] : [])));
  }
  return found;
}
const numbers = async () => (await executions()).map(({ number }) => number);

it('says what would be started anew, by stage, and changes nothing', async () => {
  expect(await rebuild(invoke, { ...run, dryRun: true, since: FIRST }, say)).toBe(true);
  expect(said.at(-1)).toBe(`${COUNT} executions would be started anew. Nothing was changed.`);
  const stages = said.slice(0, -1).map((line) => line.split(': '));
  expect(stages.map(([stage]) => stage).sort()).toContain('programme');
  expect(stages.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(COUNT);
  expect(new Set(await numbers())).toEqual(new Set([1]));
});

it('goes on where it was killed, does nothing twice, and tries a slice again that failed', async () => {
  let slices = 0;
  const killed: Invoke = async (name, payload) => {
    const answer = await invoke(name, payload);
    slices += 1;
    // It was done, and nobody heard.
    if (slices >= 2) throw new Error('killed');
    return answer;
  };
  await expect(rebuild(killed, { ...run, since: FIRST }, say, 1)).rejects.toThrow('killed');
  const [, since, from] = /--since (\S+) --from (\S+)$/.exec(said.at(-1) ?? '') ?? [];
  expect(since).toBe(FIRST);
  const half = await numbers();
  expect(half).toContain(1);
  expect(half).toContain(2);

  expect(await rebuild(invoke, { ...run, since: FIRST, from }, say, 1)).toBe(true);
  expect(new Set(await numbers())).toEqual(new Set([2]));
  // From the beginning, of the same run: there is nothing to do.
  expect(await rebuild(invoke, { ...run, since: FIRST }, say)).toBe(true);
  expect(said.at(-1)).toBe(`0 executions started anew, ${COUNT} left as they were, 0 failed.`);
  expect(new Set(await numbers())).toEqual(new Set([2]));
});

it('leaves alone what runs, where only what is missing is asked for', async () => {
  for (const { name } of (await executions()).slice(10)) running.add(name);
  expect(await rebuild(invoke, { ...run, onlyMissing: true, since: SECOND }, say)).toBe(true);
  expect(said.at(-1)).toBe(`10 executions started anew, ${COUNT - 10} left as they were, 0 failed.`);
  expect((await numbers()).filter((number) => number === 3)).toHaveLength(10);
});

it('says of closed ones, slice by slice, how many are erased at another time, and asks for no execution', async () => {
  const asked: object[] = [];
  const slices = [{ count: 2, failed: 0, skipped: 3, stages: { closed: 2 }, cursor: 'next' }];
  const answering: Invoke = async (_, payload) => {
    asked.push(payload);
    return slices.shift() ?? { count: 1, failed: 0, skipped: 0, stages: { closed: 1 } };
  };
  const wanted = { ...run, perSecond: undefined, retention: true, since: FIRST };
  expect(await rebuild(answering, wanted, say)).toBe(true);
  expect(asked).toEqual([
    { now: FIRST, dryRun: false, onlyMissing: false, retention: true, perSecond: 100 },
    { now: FIRST, dryRun: false, onlyMissing: false, retention: true, perSecond: 100, cursor: 'next' },
  ]);
  expect(said).toContain(
    `2 so far. To go on from here: npm run rebuild -- --retention --since ${FIRST} --from next`,
  );
  expect(said.at(-1)).toBe('3 referrals are erased at another time now, 3 left as they were, 0 failed.');
});

it('keeps to so many a second', async () => {
  const perSecond = 400;
  const began = performance.now();
  const slice = (await invoke('rebuild-executions', { now: FIRST, perSecond })) as {
    count: number;
    skipped: number;
  };
  const done = slice.count + slice.skipped;
  expect(done).toBeGreaterThan(100);
  // Timers are whole milliseconds.
  expect(performance.now() - began).toBeGreaterThan(done * (1000 / perSecond - 1));
});

it('copies, holds and erases by a reference, and says why not', async () => {
  const [reference = ''] = await openReferences();
  const rights = (act: Right, of = reference, reason?: string) =>
    dataRights(invoke, { act, reference: of, reason, now: SECOND }, say);
  expect(await rights('copy')).toBe(true);
  expect(JSON.parse(said.at(-1) ?? '').referrals[0]).toMatchObject({ reference });
  expect(await rights('hold', reference, 'Complaint 12')).toBe(true);
  expect(await rights('hold', reference, 'Complaint 13')).toBe(false);
  expect(said.at(-1)).toContain('for another reason');
  expect(await rights('erase')).toBe(false);
  expect(said.at(-1)).toContain('there is a legal hold on it');
  expect(await rights('release')).toBe(true);
  expect(await rights('erase')).toBe(false);
  expect(said.at(-1)).toContain('the referral is open');
  expect(await rights('erase', 'SP-0000-0000')).toBe(false);
  expect(said.at(-1)).toBe('There is no referral SP-0000-0000.');
});

it('puts details right by a reference, once, and says what is wrong with them', async () => {
  const [reference = ''] = await openReferences();
  const correct = (details: object) =>
    dataRights(
      invoke,
      { act: 'correct', reference, now: SECOND, fields: readDetails(JSON.stringify(details)) },
      say,
    );
  const right = { familyName: 'Quetzalcoatl', dateOfBirth: '1950-03-31', postcode: 'nw5 1tl' };
  expect(await correct(right)).toBe(true);
  expect(said).toEqual([`Put right in ${reference}: familyName, dateOfBirth, postcode.`]);
  expect(await correct(right)).toBe(true);
  expect(said.at(-1)).toBe(`${reference} says this already: nothing was changed.`);
  expect(await dataRights(invoke, { act: 'copy', reference, now: SECOND }, say)).toBe(true);
  const { person, history } = JSON.parse(said.at(-1) ?? '').referrals[0];
  expect(person).toMatchObject({
    familyName: 'Quetzalcoatl',
    dateOfBirth: '1950-03-31',
    postcode: 'NW5 1TL',
  });
  expect(history.at(-1)).toMatchObject({ event: 'details-corrected', name: 'An operator' });
  expect(await correct({ postcode: 'NW5', familyName: '' })).toBe(false);
  expect(said.slice(-3)).toEqual([
    expect.stringMatching(/^familyName: Enter/),
    expect.stringMatching(/^postcode: Enter/),
    'Nothing was changed.',
  ]);
});

it.each([
  ['{"phone": ', 'not JSON'],
  ['["phone"]', 'to be like'],
  ['{"surname": "Byrne"}', 'no detail is called surname'],
  ['{"phone": 7700900982}', 'phone is to be text'],
  ['{"dateOfBirth": "31/3/1950"}', 'dateOfBirth is to be like'],
])('does not take %s for details', (json, why) => {
  expect(() => readDetails(json)).toThrow(why);
});

it('copies as one page that needs nothing else, and says as CSV who looked', async () => {
  const [, reference = ''] = await openReferences();
  expect(await dataRights(invoke, { act: 'copy', reference, now: SECOND, html: true }, say)).toBe(true);
  const page = parse(said.at(-1) ?? '');
  expect(page.querySelector('h2')?.textContent).toBe(`Referral ${reference}`);
  expect(page.querySelectorAll('link, script, img')).toEqual([]);
  const { familyName } = (await table.referrals.byReference(reference))[0]?.person ?? {};
  expect(familyName).not.toBe('');
  expect(page.structuredText).toContain(`Family name\n${familyName}\n`);

  expect(await dataRights(invoke, { act: 'audit', reference, now: SECOND }, say)).toBe(true);
  const rows = parseCsv(said.at(-1) ?? '', { bom: true, columns: true }) as Record<string, string>[];
  const operator = { time: SECOND, name: 'An operator', account: 'operator' };
  expect(rows).toHaveLength(2);
  expect(rows).toContainEqual(expect.objectContaining({ ...operator, kind: 'audit-read', page: '' }));
  expect(rows).toContainEqual(expect.objectContaining({ ...operator, kind: 'look', page: 'export' }));
  expect(said.at(-1)).not.toContain(familyName);
});

it('lists what is parked and brings it back', async () => {
  await parked(invoke, { retry: false, now: SECOND }, say);
  expect(said).toEqual(['Nothing is parked.']);
  await table.put({ pk: 'PARCEL#1', sk: 'PARCEL', dueAt: NOW, dueShard: '0' });
  await table.put({ pk: 'PARCEL#2', sk: 'PARCEL', reference: 'GR-7K4M-2Q9X', dueAt: NOW, dueShard: '0' });
  await invoke('reminder-sweep', { now: NOW });
  await parked(invoke, { retry: false, now: SECOND }, say);
  expect(said.slice(1, -1).sort()).toEqual([
    `PARCEL#1: parked ${NOW} after 1 tries, UnknownKindError`,
    `PARCEL#2 (GR-7K4M-2Q9X): parked ${NOW} after 1 tries, UnknownKindError`,
  ]);
  expect(said.at(-1)).toBe('2 parked. Once the cause is mended: npm run parked -- --retry');
  await parked(invoke, { retry: true, now: SECOND }, say);
  expect(said.at(-1)).toBe('2 brought back. The next sweep tries them.');
});
