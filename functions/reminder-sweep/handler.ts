/** EventBridge Scheduler's sweep: does what is due. One referral that fails leaves the others done. */
import * as z from 'zod/mini';
import { actOnCohortDue } from '../../workflows/cohort.ts';
import { actOnDue } from '../../workflows/reminders.ts';
import { changeCohort, readCohort } from '../shared/cohorts.ts';
import { deliver, deliverCohort, deliverOffers, deliverPlaces } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { type LogFields, Message, note, warn } from '../shared/log.ts';
import { participantsOf } from '../shared/participants.ts';
import { type DueItem, type Referrals, referrals } from '../shared/record.ts';
import { DUE_SHARDS } from '../shared/shards.ts';
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
  for await (const item of table.due(shard, now)) {
    count++;
    try {
      await sweepItem(table, outboxFunction, item, now);
    } catch (error) {
      failed++;
      warn(Message.sweepItemFailed, error, named(item));
    }
  }
  return { count, failed };
}

async function sweepItem(table: Referrals, outboxFunction: string, { kind, id }: DueItem, now: string) {
  switch (kind) {
    case 'referral': {
      const changed = await table.change(
        id,
        now,
        (referral) => actOnDue(referral, now) ?? { refused: 'not-now' },
      );
      if (changed.state !== 'missing') await deliver(outboxFunction, changed.referral, now);
      return;
    }
    case 'cohort': {
      const { TABLE_NAME } = environment('writer');
      const cohort = await readCohort(TABLE_NAME, id);
      if (!cohort) return;
      const asked = cohort.sessions.find(({ number }) => number === cohort.due?.session);
      const attended = (await participantsOf(TABLE_NAME, cohort, now, asked)).length > 0;
      await changeCohort(TABLE_NAME, id, now, (current) => actOnCohortDue(current, attended, now) ?? current);
      await deliverCohort(outboxFunction, id, now);
      return;
    }
    case 'places':
      await deliverPlaces(outboxFunction, id, now);
      return;
    case 'provider':
      await deliverOffers(outboxFunction, id, 'digest', now);
  }
}

function named({ kind, id }: DueItem): LogFields {
  if (kind === 'referral') return { referralId: id };
  if (kind === 'provider') return {};
  return kind === 'cohort' ? { cohort: id } : { programmeId: id };
}
