/** The service's secret, for keyed hashes and signatures. It is fetched once and kept as long as the function is warm. */
import { hkdf } from 'node:crypto';
import { promisify } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { environment } from './environment.ts';

/** What keys are for. Each has its own, so that what is made for one says nothing about another. */
export type KeyPurpose = 'person-index' | 'form';

const KEY_BYTES = 32;

const client = new SecretsManagerClient({});
let secret: Promise<string> | undefined;
const keys = new Map<KeyPurpose, Promise<Buffer>>();

/** The key for a purpose: 32 bytes derived from the secret by HKDF-SHA256. A failure to fetch the secret is thrown and not remembered. */
export function keyFor(purpose: KeyPurpose): Promise<Buffer> {
  const known = keys.get(purpose);
  if (known) return known;
  const derived = derive(purpose);
  keys.set(purpose, derived);
  derived.catch(() => keys.delete(purpose));
  return derived;
}

async function derive(purpose: KeyPurpose): Promise<Buffer> {
  secret ??= fetchSecret();
  const value = await secret.catch((error) => {
    secret = undefined;
    throw error;
  });
  return Buffer.from(await promisify(hkdf)('sha256', value, '', purpose, KEY_BYTES));
}

async function fetchSecret(): Promise<string> {
  const { SECRET_ARN } = environment('secret');
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: SECRET_ARN }));
  if (!SecretString) throw new Error('the secret is empty');
  return SecretString;
}
