/** Secrets Manager on a laptop: GetSecretValue and PutSecretValue (AWS JSON 1.1) for the template's secrets, whose values are made when first asked for. */
import { randomInt } from 'node:crypto';
import * as z from 'zod';
import type { KeptSecrets } from './kept-secrets.ts';
import type { SecretPlan } from './plan.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const request = z.object({ SecretId: z.string(), SecretString: z.optional(z.string()) });

export class SecretsManager {
  readonly #plans: readonly SecretPlan[];
  readonly #kept: KeptSecrets;

  constructor(plans: readonly SecretPlan[], kept: KeptSecrets) {
    this.#plans = plans;
    this.#kept = kept;
  }

  /** Answers one call: the status and what to send as JSON. */
  call(operation: string, body: string): { status: number; answer: unknown } {
    if (operation !== 'GetSecretValue' && operation !== 'PutSecretValue') {
      return refusal('UnknownOperationException', `${operation} is not known here`);
    }
    const asked = request.safeParse(JSON.parse(body || '{}'));
    if (!asked.success) return refusal('InvalidParameterException', 'SecretId is missing');
    const { SecretId, SecretString: given } = asked.data;
    const plan = this.#plans.find(({ arn, name }) => arn === SecretId || name === SecretId);
    if (!plan) {
      return refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    const [name, version] = [
      `secret ${plan.name}`,
      { ARN: plan.arn, Name: plan.name, VersionStages: ['AWSCURRENT'] },
    ];
    if (operation === 'PutSecretValue') {
      if (given === undefined) return refusal('InvalidParameterException', 'SecretString is missing');
      this.#kept.set(name, given);
      return { status: 200, answer: version };
    }
    const SecretString = this.#kept.get(name, () => passwordOf(plan.length));
    return { status: 200, answer: { ...version, SecretString } };
  }
}

function passwordOf(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

function refusal(__type: string, message: string): { status: number; answer: unknown } {
  return { status: 400, answer: { __type, message } };
}
