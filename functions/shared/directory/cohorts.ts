/** Brings the cohorts of an entry of the directory to the ledger of the programme's places. */
import { callNext, type Places, withCohorts } from '../../../workflows/places.ts';
import { changePlacesBy } from '../places.ts';
import { deployedProgramme } from './directory.ts';
import { storedEntry } from './store.ts';

/** Takes over the newest version of the entry (`withCohorts`), and holds what is free for whoever waits. Gives the ledger as it is then. */
export async function takeOverCohorts(
  table: string,
  programmeId: string,
  which: 'changed' | 'all',
  now: string,
): Promise<Places> {
  return changePlacesBy(table, programmeId, now, {
    read: async () => (await storedEntry(table, programmeId))?.programme ?? deployedProgramme(programmeId),
    rule: (places, programme) =>
      programme ? callNext(withCohorts(places, programme, which, now), now) : places,
  });
}
