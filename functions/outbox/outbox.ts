/**
 * Empties a referral's outbox: claims what is due, does it, notes what is done. A crash in between leaves the claim, which runs
 * out, and the sweep tries again; so everything is done at least once.
 */

import { email } from '../../workflows/change.ts';
import { welcome } from '../../workflows/cohort.ts';
import { tellUntilSettled } from '../../workflows/concerns.ts';
import { dangerStands } from '../../workflows/danger.ts';
import { asOthersSee } from '../../workflows/held-back.ts';
import { withHash } from '../../workflows/links.ts';
import type { OutboxEntry } from '../../workflows/outbox-entry.ts';
import {
  isOwn,
  type Link,
  MOST_SENT,
  type Referral,
  type SentEmail,
  type Undelivered,
} from '../../workflows/referral.ts';
import { isEnded } from '../../workflows/steps.ts';
import { after, isDue, type Span } from '../../workflows/time.ts';
import { noteUndelivered } from '../../workflows/undelivered.ts';
import { changeCohort, cohortItemId } from '../shared/cohorts.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { signsIn } from '../shared/email/wordings.ts';
import { mintToken } from '../shared/links.ts';
import { entryKey } from '../shared/log-fields.ts';
import { providerIdOf } from '../shared/providers.ts';
import type { Referrals } from '../shared/record.ts';
import { emptyCohortOutbox } from './cohort.ts';
import type { Effects } from './effects.ts';
import { type MailSettings, writeMail } from './mail.ts';
import { settlePlace } from './places.ts';
import { heldBack, post } from './post.ts';
import { isUnheardOf, leftToDigest } from './provider.ts';
import { claimOf, tryEntry } from './trying.ts';
import { sayIfHeld } from './undelivered.ts';

/** How long a claim keeps others away, by the number of tries; then the next try. */
const RETRY_AFTER: readonly Span[] = [
  { minutes: 2 },
  { minutes: 10 },
  { hours: 1 },
  { hours: 6 },
  { hours: 24 },
];

/** After so many tries the coordinator hears that something does not get through. */
export const ALERT_AFTER = 4;

/** Link tokens minted for this run, by link id. They exist here and in the emails, nowhere else. */
type Tokens = Map<string, string>;

type EmailEntry = Extract<OutboxEntry, { kind: 'email' }>;

/** Where the outbox works: the table, and what it can do in the world. */
export type World = { table: string; referrals: Referrals; effects: Effects; mail: MailSettings };

/** How many entries were done and how many failed. */
export type Emptied = { done: number; failed: number };

/** Does what is due in the outboxes of several referrals, one after the other. */
export async function emptyAll(world: World, referralIds: readonly string[], now: string): Promise<Emptied> {
  const sum = { done: 0, failed: 0 };
  for (const id of new Set(referralIds)) {
    const { done, failed } = await emptyOutbox(world, id, now);
    sum.done += done;
    sum.failed += failed;
  }
  return sum;
}

/** Does what is due in a referral's outbox. */
export async function emptyOutbox(world: World, referralId: string, now: string): Promise<Emptied> {
  const table = world.referrals;
  let claimed: OutboxEntry[] = [];
  let tokens: Tokens = new Map();
  const changed = await table.change(referralId, now, (referral) => {
    const claim = claimDue(referral, now);
    claimed = claim.entries;
    tokens = claim.tokens;
    const nothing = claim.referral.outbox.length === referral.outbox.length && claimed.length === 0;
    return nothing ? { refused: 'not-now' } : claim.referral;
  });
  if (changed.state !== 'stored') return { done: 0, failed: 0 };

  const { referral } = changed;
  const done: string[] = [];
  const held: string[] = [];
  const mails: Went[] = [];
  await Promise.all(
    claimed.map(async (entry) => {
      const about = { referralId, key: entryKey(entry) };
      const tried = await tryEntry(world.table, () => act(world, referral, entry, tokens, now), about, now);
      if (tried.state === 'held') held.push(entry.key);
      if (tried.state !== 'done') return;
      done.push(entry.key);
      if (tried.result) mails.push(tried.result);
    }),
  );
  if (done.length + held.length > 0) {
    const remove = (current: Referral) => {
      const outbox = current.outbox
        .filter((entry) => !done.includes(entry.key))
        .map((entry) => (held.includes(entry.key) ? heldBack(entry) : entry));
      return tellUntilSettled(withMails({ ...current, outbox }, mails, now), now);
    };
    const removed = await table.change(referralId, now, remove, referral);
    // Whom to reach in another way is told at once, as everything that is caused here.
    const hasNew = mails.some(({ notSent }) => notSent !== undefined);
    if (hasNew && removed.state === 'stored') await emptyOutbox(world, referralId, now);
  }
  if (mails.some(({ retried, notSent }) => retried && !notSent)) await sayIfHeld(world, now);
  return { done: done.length, failed: claimed.length - done.length };
}

/** An email that is done with, and why it was not sent, if it was not. `retried`: it had been tried before. */
type Went = Pick<EmailEntry, 'key' | 'message' | 'to' | 'link'> & {
  notSent?: Undelivered['why'];
  retried: boolean;
};

function withMails(referral: Referral, mails: readonly Went[], now: string): Referral {
  if (mails.length === 0) return referral;
  const sent = mails.map(
    ({ message, to, notSent }): SentEmail => ({
      ...{ at: now, message, to },
      ...(notSent === undefined ? {} : { notSent: true }),
    }),
  );
  return mails.reduce<Referral>(
    (noted, { key, message, to, link, notSent: why }) => {
      // The coordinator hears of the team's own addresses (undelivered.ts in this folder).
      if (why === undefined || signsIn(to)) return noted;
      // What was never sent is reported by nobody else; the same may be caused again, and then be another that did not arrive.
      const missed = { id: `${key} ${now}`, message, to, ...(link === undefined ? {} : { link }) };
      return noteUndelivered(noted, { to, why, missed }, now);
    },
    { ...referral, sent: [...(referral.sent ?? []), ...sent].slice(-MOST_SENT) },
  );
}

