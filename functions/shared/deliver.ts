/** Wakes the outbox function for a referral. If that fails nothing is lost: the sweep finds what the outbox holds. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Referral } from '../../workflows/referral.ts';
import { Message, warn } from './log.ts';

const lambda = new LambdaClient({});

/** Asks the outbox function, asynchronously, to do what the referral's outbox holds. */
export async function deliver(outboxFunction: string, referral: Referral, now: string): Promise<void> {
  if (referral.outbox.length === 0) return;
  await wake(outboxFunction, { referralId: referral.id, now });
}

/** The same for the emails about an entry of the directory. */
export async function deliverAssurance(
  outboxFunction: string,
  programmeId: string,
  now: string,
): Promise<void> {
  await wake(outboxFunction, { programmeId, now });
}

/** The same for what a cohort's outbox holds. */
export async function deliverCohort(outboxFunction: string, cohort: string, now: string): Promise<void> {
  await wake(outboxFunction, { cohort, now });
}

/** The same for the places of a programme that are to be settled. */
export async function deliverPlaces(outboxFunction: string, places: string, now: string): Promise<void> {
  await wake(outboxFunction, { places, now });
}

async function wake(
  FunctionName: string,
  about: { now: string } & (
    | { referralId: string }
    | { programmeId: string }
    | { cohort: string }
    | { places: string }
  ),
): Promise<void> {
  const { now, ...what } = about;
  try {
    await lambda.send(
      new InvokeCommand({
        FunctionName,
        InvocationType: 'Event',
        Payload: JSON.stringify({ ...what, now }),
      }),
    );
  } catch (error) {
    warn(Message.outboxNotInvoked, error, 'places' in what ? { programmeId: what.places } : what);
  }
}
