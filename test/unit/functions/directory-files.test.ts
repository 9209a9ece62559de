/** Files of the directory, over HTTP: somebody else's services, large ones, and all of it brought into another directory. */
import fc from 'fast-check';
import { parse } from 'node-html-parser';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { MOST_ROWS, readFile } from '../../../functions/directory/formats.ts';
import { handler } from '../../../functions/directory/handler.ts';
import { withEntries } from '../../../functions/shared/directory/directory.ts';
import { storedEntries, storedEntry, storeEntry } from '../../../functions/shared/directory/store.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { entryOf } from '../../../workflows/directory-entry.ts';
import { aProgramme } from '../workflows/programmes.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import theirs from './open-referral.json' with { type: 'json' };
import { TABLE, type TestTable } from './table.ts';

const NOW = '2026-11-24T10:00:00.000Z';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());
afterEach(() => {
  vi.restoreAllMocks();
  table.clear();
});

const tom = () => atWork('Tom Ellis', { roles: ['coordinator'], now: NOW });
type Fields = Record<string, string>;

const look = async (fields: Fields) => (await tom()).send(handler, { ...AT, fields });
const exported = async (kind: 'csv' | 'json') => {
  const route = `/directory/export.${kind}`;
  const { headers, body = '' } = await (await tom()).open(handler, { route, path: {}, now: NOW });
  expect(headers?.['content-disposition']).toBe(`attachment; filename="directory-2026-11-24.${kind}"`);
  return body;
};

const AT = { route: '/directory/import', path: {}, now: NOW };

/** The same for a form with files, as browsers send it. */
async function lookWith(form: FormData) {
  const person = await tom();
  form.set('csrf', person.csrf);
  const request = new Request('https://service.example', { method: 'POST', body: form });
  const body = Buffer.from(await request.arrayBuffer()).toString('base64');
  const headers = { 'content-type': request.headers.get('content-type') ?? '' };
  return person.sendAs(handler, { ...AT, body, headers, isBase64Encoded: true });
}

/** What the form of a plan carries. */
function carried(body = ''): Fields {
  const boxes = parse(body).querySelectorAll('main form input[type=hidden], main form input[type=text]');
  const radios = parse(body).querySelectorAll('main form input[type=radio][checked]');
  return Object.fromEntries(
    [...boxes, ...radios]
      .map((box) => [box.getAttribute('name') ?? '', box.getAttribute('value') ?? ''])
      .filter(([name]) => name !== 'csrf'),
  );
}
const summaryOf = (body = '') => parse(body).querySelector('h1 + p')?.text;
const textOf = (body = '') => parse(body).querySelector('main')?.structuredText.replace(/\s+/g, ' ') ?? '';

/** Looks at a file and brings in what it would. */
async function bringIn(file: string, defaults: Fields = {}) {
  const plan = await look({ file, ...defaults });
  const applied = await look({ ...carried(plan.body), action: 'apply' });
  return { plan, applied };
}

const add = async (programme: Programme) =>
  storeEntry(TABLE, undefined, { programme, at: NOW, how: 'added', changes: [] });
const everything = async () => withEntries(await storedEntries(TABLE));

describe('rows of a spreadsheet', () => {
  it('are called by where they stand in it, and empty ones are no entries', () => {
    const lines = [
      '\ufeff',
      'id,name,place',
      '',
      'one,"One',
      'and only",Hall',
      ',,',
      '  ,,',
      'two,Two,,more',
      ',,',
    ];
    for (const newline of ['\r\n', '\n']) {
      const read = readFile(lines.join(newline));
      if ('error' in read) throw new Error(read.error);
      // What is in quotation marks is one cell, however many lines it has.
      expect(read.rows.map(({ row, id }) => [row, id])).toEqual([
        ['Row 4', 'one'],
        ['Row 7', 'two'],
      ]);
      expect(read.rows[1]?.error).toContain('4 cells');
    }
    expect(readFile(',,\n,,')).toEqual({ error: expect.stringContaining('first row must name the columns') });
  });

  it('are as many as are filled in', () => {
    const rows = Array.from({ length: MOST_ROWS }, (_, i) => `entry-${i},Name,Hall`);
    const file = ['id,name,place', ...rows, ...Array(50).fill(',,')].join('\r\n');
    expect(readFile(file)).toMatchObject({ rows: { length: MOST_ROWS } });
  });
});

