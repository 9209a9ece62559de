/** Tells whoever has to act now that nothing reaches an address: the referral's link workers, or the coordinator. */
import { openOffer } from '../../workflows/change.ts';
import type { Recipient } from '../../workflows/outbox-entry.ts';
import type { Referral, Undelivered } from '../../workflows/referral.ts';
import { noteUndelivered } from '../../workflows/undelivered.ts';
import { addressIdOf } from '../shared/addresses.ts';
import { deliver, deliverAddress } from '../shared/deliver.ts';
import { everyProgramme, findProgramme } from '../shared/directory/directory.ts';
import { referralTagsSchema } from '../shared/email/tags.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { openOffersOf } from '../shared/open-offers.ts';
import { referrals } from '../shared/record.ts';

type Why = Undelivered['why'];

/** Has the referral of an email note that it did not arrive, unless its recipient has another address by now; and the coordinator told of others. */
export async function tellAbout(
  table: string,
  addressId: string,
  why: Why,
  { messageId, tags }: { messageId: string; tags?: Record<string, string[]> | undefined },
  now: string,
): Promise<void> {
  const read = referralTagsSchema.safeParse(tags);
  if (!read.success) {
    // Of a group, of the directory, or of no email of ours: then the address is nobody's whom the outbox knows.
    await deliverAddress(environment('writer').OUTBOX_FUNCTION, addressId, now);
    return;
  }
  const [id] = read.data.id;
  const [message] = read.data.message;
  const [to] = read.data.to;
  const link = read.data.link?.[0];
  if (to === 'link-worker' || to === 'coordinator' || to === 'provider') {
    await deliverAddress(environment('writer').OUTBOX_FUNCTION, addressId, now);
  }
  if (to === 'link-worker' || to === 'coordinator') return;
  const missed = { id: messageId, message, to, ...(link === undefined ? {} : { link }) };
  await change(table, id, now, (referral) =>
    addressesOf(referral, to).some((address) => addressIdOf(address) === addressId)
      ? noteUndelivered(referral, { to, why, missed }, now)
      : referral,
  );
}

/**
 * Where the address is a provider's, none of their open offers may lie in silence until it is released: the link workers of each hear of it, also
 * where the email about it had arrived, or was to come in the one of the day.
 */
export async function tellOffersOf(
  table: string,
  addressId: string,
  why: Why,
  messageId: string,
  now: string,
): Promise<void> {
  const theirs = everyProgramme().filter(({ provider }) => addressIdOf(provider.email) === addressId);
  if (theirs.length === 0) return;
  const { offers } = await openOffersOf(
    table,
    theirs.map(({ id }) => id),
  );
  for (const { referral, offer } of offers) {
    const missed = {
      id: messageId,
      message: 'offer',
      to: 'provider',
      link: `offer-${offer.number}`,
    } as const;
    await change(table, referral.id, now, (newest) =>
      openOffer(newest)?.number === offer.number && !toldOf(newest)
        ? noteUndelivered(newest, { to: 'provider', why, missed }, now)
        : newest,
    );
  }
}

/** Whether its link workers know that the provider is not reached. */
function toldOf({ undelivered = [] }: Referral): boolean {
  return undelivered.some(({ to, settledAt }) => to === 'provider' && settledAt === undefined);
}

async function change(
  table: string,
  id: string,
  now: string,
  rule: (referral: Referral) => Referral,
): Promise<void> {
  const changed = await referrals(table).change(id, now, rule);
  if (changed.state === 'missing') {
    note(Message.emailEventUnknown, { referralId: id });
    return;
  }
  await deliver(environment('writer').OUTBOX_FUNCTION, changed.referral, now);
}

/** The addresses that a recipient has in the referral, or the directory, now. */
function addressesOf(referral: Referral, to: Recipient): string[] {
  const { person, referrer } = referral;
  const known: Partial<Record<Recipient, (string | undefined)[]>> = {
    person: [person.email],
    referrer: [referrer.email, referrer.respondTo?.email],
    'gp-practice': [person.gpPracticeEmail],
    provider: referral.offers.map(({ programmeId }) => findProgramme(programmeId)?.provider.email),
  };
  return (known[to] ?? []).filter((address) => address !== undefined);
}
