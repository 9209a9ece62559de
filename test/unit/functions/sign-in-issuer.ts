/** Somebody who says who people are, as Cognito does: hands out codes, and for each of them, once, a token. Keys are the test's own. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** Amina, as her token describes her. */
export const AMINA = {
  sub: 'amina',
  name: 'Amina Rahman',
  email: 'amina@example.org',
  'cognito:groups': ['link-worker', 'team:camden'],
};

/** What the issuer does otherwise than it should, until the next sign-in. */
export type Fault = {
  /** Claims changed or, when undefined, left out. */
  claims?: JWTPayload;
  /** Makes the token another way. */
  token?: (claims: JWTPayload) => Promise<string>;
  /** What the token endpoint answers in place of tokens. */
  answer?: [status: number, body: object];
};

export type SignInIssuer = {
  url: string;
  publicKey: CryptoKey;
  /** How the client identified itself at the token endpoint, the last time. */
  client(): { authorization: string | undefined; form: URLSearchParams };
  /** What userinfo says, to whoever asks with the access token; undefined where it is not asked. */
  userInfo: object;
  asked: string[];
  /** Somebody signs in at `now` where the service has sent them: the query that comes back. */
  signIn(address: string, now: string, fault?: Fault): Record<string, string>;
  stop(): void;
};

type Grant = { query: URLSearchParams; now: string; fault: Fault };

/** Starts one on loopback. `changes` to what it says of itself; undefined leaves out. */
export async function startSignInIssuer(changes: Record<string, unknown> = {}): Promise<SignInIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'key', alg: 'RS256', use: 'sig' }];
  const grants = new Map<string, Grant>();
  let last: ReturnType<SignInIssuer['client']> = { authorization: undefined, form: new URLSearchParams() };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pool`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/pool', '');
    issuer.asked.push(path);
    const [status, body] = await at(path, request);
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  }

  async function at(path: string, request: IncomingMessage): Promise<[status: number, body: object]> {
    switch (path) {
      case '/.well-known/openid-configuration':
        return [
          200,
          {
            issuer: url,
            jwks_uri: `${url}/jwks.json`,
            authorization_endpoint: `${url}/authorize`,
            token_endpoint: `${url}/token`,
            userinfo_endpoint: `${url}/userinfo`,
            end_session_endpoint: `${url}/logout`,
            ...changes,
          },
        ];
      case '/jwks.json':
        return [200, { keys }];
      case '/userinfo':
        return request.headers.authorization === 'Bearer access' ? [200, issuer.userInfo] : [401, {}];
      case '/token':
        return tokens(request);
      default:
        return [404, {}];
    }
  }

  async function tokens(request: IncomingMessage): Promise<[status: number, body: object]> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const form = new URLSearchParams(text);
    last = { authorization: request.headers.authorization, form };
    const grant = grants.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!grant || challenge !== grant.query.get('code_challenge')) return [400, { error: 'invalid_grant' }];
    if (form.get('redirect_uri') !== grant.query.get('redirect_uri'))
      return [400, { error: 'invalid_grant' }];
    if (grant.fault.answer) return grant.fault.answer;
    grants.delete(form.get('code') ?? '');
    const iat = Math.floor(Date.parse(grant.now) / 1000);
    const claims = {
      iss: url,
      aud: grant.query.get('client_id') ?? '',
      nonce: grant.query.get('nonce') ?? '',
      token_use: 'id',
      iat,
      auth_time: iat,
      exp: iat + 300,
      ...AMINA,
      ...grant.fault.claims,
    };
    const id_token = await (grant.fault.token ?? signed)(claims);
    return [200, { token_type: 'Bearer', access_token: 'access', id_token, expires_in: 300 }];
  }

  const signed = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key' }).sign(privateKey);

  const issuer: SignInIssuer = {
    url,
    publicKey,
    client: () => last,
    userInfo: {},
    asked: [],
    signIn(address, now, fault = {}) {
      const { origin, pathname, searchParams } = new URL(address);
      if (`${origin}${pathname}` !== `${url}/authorize`) throw new Error(`nobody signs in at ${address}`);
      const code = randomUUID();
      grants.set(code, { query: searchParams, now, fault });
      return { code, state: searchParams.get('state') ?? '' };
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  return issuer;
}
