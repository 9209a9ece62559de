/** Tells the coordinator, once each, what concerns no single referral: an address of a provider or of the team does not work; email was held. */
import { addressIdOf, changeAddress, readAddress } from '../shared/addresses.ts';
import { everyProgramme } from '../shared/directory/directory.ts';
import type { AddressOf } from '../shared/email/service-messages.ts';
import { Message, note, warn } from '../shared/log.ts';
import { type MailSettings, writeServiceMail } from './mail.ts';
import type { Emptied, World } from './outbox.ts';
import { heldUntilNow, post } from './post.ts';

const NOTHING: Emptied = { done: 0, failed: 0 };

/**
 * Tells the coordinator that nothing gets through to an address, by its id, if it is a provider's or one of the team's; of other addresses the
 * referral's link workers hear. Rejects when it could not be sent: whoever asked asks again.
 */
export async function tellCoordinator(world: World, id: string, now: string): Promise<Emptied> {
  const address = await readAddress(world.table, id);
  if (!address?.dead || address.toldAt !== undefined) return NOTHING;
  const whose = whoseIs(id, world.mail);
  if (!whose) return NOTHING;
  const key = `address:${id}:${address.dead.at}`;
  const mail = await writeServiceMail({ kind: 'address', ...whose }, key, world.mail, now);
  const { sent } = await post(world, mail, { about: 'service', message: 'address', to: 'coordinator' }, now);
  await changeAddress(world.table, id, now, (newest) => ({ ...newest, toldAt: now }));
  return { done: sent ? 1 : 0, failed: 0 };
}

/** Whose an address is, as far as the coordinator can put it right: of a programme in the directory, or of the service's own settings. */
function whoseIs(
  id: string,
  { linkWorkerAddress, coordinatorAddress, teams }: MailSettings,
): { whose: AddressOf; programmeId?: string } | undefined {
  const programme = everyProgramme().find(({ provider }) => addressIdOf(provider.email) === id);
  if (programme) return { whose: 'provider', programmeId: programme.id };
  const isOurs = (address: string | undefined) => address !== undefined && addressIdOf(address) === id;
  if (isOurs(linkWorkerAddress) || teams.some(({ email }) => isOurs(email))) return { whose: 'link-worker' };
  return isOurs(coordinatorAddress) ? { whose: 'coordinator' } : undefined;
}

/** An email went out that had been tried before: where all email was held meanwhile, the coordinator hears so once. Never rejects. */
export async function sayIfHeld(world: World, now: string): Promise<void> {
  try {
    const since = await heldUntilNow(world.table, now);
    if (since === undefined) return;
    const mail = await writeServiceMail({ kind: 'held', since }, `held:${since}`, world.mail, now);
    await post(world, mail, { about: 'service', message: 'held', to: 'coordinator' }, now);
    note(Message.outboxEntryDone, { key: 'held' });
  } catch (error) {
    warn(Message.outboxEntryFailed, error, { key: 'held' });
  }
}
