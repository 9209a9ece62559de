/** Providers, who have no account: by the address that the directory has for their programmes. */
import { createHash } from 'node:crypto';
import type { Refusal } from '../../workflows/change.ts';
import { isOffered, type Programme } from '../../workflows/directory.ts';
import { newProvider, type ProviderRecord, providerSchema } from '../../workflows/provider.ts';
import { everyProgramme } from './directory/directory.ts';
import { DUE_SHARDS } from './shards.ts';
import { changeVersioned, type ItemChanged, type Kind, readVersioned } from './versioned.ts';

/** The id of whoever has an address: 32 hexadecimal digits, as a referral's, so that links have the same form. */
export function providerIdOf(address: string): string {
  return createHash('sha256').update(`provider ${address.trim().toLowerCase()}`).digest('hex').slice(0, 32);
}

/** The programmes of a provider, also those that take nobody any more; none where no address of the directory is theirs. */
export function programmesOf(id: string): Programme[] {
  return everyProgramme().filter(({ provider }) => providerIdOf(provider.email) === id);
}

/** The address that the directory has for a provider, as it is written there. */
export function addressOf(programmes: readonly Programme[]): string | undefined {
  return (programmes.find(isOffered) ?? programmes[0])?.provider.email;
}

/** What is kept of a provider, read consistently; undefined when there is nothing. */
export function readProvider(table: string, id: string): Promise<ProviderRecord | undefined> {
  return readVersioned(kindOf(table, id));
}

/** Changes it by a rule (as `changeVersioned`), and makes it where there is none. */
export async function changeProvider(
  table: string,
  id: string,
  now: string,
  rule: (provider: ProviderRecord) => ProviderRecord | Refusal,
): Promise<Exclude<ItemChanged<ProviderRecord>, { state: 'missing' }>> {
  const changed = await changeVersioned(kindOf(table, id), now, rule, newProvider(now));
  if (changed.state === 'missing') throw new Error('a provider begins with nothing');
  return changed;
}

function kindOf(table: string, id: string): Kind<ProviderRecord> {
  return {
    table,
    pk: `PROVIDER#${id}`,
    sk: 'PROVIDER',
    schema: providerSchema,
    due: ({ digestAt }) =>
      digestAt === undefined
        ? undefined
        : { at: digestAt, shard: Number.parseInt(id.slice(-4), 16) % DUE_SHARDS },
  };
}
