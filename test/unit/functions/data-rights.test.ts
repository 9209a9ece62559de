/** Copying, holding and erasing what is kept of a person: by a coordinator's page, by an operator and by the sweep. */
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { addYears } from 'date-fns';
import { parse } from 'node-html-parser';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as auditHandler } from '../../../functions/audit/handler.ts';
import { handler as pages } from '../../../functions/data-rights/handler.ts';
import type { RightsAnswer } from '../../../functions/personal-data/handler.ts';
import { handler as personalData } from '../../../functions/personal-data/handler.ts';
import { handler as sweep } from '../../../functions/reminder-sweep/handler.ts';
import { addressIdOf, changeAddress } from '../../../functions/shared/addresses.ts';
import { addToCase } from '../../../functions/shared/case-file.ts';
import { changeCohort, cohortItemId, ensureCohort } from '../../../functions/shared/cohorts.ts';
import { episodesIn, recordEpisode } from '../../../functions/shared/episodes.ts';
import { keepNote, mintNoteKey } from '../../../functions/shared/notes.ts';
import { outcomesIn, recordOutcomes } from '../../../functions/shared/outcomes.ts';
import { personKeysOf } from '../../../functions/shared/person-index.ts';
import { changePlaces, readPlaces } from '../../../functions/shared/places.ts';
import { documents } from '../../../functions/shared/table.ts';
import { close } from '../../../workflows/closing.ts';
import { recordGroupRegister } from '../../../workflows/cohort.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { leave } from '../../../workflows/leaving.ts';
import type { In, Referral } from '../../../workflows/referral.ts';
import { keptUntil } from '../../../workflows/retention.ts';
import { after as later } from '../../../workflows/time.ts';
import { accepted, FIRST_SESSION, inReview, NOW, stored } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { startLambdas } from './lambdas.ts';
import { TABLE, type TestTable } from './table.ts';

/** Stands in everything that is of the person. */
const WORD = 'Quetzalcoatl';
const EMAIL = 'quetzalcoatl@people.example';
const COHORT = 'spring';
const PROGRAMME = 'hive-music';

let table: TestTable;
let lambdas: Awaited<ReturnType<typeof startLambdas>>;
beforeAll(async () => {
  table = await startEnvironment();
  lambdas = await startLambdas({ 'personal-data': personalData });
});
afterEach(() => {
  vi.restoreAllMocks();
  lambdas.events.length = 0;
  table.clear();
});
afterAll(async () => {
  lambdas.stop();
  await table.stop();
});

let number = 0;

/** Somebody in a group, with everything beside their referral; closed unless it says otherwise. */
async function person({
  closed = true,
  team = 'all',
  same,
}: {
  closed?: boolean;
  team?: string;
  same?: Referral;
} = {}) {
  number += 1;
  const id = number.toString(16).padStart(10, '0').padEnd(32, 'a');
  const base = accepted();
  if (base.stage !== 'programme') throw new Error('no programme');
  const { nhsNumber: _none, ...known } = base.person;
  const details = same?.person ?? { ...known, familyName: `${WORD}${number}`, email: EMAIL };
  const referral = {
    ...base,
    ...{ id, reference: referenceOf(id), team, version: 0, outbox: [] },
    person: details,
    personKeys: await personKeysOf(details),
    request: { ...base.request, needs: `${WORD} is lonely` },
    programme: { ...base.programme, programmeId: PROGRAMME, cohortId: COHORT },
    offers: base.offers.map((offer) => ({ ...offer, programmeId: PROGRAMME, cohortId: COHORT })),
  } as In<'programme'>;
  const ended = closed ? stored(close(stored(leave(referral, 'person', NOW)), NOW)) : referral;
  await table.referrals.create({ ...ended, version: 0 });
  const by = { id: 'amina', name: 'Amina Rahman' };
  await keepNote(TABLE, id, mintNoteKey(NOW), { at: NOW, by, text: `A note about ${WORD}` });
  await addToCase(
    TABLE,
    { id, kind: 'FEEDBACK', key: 'one' },
    { key: 'one', at: NOW, about: 'waiting', text: WORD },
  );
  await addToCase(TABLE, { id, kind: 'PLAN', key: '0001' }, { at: NOW, by, about: WORD });
  await table.referrals.audit(id, {
    at: NOW,
    requestId: 'one',
    page: 'overview',
    link: 'review-1',
    by: 'amina',
    name: 'Amina Rahman',
    reason: `${WORD} called`,
  });
  return ended;
}

