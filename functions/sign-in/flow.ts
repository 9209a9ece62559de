/** A sign-in under way: what its end is compared with, sealed in a cookie of the browser in which it was begun. */
import { createHash } from 'node:crypto';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import * as z from 'zod/mini';
import { keyFor, keysFor } from '../shared/secret.ts';

/** How long somebody may take to sign in, in seconds. */
export const FLOW_SECONDS = 600;

const flowSchema = z.object({
  /** When it was begun, in seconds since 1970. */
  begun: z.int(),
  /** Comes back with the answer: somebody else's answer is not taken. */
  state: z.string(),
  /** Comes back inside the token: somebody else's token is not taken. */
  nonce: z.string(),
  /** Shows that whoever exchanges the code has asked for it (PKCE). */
  verifier: z.string(),
  /** The local address that it leads to. */
  returnTo: z.string(),
});
export type Flow = z.infer<typeof flowSchema>;

/**
 * What the cookie of a flow is called: each has one of its own, so that somebody who has several pages open after a break signs in on each.
 * The state itself stays out of it: the cookie is what it is compared with.
 */
export function flowCookie(state = ''): string {
  return `sign-in-${createHash('sha256').update(state).digest('hex').slice(0, 16)}`;
}

/** Seals a flow: nobody can read it, change it, or use it for longer than it holds. */
export async function sealFlow(flow: Flow): Promise<string> {
  return new EncryptJWT(flow)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setExpirationTime(flow.begun + FLOW_SECONDS)
    .encrypt(await keyFor('sign-in'));
}

/** What was sealed; undefined when it was not sealed here, or too long ago. */
export async function openFlow(sealed: string, now: string): Promise<Flow | undefined> {
  for (const key of await keysFor('sign-in')) {
    const opened = await openWith(key, sealed, now);
    if (opened) return opened;
  }
  return undefined;
}

async function openWith(key: Uint8Array, sealed: string, now: string): Promise<Flow | undefined> {
  try {
    const { payload } = await jwtDecrypt(sealed, key, {
      currentDate: new Date(now),
      requiredClaims: ['exp'],
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return flowSchema.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
