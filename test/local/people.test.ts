/** People who sign in at the embedded identity provider, as their browser and the service would. */
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { decodeJwt } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { metadataOf, verifyToken } from '../../functions/shared/issuer.ts';
import { type Jar, type Page, visit } from '../journeys/browser.ts';
import {
  api,
  cloudOf,
  group,
  lambda,
  peopleClient,
  type Resources,
  sharedCloud,
  type TestCloud,
  userPool,
} from './template.ts';

const app: Resources = {
  ...userPool,
  People: peopleClient,
  LinkWorkers: group('link-worker'),
  Coordinators: group('coordinator'),
  Camden: group('team:camden'),
  Rest: group('team:all'),
  Who: lambda('who', 'return { issuer: process.env.ISSUER, client: process.env.CLIENT };', {
    Environment: {
      Variables: { ISSUER: { 'Fn::GetAtt': ['Pool', 'ProviderURL'] }, CLIENT: { Ref: 'People' } },
    },
  }),
  Back: lambda(
    'back',
    'return { statusCode: 200, body: JSON.stringify(event.queryStringParameters ?? {}) };',
  ),
  ...api({ 'GET /who': 'Who', 'GET /back': 'Back', 'GET /': 'Back' }),
};

const NOON = '2026-11-23T12:00:00.000Z';
const shared = sharedCloud(app, { now: () => Date.parse(NOON) });
/** oidc-provider says what it has to say once a process. */
const said = (['log', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level));

type Who = { issuer: string; client: string };
type Asked = { verifier: string; url: string };

/** What somebody is sent to who wants to sign in. */
async function ask(cloud: TestCloud, changes: Record<string, string> = {}): Promise<Asked> {
  const { issuer, client } = await cloud.get<Who>('/who');
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL((await metadataOf(issuer)).authorization_endpoint ?? '');
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: `${cloud.url}/back`,
    scope: 'openid email profile',
    state: 'a-state',
    nonce: 'a-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  }).toString();
  return { verifier, url: url.href };
}

const choose = (page: Page, person: string) => page.submit(undefined, { person });
const answerOf = (page: Page) => JSON.parse(page.html) as Record<string, string>;

/** Signs somebody in, and gives what comes back to the service. */
async function answerFor(cloud: TestCloud, person: string, jar: Jar = new Map()) {
  const asked = await ask(cloud);
  return { ...asked, ...answerOf(await choose(await visit(asked.url, jar), person)) } as Asked &
    Record<string, string>;
}

