/** Sends one email: never to an address that does not work, and with what it takes to find out whom it was for if it comes back. */
import * as z from 'zod/mini';
import type { AddressRecord } from '../../workflows/addresses.ts';
import { addressIdOf, readAddress } from '../shared/addresses.ts';
import type { MailTags } from '../shared/email/tags.ts';
import { Message, note, warn } from '../shared/log.ts';
import { measure } from '../shared/metrics.ts';
import { changeVersioned, readVersioned } from '../shared/versioned.ts';
import type { Effects } from './effects.ts';

/** An email, ready to be sent. */
export type Mail = { to: string; raw: Uint8Array };

/** Whether an email was sent; if not, why nothing reaches its address. */
export type Posted = { sent: true } | { sent: false; why: NonNullable<AddressRecord['dead']>['why'] };

/** Sends it, unless it is known that nothing reaches the address. Rejects when it has to be tried again: with a SendingHeldError where SES takes no email. */
export async function post(
  { table, effects }: { table: string; effects: Pick<Effects, 'send'> },
  mail: Mail,
  tags: MailTags,
  now: string,
): Promise<Posted> {
  const { dead } = (await readAddress(table, addressIdOf(mail.to))) ?? {};
  if (dead) {
    note(Message.emailNotSent, { key: tags.message, reason: dead.why });
    measure({ metric: 'EmailsNotSent', value: 1, by: {} }, now);
    return { sent: false, why: dead.why };
  }
  try {
    await effects.send({ ...mail, tags });
  } catch (error) {
    if (error instanceof Error && HELD.has(error.name)) {
      throw new SendingHeldError(error.name, { cause: error });
    }
    throw error;
  }
  measure({ metric: 'EmailsSent', value: 1, by: {} }, now);
  return { sent: true };
}

/** SES takes no email from anybody for a while: the one that was to be sent is not at fault. */
export class SendingHeldError extends Error {
  override name = 'SendingHeldError';
}

/** What SES calls it: sending is paused, for the account or the configuration set; or there was too much in a second or a day. */
const HELD: ReadonlySet<string> = new Set([
  'AccountSendingPausedException',
  'ConfigurationSetSendingPausedException',
  'Throttling',
  'ThrottlingException',
  'LimitExceededException',
  'TooManyRequestsException',
]);

/** Tries that failed for that reason count no further than this: the next is within the hour, and no referral is at fault. */
const MOST_HELD_TRIES = 2;

/** An entry that was tried while SES took nothing. */
export function heldBack<E extends { attempts: number }>(entry: E): E {
  return { ...entry, attempts: Math.min(entry.attempts, MOST_HELD_TRIES) };
}

const sendingSchema = z.object({
  version: z.int(),
  updatedAt: z.iso.datetime(),
  /** Since when email is held; absent while it goes out. */
  heldSince: z.optional(z.iso.datetime()),
});
type Sending = z.infer<typeof sendingSchema>;

const sendingIn = (table: string) => ({
  ...{ table, pk: 'SENDING', sk: 'SENDING', schema: sendingSchema },
  due: () => undefined,
});

/** Notes that SES takes no email. Whatever fails here must not stand in the way of the rest. */
export async function noteHeld(table: string, now: string): Promise<void> {
  try {
    const first = { version: 0, updatedAt: now };
    await changeVersioned<Sending>(
      sendingIn(table),
      now,
      (sending) => (sending.heldSince === undefined ? { ...sending, heldSince: now } : sending),
      first,
    );
  } catch (error) {
    warn(Message.sendingNotNoted, error);
  }
}

/** Since when email was held, told to one of those who ask when it goes out again; undefined where it was not, or somebody else was told. */
export async function heldUntilNow(table: string, now: string): Promise<string | undefined> {
  const before = await readVersioned<Sending>(sendingIn(table));
  if (before?.heldSince === undefined) return undefined;
  let since: string | undefined;
  await changeVersioned<Sending>(sendingIn(table), now, (sending) => {
    since = sending.heldSince;
    const { heldSince: _over, ...rest } = sending;
    return since === undefined ? { refused: 'not-now' } : rest;
  });
  return since;
}
