/** The links that people get by email: how long each works. Minting and checking are in functions/shared/links.ts. */
import type { Link, LinkPurpose, Referral } from './referral.ts';
import { after, isDue, type Span } from './time.ts';

/** From the moment its email is sent. A reminder carries a fresh link. Whoever reviews or makes a welfare contact signs in, and gets none. */
const linkLifetime: Record<Exclude<LinkPurpose, 'review' | 'welfare'>, Span> = {
  information: { days: 21 },
  // It opens the contact details of whom the provider accepted, so it outlives twelve weekly sessions.
  offer: { days: 180 },
  person: { days: 365 },
  status: { days: 365 },
  letters: { days: 90 },
  // About as long as until they are asked the next time.
  measures: { days: 42 },
};

/** How many secrets of one link are remembered: the newest ones. A reminder never spoils the email before it. */
const REMEMBERED = 30;

/**
 * Of the person's link, by which a calendar is fetched as well: a weekly programme reminds of each session and tells of each change for as long as a
 * secret works. At about a hundred bytes each that is 15 KB of an item's 400.
 */
const REMEMBERED_OF_PERSON = 150;

/**
 * The link with a further secret's hash, working from `now` for its purpose's lifetime. `to`: the id of the provider's address that it goes to.
 * Throws for a link that nobody is sent.
 */
export function withHash(link: Link, hash: string, now: string, to?: string): Link {
  const { purpose } = link;
  if (purpose === 'review' || purpose === 'welfare') throw new Error(`a ${purpose} has no secret`);
  const expiresAt = after(now, linkLifetime[purpose]);
  const remembered = purpose === 'person' ? REMEMBERED_OF_PERSON : REMEMBERED;
  const secret = { hash, expiresAt, ...(to === undefined ? {} : { to, at: now }) };
  return { ...link, hashes: [...link.hashes, secret].slice(-remembered) };
}

/**
 * Whether a secret that was sent to a provider still opens something for whoever reads at the address that the directory has now: it went there, and
 * since the team closed every link that had gone there (`linksClosedAt`). Without what was noted of it, it counts as sent there, before any closing.
 */
export function isForReader(
  { to, at }: Link['hashes'][number],
  reader: { id: string | undefined; linksClosedAt?: string | undefined },
): boolean {
  if (to !== undefined && to !== reader.id) return false;
  return reader.linksClosedAt === undefined || (at !== undefined && !isDue(at, reader.linksClosedAt));
}

/**
 * Whether whoever has the link may still be about to use it: it was sent at `sentAt` or since, is neither used nor taken back, and has not run out. What a changed
 * address closed before its time counts.
 */
export function isAwaited(
  { purpose, hashes, recorded, revokedAt }: Link,
  sentAt: string,
  now: string,
): boolean {
  if (recorded || revokedAt || purpose === 'review' || purpose === 'welfare') return false;
  return [after(sentAt, linkLifetime[purpose]), ...hashes.map(({ expiresAt }) => expiresAt)].some(
    (until) => !isDue(until, now),
  );
}

/** The link with every secret that it has opening nothing from `now` on: somebody else may read where it was sent. */
export function closed(link: Link, now: string): Link {
  const hashes = link.hashes.map(({ hash, expiresAt }) => ({
    hash,
    expiresAt: expiresAt < now ? expiresAt : now,
  }));
  return { ...link, hashes };
}

/** What a link's secret opens: nothing (`unknown`), nothing any more, or the link. */
export type LinkCheck =
  | { state: 'unknown' }
  | { state: 'expired' }
  /** `expired`: its secret would open nothing any more either way. */
  | { state: 'revoked'; id: string; link: Link; expired: boolean }
  | { state: 'open'; id: string; link: Link };

/** Finds the link of `purpose` whose secret has this hash. Revoked wins over expired: it says why. */
export function checkLink(referral: Referral, purpose: LinkPurpose, hash: string, now: string): LinkCheck {
  for (const [id, link] of Object.entries(referral.links)) {
    if (link.purpose !== purpose) continue;
    const found = link.hashes.find((candidate) => sameHash(candidate.hash, hash));
    if (!found) continue;
    const expired = isDue(found.expiresAt, now);
    if (link.revokedAt) return { state: 'revoked', id, link, expired };
    if (expired) return { state: 'expired' };
    return { state: 'open', id, link };
  }
  return { state: 'unknown' };
}

/** Compares without leaving early; both are hashes of the same length. */
function sameHash(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