/** Claims the entries that are due and mints the secrets of their links, for those who do not sign in. Mail for a link that was revoked since is dropped. */
function claimDue(referral: Referral, now: string) {
  const tokens: Tokens = new Map();
  const entries: OutboxEntry[] = [];
  const links = { ...referral.links };
  const outbox: OutboxEntry[] = [];
  for (const entry of referral.outbox) {
    if (!isDue(entry.notBefore, now)) {
      outbox.push(entry);
      continue;
    }
    const id = entry.kind === 'email' ? entry.link : undefined;
    const link = id === undefined ? undefined : links[id];
    if (entry.kind === 'email' && isStale(entry, link, referral, now)) continue;
    if (entry.kind === 'email' && id !== undefined && link && !signsIn(entry.to) && !tokens.has(id)) {
      const { token, hash } = mintToken(referral.id);
      tokens.set(id, token);
      links[id] = withHash(link, hash, now, addressIdFor(entry));
    }
    const wait = RETRY_AFTER[Math.min(entry.attempts, RETRY_AFTER.length - 1)] ?? { hours: 1 };
    const claimed = { ...claimOf(entry), notBefore: after(now, wait) };
    entries.push(claimed);
    outbox.push(claimed);
  }
  const claimed: Referral = { ...referral, outbox, links };
  return { referral: entries.some(needsAlert) ? withAlert(claimed, now) : claimed, entries, tokens };
}

/** The id of the address that a provider has now: a link works only for as long as that is theirs. */
function addressIdFor({ to, programmeId }: EmailEntry): string | undefined {
  const provider = to === 'provider' ? findProgramme(programmeId)?.provider : undefined;
  return provider && providerIdOf(provider.email);
}

/** Mail whose link was revoked, whose decision was made meanwhile, whose session has begun, whose plan is over, or of a danger that is over: nobody needs it any more. */
function isStale(entry: EmailEntry, link: Link | undefined, referral: Referral, now: string): boolean {
  // A decision that can still be undone has ended nothing yet.
  if (entry.message === 'plan-review') return isEnded(asOthersSee(referral));
  if (entry.message === 'danger-reminder' || entry.message === 'danger-escalation')
    return !dangerStands(referral);
  if (entry.message === 'session-reminder') return entry.by !== undefined && isDue(entry.by, now);
  return link?.revokedAt !== undefined || (link?.recorded !== undefined && ASKING.test(entry.message));
}

/** The messages that ask for a decision. */
const ASKING =
  /^(review|information|offer|welfare)-(request|reminder|answered)$|^(offer|place-check|place-free|offer-question(-reminder)?)$/;

function needsAlert(entry: OutboxEntry): boolean {
  const isAlert = entry.kind === 'email' && entry.message === 'alert-coordinator';
  return entry.attempts === ALERT_AFTER && !isAlert;
}

function withAlert(referral: Referral, now: string): Referral {
  const cause = `undelivered-${referral.version}`;
  return email(referral, now, { message: 'alert-coordinator', to: 'coordinator', cause });
}

/** Does what an entry says, and returns the email that went out, if one did: who has no address gets none. */
async function act(
  { table, referrals, effects, mail: settings }: World,
  referral: Referral,
  entry: OutboxEntry,
  tokens: Tokens,
  now: string,
): Promise<Went | undefined> {
  switch (entry.kind) {
    case 'answer':
      await effects.answer(entry.token, entry.output);
      return undefined;
    case 'stop':
      await effects.stop(entry.execution);
      return undefined;
    case 'start':
      await effects.start(entry.execution, { referralId: referral.id }, entry.stop);
      return undefined;
    case 'places': {
      const { programmeId } = entry;
      const told = await settlePlace(table, referrals, { programmeId, referralId: referral.id }, now);
      const others = told.filter((id) => id !== referral.id);
      // What fails there stays there, and is tried again from there.
      await emptyAll({ table, referrals, effects, mail: settings }, others, now);
      if (referral.stage === 'programme' && !isOwn(referral.programme.cohortId)) {
        const cohort = cohortItemId(programmeId, referral.programme.cohortId);
        await changeCohort(table, cohort, now, (group) => welcome(group, now));
        await emptyCohortOutbox({ table, referrals, effects, mail: settings }, cohort, now);
      }
      return undefined;
    }
    case 'email': {
      if (await leftToDigest({ table }, entry, now)) return undefined;
      if (await isUnheardOf({ table }, referral, entry)) return undefined;
      const token = entry.link === undefined ? undefined : tokens.get(entry.link);
      const mail = await writeMail(referral, entry, token, settings, now);
      if (!mail) return undefined;
      const sentTo = entry.link === undefined ? undefined : referral.links[entry.link]?.hashes.at(-1)?.to;
      // Tried again with a link that works there.
      if (token !== undefined && sentTo !== undefined && sentTo !== providerIdOf(mail.to))
        throw new Error('the provider has had another address since the link was made');
      const { key, message, to, link, attempts } = entry;
      const ofLink = link === undefined ? {} : { link };
      const tags = { about: 'referral', id: referral.id, message, to, ...ofLink } as const;
      const posted = await post({ table, effects }, mail, tags, now);
      return {
        ...{ key, message, to, retried: attempts > 1 },
        ...ofLink,
        ...(posted.sent ? {} : { notSent: posted.why }),
      };
    }
  }
}
