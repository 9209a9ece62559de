/** Sessions from their beginning to their end, and whom the pages behind them let in. */
import { createHash, randomBytes } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  beginSession,
  endSession,
  type Person,
  type SignedIn,
  whoIsSignedIn,
  workspace,
} from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { after } from '../../../workflows/time.ts';
import { type Request, request, startEnvironment } from './environment.ts';
import type { TestTable } from './table.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const amina: Person = {
  sub: 'amina',
  name: 'Amina Rahman',
  email: 'amina@example.org',
  roles: ['link-worker'],
  teams: ['camden'],
};

/** What the pages were asked by whom, in order. */
let seen: { visit: Visit; who: SignedIn }[];
const note = async (visit: Visit, who: SignedIn): Promise<APIGatewayProxyStructuredResultV2> => {
  seen.push({ visit, who });
  return { statusCode: 200, body: who.csrf };
};
const handler = workspace({
  'GET /work': { roles: ['link-worker', 'coordinator'], answer: note },
  'POST /work': { roles: ['link-worker', 'coordinator'], answer: note },
  'POST /desk/done': { roles: ['link-worker'], answer: note },
  'GET /me': { roles: 'anyone', answer: note },
});

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
beforeEach(() => {
  seen = [];
});
afterAll(() => table.stop());

/** A visit by a browser with these cookies. */
function visitAt(now: string, cookies: string[] = [], secure = false): Visit {
  const nothing = { path: {}, query: {}, fields: {}, client: '', requestId: '', address: '/' };
  return { ...nothing, now, cookies, secure };
}

/** Signs somebody in, and gives what the browser sends from then on. */
async function cookieFor(person: Person = amina, now = NOW, before: string[] = []): Promise<string> {
  return (await beginSession(visitAt(now, before), person)).split(';')[0] ?? '';
}

const ask = (route: string, now: string, more: Partial<Request> = {}) =>
  request(handler, { route, now, ...more });

async function stored(cookie: string): Promise<Record<string, unknown> | undefined> {
  const hash = createHash('sha256')
    .update(cookie.split('=')[1] ?? '')
    .digest('hex');
  return table.items().find(({ pk }) => pk === `SESSION#${hash}`);
}

const headingOf = ({ body = '' }: APIGatewayProxyStructuredResultV2) => parse(body).querySelector('h1')?.text;
const minutes = (count: number, from = NOW) => after(from, { minutes: count });

