/** Signing in, with an issuer of the test's own: what is taken, what is refused, and where it leads. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import {
  exportJWK,
  type GenerateKeyPairResult,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { membersOf } from '../../../functions/shared/team-members.ts';
import { handler } from '../../../functions/sign-in/handler.ts';
import { after } from '../../../workflows/time.ts';
import { type Request, request, startEnvironment } from './environment.ts';
import { AMINA, type Fault, type SignInIssuer, startSignInIssuer } from './sign-in-issuer.ts';
import { TABLE, type TestTable } from './table.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const SECONDS = Date.parse(NOW) / 1000;
const BASE_URL = 'https://referrals.example';
const SECRETS = { password: 'arn:secret:password', key: 'arn:secret:key' };

let table: TestTable;
let issuer: SignInIssuer;
/** Keys of somebody else's, and of the client's own. */
let stranger: GenerateKeyPairResult;
let clientKey: GenerateKeyPairResult;

beforeAll(async () => {
  stranger = await generateKeyPair('RS256');
  clientKey = await generateKeyPair('RS512', { extractable: true });
  const jwk = { ...(await exportJWK(clientKey.privateKey)), alg: 'RS512', kid: 'our-key' };
  table = await startEnvironment({
    [SECRETS.password]: 's3cret+/=',
    [SECRETS.key]: JSON.stringify(jwk),
  });
  issuer = await startSignInIssuer();
});
beforeEach(() => {
  vi.stubEnv('IDENTITY_ISSUER', issuer.url);
  vi.stubEnv('CLIENT_SECRET_ARN', '');
  issuer.asked.length = 0;
  issuer.userInfo = { sub: 'amina' };
});
afterAll(async () => {
  issuer.stop();
  await table.stop();
});

type Answer = APIGatewayProxyStructuredResultV2;
const ask = (route: string, more: Partial<Request> = {}) => request(handler, { route, now: NOW, ...more });
const headingOf = ({ body = '' }: Answer) => parse(body).querySelector('h1')?.text;
const cookieOf = ({ cookies = [] }: Answer, name: string) =>
  cookies.find((cookie) => new RegExp(`^${name}=`).test(cookie))?.split(';')[0];

/** That the browser is to forget a sign-in. */
const FORGOTTEN = expect.stringMatching(
  /^sign-in-[0-9a-f]{16}=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0$/,
);

/** Begins to sign in: where to, and what the browser keeps. */
async function begun(returnTo = '/account', now = NOW): Promise<{ address: string; cookie: string }> {
  const answer = await ask('POST /sign-in', { fields: { return: returnTo }, now });
  return {
    address: String(answer.headers?.location),
    cookie: cookieOf(answer, 'sign-in-[0-9a-f]{16}') ?? '',
  };
}

type Changes = { fault?: Fault; query?: Record<string, string>; cookies?: string[]; now?: string };

/** Signs in, with whatever goes otherwise than it should. */
async function finished({ fault, query, cookies, now = NOW }: Changes = {}): Promise<Answer> {
  const { address, cookie } = await begun();
  const came = issuer.signIn(address, now, fault);
  return ask('GET /sign-in/callback', { query: { ...came, ...query }, cookies: cookies ?? [cookie], now });
}

async function signedIn(claims: JWTPayload = {}): Promise<string> {
  return cookieOf(await finished({ fault: { claims } }), 'session') ?? '';
}

const sessions = async () => table.items().filter(({ sk }) => sk === 'SESSION').length;

/** What somebody's account shows, by its headings. */
async function accountOf(cookie: string): Promise<Record<string, string>> {
  const answer = await ask('GET /account', { cookies: [cookie] });
  expect(answer.statusCode).toBe(200);
  const rows = parse(answer.body ?? '').querySelectorAll('.nhsuk-summary-list__row');
  return Object.fromEntries(
    rows.map((row) => [row.querySelector('dt')?.text, row.querySelector('dd')?.text]),
  ) as Record<string, string>;
}

