/** The directory over HTTP: edited by two at once, brought in and taken out, confirmed by providers, and read warm by everybody. */
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { parse } from 'node-html-parser';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as directory } from '../../../functions/directory/handler.ts';
import { handler as sweep } from '../../../functions/directory-sweep/handler.ts';
import { sendAssurance } from '../../../functions/outbox/assurance.ts';
import {
  allProgrammes,
  deployedProgramme,
  findProgramme,
} from '../../../functions/shared/directory/directory.ts';
import { storeSummary } from '../../../functions/shared/directory/places.ts';
import {
  earlierVersions,
  storeAssurance,
  storedAssurance,
  storedEntry,
  storeEntry,
} from '../../../functions/shared/directory/store.ts';
import { freshen } from '../../../functions/shared/fresh.ts';
import { log } from '../../../functions/shared/log.ts';
import { changePlaces, readPlaces } from '../../../functions/shared/places.ts';
import { beginSession, type Role } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import type { Assurance } from '../../../workflows/assurance.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { entryOf } from '../../../workflows/directory-entry.ts';
import { type Places, placeOf, settle } from '../../../workflows/places.ts';
import { after as later } from '../../../workflows/time.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

const NOW = '2026-11-24T10:00:00.000Z';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
  vi.stubEnv('CONFIRM_AFTER_DAYS', '365');
});
afterAll(() => table.stop());

let tests = 0;
afterEach(async () => {
  vi.restoreAllMocks();
  table.clear();
  // What is warm is forgotten too.
  tests += 1;
  await freshen(later(NOW, { days: 1000 + tests }));
});

async function signedIn(role: Role, name = 'Tom Ellis'): Promise<string> {
  const visit = { now: NOW, cookies: [] as string[], secure: false } as unknown as Visit;
  const cookie = await beginSession(visit, { sub: name, name, email: '', roles: [role], teams: ['all'] });
  return cookie.split(';')[0] ?? '';
}

type Fields = Record<string, string>;
const get = (cookie: string, route: string, path: Fields = {}) =>
  request(directory, { route: `GET ${route}`, path, cookies: [cookie], now: NOW });
const post = (cookie: string, route: string, fields: Fields, path: Fields = {}) =>
  request(directory, { route: `POST ${route}`, path, cookies: [cookie], fields, now: NOW });

/** What the form of a page would send if nothing were touched. */
function formIn(body = ''): Fields {
  const form = parse(body)
    .querySelectorAll('main form')
    .find((each) => each.querySelector('[name=name], [name=file], [name=shown]'));
  const fields: Fields = {};
  for (const box of form?.querySelectorAll('input, textarea') ?? []) {
    const name = box.getAttribute('name');
    const choice = ['radio', 'checkbox'].includes(box.getAttribute('type') ?? '');
    if (!name || (choice && !box.hasAttribute('checked'))) continue;
    fields[name] = box.tagName === 'TEXTAREA' ? box.text : (box.getAttribute('value') ?? '');
  }
  return fields;
}
const errorsIn = (body = '') =>
  parse(body)
    .querySelectorAll('.nhsuk-error-summary__list a')
    .map((link) => `${link.getAttribute('href')} ${link.text.trim()}`);

const hive = { programme: 'hive-music' };
const entry = '/directory/{programme}';

