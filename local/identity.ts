/**
 * Cognito on a laptop, as far as systems use it: oidc-provider gives out access tokens for a client's id and secret, under the front
 * door at /_identity/<pool>. It is loaded when somebody first asks for it.
 *
 * Tokens are issued by the cloud's clock: oidc-provider knows real time only, so the moments in a token are written anew before it is
 * signed. A token of before the clock was moved by an hour is therefore expired, as it would be.
 */
import { generateKeyPairSync, randomInt } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { Adapter, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import type { Clock } from './clock.ts';
import { sendJson } from './http.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import type { ApiClientPlan, Plan, UserPoolPlan } from './resources.ts';

export const IDENTITY_PATH = '/_identity';

/** Resources are absolute URIs; Cognito's scopes say themselves what they are for, so there is one for all. */
const RESOURCE = 'urn:laptop:api';
const TOKEN_PATH = '/oauth2/token';
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 51;

/** A client as whoever writes a test or tries the API needs it. */
export interface ApiClient {
  readonly name: string;
  readonly id: string;
  readonly secret: string;
  readonly tokenUrl: string;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type Pools = Pick<Plan, 'userPools' | 'apiScopes' | 'apiClients'>;

export class Identity {
  readonly #pools: Pools;
  readonly #kept: KeptSecrets;
  readonly #clock: Clock;
  readonly #providers = new Map<string, Promise<Answer>>();

  constructor(pools: Pools, kept: KeptSecrets, clock: Clock) {
    this.#pools = pools;
    this.#kept = kept;
    this.#clock = clock;
  }

  /** Answers a request below {@link IDENTITY_PATH}. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, pool = '', rest = '/'] = /^\/_identity\/([^/?]+)(.*)$/.exec(request.url ?? '') ?? [];
    const plan = this.#pools.userPools.find(({ id }) => id === pool);
    if (!plan) return sendJson(response, 404, { message: `There is no user pool ${pool}` });
    let provider = this.#providers.get(plan.id);
    if (!provider) {
      provider = this.#provider(plan);
      this.#providers.set(plan.id, provider);
    }
    const answer = await provider;
    // It makes addresses from these, and there is one address that is right.
    request.headers.host = new URL(plan.issuer).host;
    await answer(Object.assign(request, { originalUrl: request.url, url: rest }), response);
  }

  /** Every client of every pool, with its secret. */
  clients(): ApiClient[] {
    return this.#pools.userPools.flatMap(({ id, issuer }) =>
      this.#clientsOf(id).map((client) => ({
        name: client.name,
        id: client.id,
        secret: this.#secretOf(client),
        tokenUrl: `${issuer}${TOKEN_PATH}`,
      })),
    );
  }

  async #provider({ id, issuer }: UserPoolPlan): Promise<Answer> {
    const { Provider, errors } = await import('oidc-provider');
    const clients = this.#clientsOf(id);
    const find = (clientId: string) => {
      const client = clients.find((each) => each.id === clientId);
      if (!client) throw new errors.InvalidClient('no such client');
      return client;
    };
    const scopes = this.#pools.apiScopes.filter(({ pool }) => pool === id).map(({ scope }) => scope);
    const key = this.#kept.get(`signing key of ${id}`, () => JSON.stringify(signingKey()));
    const provider: Provider = new Provider(issuer, {
      adapter: () => nothingStored,
      jwks: { keys: [{ ...JSON.parse(key), kid: id, alg: 'RS256', use: 'sig' }] },
      scopes,
      clients: clients.map((client) => ({
        client_id: client.id,
        client_secret: this.#secretOf(client),
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        scope: client.scopes.join(' '),
      })),
      clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
      ttl: { ClientCredentials: (_, __, { clientId }) => find(clientId).tokenSeconds },
      routes: { token: TOKEN_PATH, jwks: '/.well-known/jwks.json' },
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        rpInitiatedLogout: { enabled: false },
        userinfo: { enabled: false },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => RESOURCE,
          getResourceServerInfo: (ctx: KoaContextWithOIDC, _, { clientId }): ResourceServer => {
            const { params } = ctx.oidc;
            // Cognito gives all that the client may have when nothing in particular is asked for.
            if (params && !params.scope) params.scope = find(clientId).scopes.join(' ');
            const asked = String(params?.scope ?? '').split(' ');
            if (!asked.some((scope) => scopes.includes(scope))) {
              throw new errors.InvalidScope('no such scope', asked.join(' '));
            }
            return {
              scope: scopes.join(' '),
              accessTokenFormat: 'jwt',
              jwt: { sign: { alg: 'RS256' } },
            };
          },
        },
      },
      formats: {
        customizers: {
          jwt: (_, __, { payload }) => {
            const { iat, exp } = payload as { iat: number; exp: number };
            const now = Math.floor(this.#clock.now() / 1000);
            Object.assign(payload, { iat: now, exp: now + exp - iat, token_use: 'access' });
          },
        },
      },
    });
    return provider.callback() as Answer;
  }

  #clientsOf(pool: string): ApiClientPlan[] {
    return this.#pools.apiClients.filter((client) => client.pool === pool);
  }

  #secretOf({ id }: ApiClientPlan): string {
    return this.#kept.get(`secret of client ${id}`, () =>
      Array.from({ length: SECRET_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
    );
  }
}

/** Clients come from the template and tokens carry all there is to know of them, so there is nothing to store. */
const nothingStored: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
};

function signingKey(): object {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
}
