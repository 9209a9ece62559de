/** Access tokens of the systems that call the JSON API (OAuth 2.0 client credentials), checked against their issuer's published keys. */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod/mini';

/** What a token may allow its client. */
export const SCOPES = ['referrals/submit', 'referrals/read'] as const;
export type Scope = (typeof SCOPES)[number];

/** Signatures by private keys only: with a shared secret or none at all, whoever verifies could also sign. */
const ALGORITHMS = ['RS256', 'ES256', 'PS256'] as const;
/** An issuer's clock may be this far ahead of ours, or behind. */
const CLOCK_TOLERANCE_SECONDS = 10;
/** Long enough for a slow issuer, short enough to answer before the API gives up. */
const PATIENCE_MS = 3000;

/** Whoever calls may not: no token came (`missing`), none that counts (`invalid`), or one that does not allow this. */
export class AuthorizationError extends Error {
  override name = 'AuthorizationError';
  readonly kind: 'missing' | 'invalid' | 'insufficient-scope';
  /** What was wrong, as a code for the log. Nothing of the token is in it. */
  readonly reason: string;
  /** What RFC 6750 has in the answer's WWW-Authenticate. */
  readonly challenge: string;

  constructor(kind: AuthorizationError['kind'], reason: string, scope: Scope) {
    super(`${kind}: ${reason}`);
    this.kind = kind;
    this.reason = reason;
    this.challenge = {
      missing: 'Bearer',
      invalid: 'Bearer error="invalid_token"',
      'insufficient-scope': `Bearer error="insufficient_scope", scope="${scope}"`,
    }[kind];
  }
}

/** The issuer does not say which keys it signs with. The same request may well succeed a moment later. */
export class IssuerUnavailableError extends Error {
  override name = 'IssuerUnavailableError';
}

/** Longer names than this are nobody's, and would not fit the record. */
const MAXIMUM_CLIENT_ID = 200;

const discoverySchema = z.object({
  issuer: z.string(),
  jwks_uri: z.url(),
  token_endpoint: z.optional(z.url()),
});

/** What an issuer says of itself. */
type Issuer = { keys: JWTVerifyGetKey; tokenUrl: string | undefined };
const warm = new Map<string, Promise<Issuer>>();

/**
 * Who calls, by the Authorization header. `now` is the moment of the request, ISO 8601. Throws an {@link AuthorizationError} when the
 * caller may not do what `scope` stands for, and an {@link IssuerUnavailableError} when that cannot be told at the moment.
 */
export async function authorize(
  authorization: string | undefined,
  issuer: string,
  scope: Scope,
  now: string,
): Promise<{ clientId: string }> {
  const [scheme = '', token, ...more] = (authorization ?? '').trim().split(/ +/);
  if (scheme.toLowerCase() !== 'bearer') throw new AuthorizationError('missing', 'no-token', scope);
  if (token === undefined || more.length > 0) throw new AuthorizationError('invalid', 'no-token', scope);
  const claims = await verify(token, issuer, scope, now);
  // Cognito signs what it says of people with the same keys.
  if (claims.token_use !== undefined && claims.token_use !== 'access') {
    throw new AuthorizationError('invalid', 'not-an-access-token', scope);
  }
  const allowed = typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
  if (!allowed.includes(scope)) throw new AuthorizationError('insufficient-scope', 'scope', scope);
  const clientId = [claims.client_id, claims.azp, claims.sub].find(
    (id) => typeof id === 'string' && id !== '' && id.length <= MAXIMUM_CLIENT_ID,
  );
  if (typeof clientId !== 'string') throw new AuthorizationError('invalid', 'no-client', scope);
  return { clientId };
}

async function verify(token: string, issuer: string, scope: Scope, now: string): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keysOf(issuer), {
      issuer,
      algorithms: [...ALGORITHMS],
      requiredClaims: ['exp'],
      currentDate: new Date(now),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    return payload;
  } catch (error) {
    // Not as its cause: what jose throws has the claims in it.
    if (error instanceof errors.JOSEError) throw new AuthorizationError('invalid', error.code, scope);
    throw error;
  }
}

/** Gives the key that signed a token, and asks the issuer only for one whose form and algorithm are right. */
function keysOf(issuer: string): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      const { keys } = await issuerAt(issuer);
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw new IssuerUnavailableError('the keys of the token issuer cannot be had', { cause: error });
    }
  };
}

/** Where an issuer gives out tokens; undefined where it does not say so, or cannot be asked at the moment. */
export async function tokenUrlOf(issuer: string): Promise<string | undefined> {
  return issuerAt(issuer).then(
    ({ tokenUrl }) => tokenUrl,
    () => undefined,
  );
}

/** An issuer by its address, asked once. Its keys jose keeps, and fetches anew when one is missing. A failure is not remembered. */
function issuerAt(address: string): Promise<Issuer> {
  const known = warm.get(address);
  if (known) return known;
  const found = discover(address);
  warm.set(address, found);
  found.catch(() => warm.delete(address));
  return found;
}

async function discover(issuer: string): Promise<Issuer> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`the discovery document was answered ${response.status}`);
  const document = discoverySchema.parse(await response.json());
  if (document.issuer !== issuer) throw new Error('the discovery document is of another issuer');
  const address = new URL(document.jwks_uri);
  if (address.protocol !== new URL(issuer).protocol)
    throw new Error('the keys are less safe than their issuer');
  return {
    keys: createRemoteJWKSet(address, { timeoutDuration: PATIENCE_MS }),
    tokenUrl: document.token_endpoint,
  };
}