describe('an entry', () => {
  it('of a group programme without a group says so, to whoever reads the entry and in the list', async () => {
    const tom = await signedIn('coordinator');
    const [choir, advice] = ['example-dementia-choir', 'example-advice'];
    const read = async (programme: string) => (await get(tom, entry, { programme })).body;
    expect(await read(choir)).toContain('has no cohort: each person who is accepted has dates');
    expect(await read(advice)).not.toContain('has no cohort');
    const { body = '' } = await get(tom, '/directory');
    const inList = (id: string) =>
      parse(body)
        .querySelectorAll('.osp-worklist__item')
        .find((each) => each.querySelector(`a[href="/directory/${id}"]`))?.text;
    expect([inList(choir), inList(advice)]).toEqual([
      expect.stringContaining('No cohort'),
      expect.not.stringContaining('No cohort'),
    ]);
  });

  it('is saved as it was typed, with who and what, and once however often it is sent', async () => {
    const tom = await signedIn('coordinator');
    const fields = formIn((await get(tom, entry, hive)).body);
    const changed = {
      ...fields,
      time: '17:00',
      'needs-addiction': 'yes',
      'cohort-1-startsOn-day': '12',
      'cohort-1-startsOn-month': '1',
      'cohort-1-startsOn-year': '2027',
      'cohort-1-capacity': '10',
      'cohort-1-breaks': '16/2/2027 to 20/2/2027',
    };
    for (const _ of ['first', 'again']) {
      const { statusCode, headers } = await post(tom, entry, changed, hive);
      expect(statusCode).toBe(303);
      expect(headers?.location).toMatch(/^\/directory\/hive-music\?saved=yes/);
    }
    const stored = await storedEntry(TABLE, 'hive-music');
    expect(stored).toMatchObject({ version: 1, name: 'Tom Ellis', how: 'edited' });
    expect(stored?.changes.map(({ field }) => field)).toEqual(['needs', 'time', 'cohorts']);
    expect(stored?.programme.cohorts).toEqual([
      {
        ...{ id: '2027-01-12', startsOn: '2027-01-12', capacity: 10 },
        breaks: [{ from: '2027-02-16', to: '2027-02-20' }],
      },
    ]);
    const { body } = await get(tom, entry, hive);
    expect(formIn(body)).toMatchObject({ time: '17:00', 'cohort-1-capacity': '10', version: '1' });
    expect(formIn(body)['cohort-1-breaks']).toBe('16/2/2027 to 20/2/2027');
    expect(parse(body ?? '').querySelector('.osp-timeline')?.text).toContain('Tom Ellis changed it');
  });

  it('saved untouched is not changed, and has no new version', async () => {
    const tom = await signedIn('coordinator');
    for (const { id } of allProgrammes()) {
      const path = { programme: id };
      const fields = formIn((await get(tom, entry, path)).body);
      expect((await post(tom, entry, fields, path)).statusCode).toBe(303);
      expect(await storedEntry(TABLE, id)).toBeUndefined();
    }
  });

  it('says that nobody learns from it how to get there, until it does', async () => {
    const tom = await signedIn('coordinator');
    const { body } = await get(tom, entry, hive);
    expect(parse(body ?? '').structuredText).toContain(
      'does not say how to get there, nor its postcode. People with a place are told to ask The Hive with Nordoff and Robbins',
    );
    const fields = { ...formIn(body), directions: 'The blue door', postcode: 'NW5 1AB' };
    expect((await post(tom, entry, fields, hive)).statusCode).toBe(303);
    const after = await get(tom, entry, hive);
    expect(after.body).not.toContain('does not say how to get there');
  });

  it('says, where the place is another now, that whoever has sessions of their own keeps theirs', async () => {
    const tom = await signedIn('coordinator');
    const fields = formIn((await get(tom, entry, hive)).body);
    const { headers } = await post(tom, entry, { ...fields, place: 'Another hall' }, hive);
    expect(headers?.location).toBe('/directory/hive-music?saved=yes&kept=yes');
    const query = { saved: 'yes', kept: 'yes' };
    const asked = { route: `GET ${entry}`, path: hive, query, cookies: [tom], now: NOW };
    const { body } = await request(directory, asked);
    expect(parse(body ?? '').structuredText).toContain('keeps their times and their place');
  });

  it('says beside each box what is wrong, and keeps what was typed', async () => {
    const tom = await signedIn('coordinator');
    const fields = formIn((await get(tom, entry, hive)).body);
    const wrong = {
      ...fields,
      time: 'four',
      'startsOn-day': '31',
      'startsOn-month': '2',
      'startsOn-year': '2027',
      'cohort-1-capacity': '101',
      'cohort-1-breaks': 'half term',
    };
    const { statusCode, body } = await post(tom, entry, wrong, hive);
    expect(statusCode).toBe(422);
    expect(errorsIn(body)).toEqual([
      '#time Enter a time like 16:00',
      '#startsOn-day Enter a real date',
      '#cohort-1-startsOn-day Enter the day when it starts, or empty the other boxes',
      '#cohort-1-capacity Enter a whole number from 1 to 100',
      '#cohort-1-breaks Write each break on a line of its own, like 16/2/2027 to 20/2/2027',
    ]);
    expect(formIn(body)).toMatchObject({ time: 'four', 'cohort-1-breaks': 'half term' });
    expect(await storedEntry(TABLE, 'hive-music')).toBeUndefined();
  });

  it('edited by two at once has the changes of both, after the slower one was told', async () => {
    const [tom, una] = [await signedIn('coordinator'), await signedIn('coordinator', 'Una')];
    const first = formIn((await get(tom, entry, hive)).body);
    const second = formIn((await get(una, entry, hive)).body);
    await post(tom, entry, { ...first, time: '17:00', place: 'The hall' }, hive);
    const { statusCode, body } = await post(
      una,
      entry,
      { ...second, place: 'The barn', sessionCount: '10' },
      hive,
    );
    expect(statusCode).toBe(409);
    const told = parse(body ?? '')
      .querySelector('[role=alert]')
      ?.text.replace(/\s+/g, ' ');
    expect(told).toContain('Tom Ellis changed it');
    expect(told).toContain('You both changed: Place.');
    const merged = formIn(body);
    expect(merged).toMatchObject({ time: '17:00', place: 'The barn', sessionCount: '10', version: '1' });
    expect((await post(una, entry, merged, hive)).statusCode).toBe(303);
    expect((await storedEntry(TABLE, 'hive-music'))?.programme.sessions).toMatchObject({
      time: '17:00',
      place: 'The barn',
      count: 10,
    });
    expect((await earlierVersions(TABLE, 'hive-music', 9)).map(({ name }) => name)).toEqual(['Tom Ellis']);
  });

  it('edited by five at once ends with all that they changed, each change in the history once', async () => {
    const changes = {
      time: '17:00',
      place: 'The hall',
      sessionCount: '10',
      areaName: 'North London',
      languages: 'Bengali',
    };
    const first = formIn((await get(await signedIn('coordinator'), entry, hive)).body);
    await Promise.all(
      Object.entries(changes).map(async ([field, value]) => {
        const who = await signedIn('coordinator', field);
        const { csrf = '' } = formIn((await get(who, '/directory/import')).body);
        let fields: Fields = { ...first, csrf, [field]: value };
        for (let i = 0; i < 20; i++) {
          const { statusCode, body } = await post(who, entry, fields, hive);
          if (statusCode === 303) return;
          expect(statusCode).toBe(409);
          fields = formIn(body);
        }
        throw new Error('never saved');
      }),
    );
    const stored = await storedEntry(TABLE, 'hive-music');
    expect(stored && entryOf(stored.programme)).toMatchObject(changes);
    const versions = [stored, ...(await earlierVersions(TABLE, 'hive-music', 50))];
    expect(versions.map((each) => each?.changes.map(({ field }) => field).join()).sort()).toEqual(
      Object.keys(changes).sort(),
    );
    expect(versions.every((each) => each?.name === each?.changes[0]?.field)).toBe(true);
  });

  it('loses no version when a write stops in between', async () => {
    const tom = await signedIn('coordinator');
    const save = async (time: string) =>
      post(tom, entry, { ...formIn((await get(tom, entry, hive)).body), time }, hive);
    await save('17:00');
    vi.spyOn(log, 'error').mockImplementation(() => {});
    const page = formIn((await get(tom, entry, hive)).body);
    const send = DynamoDBDocumentClient.prototype.send;
    let puts = 0;
    vi.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(function (
      this: DynamoDBDocumentClient,
      ...args: Parameters<typeof send>
    ) {
      if (args[0] instanceof PutCommand && ++puts === 2) throw new Error('crash');
      return send.apply(this, args);
    } as never);
    expect((await post(tom, entry, { ...page, time: '18:00' }, hive)).statusCode).toBe(500);
    vi.restoreAllMocks();
    expect((await storedEntry(TABLE, 'hive-music'))?.version).toBe(1);
    await save('18:00');
    await save('19:00');
    const { body } = await get(tom, entry, hive);
    const history = parse(body ?? '').querySelectorAll('.osp-timeline ins');
    expect(history.map(({ text }) => text)).toEqual(['19:00', '18:00', '17:00']);
  });

  it('stored by many at the same moment is stored by one of them', async () => {
    const programme = deployedProgramme('hive-music') as Programme;
    const each = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        storeEntry(TABLE, undefined, { programme, at: NOW, how: 'edited', name: `n${i}`, changes: [] }),
      ),
    );
    expect(each.filter(Boolean)).toHaveLength(1);
  });

  it('is added once under an id of its own, and not over another of the same name', async () => {
    const tom = await signedIn('coordinator');
    const fields = {
      ...formIn((await get(tom, entry, hive)).body),
      name: 'Walking football',
    };
    for (const _ of ['first', 'again']) {
      const { headers } = await post(tom, '/directory/new', fields);
      expect(headers?.location).toBe('/directory/walking-football?saved=yes');
    }
    expect((await storedEntry(TABLE, 'walking-football'))?.version).toBe(1);
    const other = await post(tom, '/directory/new', { ...fields, place: 'Elsewhere' });
    expect([other.statusCode, errorsIn(other.body)[0]]).toEqual([422, expect.stringContaining('#name')]);
  });

  it('is read by link workers and auditors, without a form', async () => {
    for (const role of ['link-worker', 'auditor'] as const) {
      const { statusCode, body } = await get(await signedIn(role), entry, hive);
      expect([statusCode, parse(body ?? '').querySelector('main form')]).toEqual([200, null]);
      expect(body).toContain('hive-music@provider.example');
    }
    expect((await get(await signedIn('auditor'), entry, { programme: 'none' })).statusCode).toBe(404);
  });
});

