/** An operator's command: gives every open referral a new execution, made from the table. Safe to run again. */
import * as z from 'zod/mini';
import { happened, nextExecution } from '../../workflows/change.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note, warn } from '../shared/log.ts';
import { referrals } from '../shared/record.ts';
import { instantSchema, task } from '../shared/task.ts';

export const handler = task(z.object({ now: instantSchema }), async ({ now }) => {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('writer');
  const table = referrals(TABLE_NAME);
  let count = 0;
  let failed = 0;
  for await (const id of table.open()) {
    try {
      const changed = await table.change(id, now, (referral) =>
        referral.stage === 'closed'
          ? { refused: 'already-decided' }
          : happened(nextExecution(referral, now), now, 'operator', 'execution-rebuilt'),
      );
      if (changed.state === 'missing') continue;
      await deliver(OUTBOX_FUNCTION, changed.referral, now);
      count++;
    } catch (error) {
      failed++;
      warn(Message.sweepItemFailed, error, { referralId: id });
    }
  }
  note(Message.rebuildDone, { count, failed });
  return { count, failed };
});
