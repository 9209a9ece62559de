/** What the directory lacks on a laptop: a group that people can join, with places to run out of. Nothing that is deployed has it. */

import { deployedProgramme } from '../functions/shared/directory/directory.ts';
import { storedEntry, storeEntry } from '../functions/shared/directory/store.ts';
import type { Cohort, Programme } from '../workflows/directory.ts';
import { changesBetween, entryOf } from '../workflows/directory-entry.ts';
import { againstDay } from '../workflows/schedule.ts';
import { after, londonDate, weekdayOf } from '../workflows/time.ts';

const CHOIR = 'example-dementia-choir';
/** As many as somebody who tries it has people for. */
const PLACES = 3;

/** Gives the example choir a group that begins in six weeks or a little later, unless somebody has changed its entry. */
export async function addExampleGroup(table: string, now: string): Promise<void> {
  const choir = deployedProgramme(CHOIR);
  if (!choir?.example || (await storedEntry(table, CHOIR))) return;
  const programme = { ...choir, cohorts: [groupOf(choir, now)] };
  const changes = changesBetween(entryOf(choir), entryOf(programme));
  await storeEntry(table, undefined, { programme, at: now, how: 'edited', name: 'Example', changes });
}

function groupOf({ sessions }: Programme, now: string): Cohort {
  let at = after(now, { days: 42 });
  while (weekdayOf(londonDate(at)) !== sessions.weekday || againstDay(londonDate(at)) !== undefined) {
    at = after(at, { days: 1 });
  }
  const startsOn = londonDate(at);
  return { id: startsOn, startsOn, capacity: PLACES };
}