describe('the page to sign in', () => {
  it('has one button, and takes along where to come back to', async () => {
    const answer = await ask('GET /sign-in', { query: { return: '/work?page=2' } });
    const page = parse(answer.body ?? '');
    expect([answer.statusCode, headingOf(answer)]).toEqual([200, 'Sign in']);
    expect(page.querySelectorAll('main button')).toHaveLength(1);
    expect(page.querySelector('[name=return]')?.getAttribute('value')).toBe('/work?page=2');
    expect(answer.headers?.['content-security-policy']).toContain(
      `form-action 'self' ${new URL(issuer.url).origin};`,
    );
  });

  it('lets its form lead on to wherever the issuer sends people, over TLS only', async () => {
    vi.stubEnv('IDENTITY_ISSUER', 'https://login.example.org/realms/a');
    const { headers } = await ask('GET /sign-in');
    expect(headers?.['content-security-policy']).toContain("form-action 'self' https:;");
  });

  it('is left out for whoever is signed in', async () => {
    const cookies = [await signedIn()];
    const answer = await ask('GET /sign-in', { query: { return: '/work' }, cookies });
    expect([answer.statusCode, answer.headers?.location]).toEqual([303, '/work']);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    'javascript:alert(1)',
    'work',
    '',
    ' /work',
    '/work\r\nset-cookie: a=b',
    '/sign-in?return=/sign-in',
    '/sign-in/callback?code=a',
    '/sign-out',
    `/${'a'.repeat(2000)}`,
  ])('never leads elsewhere, nor in circles: %j', async (wanted) => {
    const { body = '' } = await ask('GET /sign-in', { query: { return: wanted } });
    expect(parse(body).querySelector('[name=return]')?.getAttribute('value')).toBe('');
    const { address, cookie } = await begun(wanted);
    const query = issuer.signIn(address, NOW);
    const { headers } = await ask('GET /sign-in/callback', { query, cookies: [cookie] });
    expect(headers?.location).toBe('/worklist');
    const again = await ask('GET /sign-in', { query: { return: wanted }, cookies: [await signedIn()] });
    expect(again.headers?.location).toBe('/worklist');
  });

  it.each(['/work', '/work?stage=review&page=2', '/people/SP-1234', '/a/../work?x=%2F%2Fb'])(
    'leads back within the service: %j',
    async (wanted) => {
      const { address, cookie } = await begun(wanted);
      const query = issuer.signIn(address, NOW);
      const { headers } = await ask('GET /sign-in/callback', { query, cookies: [cookie] });
      expect(headers?.location).toBe(wanted.replace('/a/..', ''));
    },
  );
});

