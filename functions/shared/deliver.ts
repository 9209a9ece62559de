/** Wakes the outbox function for a referral. If that fails nothing is lost: the sweep finds what the outbox holds. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Referral } from '../../workflows/referral.ts';
import { Message, warn } from './log.ts';
import type { FieldsOf } from './log-fields.ts';

const lambda = new LambdaClient({});

/** Asks the outbox function, asynchronously, to do what the referral's outbox holds. */
export async function deliver(outboxFunction: string, referral: Referral, now: string): Promise<void> {
  if (referral.outbox.length === 0) return;
  await wake(outboxFunction, { referralId: referral.id, now }, { referralId: referral.id });
}

/** The same for the emails about an entry of the directory. */
export async function deliverAssurance(
  outboxFunction: string,
  programmeId: string,
  now: string,
): Promise<void> {
  await wake(outboxFunction, { programmeId, now }, { programmeId });
}

/** The same for what a cohort's outbox holds. */
export async function deliverCohort(outboxFunction: string, cohort: string, now: string): Promise<void> {
  await wake(outboxFunction, { cohort, now }, { cohort });
}

/** The same for the places of a programme that are to be settled. */
export async function deliverPlaces(outboxFunction: string, places: string, now: string): Promise<void> {
  await wake(outboxFunction, { places, now }, { programmeId: places });
}

/** Has an execution stopped. Rejects when it could not be asked for: whoever needs it tries again. */
export async function deliverStop(outboxFunction: string, stop: string, now: string): Promise<void> {
  await invoke(outboxFunction, { stop, now });
}

/** Has the coordinator told that nothing reaches an address, by its id. Rejects when that fails: nothing else would bring it up again. */
export async function deliverAddress(outboxFunction: string, address: string, now: string): Promise<void> {
  await invoke(outboxFunction, { address, now });
}

/** Has a provider, by the hash of an address, sent what is due to them or was asked for. */
export async function deliverOffers(
  outboxFunction: string,
  provider: string,
  why: 'digest' | 'links',
  now: string,
): Promise<void> {
  await wake(outboxFunction, { provider, why, now }, {});
}

/** What an erasure is about: a referral that has been kept long enough, or one that was begun, by its reference. */
export type ErasureAsked = { act: 'retention'; referralId: string } | { act: 'continue'; reference: string };

/** Asks the erasure function, asynchronously, to do or to go on with an erasure. If that fails nothing is lost: it is due until it is done. */
export async function deliverErasure(
  personalDataFunction: string,
  asked: ErasureAsked,
  now: string,
): Promise<void> {
  try {
    await invoke(personalDataFunction, { ...asked, now });
  } catch (error) {
    warn(Message.erasureNotInvoked, error, asked.act === 'retention' ? { referralId: asked.referralId } : {});
  }
}

/** `about`: what the log may say where it fails. */
async function wake(
  FunctionName: string,
  payload: object,
  about: FieldsOf['OUTBOX_NOT_INVOKED'],
): Promise<void> {
  try {
    await invoke(FunctionName, payload);
  } catch (error) {
    warn(Message.outboxNotInvoked, error, about);
  }
}

async function invoke(FunctionName: string, payload: object): Promise<void> {
  await lambda.send(
    new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: JSON.stringify(payload) }),
  );
}
