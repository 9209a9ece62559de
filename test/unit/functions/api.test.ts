import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { handler } from '../../../functions/api/handler.ts';
import { PROBLEMS } from '../../../functions/api/problems.ts';
import { ANSWERS } from '../../../functions/api/schemas.ts';
import { MAXIMUM_BODY_BYTES } from '../../../functions/shared/body.ts';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { log } from '../../../functions/shared/log.ts';
import { correctDetails } from '../../../workflows/corrections.ts';
import { leave } from '../../../workflows/leaving.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after } from '../../../workflows/time.ts';
import { accepted, NOW, stored } from '../workflows/builders.ts';
import { type Request, request, startEnvironment } from './environment.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import type { TestTable } from './table.ts';

const A_MINUTE_LATER = after(NOW, { minutes: 1 });

const VALID = {
  referrer: {
    kind: 'professional',
    name: 'Dr Amara Okafor',
    role: 'GP',
    organisation: 'Example Practice',
    email: 'a.okafor@practice.example',
  },
  person: {
    firstName: 'Róisín',
    familyName: "O'Brien",
    dateOfBirth: '2008-04-03',
    nhsNumber: '943 476 5919',
    email: 'roisin@people.example',
    contact: { mayEmail: true },
    postcode: 'nw1 8ab',
    gpPracticeCode: 'F83010',
  },
  request: {
    programmeId: 'hive-music',
    needs: 'Lonely since moving here; used to sing',
    risks: { known: false },
    danger: false,
    consent: { given: true },
  },
};

let table: TestTable;
let issuer: Issuer;
let keys = 0;
beforeAll(async () => {
  [table, issuer] = await Promise.all([startEnvironment(), startIssuer()]);
  vi.stubEnv('IDENTITY_ISSUER', issuer.url);
});
beforeEach(() => {
  keys += 1;
});
afterAll(async () => {
  issuer.stop();
  await table.stop();
});

type Sent = Partial<Request> & { client?: string; scopes?: readonly string[]; key?: string | undefined };

async function call(route: string, { client = 'system-a', scopes, key, ...rest }: Sent = {}) {
  const now = rest.now ?? NOW;
  const answer = await request(handler, {
    route,
    now,
    ...rest,
    headers: {
      authorization: await issuer.bearer(client, now, scopes),
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...rest.headers,
    },
  });
  const { statusCode = 0, headers = {}, body = '' } = answer;
  return { status: statusCode, headers, json: JSON.parse(body) };
}

/** Sends a referral, under a key of its own unless one is given. */
const submit = (body: unknown = VALID, { key = `key-${keys}`, ...more }: Sent = {}) =>
  call('POST /api/referrals', {
    body: typeof body === 'string' ? body : JSON.stringify(body),
    key,
    ...more,
  });
const ask = (reference: string, more: Sent = {}) =>
  call('GET /api/referrals/{reference}', { path: { reference }, ...more });

/** Checks that an answer is a problem of a kind, in all that every problem has. */
function expectProblem(answer: Awaited<ReturnType<typeof call>>, kind: keyof typeof PROBLEMS) {
  const schema =
    kind === 'invalid' ? ANSWERS.Invalid : kind === 'not-eligible' ? ANSWERS.NotEligible : ANSWERS.Problem;
  expect(answer.json).toEqual(z.parse(schema, answer.json));
  expect(answer.json.type).toBe(`urn:problem-type:open-social-prescribing:${kind}`);
  expect([answer.status, answer.json.status]).toEqual([PROBLEMS[kind].status, PROBLEMS[kind].status]);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
  expect(answer.json.detail).toMatch(/\.$/);
}

const items = async () => table.items();
const referralCount = async () => (await items()).filter(({ sk }) => sk === 'REFERRAL').length;

