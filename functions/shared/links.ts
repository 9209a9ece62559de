/**
 * Link tokens: `base64url(referral id ‖ random secret)`. The id finds the referral, the secret opens the link; only the
 * secret's SHA-256 is stored (see docs/adr/0002).
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';

const ID_BYTES = 16;
const SECRET_BYTES = 24;
const TOKEN = /^[A-Za-z0-9_-]{54}$/;

/** A fresh token for a referral, and the hash to store. */
export function mintToken(referralId: string): { token: string; hash: string } {
  const secret = randomBytes(SECRET_BYTES);
  return { token: tokenOf(referralId, secret), hash: hashOf(secret) };
}

/**
 * The token that takes a token's place, and its hash: always the same one, which nobody can make who has not both the token and the key.
 * Throws for what is no token.
 */
export function successorOf(token: string, key: Uint8Array): { token: string; hash: string } {
  const said = readToken(token);
  if (!said) throw new Error('not a token');
  return derivedToken(said.referralId, `successor ${token}`, key);
}

/** The token for a referral that follows from something secret: always the same one, which nobody can make who has not that and the key. */
export function derivedToken(
  referralId: string,
  from: string,
  key: Uint8Array,
): { token: string; hash: string } {
  const secret = createHmac('sha256', key).update(from).digest().subarray(0, SECRET_BYTES);
  return { token: tokenOf(referralId, secret), hash: hashOf(secret) };
}

/** What a token says; undefined when it is not of the right form. */
export function readToken(token: string | undefined): { referralId: string; hash: string } | undefined {
  if (token === undefined || !TOKEN.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  return {
    referralId: bytes.subarray(0, ID_BYTES).toString('hex'),
    hash: hashOf(bytes.subarray(ID_BYTES)),
  };
}

/** The id of a submission: the same key makes the same referral, however often it is sent. */
export function referralIdOf(submissionKey: string): string {
  return createHash('sha256')
    .update(submissionKey)
    .digest('hex')
    .slice(0, ID_BYTES * 2);
}

function tokenOf(referralId: string, secret: Uint8Array): string {
  return Buffer.concat([Buffer.from(referralId, 'hex'), secret]).toString('base64url');
}

function hashOf(secret: Uint8Array): string {
  return createHash('sha256').update(secret).digest('base64url');
}