/** Everything in the table, as text. */
async function everything(): Promise<string> {
  const { Items = [] } = await documents().send(new ScanCommand({ TableName: TABLE }));
  return JSON.stringify(Items);
}

async function itemsOf({ id }: Referral): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await documents().send(new ScanCommand({ TableName: TABLE }));
  return Items.filter(({ pk }) => pk === `REFERRAL#${id}`);
}

const tom = (teams = ['all']) => atWork('Tom', { roles: ['coordinator'], teams });
const path = '/referrals/{reference}/data';
const at = ({ reference }: Referral, more = '') => ({ route: `${path}${more}`, path: { reference } });

async function command(act: string, { reference }: Referral, more: object = {}, now = NOW) {
  const call = personalData as unknown as (payload: unknown, context: object) => Promise<RightsAnswer>;
  return call({ act, reference, now, requestId: `r-${act}-${Date.parse(now)}`, ...more }, {});
}

async function runSweep(now: string): Promise<void> {
  await (sweep as unknown as (payload: unknown, context: object) => Promise<unknown>)({ now }, {});
}

/** What figures over time are made of, but for how often it was written. */
async function episodes() {
  const read = await episodesIn(TABLE, ['2026-11'], ['all', 'camden']);
  return read.episodes.map(({ version: _version, ...rest }) => JSON.stringify(rest)).sort();
}

