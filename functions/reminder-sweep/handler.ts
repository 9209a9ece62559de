/** EventBridge Scheduler's sweep: does what is due. One referral that fails leaves the others done. */
import * as z from 'zod/mini';
import { actOnDue } from '../../workflows/reminders.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note, warn } from '../shared/log.ts';
import { DUE_SHARDS, type Referrals, referrals } from '../shared/record.ts';
import { instantSchema, task } from '../shared/task.ts';

export const handler = task(z.object({ now: instantSchema }), async ({ now }) => {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('writer');
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) =>
    sweepShard(referrals(TABLE_NAME), OUTBOX_FUNCTION, shard, now),
  );
  const results = await Promise.all(shards);
  const count = results.reduce((sum, result) => sum + result.count, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  note(Message.sweepDone, { count, failed });
  return { count, failed };
});

async function sweepShard(table: Referrals, outboxFunction: string, shard: number, now: string) {
  let count = 0;
  let failed = 0;
  for await (const id of table.due(shard, now)) {
    count++;
    try {
      const changed = await table.change(
        id,
        now,
        (referral) => actOnDue(referral, now) ?? { refused: 'not-now' },
      );
      if (changed.state !== 'missing') await deliver(outboxFunction, changed.referral, now);
    } catch (error) {
      failed++;
      warn(Message.sweepItemFailed, error, { referralId: id });
    }
  }
  return { count, failed };
}