describe('the places of groups', () => {
  const GROUP = '2027-01-12';
  const boxes = (capacity: string, breaks = '') => ({
    'cohort-1-startsOn-day': '12',
    'cohort-1-startsOn-month': '1',
    'cohort-1-startsOn-year': '2027',
    ...{ 'cohort-1-capacity': capacity, 'cohort-1-breaks': breaks },
  });
  const save = async (capacity: string, more: Fields = {}) => {
    const tom = await signedIn('coordinator');
    const fields = formIn((await get(tom, entry, hive)).body);
    return post(tom, entry, { ...fields, ...boxes(capacity), ...more }, hive);
  };
  const ledger = () => readPlaces(TABLE, 'hive-music', NOW);
  /** Two hold places, and one waits. */
  async function used(): Promise<string[]> {
    const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(32)) as [
      string,
      string,
      string,
    ];
    await changePlaces(TABLE, 'hive-music', NOW, (places) =>
      [first, second].reduce<Places>(
        (held, id) => settle(held, id, { state: 'held', offers: 1, offer: 1, cohortId: GROUP }, NOW),
        settle(places, third, { state: 'waiting', offers: 1, offer: 1, need: 2, since: NOW }, NOW),
      ),
    );
    return [first, second, third];
  }
  const told = (body = '') =>
    parse(body)
      .querySelectorAll('main .nhsuk-summary-list__row')
      .map((row) => row.structuredText.replace(/\s+/g, ' ').trim());

  it('are shown as they are given out, and how many wait; nobody’s name', async () => {
    await save('2');
    await used();
    const { body } = await get(await signedIn('link-worker'), entry, hive);
    const says = told(body).join('; ');
    expect(says).toContain('Group of 12 January 2027 0 taken, 2 held for open offers, 0 free');
    expect(says).toContain('Waiting list 1 person');
    await changePlaces(TABLE, 'hive-music', NOW, (places) => places);
    await storeSummary(TABLE, await ledger());
    const list = await get(await signedIn('auditor'), '/directory');
    expect(parse(list.body ?? '').text).toContain('Full: goes on the waiting list, 1 person waits');
  });

  it('are never fewer than are promised, in the form or by a file', async () => {
    await save('3');
    await used();
    const fewer = await save('1');
    expect(fewer.statusCode).toBe(422);
    expect(errorsIn(fewer.body)).toEqual(['#cohort-1-capacity Enter 2 or more: 2 places are held or taken']);
    expect(formIn(fewer.body)).toMatchObject({ 'cohort-1-capacity': '1' });
    const nothing = Object.fromEntries(Object.keys(boxes('')).map((box) => [box, '']));
    const gone = await save('', nothing);
    expect(errorsIn(gone.body)).toEqual([
      '#cohort-1-startsOn-day The group of 12 January 2027 cannot be taken out: 2 places are held or taken',
    ]);
    await storeSummary(TABLE, await ledger());
    const tom = await signedIn('coordinator');
    const file = `id,cohorts\nhive-music,${GROUP}: 1 place\n`;
    const { csrf = '' } = formIn((await get(tom, '/directory/import')).body);
    const plan = await post(tom, '/directory/import', { csrf, file, action: 'look' });
    expect(plan.body).toContain('The group of 12 January 2027 needs 2 places or more');
    expect((await storedEntry(TABLE, 'hive-music'))?.programme.cohorts?.[0]?.capacity).toBe(3);
    expect((await save('2')).statusCode).toBe(303);
  });

  it('go at once to whoever waits when there are more of them, by the form, a file, or the next sweep', async () => {
    await save('2');
    const [, , third = ''] = await used();
    expect((await save('3')).statusCode).toBe(303);
    expect(placeOf(await ledger(), third)).toMatchObject({ called: true, cohortId: GROUP });

    // Whoever saved did not come to it: the sweep does.
    const tom = await signedIn('coordinator');
    const fourth = '4'.repeat(32);
    await changePlaces(TABLE, 'hive-music', NOW, (places) =>
      settle(places, fourth, { state: 'waiting', offers: 1, offer: 1, need: 2, since: NOW }, NOW),
    );
    const stored = await storedEntry(TABLE, 'hive-music');
    if (!stored) throw new Error('not stored');
    const cohorts = [{ id: GROUP, startsOn: GROUP, capacity: 4 }];
    const programme = { ...stored.programme, cohorts };
    await storeEntry(TABLE, stored, { programme, at: NOW, how: 'edited', changes: [] });
    await (sweep as unknown as (payload: object, context: object) => Promise<unknown>)({ now: NOW }, {});
    expect(placeOf(await ledger(), fourth)?.called).toBe(true);

    const fifth = '5'.repeat(32);
    await changePlaces(TABLE, 'hive-music', NOW, (places) =>
      settle(places, fifth, { state: 'waiting', offers: 1, offer: 1, need: 2, since: NOW }, NOW),
    );
    const file = `id,cohorts\nhive-music,"${GROUP}: 5 places, no session 2027-02-16"\n`;
    const { csrf = '' } = formIn((await get(tom, '/directory/import')).body);
    const plan = await post(tom, '/directory/import', { csrf, file, action: 'look' });
    const applied = await post(tom, '/directory/import', { ...formIn(plan.body), action: 'apply' });
    expect(applied.statusCode).toBe(303);
    expect(placeOf(await ledger(), fifth)?.called).toBe(true);
  });

  it('that a provider did not have are offered again when a coordinator says so, and by no save or sweep', async () => {
    await save('4');
    const [first = '', , third = ''] = await used();
    const later_ = '2026-11-24T11:00:00.000Z';
    await changePlaces(TABLE, 'hive-music', NOW, (places) =>
      settle(
        { ...places, places: places.places.filter(({ referralId }) => referralId !== third) },
        first,
        { state: 'none', offers: 1, full: { offer: 1, cohortId: GROUP, at: later_ } },
        later_,
      ),
    );
    expect((await ledger()).cohorts[0]).toMatchObject({ said: 4, capacity: 3 });
    await (sweep as unknown as (payload: object, context: object) => Promise<unknown>)({ now: NOW }, {});
    await save('4');
    expect((await ledger()).cohorts[0]).toMatchObject({ said: 4, capacity: 3 });
    const tom = await signedIn('coordinator');
    const { body = '' } = await get(tom, entry, hive);
    expect(told(body).join()).toContain('The provider had no room for more than 3');
    const action = parse(body).querySelector('button[value^=offer-again]')?.getAttribute('value') ?? '';
    const { csrf = '' } = formIn(body);
    expect((await post(tom, entry, { csrf, action }, hive)).statusCode).toBe(303);
    expect((await ledger()).cohorts[0]).toMatchObject({ said: 4, capacity: 4 });
    expect((await get(tom, entry, hive)).body).not.toContain('offer-again');
  });
});

