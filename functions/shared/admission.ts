/** How often what reaches the public may be done: by one client, to one address, about one referral. */
import { createHmac } from 'node:crypto';
import { inboxOf } from '../../workflows/inbox.ts';
import { environment } from './environment.ts';
import { Message, note } from './log.ts';
import { accountOf } from './log-fields.ts';
import { problemPage } from './pages/problems.ts';
import { keyFor } from './secret.ts';
import type { SignedIn } from './session.ts';
import { admit, giveBack, type Limit } from './throttle.ts';
import { type PageResult, site, type Visit } from './web.ts';

const TEN_MINUTES = 600;
const HOUR = 3600;
const DAY = 86_400;

/** Emails with the link of an unfinished form, to one address. Nobody needs more, and nobody should be able to fill another's inbox. */
const LINKS: Limit = { count: 3, seconds: DAY };

/** Corrections of the details of one person. */
const CORRECTIONS: Limit = { count: 10, seconds: HOUR };

/** What one person tells the team on their own page. More than anybody has to say. */
const TELLINGS: Limit = { count: 30, seconds: HOUR };

/** Searches for people by one person who is signed in. Nobody's work needs as many; finding out who is known here does. */
const SEARCHES: Limit = { count: 120, seconds: HOUR };

/** The page for a client who has sent too much; undefined for everybody else. Counts this sending. */
export async function sentTooMuch({ client, now }: Visit): Promise<PageResult | undefined> {
  const { FORMS_PER_TEN_MINUTES } = environment('page');
  return refusal(`client ${client}`, { count: FORMS_PER_TEN_MINUTES, seconds: TEN_MINUTES }, now);
}

/** The page for whoever has corrected the details of a referral too often; undefined for everybody else. Counts this correction. */
export async function correctedTooOften(referralId: string, now: string): Promise<PageResult | undefined> {
  return refusal(`corrections ${referralId}`, CORRECTIONS, now);
}

/** The page for whoever has told the team too much by one link, with whom to call; undefined for everybody else. Counts this telling. */
export async function saysTooMuch(referralId: string, now: string): Promise<PageResult | undefined> {
  return refusal(`tellings ${referralId}`, TELLINGS, now);
}

/** In how many minutes somebody may search again, by their account; undefined where they may now. Counts this search. */
export async function searchedTooOften(who: SignedIn, now: string): Promise<number | undefined> {
  const { TABLE_NAME } = environment('page');
  const admission = await admit(TABLE_NAME, await hashOf(`searches ${who.sub}`), SEARCHES, now);
  if (admission.admitted) return undefined;
  note(Message.searchedTooOften, { by: accountOf(who) });
  return Math.ceil(admission.retryAfterSeconds / 60);
}

/**
 * Does `send` if no more than a few links were sent to an address today. An attempt that fails is not counted.
 * @param send resolves to whether it was sent.
 */
export async function sendingLink(
  to: string,
  now: string,
  send: () => Promise<boolean>,
): Promise<'sent' | 'failed' | 'too-many'> {
  const { TABLE_NAME } = environment('page');
  const who = await hashOf(`link ${inboxOf(to)}`);
  const { admitted } = await admit(TABLE_NAME, who, LINKS, now);
  if (!admitted) return 'too-many';
  if (await send()) return 'sent';
  await giveBack(TABLE_NAME, who, LINKS, now);
  return 'failed';
}

async function refusal(who: string, limit: Limit, now: string): Promise<PageResult | undefined> {
  const admission = await admit(environment('page').TABLE_NAME, await hashOf(who), limit, now);
  return admission.admitted ? undefined : problemPage('too-many', { ...site(), ...admission });
}

/** Addresses and ids themselves are kept nowhere. */
async function hashOf(who: string): Promise<string> {
  return createHmac('sha256', await keyFor('form'))
    .update(who)
    .digest('base64url');
}