describe('erasing', () => {
  it('takes away everything about the person, and leaves the numbers, the group and an audit without names', async () => {
    const referral = await person();
    const { id } = referral;
    const cohort = cohortItemId(PROGRAMME, COHORT);
    const plan = { programmeId: PROGRAMME, cohortId: COHORT, firstAt: FIRST_SESSION, count: 12, minutes: 90 };
    await ensureCohort(TABLE, plan, undefined, NOW);
    const entries = { [id]: { attendance: '5' }, ['f'.repeat(32)]: { attendance: '3' } } as const;
    await changeCohort(TABLE, cohort, NOW, (group) =>
      recordGroupRegister(group, 1, { held: true, entries }, FIRST_SESSION),
    );
    await changePlaces(TABLE, PROGRAMME, NOW, (places) => ({
      ...places,
      places: [{ referralId: id, offer: 1, cohortId: COHORT, state: 'taken', since: NOW }],
    }));
    await changeAddress(TABLE, addressIdOf(EMAIL), NOW, (address) => ({
      ...address,
      dead: { why: 'bounced', at: NOW },
    }));
    await recordOutcomes(TABLE, { ...referral, version: 7 });
    const months = { from: '2026-01', to: '2099-12' };
    const written = await outcomesIn(TABLE, PROGRAMME, months);
    expect(written.outcomes.map(({ version }) => version)).toContain(7);
    // How often the referral was written is forgotten with whose it was.
    const before = { ...written, outcomes: written.outcomes.map((each) => ({ ...each, version: 0 })) };
    await recordEpisode(TABLE, referral);
    const counted = await episodes();
    expect(counted).not.toEqual([]);

    const boss = await tom();
    const sent = await boss.send(pages, {
      ...at(referral, '/erase'),
      fields: { confirm: referral.reference.toLowerCase() },
    });
    expect(sent).toMatchObject({
      statusCode: 303,
      headers: { location: `/referrals/${referral.reference}/data` },
    });
    const left = await everything();
    for (const trace of [WORD, WORD.toLowerCase(), `ADDRESS#${addressIdOf(EMAIL)}`, 'Amina Rahman'])
      expect(left).not.toContain(trace);
    // The execution, once more in case somebody was writing, and the places.
    expect(lambdas.events.map(({ payload }) => payload)).toEqual(
      expect.arrayContaining([expect.objectContaining({ stop: referral.execution.name })]),
    );
    expect(await outcomesIn(TABLE, PROGRAMME, months)).toEqual(before);
    expect((await readPlaces(TABLE, PROGRAMME, NOW)).places).toEqual([]);
    const kept = (await itemsOf(referral)).map(({ sk: _sk, pk: _pk, ...rest }) => rest);
    expect(kept).toContainEqual({
      at: NOW,
      requestId: 'one',
      page: 'overview',
      link: 'review-1',
      by: 'amina',
    });
    expect(kept).toContainEqual(expect.objectContaining({ kind: 'erased', by: 'tom' }));
    expect(kept.every((entry) => 'requestId' in entry)).toBe(true);

    // Once everything was gone through again, nothing says what is left, and the id leads to the audit alone.
    await runSweep(later(NOW, { minutes: 20 }));
    expect(lambdas.events.map(({ payload }) => payload)).toContainEqual(
      expect.objectContaining({ act: 'continue', reference: referral.reference }),
    );
    await lambdas.settle();
    expect(await everything()).not.toContain(addressIdOf(EMAIL));
    const items = JSON.parse(await everything()) as Record<string, unknown>[];
    const naming = items.filter((item) => JSON.stringify(item).includes(id)).map(({ pk }) => pk);
    expect(new Set(naming)).toEqual(new Set([`REFERRAL#${id}`, `ERASURE#${referral.reference}`]));
    const tombstone = items.find(({ pk }) => pk === `ERASURE#${referral.reference}`);
    expect(tombstone).toEqual({
      ...{ pk: `ERASURE#${referral.reference}`, sk: 'ERASURE', version: 3, team: 'all', why: 'asked' },
      ...{ reference: referral.reference, referralId: id, at: NOW },
      updatedAt: later(NOW, { minutes: 20 }),
      doneAt: later(NOW, { minutes: 20 }),
    });
    expect(await outcomesIn(TABLE, PROGRAMME, months)).toEqual(before);
    expect(await episodes()).toEqual(counted);
  });

  it('shows afterwards that it was erased, to the coordinators of its team, and the audit to auditors', async () => {
    const referral = await person();
    await command('erase', referral);
    const boss = await tom();
    const page = parse((await boss.open(pages, at(referral))).body ?? '').textContent;
    expect(page).toContain('This referral was erased');
    const other = await (await tom(['camden'])).open(pages, at(referral));
    expect(other.statusCode).toBe(404);
    const alex = await atWork('Alex', { roles: ['auditor'], teams: [] });
    const audited = await alex.open(auditHandler, {
      route: '/audit',
      path: {},
      query: { reference: referral.reference },
    });
    const said = parse(audited.body ?? '').textContent;
    expect(said).toContain('Everything about the person was erased');
    expect(said).toContain('Nothing: erased everything about the person');
    expect(said).not.toContain(WORD);
    // An operator gets the same, and nothing is there any more to be put right.
    const file = await command('audit', referral, {}, later(NOW, { hours: 1 }));
    expect(file).toMatchObject({ state: 'audited', csv: expect.stringContaining(',erased,') });
    expect(JSON.stringify(file)).not.toContain(WORD);
    expect(await command('correct', referral, { fields: { phone: '' } })).toEqual({
      state: 'erased',
      at: NOW,
    });
  });

  it('is done once, however often it is asked for', async () => {
    const referral = await person();
    const first = await command('erase', referral);
    expect(first).toEqual({ state: 'erased', at: NOW });
    expect(await command('erase', referral, {}, later(NOW, { hours: 1 }))).toEqual(first);
    const boss = await tom();
    const again = await boss.send(pages, {
      ...at(referral, '/erase'),
      fields: { confirm: referral.reference },
    });
    expect(parse(again.body ?? '').textContent).toContain('This referral was erased');
  });

  it('again, where a backup brought it back, takes away all of it again and counts nothing twice', async () => {
    const referral = await person();
    const kept = await itemsOf(referral);
    await recordOutcomes(TABLE, referral);
    const months = { from: '2026-01', to: '2099-12' };
    const numbers = (await outcomesIn(TABLE, PROGRAMME, months)).outcomes.length;
    await recordEpisode(TABLE, referral);
    const counted = await episodes();
    await command('erase', referral);
    await runSweep(later(NOW, { minutes: 20 }));
    await lambdas.settle();
    expect(await everything()).not.toContain(`${WORD}${number}`);

    for (const Item of kept) await documents().send(new PutCommand({ TableName: TABLE, Item }));
    await recordOutcomes(TABLE, referral);
    await recordEpisode(TABLE, referral);
    const then = later(NOW, { days: 3 });
    expect(await command('erase', referral, {}, then)).toEqual({ state: 'erased', at: then });
    await runSweep(later(then, { minutes: 20 }));
    await lambdas.settle();
    expect((await itemsOf(referral)).every(({ sk }) => String(sk).startsWith('AUDIT#'))).toBe(true);
    expect(JSON.stringify(await itemsOf(referral))).not.toContain(WORD);
    expect((await outcomesIn(TABLE, PROGRAMME, months)).outcomes).toHaveLength(numbers);
    expect(await episodes()).toEqual(counted);
  });

  it('by two at once is one', async () => {
    const referral = await person();
    const both = await Promise.all([command('erase', referral), command('erase', referral)]);
    expect(both.map(({ state }) => state)).toEqual(['erased', 'erased']);
    expect(await itemsOf(referral)).toHaveLength(2);
  });

  it('of somebody who is being looked after is refused: says why, changes nothing, and is in the audit', async () => {
    const referral = await person({ closed: false });
    const boss = await tom();
    const page = await boss.open(pages, at(referral, '/erase'));
    expect(parse(page.body ?? '').querySelector('button[value=erase]')).toBeNull();
    const sent = await boss.send(pages, {
      ...at(referral, '/erase'),
      fields: { confirm: referral.reference },
    });
    expect(sent.statusCode).toBe(409);
    expect(parse(sent.body ?? '').textContent).toContain('This referral is open, so it cannot be erased yet');
    expect(await table.referrals.read(referral.id)).toMatchObject({ version: 0 });
    expect(await itemsOf(referral)).toContainEqual(
      expect.objectContaining({ kind: 'erasure-refused', reason: 'open', by: 'tom' }),
    );
    expect(await everything()).not.toContain(`ERASURE#${referral.reference}`);
  });

  it('asks for the reference of what is meant', async () => {
    const referral = await person();
    const boss = await tom();
    for (const confirm of ['', 'SP-0000-0000']) {
      const sent = await boss.send(pages, { ...at(referral, '/erase'), fields: { confirm } });
      expect(sent.statusCode).toBe(422);
    }
    expect(await table.referrals.read(referral.id)).toBeDefined();
    expect(lambdas.events).toEqual([]);
  });

  it('that broke off is gone on with, from wherever it was', async () => {
    const send = documents().send.bind(documents());
    // However many writes were done before it broke off.
    for (let writes = 0, broke = true; broke; writes++) {
      const referral = await person();
      let done = 0;
      broke = false;
      vi.spyOn(documents(), 'send').mockImplementation((async (sending: Parameters<typeof send>[0]) => {
        const name = sending.constructor.name;
        if (/^(Put|Delete)Command$/.test(name) && done++ === writes) {
          broke = true;
          throw new Error('broken off');
        }
        return send(sending);
      }) as never);
      await command('erase', referral).catch(() => undefined);
      vi.restoreAllMocks();
      // Where it had not begun, whoever asked asks again; where it had, the sweep goes on with it.
      const begun = (await everything()).includes(`ERASURE#${referral.reference}`);
      if (!begun) await command('erase', referral);
      await runSweep(later(NOW, { minutes: 6 }));
      await lambdas.settle();
      await runSweep(later(NOW, { minutes: 30 }));
      await lambdas.settle();
      const left = await everything();
      expect(left, `after ${writes} writes`).not.toContain(`${WORD}${number}`);
      expect((await itemsOf(referral)).every(({ sk }) => String(sk).startsWith('AUDIT#'))).toBe(true);
      const all = JSON.parse(left) as Record<string, unknown>[];
      expect(all.find(({ pk }) => pk === `ERASURE#${referral.reference}`)).not.toHaveProperty('left');
    }
  }, 60_000);
});

