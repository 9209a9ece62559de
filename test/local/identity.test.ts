/** The embedded identity provider, asked as a system that refers would ask Cognito. */
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { authorize } from '../../functions/shared/oauth.ts';
import type { ApiClient } from '../../local/identity.ts';
import {
  api,
  apiClient,
  cloudOf,
  lambda,
  type Resources,
  sharedCloud,
  type TestCloud,
  temporaryFolder,
  userPool,
} from './template.ts';

const app: Resources = {
  ...userPool,
  Full: apiClient('full', ['referrals/submit', 'referrals/read']),
  Reader: apiClient('reader', ['referrals/read'], {
    AccessTokenValidity: 5,
    TokenValidityUnits: { AccessToken: 'minutes' },
  }),
  Issuer: lambda('issuer', 'return { issuer: process.env.ISSUER };', {
    Environment: { Variables: { ISSUER: { 'Fn::GetAtt': ['Pool', 'ProviderURL'] } } },
  }),
  ...api({ 'GET /issuer': 'Issuer' }),
};

type Answered = {
  status: number;
  body: { access_token: string; token_type: string; expires_in: number; error?: string };
};

async function clientsOf(cloud: TestCloud): Promise<Record<'full' | 'reader', ApiClient>> {
  const [full, reader] = await cloud.get<ApiClient[]>('/_cloud/clients.json');
  if (!full || !reader) throw new Error('the clients are missing');
  return { full, reader };
}

/** Asks for a token, the secret in the header or, for `post`, in the form. */
async function ask(
  { id, secret, tokenUrl }: ApiClient,
  { scope, post = false }: { scope?: string; post?: boolean } = {},
): Promise<Answered> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope === undefined ? {} : { scope }),
  });
  if (post)
    for (const [key, value] of [
      ['client_id', id],
      ['client_secret', secret],
    ] as const)
      form.set(key, value);
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body: form,
    headers: post ? {} : { authorization },
  });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

/** oidc-provider says what it has to say once a process. */
const said = (['log', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level));

const NOON = '2026-11-23T12:00:00.000Z';
const shared = sharedCloud(app, { now: () => Date.parse(NOON) });

describe('a token', () => {
  it('is given for id and secret in the header and in the form, and says what Cognito says', async () => {
    const { full } = await clientsOf(shared());
    const { issuer } = await shared().get<{ issuer: string }>('/issuer');
    expect(issuer).toMatch(/^http:\/\/localhost:\d+\/_identity\/eu-west-2_[a-z0-9]{9}$/);
    for (const post of [false, true]) {
      const { status, body } = await ask(full, { post });
      expect(status).toBe(200);
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
      const iat = Date.parse(NOON) / 1000;
      expect(decodeJwt(body.access_token)).toMatchObject({
        iss: issuer,
        sub: full.id,
        client_id: full.id,
        token_use: 'access',
        scope: 'referrals/submit referrals/read',
        iat,
        exp: iat + 3600,
      });
    }
  });

  it("is taken by the product's own check, which finds the keys by the issuer alone", async () => {
    const { full, reader } = await clientsOf(shared());
    const { issuer } = await shared().get<{ issuer: string }>('/issuer');
    const bearer = async (client: ApiClient) => `Bearer ${(await ask(client)).body.access_token}`;
    expect(await authorize(await bearer(full), issuer, 'referrals/submit', NOON)).toEqual({
      clientId: full.id,
    });
    await expect(authorize(await bearer(reader), issuer, 'referrals/submit', NOON)).rejects.toMatchObject({
      kind: 'insufficient-scope',
    });
  });

  it('has the scope that was asked for, and lives as long as its client says', async () => {
    const { full, reader } = await clientsOf(shared());
    const asked = await ask(full, { scope: 'referrals/read' });
    expect(decodeJwt(asked.body.access_token).scope).toBe('referrals/read');
    const { exp = 0, iat = 0, scope } = decodeJwt((await ask(reader)).body.access_token);
    expect({ seconds: exp - iat, scope }).toEqual({ seconds: 300, scope: 'referrals/read' });
  });

  it.each<[string, (clients: Record<'full' | 'reader', ApiClient>) => Promise<Answered>, number, string]>([
    ['with a wrong secret', ({ full }) => ask({ ...full, secret: 'x' }), 401, 'invalid_client'],
    [
      'with a wrong secret in the form',
      ({ full }) => ask({ ...full, secret: 'x' }, { post: true }),
      401,
      'invalid_client',
    ],
    ['to an unknown client', ({ full }) => ask({ ...full, id: 'x' }), 401, 'invalid_client'],
    [
      'for more than the client may',
      ({ reader }) => ask(reader, { scope: 'referrals/submit' }),
      400,
      'invalid_scope',
    ],
    ['for what nobody may', ({ full }) => ask(full, { scope: 'referrals/delete' }), 400, 'invalid_scope'],
  ])('is not given %s', async (_, answer, status, error) => {
    expect(await answer(await clientsOf(shared()))).toMatchObject({ status, body: { error } });
  });
});

