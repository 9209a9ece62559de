/** A cohort that would start on a day on which nobody expects it: on its entry's form, and in a file. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/directory/handler.ts';
import { ensureCohort } from '../../../functions/shared/cohorts.ts';
import { storedEntry } from '../../../functions/shared/directory/store.ts';
import { planOf } from '../../../workflows/cohort.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

const NOW = '2026-11-24T10:00:00.000Z';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

type Fields = Record<string, string>;
const tom = () => atWork('Tom Ellis', { roles: ['coordinator'], now: NOW });
const errorsIn = (body = '') =>
  parse(body)
    .querySelectorAll('.nhsuk-error-summary__list a')
    .map((link) => `${link.getAttribute('href')} ${link.text.trim()}`);

let entries = 0;

/** A new entry of a programme on Mondays, with a cohort; or what is wrong with it. */
async function enter(startsOn: string, more: Fields = {}) {
  entries += 1;
  const [year = '', month = '', day = ''] = startsOn.split('-');
  const fields = {
    name: `Choir ${entries}`,
    ...{ kind: 'music', description: 'Singing', providerName: 'Choirs', providerEmail: 'a@provider.example' },
    ...{ status: 'active', sessionCount: '6', sessionMinutes: '60', weekday: 'Monday', time: '18:00' },
    place: 'The hall',
    ...{ 'cohort-1-startsOn-day': day, 'cohort-1-startsOn-month': month, 'cohort-1-startsOn-year': year },
    'cohort-1-capacity': '5',
    ...more,
  };
  const person = await tom();
  const send = (to: string, sent: Fields, path = {}) =>
    person.send(handler, { route: to, path, fields: { action: 'save', ...sent } });
  const added = await send('/directory/new', fields);
  const id = `choir-${entries}`;
  const change = async (changes: Fields) =>
    send('/directory/{programme}', { ...fields, version: '1', ...changes }, { programme: id });
  return { id, added, change, errors: errorsIn(added.body) };
}

