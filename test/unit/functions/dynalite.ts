/** A real table over HTTP, as the template makes it: for what is about the requests themselves, and to hold the table in memory against. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { vi } from 'vitest';
import {
  CASELOAD,
  INDEXED_ATTRIBUTES,
  OFFERS,
  OUTBOX,
  SEARCHED,
  STANDING,
  WORKLIST,
} from '../../../functions/shared/indexes.ts';
import { ReferralLists } from '../../../functions/shared/lists.ts';
import { replaceClients, restoreClients } from './clients.ts';
import { SECRET, useEnvironment } from './environment.ts';
import { TABLE } from './table.ts';

export type RealTable = {
  url: string;
  client: DynamoDBClient;
  referrals: ReferralLists;
  stop(): Promise<void>;
};

export async function startDynalite(): Promise<RealTable> {
  restoreClients(['dynamodb']);
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'eu-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        'pk',
        'sk',
        'dueShard',
        'dueAt',
        ...INDEXED_ATTRIBUTES,
        SEARCHED.key,
        WORKLIST.team,
        WORKLIST.key,
        CASELOAD.of,
        CASELOAD.key,
        OFFERS.programme,
        OFFERS.key,
        ...[STANDING.at, STANDING.since, OUTBOX.of, OUTBOX.since],
      ].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'due',
          KeySchema: [
            { AttributeName: 'dueShard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        {
          IndexName: WORKLIST.index,
          KeySchema: [
            { AttributeName: WORKLIST.team, KeyType: 'HASH' },
            { AttributeName: WORKLIST.key, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        {
          IndexName: OFFERS.index,
          KeySchema: [
            { AttributeName: OFFERS.programme, KeyType: 'HASH' },
            { AttributeName: OFFERS.key, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        {
          IndexName: CASELOAD.index,
          KeySchema: [
            { AttributeName: CASELOAD.of, KeyType: 'HASH' },
            { AttributeName: CASELOAD.key, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        ...(
          [
            [STANDING.index, STANDING.at, STANDING.since],
            [OUTBOX.index, OUTBOX.of, OUTBOX.since],
          ] as const
        ).map(([IndexName, hash, range]) => ({
          IndexName,
          KeySchema: [
            { AttributeName: hash, KeyType: 'HASH' as const },
            { AttributeName: range, KeyType: 'RANGE' as const },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' as const },
        })),
        ...INDEXED_ATTRIBUTES.map((attribute) => ({
          IndexName: attribute,
          KeySchema: [
            { AttributeName: attribute, KeyType: 'HASH' as const },
            ...(SEARCHED.indexes.some((searched) => searched === attribute)
              ? [{ AttributeName: SEARCHED.key, KeyType: 'RANGE' as const }]
              : []),
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' as const },
        })),
      ],
    }),
  );
  return {
    url,
    referrals: new ReferralLists(TABLE, client),
    client,
    async stop() {
      client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The same, with the environment in force that finds it, and secrets in this process. */
export async function startRealEnvironment(): Promise<RealTable> {
  const table = await startDynalite();
  useEnvironment({ AWS_ENDPOINT_URL_DYNAMODB: table.url });
  const restore = replaceClients({ secrets: async () => ({ SecretString: SECRET }) });
  return {
    ...table,
    async stop() {
      vi.unstubAllEnvs();
      restore();
      await table.stop();
    },
  };
}
