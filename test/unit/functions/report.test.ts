import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/report/handler.ts';
import { addToCase } from '../../../functions/shared/case-file.ts';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { outcomesIn, recordOutcomes } from '../../../functions/shared/outcomes.ts';
import { changeProvider, providerIdOf } from '../../../functions/shared/providers.ts';
import { documents } from '../../../functions/shared/table.ts';
import { withOffersLink } from '../../../workflows/provider.ts';
import type { In, Offer, ProgrammeRecord, Referral } from '../../../workflows/referral.ts';
import { countOf, disagreements, type Item } from '../../journeys/count.ts';
import { inReview } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const ROUTE = '/report/{programme}';
const AFTER = '2027-01-15T09:00:00.000Z';
/** When no more answers come in. */
const LATER = '2027-01-31T09:00:00.000Z';

async function file(programme: string, now = AFTER, period = '2026-10'): Promise<string> {
  const coordinator = await atWork('Tom', { roles: ['coordinator'], now });
  const { body = '' } = await coordinator.open(handler, {
    ...{ route: ROUTE, path: { programme }, now, query: { period, format: 'csv' } },
  });
  return body;
}

async function items(): Promise<Item[]> {
  const found: Item[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await documents().send(
      new ScanCommand({ TableName: TABLE, ...(start ? { ExclusiveStartKey: start } : {}) }),
    );
    found.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
}

let ids = 0;

/** What can become of somebody: their offers, their sessions, their answers, and how it ended. */
const life = fc.record({
  month: fc.constantFrom('2026-09', '2026-10', '2026-11', '2026-12', '2027-01'),
  reply: fc.constantFrom(
    'accepted' as const,
    'accepted' as const,
    'declined' as const,
    'silence' as const,
    undefined,
  ),
  ending: fc.constantFrom('completed' as const, 'withdrawn' as const, 'ended-early' as const),
  returned: fc.boolean(),
  cohort: fc.constantFrom('spring', 'summer'),
  sessions: fc.array(fc.constantFrom('5', '5', '6', '7', '2', '3', '4'), { maxLength: 6 }),
  satisfied: fc.array(fc.option(fc.nat({ max: 10 }), { nil: undefined }), { maxLength: 3 }),
  isolated: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
});
type Life = ReturnType<typeof life.generate> extends { value: infer V } ? V : never;

async function live(of: Life, programmeId: string): Promise<void> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const at = `${of.month}-15T12:00:00.000Z`;
  const offer: Offer = { number: 1, programmeId, offeredAt: at, ...(of.reply ? { result: of.reply } : {}) };
  const record: ProgrammeRecord = {
    ...{ programmeId, cohortId: of.cohort, planned: 12, firstSessionAt: at, sessionMinutes: 90, welfare: [] },
    sessions: of.sessions.map((attendance, i) => ({
      ...{ number: i + 1, startsAt: at, endsAt: at, attendance: attendance as '5' },
      status: attendance === '4' ? ('cancelled' as const) : ('held' as const),
    })),
  };
  const took = of.reply === 'accepted';
  const { due: _due, waiting: _waiting, ...base } = inReview() as In<'review'>;
  const closed = {
    ...{ ...base, id, version: 0, stage: 'closed', closedAt: at, offers: [offer] },
    ending: { kind: took && !of.returned ? of.ending : 'withdrawn', decidedAt: at },
    ...(took && !of.returned ? { programme: record } : {}),
    ...(took && of.returned ? { earlierProgrammes: [record] } : {}),
  } as Referral;
  await table.referrals.create(closed);
  const taken = Math.max(of.satisfied.length, of.isolated.length);
  for (let i = 0; i < taken; i++) {
    const [satisfied, isolated] = [of.satisfied[i], of.isolated[i]];
    const sets = [
      ...(satisfied === undefined
        ? []
        : [{ instrument: 'ons4', version: '2020-05', answers: { satisfied } }]),
      ...(isolated === undefined ? [] : [{ instrument: 'ucla3', version: '2020-05', answers: { isolated } }]),
    ];
    if (sets.length === 0) continue;
    const key = `2026-09-0${i + 1}T12:00:00.000Z`;
    await addToCase(TABLE, { id, kind: 'MEASURES', key }, { key, at: key, point: 'in-between', sets });
  }
  await recordOutcomes(TABLE, closed);
}

