/**
 * An operator's command: gives every open referral a new execution, made from the table, and the keys by which the same person is found
 * where an older version stored none. Safe to run again.
 */
import * as z from 'zod/mini';
import { happened, nextExecution } from '../../workflows/change.ts';
import type { PersonKeys, Referral } from '../../workflows/referral.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note, warn } from '../shared/log.ts';
import { personKeysOf } from '../shared/person-index.ts';
import { referrals } from '../shared/record.ts';
import { instantSchema, task } from '../shared/task.ts';

export const handler = task(z.object({ now: instantSchema }), async ({ now }) => {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('rebuild');
  const table = referrals(TABLE_NAME);
  let count = 0;
  let failed = 0;
  for await (const id of table.open()) {
    try {
      const read = await table.read(id);
      const personKeys = read && (hasKeys(read) ? read.personKeys : await personKeysOf(read.person));
      const changed = await table.change(
        id,
        now,
        (referral) =>
          referral.stage === 'closed'
            ? { refused: 'already-decided' }
            : happened(
                nextExecution(findable(referral, personKeys), now),
                now,
                'operator',
                'execution-rebuilt',
              ),
        read,
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

/** With keys, unless somebody gave it all of its own meanwhile. */
function findable(referral: Referral, personKeys: PersonKeys | undefined): Referral {
  return personKeys && !hasKeys(referral) ? { ...referral, personKeys } : referral;
}

function hasKeys({ personKeys }: Referral): boolean {
  return personKeys?.name !== undefined;
}