describe('a legal hold', () => {
  it('is placed with a reason, keeps everything, and is released by hand', async () => {
    const referral = await person();
    const boss = await tom();
    expect(
      (await boss.send(pages, { ...at(referral), fields: { action: 'hold', reason: ' ' } })).statusCode,
    ).toBe(422);
    const placed = await boss.send(pages, {
      ...at(referral),
      fields: { action: 'hold', reason: 'Complaint 12' },
    });
    expect(placed).toMatchObject({
      statusCode: 303,
      headers: { location: expect.stringContaining('done=held') },
    });
    expect((await table.referrals.read(referral.id))?.legalHold).toEqual({
      ...{ since: NOW, reason: 'Complaint 12' },
      by: { id: 'tom', name: 'Tom' },
    });
    const erased = await boss.send(pages, {
      ...at(referral, '/erase'),
      fields: { confirm: referral.reference },
    });
    expect(erased.statusCode).toBe(409);
    expect(parse(erased.body ?? '').textContent).toContain('A legal hold is in force');
    const other = await (await atWork('Jo', { roles: ['coordinator'] })).send(pages, {
      ...at(referral),
      fields: { action: 'hold', reason: 'Complaint 13' },
    });
    expect(other.statusCode).toBe(409);
    expect((await boss.send(pages, { ...at(referral), fields: { action: 'release' } })).statusCode).toBe(422);
    const released = await boss.send(pages, { ...at(referral), fields: { action: 'release', sure: 'yes' } });
    expect(released).toMatchObject({ headers: { location: expect.stringContaining('done=released') } });
    const kinds = (await itemsOf(referral)).map(({ kind }) => kind).filter(Boolean);
    expect(kinds.sort()).toEqual(['erasure-refused', 'hold-placed', 'hold-released']);
    expect(await itemsOf(referral)).toContainEqual(
      expect.objectContaining({ kind: 'hold-placed', reason: 'Complaint 12' }),
    );
    // The same again is in the audit once.
    await boss.send(pages, { ...at(referral), fields: { action: 'release', sure: 'yes' } });
    expect((await itemsOf(referral)).filter(({ kind }) => kind === 'hold-released')).toHaveLength(1);
  });

  it('that comes between asking and erasing keeps the referral', async () => {
    const referral = await person();
    const send = documents().send.bind(documents());
    let held = false;
    vi.spyOn(documents(), 'send').mockImplementation((async (sending: Parameters<typeof send>[0]) => {
      const name = sending.constructor.name;
      if (name === 'DeleteCommand' && !held) {
        held = true;
        await command('hold', referral, { reason: 'A court' });
      }
      return send(sending);
    }) as never);
    expect(await command('erase', referral)).toEqual({ state: 'refused', why: 'legal-hold' });
    expect(await table.referrals.read(referral.id)).toMatchObject({ legalHold: { reason: 'A court' } });
    expect(await everything()).not.toContain(`ERASURE#${referral.reference}`);
  });
});