async function exchange(cloud: TestCloud, code = '', verifier = '') {
  const { issuer, client } = await cloud.get<Who>('/who');
  const response = await fetch((await metadataOf(issuer)).token_endpoint ?? '', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client,
      code,
      redirect_uri: `${cloud.url}/back`,
      code_verifier: verifier,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

describe('somebody', () => {
  it('says by one click who they are, and the token says what Cognito says', async () => {
    const asked = await ask(shared());
    const page = await visit(asked.url, new Map());
    expect(page.heading).toBe('Sign in as an example');
    for (const name of ['Amina Rahman', 'Sam Lee', 'Tom Ellis', 'Priya Nair', 'Alex Morgan'])
      expect(page.text).toContain(name);
    const { issuer, client } = await shared().get<Who>('/who');
    const { code, state, iss } = answerOf(await choose(page, 'amina'));
    expect({ state, iss }).toEqual({ state: 'a-state', iss: issuer });
    const { status, body } = await exchange(shared(), code, asked.verifier);
    expect(status).toBe(200);
    const claims = await verifyToken(body.id_token ?? '', issuer, NOON, { audience: client });
    const iat = Date.parse(NOON) / 1000;
    expect(claims).toMatchObject({
      sub: 'amina',
      name: 'Amina Rahman',
      email: 'amina@example.org',
      'cognito:groups': ['link-worker', 'team:camden'],
      token_use: 'id',
      nonce: 'a-nonce',
      // To the second, and a click lies between the two.
      auth_time: expect.toSatisfy((at: number) => iat - 1 <= at && at <= iat),
      iat,
      exp: iat + 300,
    });
  });

  it('is in the groups that the template has: a link worker in the second team, a coordinator in every one, others in none', async () => {
    const groupsOf = async (person: string) => {
      const { code, verifier } = await answerFor(shared(), person);
      return decodeJwt((await exchange(shared(), code, verifier)).body.id_token ?? '')['cognito:groups'];
    };
    expect(await groupsOf('sam')).toEqual(['link-worker', 'team:all']);
    expect(await groupsOf('tom')).toEqual(['coordinator', 'team:camden', 'team:all']);
    expect(await groupsOf('priya')).toEqual([]);
  });

  it('stays signed in until signing out, which leads back without a question', async () => {
    const jar: Jar = new Map();
    await answerFor(shared(), 'amina', jar);
    expect(answerOf(await visit((await ask(shared())).url, jar))).toHaveProperty('code');
    const { issuer, client } = await shared().get<Who>('/who');
    const logout = new URL((await metadataOf(issuer)).end_session_endpoint ?? '');
    const leave = (logout_uri: string) => {
      logout.search = new URLSearchParams({ client_id: client, logout_uri }).toString();
      return visit(logout.href, jar);
    };
    expect((await leave('https://elsewhere.example/')).status).toBe(400);
    expect((await leave(`${shared().url}/`)).url).toBe(`${shared().url}/`);
    expect((await visit((await ask(shared())).url, jar)).heading).toBe('Sign in as an example');
  });
});

describe('nobody', () => {
  it.each<[string, Record<string, string>]>([
    ['to an address that is not known', { redirect_uri: 'https://elsewhere.example/back' }],
    ['for a client that is not known', { client_id: 'x' }],
  ])('is sent %s', async (_, changes) => {
    const page = await visit((await ask(shared(), changes)).url, new Map());
    expect([page.status, page.heading]).toEqual([400, 'You cannot sign in like this']);
  });

  it('gets a code without a challenge', async () => {
    const { url } = await ask(shared(), { code_challenge: '', code_challenge_method: '' });
    expect(answerOf(await visit(url, new Map()))).toMatchObject({ error: 'invalid_request' });
  });

  it('gets a token for a code twice, nor without the verifier', async () => {
    const { code, verifier } = await answerFor(shared(), 'alex');
    expect(await exchange(shared(), code, 'x'.repeat(43))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const again = await answerFor(shared(), 'alex');
    expect((await exchange(shared(), again.code, again.verifier)).status).toBe(200);
    expect((await exchange(shared(), again.code, again.verifier)).status).toBe(400);
    expect(verifier).not.toBe(again.verifier);
  });

  it('is somebody who is not among the examples', async () => {
    const page = await visit((await ask(shared())).url, new Map());
    const refused = await page.submit(undefined, { person: 'mallory' });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('There is no such person')]);
  });

  it('signs in by another name of this machine, or from another website', async () => {
    const jar: Jar = new Map();
    const page = await visit((await ask(shared())).url, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    for (const headers of [{ host: 'evil.example' }, { origin: 'https://evil.example' }]) {
      expect(await post(page.url, { cookie, ...headers })).toBe(400);
    }
    expect(await post(page.url, { cookie })).toBe(303);
  });
});

it('tokens follow the clock when it is moved', async () => {
  const cloud = await cloudOf(app);
  const early = await answerFor(cloud, 'amina');
  const before = (await exchange(cloud, early.code, early.verifier)).body.id_token ?? '';
  const { now } = await cloud.move({ hours: 100 });
  const late = await answerFor(cloud, 'amina');
  const after = (await exchange(cloud, late.code, late.verifier)).body.id_token ?? '';
  const { issuer, client: audience } = await cloud.get<Who>('/who');
  expect(await verifyToken(after, issuer, now, { audience })).toMatchObject({ sub: 'amina' });
  await expect(verifyToken(before, issuer, now, { audience })).rejects.toMatchObject({
    code: 'ERR_JWT_EXPIRED',
  });
});

it('whoever is in the middle of signing in can go on after a restart of the cloud', async () => {
  const cloud = await cloudOf(app);
  const page = await visit((await ask(cloud)).url, new Map());
  await cloud.post('/_cloud/restart', {});
  expect(answerOf(await choose(page, 'tom'))).toHaveProperty('code');
});

it('nothing was said on the console', () => {
  expect(said.flatMap((spy) => spy.mock.calls)).toEqual([]);
});

/** Says who somebody is, with headers that fetch does not let anybody set. */
function post(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const asked = request(url, { method: 'POST', headers: { ...type, ...headers } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end('person=amina');
  });
}
