/** The facilitator's pages by HTTP: registers and schedules, sent twice, late, and by two at once. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as register } from '../../../functions/session-register/handler.ts';
import { changeCohort } from '../../../functions/shared/cohorts.ts';
import { pageOfNotes } from '../../../functions/shared/notes.ts';
import { documents } from '../../../functions/shared/table.ts';
import { cancelSession } from '../../../workflows/cohort.ts';
import { excuse } from '../../../workflows/excuse.ts';
import { leave } from '../../../workflows/leaving.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import { after } from '../../../workflows/time.ts';
import { NOW } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { type StoredGroup, storedGroup } from './group.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const AFTER = '2026-12-01T18:00:00.000Z';
type Fields = Record<string, string>;

async function ask(
  { token }: StoredGroup,
  route: string,
  { fields, query, now = AFTER }: { fields?: Fields; query?: Fields; now?: string } = {},
) {
  const answer = await request(register, {
    route,
    path: { link: token },
    now,
    ...(query ? { query } : {}),
    ...(fields ? { fields } : {}),
  });
  const document = parse(answer.body ?? '');
  return {
    status: answer.statusCode,
    location: answer.headers?.location,
    document,
    text: (document.querySelector('main')?.structuredText ?? '').replace(/\s+/g, ' '),
    errors: document.querySelectorAll('.nhsuk-error-summary__list a').map((a) => a.text.trim()),
    value: (name: string) => document.querySelector(`[name="${name}"]`)?.getAttribute('value'),
  };
}

const open = (group: StoredGroup, now?: string) =>
  ask(group, 'POST /register/{link}', { fields: { action: 'open' }, ...(now ? { now } : {}) });
const record = (group: StoredGroup, fields: Fields, now?: string) =>
  ask(group, 'POST /register/{link}', {
    fields: { action: 'record', held: 'yes', basedOn: 'none', ...fields },
    query: { session: '1' },
    ...(now ? { now } : {}),
  });
const allCame = ({ people }: StoredGroup, code = '5'): Fields =>
  Object.fromEntries(people.map((id) => [`attendance-${id}`, code]));

async function looks(id: string): Promise<number> {
  const { Count = 0 } = await documents().send(
    new QueryCommand({
      TableName: TABLE,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': `REFERRAL#${id}`, ':sk': 'AUDIT#' },
      Select: 'COUNT',
    }),
  );
  return Count;
}

describe('the register', () => {
  it('names nobody before it is opened, then everybody, each look in the audit', async () => {
    const group = await storedGroup(table, 3);
    expect((await ask(group, 'GET /register/{link}')).text).not.toMatch(/Person|Brien/);
    expect(await looks(group.people[0] ?? '')).toBe(0);
    const { text } = await open(group);
    for (const name of ['Person 01', 'Person 02', 'Person 03']) expect(text).toContain(name);
    for (const id of group.people) expect(await looks(id)).toBe(1);
  });

  it('is not opened before the session begins', async () => {
    const group = await storedGroup(table, 1);
    const early = await open(group, '2026-12-01T15:59:00.000Z');
    expect([early.status, early.text]).toEqual([303, '']);
    expect(await looks(group.people[0] ?? '')).toBe(0);
  });

  it('takes one tap a person, since it was held unless somebody says otherwise', async () => {
    const group = await storedGroup(table, 10);
    const { document } = await open(group);
    const form = document.querySelector('form');
    const radios = form?.querySelectorAll('input[type=radio]') ?? [];
    expect(radios).toHaveLength(50);
    expect(radios.filter((radio) => radio.hasAttribute('checked'))).toEqual([]);
    expect(form?.querySelector('[name=held]')?.getAttribute('value')).toBe('yes');
    expect((await record(group, allCame(group))).location).toContain('?session=1');
    const [session] = (await group.cohort()).sessions;
    expect(session?.status).toBe('held');
    expect(Object.values(session?.register?.entries ?? {})).toHaveLength(10);
  });

  it('has code 2 chosen already for whoever said that they cannot come', async () => {
    const group = await storedGroup(table, 2);
    const [excused = '', other = ''] = group.people;
    await table.referrals.change(excused, NOW, (referral) => excuse(referral, 1, false, NOW));
    const { document, text } = await open(group);
    const chosen = (id: string) =>
      document
        .querySelectorAll(`[name="attendance-${id}"]`)
        .find((radio) => radio.hasAttribute('checked'))
        ?.getAttribute('value');
    expect([chosen(excused), chosen(other)]).toEqual(['2', undefined]);
    expect(text).toContain('Told us beforehand that they cannot come');
  });

  it('says who is missing, and keeps what was entered', async () => {
    const group = await storedGroup(table, 2);
    const [first = '', second = ''] = group.people;
    const answer = await record(group, { [`attendance-${first}`]: '6', [`note-${second}`]: 'Was she ill?' });
    expect([answer.status, answer.errors]).toEqual([422, ["Select whether Person 02 O'Brien came"]]);
    expect(answer.document.querySelector(`#attendance-${first}-6`)?.hasAttribute('checked')).toBe(true);
    expect(answer.document.querySelector(`#note-${second}`)?.text).toContain('Was she ill?');
    expect((await pageOfNotes(TABLE, second)).notes).toEqual([]);
  });

  it('keeps a note for the link worker once, beside the referral and nowhere else', async () => {
    const group = await storedGroup(table, 2);
    const [first = '', second = ''] = group.people;
    const fields = { ...allCame(group), [`note-${first}`]: 'She was tired, and sang.' };
    for (let i = 0; i < 2; i++) expect((await record(group, fields)).status).toBe(303);
    await Promise.all([record(group, fields), record(group, fields)]);
    const { notes } = await pageOfNotes(TABLE, first);
    expect(notes.map(({ text, by }) => [text, by.name])).toEqual([
      ['She was tired, and sang.', 'The facilitator, on the session of 1 December 2026'],
    ]);
    expect((await pageOfNotes(TABLE, second)).notes).toEqual([]);
    const referral = await table.referrals.read(first);
    expect(referral?.history.filter(({ event }) => event === 'facilitator-note')).toHaveLength(1);
    expect(
      referral?.outbox.flatMap((entry) => (entry.kind === 'email' ? [`${entry.message} ${entry.to}`] : [])),
    ).toEqual(['facilitator-note link-worker']);
    expect(JSON.stringify([referral, await group.cohort()])).not.toContain('tired');
  });

  it('names whoever left since it began, to say whether they came, and nobody who left before', async () => {
    const group = await storedGroup(table, 3);
    const [stayed = '', since = '', before = ''] = group.people;
    const leaves = (id: string, now: string) =>
      table.referrals.change(id, now, (referral) => leave(referral, 'person', now));
    await leaves(before, '2026-12-01T15:59:00.000Z');
    await leaves(since, '2026-12-01T17:45:00.000Z');
    const { document, text } = await open(group);
    const named = (id: string) => document.querySelector(`[name="attendance-${id}"]`) !== null;
    expect([named(stayed), named(since), named(before)]).toEqual([true, true, false]);
    expect(text.match(/Takes part no more/g)).toHaveLength(1);
    expect(document.querySelector(`[name="notRight-${stayed}"]`)).not.toBeNull();
    expect(document.querySelector(`[name="notRight-${since}"]`)).toBeNull();
    expect([await looks(since), await looks(before)]).toEqual([1, 0]);
    const fields = { [`attendance-${stayed}`]: '5', [`attendance-${since}`]: '6' };
    expect((await record(group, fields)).status).toBe(303);
    expect((await group.cohort()).sessions[0]?.register?.entries).toEqual({
      [stayed]: { attendance: '5' },
      [since]: { attendance: '6' },
    });
    // The next one has nothing to do with them.
    const next = await ask(group, 'POST /register/{link}', {
      ...{ fields: { action: 'open' }, query: { session: '2' }, now: '2026-12-08T18:00:00.000Z' },
    });
    expect(next.document.querySelector(`[name="attendance-${since}"]`)).toBeNull();
  });

  it('that comes after the one which found that it is not right for somebody names them too', async () => {
    const group = await storedGroup(table, 2);
    const [, id = ''] = group.people;
    const now = '2026-12-08T18:00:00.000Z';
    const second = { ...{ action: 'record', held: 'yes', basedOn: 'none' }, ...allCame(group) };
    const fields = { ...second, [`notRight-${id}`]: 'yes', [`note-${id}`]: 'They would rather be outdoors' };
    await ask(group, 'POST /register/{link}', { fields, query: { session: '2' }, now });
    const cohort = await group.cohort();
    await table.referrals.change(id, now, (referral) => learnOfSession(referral, cohort, 2, now));
    const named = async (session: string) => {
      const query = { session };
      const at = '2026-12-15T18:00:00.000Z';
      const page = await ask(group, 'POST /register/{link}', { fields: { action: 'open' }, query, now: at });
      expect(page.value(`notRight-${id}`)).toBeUndefined();
      return [
        page.document.querySelector(`[name="attendance-${id}"]`) !== null,
        page.text.includes('Takes part no more'),
      ];
    };
    expect([await named('1'), await named('3')]).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('tells two of the same name apart by their references, and nobody else, wherever it names them', async () => {
    const group = await storedGroup(table, 3);
    const called = (id: string, firstName: string, reference: string) =>
      table.referrals.change(id, NOW, (referral) => ({
        ...{ ...referral, reference },
        person: { ...referral.person, firstName, familyName: 'Ali' },
      }));
    const [one = '', other = '', alone = ''] = group.people;
    await called(one, 'Mohammed', 'SP-GGGG-ZZZZ');
    await called(other, 'mohammed', 'SP-GGGG-0000');
    await called(alone, 'Zahra', 'SP-GGGG-5555');
    const names = ['mohammed Ali (SP-GGGG-0000)', 'Mohammed Ali (SP-GGGG-ZZZZ)', 'Zahra Ali'];
    const shown = await open(group);
    expect(shown.document.querySelectorAll('legend').map((legend) => legend.text)).toEqual(names);
    const list = await ask(group, 'POST /register/{link}/list', {
      ...{ query: { session: '1' }, fields: { action: 'print' } },
    });
    expect(list.document.querySelectorAll('tbody th').map((name) => name.text)).toEqual(names);
    const ticked = { [`attendance-${other}`]: '5', [`notRight-${other}`]: 'yes' };
    const { errors } = await record(group, { ...ticked, [`attendance-${alone}`]: '5' });
    expect(errors).toEqual([
      'Say in the note why the programme is not right for mohammed Ali (SP-GGGG-0000)',
      'Select whether Mohammed Ali (SP-GGGG-ZZZZ) came',
    ]);
    await record(group, allCame(group));
    const late = await record(group, allCame(group, '3'), '2026-12-08T16:00:00.000Z');
    expect(late.status).toBe(409);
    for (const name of names) expect(late.text).toContain(name);
  });

  it('of the last session, while an earlier one is missing, names that and promises no other', async () => {
    const group = await storedGroup(table, 1);
    const recorded = async (session: number) => {
      const now = after('2026-12-01T18:00:00.000Z', { days: 7 * (session - 1) });
      const fields = { ...{ action: 'record', held: 'yes', basedOn: 'none' }, ...allCame(group) };
      const at = { query: { session: String(session) }, now };
      await ask(group, 'POST /register/{link}', { ...at, fields });
      return ask(group, 'GET /register/{link}', at);
    };
    const second = await recorded(2);
    expect(second.text).toContain('After the next session we ask you again');
    expect(second.text).toMatch(/not recorded yet[\s\S]*Tuesday 1 December 2026/);
    for (let n = 3; n < 12; n++) await recorded(n);
    const last = await recorded(12);
    expect(last.text).not.toContain('After the next session');
    expect(last.text).toMatch(/not recorded yet[\s\S]*Tuesday 1 December 2026/);
    const missing = last.document.querySelectorAll('main li a').map((a) => a.getAttribute('href'));
    expect(missing).toEqual([expect.stringMatching(/\?session=1$/)]);
  });

  it('sent twice, also at once, is one', async () => {
    const group = await storedGroup(table, 2);
    const answers = await Promise.all([record(group, allCame(group)), record(group, allCame(group))]);
    answers.push(await record(group, allCame(group), '2026-12-20T10:00:00.000Z'));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect((await group.cohort()).sessions[0]?.register?.revision).toBe(0);
  });

  it('that somebody else recorded meanwhile says so, keeps what was entered, and takes it when it is sent again', async () => {
    const group = await storedGroup(table, 2);
    const [first = '', second = ''] = group.people;
    await record(group, allCame(group));
    const mine = { [`attendance-${first}`]: '5', [`attendance-${second}`]: '3' };
    const told = await record(group, mine);
    expect(told.status).toBe(409);
    expect(told.text).toContain('What you entered is not recorded yet');
    expect(told.text.match(/Recorded: /g)).toHaveLength(1);
    expect(told.document.querySelector(`#attendance-${second}-3`)?.hasAttribute('checked')).toBe(true);
    expect((await group.cohort()).sessions[0]?.register?.entries[second]?.attendance).toBe('5');
    const again = await record(group, { ...mine, basedOn: told.value('basedOn') ?? '' });
    expect(again.status).toBe(303);
    expect((await group.cohort()).sessions[0]?.register).toMatchObject({
      revision: 1,
      entries: { [second]: { attendance: '3' } },
    });
  });

  it('is corrected until the next session starts, then says that it is too late, and what was entered', async () => {
    const group = await storedGroup(table, 1);
    const [id = ''] = group.people;
    await record(group, allCame(group));
    const shown = await open(group);
    expect(shown.text).not.toContain('The session was not held');
    const correct = (code: string, now: string) =>
      record(group, { ...allCame(group, code), basedOn: '0', [`note-${id}`]: 'Came late' }, now);
    expect((await correct('6', '2026-12-08T15:59:00.000Z')).status).toBe(303);
    const late = await correct('3', '2026-12-08T16:00:00.000Z');
    expect(late.status).toBe(409);
    expect(late.text).toContain('Did not attend and gave no notice');
    expect(late.text).toContain('Came late');
    expect((await group.cohort()).sessions[0]?.register?.entries[id]?.attendance).toBe('6');
  });

  it('says that the session was not held, twice, and no more that it was', async () => {
    const group = await storedGroup(table, 1);
    for (let i = 0; i < 2; i++) expect((await record(group, { held: 'cancelled' })).status).toBe(303);
    const { sessions } = await group.cohort();
    expect([sessions[0]?.status, sessions.length]).toEqual(['cancelled', 13]);
    const other = await record(group, allCame(group));
    expect(other.status).toBe(409);
    expect(other.text).toContain('recorded as cancelled');
    expect(other.text).toContain('Attended on time');
  });

  it('takes back a tap that said late that it was not held, and has the register open again', async () => {
    const group = await storedGroup(table, 1);
    const late = '2026-12-08T16:05:00.000Z';
    const told = await ask(group, 'GET /register/{link}', { query: { session: '1' }, now: late });
    expect(told.status).toBe(200);
    await record(group, { held: 'cancelled' }, late);
    const said = await ask(group, 'GET /register/{link}', { query: { session: '1' }, now: late });
    expect(said.text).toContain('take that back until Thursday 10 December 2026 at 4:05 pm');
    const now = '2026-12-10T16:00:00.000Z';
    const fields = { action: 'restore', sequence: '1' };
    const back = await ask(group, 'POST /register/{link}/group', { fields, query: { session: '1' }, now });
    expect([back.status, back.location]).toEqual([303, expect.stringContaining('done=restored')]);
    expect((await record(group, allCame(group), now)).status).toBe(303);
    expect((await group.cohort()).sessions[0]?.status).toBe('held');
  });

  it('asks in the first two sessions whether it is right for them, and in no other', async () => {
    const group = await storedGroup(table, 1);
    const [id = ''] = group.people;
    expect((await open(group)).value(`notRight-${id}`)).toBe('yes');
    const because = { [`note-${id}`]: 'They would rather be outdoors' };
    await record(group, { ...allCame(group), [`notRight-${id}`]: 'yes', ...because });
    expect((await group.cohort()).sessions[0]?.register?.entries[id]?.notRight).toBe(true);
    const third = await ask(group, 'POST /register/{link}', {
      fields: { action: 'open' },
      query: { session: '3' },
      now: '2026-12-15T18:00:00.000Z',
    });
    expect(third.text).toContain('Person 01');
    expect(third.value(`notRight-${id}`)).toBeUndefined();
  });

  it('asks it in as many as their programme had when they were accepted, or in none', async () => {
    for (const [assessments, asked] of [
      [0, [false, false]],
      [1, [true, false]],
    ] as const) {
      const group = await storedGroup(table, 1);
      const [id = ''] = group.people;
      await table.referrals.change(id, NOW, (referral) =>
        referral.stage === 'programme'
          ? { ...referral, programme: { ...referral.programme, assessments } }
          : referral,
      );
      const shown = await Promise.all(
        ['1', '2'].map((session) =>
          ask(group, 'POST /register/{link}', {
            ...{ fields: { action: 'open' }, query: { session }, now: '2026-12-08T18:00:00.000Z' },
          }),
        ),
      );
      expect(shown.map(({ value }) => value(`notRight-${id}`) === 'yes')).toEqual(asked);
    }
  });

  it('that says otherwise than what is recorded leads to what can be done still, and to nobody who can do nothing', async () => {
    const later = '2026-12-09T18:00:00.000Z';
    const held = await storedGroup(table, 1);
    await record(held, allCame(held));
    const soon = await record(held, { held: 'cancelled' });
    expect([soon.status, soon.text]).toEqual([409, expect.stringContaining('recorded as held')]);
    expect(soon.text).toContain('who came can be corrected until Tuesday 8 December 2026 at 4:00 pm');
    expect(soon.document.querySelector('button[value=open]')?.text.trim()).toBe('Correct the register');
    const late = await record(held, { held: 'cancelled' }, later);
    expect([late.status, late.document.querySelector('button[value=open]')]).toEqual([409, null]);
    expect(late.text).toContain('nobody can change it any more');

    const cancelled = await storedGroup(table, 1);
    await record(cancelled, { held: 'cancelled' });
    const taken = await record(cancelled, allCame(cancelled));
    const back = taken.document.querySelector('main a[href*="session=1"]')?.getAttribute('href') ?? '';
    expect([taken.status, back.endsWith('/group?session=1')]).toEqual([409, true]);
    expect(taken.text).toContain('until Tuesday 8 December 2026 at 4:00 pm');
    const over = await record(cancelled, allCame(cancelled), later);
    expect([over.status, over.document.querySelector('main a[href*="session=1"]')]).toEqual([409, null]);
    expect(over.text).toContain('nobody can change it any more');
    for (const { text } of [late, over])
      expect(text).toMatch(/tell the link workers.*They cannot change it either/);
  });

  it('takes "not right for them" only with the reason, which is what the link worker goes by', async () => {
    const group = await storedGroup(table, 1);
    const [id = ''] = group.people;
    const notRight = { ...allCame(group), [`notRight-${id}`]: 'yes' };
    const asked = await record(group, { ...notRight, [`note-${id}`]: ' ' });
    expect([asked.status, asked.text]).toEqual([
      422,
      expect.stringContaining('Say in the note why the programme is not right for Person 01'),
    ]);
    expect((await group.cohort()).sessions[0]?.status).toBe('planned');
  });

  it('asks it in the first two of whoever joined late, says that it is not taken back, and offers that no more', async () => {
    const group = await storedGroup(table, 2);
    const [early = '', late = ''] = group.people;
    const joinedAt = '2026-12-09T09:00:00.000Z';
    await table.referrals.change(late, NOW, (referral) =>
      referral.stage === 'programme'
        ? { ...referral, programme: { ...referral.programme, joinedAt, sessions: [] } }
        : referral,
    );
    const query = { session: '3' };
    const now = '2026-12-15T18:00:00.000Z';
    const send = (fields: Record<string, string>) =>
      ask(group, 'POST /register/{link}', { fields, query, now });
    const shown = await send({ action: 'open' });
    expect([shown.value(`notRight-${early}`), shown.value(`notRight-${late}`)]).toEqual([undefined, 'yes']);
    expect(shown.text).toContain('you cannot take that back');
    const fields = {
      ...{ ...allCame(group), [`notRight-${early}`]: 'yes', [`notRight-${late}`]: 'yes' },
      [`note-${late}`]: 'They would rather be outdoors',
    };
    expect((await send({ action: 'record', held: 'yes', basedOn: 'none', ...fields })).status).toBe(303);
    const cohort = await group.cohort();
    expect(cohort.sessions[2]?.register?.entries).toEqual({
      [early]: { attendance: '5' },
      [late]: { attendance: '5', notRight: true },
    });
    await table.referrals.change(late, now, (referral) => learnOfSession(referral, cohort, 3, now));
    expect((await table.referrals.read(late))?.stage).toBe('review');
    const again = await send({ action: 'open' });
    expect(again.value(`notRight-${late}`)).toBeUndefined();
    expect(again.text).toContain('Recorded: not right for them');
    // A wrong tap is put right all the same.
    const put = { ...allCame(group), [`attendance-${late}`]: '3' };
    expect((await send({ action: 'record', held: 'yes', basedOn: '0', ...put })).status).toBe(303);
    expect((await group.cohort()).sessions[2]?.register?.entries[late]).toEqual({
      attendance: '3',
      notRight: true,
    });
  });
});

describe('a link to a group that works no more', () => {
  it('leads its facilitator to where fresh ones are sent to the registered address', async () => {
    const group = await storedGroup(table, 1);
    for (const path of ['', '/list', '/group']) {
      const now = '2028-02-01T09:00:00.000Z';
      const { status, document } = await ask(group, `GET /register/{link}${path}`, { now });
      expect(status).toBe(410);
      expect(document.querySelector('main a[href="/offers"]')?.text).toContain('offers and groups');
    }
  });
});

describe('the list to print', () => {
  it('has the names and a box for each code, before the session and once it has begun; each look is in the audit', async () => {
    const group = await storedGroup(table, 2);
    const list = (now: string) =>
      ask(group, 'POST /register/{link}/list', { query: { session: '1' }, fields: { action: 'print' }, now });
    const before = await list('2026-12-01T08:00:00.000Z');
    expect(before.document.querySelectorAll('tbody tr')).toHaveLength(2);
    expect(before.document.querySelectorAll('.osp-list__box')).toHaveLength(10);
    expect(before.text).toContain('Tuesday 1 December 2026 at 4:00 pm');
    await list(AFTER);
    expect(await looks(group.people[0] ?? '')).toBe(2);
    await record(group, allCame(group));
    expect((await list(AFTER)).status).toBe(303);
  });

  it('opens when the working day before the session begins in London, and says so until then', async () => {
    const group = await storedGroup(table, 1);
    const [eve, day] = ['2026-11-29T23:59:59.000Z', '2026-11-30T00:00:00.000Z'];
    const list = (now: string) =>
      ask(group, 'POST /register/{link}/list', { query: { session: '1' }, fields: { action: 'print' }, now });
    const door = (now: string) => ask(group, 'GET /register/{link}', { query: { session: '1' }, now });
    const early = await door(eve);
    expect(early.text).toContain('from Monday 30 November 2026');
    expect(early.document.querySelectorAll('form')).toEqual([]);
    const refused = await list(eve);
    expect([refused.status, refused.location, refused.text]).toEqual([
      303,
      `/register/${group.token}?session=1`,
      '',
    ]);
    expect(await looks(group.people[0] ?? '')).toBe(0);
    expect((await door(day)).document.querySelectorAll('form')).toHaveLength(1);
    expect((await list(day)).text).toContain('Person 01');
    expect(await looks(group.people[0] ?? '')).toBe(1);
  });

  it('is not shown by GET', async () => {
    const group = await storedGroup(table, 1);
    const answer = await ask(group, 'GET /register/{link}/list', { query: { session: '1' } });
    expect([answer.status, answer.location]).toEqual([303, `/register/${group.token}?session=1`]);
    expect(await looks(group.people[0] ?? '')).toBe(0);
  });
});

const BEFORE = '2026-11-25T09:00:00.000Z';
const change = (group: StoredGroup, number: number, fields: Fields, now = BEFORE) =>
  ask(group, 'POST /register/{link}/group', {
    query: { session: String(number) },
    fields: { action: 'change', sequence: '0', ...fields },
    now,
  });
const to = (day: string, month: string, year: string, time: string): Fields => ({
  'startsOn-day': day,
  'startsOn-month': month,
  'startsOn-year': year,
  time,
});

describe('the group’s page', () => {
  it('lists all sessions with their state, and names nobody', async () => {
    const group = await storedGroup(table, 2);
    await record(group, allCame(group));
    const { text } = await ask(group, 'GET /register/{link}/group');
    expect(text).toContain('1 of 12 sessions');
    expect(text).not.toMatch(/Person|Brien/);
    expect(text.match(/To come/g)).toHaveLength(11);
    expect(await looks(group.people[0] ?? '')).toBe(0);
  });

  it('moves a session once, however often it is sent', async () => {
    const group = await storedGroup(table, 1);
    const moved = { ...to('9', '12', '2026', '18:00'), place: 'Room 2' };
    for (let i = 0; i < 2; i++) {
      const { status, location } = await change(group, 2, moved);
      expect([status, location]).toEqual([303, `/register/${group.token}/group?done=changed`]);
    }
    const cohort = await group.cohort();
    expect(cohort.sessions[1]).toMatchObject({
      startsAt: '2026-12-09T18:00:00.000Z',
      place: 'Room 2',
      sequence: 1,
    });
    expect(cohort.outbox.map(({ key }) => key)).toEqual(['tell:2:changed-1']);
  });

  it.each<[string, Fields, RegExp]>([
    ['no date', to('31', '2', '2027', '16:00'), /real date/],
    ['no time', to('9', '12', '2026', 'four'), /24-hour clock/],
    ['the past', to('24', '11', '2026', '16:00'), /in the future/],
    ['another session', to('15', '12', '2026', '16:30'), /Another session/],
    ['a bank holiday', to('28', '12', '2026', '16:00'), /bank holiday/],
    ['an hour that the clocks leave out', to('28', '3', '2027', '1:30'), /clocks go forward/],
  ])('says what speaks against %s, and keeps what was entered', async (_what, fields, error) => {
    const group = await storedGroup(table, 1);
    const answer = await change(group, 2, { ...fields, place: 'Room 2' });
    expect(answer.status).toBe(422);
    expect(answer.errors[0]).toMatch(error);
    expect([answer.value('time'), answer.value('place')]).toEqual([fields.time, 'Room 2']);
    expect((await group.cohort()).sessions[1]?.sequence).toBe(0);
  });

  it('moves a session onto a bank holiday for whoever says so', async () => {
    const group = await storedGroup(table, 1);
    const answer = await change(group, 2, { ...to('28', '12', '2026', '16:00'), anyDay: 'yes' });
    expect(answer.status).toBe(303);
  });

  it('cancels a session once; as many are held as before', async () => {
    const group = await storedGroup(table, 1);
    for (let i = 0; i < 2; i++) expect((await change(group, 4, { action: 'cancel' })).status).toBe(303);
    const { sessions } = await group.cohort();
    expect(sessions.filter(({ status }) => status === 'planned')).toHaveLength(12);
    expect(sessions[3]?.status).toBe('cancelled');
  });

  it('holds a cancelled one after all, but not where another is by now, and on a bank holiday for whoever says so', async () => {
    const group = await storedGroup(table, 1);
    await change(group, 3, { action: 'cancel' });
    await change(group, 4, { ...to('15', '12', '2026', '16:00') });
    const back = { action: 'restore', sequence: '1' };
    const refused = await change(group, 3, { ...back, anyDay: 'yes' });
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('Another session')]);
    expect(refused.value('anyDay')).toBeUndefined();
    await change(group, 4, { ...to('28', '12', '2026', '16:00'), anyDay: 'yes', sequence: '1' });
    expect((await change(group, 3, back)).status).toBe(303);
    await change(group, 4, { action: 'cancel', sequence: '2' });
    const holiday = { ...back, sequence: '3' };
    const asked = await change(group, 4, holiday);
    expect([asked.status, asked.errors, asked.value('anyDay')]).toEqual([
      422,
      [expect.stringContaining('bank holiday')],
      'yes',
    ]);
    for (let i = 0; i < 2; i++) {
      const { status, location } = await change(group, 4, { ...holiday, anyDay: 'yes' });
      expect([status, location]).toEqual([303, `/register/${group.token}/group?done=restored`]);
    }
    expect((await group.cohort()).sessions[3]).toMatchObject({ status: 'planned', sequence: 4 });
  });

  it('tells whoever is slower what stands now, and keeps what they entered', async () => {
    const group = await storedGroup(table, 1);
    await change(group, 2, to('9', '12', '2026', '18:00'));
    const slower = await change(group, 2, to('10', '12', '2026', '11:00'));
    expect(slower.status).toBe(409);
    expect(slower.text).toContain('Somebody else changed this session');
    expect(slower.text).toContain('Wednesday 9 December 2026 at 6:00 pm');
    expect(slower.value('startsOn-day')).toBe('10');
    const cancels = await change(group, 2, { action: 'cancel' });
    expect(cancels.status).toBe(409);
    const again = { ...to('10', '12', '2026', '11:00'), sequence: slower.value('sequence') ?? '' };
    expect((await change(group, 2, again)).status).toBe(303);
    expect((await group.cohort()).sessions[1]?.sequence).toBe(2);
  });

  it('refuses to change what has begun, is held or is cancelled, and says why', async () => {
    const group = await storedGroup(table, 1);
    const moved = to('20', '12', '2026', '11:00');
    const begun = await change(group, 1, moved, AFTER);
    expect([begun.status, begun.text]).toEqual([409, expect.stringContaining('It has begun')]);
    expect(begun.text).toContain('20 12 2026');
    expect((await change(group, 1, { action: 'cancel' }, AFTER)).status).toBe(409);
    await record(group, allCame(group));
    expect((await change(group, 1, moved, AFTER)).text).toContain('recorded as held');
    await changeCohort(TABLE, group.id, NOW, (cohort) => cancelSession(cohort, 5, NOW));
    expect((await change(group, 5, moved, AFTER)).text).toContain('cancelled already');
    const looked = await ask(group, 'GET /register/{link}/group', { query: { session: '1' } });
    expect([looked.status, looked.text]).toEqual([200, expect.stringContaining('recorded as held')]);
    expect((await change(group, 99, moved)).status).toBe(404);
  });
});
