/** Brings the cohorts of an entry of the directory to the ledger of the programme's places. */
import { callNext, type Places, withCohorts } from '../../../workflows/places.ts';
import { changePlaces } from '../places.ts';
import { deployedProgramme } from './directory.ts';
import { storedEntry } from './store.ts';

/** Takes over the newest version of the entry (`withCohorts`), and holds what is free for whoever waits. Gives the ledger as it is then. */
export async function takeOverCohorts(
  table: string,
  programmeId: string,
  which: 'changed' | 'all',
  now: string,
): Promise<Places> {
  const { item } = await changePlaces(table, programmeId, now, async (places) => {
    // Read after the ledger: of two who save at once, the later version is what stays.
    const programme = (await storedEntry(table, programmeId))?.programme ?? deployedProgramme(programmeId);
    return programme ? callNext(withCohorts(places, programme, which, now), now) : places;
  });
  return item;
}
