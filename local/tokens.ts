/** API Gateway's look at tokens before it calls a function (the JWT authorizer of an HTTP API). */
import { errors, type JWTPayload } from 'jose';
import { verifyToken } from '../functions/shared/issuer.ts';
import type { TokensPlan } from './plan.ts';

/** That a request is turned away: the status, and what the header `www-authenticate` says. */
export interface TurnedAway {
  readonly status: 401 | 403;
  readonly challenge: string;
}

/**
 * Looks at the token of an Authorization header at `now` (ISO 8601). Gives why the request is turned away, and undefined where it is let
 * through. Throws an IssuerUnavailableError where the issuer's keys cannot be had.
 */
export async function lookAtToken(
  authorization: string | undefined,
  { issuer, audience, scopes }: TokensPlan,
  now: string,
): Promise<TurnedAway | undefined> {
  const token = (authorization ?? '').replace(/^Bearer /i, '').trim();
  if (token === '') return { status: 401, challenge: 'Bearer' };
  let claims: JWTPayload;
  try {
    claims = await verifyToken(token, issuer, now);
  } catch (error) {
    if (error instanceof errors.JOSEError) return invalid(scopes);
    throw error;
  }
  const meant = claims.aud === undefined ? [claims.client_id] : [claims.aud].flat();
  if (!meant.some((name) => typeof name === 'string' && audience.includes(name))) return invalid(scopes);
  const has = String(claims.scope ?? claims.scp ?? '').split(' ');
  if (scopes.length > 0 && !scopes.some((scope) => has.includes(scope))) {
    return { status: 403, challenge: challengeFor(scopes, 'insufficient_scope') };
  }
  return undefined;
}

function invalid(scopes: readonly string[]): TurnedAway {
  return { status: 401, challenge: challengeFor(scopes, 'invalid_token') };
}

function challengeFor(scopes: readonly string[], error: string): string {
  return `Bearer scope="${scopes.join(' ')}" error="${error}"`;
}
