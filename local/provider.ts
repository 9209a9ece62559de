/** oidc-provider, set up to give out what a Cognito user pool gives out: to systems for their secret, to people for their word. */
import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto';
import { decodeJwt, importJWK, SignJWT } from 'jose';
import type Provider from 'oidc-provider';
import type { Adapter, AdapterPayload, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import type { Clock } from './clock.ts';
import type { ExamplePerson } from './example-people.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import { identityErrorPage } from './pages.ts';
import type { ApiClientPlan, PeopleClientPlan, UserPoolPlan } from './plan.ts';

/** Resources are absolute URIs; Cognito's scopes say themselves what they are for, so there is one for all. */
const RESOURCE = 'urn:laptop:api';
export const TOKEN_PATH = '/oauth2/token';
export const LOGOUT_PATH = '/logout';
export const INTERACTION_PATH = '/interaction';
const PEOPLE_SCOPES = ['openid', 'email', 'profile'];
const GROUPS_CLAIM = 'cognito:groups';

/** Who may ask a pool, and for what. */
export interface PoolPlan extends UserPoolPlan {
  readonly apiScopes: readonly string[];
  readonly systems: readonly (ApiClientPlan & { readonly secret: string })[];
  readonly peopleClients: readonly PeopleClientPlan[];
  readonly people: readonly ExamplePerson[];
}

/**
 * Sets one up. Tokens are issued by the cloud's clock: oidc-provider knows real time only, so the moments in a token are written anew before
 * it is signed. A token of before the clock was moved by an hour is therefore expired, as it would be.
 */
export async function providerOf(pool: PoolPlan, kept: KeptSecrets, clock: Clock): Promise<Provider> {
  const { Provider, errors } = await import('oidc-provider');
  const { id, issuer, apiScopes, systems, peopleClients, people } = pool;
  const system = (clientId: string) => {
    const found = systems.find((each) => each.id === clientId);
    if (!found) throw new errors.InvalidClient('no such client');
    return found;
  };
  const key = JSON.parse(kept.get(`signing key of ${id}`, () => JSON.stringify(signingKey()))) as JsonWebKey;
  const onOurClock = (claims: object): object => {
    const { iat } = claims as { iat: number };
    const ahead = Math.floor(clock.now() / 1000) - iat;
    const moments = Object.entries(claims).filter(([name]) => ['iat', 'exp', 'auth_time'].includes(name));
    return { ...claims, ...Object.fromEntries(moments.map(([name, at]) => [name, at + ahead])) };
  };
  const provider: Provider = new Provider(issuer, {
    adapter: memory(),
    jwks: { keys: [{ ...key, kid: id, alg: 'RS256', use: 'sig' }] },
    scopes: [...PEOPLE_SCOPES, ...apiScopes],
    claims: { openid: ['sub', GROUPS_CLAIM], email: ['email', 'email_verified'], profile: ['name'] },
    // As Cognito does: everything is in the token.
    conformIdTokenClaims: false,
    clients: [
      ...systems.map((client) => ({
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        scope: client.scopes.join(' '),
      })),
      ...peopleClients.map((client) => ({
        client_id: client.id,
        token_endpoint_auth_method: 'none' as const,
        grant_types: ['authorization_code'],
        response_types: ['code' as const],
        redirect_uris: [...client.callbackUrls],
        // Cognito always says when somebody signed in.
        require_auth_time: true,
        scope: client.scopes.join(' '),
      })),
    ],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    pkce: { required: () => true },
    cookies: { keys: [kept.get(`cookies of ${id}`, () => randomBytes(32).toString('base64url'))] },
    interactions: {
      url: (_, { uid }) => `${new URL(issuer).pathname}${INTERACTION_PATH}/${uid}`,
    },
    findAccount: (_, sub) => {
      const person = people.find((each) => each.id === sub);
      if (!person) return undefined;
      const { name, email, groups } = person;
      const claims = { sub, name, email, email_verified: true, [GROUPS_CLAIM]: groups };
      return { accountId: sub, claims: async () => claims };
    },
    // Whose service this is nobody has to be asked for leave.
    loadExistingGrant: async ({ oidc }) => {
      const ids = { clientId: oidc.client?.clientId ?? '', accountId: oidc.session?.accountId ?? '' };
      const grant = new oidc.provider.Grant(ids);
      grant.addOIDCScope(PEOPLE_SCOPES.join(' '));
      await grant.save();
      return grant;
    },
    renderError: (ctx, { error, error_description }) => {
      ctx.type = 'html';
      ctx.body = identityErrorPage(error_description ?? error);
    },
    ttl: {
      ClientCredentials: (_, __, { clientId }) => system(clientId).tokenSeconds,
      AuthorizationCode: 60,
      IdToken: 300,
      AccessToken: 300,
      Interaction: 900,
      Session: 3600,
      Grant: 3600,
    },
    routes: {
      authorization: '/oauth2/authorize',
      token: TOKEN_PATH,
      jwks: '/.well-known/jwks.json',
    },
    discovery: { end_session_endpoint: `${issuer}${LOGOUT_PATH}` },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, { clientId }) => (systems.some((each) => each.id === clientId) ? RESOURCE : []),
        getResourceServerInfo: (ctx: KoaContextWithOIDC, _, { clientId }): ResourceServer => {
          const { params } = ctx.oidc;
          // Cognito gives all that the client may have when nothing in particular is asked for.
          if (params && !params.scope) params.scope = system(clientId).scopes.join(' ');
          const asked = String(params?.scope ?? '').split(' ');
          if (!asked.some((scope) => apiScopes.includes(scope))) {
            throw new errors.InvalidScope('no such scope', asked.join(' '));
          }
          return { scope: apiScopes.join(' '), accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } };
        },
      },
    },
  });
  const privateKey = await importJWK(key, 'RS256');
  const signed = (claims: object) =>
    new SignJWT({ ...onOurClock(claims) }).setProtectedHeader({ alg: 'RS256', kid: id }).sign(privateKey);
  provider.use(async (ctx, next) => {
    await next();
    const body = ctx.body as { id_token?: string; access_token?: string } | undefined;
    if (ctx.oidc?.route !== 'token' || !body) return;
    const { id_token, access_token } = body;
    if (id_token !== undefined) body.id_token = await signed({ ...decodeJwt(id_token), token_use: 'id' });
    else if (access_token !== undefined) {
      // Cognito says which system has the token, and not whom it is for.
      const { aud, ...claims } = decodeJwt(access_token);
      body.access_token = await signed({ ...claims, token_use: 'access' });
    }
  });
  return provider;
}

/** Where oidc-provider keeps what it must remember between two requests. Whoever is in the middle of signing in at a new start begins again. */
function memory(): (model: string) => Adapter {
  const stored = new Map<string, AdapterPayload>();
  return (model) => {
    const keyOf = (id: string) => `${model}:${id}`;
    return {
      upsert: async (id, payload) => void stored.set(keyOf(id), payload),
      find: async (id) => stored.get(keyOf(id)),
      findByUserCode: async () => undefined,
      findByUid: async (uid) =>
        [...stored].find(([key, payload]) => key.startsWith(`${model}:`) && payload.uid === uid)?.[1],
      consume: async (id) => {
        const payload = stored.get(keyOf(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void stored.delete(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key);
      },
    };
  };
}

function signingKey(): object {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
}
