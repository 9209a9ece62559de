/**
 * Empties a referral's outbox: claims what is due, does it, notes what is done. A crash in between leaves the claim, which runs
 * out, and the sweep tries again; so everything is done at least once.
 */

import { email } from '../../workflows/change.ts';
import { welcome } from '../../workflows/cohort.ts';
import { tellUntilSettled } from '../../workflows/concerns.ts';
import { withHash } from '../../workflows/links.ts';
import {
  isOwn,
  type Link,
  MOST_SENT,
  type OutboxEntry,
  type Referral,
  type SentEmail,
} from '../../workflows/referral.ts';
import { after, isDue, type Span } from '../../workflows/time.ts';
import { changeCohort, cohortItemId } from '../shared/cohorts.ts';
import { signsIn } from '../shared/email/messages.ts';
import { mintToken } from '../shared/links.ts';
import { Message, note, warn } from '../shared/log.ts';
import type { Referrals } from '../shared/record.ts';
import { emptyCohortOutbox } from './cohort.ts';
import type { Effects } from './effects.ts';
import { type MailSettings, writeMail } from './mail.ts';
import { settlePlace } from './places.ts';
import { leftToDigest } from './provider.ts';

/** How long a claim keeps others away, by the number of tries; then the next try. */
const RETRY_AFTER: readonly Span[] = [
  { minutes: 2 },
  { minutes: 10 },
  { hours: 1 },
  { hours: 6 },
  { hours: 24 },
];

/** After so many tries the coordinator hears that something does not get through. */
const ALERT_AFTER = 4;

/** Link tokens minted for this run, by link id. They exist here and in the emails, nowhere else. */
type Tokens = Map<string, string>;

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
  const sent: SentEmail[] = [];
  await Promise.all(
    claimed.map(async (entry) => {
      try {
        const mail = await act(world, referral, entry, tokens, now);
        done.push(entry.key);
        if (mail) sent.push({ at: now, ...mail });
        note(Message.outboxEntryDone, { referralId, key: entry.key });
      } catch (error) {
        warn(Message.outboxEntryFailed, error, { referralId, key: entry.key });
      }
    }),
  );
  if (done.length > 0) {
    const remove = (current: Referral) =>
      tellUntilSettled(
        {
          ...current,
          outbox: current.outbox.filter((entry) => !done.includes(entry.key)),
          ...(sent.length === 0 ? {} : { sent: [...(current.sent ?? []), ...sent].slice(-MOST_SENT) }),
        },
        now,
      );
    await table.change(referralId, now, remove, referral);
  }
  return { done: done.length, failed: claimed.length - done.length };
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
    if (entry.kind === 'email' && isStale(entry, link, now)) continue;
    if (entry.kind === 'email' && id !== undefined && link && !signsIn(entry.to) && !tokens.has(id)) {
      const { token, hash } = mintToken(referral.id);
      tokens.set(id, token);
      links[id] = withHash(link, hash, now);
    }
    const wait = RETRY_AFTER[Math.min(entry.attempts, RETRY_AFTER.length - 1)] ?? { hours: 1 };
    const claimed = { ...entry, attempts: entry.attempts + 1, notBefore: after(now, wait) };
    entries.push(claimed);
    outbox.push(claimed);
  }
  const claimed: Referral = { ...referral, outbox, links };
  return { referral: entries.some(needsAlert) ? withAlert(claimed, now) : claimed, entries, tokens };
}

/** Mail whose link was revoked, whose decision was made meanwhile, or whose session has begun: nobody needs it any more. */
function isStale(
  entry: Extract<OutboxEntry, { kind: 'email' }>,
  link: Link | undefined,
  now: string,
): boolean {
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
): Promise<Omit<SentEmail, 'at'> | undefined> {
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
      const token = entry.link === undefined ? undefined : tokens.get(entry.link);
      const mail = await writeMail(referral, entry, token, settings, now);
      if (!mail) return undefined;
      await effects.send(mail);
      return { message: entry.message, to: entry.to };
    }
  }
}
