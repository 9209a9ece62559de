/** Secrets, fetched once and kept as long as the function is warm; and the service's own, for keyed hashes and signatures. */
import { hkdf } from 'node:crypto';
import { promisify } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { after, isDue } from '../../workflows/time.ts';
import { environment } from './environment.ts';
import { keptFresh } from './fresh.ts';
import { KEYS_FRESH_MINUTES, type Keyring, readKeyring } from './keyring.ts';
import { Message, warn } from './log.ts';

/** What keys are for. Each has its own, so that what is made for one says nothing about another. */
export type KeyPurpose = 'person-index' | 'form' | 'session' | 'sign-in' | 'code' | 'offers' | 'calendar';

const KEY_BYTES = 32;

const client = new SecretsManagerClient({});
const secrets = new Map<string, Promise<string>>();
const derived = new Map<string, Promise<Buffer>>();
/** When the service's own secret was read, or was there no reason to. */
let readAt: string | undefined;

keptFresh(async (now) => {
  const before = secrets.get(process.env.SECRET_ARN ?? '');
  // A laptop's clock may go anywhere.
  const fresh =
    readAt !== undefined && readAt <= now && !isDue(after(readAt, { minutes: KEYS_FRESH_MINUTES }), now);
  if (before && !fresh) await readAgain(before);
  if (!fresh) readAt = now;
});

/** When it cannot be read, the keys that are there go on. */
async function readAgain(before: Promise<string>): Promise<void> {
  const { SECRET_ARN } = environment('secret');
  forgetSecret(SECRET_ARN);
  try {
    await secretAt(SECRET_ARN);
  } catch (error) {
    secrets.set(SECRET_ARN, before);
    warn(Message.secretNotRead, error);
  }
}

/**
 * The key to make something with: 32 bytes derived from the key in use by HKDF-SHA256, for this purpose alone. A failure to fetch the secret is
 * thrown and not remembered.
 */
export async function keyFor(purpose: KeyPurpose): Promise<Buffer> {
  const { person, keys } = await keyring();
  return derive(purpose === 'person-index' ? person : (keys[0]?.key ?? ''), purpose);
}

/**
 * The keys that something may have been made with, the one in use first: what was made before a rotation works for as long as it would have. And
 * the next one: another copy of this function may know already that it is in use.
 */
export async function keysFor(purpose: Exclude<KeyPurpose, 'person-index'>): Promise<Buffer[]> {
  const { keys, next } = await keyring();
  const all = [...keys, ...(next ? [next] : [])];
  return Promise.all(all.map(({ key }) => derive(key, purpose)));
}

async function keyring(): Promise<Keyring> {
  return readKeyring(await secretAt(environment('secret').SECRET_ARN));
}

function derive(key: string, purpose: KeyPurpose): Promise<Buffer> {
  return kept(derived, `${purpose} ${key}`, async () =>
    Buffer.from(await promisify(hkdf)('sha256', key, '', purpose, KEY_BYTES)),
  );
}

/** The text of a secret. A failure to fetch it is thrown and not remembered. */
export function secretAt(arn: string): Promise<string> {
  return kept(secrets, arn, async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (!SecretString) throw new Error('the secret is empty');
    return SecretString;
  });
}

/** Has a secret fetched anew the next time: whoever it is for did not take it. */
export function forgetSecret(arn: string): void {
  secrets.delete(arn);
}

function kept<K, T>(known: Map<K, Promise<T>>, key: K, make: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before) return before;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
