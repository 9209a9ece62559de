/** Where the places of programmes are kept. */
import { createHash } from 'node:crypto';
import type { Refusal } from '../../workflows/change.ts';
import { nextSettling, noPlaces, type Places, placesSchema } from '../../workflows/places.ts';
import { DUE_SHARDS } from './shards.ts';
import { changeVersioned, type ItemChanged, type Kind, readVersioned } from './versioned.ts';

export const PLACES_PREFIX = 'PLACES#';

/** The ledger of a programme, read consistently; one without cohorts or people where there is none. */
export async function readPlaces(table: string, programmeId: string, now: string): Promise<Places> {
  return (await readVersioned(kindOf(table, programmeId))) ?? noPlaces(programmeId, now);
}

/** Changes the ledger of a programme by a rule (as `changeVersioned`), and makes it where there is none. */
export async function changePlaces(
  table: string,
  programmeId: string,
  now: string,
  rule: (places: Places) => Places | Refusal | Promise<Places | Refusal>,
): Promise<Exclude<ItemChanged<Places>, { state: 'missing' }>> {
  const changed = await changeVersioned(kindOf(table, programmeId), now, rule, noPlaces(programmeId, now));
  if (changed.state === 'missing') throw new Error('a ledger begins with nothing');
  return changed;
}

/**
 * Changes the ledger of a programme by what something else says, and gives it as it is then. That is read after the ledger, and again after the
 * change: a newer word of it, to which somebody else found nothing to change meanwhile, is not written over.
 */
export async function changePlacesBy<T>(
  table: string,
  programmeId: string,
  now: string,
  { read, rule }: { read: () => Promise<T>; rule: (places: Places, said: T) => Places },
): Promise<Places> {
  for (;;) {
    let said: T | undefined;
    const { item } = await changePlaces(table, programmeId, now, async (places) => {
      said = await read();
      return rule(places, said);
    });
    if (JSON.stringify(await read()) === JSON.stringify(said)) return item;
  }
}

function kindOf(table: string, programmeId: string): Kind<Places> {
  return {
    table,
    pk: `${PLACES_PREFIX}${programmeId}`,
    sk: 'PLACES',
    schema: placesSchema,
    due: (places) => {
      const at = nextSettling(places);
      if (at === undefined) return undefined;
      const shard = createHash('sha256').update(programmeId).digest().readUInt16BE() % DUE_SHARDS;
      return { at, shard };
    },
  };
}