describe('a session', () => {
  it('is kept under a hash: whoever reads the table signs in as nobody', async () => {
    const cookie = await cookieFor();
    const item = await stored(cookie);
    expect(item).toMatchObject({ ...amina, createdAt: NOW, seenAt: NOW });
    expect(item?.expiresAt).toBe(Date.parse(NOW) / 1000 + 12 * 3600);
    expect(JSON.stringify(item)).not.toContain(cookie.split('=')[1]);
    expect(
      (await ask('GET /work', NOW, { cookies: [`session=${String(item?.pk).slice(8)}`] })).statusCode,
    ).toBe(303);
  });

  it('is in a cookie that no script reads and no other site sends, and over TLS that nobody else can set', async () => {
    expect(await beginSession(visitAt(NOW), amina)).toMatch(
      /^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const secure = await beginSession(visitAt(NOW, [], true), amina);
    expect(secure).toMatch(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const [cookie = ''] = secure.split(';');
    const tls = { 'x-forwarded-proto': 'https' };
    expect((await ask('GET /work', NOW, { cookies: [cookie], headers: tls })).statusCode).toBe(200);
    // Another host under the same domain can set one without the prefix.
    const planted = cookie.replace('__Host-', '');
    expect((await ask('GET /work', NOW, { cookies: [planted], headers: tls })).statusCode).toBe(303);
    expect((await ask('GET /work', NOW, { cookies: [cookie] })).statusCode).toBe(303);
  });

  it('says who somebody is', async () => {
    const cookies = [await cookieFor(), 'other=1'];
    expect((await ask('GET /me', NOW, { cookies })).statusCode).toBe(200);
    expect(seen[0]?.who).toEqual({ ...amina, since: NOW, csrf: expect.stringMatching(/^[\w-]{43}$/) });
  });

  it('is over when nothing has happened for half an hour', async () => {
    const cookies = [await cookieFor()];
    expect((await ask('GET /work', '2026-11-23T12:29:59.999Z', { cookies })).statusCode).toBe(200);
    const idle = [await cookieFor()];
    expect((await ask('GET /work', minutes(30), { cookies: idle })).statusCode).toBe(303);
    // And stays so, whatever comes later.
    expect((await ask('GET /work', minutes(30), { cookies: idle })).statusCode).toBe(303);
  });

  it('is over after twelve hours, however busy', async () => {
    const cookies = [await cookieFor()];
    const statuses: (number | undefined)[] = [];
    for (let at = 20; at <= 720; at += 20)
      statuses.push((await ask('GET /work', minutes(at), { cookies })).statusCode);
    expect(statuses).toEqual([...Array(35).fill(200), 303]);
  });

  it('has its use noted every two minutes, and not for every page', async () => {
    const cookie = await cookieFor();
    const use = async (at: number) => {
      await ask('GET /work', minutes(at), { cookies: [cookie] });
      return (await stored(cookie))?.seenAt;
    };
    expect(await use(1)).toBe(NOW);
    expect(await use(2)).toBe(minutes(2));
    expect(await use(3)).toBe(minutes(2));
    // A page that was asked for earlier and comes later does not turn time back.
    expect(await use(1)).toBe(minutes(2));
  });

  it('ends at once when somebody signs out, even while another tab is noting that it is used', async () => {
    for (let i = 0; i < 20; i++) {
      const cookie = await cookieFor();
      const busy = ask('GET /work', minutes(5), { cookies: [cookie] });
      const ended = endSession(visitAt(minutes(5), [cookie]));
      await Promise.all([busy, ended]);
      expect(await stored(cookie)).toBeUndefined();
      expect((await ask('GET /work', minutes(5), { cookies: [cookie] })).statusCode).toBe(303);
    }
  });

  it('has a new token for every sign-in, and the former one is over', async () => {
    const first = await cookieFor();
    const second = await cookieFor(amina, minutes(1), [first]);
    expect(second).not.toBe(first);
    expect(await stored(first)).toBeUndefined();
    expect(await whoIsSignedIn(visitAt(minutes(1), [second]))).toMatchObject({ sub: 'amina' });
  });

  it('is nobody’s whose cookie is forged, cut, or of something else', async () => {
    const cookie = await cookieFor();
    const token = cookie.split('=')[1] ?? '';
    const flipped = `${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)}`;
    const forged = [
      randomBytes(32).toString('base64url'),
      flipped,
      token.slice(0, -1),
      `${token}A`,
      '',
      '%00',
    ];
    for (const wrong of forged) {
      expect((await ask('GET /work', NOW, { cookies: [`session=${wrong}`] })).statusCode).toBe(303);
    }
    // What is stored but is no session: of an older version, say, or with a role that is no more.
    const hash = createHash('sha256').update(token).digest('hex');
    await table.put({ pk: `SESSION#${hash}`, sk: 'SESSION', sub: 'amina', roles: 'link-worker' });
    expect((await ask('GET /work', NOW, { cookies: [cookie] })).statusCode).toBe(303);
    expect(seen).toEqual([]);
  });
});

describe('a page', () => {
  it('leads nobody to the sign-in, and back to what they wanted', async () => {
    const location = async (more: Partial<Request>) => (await ask('GET /work', NOW, more)).headers?.location;
    expect(await location({})).toBe('/sign-in?return=%2Fwork');
    expect(await location({ query: { stage: 'review', page: '2' } })).toBe(
      '/sign-in?return=%2Fwork%3Fstage%3Dreview%26page%3D2',
    );
    // Behind the edge the stage's name must not be known to anybody.
    expect(await location({ stage: 'd3b07384' })).toBe('/sign-in?return=%2Fwork');
  });

  it('tells nobody that nothing was recorded, when they send a form', async () => {
    for (const [route, signIn] of [
      ['POST /work', '/sign-in?return=%2Fwork'],
      ['POST /desk/done', '/sign-in'],
    ] as const) {
      const answer = await ask(route, NOW, { fields: { csrf: 'x' } });
      expect([answer.statusCode, headingOf(answer)]).toEqual([401, 'You are not signed in']);
      expect(answer.body).toContain(`href="${signIn}"`);
    }
    expect(seen).toEqual([]);
  });

  it('is for its roles, in plain words for the others', async () => {
    const as = async (roles: Person['roles']) => [await cookieFor({ ...amina, roles })];
    const status = async (route: string, roles: Person['roles']) =>
      (await ask(route, NOW, { cookies: await as(roles) })).statusCode;
    expect(await status('GET /work', ['link-worker'])).toBe(200);
    expect(await status('GET /work', ['auditor', 'coordinator'])).toBe(200);
    expect(await status('GET /work', ['auditor'])).toBe(403);
    expect(await status('GET /work', [])).toBe(403);
    expect(await status('GET /me', [])).toBe(200);
    const refused = await ask('GET /work', NOW, { cookies: await as(['provider-staff']) });
    expect(headingOf(refused)).toBe('This page is not part of your role');
    // They can still sign out, or see who they are.
    expect(
      parse(refused.body ?? '')
        .querySelector('nav form')
        ?.getAttribute('action'),
    ).toBe('/sign-out');
    expect(refused.body).toContain('Amina Rahman');
  });

  it('changes something only for a form of the same session', async () => {
    const [mine, others] = [await cookieFor(), await cookieFor({ ...amina, sub: 'tom' })];
    const csrfOf = async (cookie: string) => (await ask('GET /work', NOW, { cookies: [cookie] })).body ?? '';
    const [own, foreign] = [await csrfOf(mine), await csrfOf(others)];
    expect(own).not.toBe(foreign);
    seen = [];
    for (const fields of [{}, { csrf: '' }, { csrf: foreign }, { csrf: own.slice(1) }, { csrf: `${own}A` }]) {
      const answer = await ask('POST /work', NOW, {
        cookies: [mine],
        fields: fields as Record<string, string>,
      });
      expect([answer.statusCode, headingOf(answer)]).toEqual([403, 'Please try again']);
    }
    expect(seen).toEqual([]);
    const answer = await ask('POST /work', NOW, { cookies: [mine], fields: { csrf: own, decision: 'x' } });
    expect(answer.statusCode).toBe(200);
    expect(seen[0]?.visit.fields.decision).toBe('x');
    // The former session's forms, open in another tab since before signing in again.
    const again = await cookieFor(amina, NOW, [mine]);
    const late = await ask('POST /work', NOW, { cookies: [again], fields: { csrf: own } });
    expect(late.statusCode).toBe(403);
  });
});

describe('what somebody typed', () => {
  const own = { 'sec-fetch-site': 'same-origin' };
  const text = 'She said: "</textarea><script>alert(1)</script>" & left\nat 4 o’clock';
  const fields = {
    ...{ key: 'signed-key', 'goal-1-id': 'row', contactNote: text, note: ' ', channel: 'phone' },
    ...{ 'nextDate-day': '3', 'nextDate-month': '12', 'nextDate-year': '2026', '"><b x="': '<i>' },
    action: 'contact',
  };
  const textsOf = ({ body = '' }: APIGatewayProxyStructuredResultV2) =>
    parse(body)
      .querySelectorAll('textarea')
      .map((area) => [
        parse(body).querySelector(`label[for=${area.id}]`)?.text,
        area.text.replace(/^\n/, ''),
        area.hasAttribute('readonly'),
      ]);

  it('is on the page that says that they are signed out, to be copied, and nothing else of the form', async () => {
    const answer = await ask('POST /work', NOW, { fields: { ...fields, csrf: 'x' }, headers: own });
    expect([answer.statusCode, headingOf(answer)]).toEqual([401, 'You are not signed in']);
    expect(answer.headers?.['cache-control']).toBe('no-store');
    expect(textsOf(answer)).toEqual([
      ['Contact note', text, true],
      ['"><b x="', '<i>', true],
    ]);
    const { body = '' } = answer;
    expect(body).toContain('href="/sign-in?return=%2Fwork"');
    for (const never of ['signed-key', '<script', '<i>', '"><b', 'type="hidden"']) {
      expect(body).not.toContain(never);
    }
    const rows = parse(body).querySelectorAll('dl.nhsuk-summary-list .nhsuk-summary-list__row');
    expect(rows.map((row) => row.structuredText.replaceAll('\n', ': '))).toEqual([
      'Channel: Phone',
      'Next date: 3 12 2026',
    ]);
    expect(seen).toEqual([]);
  });

  it('is sent again by one click after they have signed in again, as it was', async () => {
    const before = await cookieFor();
    const old = (await whoIsSignedIn(visitAt(NOW, [before])))?.csrf ?? '';
    const cookies = [await cookieFor(amina, minutes(40))];
    const late = { cookies, headers: own, fields: { ...fields, csrf: old }, query: { page: '2' } };
    const shown = await ask('POST /work', minutes(40), late);
    expect([shown.statusCode, headingOf(shown)]).toEqual([403, 'Check this and send it again']);
    expect(seen).toEqual([]);
    expect(textsOf(shown)[0]).toEqual(['Contact note', text, true]);
    const form = parse(shown.body ?? '').querySelector('main form');
    expect(form?.getAttribute('action')).toBe('/work?page=2');
    const again = Object.fromEntries(
      (form?.querySelectorAll('input') ?? []).map((input) => [
        input.getAttribute('name') ?? '',
        input.getAttribute('value') ?? '',
      ]),
    );
    expect(again).toEqual({ ...fields, csrf: expect.not.stringMatching(old) });
    expect((await ask('POST /work', minutes(40), { cookies, fields: again })).statusCode).toBe(200);
    expect(seen[0]?.visit.fields).toEqual(again);
  });

  it.each([
    ['another host of the same site', { 'sec-fetch-site': 'same-site' }],
    ['nobody knows where', { 'sec-fetch-site': 'none' }],
    ['a browser that does not say', {}],
  ])('is not shown where it comes from %s', async (_, headers) => {
    const cookies = [await cookieFor()];
    for (const answer of [
      await ask('POST /work', NOW, { fields, headers }),
      await ask('POST /work', NOW, { fields, headers, cookies }),
    ]) {
      expect(['You are not signed in', 'Please try again']).toContain(headingOf(answer));
      expect(answer.body).not.toContain('o’clock');
    }
    expect(seen).toEqual([]);
  });

  it('is not shown to whoever may not use the page, nor where it is more than any form of ours has', async () => {
    const auditor = [await cookieFor({ ...amina, roles: ['auditor'] })];
    const refused = await ask('POST /work', NOW, { fields, headers: own, cookies: auditor });
    expect([refused.statusCode, refused.body?.includes('o’clock')]).toEqual([403, false]);
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`note-${i}`, 'Some words']));
    const long = { ['n'.repeat(81)]: 'Some words' };
    for (const wrong of [many, long, {}, { csrf: 'x', channel: 'phone' }]) {
      const answer = await ask('POST /work', NOW, { fields: wrong, headers: own });
      expect([answer.statusCode, textsOf(answer)]).toEqual([401, []]);
    }
    // With as much as can be sent, and each letter as long as it gets, it can still be answered.
    const most = await ask('POST /work', NOW, { fields: { note: '"'.repeat(100_000) }, headers: own });
    expect(textsOf(most)[0]?.[1]).toHaveLength(100_000);
    expect(Buffer.byteLength(most.body ?? '')).toBeLessThan(5_000_000);
  });
});
