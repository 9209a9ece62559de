/** Access tokens, checked against an issuer on loopback with keys of the test's own. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuthorizationError } from '../../../functions/shared/oauth.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const SECONDS = Date.parse(NOW) / 1000;

type Claims = Record<string, unknown>;
type Pair = { publicKey: CryptoKey; privateKey: CryptoKey };
const pairs = {} as Record<'RS256' | 'ES256' | 'PS256' | 'RS512' | 'stranger', Pair>;
let server: Server;
let issuer: string;
/** What the issuer answers at its two addresses, with the status first. */
let discovery: [status: number, body: unknown];
let keys: [status: number, body: unknown];
let asked: string[];

beforeAll(async () => {
  for (const name of ['RS256', 'ES256', 'PS256', 'RS512'] as const) pairs[name] = await generateKeyPair(name);
  pairs.stranger = await generateKeyPair('RS256');
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const [status, body] = request.url?.endsWith('jwks.json') ? keys : discovery;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pool`;
});
beforeEach(async () => {
  vi.resetModules();
  asked = [];
  discovery = [200, { issuer, jwks_uri: `${issuer}/jwks.json` }];
  const published = ['RS256', 'ES256', 'PS256', 'RS512'] as const;
  keys = [
    200,
    {
      keys: await Promise.all(
        published.map(async (alg) => ({
          ...(await exportJWK(pairs[alg].publicKey)),
          kid: alg,
          alg,
          use: 'sig',
        })),
      ),
    },
  ];
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** A token as Cognito makes them, with these claims changed; undefined takes one out. */
async function tokenOf(
  changes: Claims = {},
  {
    alg = 'RS256',
    kid = alg as string,
    signer = pairs[alg],
  }: { alg?: keyof typeof pairs; kid?: string; signer?: Pair } = {},
): Promise<string> {
  const claims = {
    iss: issuer,
    sub: 'client-1',
    client_id: 'client-1',
    token_use: 'access',
    scope: 'referrals/submit referrals/read',
    iat: SECONDS - 60,
    exp: SECONDS + 3540,
    ...changes,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: alg === 'stranger' ? 'RS256' : alg, kid })
    .sign(signer.privateKey);
}

/** Asks a fresh copy, as after a cold start, and again if `copy` is given. */
async function ask(
  header: string | undefined,
  { scope = 'referrals/submit' as const, now = NOW, from = issuer } = {},
) {
  const { authorize } = await import('../../../functions/shared/oauth.ts');
  return authorize(header, from, scope, now);
}

async function refusal(header: string | undefined, from = issuer): Promise<AuthorizationError> {
  const { AuthorizationError } = await import('../../../functions/shared/oauth.ts');
  const error = await ask(header, { from }).then(
    () => 'it was let in',
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(AuthorizationError);
  return error as AuthorizationError;
}

describe('a client is let in', () => {
  it.each(['RS256', 'ES256', 'PS256'] as const)('with a token signed by %s', async (alg) => {
    expect(await ask(`Bearer ${await tokenOf({}, { alg })}`)).toEqual({ clientId: 'client-1' });
  });

  it.each([
    ['client_id', { client_id: 'a', azp: 'b', sub: 'c' }, 'a'],
    ['azp', { client_id: undefined, azp: 'b', sub: 'c' }, 'b'],
    ['sub', { client_id: undefined, sub: 'c' }, 'c'],
  ])('and known by its %s', async (_, claims, clientId) => {
    expect(await ask(`Bearer ${await tokenOf(claims)}`)).toEqual({ clientId });
  });

  it('by an issuer that does not say what a token is for, as others than Cognito', async () => {
    const token = await tokenOf({ token_use: undefined, scope: 'referrals/submit' });
    expect(await ask(`bearer  ${token}`)).toEqual({ clientId: 'client-1' });
  });

  it('at the time of the request, whatever the time is', async () => {
    const long = { iat: SECONDS - 1e8, exp: SECONDS - 1e8 + 60 };
    const now = new Date((SECONDS - 1e8 + 30) * 1000).toISOString();
    expect(await ask(`Bearer ${await tokenOf(long)}`, { now })).toEqual({ clientId: 'client-1' });
  });
});

describe('a client is turned away', () => {
  it.each([undefined, '', 'Basic YTpi', 'Bearers x'])('without a token (%j)', async (header) => {
    expect(await refusal(header)).toMatchObject({ kind: 'missing', challenge: 'Bearer' });
  });

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer garbage', 'Bearer a.b.c', 'Bearer e30.e30.e30'])(
    'with garbage (%j)',
    async (header) => {
      expect(await refusal(header)).toMatchObject({
        kind: 'invalid',
        challenge: 'Bearer error="invalid_token"',
      });
      expect(asked).toEqual([]);
    },
  );

  it.each<[string, Claims, string]>([
    ['expired', { exp: SECONDS - 11 }, 'ERR_JWT_EXPIRED'],
    ['not valid yet', { nbf: SECONDS + 60 }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['valid for ever', { exp: undefined }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['of another issuer', { iss: 'https://elsewhere.example' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['of no issuer', { iss: undefined }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['about a person', { token_use: 'id' }, 'not-an-access-token'],
    ['of no client', { client_id: undefined, sub: undefined }, 'no-client'],
    ['of a client that is no text', { client_id: 7, sub: undefined }, 'no-client'],
    ['of a client with an endless name', { client_id: 'x'.repeat(201), sub: undefined }, 'no-client'],
  ])('with a token that is %s', async (_, claims, reason) => {
    const token = await tokenOf(claims);
    expect(await refusal(`Bearer ${token}`)).toMatchObject({ kind: 'invalid', reason });
  });

  it.each<[string, () => Promise<string>, string]>([
    ['with a key that is not published', () => tokenOf({}, { alg: 'stranger' }), 'ERR_JWKS_NO_MATCHING_KEY'],
    [
      'by a stranger under a name that is',
      () => tokenOf({}, { alg: 'stranger', kid: 'RS256' }),
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ],
    ['in a way that is not allowed', () => tokenOf({}, { alg: 'RS512' }), 'ERR_JOSE_ALG_NOT_ALLOWED'],
    [
      'by nobody',
      async () => new UnsecuredJWT({ iss: issuer, scope: 'referrals/submit' }).encode(),
      'ERR_JOSE_ALG_NOT_ALLOWED',
    ],
    [
      'with the public key as a shared secret',
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(pairs.RS256.publicKey)));
        return new SignJWT({ iss: issuer }).setProtectedHeader({ alg: 'HS256', kid: 'RS256' }).sign(secret);
      },
      'ERR_JOSE_ALG_NOT_ALLOWED',
    ],
    [
      'for other claims than it has',
      async () => {
        const [header, , signature] = (await tokenOf()).split('.');
        const [, forged] = (await tokenOf({ client_id: 'client-2' })).split('.');
        return [header, forged, signature].join('.');
      },
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ],
  ])('with a token that is signed %s', async (_, forge, reason) => {
    expect(await refusal(`Bearer ${await forge()}`)).toMatchObject({ kind: 'invalid', reason });
  });

  it.each([undefined, '', 'referrals/read', 'referrals/submitter', 'Referrals/Submit', ['referrals/submit']])(
    'with a token for something else (%j)',
    async (scope) => {
      expect(await refusal(`Bearer ${await tokenOf({ scope })}`)).toMatchObject({
        kind: 'insufficient-scope',
        challenge: 'Bearer error="insufficient_scope", scope="referrals/submit"',
      });
    },
  );

  it('and nothing of the token is in what is thrown', async () => {
    const token = await tokenOf({ exp: SECONDS - 3600, client_id: 'marked-client' });
    const error = await refusal(`Bearer ${token}`);
    const said = JSON.stringify([error, error.message, error.stack, error.cause, Object.entries(error)]);
    for (const part of [...token.split('.'), 'marked-client']) expect(said).not.toContain(part);
  });
});

describe('the issuer', () => {
  it('is asked once, whoever comes at the same time, and not for every token', async () => {
    const bearer = `Bearer ${await tokenOf()}`;
    await Promise.all([ask(bearer), ask(bearer), ask(bearer)]);
    await ask(bearer);
    expect(asked).toEqual(['/pool/.well-known/openid-configuration', '/pool/jwks.json']);
  });

  it.each<[string, () => void]>([
    ['says nothing sensible', () => (discovery = [200, []])],
    ['is not there', () => (discovery = [404, {}])],
    [
      'is another one',
      () => (discovery = [200, { issuer: 'https://elsewhere.example', jwks_uri: `${issuer}/jwks.json` }]),
    ],
    ['sends elsewhere', () => (discovery = [200, { issuer, jwks_uri: 'ftp://127.0.0.1/jwks.json' }])],
    ['has no keys', () => (keys = [500, {}])],
    ['has broken keys', () => (keys = [200, { keys: 'none' }])],
  ])('that %s is no fault of the client, and is asked again the next time', async (_, spoil) => {
    const { IssuerUnavailableError } = await import('../../../functions/shared/oauth.ts');
    const bearer = `Bearer ${await tokenOf()}`;
    const good = [discovery, keys] as const;
    spoil();
    await expect(ask(bearer)).rejects.toBeInstanceOf(IssuerUnavailableError);
    [discovery, keys] = good;
    expect(await ask(bearer)).toEqual({ clientId: 'client-1' });
  });

  it('that nobody answers for is no fault of the client either', async () => {
    const from = 'http://127.0.0.1:9/pool';
    await expect(ask(`Bearer ${await tokenOf({ iss: from })}`, { from })).rejects.toMatchObject({
      name: 'IssuerUnavailableError',
    });
  });

  it('says where it gives out tokens, or does not', async () => {
    const { tokenUrlOf } = await import('../../../functions/shared/oauth.ts');
    const token_endpoint = `${issuer}/token`;
    discovery = [500, {}];
    expect(await tokenUrlOf(issuer)).toBeUndefined();
    discovery = [200, { issuer, jwks_uri: `${issuer}/jwks.json`, token_endpoint }];
    expect(await tokenUrlOf(issuer)).toBe(token_endpoint);
    expect(asked).toHaveLength(2);
  });

  it('may end in a slash', async () => {
    const from = `${issuer}/`;
    discovery = [200, { issuer: from, jwks_uri: `${issuer}/jwks.json` }];
    expect(await ask(`Bearer ${await tokenOf({ iss: from })}`, { from })).toEqual({ clientId: 'client-1' });
    expect(asked[0]).toBe('/pool/.well-known/openid-configuration');
  });
});
