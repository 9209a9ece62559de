/** EventBridge Scheduler's daily look at the directory: which providers are to be asked whether their entry is still right. */
import * as z from 'zod/mini';
import { dueAssurance } from '../../workflows/assurance.ts';
import { isDue } from '../../workflows/time.ts';
import { deliverAssurance } from '../shared/deliver.ts';
import { withEntries } from '../shared/directory/directory.ts';
import { storeAssurance, storedAssurances, storedEntries } from '../shared/directory/store.ts';
import { environment } from '../shared/environment.ts';
import { Message, note, warn } from '../shared/log.ts';
import { instantSchema, task } from '../shared/task.ts';

/** What is due is stored before it is done, on a condition: of two at once, one does it. What was stored and not done is done by the next. */
export const handler = task(z.object({ now: instantSchema }), async ({ now }) => {
  const { TABLE_NAME, OUTBOX_FUNCTION, CONFIRM_AFTER_DAYS } = environment('directorySweep');
  const [entries, assurances] = await Promise.all([storedEntries(TABLE_NAME), storedAssurances(TABLE_NAME)]);
  let count = 0;
  let failed = 0;
  for (const programme of withEntries(entries)) {
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
