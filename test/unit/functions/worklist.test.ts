import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { parse } from 'node-html-parser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { log } from '../../../functions/shared/log.ts';
import { pageOfNotes } from '../../../functions/shared/notes.ts';
import { formerNameKeysOf, personKeysOf } from '../../../functions/shared/person-index.ts';
import { beginSession, type Role } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { handler as worklist } from '../../../functions/worklist/handler.ts';
import { recordContact } from '../../../workflows/contacts.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { fullName } from '../../../workflows/person.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { teamFor } from '../../../workflows/teams.ts';
import { after as later } from '../../../workflows/time.ts';
import { placeInWorklist } from '../../../workflows/worklist.ts';
import { AMINA, emailsTo, entered, inReview, NOW, stored } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

const TEAMS = [
  { id: 'all', name: 'Link workers', postcodeDistricts: [] },
  { id: 'camden', name: 'Camden', postcodeDistricts: ['NW1', 'NW3'] },
];

let table: TestTable;
beforeEach(async () => {
  table = await startEnvironment();
  vi.stubEnv('TEAMS', JSON.stringify(TEAMS));
});
afterEach(() => table.stop());

/** Signs somebody in; gives the cookie that their browser sends. */
async function signedIn(roles: Role[], teams: string[]): Promise<string> {
  const visit = { now: NOW, cookies: [] as string[], secure: false } as unknown as Visit;
  const cookie = await beginSession(visit, { sub: roles.join(), name: 'Amina', email: '', roles, teams });
  return cookie.split(';')[0] ?? '';
}

let ids = 0xd000;
async function put(change: (referral: Referral) => Referral): Promise<Referral> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const referral = {
    ...change(inReview()),
    id,
    reference: referenceOf(id.split('').reverse().join('')),
    version: 0,
  };
  await table.referrals.create(referral);
  return referral;
}

const get = (cookie: string, query: Record<string, string> = {}) =>
  request(worklist, { route: 'GET /worklist', cookies: [cookie], query, now: NOW });
const open = (cookie: string, reference: string, fields?: Record<string, string>) =>
  request(review, {
    route: `${fields ? 'POST' : 'GET'} /referrals/{reference}`,
    path: { reference },
    cookies: [cookie],
    fields: fields ?? {},
    now: NOW,
  });
const csrfIn = (body = '') => parse(body).querySelector('main input[name=csrf]')?.getAttribute('value') ?? '';
const references = (body = '') =>
  parse(body)
    .querySelectorAll('.osp-worklist__item a')
    .map((link) => link.getAttribute('href')?.split('/').at(-1));

