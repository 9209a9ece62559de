/** One email to a provider with a link to all of their open offers and groups: each day where they want that, or when they ask for fresh links. */

import type { OutboxEntry } from '../../workflows/outbox-entry.ts';
import {
  claimDigest,
  digestDone,
  knowsOf,
  type ProviderRecord,
  waitsForProvider,
  withDigest,
  withOffersLink,
} from '../../workflows/provider.ts';
import type { Referral } from '../../workflows/referral.ts';
import { londonDate } from '../../workflows/time.ts';
import { addressIdOf, readAddress } from '../shared/addresses.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { mintToken } from '../shared/links.ts';
import { Message, note } from '../shared/log.ts';
import { openOffersOf } from '../shared/open-offers.ts';
import { addressOf, changeProvider, programmesOf, providerIdOf, readProvider } from '../shared/providers.ts';
import { runningGroupsOf } from '../shared/running-groups.ts';
import { writeOffersMail } from './mail.ts';
import type { World } from './outbox.ts';
import { post } from './post.ts';

type EmailEntry = Extract<OutboxEntry, { kind: 'email' }>;
type Done = { done: number; failed: number };
const NOTHING: Done = { done: 0, failed: 0 };

/** What the email of the day says in place of an email of its own. The others are answers, or about whom they accepted. */
const IN_THE_DIGEST: ReadonlySet<string> = new Set(['offer', 'offer-reminder', 'place-free']);

/** Leaves an email to the one of the day, where its provider wants that. True when it did. */
export async function leftToDigest(
  { table }: Pick<World, 'table'>,
  { to, message, programmeId }: EmailEntry,
  now: string,
): Promise<boolean> {
  const provider = to === 'provider' ? findProgramme(programmeId)?.provider : undefined;
  if (!provider?.digest || !IN_THE_DIGEST.has(message)) return false;
  // Where nothing arrives it must not wait for an email of the day: it is said at once that it was not sent.
  if ((await readAddress(table, addressIdOf(provider.email)))?.dead) return false;
  await changeProvider(table, providerIdOf(provider.email), now, (before) => withDigest(before, now));
  return true;
}

/** Whether an email takes back an offer of which its provider has not heard: it was left to an email of the day that is still to come. */
export async function isUnheardOf(
  { table }: Pick<World, 'table'>,
  referral: Referral,
  { to, message, programmeId }: EmailEntry,
): Promise<boolean> {
  if (to !== 'provider' || message !== 'offer-withdrawn') return false;
  const provider = findProgramme(programmeId)?.provider;
  const offer = referral.offers.findLast((each) => each.programmeId === programmeId);
  if (!provider?.digest || !offer) return false;
  return !knowsOf(await readProvider(table, providerIdOf(provider.email)), offer, referral);
}

/** Sends the email of the day, if it is due, nobody else is at it, and something waits for the provider. */
export async function sendDigest(world: World, id: string, now: string): Promise<Done> {
  const claimed = await changeProvider(world.table, id, now, (before) => claimDigest(before, now));
  if (claimed.state === 'refused' || isOver(claimed.item, now)) return NOTHING;
  const sent = await sendOffers(world, id, 'digest', now);
  const stillWanted = programmesOf(id).some(({ provider }) => provider.digest);
  await changeProvider(world.table, id, now, (before) => digestDone(before, { sent, stillWanted }, now));
  return { done: sent ? 1 : 0, failed: 0 };
}

/** Whether what was due was sent today before. */
function isOver({ sentFor }: ProviderRecord, now: string): boolean {
  return sentFor === londonDate(now);
}

/** Sends fresh links to whoever has an address, if the directory has it: also when nothing is open, so that they need not wait. */
export async function sendFreshLinks(world: World, id: string, now: string): Promise<Done> {
  return { done: (await sendOffers(world, id, 'links', now)) ? 1 : 0, failed: 0 };
}

async function sendOffers(world: World, id: string, why: 'digest' | 'links', now: string): Promise<boolean> {
  const programmes = programmesOf(id);
  const to = addressOf(programmes);
  if (to === undefined) return false;
  const ids = programmes.map((programme) => programme.id);
  const [{ offers, more }, { groups }] = await Promise.all([
    openOffersOf(world.table, ids),
    runningGroupsOf(world.table, ids, now),
  ]);
  const waiting = offers.filter(({ referral }) => waitsForProvider(referral));
  if (why === 'digest' && waiting.length === 0) return false;
  const { token, hash } = mintToken(id);
  const leadsSomewhere = offers.length + groups.length > 0;
  if (leadsSomewhere) {
    await changeProvider(world.table, id, now, (before) => withOffersLink(before, hash, now));
  }
  const raw = await writeOffersMail(
    why,
    {
      ...{ to, more, open: offers.length },
      waiting: waiting.map(({ referral }) => referral),
      missing: groups.filter(({ missing }) => missing.length > 0).map(({ cohort }) => cohort.reference),
      path: leadsSomewhere ? `offers/${token}` : undefined,
      // The same for a whole day: sent twice by an accident, it can be recognised.
      key: why === 'digest' ? `offers:${id}:${londonDate(now)}` : `offers:${id}:${now}`,
    },
    world.mail,
    now,
  );
  const tags = { about: 'provider', id, message: why, to: 'provider' } as const;
  // Not sent, it is done with all the same: the coordinator and the link workers of every open offer hear that the address does not work.
  const { sent } = await post(world, { to, raw }, tags, now);
  if (sent) note(Message.offersSent, { reason: why, count: offers.length });
  return true;
}
