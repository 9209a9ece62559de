/** A table of its own in memory, for tests of what uses it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ReferralLists } from '../../../functions/shared/lists.ts';
import { replaceClients } from './clients.ts';
import { type Item, MemoryTable } from './memory-table.ts';

export type TestTable = {
  referrals: ReferralLists;
  client: DynamoDBClient;
  put(item: Item): Promise<void>;
  /** Everything in it, in no particular order. */
  items(): Item[];
  /** The entries of the audit about a referral. */
  looksAt(referralId: string): Item[];
  /** How often each operation was asked for while something was done. */
  counted(work: () => Promise<unknown>): Promise<Record<string, number>>;
  clear(): void;
  stop(): Promise<void>;
};

export const TABLE = 'referrals';

/** Starts it: every client of DynamoDB in this process has it as the table until it is stopped. */
export async function startTable(): Promise<TestTable> {
  const memory = new MemoryTable(TABLE);
  let counts: Record<string, number> = {};
  const restore = replaceClients({
    dynamodb(command) {
      const operation = operationOf(command);
      counts[operation] = (counts[operation] ?? 0) + 1;
      return memory.send(command);
    },
  });
  const client = new DynamoDBClient({ region: 'eu-west-2' });
  return {
    ...{ client, referrals: new ReferralLists(TABLE, client) },
    put: async (item) => memory.write(structuredClone(item)),
    items: () => memory.items(),
    looksAt: (id) =>
      memory.items().filter(({ pk, sk }) => pk === `REFERRAL#${id}` && String(sk).startsWith('AUDIT#')),
    async counted(work) {
      const mine: typeof counts = {};
      counts = mine;
      await work();
      counts = {};
      return mine;
    },
    clear: () => memory.clear(),
    stop: async () => restore(),
  };
}

/** What DynamoDB calls what the document client's command asks for. */
function operationOf(command: object): string {
  const name = command.constructor.name.replace('Command', '');
  return /^(Query|Scan)$/.test(name) ? name : `${name}Item`;
}
