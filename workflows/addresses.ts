/** What is known of an email address from what came back: when nothing is sent there any more, and when it is again. */
import * as z from 'zod/mini';
import { UNDELIVERED_WHY } from './referral.ts';
import { after, isDue, type Span } from './time.ts';

const instant = z.iso.datetime();

/** So many passing bounces within that time, and an address counts as one that does not work: a full inbox is one that nobody reads. */
export const BOUNCE_POLICY = { times: 3, within: { days: 30 } } as const satisfies {
  times: number;
  within: Span;
};

/** What is known of an address. The address itself is not kept with it: the item has its hash (functions/shared/addresses.ts). */
export const addressSchema = z.object({
  /** Counts writes. Every change is conditional on it. */
  version: z.int().check(z.nonnegative()),
  updatedAt: instant,
  /** Nothing is sent there, and why. */
  dead: z.optional(z.object({ why: z.enum(UNDELIVERED_WHY), at: instant })),
  /** Bounces that may pass, each once, oldest first. */
  bounces: z.array(z.object({ id: z.string(), at: instant })),
  /** When a mail server last put email off. */
  delayedAt: z.optional(instant),
  /** When somebody said that it works: what was sent before says nothing any more. */
  liftedAt: z.optional(instant),
  /** When the coordinator was told of it, where it is a provider's or the team's. */
  toldAt: z.optional(instant),
  /** The events that came last, so that a repeat is known as one. */
  heard: z.optional(z.array(z.string())),
});
export type AddressRecord = z.infer<typeof addressSchema>;

/** What came back about an email to one address. */
export type MailEvent = {
  /** The same for the same event, however often it comes. */
  id: string;
  kind: 'permanent' | 'passing' | 'complaint' | 'reject' | 'delay';
  at: string;
  /** When the email was sent. */
  sentAt: string;
};

export function newAddress(now: string): AddressRecord {
  return { version: 0, updatedAt: now, bounces: [] };
}

const WHY = { permanent: 'bounced', complaint: 'complained', reject: 'rejected' } as const;

/** So many events are remembered: a repeat comes within hours. */
const MOST_HEARD = 20;

/** Whether this very event came before. */
export function isHeard({ heard = [] }: AddressRecord, event: MailEvent): boolean {
  return heard.includes(nameOf(event));
}

/** Learns from an event as {@link learn} does, and remembers that it came. */
export function hear(address: AddressRecord, event: MailEvent): AddressRecord {
  if (isHeard(address, event)) return address;
  const heard = [...(address.heard ?? []), nameOf(event)].slice(-MOST_HEARD);
  return { ...learn(address, event), heard };
}

/** An email that is put off again and again has a delay of its own for each time. */
function nameOf({ kind, id, at }: MailEvent): string {
  return `${kind} ${id} ${at}`;
}

/** Learns from an event, in whatever order they come. What is known already, and what is older than a correction, changes nothing. */
export function learn(address: AddressRecord, event: MailEvent): AddressRecord {
  const { id, kind, at, sentAt } = event;
  if (address.dead || (address.liftedAt !== undefined && sentAt < address.liftedAt)) return address;
  if (kind === 'delay') {
    return address.delayedAt !== undefined && address.delayedAt >= at
      ? address
      : { ...address, delayedAt: at };
  }
  if (kind !== 'passing') return { ...address, dead: { why: WHY[kind], at } };
  if (address.bounces.some((bounce) => bounce.id === id)) return address;
  const all = [...address.bounces, { id, at }].sort((a, b) => a.at.localeCompare(b.at));
  const newest = all.at(-1)?.at ?? at;
  const bounces = all.filter((bounce) => !isDue(after(bounce.at, BOUNCE_POLICY.within), newest));
  return bounces.length < BOUNCE_POLICY.times
    ? { ...address, bounces }
    : { ...address, bounces, dead: { why: 'bounced', at: newest } };
}

/** Somebody said that the address works. */
export function lift(address: AddressRecord, now: string): AddressRecord {
  const { dead: _dead, toldAt: _told, ...rest } = address;
  return { ...rest, bounces: [], liftedAt: now };
}
