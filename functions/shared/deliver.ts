/** Wakes the outbox function for a referral. If that fails nothing is lost: the sweep finds what the outbox holds. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Referral } from '../../workflows/referral.ts';
import { Message, warn } from './log.ts';

const lambda = new LambdaClient({});

/** Asks the outbox function, asynchronously, to do what the referral's outbox holds. */
export async function deliver(outboxFunction: string, referral: Referral, now: string): Promise<void> {
  if (referral.outbox.length === 0) return;
  try {
    await lambda.send(
      new InvokeCommand({
        FunctionName: outboxFunction,
        InvocationType: 'Event',
        Payload: JSON.stringify({ referralId: referral.id, now }),
      }),
    );
  } catch (error) {
    warn(Message.outboxNotInvoked, error, { referralId: referral.id });
  }
}
