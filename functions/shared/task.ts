/** What every function that Step Functions, the scheduler or an operator calls has in common. */
import middy from '@middy/core';
import * as z from 'zod/mini';
import type { Outcome } from '../../workflows/change.ts';
import type { Referral, Step } from '../../workflows/referral.ts';
import { enterStep } from '../../workflows/steps.ts';
import { deliver } from './deliver.ts';
import { environment } from './environment.ts';
import { Message, note, warn } from './log.ts';
import { Referrals } from './record.ts';

/** An instant as AWS writes it (with or without fractions, any offset), as we write it. */
export const instantSchema = z.pipe(
  z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not a time')),
  z.transform((text: string) => new Date(text).toISOString()),
);

const referralIdSchema = z.string().check(z.regex(/^[a-f0-9]{32}$/));

/** Payload of every task: the referral, the moment that the state was entered, the execution's name. */
export const taskPayload = z.object({
  referralId: referralIdSchema,
  now: instantSchema,
  execution: z.string(),
});
const waitPayload = z.extend(taskPayload, { token: z.string() });

/** A failure as the state machine and the log may see it: a code, nothing that quotes data. */
export class TaskError extends Error {
  constructor(code: string) {
    super(`${code}: see the function's log`);
    this.name = code;
  }
}

/**
 * A handler for payloads of a schema. Whatever is thrown is logged without its text and thrown on as a code, because the error of a
 * function ends up in the execution's history.
 */
export function task<S extends z.ZodMiniType, R>(schema: S, handle: (payload: z.infer<S>) => Promise<R>) {
  return middy(async (payload: unknown) => {
    const parsed = schema.safeParse(payload);
    if (!parsed.success) throw new TaskError('InvalidPayload');
    return handle(parsed.data);
  }).onError((request) => {
    const error = request.error instanceof Error ? request.error : new Error('unknown');
    warn(Message.taskFailed, error);
    request.error = error instanceof TaskError ? error : new TaskError(error.name);
  });
}

/** Changes a referral by a rule, stores it, wakes the outbox. Throws TaskError('UnknownReferral'). */
export async function changeReferral(
  referralId: string,
  now: string,
  rule: (referral: Referral) => Outcome,
): Promise<Referral> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('writer');
  const changed = await referrals(TABLE_NAME).change(referralId, now, rule);
  if (changed.state === 'missing') throw new TaskError('UnknownReferral');
  const { referral } = changed;
  if (changed.state === 'refused') {
    note(Message.changeRefused, { referralId, stage: referral.stage, reason: changed.refusal.refused });
  } else {
    note(Message.referralChanged, { referralId, stage: referral.stage });
  }
  await deliver(OUTBOX_FUNCTION, referral, now);
  return referral;
}

/** The handler of a waiting step: records the token and asks, or answers at once when the referral is past it. */
export function awaitStep(step: Step) {
  return task(waitPayload, async ({ referralId, now, token, execution }) => {
    await changeReferral(referralId, now, (referral) => enterStep(referral, step, { token, execution }, now));
    return {};
  });
}

let shared: Referrals | undefined;

/** The referrals of this function's table; the client is made once and kept warm. */
export function referrals(table: string): Referrals {
  shared ??= new Referrals(table);
  return shared;
}
