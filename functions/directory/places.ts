/** Places, as the directory says how many there are and as they are promised. */
import type { Programme } from '../../workflows/directory.ts';
import type { EntryChange } from '../../workflows/directory-entry.ts';
import { dateInWords } from '../../workflows/time.ts';
import { deliverPlaces } from '../shared/deliver.ts';
import { takeOverCohorts } from '../shared/directory/cohorts.ts';
import { environment } from '../shared/environment.ts';

/** Whether a change is one of groups, their places or their times. */
export function isOfGroups({ cohorts = [] }: Programme, changes: readonly EntryChange[]): boolean {
  if (changes.some(({ field }) => field === 'cohorts')) return true;
  return cohorts.length > 0 && changes.some(({ field }) => field === 'sessionCount' || field === 'time');
}

/**
 * Brings what was just stored to the ledger of its places; whoever waits is told by the outbox. `again`: the group of which all places are offered
 * again, whatever its provider said.
 */
export async function takeOver(programmeId: string, now: string, again?: string): Promise<void> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('directory');
  await takeOverCohorts(TABLE_NAME, programmeId, now, again);
  await deliverPlaces(OUTBOX_FUNCTION, programmeId, now);
}

/** When a group began, for people. */
export function startIn(cohorts: readonly { id: string; startsOn: string }[]): (id: string) => string {
  return (id) => {
    const startsOn = cohorts.find((each) => each.id === id)?.startsOn;
    return startsOn === undefined ? id : dateInWords(`${startsOn}T12:00:00.000Z`);
  };
}
