/**
 * An operator's command: gives every open referral a new execution, made from the table, and the keys by which the same person is found where an
 * older version stored none or others; or lets closed ones be looked at when today's periods of retention say so. It does a slice of the table and says where the next one begins, so that whoever calls it (infra/operate.ts) can go on
 * after any failure. `now` names the run: what was done in it is not done again, however often a slice is.
 */
import { setTimeout } from 'node:timers/promises';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { happened, nextExecution } from '../../workflows/change.ts';
import type { PersonKeys, Referral } from '../../workflows/referral.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note, warn } from '../shared/log.ts';
import { personKeysOf } from '../shared/person-index.ts';
import { nextDue, referrals } from '../shared/record.ts';
import { instantSchema, task } from '../shared/task.ts';
import { type Found, referralsIn } from './open.ts';

const REBUILT = 'execution-rebuilt';

const payload = z.object({
  now: instantSchema,
  /** Where the slice begins: what the one before said; absent at the beginning of the table. */
  cursor: z.optional(z.string()),
  /** Changes nothing: only counts. */
  dryRun: z.optional(z.boolean()),
  /** Leaves alone what has an execution that runs. */
  onlyMissing: z.optional(z.boolean()),
  /** Of closed referrals, and of no execution: those that the due index has by other periods of retention are written anew. */
  retention: z.optional(z.boolean()),
  /** At most so many a second, so that Step Functions takes them all; as quick as it goes where it is left out. */
  perSecond: z.optional(z.int().check(z.minimum(1), z.maximum(1000))),
});

/** What came of a slice. `stages`: how many were, or would be, started anew, by stage. `cursor` is absent after the last. */
export type Slice = {
  count: number;
  failed: number;
  /** Left alone: their execution runs, or was made in this run before. */
  skipped: number;
  stages: Partial<Record<string, number>>;
  cursor?: string;
};

export const handler = task(payload, async ({ now, cursor, dryRun, onlyMissing, retention, perSecond }) => {
  const { TABLE_NAME, STATE_MACHINE_ARN } = environment('rebuild');
  const { found, next } = await referralsIn(TABLE_NAME, retention ? 'closed' : 'open', cursor);
  const slice: Slice = { count: 0, failed: 0, skipped: 0, stages: {} };
  for (const referral of found) {
    const pace = perSecond === undefined ? undefined : setTimeout(1000 / perSecond);
    try {
      const wanted = retention
        ? await isLookedAtWrongly(referral)
        : !(onlyMissing && (await runs(STATE_MACHINE_ARN, referral.execution)));
      const isDone =
        wanted && (dryRun || (await (retention ? writeAnew(referral.id, now) : rebuild(referral.id, now))));
      if (isDone) {
        slice.count += 1;
        slice.stages[referral.stage] = (slice.stages[referral.stage] ?? 0) + 1;
      } else slice.skipped += 1;
    } catch (error) {
      slice.failed += 1;
      warn(Message.rebuildFailed, error, { referralId: referral.id });
    }
    await pace;
  }
  note(Message.rebuildDone, { count: slice.count, failed: slice.failed });
  return next === undefined ? slice : { ...slice, cursor: next };
});

/** Gives a referral a new execution. False where it has one of this run, is closed, or gone. */
async function rebuild(id: string, now: string): Promise<boolean> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('rebuild');
  const table = referrals(TABLE_NAME);
  const read = await table.read(id);
  const personKeys = read && (await personKeysOf(read.person));
  const changed = await table.change(
    id,
    now,
    (referral) =>
      referral.stage === 'closed' || isOfRun(referral, now)
        ? { refused: 'already-decided' }
        : happened(nextExecution(findable(referral, read, personKeys), now), now, 'operator', REBUILT),
    read,
  );
  if (changed.state === 'missing') return false;
  await deliver(OUTBOX_FUNCTION, changed.referral, now);
  return changed.state === 'stored';
}

/** Whether the due index has a closed referral at another time than what it says itself and the periods in force make of it. */
async function isLookedAtWrongly({ id, dueAt }: Found): Promise<boolean> {
  const referral = await referrals(environment('rebuild').TABLE_NAME).read(id);
  return referral?.stage === 'closed' && nextDue(referral) !== dueAt;
}

async function writeAnew(id: string, now: string): Promise<boolean> {
  const changed = await referrals(environment('rebuild').TABLE_NAME).change(id, now, (referral) => ({
    ...referral,
  }));
  return changed.state === 'stored';
}

function isOfRun({ history }: Referral, now: string): boolean {
  return history.some(({ event, at }) => event === REBUILT && at === now);
}

let client: SFNClient | undefined;

/** Whether an execution is there and has not ended. */
async function runs(stateMachineArn: string, { name }: Found['execution']): Promise<boolean> {
  client ??= new SFNClient({});
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  try {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING';
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
}

/** With keys as they are made today, unless the person's details may have changed since they were `read`. */
function findable(
  referral: Referral,
  read: Referral | undefined,
  personKeys: PersonKeys | undefined,
): Referral {
  return personKeys && referral.version === read?.version ? { ...referral, personKeys } : referral;
}
