/** Access tokens of the systems that call the JSON API (OAuth 2.0 client credentials), checked against their issuer's published keys. */
import { errors, type JWTPayload } from 'jose';
import { metadataOf, verifyToken } from './issuer.ts';

export { IssuerUnavailableError } from './issuer.ts';

/** What a token may allow its client. */
export const SCOPES = ['referrals/submit', 'referrals/read'] as const;
export type Scope = (typeof SCOPES)[number];

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

/** Longer names than this are nobody's, and would not fit the record. */
const MAXIMUM_CLIENT_ID = 200;

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
    return await verifyToken(token, issuer, now);
  } catch (error) {
    // Not as its cause: what jose throws has the claims in it.
    if (error instanceof errors.JOSEError) throw new AuthorizationError('invalid', error.code, scope);
    throw error;
  }
}

/** Where an issuer gives out tokens; undefined where it does not say so, or cannot be asked at the moment. */
export async function tokenUrlOf(issuer: string): Promise<string | undefined> {
  return metadataOf(issuer).then(
    ({ token_endpoint }) => token_endpoint,
    () => undefined,
  );
}