describe('the way to the issuer', () => {
  it('asks for a code, with a challenge, and for nothing that was asked before', async () => {
    const [first, second] = [await begun(), await begun()];
    const query = Object.fromEntries(new URL(first.address).searchParams);
    expect(first.address).toMatch(new RegExp(`^${issuer.url}/authorize\\?`));
    expect(query).toEqual({
      response_type: 'code',
      client_id: 'people',
      redirect_uri: `${BASE_URL}/sign-in/callback`,
      scope: 'openid email profile',
      prompt: 'login',
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    });
    const other = Object.fromEntries(new URL(second.address).searchParams);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(other[name]).not.toBe(query[name]);
  });

  it('leaves in the browser what the answer is compared with, sealed and for ten minutes', async () => {
    const { cookies: [cookie = ''] = [], headers } = await ask('POST /sign-in', {});
    expect(cookie).toMatch(/^sign-in-[0-9a-f]{16}=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const state = new URL(String(headers?.location)).searchParams.get('state') ?? '-';
    const readable = cookie.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect([cookie, ...readable].join()).not.toContain(state);
    const tls = await ask('POST /sign-in', { headers: { 'x-forwarded-proto': 'https' } });
    expect(tls.cookies?.[0]).toMatch(
      /^__Host-sign-in-[0-9a-f]{16}=.*; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=600$/,
    );
  });
});

describe('somebody', () => {
  it('comes back with a session, and leaves nothing of the way behind', async () => {
    const answer = await finished();
    expect([answer.statusCode, answer.headers?.location]).toEqual([303, '/account']);
    expect(answer.cookies).toEqual([
      expect.stringMatching(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
      FORGOTTEN,
    ]);
    expect(issuer.client().authorization).toBeUndefined();
    expect(Object.fromEntries(issuer.client().form)).toMatchObject({
      grant_type: 'authorization_code',
      client_id: 'people',
      redirect_uri: `${BASE_URL}/sign-in/callback`,
    });
  });

  it('sees who they are here, in which role and team', async () => {
    expect(await accountOf(await signedIn())).toEqual({
      Name: 'Amina Rahman',
      Email: 'amina@example.org',
      Role: 'Link worker',
      Team: 'Camden',
      'Signed in since': 'Monday 23 November 2026 at 12:00 pm',
    });
  });

  it.each<[string, JWTPayload, Record<string, string>]>([
    [
      'several roles and teams',
      { 'cognito:groups': ['auditor', 'coordinator', 'team:all', 'team:camden'] },
      { Roles: 'Coordinator, Auditor', Teams: 'Camden, Everywhere else' },
    ],
    [
      'one text with spaces',
      { 'cognito:groups': 'auditor  team:all' },
      { Role: 'Auditor', Team: 'Everywhere else' },
    ],
    ['one text with commas', { 'cognito:groups': 'auditor,team:all' }, { Role: 'Auditor' }],
    [
      'objects, as CIS2 has them',
      { 'cognito:groups': [{ org_code: 'team:all', codes: [{ role_code: 'auditor' }] }] },
      { Role: 'Auditor', Team: 'Everywhere else' },
    ],
    [
      'only a first and a family name',
      { name: undefined, given_name: 'Amina', family_name: 'R.' },
      { Name: 'Amina R.' },
    ],
    ['no name', { name: undefined }, { Name: 'amina@example.org' }],
    ['a name with line ends', { name: ' Amina\r\nRahman\u0000 ' }, { Name: 'Amina Rahman' }],
  ])('is known who has %s', async (_, claims, expected) => {
    expect(await accountOf(await signedIn(claims))).toMatchObject(expected);
  });

  it.each<[string, JWTPayload]>([
    ['none', { 'cognito:groups': undefined }],
    [
      'what is not known here',
      { 'cognito:groups': ['admin', 'Link-Worker', 'team:nowhere', 'team:', 7, null] },
    ],
    ['a number', { 'cognito:groups': 7 }],
  ])('has no role whose groups are %s, and is told so', async (_, claims) => {
    const cookie = await signedIn(claims);
    expect(Object.keys(await accountOf(cookie))).toEqual(['Name', 'Email', 'Signed in since']);
    expect((await ask('GET /account', { cookies: [cookie] })).body).toContain('has no role here yet');
  });

  it('stands on the lists of the teams that the issuer names now, as long as they look after referrals', async () => {
    const lists = async () => {
      const listed = await Promise.all(['camden', 'all'].map((team) => membersOf(TABLE, team, NOW)));
      return listed.map((members) => members.some(({ sub, leftAt }) => sub === 'mo' && leftAt === undefined));
    };
    const groups: [string[], boolean[]][] = [
      [
        ['link-worker', 'team:camden'],
        [true, false],
      ],
      [
        ['link-worker', 'team:all'],
        [false, true],
      ],
      [
        ['coordinator', 'team:all', 'team:camden'],
        [true, true],
      ],
      [
        ['auditor', 'team:all', 'team:camden'],
        [false, false],
      ],
    ];
    for (const [named, on] of groups) {
      await signedIn({ sub: 'mo', 'cognito:groups': named });
      expect([named, await lists()]).toEqual([named, on]);
    }
  });

  it('tells provider staff, and nobody else, where they can act', async () => {
    const told = async (group: string) => {
      const cookie = await signedIn({ 'cognito:groups': [group] });
      return ((await ask('GET /account', { cookies: [cookie] })).body ?? '').includes('href="/offers"');
    };
    expect([await told('provider-staff'), await told('link-worker'), await told('none')]).toEqual([
      ...[true, false, false],
    ]);
  });

  it('is described by claims of other names, and with other words for roles', async () => {
    vi.stubEnv('CLAIMS', JSON.stringify({ roles: 'roles', teams: 'org' }));
    const names = { 'link-worker': 'SP.LinkWorker', coordinator: 'c', 'provider-staff': 'p', auditor: 'a' };
    vi.stubEnv('ROLE_NAMES', JSON.stringify(names));
    const cookie = await signedIn({ roles: ['SP.LinkWorker', 'auditor'], org: 'team:all' });
    expect(await accountOf(cookie)).toMatchObject({ Role: 'Link worker', Team: 'Everywhere else' });
    vi.stubEnv('CLAIMS', JSON.stringify({ roles: 'cognito:groups', teams: 'cognito:groups' }));
    const own = Object.fromEntries(Object.keys(names).map((role) => [role, role]));
    vi.stubEnv('ROLE_NAMES', JSON.stringify(own));
  });

  it('is asked about where the token says too little, and the token has the last word', async () => {
    const claims = { 'cognito:groups': undefined, email: undefined };
    issuer.userInfo = { ...AMINA, name: 'Somebody Else' };
    expect(await accountOf(await signedIn(claims))).toMatchObject({
      Name: 'Amina Rahman',
      Email: 'amina@example.org',
      Role: 'Link worker',
    });
    expect(issuer.asked).toContain('/userinfo');
    issuer.userInfo = { ...AMINA, sub: 'mallory' };
    expect((await finished({ fault: { claims } })).statusCode).toBe(400);
    issuer.asked.length = 0;
    await signedIn();
    expect(issuer.asked).toEqual(['/token']);
  });

  it('ends the session that the browser had before', async () => {
    const before = await signedIn();
    const { address, cookie } = await begun();
    const query = issuer.signIn(address, NOW);
    const answer = await ask('GET /sign-in/callback', { query, cookies: [cookie, before] });
    expect(cookieOf(answer, 'session')).not.toBe(before);
    expect((await ask('GET /account', { cookies: [before] })).statusCode).toBe(303);
  });

  it('who has begun on two pages comes back on each', async () => {
    const [one, other] = [await begun('/worklist'), await begun('/account')];
    const cookies = [one.cookie, other.cookie];
    for (const { address } of [one, other]) {
      const answer = await ask('GET /sign-in/callback', { query: issuer.signIn(address, NOW), cookies });
      expect([answer.statusCode, answer.headers?.location]).toEqual([
        303,
        address === one.address ? '/worklist' : '/account',
      ]);
    }
  });

  it('who goes back to the answer that was taken already, goes on', async () => {
    const cookies = [await signedIn()];
    const answer = await ask('GET /sign-in/callback', { query: { code: 'a', state: 'b' }, cookies });
    expect([answer.statusCode, answer.headers?.location]).toEqual([303, '/worklist']);
  });
});

describe('nobody is signed in', () => {
  /** By an answer that looks like one and is none. */
  const late = after(NOW, { minutes: 10 });
  const cases: [string, () => Promise<Answer>][] = [
    ['without the cookie of the browser that began', () => finished({ cookies: [] })],
    ['with the cookie of another sign-in', async () => finished({ cookies: [(await begun()).cookie] })],
    [
      'with a cookie that was changed',
      async () => {
        const { address, cookie } = await begun();
        // In the middle of what is sealed.
        const at = Math.floor(cookie.length / 2);
        const changed = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1);
        return ask('GET /sign-in/callback', { query: issuer.signIn(address, NOW), cookies: [changed] });
      },
    ],
    [
      'with a cookie that was made up',
      async () => {
        const { address, cookie } = await begun();
        const cookies = [`${cookie.split('=')[0]}=e30.e30.e30.e30.e30`];
        return ask('GET /sign-in/callback', { query: issuer.signIn(address, NOW), cookies });
      },
    ],
    [
      'with what another sign-in left under its name',
      async () => {
        const [one, other] = [await begun(), await begun()];
        const cookies = [`${one.cookie.split('=')[0]}=${other.cookie.split('=')[1]}`];
        return ask('GET /sign-in/callback', { query: issuer.signIn(one.address, NOW), cookies });
      },
    ],
    ['when it takes too long', () => finished({ now: late })],
    ['with the state of nobody', () => finished({ query: { state: 'x'.repeat(43) } })],
    ['without a state', () => finished({ query: { state: '' } })],
    ['with two states', () => finished({ query: { state: 'a,b' } })],
    ['without a code', () => finished({ query: { code: '' } })],
    ['with a code of nobody', () => finished({ query: { code: 'made-up' } })],
    ['when the issuer says no', () => finished({ query: { error: 'access_denied' } })],
    ['by an answer that names another issuer', () => finished({ query: { iss: 'https://evil.example' } })],
    [
      'twice by the same answer',
      async () => {
        const { address, cookie } = await begun();
        const query = issuer.signIn(address, NOW);
        const first = await ask('GET /sign-in/callback', { query, cookies: [cookie] });
        expect(first.statusCode).toBe(303);
        await ask('POST /sign-out', {
          cookies: [cookieOf(first, 'session') ?? ''],
          fields: await csrfFor(first),
        });
        return ask('GET /sign-in/callback', { query, cookies: [cookie] });
      },
    ],
    [
      'when the issuer takes the code for none',
      () => finished({ fault: { answer: [400, { error: 'invalid_grant' }] } }),
    ],
    [
      'when no token comes',
      () => finished({ fault: { answer: [200, { access_token: 'a', token_type: 'Bearer' }] } }),
    ],
    ...(
      [
        ['that is expired', { exp: SECONDS - 11 }],
        ['that never expires', { exp: undefined }],
        ['that is not valid yet', { nbf: SECONDS + 60 }],
        ['for another sign-in', { nonce: 'x'.repeat(43) }],
        ['for no sign-in', { nonce: undefined }],
        ['for another service', { aud: 'somebody-else' }],
        ['for nobody', { aud: undefined }],
        [
          'for several services, given to another',
          { aud: ['people', 'somebody-else'], azp: 'somebody-else' },
        ],
        ['for several services, given to nobody', { aud: ['people', 'somebody-else'] }],
        ['of another issuer', { iss: 'https://evil.example' }],
        ['of somebody who was signed in before', { auth_time: SECONDS - 11 }],
        ['that opens an API', { token_use: 'access' }],
        ['about nobody', { sub: undefined }],
        ['about an empty name', { sub: '' }],
      ] as [string, JWTPayload][]
    ).map(([what, claims]): [string, () => Promise<Answer>] => [
      `by a token ${what}`,
      () => finished({ fault: { claims } }),
    ]),
    [
      'by a token that nobody signed',
      () => finished({ fault: { token: async (claims) => new UnsecuredJWT(claims).encode() } }),
    ],
    [
      'by a token signed by somebody else',
      () =>
        finished({
          fault: {
            token: (claims) =>
              new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key' }).sign(stranger.privateKey),
          },
        }),
    ],
    [
      'by a token signed with a key that is not published',
      () =>
        finished({
          fault: {
            token: (claims) =>
              new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'x' }).sign(stranger.privateKey),
          },
        }),
    ],
    [
      'by a token signed with the public key as a shared secret',
      () =>
        finished({
          fault: {
            token: async (claims) => {
              const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(issuer.publicKey)));
              return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'key' }).sign(secret);
            },
          },
        }),
    ],
    ['by a token that is none', () => finished({ fault: { token: async () => 'a.b.c' } })],
  ];

  it.each(cases)('%s', async (_, answer) => {
    const before = await sessions();
    const { statusCode, body = '', cookies = [], ...rest } = await answer();
    expect([statusCode, headingOf({ body, ...rest })]).toEqual([400, 'We could not sign you in']);
    expect(cookies).toEqual([FORGOTTEN]);
    // They may try again.
    expect(parse(body).querySelector('main a')?.getAttribute('href')).toMatch(
      /^\/sign-in(\?return=%2Faccount)?$/,
    );
    expect(await sessions()).toBe(before);
  });

  it('but at another time the same token would count', async () => {
    const { address, cookie } = await begun('/account', late);
    const query = issuer.signIn(address, late);
    const answer = await ask('GET /sign-in/callback', { query, cookies: [cookie], now: late });
    expect(answer.statusCode).toBe(303);
  });
});

