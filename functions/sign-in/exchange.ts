/** The conversation with the issuer: OpenID Connect's authorization code flow with PKCE. */
import { type CryptoKey, errors, importJWK, type JWTPayload } from 'jose';
import * as oauth from 'oauth4webapi';
import * as z from 'zod/mini';
import { environment } from '../shared/environment.ts';
import {
  CLOCK_TOLERANCE_SECONDS,
  type IssuerMetadata,
  IssuerUnavailableError,
  metadataOf,
  PATIENCE_MS,
  verifyToken,
} from '../shared/issuer.ts';
import { type ForeignCode, foreignCode } from '../shared/log-fields.ts';
import { forgetSecret, secretAt } from '../shared/secret.ts';
import type { Flow } from './flow.ts';

/** Why somebody could not be signed in; a foreign code is the issuer's own, or what is wrong with a token. */
export type SignInReason =
  | ForeignCode
  | 'no-cookie'
  | 'cookie'
  | 'state'
  | 'no-code'
  | 'code'
  | 'no-token'
  | 'nonce'
  | 'azp'
  | 'not-anew'
  | 'token-use'
  | 'no-subject'
  | 'userinfo';

/** Somebody could not be signed in. `reason` is a code for the log, with nothing in it that was sent. */
export class SignInError extends Error {
  override name = 'SignInError';
  readonly reason: SignInReason;
  constructor(reason: SignInReason) {
    super(reason);
    this.reason = reason;
  }
}

/** A new flow, and the issuer's address that it goes on at. Throws an {@link IssuerUnavailableError}. */
export async function beginFlow(returnTo: string, now: string): Promise<{ flow: Flow; url: string }> {
  const { IDENTITY_ISSUER, CLIENT_ID, SIGN_IN_SCOPES } = environment('signIn');
  const { authorization_endpoint } = await metadataOf(IDENTITY_ISSUER, now);
  if (authorization_endpoint === undefined) throw new IssuerUnavailableError('the issuer signs nobody in');
  const flow: Flow = {
    begun: Math.floor(Date.parse(now) / 1000),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    returnTo,
  };
  const url = withParameters(authorization_endpoint, {
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: redirectUri(),
    scope: SIGN_IN_SCOPES,
    // Whoever sits down at a computer that somebody left is asked, even if the issuer still knows the other one.
    prompt: 'login',
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  });
  return { flow, url };
}

/**
 * What the issuer says of whoever has signed in, for the query of its answer. Throws a {@link SignInError} when it says nothing that counts,
 * and an {@link IssuerUnavailableError} when it cannot be asked at the moment.
 */
export async function claimsFor(query: Record<string, string>, flow: Flow, now: string): Promise<JWTPayload> {
  const { IDENTITY_ISSUER, CLIENT_ID } = environment('signIn');
  const metadata = await metadataOf(IDENTITY_ISSUER);
  const tokens = await exchange(query, flow, metadata);
  const claims = await verify(tokens.id_token, IDENTITY_ISSUER, CLIENT_ID, now);
  if (claims.nonce !== flow.nonce) throw new SignInError('nonce');
  // A token for several must have been given out to us.
  if (Array.isArray(claims.aud) && claims.aud.length > 1 && claims.azp !== CLIENT_ID)
    throw new SignInError('azp');
  // Somebody took the prompt out of the address. Issuers that do not say when somebody signed in are taken at their word.
  if (typeof claims.auth_time === 'number' && claims.auth_time < flow.begun - CLOCK_TOLERANCE_SECONDS)
    throw new SignInError('not-anew');
  // Cognito signs access tokens with the same keys.
  if (claims.token_use !== undefined && claims.token_use !== 'id') throw new SignInError('token-use');
  if (!claims.sub) throw new SignInError('no-subject');
  return isEnough(claims)
    ? claims
    : { ...(await userInfo(tokens.access_token, claims.sub, metadata)), ...claims };
}

