/** The table and the secret in this process, for simulations of many lives. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { vi } from 'vitest';
import { ReferralLists } from '../../functions/shared/lists.ts';
import { useEnvironment } from '../unit/functions/environment.ts';
import { MemoryTable } from '../unit/functions/memory-table.ts';
import { TABLE, type TestTable } from '../unit/functions/table.ts';
import { replaceClients, SECRET } from './aws.ts';

/** Puts the environment in force and has every client's requests answered here, as startEnvironment does with servers. */
export function useMemory(): TestTable {
  useEnvironment();
  const memory = new MemoryTable(TABLE);
  const restore = replaceClients(async (service, command) => {
    if (service === 'dynamodb') return memory.send(command);
    if (service === 'secrets') return { SecretString: SECRET };
    throw new Error(`${service} is not played`);
  });
  const client = new DynamoDBClient({ region: 'eu-west-2' });
  return {
    ...{ url: '', client, referrals: new ReferralLists(TABLE, client) },
    async put(item) {
      memory.write({ ...item });
    },
    async stop() {
      restore();
      vi.unstubAllEnvs();
    },
  };
}
