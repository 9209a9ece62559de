/** What is kept of a provider: the links to all of their offers, and when their email of the day is due. */
import * as z from 'zod/mini';
import { openOfferQuestion, waitsOnList } from './change.ts';
import { afterQuiet } from './quiet.ts';
import type { Offer, Referral } from './referral.ts';
import { after, isDue, londonDate, londonInstant, type Span } from './time.ts';

const instant = z.iso.datetime();

export const providerSchema = z.object({
  /** Counts writes. Every change is conditional on it. */
  version: z.int().check(z.nonnegative()),
  updatedAt: instant,
  /** SHA-256 of each secret sent, newest last. */
  hashes: z.array(z.object({ hash: z.string(), expiresAt: instant })),
  /** When the team last closed every link that had been sent to them; those to single offers and to whom they accepted, too. */
  linksClosedAt: z.optional(instant),
  /** When the email of the day is due, or, while somebody is at it, when it is tried again. */
  digestAt: z.optional(instant),
  /** When they were last sent a link to all of their open offers: they may know of every one that is older. Absent in what was recorded before that was noted. */
  toldAt: z.optional(instant),
  /** When an offer was last left to it. */
  wantedAt: z.optional(instant),
  /** The day (London) for which it was last sent. */
  sentFor: z.optional(z.iso.date()),
});
export type ProviderRecord = z.infer<typeof providerSchema>;

/** When the email of the day goes out, on the clock in London. */
export const DIGEST_TIME = '08:00';

/** How long a link to all offers works. Every email of the day brings a fresh one. */
export const OFFERS_LINK_LIFETIME: Span = { days: 14 };

/** How many secrets are remembered: the newest. */
const REMEMBERED = 20;

/** For so long whoever sends keeps others away; then it is tried again. */
const CLAIM: Span = { minutes: 10 };

/** The index of offers may lag behind: what was left to the email of the day is looked for once more. */
const LOOKED_FOR: Span = { days: 1 };

export function newProvider(now: string): ProviderRecord {
  return { version: 0, updatedAt: now, hashes: [] };
}

/** The next time in London at which the email of the day goes out, after `now`: not in quiet hours. */
export function nextDigest(now: string): string {
  const today = londonInstant(londonDate(now), DIGEST_TIME);
  const next = isDue(today, now) ? londonInstant(londonDate(after(now, { days: 1 })), DIGEST_TIME) : today;
  return afterQuiet(next);
}

/** An offer is left to the email of the day, in place of an email of its own. */
export function withDigest(provider: ProviderRecord, now: string): ProviderRecord {
  return { ...provider, wantedAt: now, digestAt: provider.digestAt ?? nextDigest(now) };
}

/** With the hash of a further secret, which works from `now`. */
export function withOffersLink(provider: ProviderRecord, hash: string, now: string): ProviderRecord {
  const expiresAt = after(now, OFFERS_LINK_LIFETIME);
  return { ...provider, toldAt: now, hashes: [...provider.hashes, { hash, expiresAt }].slice(-REMEMBERED) };
}

/** No link that was sent before opens any of their offers any more, or all of them. Those to single offers are compared with the moment (`isForReader`). */
export function closeOffersLinks(provider: ProviderRecord, now: string): ProviderRecord {
  const hashes = provider.hashes.map((each) =>
    isDue(each.expiresAt, now) ? each : { ...each, expiresAt: now },
  );
  return { ...provider, hashes, linksClosedAt: now };
}

/** Takes it on to send what is due. Refused where nothing is due, or somebody else is at it. */
export function claimDigest(provider: ProviderRecord, now: string): ProviderRecord | { refused: 'not-now' } {
  const { digestAt, sentFor } = provider;
  if (digestAt === undefined || !isDue(digestAt, now)) return { refused: 'not-now' };
  // Once a day, whatever was tried again.
  if (sentFor === londonDate(now)) return { ...provider, digestAt: nextDigest(now) };
  return { ...provider, digestAt: after(now, CLAIM) };
}

/** Notes whether an email of the day went out. With nothing to say there is none, and none tomorrow unless an offer comes. */
export function digestDone(
  provider: ProviderRecord,
  { sent, stillWanted }: { sent: boolean; stillWanted: boolean },
  now: string,
): ProviderRecord {
  const { digestAt: _claim, ...rest } = provider;
  const { wantedAt } = provider;
  const recent = wantedAt !== undefined && !isDue(after(wantedAt, LOOKED_FOR), now);
  return {
    ...rest,
    ...(sent ? { sentFor: londonDate(now) } : {}),
    ...((sent && stillWanted) || recent ? { digestAt: nextDigest(now) } : {}),
  };
}

/**
 * Whether a provider who wants an email of the day may know of an offer. What they were sent of it by itself counts, too: they may have wanted that then.
 */
export function knowsOf(
  provider: Pick<ProviderRecord, 'toldAt' | 'sentFor'> | undefined,
  { askedAt, seenAt, result }: Offer,
  { sent = [] }: Pick<Referral, 'sent'>,
): boolean {
  if (askedAt === undefined) return false;
  const { sentFor = '', toldAt = sentFor && londonInstant(sentFor, '23:59') } = provider ?? {};
  const wasSent = sent.some(({ to, at, notSent }) => to === 'provider' && at >= askedAt && !notSent);
  return seenAt !== undefined || result === 'accepted' || wasSent || toldAt >= askedAt;
}

/** Whether an open offer waits for the provider: not while the link worker has a question of theirs to answer, nor while the person is on the waiting list and no place is free. */
export function waitsForProvider(referral: Referral): boolean {
  return !waitsOnList(referral.offers.at(-1)) && openOfferQuestion(referral) === undefined;
}
