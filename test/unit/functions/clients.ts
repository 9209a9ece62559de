/** Clients of AWS whose calls are answered in this process. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESClient } from '@aws-sdk/client-ses';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

const CLIENTS = {
  dynamodb: DynamoDBDocumentClient,
  lambda: LambdaClient,
  states: SFNClient,
  ses: SESClient,
  secrets: SecretsManagerClient,
} as const;
export type AwsService = keyof typeof CLIENTS;

type Send = (command: { input: object }) => Promise<unknown>;

/** What a client did before, wherever this module is loaded: the SDK is loaded once for many files of tests. */
const REAL = Symbol.for('send of the SDK');
type Prototype = { send: Send; [REAL]?: Send };

/** Has every call of every client of these services answered. Gives what has them go to the network again. */
export function replaceClients(answers: Partial<Record<AwsService, Send>>): () => void {
  const services = Object.keys(answers) as AwsService[];
  for (const service of services) {
    const prototype = CLIENTS[service].prototype as unknown as Prototype;
    prototype[REAL] ??= prototype.send;
    prototype.send = answers[service] as Send;
  }
  return () => restoreClients(services);
}

/** Has the clients of these services go to the network. */
export function restoreClients(services: readonly AwsService[]): void {
  for (const service of services) {
    const prototype = CLIENTS[service].prototype as unknown as Prototype;
    if (prototype[REAL]) prototype.send = prototype[REAL];
  }
}