describe('the worklist', () => {
  it('is for link workers and coordinators of the team', async () => {
    expect((await get('session=x')).headers?.location).toBe('/sign-in?return=%2Fworklist');
    expect((await get(await signedIn(['auditor'], ['camden']))).statusCode).toBe(403);
    expect((await get(await signedIn(['link-worker'], []))).statusCode).toBe(403);
    const worker = await signedIn(['link-worker'], ['camden']);
    expect((await get(worker)).statusCode).toBe(200);
    expect((await get(worker, { team: 'all' })).statusCode).toBe(403);
    expect((await get(worker, { after: '0#x', urgency: 'x' })).statusCode).toBe(200);
  });

  it('has who is in danger first, shows what is overdue, and has the same cost however much waits', async () => {
    const worker = await signedIn(['link-worker'], ['camden']);
    const team = 'camden';
    const calm = await put((referral) => ({ ...referral, team }));
    const danger = await put((referral) => ({
      ...referral,
      team,
      request: { ...referral.request, danger: true },
    }));
    const late = await put(
      (referral) => ({ ...referral, team, askedAt: '2026-11-02T09:00:00.000Z' }) as Referral,
    );
    const send = vi.spyOn(DynamoDBDocumentClient.prototype, 'send');
    const { body } = await get(worker);
    const few = send.mock.calls.length;
    expect(references(body)).toEqual([danger, late, calm].map(({ reference }) => reference));
    const tags = parse(body ?? '')
      .querySelectorAll('.osp-worklist__item')
      .map((item) => item.text.includes('Overdue'));
    expect(tags).toEqual([false, true, false]);

    for (let i = 0; i < 45; i++) await put((referral) => ({ ...referral, team }));
    send.mockClear();
    const first = await get(worker);
    expect(send.mock.calls.length).toBe(few);
    send.mockRestore();
    // Every one of them is on some page, once.
    const seen = [...references(first.body)];
    let next = parse(first.body ?? '')
      .querySelectorAll('a')
      .find((link) => link.text === 'Next page');
    while (next) {
      const query = Object.fromEntries(new URL(next.getAttribute('href') ?? '', 'http://x').searchParams);
      const page = await get(worker, query);
      seen.push(...references(page.body));
      next = parse(page.body ?? '')
        .querySelectorAll('a')
        .find((link) => link.text === 'Next page');
    }
    expect([seen.length, new Set(seen).size]).toEqual([48, 48]);
    expect(references((await get(worker, { urgency: 'danger' })).body)).toEqual([danger.reference]);
  });

  it('keeps who is in danger while somebody is asked about them, until they were spoken with', async () => {
    const worker = await signedIn(['link-worker'], ['camden']);
    const question = { decision: 'ask-for-more', to: 'referrer', question: 'What is their number?' } as const;
    const call = { channel: 'phone', outcome: 'reached' } as const;
    const asked = await put((referral) => {
      const danger = { ...referral, team: 'camden', request: { ...referral.request, danger: true } };
      return entered(stored(decideReview(danger, `review-${danger.reviews}`, question, NOW)), 'information');
    });
    const items = async (query: Record<string, string>) =>
      parse((await get(worker, query)).body ?? '')
        .querySelectorAll('.osp-worklist__item')
        .filter(({ text }) => text.includes(asked.reference));
    const [item] = await items({ urgency: 'danger' });
    expect(item?.text).toContain('Speak with them now: they may be in danger');
    expect(item?.querySelector('a')?.getAttribute('href')).toBe(`/referrals/${asked.reference}/contacts`);
    expect(await items({ where: 'information' })).toEqual([]);
    await table.referrals.change(asked.id, NOW, (referral) => recordContact(referral, 1, call, AMINA, NOW));
    expect(await items({ urgency: 'danger' })).toEqual([]);
    expect(await items({ where: 'information' })).toHaveLength(1);
  });

  it('counts what is due by now, of each urgency and of one’s own, above the list', async () => {
    const worker = await signedIn(['link-worker'], ['camden']);
    const before = parse((await get(worker)).body ?? '');
    const filters = (page = before) =>
      page.querySelectorAll('.osp-filters__link').map(({ structuredText }) => structuredText.trim());
    const dueIn = (name: string, page = before) =>
      Number(/, (\d+) due/.exec(filters(page).find((text) => text.startsWith(name)) ?? '')?.[1] ?? 0);
    const assignee = { id: 'link-worker', name: 'Amina', since: NOW };
    const askedAt = '2026-11-02T09:00:00.000Z';
    await put((each) => ({ ...each, team: 'camden', assignee, askedAt }) as Referral);
    await put((each) => ({ ...each, team: 'camden', assignee }) as Referral);
    const page = parse((await get(worker)).body ?? '');
    expect(dueIn('Mine', page)).toBe(dueIn('Mine') + 1);
    expect(dueIn('All', page)).toBe(dueIn('All') + 1);
    expect(dueIn('In danger', page)).toBe(0);
    const main = page.querySelector('main')?.structuredText ?? '';
    expect(main.indexOf('Waiting for others')).toBeLessThan(main.indexOf('received on'));
    expect(main.indexOf('In a programme (')).toBeLessThan(main.indexOf('received on'));
  });

  it('is the whole team’s where the address names nobody of the team, and says so', async () => {
    await put((referral) => ({ ...referral, team: 'camden' }));
    const worker = await signedIn(['link-worker'], ['camden']);
    const [whole, other] = [await get(worker), await get(worker, { whose: 'zzz' })];
    expect(references(other.body)).toEqual(references(whole.body));
    expect(references(other.body).length).toBeGreaterThan(0);
    expect(other.body).toContain('The address names nobody of this team');
    expect(whole.body).not.toContain('The address names nobody of this team');
    expect((await get(worker, { whose: 'mine' })).body).not.toContain(
      'The address names nobody of this team',
    );
  });

  it('begins anew for an address that names no place of the list', async () => {
    await put((referral) => ({ ...referral, team: 'camden' }));
    const worker = await signedIn(['link-worker'], ['camden']);
    const place = `2026-01-01T00:00:00.000Z#${'a'.repeat(32)}`;
    for (const query of [
      { urgency: 'danger', after: `2#${place}` },
      { where: 'hold', after: `1#${place}` },
      { after: `9#hold#${place}` },
      { after: `2#${place}` },
    ]) {
      expect((await get(worker, query as Record<string, string>)).statusCode).toBe(200);
    }
  });

  it('shows the others when one cannot be read, and says so', async () => {
    const team = 'all';
    const fine = await put((referral) => ({ ...referral, team }));
    const broken = await put((referral) => ({ ...referral, team }));
    const item = table.items().find(({ pk, sk }) => pk === `REFERRAL#${broken.id}` && sk === 'REFERRAL');
    await table.put({ ...item, schemaVersion: 99 });
    const { statusCode, body } = await get(await signedIn(['link-worker'], ['all']));
    expect([statusCode, references(body)]).toEqual([200, [fine.reference]]);
    expect(body).toContain('One referral of this page cannot be shown');
    // Nor does it hide who may be the same person.
    expect((await open(await signedIn(['link-worker'], ['all']), fine.reference)).statusCode).toBe(200);
  });
});