describe('an issuer that is not there', () => {
  it('is no fault of anybody’s: the page says to try again, and so it is', async () => {
    vi.stubEnv('IDENTITY_ISSUER', 'http://127.0.0.1:9/pool');
    const answer = await ask('POST /sign-in');
    expect([answer.statusCode, headingOf(answer)]).toEqual([503, 'You cannot sign in at the moment']);
  });

  it('any more, to nobody: who has been led there a while ago says nothing of who is led there now', async () => {
    const gone = await startSignInIssuer();
    vi.stubEnv('IDENTITY_ISSUER', gone.url);
    const ways = async (minutes: number) =>
      (await ask('POST /sign-in', { now: after(NOW, { minutes }) })).statusCode;
    expect([await ways(0), await ways(2)]).toEqual([303, 303]);
    expect(gone.asked).toHaveLength(2);
    gone.stop();
    expect([await ways(2), await ways(4)]).toEqual([303, 503]);
  });

  it('or fails, and the way stays open to try the same again', async () => {
    const { address, cookie } = await begun();
    const query = issuer.signIn(address, NOW, { answer: [503, {}] });
    const answer = await ask('GET /sign-in/callback', { query, cookies: [cookie] });
    expect([answer.statusCode, answer.cookies]).toEqual([503, undefined]);
  });

  it('does not keep anybody from signing out', async () => {
    const cookie = await signedIn();
    const account = parse((await ask('GET /account', { cookies: [cookie] })).body ?? '');
    const csrf = account.querySelector('[name=csrf]')?.getAttribute('value') ?? '';
    vi.stubEnv('IDENTITY_ISSUER', 'http://127.0.0.1:9/pool');
    const answer = await ask('POST /sign-out', { cookies: [cookie], fields: { csrf } });
    expect([answer.statusCode, answer.headers?.refresh]).toEqual([200, undefined]);
    expect(answer.body).toContain('close the browser');
    expect((await ask('GET /account', { cookies: [cookie] })).statusCode).toBe(303);
  });
});

