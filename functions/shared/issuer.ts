/**
 * An OpenID issuer: what it says of itself, and tokens checked against its published keys. Both are kept while the function is warm; whoever leads
 * people there asks again after a while whether it is still there.
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod/mini';

/** Signatures by private keys only: with a shared secret or none at all, whoever verifies could also sign. */
const ALGORITHMS = ['RS256', 'ES256', 'PS256'] as const;
/** An issuer's clock may be this far ahead of ours, or behind. */
export const CLOCK_TOLERANCE_SECONDS = 10;
/** How long an issuer may take, in milliseconds: long enough for a slow one, short enough to answer before the API gives up. */
export const PATIENCE_MS = 3000;

/** The issuer cannot be asked, or says nothing sensible. The same request may well succeed a moment later. */
export class IssuerUnavailableError extends Error {
  override name = 'IssuerUnavailableError';
}

const endpoint = z.optional(z.url());
const addresses = {
  jwks_uri: z.url(),
  token_endpoint: endpoint,
  authorization_endpoint: endpoint,
  userinfo_endpoint: endpoint,
  end_session_endpoint: endpoint,
};
const metadataSchema = z.looseObject({
  issuer: z.string(),
  ...addresses,
  token_endpoint_auth_methods_supported: z.optional(z.array(z.string())),
  authorization_response_iss_parameter_supported: z.optional(z.boolean()),
});
export type IssuerMetadata = z.infer<typeof metadataSchema>;

/** For how long, in milliseconds, nobody asks again whether the issuer is there: who is led to one that is not sees a page that is not ours. */
const FRESH_MS = 60_000;

type Issuer = { keys: JWTVerifyGetKey; metadata: IssuerMetadata };
type Known = { issuer: Promise<Issuer>; askedAt: number };
const warm = new Map<string, Known>();

/**
 * What the issuer at an address says of itself, asked anew where that was a while before `now` (ISO 8601; left out, it was never too long ago). Throws an
 * {@link IssuerUnavailableError}.
 */
export async function metadataOf(issuer: string, now?: string): Promise<IssuerMetadata> {
  try {
    return (await issuerAt(issuer, now)).metadata;
  } catch (error) {
    throw new IssuerUnavailableError('the issuer does not say what it offers', { cause: error });
  }
}

/**
 * The claims of a token of the issuer's that holds at `now` (ISO 8601) and, where one is given, is for `audience`. Throws what jose throws
 * when the token does not count, and an {@link IssuerUnavailableError} when that cannot be told at the moment.
 */
export async function verifyToken(
  token: string,
  issuer: string,
  now: string,
  { audience }: { audience?: string } = {},
): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keysOf(issuer), {
    issuer,
    algorithms: [...ALGORITHMS],
    requiredClaims: ['exp'],
    currentDate: new Date(now),
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(audience === undefined ? {} : { audience }),
  });
  return payload;
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

/** An issuer by its address. Its keys jose keeps, and fetches anew when one is missing. A failure is not remembered. */
function issuerAt(address: string, now?: string): Promise<Issuer> {
  const known = warm.get(address);
  const at = now === undefined ? 0 : Date.parse(now);
  if (known && at - known.askedAt < FRESH_MS) return known.issuer;
  const found = discover(address);
  warm.set(address, { issuer: found, askedAt: at });
  found.catch(() => warm.delete(address));
  return found;
}

async function discover(issuer: string): Promise<Issuer> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`the discovery document was answered ${response.status}`);
  const metadata = metadataSchema.parse(await response.json());
  if (metadata.issuer !== issuer) throw new Error('the discovery document is of another issuer');
  const { protocol } = new URL(issuer);
  for (const name of Object.keys(addresses) as (keyof typeof addresses)[]) {
    const address = metadata[name];
    if (address !== undefined && new URL(address).protocol !== protocol)
      throw new Error(`${name} is less safe than the issuer`);
  }
  return {
    keys: createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: PATIENCE_MS }),
    metadata,
  };
}
