import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { closeDraft, newDraft, openDraft, saveDraft } from '../../../functions/public-forms/drafts.ts';
import { handler } from '../../../functions/public-forms/handler.ts';
import { servedAt, trapped } from '../../../functions/public-forms/trap.ts';
import { personKeysOf } from '../../../functions/shared/person-index.ts';
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
    fields: { submissionKey: KEY(), served: await servedAt(NOW), ...validFields, ...fields },
    now,
    ...(sourceIp === undefined ? {} : { sourceIp }),
  });
}

const stored = async () =>
  JSON.stringify((await table.client.send(new ScanCommand({ TableName: TABLE }))).Items);

describe('the professional form', () => {
  it('is recorded once for each key, and leads to its reference', async () => {
    const key = KEY();
    const first = await post({ submissionKey: key });
    const second = await post({ submissionKey: key });
    expect([first.statusCode, second.statusCode]).toEqual([303, 303]);
    expect(second.headers?.location).toBe(first.headers?.location);
  });

  it.each([
    ['too big', 'x'.repeat(70_000), 413, {}],
    ['no form', '{}', 415, { 'content-type': 'application/json' }],
  ])('is refused before it is read when it is %s', async (_, body, status, headers) => {
    const answer = await request(handler, { route: 'POST /refer/professional', body, headers, now: NOW });
    expect(answer.statusCode).toBe(status);
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

describe('steps', () => {
  it('need the cookie of their own way, and are no page for anybody else', async () => {
    const { token, content } = newDraft('myself', 'danger', { referrerKind: 'self' });
    await saveDraft(TABLE, token, content, NOW);
    const get = (way: string, step: string, cookies: string[]) =>
      request(handler, { route: `GET /refer/${way}/{step}`, path: { step }, cookies, now: NOW });
    const cookies = [`other=1`, `draft=${token}`];
    expect((await get('myself', 'name', cookies)).statusCode).toBe(200);
    expect((await get('myself', 'about-you', cookies)).statusCode).toBe(404);
    expect((await get('myself', 'constructor', cookies)).statusCode).toBe(404);
    expect((await get('myself', 'name', [])).statusCode).toBe(410);
    expect((await get('myself', 'name', ['draft=%00'])).statusCode).toBe(410);
    expect((await get('someone-i-know', 'name', cookies)).headers?.location).toBe('/refer/myself/check');
  });

  it('change nothing but the fields of their page', async () => {
    const { token, content } = newDraft('myself', 'danger', { referrerKind: 'self' });
    await saveDraft(TABLE, token, content, NOW);
    await request(handler, {
      route: 'POST /refer/myself/{step}',
      path: { step: 'name' },
      cookies: [`draft=${token}`],
      fields: { firstName: 'An', familyName: 'Li', referrerKind: 'professional', consent: 'yes', x: 'y' },
      now: NOW,
    });
    const draft = await openDraft(TABLE, token, NOW);
    expect(draft.state === 'open' && draft.content.fields).toEqual({
      referrerKind: 'self',
      firstName: 'An',
      familyName: 'Li',
      oneName: '',
    });
  });

  it('keep their cookie from scripts and other sites, and send it over TLS only where there is TLS', async () => {
    const fields = { served: await servedAt(NOW), website: '' };
    const begin = async (proto: string) =>
      (
        await request(handler, {
          route: 'POST /refer/myself',
          fields,
          headers: { 'x-forwarded-proto': proto },
          now: LATER,
        })
      ).cookies?.[0];
    expect(await begin('https')).toMatch(/^draft=[\w-]{64}; Path=\/refer; HttpOnly; SameSite=Lax; Secure$/);
    expect(await begin('http')).toMatch(/; SameSite=Lax$/);
  });
});

describe('a draft', () => {
  it('opens with its own key only, until it expires', async () => {
    const { token, content } = newDraft('myself', 'danger', { needs: 'Company' });
    await saveDraft(TABLE, token, content, NOW);
    expect(await openDraft(TABLE, token, NOW)).toMatchObject({ state: 'open', content });
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
    const { token, content } = newDraft('myself', 'danger', {});
    await saveDraft(TABLE, token, content, NOW);
    await closeDraft(TABLE, token, 'SP-0000-0000', NOW);
    expect(await saveDraft(TABLE, token, content, NOW)).toBe(false);
    expect(await openDraft(TABLE, token, NOW)).toEqual({ state: 'sent', reference: 'SP-0000-0000' });
  });
});

describe('the time trap', () => {
  it('asks only those again who are quicker than anybody reads', async () => {
    const served = await servedAt(NOW);
    expect(await trapped({ served }, NOW)).toHaveProperty('send');
    expect(await trapped({ served }, LATER)).toBeUndefined();
    expect(await trapped({ served: `zzzzzz.${served.split('.')[1]}` }, LATER)).toHaveProperty('send');
    expect(await trapped({}, LATER)).toHaveProperty('send');
    expect(await servedAt(LATER, served)).toBe(served);
    expect(await servedAt(LATER, 'forged')).not.toBe('forged');
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
    expect(await personKeysOf(without)).toEqual({ details: keys.details });
  });

  it('tell people apart whose names are all in another script', async () => {
    const of = async (familyName: string) =>
      (await personKeysOf({ ...person, firstName: undefined, familyName })).details;
    expect(await of('李')).not.toBe(await of('王'));
  });
});