describe('a client with a secret', () => {
  it('shows it in the header, or in the form where the issuer takes it there only', async () => {
    vi.stubEnv('CLIENT_SECRET_ARN', SECRETS.password);
    expect((await finished()).statusCode).toBe(303);
    expect(issuer.client().authorization).toBe(`Basic ${btoa('people:s3cret%2B%2F%3D')}`);
    expect(issuer.client().form.has('client_secret')).toBe(false);
    const other = await startSignInIssuer({ token_endpoint_auth_methods_supported: ['client_secret_post'] });
    vi.stubEnv('IDENTITY_ISSUER', other.url);
    const { address, cookie } = await begun();
    const query = other.signIn(address, NOW);
    expect((await ask('GET /sign-in/callback', { query, cookies: [cookie] })).statusCode).toBe(303);
    expect(other.client().authorization).toBeUndefined();
    expect(other.client().form.get('client_secret')).toBe('s3cret+/=');
    other.stop();
  });

  it('signs with it where it is a private key', async () => {
    vi.stubEnv('CLIENT_SECRET_ARN', SECRETS.key);
    expect((await finished()).statusCode).toBe(303);
    const { form } = issuer.client();
    expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    const { payload, protectedHeader } = await jwtVerify(
      form.get('client_assertion') ?? '',
      clientKey.publicKey,
    );
    expect(protectedHeader).toMatchObject({ alg: 'RS512', kid: 'our-key' });
    expect(payload).toMatchObject({ iss: 'people', sub: 'people', jti: expect.any(String) });
  });
});