describe('somebody else’s services', () => {
  const file = JSON.stringify(theirs);
  const DEFAULTS = {
    'default-kind': 'arts',
    'default-sessionCount': '10',
    'default-place': 'To be asked',
    'default-providerEmail': 'team@service.example',
  };
  const [lunch, caribbean] = [
    '5b1f0a52-7c1e-4b7e-9d8e-2f1c6a3b9e01',
    '8d2e1b63-8d2f-4c8f-8e9f-3a2d7b4caf12',
  ] as const;

  it('say what is missing, once for all of them', async () => {
    const { body } = await look({ file });
    expect(summaryOf(body)).toContain('2 rows: 0 new, 0 changed, 0 as they are, 2 with errors');
    const boxes = parse(body ?? '').querySelectorAll('main form [name^=default-]');
    expect([...new Set(boxes.map((box) => box.getAttribute('name')))]).toEqual([
      ...['default-kind', 'default-providerEmail', 'default-sessionCount', 'default-place'],
    ]);
    const wrong = await look({ file, ...DEFAULTS, 'default-sessionCount': 'some' });
    expect(wrong.statusCode).toBe(422);
    expect(textOf(wrong.body)).toContain('Enter a whole number from 1 to 100');
  });

  it('come in under the ids that they have, closed, with a list of what to check', async () => {
    const { plan, applied } = await bringIn(file, DEFAULTS);
    expect(summaryOf(plan.body)).toContain('2 rows: 2 new, 0 changed, 0 as they are, 0 with errors');
    expect(applied.headers?.location).toBe('/directory?imported=yes');
    const [first, second] = [await storedEntry(TABLE, lunch), await storedEntry(TABLE, caribbean)];
    expect(first?.programme).toMatchObject({
      ...{ name: 'Lunch club', kind: 'arts', accepting: false, cost: { free: true } },
      ...{ provider: { name: 'Oakfield Neighbours', email: 'hello@oakfield.example' } },
      ...{ eligibility: { minimumAge: 55 }, postcode: 'NW5 1AA', access: ['large-print'] },
      sessions: {
        ...{ count: 10, minutes: 150, weekday: 2, time: '12:00' },
        place: 'Oakfield Hall, 12 Acorn Road, London',
        directions: 'Behind the library.\nA ramp at the side door.',
      },
    });
    // When it began is not when it begins next.
    expect(first?.programme.sessions).not.toHaveProperty('startsOn');
    expect(first?.toCheck).toEqual([
      { field: 'kind', note: 'the file does not say it' },
      { field: 'sessionCount', note: 'the file does not say it' },
      { field: 'areaName', note: expect.stringContaining('Oakfield and the streets around it') },
      { field: 'weekday', note: 'it is also on Thursday' },
    ]);
    expect(second?.programme).toMatchObject({
      ...{ provider: { name: 'Elm Street Elders', email: 'team@service.example' } },
      cost: { free: false, detail: 'A meal: £4.5 with a drink; Members: free' },
    });
    const path = { programme: lunch };
    const page = await (await tom()).open(handler, { route: '/directory/{programme}', path, now: NOW });
    expect(textOf(page.body)).toContain('Check this before it takes referrals');
  });

  it('are the same entries when they come again, and stay closed until somebody has checked them', async () => {
    await bringIn(file, DEFAULTS);
    const again = await look({ file });
    expect(summaryOf(again.body)).toContain('2 rows: 0 new, 0 changed, 2 as they are');
    const renamed = file.replace('"Lunch club"', '"Tuesday lunch"');
    const { plan } = await bringIn(renamed);
    expect(summaryOf(plan.body)).toContain('0 new, 1 changed, 1 as they are');
    const stored = await storedEntry(TABLE, lunch);
    expect(stored).toMatchObject({ version: 2, programme: { name: 'Tuesday lunch', accepting: false } });
    expect(stored?.toCheck?.map(({ field }) => field)).toContain('kind');
    // Somebody checks and opens it: what the file says of it is what it is.
    if (!stored) throw new Error('not stored');
    const programme = { ...stored.programme, accepting: true };
    await storeEntry(TABLE, stored, { programme, at: NOW, how: 'edited', changes: [] });
    expect(summaryOf((await look({ file: renamed })).body)).toContain('0 new, 0 changed, 2 as they are');
  });

  it('never change an entry of ours that is called alike', async () => {
    const [service] = theirs.contents;
    const { body } = await look({
      file: JSON.stringify({ ...service, name: 'Hive music' }),
      ...DEFAULTS,
    });
    expect(summaryOf(body)).toContain('1 new, 0 changed');
    // Ids of older versions of the standard are anything, and tell services apart all the same.
    const old = ['1', '2'].map((id) => ({ ...service, id }));
    const plan = await bringIn(JSON.stringify(old), DEFAULTS);
    expect(summaryOf(plan.plan.body)).toContain('2 new, 0 changed');
    expect(summaryOf((await look({ file: JSON.stringify(old) })).body)).toContain('2 as they are');
  });

  it.each([
    [[{ option: 'Free' }], 'free', ''],
    [[{ option: 'No charge' }], 'free', ''],
    [[{ option: 'Adults', amount: 0 }], 'free', 'Adults'],
    [[{ amount: 3, currency: 'GBP' }], 'not free', '£3'],
    [[{ option: 'Ask us' }], 'not free', 'Ask us'],
  ])('%j cost what they say', async (cost_options, cost, detail) => {
    const service = { ...theirs.contents[0], cost_options };
    await bringIn(JSON.stringify(service), DEFAULTS);
    const stored = await storedEntry(TABLE, lunch);
    expect(stored && entryOf(stored.programme)).toMatchObject({ cost, costDetail: detail });
  });

  it('say more than an entry holds, which is cut or left out, and said', async () => {
    const service = {
      ...{ ...theirs.contents[0], minimum_age: 0.5, maximum_age: 999 },
      description: `${'A cooked lunch. '.repeat(80)}`,
      schedules: [{ byday: 'TU', opens_at: '00:00', closes_at: '23:59' }],
    };
    await bringIn(JSON.stringify(service), { ...DEFAULTS, 'default-sessionMinutes': '90' });
    const stored = await storedEntry(TABLE, lunch);
    expect(stored?.programme.eligibility).toEqual({});
    expect(stored?.programme.description).toMatch(/^A cooked lunch\. .*…$/);
    expect(stored?.programme.sessions.minutes).toBe(90);
    expect(stored?.toCheck?.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['description', 'minimumAge', 'sessionMinutes']),
    );
    // Cut again, it is the same.
    expect(summaryOf((await look({ file: JSON.stringify(service) })).body)).toContain('1 as they are');
  });

  it('take from ours what the standard has a field for', async () => {
    const [hive] = (await everything()).filter(({ id }) => id === 'hive-music');
    await add({ ...(hive as Programme), postcode: 'NW1 8AB', access: ['audio', 'step-free'] });
    const { contents } = JSON.parse(await exported('json')) as { contents: Record<string, unknown>[] };
    const { programmeId, referralProgramme, ...service } = contents.find(
      (each) => each.programmeId === 'hive-music',
    ) as Record<string, unknown>;
    expect([programmeId, referralProgramme]).not.toContain(undefined);
    table.clear();
    // As another directory reads it.
    const id = '99999999-0000-4000-8000-000000000001';
    await bringIn(JSON.stringify({ ...service, id }), DEFAULTS);
    const read = await storedEntry(TABLE, id);
    const { place, ...sessions } = (hive as Programme).sessions;
    expect(read?.programme).toMatchObject({
      ...{ postcode: 'NW1 8AB', access: ['audio', 'step-free'], cost: { free: true } },
      sessions: { ...sessions, count: 10, place: expect.stringContaining(place) },
      eligibility: { area: { ...hive?.eligibility.area } },
    });
  });
});

