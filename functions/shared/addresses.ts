/** What is known of email addresses, by their hashes: who reads the table's keys reads no address. The rules are in workflows/addresses.ts. */
import { createHash } from 'node:crypto';
import { type AddressRecord, addressSchema, newAddress } from '../../workflows/addresses.ts';
import type { Refusal } from '../../workflows/change.ts';
import { changeVersioned, type Kind, readVersioned } from './versioned.ts';

/** The id of an address: 32 hexadecimal digits. The same however it is written in capitals. */
export function addressIdOf(address: string): string {
  return createHash('sha256').update(`address ${address.trim().toLowerCase()}`).digest('hex').slice(0, 32);
}

/** What is known of an address, by its id, read consistently; undefined where nothing ever came back. */
export function readAddress(table: string, id: string): Promise<AddressRecord | undefined> {
  return readVersioned(kindOf(table, id));
}

/** Changes it by a rule (as `changeVersioned`), and makes it where there is none. */
export async function changeAddress(
  table: string,
  id: string,
  now: string,
  rule: (address: AddressRecord) => AddressRecord | Refusal,
): Promise<AddressRecord> {
  const changed = await changeVersioned(kindOf(table, id), now, rule, newAddress(now));
  if (changed.state === 'missing') throw new Error('an address begins with nothing');
  return changed.item;
}

function kindOf(table: string, id: string): Kind<AddressRecord> {
  return { table, pk: `ADDRESS#${id}`, sk: 'ADDRESS', schema: addressSchema, due: () => undefined };
}