describe('signing out', () => {
  it('ends the session here, then the one at the issuer, and leads back', async () => {
    const cookie = await signedIn();
    const answer = await ask('POST /sign-out', { cookies: [cookie], fields: await csrfFor(cookie) });
    expect([answer.statusCode, headingOf(answer)]).toEqual([200, 'You are signed out']);
    expect(answer.cookies).toEqual(['session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0']);
    const [wait, address = ''] = String(answer.headers?.refresh).split('; url=');
    const { origin, pathname, searchParams } = new URL(address);
    expect([wait, `${origin}${pathname}`]).toEqual(['0', `${issuer.url}/logout`]);
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'people',
      logout_uri: `${BASE_URL}/`,
      post_logout_redirect_uri: `${BASE_URL}/`,
    });
    expect(
      parse(answer.body ?? '')
        .querySelector('main a')
        ?.getAttribute('href'),
    ).toBe(address);
    expect((await ask('GET /account', { cookies: [cookie] })).statusCode).toBe(303);
  });

  it('happens to nobody whom another site wants to sign out', async () => {
    const cookie = await signedIn();
    const answer = await ask('POST /sign-out', { cookies: [cookie], fields: { csrf: 'x' } });
    expect(answer.statusCode).toBe(403);
    expect((await ask('GET /account', { cookies: [cookie] })).statusCode).toBe(200);
  });

  it('says so to whoever was not signed in any more', async () => {
    const answer = await ask('POST /sign-out', { cookies: ['session=x'] });
    expect([answer.statusCode, headingOf(answer)]).toEqual([200, 'You are signed out']);
  });

  it('says what is left to do where the issuer has no way', async () => {
    const other = await startSignInIssuer({ end_session_endpoint: undefined });
    vi.stubEnv('IDENTITY_ISSUER', other.url);
    const answer = await ask('POST /sign-out');
    expect(answer.headers?.refresh).toBeUndefined();
    expect(answer.body).toContain('You may still be signed in where your account is');
    other.stop();
  });
});

/** What a form carries of the session that a cookie names, or that an answer has begun. */
async function csrfFor(at: string | Answer): Promise<{ csrf: string }> {
  const cookie = typeof at === 'string' ? at : (cookieOf(at, 'session') ?? '');
  const { body = '' } = await ask('GET /account', { cookies: [cookie] });
  return { csrf: parse(body).querySelector('[name=csrf]')?.getAttribute('value') ?? '' };
}