describe('a whole directory', () => {
  it.each(['csv', 'json'] as const)(
    'goes as %s into another one, with everything that it says',
    async (kind) => {
      const some = fc.sample(aProgramme('2026-11-24'), { numRuns: 30, seed: 11 });
      const programmes = [...new Map(some.map((each) => [each.id, each])).values()].map((each, i) =>
        i % 3 === 0 ? { ...each, provider: { ...each.provider, digest: true } } : each,
      );
      for (const programme of programmes) await add(programme);
      const file = await exported(kind);
      const before = (await everything()).map((each) => [each.id, entryOf(each)]);
      const unchanged = `0 new, 0 changed, ${before.length} as they are, 0 with errors`;
      expect(summaryOf((await look({ file })).body)).toContain(unchanged);
      table.clear();
      const { applied } = await bringIn(file);
      expect(applied.headers?.location).toBe('/directory?imported=yes');
      expect((await everything()).map((each) => [each.id, entryOf(each)])).toEqual(before);
    },
  );

  it('keeps of an entry what a service of ours leaves out', async () => {
    const [hive] = (await everything()).filter(({ id }) => id === 'hive-music') as [Programme];
    await add({ ...hive, needs: ['addiction'] });
    const { contents } = JSON.parse(await exported('json')) as { contents: { programmeId: string }[] };
    const service = contents.find(({ programmeId }) => programmeId === 'hive-music');
    await bringIn(JSON.stringify({ ...service, referralProgramme: { place: 'The barn' } }));
    expect((await storedEntry(TABLE, 'hive-music'))?.programme).toEqual({
      ...{ ...hive, needs: ['addiction'] },
      sessions: { ...hive.sessions, place: 'The barn' },
    });
  });

  /** As long as entries are, 300 of one provider, in a script of so many bytes a letter. */
  async function large(letters: string): Promise<void> {
    const words = (length: number) =>
      letters
        .repeat(Math.ceil(length / letters.length))
        .slice(0, length)
        .trim();
    const [hive] = (await everything()) as [Programme];
    for (let i = 0; i < 294; i++) {
      await add({
        ...{ ...hive, id: `programme-${i}`, name: `${words(40)} ${i}`, description: words(250) },
        provider: { ...hive.provider, name: words(30) },
        sessions: { ...hive.sessions, place: words(30), directions: words(80) },
        ...{ needs: ['loneliness'], access: ['step-free', 'large-print'], languages: ['English'] },
      });
    }
  }

  it.each(['Singing in the park ', 'পার্কে একসাথে গান গাওয়া '])(
    'of 300 entries like %j can be taken out and brought in',
    async (letters) => {
      await large(letters);
      for (const kind of ['json', 'csv'] as const) {
        const file = await exported(kind);
        expect(Buffer.byteLength(file)).toBeLessThan(2_000_000);
        const { statusCode, body } = await look({ file });
        expect([statusCode, summaryOf(body)]).toEqual([
          200,
          expect.stringContaining('300 rows: 0 new, 0 changed, 300 as they are'),
        ]);
        // Lambda answers no more than this.
        expect(Buffer.byteLength(body ?? '')).toBeLessThan(6_000_000);
      }
      // Any lines of it are services too.
      const lines = (await exported('json')).split('\n').slice(1, 3).join('\n');
      expect(summaryOf((await look({ file: lines })).body)).toContain('2 rows');
    },
  );

  it('that is too large is said to be, in the words of the directory', async () => {
    const answer = await look({ file: 'x'.repeat(4_400_001) });
    expect([answer.statusCode, textOf(answer.body)]).toEqual([
      413,
      expect.stringContaining('A file may have 2 MB'),
    ]);
  });
});