describe('the search', () => {
  const find = async (cookie: string, query: string) => {
    const { body } = await request(worklist, {
      route: 'GET /worklist/search',
      cookies: [cookie],
      now: NOW,
    });
    const answer = await request(worklist, {
      route: 'POST /worklist/search',
      cookies: [cookie],
      fields: { query, csrf: csrfIn(body) },
      now: NOW,
    });
    return answer.headers?.location === FOUND ? goBack(cookie) : answer;
  };
  const FOUND = `/worklist/search?${new URLSearchParams({ found: NOW })}`;
  const goBack = (cookie: string, now = NOW, found = NOW) =>
    request(worklist, { route: 'GET /worklist/search', query: { found }, cookies: [cookie], now });
  const called = async (familyName: string, team: string, createdAt = NOW) => {
    const person = { ...inReview().person, familyName };
    const personKeys = await personKeysOf(person);
    return put((referral) => ({ ...referral, person, personKeys, team, createdAt }));
  };

  it('finds one’s own first, the newest first, however many others have, and says when there are more', async () => {
    for (let i = 0; i < 27; i++) await called('Smythe', 'all');
    const older = await called('Smythe', 'camden', '2026-01-02T00:00:00.000Z');
    const newer = await called('Smythe', 'camden', '2026-02-02T00:00:00.000Z');
    const worker = await signedIn(['link-worker'], ['camden']);
    for (const query of ['smythe', 'Róisín Smythe', 'SMYTHE, ROISIN']) {
      const { body } = await find(worker, query);
      expect(references(body)).toEqual([newer.reference, older.reference]);
      expect(body).toContain('and more: search for the full name');
      expect(body).not.toContain('There are more than are shown');
    }
    const { body } = await find(await signedIn(['coordinator'], ['all']), 'Smythe');
    expect(references(body)).toHaveLength(25);
    expect(body).toContain('There are more than are shown');
  });

  it('has a page of its own when it found somebody, to come back to, for whoever searched and nobody else', async () => {
    const { reference } = await called('Achebe', 'camden');
    const worker = await signedIn(['link-worker'], ['camden']);
    expect(references((await find(worker, 'Achebe')).body)).toEqual([reference]);
    const minutes = later(NOW, { minutes: 25 });
    expect(references((await goBack(worker, minutes)).body)).toEqual([reference]);
    for (const answer of [
      await goBack(await signedIn(['link-worker'], ['camden']), minutes),
      await goBack(worker, minutes, later(NOW, { minutes: 1 })),
    ]) {
      expect([answer.statusCode, references(answer.body)]).toEqual([422, []]);
      expect(answer.body).toContain('What you found is not kept any more. Search again');
    }
    // What was typed is kept nowhere.
    expect(JSON.stringify(table.items().filter(({ sk }) => sk === 'SESSION'))).not.toMatch(/achebe/i);
    // Who has found nobody puts right what they typed.
    expect((await find(worker, 'Achebbe')).body).toContain('value="Achebbe"');
  });

  it('logs who searched and how many were found elsewhere, where some were, and never what was searched for', async () => {
    const name = 'Featherstonehaugh';
    await called(name, 'camden');
    for (let i = 0; i < 2; i++) await called(name, 'all');
    const logged = vi.spyOn(log, 'info');
    await find(await signedIn(['link-worker'], ['camden']), name);
    await find(await signedIn(['link-worker'], ['camden', 'all']), name);
    const lines = logged.mock.calls.filter(([message]) => message === 'SEARCH_MET_OTHER_TEAMS');
    expect(lines.map(([, fields]) => fields)).toEqual([{ by: 'link-worker', count: 1, others: 2 }]);
    expect(JSON.stringify(logged.mock.calls)).not.toContain(name);
    logged.mockRestore();
  });

  it('ends for an hour for whoever searches without end, and for nobody else; a reference is still taken', async () => {
    const worker = await signedIn(['link-worker', 'auditor'], ['camden']);
    const { body: form } = await request(worklist, {
      route: 'GET /worklist/search',
      cookies: [worker],
      now: NOW,
    });
    const send = (query: string, now = NOW) =>
      request(worklist, {
        ...{ route: 'POST /worklist/search', cookies: [worker], fields: { query, csrf: csrfIn(form) }, now },
      });
    for (let i = 0; i < 120; i++) expect((await send('Fernando')).statusCode).toBe(200);
    const refused = await send('Fernando');
    expect([refused.statusCode, refused.body]).toEqual([
      422,
      expect.stringContaining('You have searched very often in the last hour'),
    ]);
    expect(refused.body).toContain('Search again in 60 minutes');
    expect((await send('SP-7K4M-2Q9X')).statusCode).toBe(303);
    expect((await find(await signedIn(['coordinator'], ['camden']), 'Fernando')).statusCode).toBe(200);
    // The session lasts no hour: it is used in between.
    await send('SP-7K4M-2Q9X', later(NOW, { minutes: 29 }));
    await send('SP-7K4M-2Q9X', later(NOW, { minutes: 58 }));
    expect((await send('Fernando', later(NOW, { minutes: 61 }))).statusCode).toBe(200);
  });

  it('takes a reference as people copy it', async () => {
    const worker = await signedIn(['link-worker'], ['camden']);
    for (const query of ['SP-7K4M-2Q9X', 'sp7k4m2q9x', '7K4M 2Q9X', ' 7k4m-2q9x ']) {
      expect((await find(worker, query)).headers?.location).toBe('/referrals/SP-7K4M-2Q9X');
    }
    expect((await find(worker, 'Fernando')).statusCode).toBe(200);
    const found = await called('Lowe', 'camden');
    expect((await open(worker, found.reference.toLowerCase())).statusCode).toBe(200);
  });

  it('takes an NHS number with what people write before it', async () => {
    const { reference } = await called('Lovelace', 'all');
    const worker = await signedIn(['link-worker'], ['all']);
    const { nhsNumber = '' } = inReview().person;
    const inParts = nhsNumber.replace(/^(\d{3})(\d{3})/, '$1 $2 ');
    for (const before of ['', 'NHS ', 'nhs number: ', 'NHS No. ', 'NHS-']) {
      expect(references((await find(worker, `${before}${inParts}`)).body), before).toContain(reference);
    }
    const { statusCode, body } = await find(worker, 'NHS 943 476 591');
    expect([statusCode, body]).toEqual([422, expect.stringContaining('Check the NHS number')]);
  });

  it('says of what is no reference and of what is nothing what it is, and searches no name', async () => {
    const worker = await signedIn(['link-worker'], ['camden']);
    for (const [query, error] of [
      ['SP-DW82-7B2', 'Check the reference: after SP it has 8 letters and digits, like SP-7K4M-2Q9X'],
      ['sp dw82', 'Check the reference'],
      ['SP-DW82-7B2XX', 'Check the reference'],
      ['GR-DW82-7B2', 'Check the reference: after GR it has 8 letters and digits, like GR-7K4M-2Q9X'],
      ['-', 'Enter a reference, an NHS number or a name'],
      ['’ , .', 'Enter a reference, an NHS number or a name'],
      ['NHS', 'Enter a reference, an NHS number or a name'],
    ] as const) {
      const { statusCode, body } = await find(worker, query);
      expect([statusCode, body], query).toEqual([422, expect.stringContaining(error)]);
      expect(body).not.toContain('Nobody was found');
    }
    // Names.
    for (const name of ['Spencer', 'Sp Green', 'Green', 'Nhsson']) {
      expect((await find(worker, name)).body, name).toContain('Nobody was found');
    }
  });

  it('finds a name however its letters are written, also under the keys of before', async () => {
    const worker = await signedIn(['link-worker'], ['camden']);
    const { reference } = await called('Wałęsa', 'camden');
    for (const query of ['Wałęsa', 'Walesa', 'WALESA, Roisin', 'Róisín Walesa']) {
      expect(references((await find(worker, query)).body), query).toEqual([reference]);
    }
    for (const [stored, query] of [
      ['Strauß', 'Strauss'],
      ['Bjørnsen', 'Bjornsen'],
      ['Đorđević', 'Dordevic'],
      ['Þórsson', 'Thorsson'],
      ['Işık', 'Isik'],
      ['İnönü', 'Inonu'],
    ] as const) {
      const other = await called(stored, 'camden');
      expect(references((await find(worker, query)).body), query).toEqual([other.reference]);
    }
    // Its keys were made when these letters were letters of their own.
    const person = { ...inReview().person, familyName: 'Łuczak' };
    const personKeys = {
      ...(await personKeysOf(person)),
      ...(await formerNameKeysOf(fullName(person), person.familyName)),
    };
    const before = await put((referral) => ({ ...referral, person, personKeys, team: 'camden' }));
    for (const query of ['Łuczak', 'Łuczak, Róisín']) {
      expect(references((await find(worker, query)).body), query).toEqual([before.reference]);
    }
  });
});

