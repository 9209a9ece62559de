/** Secrets, fetched once and kept as long as the function is warm; and the service's own, for keyed hashes and signatures. */
import { hkdf } from 'node:crypto';
import { promisify } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { environment } from './environment.ts';

/** What keys are for. Each has its own, so that what is made for one says nothing about another. */
export type KeyPurpose = 'person-index' | 'form' | 'session' | 'sign-in' | 'code' | 'offers' | 'calendar';

const KEY_BYTES = 32;

const client = new SecretsManagerClient({});
const secrets = new Map<string, Promise<string>>();
const keys = new Map<KeyPurpose, Promise<Buffer>>();

/** The key for a purpose: 32 bytes derived from the secret by HKDF-SHA256. A failure to fetch the secret is thrown and not remembered. */
export function keyFor(purpose: KeyPurpose): Promise<Buffer> {
  return kept(keys, purpose, async () => {
    const value = await secretAt(environment('secret').SECRET_ARN);
    return Buffer.from(await promisify(hkdf)('sha256', value, '', purpose, KEY_BYTES));
  });
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
