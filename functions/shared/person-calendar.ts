/**
 * The secret of a person's calendar: made of their page's link with a key of the service, so that a calendar service that keeps the address cannot
 * open the page. Nothing of it is stored; it works for as long as the link that it was made of.
 */
import type { Referral } from '../../workflows/referral.ts';
import { derivedToken, readToken } from './links.ts';
import { keyFor } from './secret.ts';

/** The token of the calendar that goes with a link of the person's page. Throws for what is no token. */
export async function personCalendarToken(link: string): Promise<string> {
  const said = readToken(link);
  if (!said) throw new Error('not a token');
  return (await madeOf(said.referralId, said.hash)).token;
}

/**
 * The hash of the page's secret of which a calendar's was made; what it was given where it is of none. Calendars from before there were secrets of
 * their own have the page's, and go on.
 */
export async function pageSecretOf({ id, links }: Referral, calendar: string): Promise<string> {
  for (const { hash } of links.person?.hashes ?? []) {
    if ((await madeOf(id, hash)).hash === calendar) return hash;
  }
  return calendar;
}

/** Of the secret's hash, which is what there is to compare with; without the key nobody makes one of the other. */
async function madeOf(referralId: string, hash: string): Promise<{ token: string; hash: string }> {
  return derivedToken(referralId, `calendar ${hash}`, await keyFor('calendar'));
}
