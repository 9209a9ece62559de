/** What every function that Step Functions, the scheduler or an operator calls has in common. */
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { logAbout, Message, warn } from './log.ts';

/** An instant as AWS writes it (with or without fractions, any offset), as we write it. */
export const instantSchema = z.pipe(
  z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not a time')),
  z.transform((text: string) => new Date(text).toISOString()),
);

const referralIdSchema = z.string().check(z.regex(/^[a-f0-9]{32}$/));

/** Which referral a payload is about and when it was sent, whatever else is wrong with it. EventBridge calls it `time`. */
const aboutWhat = z.object({
  referralId: z.optional(referralIdSchema),
  now: z.optional(instantSchema),
  time: z.optional(instantSchema),
});

/** Payload of every task: the referral, the moment that the state was entered, the execution's name. */
export const taskPayload = z.object({
  referralId: referralIdSchema,
  now: instantSchema,
  execution: z.string(),
});
/** Payload of a waiting step: also the token that answers it. */
export const waitPayload = z.extend(taskPayload, { token: z.string() });

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
export function task<S extends z.ZodMiniType, R>(
  schema: S,
  handle: (payload: z.infer<S>, context: Partial<Context>) => Promise<R>,
) {
  return middy(async (payload: unknown, context: Context) => {
    const about = aboutWhat.safeParse(payload);
    logAbout(about.success ? { ...about.data, now: about.data.now ?? about.data.time } : {});
    const parsed = schema.safeParse(payload);
    if (!parsed.success) throw new TaskError('InvalidPayload');
    return handle(parsed.data, context);
  }).onError((request) => {
    const error = request.error instanceof Error ? request.error : new Error('unknown');
    warn(Message.taskFailed, error);
    request.error = error instanceof TaskError ? error : new TaskError(error.name);
  });
}