/** Where the issuer ends its own session with the browser and leads back to us; undefined where it cannot. */
export async function logoutUrl(): Promise<string | undefined> {
  const { IDENTITY_ISSUER, CLIENT_ID, BASE_URL } = environment('signIn');
  const { end_session_endpoint } = await metadataOf(IDENTITY_ISSUER);
  if (end_session_endpoint === undefined) return undefined;
  return withParameters(end_session_endpoint, {
    client_id: CLIENT_ID,
    post_logout_redirect_uri: `${BASE_URL}/`,
    // Cognito's name for it.
    logout_uri: `${BASE_URL}/`,
  });
}

const tokensSchema = z.object({ id_token: z.string(), access_token: z.string() });

async function exchange(query: Record<string, string>, flow: Flow, metadata: IssuerMetadata) {
  const { CLIENT_ID, CLIENT_SECRET_ARN } = environment('signIn');
  const [server, client] = [metadata as oauth.AuthorizationServer, { client_id: CLIENT_ID }];
  let answer: URLSearchParams;
  try {
    answer = oauth.validateAuthResponse(server, client, new URLSearchParams(query), flow.state);
  } catch (error) {
    throw new SignInError(
      error instanceof oauth.AuthorizationResponseError ? foreignCode(error.error) : 'state',
    );
  }
  if (!answer.get('code')) throw new SignInError('no-code');
  const authentication = await authenticationAt(metadata, CLIENT_SECRET_ARN);
  const response = await asked(() =>
    oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      answer,
      redirectUri(),
      flow.verifier,
      request(metadata),
    ),
  );
  if (!response.ok) {
    // The secret may have been replaced since it was fetched.
    if (CLIENT_SECRET_ARN !== '') forgetSecret(CLIENT_SECRET_ARN);
    throw new SignInError('code');
  }
  const tokens = tokensSchema.safeParse(await asked(() => response.json()));
  if (!tokens.success) throw new SignInError('no-token');
  return tokens.data;
}

/** How the client shows that it is itself: not at all, or by a secret, or, where the secret is a private key (JWK), by signing with it. */
async function authenticationAt(metadata: IssuerMetadata, arn: string): Promise<oauth.ClientAuth> {
  if (arn === '') return oauth.None();
  const secret = await secretAt(arn);
  if (secret.startsWith('{')) {
    const jwk = JSON.parse(secret);
    const key = (await importJWK(jwk, jwk.alg ?? (jwk.kty === 'EC' ? 'ES256' : 'RS256'))) as CryptoKey;
    return oauth.PrivateKeyJwt({ key, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) });
  }
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}

async function verify(token: string, issuer: string, audience: string, now: string): Promise<JWTPayload> {
  try {
    return await verifyToken(token, issuer, now, { audience });
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new SignInError(foreignCode(error.code));
    throw error;
  }
}

/** Many issuers say in the token who somebody is, and elsewhere what they are called and what they may. */
function isEnough(claims: JWTPayload): boolean {
  return (
    claims[environment('signIn').CLAIMS.roles] !== undefined && (claims.name ?? claims.email) !== undefined
  );
}

async function userInfo(accessToken: string, subject: string, metadata: IssuerMetadata): Promise<object> {
  if (metadata.userinfo_endpoint === undefined) return {};
  const [server, client] = [
    metadata as oauth.AuthorizationServer,
    { client_id: environment('signIn').CLIENT_ID },
  ];
  const response = await asked(() => oauth.userInfoRequest(server, client, accessToken, request(metadata)));
  try {
    return await oauth.processUserInfoResponse(server, client, subject, response);
  } catch {
    throw new SignInError('userinfo');
  }
}

/** What every request to the issuer is sent with. Without TLS only where the issuer itself is without: on this machine. */
function request({ issuer }: IssuerMetadata) {
  return {
    signal: AbortSignal.timeout(PATIENCE_MS),
    [oauth.allowInsecureRequests]: issuer.startsWith('http:'),
  };
}

/** An answer of the issuer's; none, or one of its own faults, is nobody's who wants to sign in. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  const answer = await ask().catch((cause: unknown) => {
    throw new IssuerUnavailableError('the issuer does not answer', { cause });
  });
  if (answer instanceof Response && answer.status >= 500) {
    throw new IssuerUnavailableError(`the issuer answered ${answer.status}`);
  }
  return answer;
}

function redirectUri(): string {
  return `${environment('signIn').BASE_URL}/sign-in/callback`;
}

function withParameters(address: string, parameters: Record<string, string>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