describe('a referral, signed in', () => {
  const audits = (id: string) => table.looksAt(id);

  it('is read and decided by its team, each look noted once, a decision of the form only', async () => {
    const referral = await put((each) => ({ ...each, team: 'camden' }));
    const worker = await signedIn(['link-worker'], ['camden']);
    const { statusCode, body } = await open(worker, referral.reference);
    expect([statusCode, body?.includes('O&#39;Brien')]).toEqual([200, true]);
    expect(await audits(referral.id)).toHaveLength(1);
    const decline = {
      ...{ action: 'decide', review: 'review-1' },
      decision: 'decline',
      declineReason: 'duplicate',
    };
    expect((await open(worker, referral.reference, decline)).statusCode).toBe(403);
    const csrf = csrfIn(body);
    expect((await open(worker, referral.reference, { ...decline, csrf })).statusCode).toBe(303);
    // The same again shows it; something else is told that it came too late.
    const { body: after } = await open(worker, referral.reference);
    expect(parse(after ?? '').querySelector('form.osp-decision')).toBeNull();
    expect((await table.referrals.read(referral.id))?.stage).toBe('closing');
  });

  it('tells whoever is slower who decided what, also where something is missing in their decision', async () => {
    const referral = await put((each) => ({ ...each, team: 'camden' }));
    const [faster, slower] = await Promise.all([
      signedIn(['link-worker'], ['camden']),
      signedIn(['coordinator'], ['camden']),
    ]);
    const forms = await Promise.all([open(faster, referral.reference), open(slower, referral.reference)]);
    const [one = {}, other = {}] = forms.map(({ body }) => ({
      action: 'decide',
      csrf: csrfIn(body),
      review: 'review-1',
    }));
    const decline = { ...one, decision: 'decline', declineReason: 'duplicate' };
    expect((await open(faster, referral.reference, decline)).statusCode).toBe(303);
    const late = await open(slower, referral.reference, { ...other, decision: 'hold' });
    expect([late.statusCode, late.body]).toEqual([409, expect.stringContaining('Amina')]);
  });

  it('is given to nobody of the team when it is another’s by the time', async () => {
    const referral = await put((each) => ({ ...each, team: 'camden' }));
    const worker = await signedIn(['link-worker'], ['camden']);
    const { body } = await open(worker, referral.reference);
    const send = DynamoDBDocumentClient.prototype.send as (command: unknown) => Promise<unknown>;
    const spy = vi.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(async function (
      this: unknown,
      command: unknown,
    ) {
      if (command instanceof PutCommand) {
        spy.mockRestore();
        // Between reading and writing somebody passes it on.
        const passOn = { decision: 'transfer', team: 'all' } as const;
        await table.referrals.change(referral.id, NOW, (each) => decideReview(each, 'review-1', passOn, NOW));
      }
      return send.call(this, command);
    } as never);
    const take = { action: 'assign', csrf: csrfIn(body), from: '', to: 'link-worker' };
    const late = await open(worker, referral.reference, take);
    expect([late.statusCode, late.body]).toEqual([
      409,
      expect.stringContaining('The referral was passed to another team: Link workers'),
    ]);
    expect(await table.referrals.read(referral.id)).toMatchObject({ team: 'all', version: 1 });
    expect((await table.referrals.read(referral.id))?.assignee).toBeUndefined();
  });

  it('is read and not decided by auditors', async () => {
    const referral = await put((each) => ({ ...each, team: 'camden' }));
    const { statusCode, body } = await open(await signedIn(['auditor'], ['camden']), referral.reference);
    expect(statusCode).toBe(200);
    expect(parse(body ?? '').querySelector('form.osp-decision')).toBeNull();
  });

  it('of another team, opened for a reason, takes a note of whoever covers, once, and nothing else', async () => {
    const referral = await put((each) => ({ ...each, team: 'all' }));
    const worker = await signedIn(['link-worker'], ['camden']);
    const csrf = csrfIn((await open(worker, referral.reference)).body);
    const about = { csrf, reason: 'She called me today' };
    const opened = parse((await open(worker, referral.reference, about)).body ?? '');
    const form = opened.querySelector('#coverNote')?.closest('form');
    const carried = Object.fromEntries(
      form
        ?.querySelectorAll('input[type=hidden], button')
        .map((each) => [each.attributes.name, each.attributes.value]) ?? [],
    );
    expect(carried).toMatchObject({ ...about, action: 'note' });
    const sent = { ...carried, coverNote: 'Cannot come on Tuesday; wants a call' };
    const none = await open(worker, referral.reference, { ...sent, coverNote: ' ' });
    expect([none.statusCode, none.body]).toEqual([422, expect.stringContaining('Enter a note')]);
    const notes = async () =>
      (await pageOfNotes(TABLE, referral.id)).notes.map(({ by, text }) => [by.name, text]);
    for (let i = 0; i < 2; i++) {
      const { statusCode, body } = await open(worker, referral.reference, sent);
      expect([statusCode, body]).toEqual([
        200,
        expect.stringContaining('The note is saved, and the team is told'),
      ]);
    }
    expect(await notes()).toEqual([['Amina', sent.coverNote]]);
    // Another one with the same form is not lost, and is not kept unseen.
    const other = await open(worker, referral.reference, { ...sent, coverNote: 'Another thing' });
    expect([other.statusCode, other.body]).toEqual([422, expect.stringContaining('Another thing')]);
    // Neither without a reason, nor by those who only read.
    const { reason: _, ...without } = sent;
    expect((await open(worker, referral.reference, without)).statusCode).toBe(409);
    const auditor = await signedIn(['auditor'], []);
    const theirs = { ...sent, csrf: csrfIn((await open(auditor, referral.reference)).body) };
    expect((await open(auditor, referral.reference, { ...theirs, coverNote: 'x' })).body).not.toContain(
      'cover-note',
    );
    expect(await notes()).toHaveLength(1);
    // Whoever looks after them hears of it, once; what was written is not in it.
    const told = await table.referrals.read(referral.id);
    expect(told).toMatchObject({ version: 1, team: 'all', concerns: [{ kind: 'colleague-note' }] });
    expect(told && emailsTo(told).slice(-2)).toEqual([
      'colleague-note → link-worker',
      'colleague-note-waiting → coordinator',
    ]);
    expect(JSON.stringify(told)).not.toContain('Tuesday');
    // Whoever ticks it and sends the form again is heard.
    await open(worker, referral.reference, { ...sent, coverUnsafe: 'yes' });
    expect((await table.referrals.read(referral.id))?.concerns).toMatchObject([{}, { kind: 'unsafe' }]);
    expect((await audits(referral.id)).every(({ reason }) => reason === about.reason)).toBe(true);
  });

  it('of another team is opened for a reason, which is kept, and not decided', async () => {
    const referral = await put((each) => ({ ...each, team: 'all' }));
    const worker = await signedIn(['link-worker'], ['camden']);
    const door = await open(worker, referral.reference);
    expect(door.body).not.toContain('Brien');
    expect(await audits(referral.id)).toHaveLength(0);
    const csrf = csrfIn(door.body);
    for (const [reason, error] of [
      [' ', 'Enter why you need to see it'],
      ['aaa aaa aaa aaa', 'with 10 letters or more'],
      ['...........', 'with 10 letters or more'],
      ['asdfghjklqwertz', 'in a few words'],
      ['cover', 'with 10 letters or more'],
      [`She called me ${'and '.repeat(50)}`, 'Use 200 characters or fewer'],
    ] as const) {
      const { statusCode, body } = await open(worker, referral.reference, { csrf, reason });
      const field = parse(body ?? '').querySelector('#reason');
      expect([statusCode, body, field?.getAttribute('value') ?? '']).toEqual([
        422,
        expect.stringContaining(error),
        reason.trim(),
      ]);
    }
    expect(await audits(referral.id)).toHaveLength(0);
    const opened = await open(worker, referral.reference, {
      csrf,
      reason: 'She called me',
      action: 'decide',
      decision: 'decline',
    });
    expect(opened.body).toContain('O&#39;Brien');
    expect((await audits(referral.id)).map(({ reason }) => reason)).toEqual(['She called me']);
    expect((await table.referrals.read(referral.id))?.stage).toBe('review');
    // The team reads that there was a reason, and not which.
    const { body: timeline } = await open(await signedIn(['link-worker'], ['all']), referral.reference);
    expect(timeline).toContain('of another team, looked at the referral, for a reason that is on record');
    expect(timeline).not.toContain('She called me');
  });

  it('is no page for who is not there', async () => {
    const worker = await signedIn(['link-worker'], ['camden']);
    expect((await open(worker, 'SP-0000-0000')).statusCode).toBe(404);
    expect((await open(worker, '../x')).statusCode).toBe(404);
    expect((await open(await signedIn(['provider-staff'], ['camden']), 'SP-0000-0000')).statusCode).toBe(403);
  });
});

describe('teams', () => {
  it('look after their postcode districts, and one after everybody else', () => {
    expect([teamFor('NW1 8AB', TEAMS), teamFor('SE1 7EH', TEAMS), teamFor('ZZ99 3VZ', TEAMS)]).toEqual([
      'camden',
      'all',
      'all',
    ]);
  });

  it('have in their list only what waits for them', () => {
    const referral = inReview();
    expect(placeInWorklist(referral)).toMatchObject({ team: 'all', task: 'review', urgency: 'none' });
    expect(placeInWorklist({ ...referral, stage: 'offer' } as Referral)).toBeUndefined();
  });
});
