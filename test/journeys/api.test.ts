/** Another system refers somebody, and asks where the referral is until it is closed. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { accessToken } from './token.ts';

const on = onACloud();
let cloud: Cloud;
beforeAll(() => {
  cloud = new Cloud(on.baseUrl);
});

const SESSIONS = 12;

type Answer = { status: number; headers: Headers; json: Record<string, unknown> };

/** Asks as a system does: a token is kept for as long as it is valid. The clock of a journey makes that short. */
async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${on.baseUrl}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${await accessToken(cloud)}`, ...init.headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as Answer['json'],
  };
}

function submit(body: unknown, key: string = randomUUID()): Promise<Answer> {
  return call('/api/referrals', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
}

/** A referral whose addresses are nobody else's. */
function referralOf(mark: string) {
  return {
    referrer: {
      kind: 'professional',
      name: 'Dr Amara Okafor',
      role: 'GP',
      organisation: 'Example Practice',
      email: `referrer-${mark}@practice.example`,
    },
    person: {
      firstName: '小明',
      familyName: 'Nguyễn',
      dateOfBirth: '2008-04-03',
      nhsNumber: '943-476-5919',
      email: `person-${mark}@people.example`,
      contact: { mayEmail: true },
      postcode: 'nw18ab',
      gpPracticeCode: 'F83010',
      gpPracticeEmail: `gp-${mark}@practice.example`,
    },
    request: {
      programmeId: 'hive-music',
      needs: 'Sent by a system; used to sing in a choir.',
      risks: { known: false },
      danger: false,
      consent: { given: true },
    },
  };
}

describe('a referring system', () => {
  it('refers a person, hears where the referral is at every turn, and that it is closed', async () => {
    const mark = randomUUID().slice(0, 8);
    const key = randomUUID();
    const sent = await submit(referralOf(mark), key);
    expect(sent.status).toBe(201);
    const reference = String(sent.json.reference);
    const self = new URL(String(sent.headers.get('location')));
    expect(self.pathname).toBe(`/api/referrals/${reference}`);
    const again = await submit(referralOf(mark), key);
    expect([again.status, again.json]).toEqual([200, sent.json]);
    await cloud.settle();

    const stage = async () => {
      const { status, json } = await call(self.pathname);
      expect(status).toBe(200);
      expect(JSON.stringify(json)).not.toMatch(/小明|Nguyễn|choir|9434765919|\bNW1\b/);
      return json;
    };
    expect(await stage()).toMatchObject({ stage: 'review', by: expect.stringMatching(/^\d{4}-/) });

    const referral = Referral.known(cloud, reference, {
      person: `person-${mark}@people.example`,
      referrer: `referrer-${mark}@practice.example`,
      gp: `gp-${mark}@practice.example`,
    });
    const review = await referral.openReview();
    expect(review.text).toContain('小明 Nguyễn');
    expect(review.text).toContain('Sent by a system');
    await review.submit('decide', { decision: 'match', programmeId: 'hive-music' });
    await cloud.settle();
    expect(await stage()).toMatchObject({ stage: 'offer' });
    await referral.accept();
    expect(await stage()).toMatchObject({ stage: 'programme', status: 'The person has a place' });
    await referral.attend(SESSIONS);
    await cloud.settle();
    expect(await stage()).toMatchObject({ stage: 'closed', ending: 'completed', reference });
    expect(Object.keys(await referral.letters()).sort()).toEqual(['gp', 'person', 'referrer']);
  });

  it('is told what is wrong, and nothing is stored', async () => {
    const before = (await cloud.table()).filter(({ sk }) => sk === 'REFERRAL').length;
    const { person, ...rest } = referralOf('wrong');
    const faulty = await submit({ ...rest, person: { ...person, dateOfBirth: '2999-01-01' } });
    expect(faulty.status).toBe(422);
    expect(faulty.headers.get('content-type')).toBe('application/problem+json');
    expect(faulty.json.errors).toEqual([
      { pointer: '#/person/dateOfBirth', detail: 'Enter a date of birth in the past' },
    ]);
    const old = await submit({ ...rest, person: { ...person, dateOfBirth: '1950-01-01' } });
    expect(old.json.type).toMatch(/:not-eligible$/);
    expect((await call('/api/referrals/SP-0000-0000')).status).toBe(404);
    const huge = await submit({ ...rest, person: { ...person, address: 'x'.repeat(400_000) } });
    expect(huge.status).toBe(413);
    expect((await cloud.table()).filter(({ sk }) => sk === 'REFERRAL').length).toBe(before);
  });

  it('without a token that allows it is turned away', async () => {
    const post = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
    const none = await fetch(`${on.baseUrl}/api/referrals`, post);
    // By the gateway: the function was not asked.
    expect([none.status, await none.json()]).toEqual([401, { message: 'Unauthorized' }]);
    const reading = await accessToken(cloud, 'referrals/read');
    const headers = { ...post.headers, authorization: `Bearer ${reading}`, 'idempotency-key': 'x' };
    const narrow = await fetch(`${on.baseUrl}/api/referrals`, { ...post, headers });
    expect([narrow.status, await narrow.json()]).toEqual([403, { message: 'Forbidden' }]);
  });

  it('is asked to try again when the table is throttled, and loses nothing by that', async () => {
    const body = referralOf(randomUUID().slice(0, 8));
    const key = randomUUID();
    await cloud.faults({ dynamodb: 'ProvisionedThroughputExceededException', times: 30 });
    const busy = await submit(body, key);
    await cloud.faults({});
    expect(busy.status).toBe(503);
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(busy.json.type).toMatch(/:try-again$/);
    expect((await submit(body, key)).status).toBe(201);
  });
});

describe('the directory', () => {
  // biome-ignore lint/suspicious/noExplicitAny: what it is, the test says.
  const get = async (path: string): Promise<any> => (await fetch(`${on.baseUrl}${path}`)).json();

  it('is open to everybody, with its services one by one, and where to refer to each', async () => {
    const page = await get('/api/services?per_page=2');
    expect(page).toMatchObject({ size: 2, page_number: 1, first_page: true });
    const [service] = page.contents;
    const one = await fetch(`${on.baseUrl}/api/services/${service.id}`);
    expect(one.headers.get('access-control-allow-origin')).toBe('*');
    expect(await one.json()).toEqual(service);
    const { pathname, search } = new URL(service.url);
    expect((await visit(`${on.baseUrl}${pathname}${search}`)).status).toBe(200);
  });

  it('is described, with where tokens are given out', async () => {
    const about = await get('/api');
    const { pathname } = new URL(about.openapi_url);
    const document = await get(pathname);
    expect(document.openapi).toBe('3.1.0');
    const [client] = await cloud.clients();
    expect(document.components.securitySchemes.token.flows.clientCredentials.tokenUrl).toBe(client?.tokenUrl);
  });
});
