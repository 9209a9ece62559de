/**
 * EventBridge Scheduler's sweep: does what is due, the longest due first. What fails leaves the others done, and is tried again later or, after
 * several times, parked. What there is no time for is left to the next run: it is due until it is done.
 */
import * as z from 'zod/mini';
import { actOnCohortDue } from '../../workflows/cohort.ts';
import { actOnDue } from '../../workflows/reminders.ts';
import { isOverdue, isPutOff, warnOfErasure } from '../../workflows/retention.ts';
import { withOpenLink } from '../../workflows/welfare.ts';
import { changeCohort, readCohort } from '../shared/cohorts.ts';
import { deliver, deliverCohort, deliverErasure, deliverOffers, deliverPlaces } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note, warn } from '../shared/log.ts';
import type { FieldsOf } from '../shared/log-fields.ts';
import { measure } from '../shared/metrics.ts';
import { isAttended } from '../shared/participants.ts';
import { type Referrals, referrals } from '../shared/record.ts';
import { DUE_SHARDS } from '../shared/shards.ts';
import { instantSchema, TaskError, task } from '../shared/task.ts';
import { type DueItem, dueItems } from './due.ts';
import { countParked, isOfItem, listParked, noteFailure, retryParked } from './parking.ts';

/** So many things of each part of the index are done at once. */
const AT_ONCE = 8;

/** Nothing is begun any more when less than this is left of the function's time: longer than the slowest thing takes. */
const LAST_MOMENTS_MS = 20_000;

/** Thrown for what no version of this program knows how to do. */
class UnknownKindError extends Error {
  override name = 'UnknownKindError';
}

type Sweep = {
  table: Referrals;
  tableName: string;
  outboxFunction: string;
  personalDataFunction: string;
  now: string;
};

/** `parked`: what an operator asks for in place of a sweep. */
const payload = z.object({ now: instantSchema, parked: z.optional(z.enum(['list', 'retry'])) });

export const handler = task(payload, async ({ now, parked: asked }, context) => {
  const {
    TABLE_NAME: tableName,
    OUTBOX_FUNCTION: outboxFunction,
    PERSONAL_DATA_FUNCTION: personalDataFunction,
  } = environment('sweep');
  if (asked === 'list') return listParked(tableName);
  if (asked === 'retry') return { retried: await retryParked(tableName) };
  const sweep: Sweep = { table: referrals(tableName), tableName, outboxFunction, personalDataFunction, now };
  const isLate = () => (context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY) < LAST_MOMENTS_MS;
  const shards = await Promise.all(
    Array.from({ length: DUE_SHARDS }, (_, shard) => sweepShard(sweep, shard, isLate)),
  );
  const sum = (of: 'count' | 'failed' | 'left') => shards.reduce((total, shard) => total + shard[of], 0);
  const done = { count: sum('count'), failed: sum('failed'), left: sum('left') };
  const parked = await countParked(tableName);
  note(Message.sweepDone, { ...done, parked });
  // The others are done. Whoever called tries again.
  if (shards.some(({ listed }) => !listed)) throw new TaskError('NotListed');
  measure({ metric: 'SweepsDone', value: 1, by: {} }, now);
  return { ...done, parked };
});

/** `left`: 1 where there was no time to see whether there is more. `listed`: whether the index could be read. */
type Swept = { count: number; failed: number; left: 0 | 1; listed: boolean };

async function sweepShard(sweep: Sweep, shard: number, isLate: () => boolean): Promise<Swept> {
  const items = dueItems(sweep.tableName, shard, sweep.now);
  const swept: Swept = { count: 0, failed: 0, left: 0, listed: true };
  const next = async () => {
    try {
      return (await items.next()).value;
    } catch (error) {
      warn(Message.sweepNotListed, error);
      swept.listed = false;
      return undefined;
    }
  };
  const work = async () => {
    for (let item = await next(); item; item = await next()) {
      if (isLate()) {
        swept.left = 1;
        return;
      }
      swept.count += 1;
      try {
        await sweepItem(sweep, item);
      } catch (error) {
        swept.failed += 1;
        await giveWay(sweep, item, error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return swept;
}

/** What failed by a fault of its own makes way for the others. */
async function giveWay({ tableName, now }: Sweep, item: DueItem, error: unknown): Promise<void> {
  warn(Message.sweepItemFailed, error, named(item));
  if (!isOfItem(error)) return;
  try {
    const parked = await noteFailure(tableName, item, error, now);
    if (parked) warn(Message.sweepItemParked, error, named(item));
  } catch (failure) {
    warn(Message.sweepItemFailed, failure, named(item));
  }
}

async function sweepItem(
  { table, tableName, outboxFunction, personalDataFunction, now }: Sweep,
  { kind, id }: DueItem,
) {
  switch (kind) {
    case 'referral': {
      const changed = await table.change(
        id,
        now,
        (referral) =>
          actOnDue(withOpenLink(referral), now) ??
          warnOfErasure(referral, now) ??
          (isPutOff(referral, now) ? { ...referral } : { refused: 'not-now' }),
      );
      if (changed.state === 'missing') return;
      if (isOverdue(changed.referral, now)) {
        await deliverErasure(personalDataFunction, { act: 'retention', referralId: id }, now);
      } else await deliver(outboxFunction, changed.referral, now);
      return;
    }
    case 'cohort': {
      const cohort = await readCohort(tableName, id);
      if (!cohort) return;
      const asked = cohort.sessions.find(({ number }) => number === cohort.due?.session);
      const attended = asked !== undefined && (await isAttended(tableName, cohort, asked, now));
      await changeCohort(tableName, id, now, (current) => actOnCohortDue(current, attended, now) ?? current);
      await deliverCohort(outboxFunction, id, now);
      return;
    }
    case 'places':
      await deliverPlaces(outboxFunction, id, now);
      return;
    case 'provider':
      await deliverOffers(outboxFunction, id, 'digest', now);
      return;
    case 'erasure':
      await deliverErasure(personalDataFunction, { act: 'continue', reference: id }, now);
      return;
    case 'unknown':
      throw new UnknownKindError('the due index has something unknown');
  }
}

function named({ kind, id }: DueItem): FieldsOf['SWEEP_ITEM_FAILED'] {
  switch (kind) {
    case 'referral':
      return { referralId: id };
    case 'cohort':
      return { cohort: id };
    case 'places':
      return { programmeId: id };
    default:
      return {};
  }
}
