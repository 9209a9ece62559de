/**
 * EventBridge Scheduler's daily look at the directory: which providers are to be asked whether their entry is still right, and whether the ledgers of
 * places say of each group what the directory says.
 */
import * as z from 'zod/mini';
import { dueAssurance } from '../../workflows/assurance.ts';
import type { Programme } from '../../workflows/directory.ts';
import type { PlacesSummary } from '../../workflows/places.ts';
import { isDue } from '../../workflows/time.ts';
import { deliverAssurance, deliverPlaces } from '../shared/deliver.ts';
import { takeOverCohorts } from '../shared/directory/cohorts.ts';
import { withEntries } from '../shared/directory/directory.ts';
import { placesOfAll } from '../shared/directory/places.ts';
import { storeAssurance, storedAssurances, storedEntries } from '../shared/directory/store.ts';
import { environment } from '../shared/environment.ts';
import { Message, note, warn } from '../shared/log.ts';
import { instantSchema, task } from '../shared/task.ts';

/** What is due is stored before it is done, on a condition: of two at once, one does it. What was stored and not done is done by the next. */
export const handler = task(z.object({ now: instantSchema }), async ({ now }) => {
  const { TABLE_NAME, OUTBOX_FUNCTION, CONFIRM_AFTER_DAYS } = environment('directorySweep');
  const [entries, assurances, places] = await Promise.all([
    storedEntries(TABLE_NAME),
    storedAssurances(TABLE_NAME),
    placesOfAll(TABLE_NAME),
  ]);
  let count = 0;
  let failed = 0;
  for (const programme of withEntries(entries)) {
    failed += await bringPlaces(programme, places.get(programme.id), now);
    const before = assurances.get(programme.id);
    const due = dueAssurance(programme, before, now, CONFIRM_AFTER_DAYS);
    const left = before?.pending.some(({ notBefore }) => isDue(notBefore, now));
    if (!due && !left) continue;
    try {
      const first = due ? await storeAssurance(TABLE_NAME, programme.id, due) : true;
      if (!first) continue;
      count += 1;
      await deliverAssurance(OUTBOX_FUNCTION, programme.id, now);
    } catch (error) {
      failed += 1;
      warn(Message.sweepItemFailed, error, { programmeId: programme.id });
    }
  }
  note(Message.directorySweepDone, { count, failed });
  return { count, failed };
});

/** Brings a ledger in line that whoever saved the entry left behind. Gives how many failed. */
async function bringPlaces(
  { id, cohorts = [] }: Programme,
  summary: PlacesSummary | undefined,
  now: string,
): Promise<0 | 1> {
  if (cohorts.length === 0 && !summary) return 0;
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('directorySweep');
  try {
    const { version } = await takeOverCohorts(TABLE_NAME, id, now);
    if (version !== summary?.version) await deliverPlaces(OUTBOX_FUNCTION, id, now);
    return 0;
  } catch (error) {
    warn(Message.sweepItemFailed, error, { programmeId: id });
    return 1;
  }
}
