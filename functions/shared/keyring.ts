/**
 * What the service's own secret holds: keys, of which one is in use and the others are still believed. `npm run rotate` changes it
 * (infra/rotation.ts, docs/adr/0023).
 */
import * as z from 'zod/mini';

/** For so long a warm function goes on with the keys that it has, in minutes. Between the two steps of a rotation there is more: infra/rotation.ts. */
export const KEYS_FRESH_MINUTES = 5;

const key = z.string().check(z.minLength(32));

const keyringSchema = z.strictObject({
  /** For the hashes by which the same person is found again. It stays: with another one, nobody who was referred before would be found. */
  person: key,
  /** Believed already, and used for nothing yet: every warm function learns of it before the first of them uses it. */
  next: z.optional(z.object({ key, since: z.iso.datetime() })),
  /** The first is in use; what was made with the others still works. `since`: when it came into use, ISO 8601; unknown for the first of all. */
  keys: z.array(z.object({ key, since: z.optional(z.iso.datetime()) })).check(z.minLength(1)),
});
export type Keyring = z.infer<typeof keyringSchema>;

/** Reads the secret's text. As it is made with the stack it is one key for everything, and no keyring. Throws for what is neither. */
export function readKeyring(text: string): Keyring {
  if (!text.startsWith('{')) return { person: key.parse(text), keys: [{ key: key.parse(text) }] };
  return keyringSchema.parse(JSON.parse(text));
}
