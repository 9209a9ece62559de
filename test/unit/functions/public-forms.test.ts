import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  changeDraft,
  closeDraft,
  moveDraft,
  newDraft,
  newToken,
  openDraft,
} from '../../../functions/public-forms/drafts.ts';
import { handler } from '../../../functions/public-forms/handler.ts';
import { servedAt, trapped } from '../../../functions/public-forms/trap.ts';
import { MAXIMUM_BODY_BYTES } from '../../../functions/shared/body.ts';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { recordReferral } from '../../../functions/shared/intake.ts';
import { personKeysOf } from '../../../functions/shared/person-index.ts';
import { LIMITS } from '../../../workflows/fields.ts';
import { parseForm, stepsOf } from '../../../workflows/form.ts';
import { after as later } from '../../../workflows/time.ts';
import { NOW, submitted, validFields } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

const LATER = later(NOW, { minutes: 1 });
const KEY = () => crypto.randomUUID();

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

async function post(fields: Record<string, string>, now = LATER, sourceIp?: string) {
  return request(handler, {
    route: 'POST /refer/professional',
    fields: { submissionKey: KEY(), served: await servedAt('professional', NOW), ...validFields, ...fields },
    now,
    ...(sourceIp === undefined ? {} : { sourceIp }),
  });
}

const stored = async () => JSON.stringify(table.items());

describe('the professional form', () => {
  it('is recorded once for each key, and leads to its reference', async () => {
    const key = KEY();
    const first = await post({ submissionKey: key });
    const second = await post({ submissionKey: key });
    expect([first.statusCode, second.statusCode]).toEqual([303, 303]);
    expect(second.headers?.location).toBe(first.headers?.location);
  });

  it('is never too big as long as every box keeps to its limit, in whatever script', async () => {
    const { body: html = '' } = await request(handler, { route: 'GET /refer/professional', now: NOW });
    const boxes = parse(html).querySelectorAll('form input, form textarea');
    // Three bytes in UTF-8, nine characters in a form; nothing that JavaScript counts as one character takes more.
    const letter = 'ক';
    const longest = new URLSearchParams(
      boxes.map((box): [string, string] => {
        const type = box.getAttribute('type') ?? '';
        const limit = box.tagName === 'TEXTAREA' ? LIMITS.text : LIMITS.line;
        const given = ['hidden', 'radio', 'checkbox'].includes(type);
        return [
          box.getAttribute('name') ?? '',
          given ? (box.getAttribute('value') ?? '') : letter.repeat(limit),
        ];
      }),
    ).toString();
    expect(boxes.filter(({ tagName }) => tagName === 'TEXTAREA').length).toBeGreaterThan(5);
    expect(longest.length).toBeGreaterThan(5 * 9 * LIMITS.text);
    expect(longest.length).toBeLessThanOrEqual(MAXIMUM_BODY_BYTES);
    const answer = await request(handler, { route: 'POST /refer/professional', body: longest, now: LATER });
    expect(answer.statusCode).toBe(422);
  });

  it.each([
    ['too big', 'x'.repeat(MAXIMUM_BODY_BYTES + 1), 413, {}],
    ['no form', '{}', 415, { 'content-type': 'application/json' }],
  ])('is refused before it is read when it is %s', async (_, body, status, headers) => {
    const answer = await request(handler, { route: 'POST /refer/professional', body, headers, now: NOW });
    expect(answer.statusCode).toBe(status);
  });

  it.each([
    ['cross-site', 403],
    ['same-origin', 303],
    ['same-site', 303],
    ['none', 303],
  ])('that a browser says comes from %s is answered %i', async (site, status) => {
    const fields = { submissionKey: KEY(), served: await servedAt('professional', NOW), ...validFields };
    const headers = { 'sec-fetch-site': site };
    const answer = await request(handler, { route: 'POST /refer/professional', fields, headers, now: LATER });
    expect(answer.statusCode).toBe(status);
    expect(answer.body?.includes('did not come from one of our pages')).toBe(
      status === 403 ? true : undefined,
    );
  });

  it('may be opened from other sites', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const { statusCode } = await request(handler, { route: 'GET /refer/professional', headers, now: NOW });
    expect(statusCode).toBe(200);
  });

  it('takes what a person may well send, and no more than that, from one address', async () => {
    vi.stubEnv('FORMS_PER_TEN_MINUTES', '2');
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await post({}, LATER, '203.0.113.7'));
    const other = await post({}, LATER, '203.0.113.8');
    const afterwards = await post({}, later(LATER, { minutes: 10 }), '203.0.113.7');
    vi.stubEnv('FORMS_PER_TEN_MINUTES', '60');
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([303, 303, 429]);
    expect(Number(answers[2]?.headers?.['retry-after'])).toBeGreaterThan(0);
    expect([other.statusCode, afterwards.statusCode]).toEqual([303, 303]);
    expect(await stored()).not.toContain('203.0.113');
  });

  it('shows what was entered when it asks again, and where each error is', async () => {
    const { statusCode, body = '' } = await post({ nhsNumber: '999 123 4567', phone: 'call me' });
    const page = parse(body);
    expect(statusCode).toBe(422);
    expect(page.querySelector('#familyName')?.getAttribute('value')).toBe("O'Brien");
    expect(page.querySelectorAll('.nhsuk-error-summary a').map((link) => link.getAttribute('href'))).toEqual([
      '#nhsNumber',
      '#phone',
    ]);
  });
});