describe('a referral', () => {
  it('is received: a reference, when, and where to ask, without a word about the person', async () => {
    const answer = await submit();
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      reference: expect.stringMatching(/^SP-/),
      status: 'received',
      receivedAt: NOW,
      links: { self: `https://referrals.example/api/referrals/${answer.json.reference}` },
    });
    expect(answer.json).toEqual(z.parse(ANSWERS.Accepted, answer.json));
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      location: answer.json.links.self,
      'cache-control': 'no-store',
    });
    const [referral] = await table.referrals.byReference(answer.json.reference);
    expect(referral).toMatchObject({
      clientId: 'system-a',
      person: { familyName: "O'Brien", postcode: 'NW1 8AB', nhsNumber: '9434765919' },
    });
  });

  it('sent twice is one, with the same answer', async () => {
    const first = await submit();
    const before = await referralCount();
    const second = await submit(VALID, { now: after(NOW, { hours: 1 }) });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.json).toEqual(first.json);
    expect(second.headers.location).toBe(first.headers.location);
    expect(await referralCount()).toBe(before);
  });

  it('sent many times at once is one, and one only says that it is new', async () => {
    const before = await referralCount();
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit()));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ json }) => json.reference)).size).toBe(1);
    expect(await referralCount()).toBe(before + 1);
  });

  it('with the key of another is refused, and says of which', async () => {
    const first = await submit();
    const other = await submit({ ...VALID, request: { ...VALID.request, needs: 'Something else' } });
    expectProblem(other, 'key-used-before');
    expect(other.json.detail).toContain(first.json.reference);
  });

  it('of another client is another one, whatever its key', async () => {
    const answers = [
      await submit(VALID, { client: 'a', key: 'b c' }),
      await submit(VALID, { client: 'a b', key: 'c' }),
      await submit(VALID, { client: 'c', key: 'b c' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ json }) => json.reference)).size).toBe(3);
  });

  it('has the same key with quotes as without', async () => {
    const first = await submit(VALID, { key: 'quoted' });
    const second = await submit(VALID, { key: '"quoted"' });
    expect([second.status, second.json.reference]).toEqual([200, first.json.reference]);
  });

  it.each([undefined, '', '""', 'x'.repeat(256), 'clé', 'a\tb'])('needs a key (%j)', async (key) => {
    const before = await referralCount();
    expectProblem(
      await call('POST /api/referrals', { body: JSON.stringify(VALID), key }),
      'no-idempotency-key',
    );
    expect(await referralCount()).toBe(before);
  });

  it.each([
    ['', 'not-json'],
    ['{', 'not-json'],
    ['\ufeff{}', 'not-json'],
    ['['.repeat(60_000), 'not-json'],
    [`{"person":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'invalid'],
    ['null', 'invalid'],
    ['"x"', 'invalid'],
    ['[]', 'invalid'],
    ['{}', 'invalid'],
    ['{"__proto__":{"person":1},"constructor":2}', 'invalid'],
    [JSON.stringify({ ...VALID, x: 'é'.repeat(MAXIMUM_BODY_BYTES / 2) }), 'too-large'],
    ['{'.repeat(MAXIMUM_BODY_BYTES + 1), 'too-large'],
  ] as const)('that is no referral is refused (%.30s)', async (body, kind) => {
    expectProblem(await submit(body), kind);
  });

  it.each([
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/jsonx',
    'application/problem+json',
    '',
  ])('as %j is refused before it is parsed', async (type) => {
    expectProblem(await submit('{', { headers: { 'content-type': type } }), 'not-application-json');
  });

  it('may come with parameters of its type', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await submit(VALID, { headers })).status).toBe(201);
  });

  it('with faults is told each of them with its place', async () => {
    const answer = await submit({
      ...VALID,
      person: { ...VALID.person, nhsNumber: '999 123 4567', 'shoe/size~': 44, dateOfBirth: '2030-01-01' },
      request: { ...VALID.request, programmeId: 'no-such-programme', risks: { known: true } },
    });
    expectProblem(answer, 'invalid');
    expect(answer.json.errors).toEqual(
      expect.arrayContaining([
        { pointer: '#/person/dateOfBirth', detail: 'Enter a date of birth in the past' },
        { pointer: '#/person/nhsNumber', detail: expect.stringContaining('valid NHS number') },
        { pointer: '#/person/shoe~1size~0', detail: 'Leave this out: nobody reads it' },
        { pointer: '#/request/programmeId', detail: 'Select a programme from the list' },
        { pointer: '#/request/risks/detail', detail: 'Enter what the risks are' },
      ]),
    );
    expect(answer.json.errors).toHaveLength(5);
  });

  it('says of a key that nobody knows where it is, however it is written', async () => {
    const answer = await submit(JSON.stringify({ ...VALID, K: 1 }).replace('"K"', '"\\ud800 é#/~"'));
    expectProblem(answer, 'invalid');
    expect(answer.json.errors[0].pointer).toBe('#/%EF%BF%BD%20%C3%A9%23~1~0');
  });

  it('of somebody who is not eligible is told why and what else there is, and is taken when a link worker is asked', async () => {
    const older = { ...VALID, person: { ...VALID.person, dateOfBirth: '1950-01-01' } };
    const refused = await submit(older);
    expectProblem(refused, 'not-eligible');
    expect(refused.json.programme.programmeId).toBe('hive-music');
    expect(refused.json.criteria).toContainEqual({
      name: 'age',
      result: 'not-met',
      explanation: 'For people aged 16 to 24; this person is 76',
    });
    const ids = allProgrammes().map(({ id }) => id);
    expect(refused.json.others.length).toBeGreaterThan(0);
    for (const { programmeId } of refused.json.others) expect(ids).toContain(programmeId);
    const asked = await submit({ ...older, request: { ...older.request, askLinkWorker: true } });
    expect(asked.status).toBe(201);
    const [referral] = await table.referrals.byReference(asked.json.reference);
    expect(referral?.request.knownNotEligible).toBe(true);
  });

  it('of somebody who lives elsewhere is told that it has to be checked', async () => {
    const answer = await submit({ ...VALID, person: { ...VALID.person, postcode: 'SW1A 1AA' } });
    expectProblem(answer, 'not-eligible');
    expect(answer.json.detail).toContain('may not be eligible');
    expect(answer.json.criteria).toContainEqual(expect.objectContaining({ name: 'area', result: 'unknown' }));
  });

  it('that somebody is in danger says whom to call, the second time too', async () => {
    const body = { ...VALID, request: { ...VALID.request, danger: true } };
    const first = await submit(body);
    expect(first.json.danger.contacts).toEqual([{ when: 'Life in danger', call: '999' }]);
    expect(first.json).toEqual(z.parse(ANSWERS.Accepted, first.json));
    expect((await submit(body)).json).toEqual(first.json);
  });

  it.each(['self', 'family-or-friend', 'charity-worker'])('may come from a %s too', async (kind) => {
    const { name, email, organisation } = VALID.referrer;
    const referrer = {
      kind,
      ...(kind === 'self' ? {} : { name, email }),
      ...(kind === 'charity-worker' ? { organisation } : {}),
    };
    expect((await submit({ ...VALID, referrer })).status).toBe(201);
  });
});

describe('the status of a referral', () => {
  /** Changes what is stored of a referral, as others would. */
  async function becomes(reference: string, stage: (referral: Referral) => Referral) {
    const [referral] = await table.referrals.byReference(reference);
    if (!referral) throw new Error('there is none');
    const { id, clientId, person } = referral;
    await table.referrals.change(id, NOW, (now) => ({
      ...stage(now),
      ...{ id, reference, person, version: now.version },
      ...(clientId === undefined ? {} : { clientId }),
    }));
  }

  it('is told in plain words, by stage, without a word about the person', async () => {
    const { json } = await submit();
    const first = await ask(json.reference);
    expect(first.status).toBe(200);
    expect(first.json).toEqual({
      reference: json.reference,
      receivedAt: NOW,
      links: json.links,
      stage: 'intake',
      status: 'A link worker is reading the referral',
      next: expect.stringMatching(/They decide/),
    });
    expect(first.headers['cache-control']).toBe('no-store');
    await becomes(json.reference, () => accepted());
    const later = await ask(json.reference);
    expect(later.json).toEqual(z.parse(ANSWERS.Status, later.json));
    expect(later.json).toMatchObject({ stage: 'programme', status: 'The person has a place' });
    await becomes(json.reference, (referral) => stored(leave(accepted(), 'person', NOW)) ?? referral);
    const ended = await ask(json.reference);
    expect(ended.json).toMatchObject({ stage: 'closing', ending: 'withdrawn' });
    expect(JSON.stringify([first, later, ended])).not.toMatch(/Brien|\bNW1\b|9434765919|used to sing/);
  });

  it('says by when an answer is expected', async () => {
    const { json } = await submit();
    await becomes(json.reference, (referral) => ({ ...referral, stage: 'review', askedAt: NOW }) as Referral);
    expect((await ask(json.reference)).json).toMatchObject({
      stage: 'review',
      by: after(NOW, { workingDays: 2 }),
    });
  });

  it('is for whoever sent it: for others there is no such referral, nor one that nobody sent', async () => {
    const { json } = await submit();
    const mine = await ask(json.reference);
    const others = await ask(json.reference, { client: 'system-b' });
    const none = await ask('SP-0000-0000');
    const odd = await Promise.all(
      ['', 'x', "SP-0000-0000'", 'sp-0000-0000', '%00', '../services'].map((r) => ask(r)),
    );
    expect(mine.status).toBe(200);
    for (const answer of [others, none, ...odd]) {
      expectProblem(answer, 'not-found');
      expect({ ...answer.json, instance: '' }).toEqual({ ...none.json, instance: '' });
    }
  });

  it('is not there for a referral that came by a form', async () => {
    const { json } = await submit();
    const [referral] = await table.referrals.byReference(json.reference);
    await table.referrals.change(
      referral?.id ?? '',
      NOW,
      ({ clientId: _client, ...rest }) => rest as Referral,
    );
    expectProblem(await ask(json.reference), 'not-found');
  });

  it.each(['professional', 'self'])(
    'stays there, and what is sent again is the same referral (%s), when the person has corrected their details',
    async (kind) => {
      const body = { ...VALID, referrer: kind === 'self' ? { kind } : VALID.referrer };
      const { json } = await submit(body);
      const [referral] = await table.referrals.byReference(json.reference);
      for (const firstName of ['Rosie', 'Rose']) {
        await table.referrals.change(referral?.id ?? '', NOW, (now) =>
          correctDetails(now, { ...now.person, firstName, phone: '07700 900982' }, { details: 'other' }, NOW),
        );
      }
      expect((await ask(json.reference)).status).toBe(200);
      expect(await submit(body)).toMatchObject({ status: 200, json });
      const other = { ...body, person: { ...body.person, firstName: 'Rose' } };
      expectProblem(await submit(other), 'key-used-before');
    },
  );
});

describe('who may', () => {
  const ROUTES = [
    ['POST /api/referrals', 'referrals/submit', { body: JSON.stringify(VALID), key: 'who-may' }],
    ['GET /api/referrals/{reference}', 'referrals/read', { path: { reference: 'SP-0000-0000' } }],
  ] as const;

  it.each(ROUTES)('%s needs a token, a good one, and %s', async (route, scope, sent) => {
    const none = await call(route, { ...sent, headers: { authorization: '' } });
    expectProblem(none, 'no-token');
    expect(none.headers['www-authenticate']).toBe('Bearer');
    const forged = await issuer.bearer('system-a', NOW);
    const wrong = await call(route, {
      ...sent,
      headers: { authorization: `${forged.slice(0, -8)}AAAAAAAA` },
    });
    expectProblem(wrong, 'no-token');
    expect(wrong.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    const old = await call(route, {
      ...sent,
      now: after(NOW, { hours: 2 }),
      headers: { authorization: forged },
    });
    expectProblem(old, 'no-token');
    const other = scope === 'referrals/read' ? 'referrals/submit' : 'referrals/read';
    const narrow = await call(route, { ...sent, scopes: [other] });
    expectProblem(narrow, 'not-allowed');
    expect(narrow.headers['www-authenticate']).toBe(`Bearer error="insufficient_scope", scope="${scope}"`);
    expect((await call(route, { ...sent, scopes: [scope] })).status).not.toBe(403);
  });

  it('may so often a minute, each client by itself', async () => {
    vi.stubEnv('API_PER_MINUTE', '2');
    const at = (client: string, now = NOW) => ask('SP-0000-0000', { client, now });
    const answers = [await at('keen'), await at('keen'), await at('keen')];
    const others = [await at('calm'), await at('keen', A_MINUTE_LATER)];
    vi.stubEnv('API_PER_MINUTE', '120');
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 429]);
    expectProblem(answers[2] as (typeof answers)[0], 'too-many');
    expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThan(0);
    expect(others.map(({ status }) => status)).toEqual([404, 404]);
  });
});

describe('what goes wrong', () => {
  it('for a moment is 503, and says when to try again', async () => {
    // Nobody is there to ask for keys.
    vi.stubEnv('IDENTITY_ISSUER', 'http://127.0.0.1:9');
    const answer = await submit();
    vi.stubEnv('IDENTITY_ISSUER', issuer.url);
    expectProblem(answer, 'try-again');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('for good is 500, logged in codes, and found by its instance', async () => {
    const reference = 'SP-1111-1111';
    await table.put({ pk: 'REFERRAL#1', sk: 'REFERRAL', reference, clientId: 'system-a', note: 'O’Brien' });
    const lines: unknown[] = [];
    const error = vi.spyOn(log, 'error').mockImplementation((...line) => void lines.push(line));
    const answer = await ask(reference);
    error.mockRestore();
    expectProblem(answer, 'failed');
    const [line] = lines as [[string, Record<string, unknown>]];
    expect(line[0]).toBe('API_FAILED');
    expect(`urn:uuid:${line[1].requestId}`).toBe(answer.json.instance);
    expect(JSON.stringify(lines)).not.toContain('Brien');
  });

  it('at no known address is 404', async () => {
    expectProblem(await call('GET /api/nothing'), 'not-found');
  });
});

describe('the directory', () => {
  it('says which version it is', async () => {
    const { status, headers, json } = await call('GET /api');
    expect(status).toBe(200);
    expect(json).toEqual(z.parse(ANSWERS.Metadata, json));
    expect(json.openapi_url).toBe('https://referrals.example/api/openapi.json');
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
    });
  });

  it('is open, and says of each programme what Open Referral UK asks for, and no address of anybody', async () => {
    const { status, headers, json } = await call('GET /api/services', { headers: { authorization: '' } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
    });
    expect(json).toEqual(z.parse(ANSWERS.ServicePage, json));
    expect(json.contents.map(({ programmeId }: { programmeId: string }) => programmeId)).toEqual(
      allProgrammes().map(({ id }) => id),
    );
    expect(json.contents[0]).toMatchObject({
      programmeId: 'hive-music',
      organization: { name: 'The Hive with Nordoff and Robbins' },
      status: 'active',
      minimum_age: 16,
      maximum_age: 24,
      eligibility_description: 'For people aged 16 to 24, with a GP or an address in Camden',
      schedules: [{ freq: 'WEEKLY', byday: 'TU', opens_at: '16:00', closes_at: '17:30' }],
    });
    expect(JSON.stringify(json)).not.toMatch(/@|null|""|\[\]/);
    const ids = json.contents.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives the same ids every time, and one service by its id', async () => {
    const { json } = await call('GET /api/services');
    const [first] = json.contents;
    // Programs keep these: another one for the same programme would be another service.
    expect(first.id).toBe('8e950593-291e-5693-b3fe-cf6c5db94bce');
    const one = await call('GET /api/services/{id}', { path: { id: first.id.toUpperCase() } });
    expect(one.json).toEqual(z.parse(ANSWERS.Service, one.json));
    expect(one.json).toEqual(first);
    for (const id of ['hive-music', '', '%00', '00000000-0000-0000-0000-000000000000']) {
      const none = await call('GET /api/services/{id}', { path: { id } });
      expectProblem(none, 'not-found');
      expect(none.headers['access-control-allow-origin']).toBe('*');
    }
  });

  it.each([
    [1, 4, [4, true, false]],
    [2, 4, [2, false, true]],
    [3, 4, [0, false, true]],
    [1, 100, [6, true, true]],
    [1_000_000, 1, [0, false, true]],
  ])('gives page %i of %i each', async (page, perPage, [size, first, last]) => {
    const query = { page: String(page), per_page: String(perPage) };
    const { json } = await call('GET /api/services', { query });
    const total = allProgrammes().length;
    expect(json).toMatchObject({
      ...{ total_items: total, total_pages: Math.ceil(total / perPage), page_number: page, size },
      ...{ first_page: first, last_page: last, empty: size === 0 },
      ...{ totalElements: total, totalPages: json.total_pages, number: page, first, last },
    });
    expect(json.contents).toHaveLength(size as number);
    expect(json.content).toEqual(json.contents);
  });

  it.each(['0', '-1', '1.5', 'x', '', '1e3', '1000001', '9'.repeat(40), '1,2'])(
    'has no page %j',
    async (page) => {
      expectProblem(await call('GET /api/services', { query: { page } }), 'not-a-page');
      expectProblem(await call('GET /api/services', { query: { per_page: page } }), 'not-a-page');
    },
  );
});

describe('the web template', () => {
  it('has each route of the handler', async () => {
    const { ROUTES } = await import('../../../infra/web.ts');
    const routes = ROUTES.filter(([, , fn]) => fn === 'api').flatMap(([path, methods]) =>
      methods.map((method) => `${method} ${path}`),
    );
    const source = readFileSync(join(import.meta.dirname, '../../../functions/api/handler.ts'), 'utf8');
    const handled = [...source.matchAll(/'((?:GET|POST) \/[^']*)'/g)].map(([, route]) => route);
    expect(handled.sort()).toEqual(routes.sort());
  });
});