describe('the directory, for whoever reads it warm', () => {
  const minute = (n: number) => later(NOW, { minutes: 1000 + n });

  it('is a minute old at most, and goes on when the table cannot be read', async () => {
    const programme = deployedProgramme('hive-music') as Programme;
    await freshen(minute(0));
    await storeEntry(TABLE, undefined, {
      programme: { ...programme, name: 'Renamed', accepting: false, status: 'defunct' },
      ...{ at: NOW, how: 'edited', changes: [] },
    });
    expect(findProgramme('hive-music')?.name).toBe(programme.name);
    await freshen(minute(1));
    expect(findProgramme('hive-music')?.name).toBe('Renamed');
    expect(allProgrammes().map(({ id }) => id)).not.toContain('hive-music');

    const warned = vi.spyOn(log, 'error').mockImplementation(() => {});
    const send = vi
      .spyOn(DynamoDBDocumentClient.prototype, 'send')
      .mockRejectedValue(new Error('gone') as never);
    await freshen(minute(3));
    expect([findProgramme('hive-music')?.name, warned.mock.calls.length]).toEqual(['Renamed', 1]);
    send.mockRestore();
    await table.put({ pk: 'DIRECTORY', sk: 'PROGRAMME#broken', version: 'x' });
    await freshen(minute(5));
    expect([findProgramme('hive-music')?.name, warned.mock.calls.length]).toEqual(['Renamed', 2]);
  });

  it('costs the same number of requests however large it is', async () => {
    const tom = await signedIn('coordinator');
    const programme = deployedProgramme('hive-music') as Programme;
    await get(tom, '/directory');
    const send = vi.spyOn(DynamoDBDocumentClient.prototype, 'send');
    await get(tom, '/directory');
    const few = send.mock.calls.length;
    for (let i = 0; i < 60; i++) {
      const one = { ...programme, id: `p-${i}`, name: `Programme ${i}` };
      await storeEntry(TABLE, undefined, { programme: one, at: NOW, how: 'added', changes: [] });
    }
    send.mockClear();
    const { body } = await get(tom, '/directory');
    expect(parse(body ?? '').querySelectorAll('.osp-worklist__item').length).toBeGreaterThanOrEqual(60);
    expect(send.mock.calls.length).toBe(few);
  });
});