describe('a cohort that is entered to start on a day on which nobody expects it', () => {
  it.each([
    ['on another weekday', '2027-01-14', '', 'on a Thursday, and the programme is on Mondays'],
    ['on a bank holiday', '2026-12-28', '', 'on a bank holiday'],
    ['in its own break', '2027-02-15', '15/2/2027 to 19/2/2027', 'in its own break'],
  ])('%s is, where whoever enters it says so all the same', async (_, startsOn, breaks, why) => {
    const more = { 'cohort-1-breaks': breaks };
    const { id, added, errors } = await enter(startsOn, more);
    expect(added.statusCode).toBe(422);
    expect(errors).toEqual([expect.stringContaining(why)]);
    expect(errors[0]).toMatch(/^#anyDay The group of .*Tick the box/);
    expect(
      parse(added.body ?? '')
        .querySelector('input[name=anyDay]')
        ?.getAttribute('checked'),
    ).toBe(undefined);
    expect(await storedEntry(TABLE, id)).toBeUndefined();
    const said = await enter(startsOn, { ...more, anyDay: 'yes' });
    expect(said.added.statusCode).toBe(303);
    expect((await storedEntry(TABLE, said.id))?.programme.cohorts?.[0]?.startsOn).toBe(startsOn);
    // It is said once: another change of the entry asks no more.
    expect((await said.change({ ...more, place: 'The new hall' })).statusCode).toBe(303);
    expect((await storedEntry(TABLE, said.id))?.programme.sessions.place).toBe('The new hall');
  });

  it('is asked about when the programme is on another day, and not where all is as it should be or has begun', async () => {
    const { added, change, errors } = await enter('2027-01-11');
    expect([added.statusCode, errors]).toEqual([303, []]);
    expect(errorsIn((await change({ weekday: 'Tuesday' })).body)).toEqual([
      expect.stringContaining('on a Monday, and the programme is on Tuesdays'),
    ]);
    expect((await change({ weekday: 'Tuesday', anyDay: 'yes' })).statusCode).toBe(303);
    expect((await enter('2026-05-25')).added.statusCode).toBe(303);
  });
});

describe('a cohort that has begun', () => {
  /** Entered for Mondays from 7 September 2026 on; somebody was accepted into it. */
  async function begun() {
    const entered = await enter('2026-09-07');
    const programme = (await storedEntry(TABLE, entered.id))?.programme;
    const plan = programme && planOf(programme, '2026-09-07');
    if (!plan) throw new Error('no plan');
    await ensureCohort(TABLE, plan, undefined, '2026-08-01T09:00:00.000Z');
    return entered;
  }
  const startsOn = (row: number, day: string, month: string, year: string) => ({
    [`cohort-${row}-startsOn-day`]: day,
    [`cohort-${row}-startsOn-month`]: month,
    [`cohort-${row}-startsOn-year`]: year,
  });
  const id = { 'cohort-1-id': '2026-09-07' };
  const ids = async (programme: string) =>
    (await storedEntry(TABLE, programme))?.programme.cohorts?.map((each) => each.id);

  it('is no other group: its next run is entered as one of its own', async () => {
    const { id: programme, change } = await begun();
    const again = await change({ ...id, ...startsOn(1, '6', '9', '2027') });
    expect(again.statusCode).toBe(422);
    expect(errorsIn(again.body)).toEqual([
      expect.stringMatching(
        /^#cohort-1-startsOn-day The group of 7 September 2026 has begun.*another cohort/,
      ),
    ]);
    expect((await storedEntry(TABLE, programme))?.programme.cohorts?.[0]?.startsOn).toBe('2026-09-07');
    const beside = { ...startsOn(2, '6', '9', '2027'), 'cohort-2-capacity': '5' };
    expect((await change({ ...id, ...beside })).statusCode).toBe(303);
    expect(await ids(programme)).toEqual(['2026-09-07', '2027-09-06']);
  });

  it('may be put right where it began another day, and one that nobody was accepted into may start whenever it does', async () => {
    const { id: programme, change } = await begun();
    expect((await change({ ...id, ...startsOn(1, '31', '8', '2026') })).statusCode).toBe(303);
    expect((await storedEntry(TABLE, programme))?.programme.cohorts?.[0]?.startsOn).toBe('2026-08-31');
    const nobody = await enter('2026-09-07');
    expect((await nobody.change({ ...id, ...startsOn(1, '6', '9', '2027') })).statusCode).toBe(303);
  });

  it('is no other group by a file either, also where it was taken out before', async () => {
    const { id: programme, change } = await begun();
    const file = `id,cohorts\n${programme},2027-09-06: 5 places [2026-09-07]`;
    const look = async () =>
      (await tom()).send(handler, { route: '/directory/import', path: {}, fields: { file, action: 'look' } });
    expect((await look()).body).toContain('The group of 7 September 2026 has begun');
    expect((await change({ ...startsOn(1, '', '', ''), 'cohort-1-capacity': '' })).statusCode).toBe(303);
    expect(await ids(programme)).toBeUndefined();
    expect((await look()).body).toContain('The group of 7 September 2026 has begun');
  });
});

describe('a cohort of a file that would start on a day on which nobody expects it', () => {
  it('is shown as such before it is brought in, and then is', async () => {
    const columns =
      'name,kind,description,provider_name,provider_email,status,session_count,session_minutes,weekday,time,place,cohorts';
    const row = (name: string, day: string) =>
      `${name},music,Singing,Choirs,a@provider.example,active,6,60,Monday,18:00,The hall,${day}: 5 places`;
    const file = [columns, row('Odd choir', '2026-12-28'), row('Even choir', '2027-01-11')].join('\n');
    const look = async (fields: Fields) =>
      (await tom()).send(handler, { route: '/directory/import', path: {}, fields });
    const { body = '' } = await look({ file, action: 'look' });
    const told = parse(body)
      .querySelectorAll('main .osp-worklist__item')
      .map((item) => /The group of [^.]*/.exec(item.text)?.[0].trim());
    expect(told).toEqual(['The group of 28 December 2026 starts on a bank holiday', undefined]);
    const shown = parse(body).querySelector('input[name=shown]')?.getAttribute('value') ?? '';
    expect((await look({ file, shown, planned: '{}', action: 'apply' })).statusCode).toBe(303);
    expect((await storedEntry(TABLE, 'odd-choir'))?.programme.cohorts?.[0]?.startsOn).toBe('2026-12-28');
    const again = await look({ file: `${columns}\n${row('Odd choir', '2026-12-28')}`, action: 'look' });
    expect(again.body).not.toContain('on a bank holiday');
  });
});