describe('an import', () => {
  const row = (id: string, name: string, rest = '') =>
    `${id},${name},music,Singing.,The Hive,hive@provider.example,12,90,Tuesday,16:00:00,London${rest}`;
  const header =
    'id,name,kind,description,provider_name,provider_email,session_count,session_minutes,weekday,time,place';

  it('pressed twice is done once, and nobody is told that somebody else was faster', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => row('', `Group ${i}`));
    const file = [header, row('hive-music', 'The Hive'), ...rows].join('\n');
    const plan = await look({ file });
    expect(summaryOf(plan.body)).toContain('12 new, 1 changed');
    const apply = { ...carried(plan.body), action: 'apply' };
    const both = await Promise.all([look(apply), look(apply)]);
    expect(both.map(({ statusCode, headers }) => [statusCode, headers?.location])).toEqual(
      Array(2).fill([303, '/directory?imported=yes']),
    );
    const stored = await storedEntries(TABLE);
    expect(stored.map(({ version }) => version)).toEqual(Array(13).fill(1));
    expect((await storedEntry(TABLE, 'group-0'))?.programme.sessions.time).toBe('16:00');
  });

  it('pressed again while the first half is done goes on with the rest of what was shown', async () => {
    const file = [header, row('', 'Group 1'), row('', 'Group 2')].join('\n');
    const plan = await look({ file });
    const apply = { ...carried(plan.body), action: 'apply' };
    await bringIn([header, row('', 'Group 1')].join('\n'));
    expect((await look(apply)).statusCode).toBe(303);
    expect((await storedEntries(TABLE)).map(({ version }) => version)).toEqual([1, 1]);
  });

  it.each([
    ['Caf\ufffd club', 'letters were lost on the way, as in “Caf\ufffd”'],
    ['CafÃ© club', 'letters were lost on the way, as in “CafÃ©”'],
    ['Beginnersâ€™ club', 'letters were lost on the way'],
    ['à¦—à¦¾à¦¨', 'letters were lost on the way'],
  ])('of %s is refused: it was broken before it came', async (name, words) => {
    const { body } = await look({ file: [header, row('', name)].join('\n') });
    expect(summaryOf(body)).toContain('1 with errors');
    expect(textOf(body)).toContain(words);
  });

  it.each(['Café', '“CAFÉ”', 'São João', 'NÃO', 'গান', 'Âme', 'naïve – “très” bien', '£5'])(
    'of %s is not',
    async (name) => {
      expect(summaryOf((await look({ file: [header, row('', name)].join('\n') })).body)).toContain('1 new');
    },
  );

  it.each([
    ['utf-8', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['windows-1252', (text: string) => Buffer.from(text.replace('’', '\u0092'), 'latin1')],
    ['utf-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ])('of a file in %s has its letters, and what is shown can be done', async (_, encode) => {
    const text = [header, row('', 'Café for carers’ children', '')].join('\r\n');
    const form = new FormData();
    form.set('file', 'what was pasted before');
    form.set('upload', new File([new Uint8Array(encode(text))], 'directory.csv'));
    const plan = await lookWith(form);
    expect(summaryOf(plan.body)).toContain('1 row: 1 new');
    const again = new FormData();
    const fields = { ...carried(plan.body), action: 'apply' };
    // Browsers end lines like this, whatever a field of a form held.
    for (const [name, value] of Object.entries(fields)) again.set(name, value.replace(/\r?\n/g, '\r\n'));
    again.set('upload', new File([], ''));
    expect((await lookWith(again)).statusCode).toBe(303);
    expect((await storedEntry(TABLE, 'cafe-for-carers-children'))?.programme.name).toBe(
      'Café for carers’ children',
    );
  });

  it('of what only begins like a form with files is refused', async () => {
    const type = { 'content-type': 'multipart/form-data; boundary=x' };
    for (const body of ['', '--x', '--x\r\ncontent-disposition: form-data; name="file"\r\n\r\nid']) {
      expect((await (await tom()).sendAs(handler, { ...AT, body, headers: type })).statusCode).toBe(415);
    }
  });
});