it('what is said of the issuer leads to it, whatever name of this laptop it is asked by', async () => {
  const { issuer } = await shared().get<{ issuer: string }>('/issuer');
  const address = `${issuer.replace('localhost', '127.0.0.1')}/.well-known/openid-configuration`;
  const document = (await (await fetch(address)).json()) as Record<string, string>;
  expect(document).toMatchObject({
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    token_endpoint: (await clientsOf(shared())).full.tokenUrl,
  });
  const { keys } = (await (await fetch(document.jwks_uri ?? '')).json()) as { keys: object[] };
  expect(keys).toHaveLength(1);
  expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
});

it('another pool is not there', async () => {
  const answer = await fetch(`${shared().url}/_identity/eu-west-2_none/.well-known/openid-configuration`);
  expect(answer.status).toBe(404);
});

it('clients, secrets and keys outlive a restart and a new start', async () => {
  const dataDir = temporaryFolder();
  const first = await cloudOf(app, { dataDir });
  const before = (await clientsOf(first)).full;
  const { access_token } = (await ask(before)).body;
  await first.post('/_cloud/restart', {});
  expect((await clientsOf(first)).full).toEqual(before);
  await first.stop();
  const second = await cloudOf(app, { dataDir });
  const { tokenUrl, ...after } = (await clientsOf(second)).full;
  expect(before).toMatchObject(after);
  const { issuer } = await second.get<{ issuer: string }>('/issuer');
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
  expect((await jwtVerify(access_token, keys)).payload.client_id).toBe(before.id);
  expect((await ask({ ...before, tokenUrl })).status).toBe(200);
});

it('tokens follow the clock when it is moved', async () => {
  const cloud = await cloudOf(app);
  const { full } = await clientsOf(cloud);
  const { issuer } = await cloud.get<{ issuer: string }>('/issuer');
  const early = `Bearer ${(await ask(full)).body.access_token}`;
  const { now } = await cloud.move({ hours: 100 });
  const late = `Bearer ${(await ask(full)).body.access_token}`;
  expect(await authorize(late, issuer, 'referrals/read', now)).toEqual({ clientId: full.id });
  await expect(authorize(early, issuer, 'referrals/read', now)).rejects.toMatchObject({
    reason: 'ERR_JWT_EXPIRED',
  });
});

it('a client of a kind that is not known is refused, in words', async () => {
  const Full = apiClient('full', [], { AllowedOAuthFlows: ['implicit'] });
  await expect(cloudOf({ ...app, Full })).rejects.toThrow(
    'Full has properties that the embedded cloud cannot use: AllowedOAuthFlows.0',
  );
});

it('nothing was said on the console', () => {
  expect(said.flatMap((spy) => spy.mock.calls)).toEqual([]);
});