describe('a file', () => {
  const states = (body = '') => parse(body).querySelector('h1 + p')?.text;

  it('cannot make a spreadsheet run anything', async () => {
    const tom = await signedIn('coordinator');
    const programme = deployedProgramme('hive-music') as Programme;
    const evil = { ...programme, name: '=HYPERLINK("http://x")', description: '@SUM(1)', id: 'evil' };
    await storeEntry(TABLE, undefined, { programme: evil, at: NOW, how: 'added', changes: [] });
    const row =
      ((await get(tom, '/directory/export.csv')).body ?? '')
        .split('\n')
        .find((line) => line.startsWith('evil')) ?? '';
    expect(row).toMatch(/^evil,"'=HYPERLINK\(""http:\/\/x""\)",music,'@SUM\(1\),/);
  });

  it('is shown first, row by row, and then done as it was shown, once', async () => {
    const tom = await signedIn('coordinator');
    const { csrf = '' } = formIn((await get(tom, '/directory/import')).body);
    const file = [
      ['id', 'name', 'kind', 'description', 'provider_name', 'provider_email', 'session_count']
        .concat(['session_minutes', 'weekday', 'time', 'place'])
        .join('\t'),
      'hive-music\tThe Hive\tmusic\tSinging.\tThe Hive\thive@provider.example\t12\t90\tTuesday\t16:00\tLondon',
      '\tWalking football\tphysical-activity\tNo running.\tClub\tclub@provider.example\t10\t60\tMonday\t9:30\tPark',
      '\tNo time\tarts\tPainting.\tStudio\tstudio@provider.example\t10\t60\tMonday\tnoon\tStudio',
      'Bad Id\tX\tarts\tPainting.\tStudio\tstudio@provider.example\t10\t60\tMonday\t12:00\tStudio',
      'hive-music\tAgain\tmusic\tSinging.\tThe Hive\thive@provider.example\t12\t90\tTuesday\t16:00\tLondon',
    ].join('\r\n');
    const plan = await post(tom, '/directory/import', { csrf, file });
    expect(states(plan.body)).toBe(
      '5 rows: 1 new, 1 changed, 0 as they are, 3 with errors. Nothing has been changed yet.',
    );
    const text =
      parse(plan.body ?? '')
        .querySelector('main')
        ?.text.replace(/\s+/g, ' ') ?? '';
    for (const words of [
      'Row 4',
      'Time it begins: Enter a time like 16:00',
      'Row 5',
      'the same entry as in Row 2',
    ]) {
      expect(text).toContain(words);
    }
    expect(await storedEntry(TABLE, 'hive-music')).toBeUndefined();
    const apply = { ...formIn(plan.body), action: 'apply' };
    for (const _ of ['first', 'again']) {
      const { headers } = await post(tom, '/directory/import', apply);
      expect(headers?.location).toBe('/directory?imported=yes');
    }
    expect(await storedEntry(TABLE, 'hive-music')).toMatchObject({
      version: 1,
      how: 'imported',
      name: 'Tom Ellis',
    });
    // What the file has no column for is as it was.
    expect((await storedEntry(TABLE, 'hive-music'))?.programme.eligibility.area?.name).toBe('Camden');
    expect((await storedEntry(TABLE, 'walking-football'))?.programme.sessions.time).toBe('09:30');
  });

  it('is not done when the directory has changed since it was shown', async () => {
    const tom = await signedIn('coordinator');
    const { csrf = '' } = formIn((await get(tom, '/directory/import')).body);
    const plan = await post(tom, '/directory/import', { csrf, file: 'id,place\nhive-music,The hall' });
    const fields = formIn((await get(tom, entry, hive)).body);
    await post(tom, entry, { ...fields, time: '17:00' }, hive);
    const late = await post(tom, '/directory/import', { ...formIn(plan.body), action: 'apply' });
    expect([late.statusCode, late.body?.includes('The directory changed in between')]).toEqual([409, true]);
    expect((await storedEntry(TABLE, 'hive-music'))?.version).toBe(1);
    const done = await post(tom, '/directory/import', { ...formIn(late.body), action: 'apply' });
    expect(done.statusCode).toBe(303);
    expect((await storedEntry(TABLE, 'hive-music'))?.programme.sessions).toMatchObject({
      time: '17:00',
      place: 'The hall',
    });
  });

  it.each([
    ['', /Choose a file, or paste what it holds/],
    ['a,b\n1,2', /one of them must be id or name/],
    ['id,colour\nx,red', /no column colour\. The columns are id, name, kind/],
    ['name,name\nx,y', /twice/],
    ['name,place\n"x,y', /At line 2, a quotation mark is opened/],
    ['{"contents": [', /copy the whole file/],
    ['{"people": []}', /no services/],
    ['x'.repeat(2_000_001), /This is 2\.01 MB: use 2 MB or less/],
    [`name\n${'x\n'.repeat(301)}`, /301 rows/],
  ])('that is none says why: %#', async (file, words) => {
    const tom = await signedIn('coordinator');
    const { csrf = '' } = formIn((await get(tom, '/directory/import')).body);
    const { statusCode, body } = await post(tom, '/directory/import', { csrf, file });
    expect([statusCode, errorsIn(body)[0]]).toEqual([422, expect.stringMatching(words)]);
  });

  it('of somebody else’s Open Referral UK says service by service what a referral needs besides', async () => {
    const tom = await signedIn('coordinator');
    const { csrf = '' } = formIn((await get(tom, '/directory/import')).body);
    const file = JSON.stringify([
      {
        id: '0b4b0f3e-6f0c-4c4e-9a43-0a9f3f9f6c1d',
        name: 'Chair yoga',
        description: 'Gentle.',
        status: 'active',
        email: 'yoga@provider.example',
        organization: { name: 'Yoga for all' },
        minimum_age: 60,
        cost_options: [{ option: 'Per session', amount: 4 }],
        schedules: [{ byday: 'WE', opens_at: '10:00:00', closes_at: '11:30:00' }],
      },
      { name: 5, schedules: 'often' },
    ]);
    const { body } = await post(tom, '/directory/import', { csrf, file });
    const text =
      parse(body ?? '')
        .querySelector('main')
        ?.text.replace(/\s+/g, ' ') ?? '';
    expect(text).toContain('Kind: the file does not say it');
    expect(text).toContain('Number of sessions: the file does not say it');
    expect(text).toContain('look at schedules');
    expect(text).not.toMatch(/Time it begins:|Minutes of a session:|Day of the week:/);
  });

  it('is read or refused, never failed on, whatever is pasted', async () => {
    const { readFile } = await import('../../../functions/directory/formats.ts');
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.json(), fc.constantFrom('name\n"')), (text) => {
        const read = readFile(text);
        expect('rows' in read || read.error.length > 5).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a provider', () => {
  const settings = {
    sender: 'noreply@service.example',
    serviceName: 'Camden Social Prescribing',
    baseUrl: 'https://service.example',
    linkWorkerAddress: 'link-workers@service.example',
    coordinatorAddress: 'coordinator@service.example',
    teams: [],
    crisisContacts: [],
  };
  let mails: { to: string; text: string }[] = [];
  const effects = {
    async send({ to, raw }: { to: string; raw: Uint8Array }) {
      mails.push({ to, text: new TextDecoder().decode(raw).replace(/=\r\n/g, '') });
    },
    answer: async () => {},
    stop: async () => {},
    start: async () => {},
  };
  beforeEach(() => {
    mails = [];
  });
  const send = (now: string) => sendAssurance(TABLE, effects, settings, 'hive-music', now);
  /** The secret in the newest email. */
  const token = () => /assurance\/([\w-]{54})/.exec(mails.at(-1)?.text ?? '')?.[1] ?? '';
  const open = (link: string, now = NOW) =>
    request(directory, { route: 'GET /assurance/{link}', path: { link }, now });
  const answer = (link: string, fields: Fields, now = NOW) =>
    request(directory, { route: 'POST /assurance/{link}', path: { link }, fields, now });

  it('is asked once by two sweeps at once, by an email that says nothing, and asked again until the coordinator is told', async () => {
    await Promise.all([sweep({ now: NOW }, {} as never), sweep({ now: NOW }, {} as never)]);
    await Promise.all([send(NOW), send(NOW)]);
    expect(mails.map(({ to }) => to)).toEqual(['hive-music@provider.example']);
    expect(mails[0]?.text.replace(/^To: .*$/m, '')).not.toMatch(/hive|nordoff|music|camden(?! social)/i);
    const first = token();
    for (const [days, to] of [
      [29, undefined],
      [30, 'hive-music@provider.example'],
      [60, 'coordinator@service.example'],
      [90, undefined],
    ] as const) {
      mails = [];
      const now = later(NOW, { days });
      await sweep({ now }, {} as never);
      await send(now);
      expect(mails.map(({ to }) => to)).toEqual(to === undefined ? [] : [to]);
      if (days === 60) expect((await open(first, now)).statusCode).toBe(200);
    }
    expect((await open(first, later(NOW, { days: 80 }))).statusCode).toBe(410);
    expect((await open('x'.repeat(54))).statusCode).toBe(404);
  });

  it('is asked again by the next sweep when sending failed', async () => {
    await sweep({ now: NOW }, {} as never);
    const failing = { ...effects, send: async () => Promise.reject(new Error('SES')) };
    vi.spyOn(log, 'error').mockImplementation(() => {});
    expect(await sendAssurance(TABLE, failing, settings, 'hive-music', NOW)).toEqual({ done: 0, failed: 1 });
    expect(await send(NOW)).toEqual({ done: 0, failed: 0 });
    const tomorrow = later(NOW, { days: 1 });
    expect(await sweep({ now: tomorrow }, {} as never)).toEqual({ count: 1, failed: 0 });
    expect(await send(tomorrow)).toEqual({ done: 1, failed: 0 });
  });

  it('changes nothing by looking, confirms by one press, and is shown that for ever after', async () => {
    await sweep({ now: NOW }, {} as never);
    await send(NOW);
    const link = token();
    const before = await storedAssurance(TABLE, 'hive-music');
    const page = await open(link);
    expect([page.statusCode, page.body?.includes('Nordoff and Robbins')]).toEqual([200, true]);
    expect(await storedAssurance(TABLE, 'hive-music')).toEqual(before);
    expect((await answer(link, { action: 'right', version: '7' })).statusCode).toBe(409);
    for (const _ of ['first', 'again']) {
      const { statusCode, body } = await answer(link, { action: 'right', version: '0' });
      expect(statusCode === 303 || body?.includes('everything in the entry')).toBe(true);
    }
    expect(await storedEntry(TABLE, 'hive-music')).toMatchObject({
      version: 1,
      how: 'confirmed',
      programme: { assuredOn: '2026-11-24' },
    });
    expect((await open(link)).body).toContain('everything in the entry');
    const other = await answer(link, { action: 'changed', text: 'No, wait', version: '1' });
    expect([other.statusCode, other.body?.includes('No, wait')]).toEqual([409, true]);
  });

  it('says what has changed, which stands beside the entry until somebody confirms it', async () => {
    await sweep({ now: NOW }, {} as never);
    await send(NOW);
    const link = token();
    const tom = await signedIn('coordinator');
    expect((await answer(link, { action: 'changed', text: ' ', version: '0' })).statusCode).toBe(422);
    const text = 'We moved to Thursdays';
    expect((await answer(link, { action: 'changed', text, version: '0' })).statusCode).toBe(303);
    await send(NOW);
    expect(mails.at(-1)?.to).toBe('coordinator@service.example');
    expect(mails.at(-1)?.text).not.toContain('Thursdays');
    expect((await get(tom, '/directory')).body).toContain('1 provider says that something has changed.');
    const { body } = await get(tom, entry, hive);
    expect(body).toContain(text);
    await post(tom, entry, { ...formIn(body), weekday: 'Thursday', confirmed: 'yes' }, hive);
    expect((await get(tom, entry, hive)).body).not.toContain(text);
    expect((await storedEntry(TABLE, 'hive-music'))?.programme).toMatchObject({
      assuredOn: '2026-11-24',
      sessions: { weekday: 4 },
    });
  });

  it('of another address than before opens nothing with the former one’s link', async () => {
    await sweep({ now: NOW }, {} as never);
    await send(NOW);
    const tom = await signedIn('coordinator');
    const fields = formIn((await get(tom, entry, hive)).body);
    await post(tom, entry, { ...fields, providerEmail: 'other@provider.example' }, hive);
    expect((await open(token())).statusCode).toBe(410);
  });

  it('answers while emails are noted as sent, and neither is lost', async () => {
    await sweep({ now: NOW }, {} as never);
    await send(NOW);
    const link = token();
    const state = (await storedAssurance(TABLE, 'hive-music')) as Assurance;
    const [{ statusCode }] = await Promise.all([
      answer(link, { action: 'changed', text: 'Thursdays', version: '0' }),
      storeAssurance(TABLE, 'hive-music', { ...state, askedAt: [...state.askedAt, NOW] }),
    ]);
    expect(statusCode).toBe(303);
    expect((await storedAssurance(TABLE, 'hive-music'))?.answer?.text).toBe('Thursdays');
  });
});
