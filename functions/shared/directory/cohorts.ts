/** Brings the cohorts of an entry of the directory to the ledger of the programme's places. */
import { callNext, offeredAgain, type Places, withCohorts } from '../../../workflows/places.ts';
import { changePlacesBy } from '../places.ts';
import { deployedProgramme } from './directory.ts';
import { storeSummary } from './places.ts';
import { storedEntry } from './store.ts';

/**
 * Takes over what has changed in the newest version of the entry (`withCohorts`), and holds what is free for whoever waits. `again`: the group of which
 * all places are offered again, whatever the provider said. Its numbers are shown as they are then, whether anybody else hears of it or not. Gives the
 * ledger.
 */
export async function takeOverCohorts(
  table: string,
  programmeId: string,
  now: string,
  again?: string,
): Promise<Places> {
  const taken = await changePlacesBy(table, programmeId, now, {
    read: async () => (await storedEntry(table, programmeId))?.programme ?? deployedProgramme(programmeId),
    rule: (places, programme) => {
      if (!programme) return places;
      const changed = withCohorts(places, programme, 'changed', now);
      return callNext(again === undefined ? changed : offeredAgain(changed, again), now);
    },
  });
  await storeSummary(table, taken);
  return taken;
}
