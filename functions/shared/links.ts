/**
 * Link tokens: `base64url(referral id ‖ random secret)`. The id finds the referral, the secret opens the link; only the
 * secret's SHA-256 is stored (see docs/adr/0002).
 */
import { createHash, randomBytes } from 'node:crypto';

const ID_BYTES = 16;
const SECRET_BYTES = 24;
const TOKEN = /^[A-Za-z0-9_-]{54}$/;

/** A fresh token for a referral, and the hash to store. */
export function mintToken(referralId: string): { token: string; hash: string } {
  const secret = randomBytes(SECRET_BYTES);
  const token = Buffer.concat([Buffer.from(referralId, 'hex'), secret]).toString('base64url');
  return { token, hash: hashOf(secret) };
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

function hashOf(secret: Uint8Array): string {
  return createHash('sha256').update(secret).digest('base64url');
}