describe('a report', () => {
  it('says what a plain reading of the table counts, whatever became of people', async () => {
    let programmes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 0, maxLength: 40 }), async (lives) => {
        programmes += 1;
        // Each time another one, of which the directory has few: whose report it is does not matter here.
        const programmeId = `made-up-${programmes}`;
        for (const each of lives) await live(each, programmeId);
        const { outcomes } = await outcomesIn(TABLE, programmeId, { from: '2026-10', to: '2026-12' });
        const expected = countOf(await items(), { programmeId, from: '2026-10', to: '2026-12' });
        expect(outcomes.length).toBe(expected.get('People | People referred to the programme | People') ?? 0);
      }),
      { numRuns: 5 },
    );
  });

  it('agrees to the letter, and tells no small number', async () => {
    for (const each of fc.sample(life, { numRuns: 150, seed: 7 })) await live(each, 'hive-music');
    const counts = countOf(await items(), { programmeId: 'hive-music', from: '2026-10', to: '2026-12' });
    const said = await file('hive-music');
    expect(disagreements(said, counts)).toEqual([]);
    // It says something.
    expect(said).toMatch(/People,People referred to the programme,People,\d\d/);
    // And a count that is wrong would be found.
    const name = 'People | People referred to the programme | People';
    expect(disagreements(said, new Map([...counts, [name, (counts.get(name) ?? 0) + 1]]))).toHaveLength(1);
    // So would numbers that are held back though nothing near them is small.
    const names = [...counts.keys()].filter((each) => !each.includes('people behind'));
    const big = new Map(names.map((each) => [each, 20]));
    const heldBack = said.replace(/^.*$/gm, (line) =>
      /^\W?table,|^About,|,Note,/.test(line) ? line : line.replace(/,[^,]*$/, ',not shown'),
    );
    expect(disagreements(heldBack, big)).toHaveLength(big.size);
  });

  it('is the same after it was written again', async () => {
    const before = await outcomesIn(TABLE, 'hive-music', { from: '2026-10', to: '2026-12' });
    for (const { sk, pk } of await items()) {
      const referral =
        sk === 'REFERRAL' && (await table.referrals.read(String(pk).slice('REFERRAL#'.length)));
      if (referral) await recordOutcomes(TABLE, referral);
    }
    expect(await outcomesIn(TABLE, 'hive-music', { from: '2026-10', to: '2026-12' })).toEqual(before);
  });

  it('is read by people as well, and says when its period is not over', async () => {
    const coordinator = await atWork('Tom', { roles: ['coordinator'], now: AFTER });
    const open = (query: Record<string, string>, programme = 'hive-music') =>
      coordinator.open(handler, { route: ROUTE, path: { programme }, now: AFTER, query });
    // The last one that is over, where none was asked for.
    const { body = '' } = await open({});
    const page = parse(body);
    expect(page.querySelector('main')?.structuredText).toContain('October to December 2026');
    expect(page.text).not.toContain('This period is not over');
    expect(parse((await open({ period: '2027-01' })).body ?? '').text).toContain('This period is not over');
    for (const period of ['2026-11', '2027-04', 'x']) expect((await open({ period })).statusCode).toBe(404);
    expect((await open({}, 'nothing')).statusCode).toBe(404);
    const all = await coordinator.open(handler, { route: '/report', path: {}, now: AFTER });
    expect(all.body).toContain('/report/hive-music');
  });

  it('holds nothing of anybody: neither in its items nor in its file', async () => {
    const kept = (await items()).filter(({ pk }) => String(pk).startsWith('REPORT#'));
    expect(kept.length).toBeGreaterThan(100);
    const text = JSON.stringify(kept) + (await file('hive-music'));
    expect(text).not.toMatch(/Róisín|O'Brien|SP-|@|[0-9a-f]{32}/);
  });
});

describe('the provider’s own report, by the link to their offers', () => {
  const PROGRAMME = 'hive-music';
  const [provider, other] = ['hive-music', 'example-gardening'].map(
    (id) => findProgramme(id)?.provider.email ?? '',
  );

  async function open(programme: string, { format, now = AFTER }: { format?: string; now?: string } = {}) {
    const id = providerIdOf(provider ?? '');
    const { token, hash } = mintToken(id);
    const sentAt = now < LATER ? AFTER : LATER;
    await changeProvider(TABLE, id, sentAt, (before) => withOffersLink(before, hash, sentAt));
    return request(handler, {
      ...{ route: 'GET /offers/{link}/report/{programme}', path: { link: token, programme }, now },
      query: { period: '2026-10', ...(format === undefined ? {} : { format }) },
    });
  }

  it('has the numbers that coordinators see, to read and as a file, and leads back to the offers', async () => {
    const csv = await open(PROGRAMME, { format: 'csv', now: LATER });
    expect([csv.statusCode, csv.body]).toEqual([200, await file(PROGRAMME, LATER)]);
    const page = await open(PROGRAMME);
    const links = parse(page.body ?? '')
      .querySelectorAll('a')
      .map((link) => link.getAttribute('href') ?? '');
    expect(links.filter((href) => href.startsWith('/report'))).toEqual([]);
    expect(
      links.filter((href) => /^\/offers\/[\w-]{54}\/report\/hive-music\?period=/.test(href)),
    ).not.toEqual([]);
    expect(links.some((href) => /^\/offers\/[\w-]{54}$/.test(href))).toBe(true);
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  it('has what changed for people only when nothing more comes in: two looks could tell of one person', async () => {
    const tables = async (now: string) => [
      ...new Set(
        ((await open(PROGRAMME, { format: 'csv', now })).body ?? '').match(
          /(?<=^"?)(ONS4|People|UCLA-3)/gm,
        ) ?? [],
      ),
    ];
    expect(await tables(LATER)).toEqual(['People', 'ONS4', 'UCLA-3']);
    expect(await tables(AFTER)).toEqual(['People']);
    const soon = parse((await open(PROGRAMME)).body ?? '').text;
    expect(soon).toContain('What changed for people is shown from 31 January 2027 on');
    const coordinator = await atWork('Tom', { roles: ['coordinator'], now: AFTER });
    const theirs = { route: ROUTE, path: { programme: PROGRAMME }, now: AFTER, query: { period: '2026-10' } };
    const page = parse((await coordinator.open(handler, theirs)).body ?? '').text;
    expect(page).toContain('ONS4');
    expect(page).toContain('Answers still come in until 30 January 2027');
  });

  it('is of their own programmes alone, for as long as the link works', async () => {
    expect(other).not.toBe(provider);
    expect((await open('example-gardening')).statusCode).toBe(404);
    expect((await open('none')).statusCode).toBe(404);
    expect((await open(PROGRAMME, { now: '2027-02-20T09:00:00.000Z' })).statusCode).toBe(410);
  });
});
