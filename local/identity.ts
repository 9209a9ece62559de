/**
 * Cognito on a laptop, as far as this service uses it: systems get access tokens for their id and secret, and people sign in by saying which
 * of the examples they are. It answers under the front door at /_identity/<pool>, and is loaded when somebody first asks for it.
 */
import { randomInt } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { Clock } from './clock.ts';
import { type ExamplePerson, examplePeople } from './example-people.ts';
import { isFromHere, readBody, send, sendJson } from './http.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import { identityErrorPage, signInPage } from './pages.ts';
import type { ApiClientPlan, Plan, UserPoolPlan } from './plan.ts';
import { INTERACTION_PATH, LOGOUT_PATH, type PoolPlan, providerOf, TOKEN_PATH } from './provider.ts';

export const IDENTITY_PATH = '/_identity';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 51;
/** How oidc-provider's own session is called in the browser; `.sig` is its signature. */
const SESSION_COOKIES = ['_session', '_session.sig'];

/** A client as whoever writes a test or tries the API needs it. */
export interface ApiClient {
  readonly name: string;
  readonly id: string;
  readonly secret: string;
  readonly tokenUrl: string;
}

type Pools = Pick<Plan, 'userPools' | 'apiScopes' | 'apiClients' | 'peopleClients' | 'groups'>;

/** A request below a pool's address, and what is left of that address. */
interface Asked {
  readonly pool: PoolPlan;
  readonly provider: Provider;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class Identity {
  readonly #pools: Pools;
  readonly #kept: KeptSecrets;
  readonly #clock: Clock;
  readonly #providers = new Map<string, Promise<Provider>>();

  constructor(pools: Pools, kept: KeptSecrets, clock: Clock) {
    this.#pools = pools;
    this.#kept = kept;
    this.#clock = clock;
  }

  /** Answers a request below {@link IDENTITY_PATH}. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = '', rest = '/'] = /^\/_identity\/([^/?]+)(.*)$/.exec(request.url ?? '') ?? [];
    const plan = this.#pools.userPools.find((each) => each.id === id);
    if (!plan) return sendJson(response, 404, { message: `There is no user pool ${id}` });
    const pool = this.#poolOf(plan);
    let provider = this.#providers.get(id);
    if (!provider) {
      provider = providerOf(pool, this.#kept, this.#clock);
      this.#providers.set(id, provider);
    }
    const url = new URL(rest, plan.issuer);
    const asked = { pool, provider: await provider, url, request, response };
    if (url.pathname.startsWith(`${INTERACTION_PATH}/`)) return whoIsIt(asked);
    if (url.pathname === LOGOUT_PATH) return logout(asked);
    // It makes addresses from these, and there is one address that is right.
    request.headers.host = new URL(plan.issuer).host;
    Object.assign(request, { originalUrl: request.url, url: rest });
    await asked.provider.callback()(request, response);
  }

  /** Every client of every pool that has a secret. */
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

  /** Everybody who may sign in. */
  people(): ExamplePerson[] {
    return this.#pools.userPools.flatMap((plan) => this.#poolOf(plan).people);
  }

  #poolOf(plan: UserPoolPlan): PoolPlan {
    const { apiScopes, peopleClients, groups } = this.#pools;
    const ours = <T extends { pool: string }>(list: readonly T[]) =>
      list.filter(({ pool }) => pool === plan.id);
    return {
      ...plan,
      apiScopes: ours(apiScopes).map(({ scope }) => scope),
      systems: this.#clientsOf(plan.id).map((client) => ({ ...client, secret: this.#secretOf(client) })),
      peopleClients: ours(peopleClients),
      people: examplePeople(ours(groups).map(({ name }) => name)),
    };
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

/** Asks who somebody is, and takes their word for it: this is a laptop. */
async function whoIsIt({ pool, provider, request, response }: Asked): Promise<void> {
  try {
    if (!isFromHere(request)) throw new Error('Only pages of this cloud may ask this');
    await provider.interactionDetails(request, response);
    if (request.method !== 'POST') return sendPage(response, 200, signInPage(pool.people));
    const body = (await readBody(request, 1024)).toString();
    const accountId = new URLSearchParams(body).get('person') ?? '';
    if (!pool.people.some(({ id }) => id === accountId)) throw new Error('There is no such person');
    await provider.interactionFinished(request, response, { login: { accountId } });
  } catch (error) {
    sendPage(response, 400, identityErrorPage((error as Error).message));
  }
}

/** Ends the browser's session here and leads back, as Cognito does: to addresses that are known, and without asking. */
function logout({ pool, url, response }: Asked): void {
  const { client_id, logout_uri = '' } = Object.fromEntries(url.searchParams);
  const client = pool.peopleClients.find(({ id }) => id === client_id);
  if (!client?.logoutUrls.includes(logout_uri)) {
    sendPage(response, 400, identityErrorPage('It is not known where to go after signing out'));
    return;
  }
  const forget = SESSION_COOKIES.map((name) => `${name}=; Path=/; HttpOnly; Max-Age=0`);
  send(response, 302, 'text/plain', '', { location: logout_uri, 'set-cookie': forget });
}

function sendPage(response: ServerResponse, status: number, page: string): void {
  send(response, status, 'text/html; charset=utf-8', page, {
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
}
