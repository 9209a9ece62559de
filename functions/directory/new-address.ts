/** The provider of an entry has another address: who reads there knows of no offer. */
import type { Programme } from '../../workflows/directory.ts';
import type { EntryChange } from '../../workflows/directory-entry.ts';
import { withDigest } from '../../workflows/provider.ts';
import { environment } from '../shared/environment.ts';
import { changeProvider, providerIdOf } from '../shared/providers.ts';

/**
 * Has whoever reads at the address that an entry is about to have sent the offers that wait for them, by the next email of the day: those left to that of
 * the former address have no reader any more, and what went there by itself they have not seen. Called before the entry is stored, so that nobody
 * stopped in between leaves it out; where nothing waits there is no email.
 */
export async function tellNewAddress(
  { provider }: Programme,
  changes: readonly EntryChange[],
  now: string,
): Promise<void> {
  if (!changes.some(({ field }) => field === 'providerEmail')) return;
  const { TABLE_NAME } = environment('record');
  await changeProvider(TABLE_NAME, providerIdOf(provider.email), now, (before) => withDigest(before, now));
}