/** A stored draft of somebody about themself, and its token. */
const draftOf = (fields: Record<string, string> = { referrerKind: 'self' }) =>
  newDraft(TABLE, { way: 'myself', resume: 'danger', fields }, NOW);

/** What a token opens, which must be a form to go on with. */
async function open(token: string) {
  const draft = await openDraft(TABLE, token, NOW);
  if (draft.state !== 'open') throw new Error(`the draft is ${draft.state}`);
  return draft;
}

/** Sends fields to a step in the browser that has a token. */
const answer = (token: string, step: string, fields: Record<string, string>, now = NOW) =>
  request(handler, {
    route: 'POST /refer/myself/{step}',
    path: { step },
    cookies: [`draft=${token}`],
    fields,
    now,
  });

const look = (token: string, step: string, query: Record<string, string> = {}) =>
  request(handler, {
    route: 'GET /refer/myself/{step}',
    path: { step },
    query,
    cookies: [`draft=${token}`],
    now: NOW,
  });

describe('steps', () => {
  it('need the cookie of their own way, and are no page for anybody else', async () => {
    const token = await draftOf();
    const get = (way: string, step: string, cookies: string[]) =>
      request(handler, { route: `GET /refer/${way}/{step}`, path: { step }, cookies, now: NOW });
    const cookies = [`other=1`, `draft=${token}`];
    expect((await get('myself', 'name', cookies)).statusCode).toBe(200);
    expect((await get('myself', 'about-you', cookies)).statusCode).toBe(404);
    expect((await get('myself', 'constructor', cookies)).statusCode).toBe(404);
    const without = await get('myself', 'name', []);
    expect(without.statusCode).toBe(410);
    expect(parse(without.body ?? '').querySelector('main a[href="/refer"]')?.text).toBe('Start again');
    expect((await get('myself', 'name', ['draft=%00'])).statusCode).toBe(410);
    expect((await get('someone-i-know', 'name', cookies)).headers?.location).toBe('/refer/myself/check');
  });

  it('change nothing but the fields of their page', async () => {
    const token = await draftOf();
    const fields = {
      firstName: 'An',
      familyName: 'Li',
      referrerKind: 'professional',
      consent: 'yes',
      x: 'y',
    };
    await answer(token, 'name', fields);
    expect((await open(token)).content.fields).toEqual({
      referrerKind: 'self',
      firstName: 'An',
      familyName: 'Li',
      oneName: '',
    });
  });

  it('lose nothing when several pages of one form are sent at once', async () => {
    const token = await draftOf();
    const answers = await Promise.all([
      answer(token, 'name', { firstName: 'An', familyName: 'Li' }),
      answer(token, 'home', { postcode: 'NW1 8AB' }),
      answer(token, 'needs', { needs: 'Company' }),
      answer(token, 'contact', { phone: '07700 900982', email: '' }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([303, 303, 303, 303]);
    expect((await open(token)).content.fields).toMatchObject({
      familyName: 'Li',
      postcode: 'NW1 8AB',
      needs: 'Company',
      phone: '07700 900982',
    });
  });

  it('lead to the reference once the form was sent from another page', async () => {
    const token = await draftOf();
    await closeDraft(TABLE, token, 'SP-0000-0000', NOW);
    const { headers } = await answer(token, 'name', { firstName: 'An', familyName: 'Li' });
    expect(headers?.location).toBe('/refer/sent/SP-0000-0000');
  });

  it('show whom to call before anything else, and then lead on to where the answer would have led', async () => {
    const token = await draftOf();
    const afterwards = async (fields: Record<string, string>) => {
      const { headers } = await answer(token, 'danger', { danger: 'yes', ...fields });
      const { pathname, searchParams } = new URL(String(headers?.location), 'http://x');
      expect(pathname).toBe('/refer/myself/help-now');
      const { body = '' } = await look(token, 'help-now', Object.fromEntries(searchParams));
      return parse(body).querySelector('main a.nhsuk-button')?.getAttribute('href');
    };
    expect(await afterwards({ action: 'continue' })).toBe('/refer/myself/programme');
    expect(await afterwards({ action: 'save' })).toBe('/refer/myself/save');
    expect(await afterwards({ action: 'continue', change: 'yes' })).toBe('/refer/myself/check');
    const { body = '' } = await look(token, 'help-now', { next: '//elsewhere.example' });
    expect(body).not.toContain('elsewhere');
  });

  it('keep their cookie from scripts and other sites, and send it over TLS only where there is TLS', async () => {
    const fields = { served: await servedAt('begin', NOW), website: '' };
    const begin = async (proto: string) =>
      (
        await request(handler, {
          route: 'POST /refer/myself',
          fields,
          headers: { 'x-forwarded-proto': proto },
          now: LATER,
        })
      ).cookies?.[0];
    // No other host under the same domain can plant a draft that it can open.
    expect(await begin('https')).toMatch(/^__Host-draft=[\w-]{64}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    expect(await begin('http')).toMatch(/^draft=.*; SameSite=Lax$/);
  });
});

describe('a draft', () => {
  it('opens with its own key only, until it expires', async () => {
    const token = await draftOf({ needs: 'Company' });
    expect((await open(token)).content.fields).toEqual({ needs: 'Company' });
    const bytes = Buffer.from(token, 'base64url');
    const last = bytes.length - 1;
    bytes[last] = (bytes[last] ?? 0) ^ 1;
    const forged = bytes.toString('base64url');
    for (const wrong of [forged, token.slice(1), `${token}x`, '', undefined, 'é'.repeat(64)]) {
      expect(await openDraft(TABLE, wrong, NOW)).toEqual({ state: 'gone' });
    }
    expect((await openDraft(TABLE, token, later(NOW, { days: 6 }))).state).toBe('open');
    expect((await openDraft(TABLE, token, later(NOW, { days: 7 }))).state).toBe('gone');
    expect(await stored()).not.toContain('Company');
  });

  it('once sent holds its reference and nothing else, whoever saves it late', async () => {
    const token = await draftOf();
    const before = await open(token);
    await closeDraft(TABLE, token, 'SP-0000-0000', NOW);
    const late = await changeDraft(TABLE, token, NOW, (content) => content, before);
    expect(late).toEqual({ state: 'sent', reference: 'SP-0000-0000' });
    expect(await openDraft(TABLE, token, NOW)).toEqual(late);
  });
});

describe('a form that was recorded when a crash left it open', () => {
  it('shows its reference, whatever was changed since, and how to change it now', async () => {
    const mine = { ...validFields, referrerKind: 'self' };
    const token = await draftOf(mine);
    const { submissionKey } = (await open(token)).content;
    const parsed = parseForm(mine, NOW, allProgrammes());
    if ('errors' in parsed) throw new Error('not valid');
    const { referral } = await recordReferral(parsed.submission, { key: submissionKey, now: NOW });
    await answer(token, 'needs', { needs: 'Something else', whatMatters: '' });

    const sending = { action: 'send', askLinkWorker: 'yes', served: await servedAt('check', NOW) };
    const where = `/refer/sent/${referral.reference}`;
    expect((await answer(token, 'check', sending, LATER)).headers?.location).toBe(`${where}?already=myself`);
    expect(await openDraft(TABLE, token, NOW)).toEqual({ state: 'sent', reference: referral.reference });
    expect((await answer(token, 'check', sending, LATER)).headers?.location).toBe(where);

    const { body = '' } = await request(handler, {
      route: 'GET /refer/sent/{reference}',
      path: { reference: referral.reference },
      query: { already: 'myself' },
      now: LATER,
    });
    const page = parse(body);
    expect(page.text).toContain(`already sent this form: its reference is ${referral.reference}`);
    expect(page.querySelector('.nhsuk-inset-text a')?.getAttribute('href')).toBe('/refer');
  });
});

describe('saving a form', () => {
  /** Stands in for the outbox function. */
  const outbox = { asked: [] as { draft: { to: string; token: string; until: string } }[], fails: false };
  const lambda = createServer(async (incoming, response) => {
    outbox.asked.push(JSON.parse(await text(incoming)));
    if (outbox.fails) response.setHeader('x-amz-function-error', 'Unhandled');
    response.end('{}');
  });
  beforeAll(async () => {
    lambda.listen(0, '127.0.0.1');
    await once(lambda, 'listening');
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`);
  });
  afterAll(() => {
    lambda.close();
    lambda.closeAllConnections();
  });
  const save = (token: string, saveTo: string, now = NOW) => answer(token, 'save', { saveTo }, now);
  const codes = (answers: { statusCode?: number | undefined }[]) =>
    answers.map(({ statusCode }) => statusCode).sort();

  it('sends the link, says until when it works, and leaves nothing in the browser', async () => {
    const token = await draftOf();
    const wednesday = later(NOW, { days: 2 });
    const { headers, cookies } = await save(token, 'me@people.example', wednesday);
    expect(cookies?.join()).toMatch(/^draft=; Path=\/; .*Max-Age=0$/);
    const until = later(wednesday, { days: 7 });
    expect(outbox.asked.at(-1)?.draft).toEqual({ to: 'me@people.example', token, until });
    const { pathname, searchParams } = new URL(String(headers?.location), 'http://x');
    expect(pathname).toBe('/refer/myself/saved');
    const { body, statusCode } = await look('', 'saved', Object.fromEntries(searchParams));
    expect([statusCode, body]).toEqual([200, expect.stringContaining('saved until 2 December 2026')]);
    for (const until of ['', 'x', '<b>']) {
      expect((await look('', 'saved', { until })).body).toContain('saved for 7 days');
    }
    expect(await stored()).not.toContain('people.example');
  });

  it('sends no more than three a day to one inbox, from whichever form and however many at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => draftOf()));
    const before = outbox.asked.length;
    const answers = await Promise.all(tokens.map((token) => save(token, 'one@people.example')));
    expect(codes(answers)).toEqual([303, 303, 303, 422, 422, 422, 422, 422]);
    expect(outbox.asked).toHaveLength(before + 3);
    expect(answers.find(({ statusCode }) => statusCode === 422)?.body).toContain(
      'no more links to this address',
    );
    const [token = ''] = tokens;
    expect((await save(token, 'O.ne+two@People.example')).statusCode).toBe(422);
    expect((await save(token, 'two@people.example')).statusCode).toBe(303);
    expect((await save(token, 'one@people.example', later(NOW, { days: 1 }))).statusCode).toBe(303);
  });

  it('does not count what could not be sent, and keeps the form in the browser', async () => {
    const token = await draftOf();
    outbox.fails = true;
    for (let i = 0; i < 5; i++) {
      const { statusCode, body, cookies } = await save(token, 'later@people.example');
      expect([statusCode, cookies]).toEqual([422, undefined]);
      expect(body).toContain('could not send the email just now');
    }
    outbox.fails = false;
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await save(token, 'later@people.example'));
    expect(codes(answers)).toEqual([303, 303, 303, 422]);
  });
});

describe('the link of a saved form', () => {
  const visitLink = (method: 'GET' | 'POST', token: string, cookies: string[] = [], now = NOW) =>
    request(handler, { route: `${method} /refer/return/{draft}`, path: { draft: token }, cookies, now });
  /** What an answer puts into a browser that has these cookies. */
  const jarAfter = (cookies: string[], { cookies: set = [] }: { cookies?: string[] | undefined }) => {
    const jar = new Map(cookies.map((cookie) => cookie.split('=') as [string, string]));
    for (const cookie of set) {
      const [name = '', value = ''] = cookie.split(';')[0]?.split('=') ?? [];
      if (/; Max-Age=0/.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return [...jar].map(([name, value]) => `${name}=${value}`);
  };

  it('opens it once: from then on only the browser that took it up', async () => {
    const token = await draftOf({ referrerKind: 'self', needs: 'Company' });
    const door = await visitLink('GET', token);
    const atDoor = jarAfter([], door);
    expect(door.cookies?.join()).toMatch(/^next=[\w-]{64}; Path=\/; HttpOnly; SameSite=Lax$/);
    const taken = await visitLink('POST', token, atDoor);
    expect(taken.headers?.location).toBe('/refer/myself/danger');
    const [mine = ''] = jarAfter(atDoor, taken);
    expect(mine).toMatch(/^draft=/);
    expect(mine).not.toContain(token);
    const fresh = mine.slice('draft='.length);
    expect((await open(fresh)).content.fields).toMatchObject({ needs: 'Company' });

    // Whoever else has the link, and the browser that saved it.
    for (const other of [
      await visitLink('GET', token, [], LATER),
      await visitLink('POST', token, [`next=${newToken()}`], LATER),
      await look(token, 'name'),
      await answer(token, 'name', { familyName: 'Li' }),
    ]) {
      expect(other.statusCode).toBe(410);
      expect(other.body).toContain('23 November 2026');
      expect(other.cookies).toBeUndefined();
    }
    expect(await stored()).not.toContain(fresh);

    await closeDraft(TABLE, fresh, 'SP-0000-0000', NOW);
    expect((await visitLink('GET', token)).headers?.location).toBe('/refer/sent/SP-0000-0000');
  });

  it('leads the same browser to the same form, pressed twice at once or with the first answer lost', async () => {
    const token = await draftOf();
    const atDoor = jarAfter([], await visitLink('GET', token));
    const twice = await Promise.all([visitLink('POST', token, atDoor), visitLink('POST', token, atDoor)]);
    const [first, second] = twice.map((taken) => jarAfter(atDoor, taken));
    expect(first?.[0]).toMatch(/^draft=/);
    expect(second).toEqual(first);
    await changeDraft(TABLE, first?.[0]?.slice(6) ?? '', NOW, (content) => ({ ...content, resume: 'home' }));
    for (const taken of [
      await visitLink('POST', token, atDoor),
      await visitLink('POST', token, first),
      await visitLink('GET', token, first),
    ]) {
      expect(taken.headers?.location).toBe('/refer/myself/home');
    }
  });

  it('gives nobody a form who was not shown the button first', async () => {
    const token = await draftOf();
    const planted = await visitLink('POST', token);
    expect([planted.statusCode, parse(planted.body ?? '').querySelector('#send')?.text]).toEqual([
      422,
      expect.stringContaining('Allow cookies'),
    ]);
    expect(planted.cookies?.join()).not.toContain('draft=');
    expect((await open(token)).version).toBe(1);
  });

  it('keeps what another page changed at the same moment', async () => {
    const token = await draftOf();
    const to = newToken();
    await Promise.all([
      moveDraft(TABLE, token, to, NOW),
      changeDraft(TABLE, token, NOW, (content) => ({ ...content, resume: 'home' })),
    ]);
    // Either it was changed first, and what was changed is taken along; or it had gone, and the page was told so.
    const moved = await open(to);
    expect(['danger', 'home']).toContain(moved.content.resume);
    expect((await openDraft(TABLE, token, NOW)).state).toBe('moved');
  });
});

describe('deleting what was entered', () => {
  const leave = (cookies: string[]) =>
    request(handler, {
      route: 'POST /refer/myself/{step}',
      path: { step: 'name' },
      cookies,
      fields: { action: 'delete' },
      now: NOW,
    });

  it('leaves neither answers nor cookie nor link, however often it is asked, and says so', async () => {
    const token = await draftOf({ referrerKind: 'self', needs: 'Company' });
    const before = await open(token);
    for (const cookies of [[`draft=${token}`], [`draft=${token}`], []]) {
      const { headers, cookies: set } = await leave(cookies);
      expect(headers?.location).toBe('/refer/myself/deleted');
      expect(set?.[0]).toMatch(/^draft=; Path=\/; .*Max-Age=0$/);
    }
    expect(await openDraft(TABLE, token, NOW)).toEqual({ state: 'gone' });
    // A page that was on its way brings nothing back.
    expect(await changeDraft(TABLE, token, NOW, (content) => content, before)).toEqual({ state: 'gone' });
    const page = parse((await look('', 'deleted')).body ?? '');
    expect([page.querySelector('h1')?.text, page.querySelector('main a')?.getAttribute('href')]).toEqual([
      'Your answers are deleted',
      '/',
    ]);
  });

  it('is offered on every page of the form, apart from the button to go on', async () => {
    const token = await draftOf({ ...validFields, referrerKind: 'self' });
    for (const step of [...stepsOf('myself').map(({ id }) => id), 'check', 'save']) {
      const { body = '' } = await look(token, step);
      const form = parse(body).querySelector('button[value=delete]')?.closest('form');
      expect(form?.querySelectorAll('input:not([type=hidden]), textarea, [value=continue]'), step).toEqual(
        [],
      );
    }
  });

  it('says of a form that was sent that it was sent', async () => {
    const token = await draftOf();
    await closeDraft(TABLE, token, 'SP-0000-0000', NOW);
    expect((await leave([`draft=${token}`])).headers?.location).toBe('/refer/sent/SP-0000-0000');
  });
});

describe('the time trap', () => {
  it('asks only those again who are quicker than anybody reads', async () => {
    const served = await servedAt('check', NOW);
    expect(await trapped('check', { served }, NOW)).toHaveProperty('send');
    expect(await trapped('check', { served }, LATER)).toBeUndefined();
    const forged = `zzzzzz.${served.split('.')[1]}`;
    expect(await trapped('check', { served: forged }, LATER)).toHaveProperty('send');
    expect(await trapped('check', {}, LATER)).toHaveProperty('send');
    expect(await servedAt('check', LATER, served)).toBe(served);
    expect(await servedAt('check', LATER, 'forged')).not.toBe('forged');
  });

  it('is not passed by what another form was shown with, nor for longer than a day', async () => {
    const served = await servedAt('professional', NOW);
    expect(await trapped('begin', { served }, LATER)).toHaveProperty('send');
    const tomorrow = later(NOW, { hours: 24 });
    expect(await trapped('professional', { served }, tomorrow)).toBeUndefined();
    const afterwards = later(tomorrow, { minutes: 1 });
    expect(await trapped('professional', { served }, afterwards)).toHaveProperty('send');
    expect(await servedAt('professional', afterwards, served)).not.toBe(served);
  });

  it('loses nothing that was typed into a form which stayed open overnight', async () => {
    const morning = later(NOW, { hours: 30 });
    const asked = await post({ needs: 'Company, most of all in the evenings' }, morning);
    const page = parse(asked.body ?? '');
    expect([asked.statusCode, page.querySelector('#send')?.text]).toEqual([
      422,
      expect.stringContaining('open for a long time'),
    ]);
    expect(page.querySelector('#needs')?.text).toBe('Company, most of all in the evenings');
    const hidden = Object.fromEntries(
      page
        .querySelectorAll('input[type=hidden]')
        .map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? '']),
    );
    expect((await post(hidden, later(morning, { minutes: 1 }))).statusCode).toBe(303);
  });
});

describe('the keys of a person', () => {
  const { person } = submitted();

  it('are the same for every way to write a name, and say nothing of it', async () => {
    const keys = await personKeysOf(person);
    expect(await personKeysOf({ ...person, firstName: 'ROISIN', familyName: 'OBrien' })).toEqual(keys);
    expect(JSON.stringify(keys)).not.toMatch(/brien|9434765919/i);
  });

  it('differ by date of birth, postcode and NHS number', async () => {
    const keys = await personKeysOf(person);
    expect((await personKeysOf({ ...person, dateOfBirth: '2008-04-04' })).details).not.toBe(keys.details);
    expect((await personKeysOf({ ...person, postcode: 'NW1 8AD' })).details).not.toBe(keys.details);
    expect((await personKeysOf({ ...person, nhsNumber: '9990000018' })).nhsNumber).not.toBe(keys.nhsNumber);
    const { nhsNumber: _none, ...without } = person;
    const { nhsNumber: _key, ...keysWithout } = keys;
    expect(await personKeysOf(without)).toEqual(keysWithout);
  });

  it('tell people apart whose names are all in another script', async () => {
    const of = async (familyName: string) =>
      (await personKeysOf({ ...person, firstName: undefined, familyName })).details;
    expect(await of('李')).not.toBe(await of('王'));
  });
});
