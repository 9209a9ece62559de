/** What is due, from the index: an item is in it only while something of it is. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { documents } from '../shared/table.ts';

/** What the due index has, by the first part of its partition key: referrals, cohorts, the ledgers of programmes' places, providers, and erasures. */
const KINDS: Readonly<Record<string, Exclude<DueItem['kind'], 'unknown'>>> = {
  REFERRAL: 'referral',
  COHORT: 'cohort',
  PLACES: 'places',
  PROVIDER: 'provider',
  ERASURE: 'erasure',
};
/** Something that is due. `id`: of a ledger, the programme's; of an erasure, the reference of what is erased. `pk` to `dueAt`: as the index has it, to see whether it is still so. */
export type DueItem = {
  kind: 'referral' | 'cohort' | 'places' | 'provider' | 'erasure' | 'unknown';
  id: string;
  pk: string;
  sk: string;
  dueShard: string;
  dueAt: string;
};

/** What has something due by `now` in one shard, earliest first, a page at a time. */
export async function* dueItems(
  table: string,
  shard: number,
  now: string,
  client = documents(),
): AsyncGenerator<DueItem> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'due',
        KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
        ExpressionAttributeValues: { ':shard': String(shard), ':now': now },
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    for (const item of page.Items ?? []) yield dueItem(item as Omit<DueItem, 'kind' | 'id'>);
    start = page.LastEvaluatedKey;
  } while (start);
}

function dueItem({ pk, sk, dueShard, dueAt }: Omit<DueItem, 'kind' | 'id'>): DueItem {
  const [kind = '', id = ''] = pk.split('#');
  return { kind: KINDS[kind] ?? 'unknown', id, pk, sk, dueShard, dueAt };
}