describe('a copy', () => {
  it('has everything of all referrals of the person, and nothing that opens anything', async () => {
    const referral = await person();
    const open = await person({ closed: false, same: referral });
    const elsewhere = await person({ team: 'camden', same: referral });
    await person();
    const boss = await tom();
    const { headers, body = '' } = await boss.send(pages, {
      ...at(referral, '/copy'),
      fields: { format: 'json' },
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename="data-${referral.reference}-2026-11-23.json"`,
      'cache-control': 'no-store',
    });
    const copy = JSON.parse(body);
    expect(copy.referrals.map(({ reference }: Referral) => reference)).toEqual([
      referral.reference,
      open.reference,
    ]);
    expect(copy.elsewhere).toEqual([elsewhere.reference]);
    const [first] = copy.referrals;
    expect(first).toMatchObject({
      person: referral.person,
      request: referral.request,
      notes: [{ text: `A note about ${WORD}` }],
      feedback: [{ text: WORD }],
      planVersions: [{ about: WORD }],
      letters: [{ to: 'person' }, { to: 'referrer' }, { to: 'gp' }],
      keptUntil: keptUntil(referral),
    });
    expect(first.whoLooked).toContainEqual(
      expect.objectContaining({ who: 'Amina Rahman', lookedAt: 'overview' }),
    );
    for (const key of ['links', 'outbox', 'execution', 'personKeys', 'waiting'])
      expect(first).not.toHaveProperty(key);
    for (const { hash } of Object.values(referral.links).flatMap(({ hashes }) => hashes))
      expect(body).not.toContain(hash);
    for (const each of [referral, open]) {
      expect(await itemsOf(each)).toContainEqual(expect.objectContaining({ page: 'export', by: 'tom' }));
    }
    expect((await itemsOf(elsewhere)).filter(({ page }) => page === 'export')).toEqual([]);
  });

  it('can be read as a page', async () => {
    const referral = await person();
    const { body = '' } = await (await tom()).send(pages, {
      ...at(referral, '/copy'),
      fields: { format: 'page' },
    });
    const text = parse(body).textContent;
    for (const words of [
      `A note about ${WORD}`,
      `${WORD} is lonely`,
      EMAIL,
      'Who looked',
      'Plan versions',
      'Family name',
      'GP practice code',
    ]) {
      expect(text).toContain(words);
    }
    expect(body).not.toMatch(/undefined|\[object/);
  });
});

describe('what has been kept long enough', () => {
  it('is erased by the sweep after a warning, and not before', async () => {
    const referral = await person();
    const until = keptUntil(referral) as string;
    // Their letters, and what else was to be sent, went out long ago.
    await table.referrals.change(referral.id, NOW, (now) => ({ ...now, outbox: [] }));
    await runSweep(later(until, { days: -30 }));
    expect(await table.referrals.read(referral.id)).toMatchObject({
      outbox: [{ message: 'erasure-warning', to: 'coordinator' }],
    });
    await table.referrals.change(referral.id, NOW, (now) => ({ ...now, outbox: [] }));
    lambdas.events.length = 0;
    await runSweep(later(until, { days: -1 }));
    expect(lambdas.events.filter(({ payload }) => payload.referralId === referral.id)).toEqual([]);
    await runSweep(until);
    await lambdas.settle();
    expect(await table.referrals.read(referral.id)).toBeUndefined();
    expect(await itemsOf(referral)).toContainEqual(
      expect.objectContaining({ kind: 'erased', by: 'retention' }),
    );
    expect((await everything()).includes(`${WORD}${number}`)).toBe(false);
  });

  it('is looked at again once a longer period that was set since is over, and not before', async () => {
    const referral = await person();
    const until = keptUntil(referral) as string;
    await table.referrals.change(referral.id, NOW, (now) => ({ ...now, outbox: [] }));
    vi.stubEnv('REMINDERS', JSON.stringify({ retention: { programmeMonths: 120 } }));
    await runSweep(until);
    vi.stubEnv('REMINDERS', '{}');
    const item = (await itemsOf(referral)).find(({ sk }) => sk === 'REFERRAL');
    expect(item).toMatchObject({ dueAt: later(addYears(until, 2).toISOString(), { days: -30 }), outbox: [] });
    expect(item).not.toHaveProperty('erasureWarnedAt');
  });

  it('is not erased where somebody only says so', async () => {
    const referral = await person();
    const call = personalData as unknown as (payload: unknown, context: object) => Promise<RightsAnswer>;
    expect(await call({ act: 'retention', referralId: referral.id, now: NOW }, {})).toEqual({
      ...{ state: 'refused', why: 'not-due' },
    });
    const open = await person({ closed: false });
    const far = '2099-01-01T00:00:00.000Z';
    expect(await call({ act: 'retention', referralId: open.id, now: far }, {})).toEqual({
      ...{ state: 'refused', why: 'open' },
    });
    expect(await table.referrals.read(open.id)).toBeDefined();
  });
});

it('there is nothing to do for a reference that never was', async () => {
  const never = { ...inReview(), reference: 'SP-ZZZZ-ZZZ9' };
  for (const act of ['copy', 'audit', 'erase', 'release'] as const)
    expect(await command(act, never)).toEqual({ state: 'missing' });
  expect((await (await tom()).open(pages, at(never))).statusCode).toBe(404);
});
