/**
 * The secret of a person's calendar: made of their page's link with a key of the service, so that a calendar service that keeps the address cannot
 * open the page. Nothing of it is stored; it works for as long as the link that it was made of.
 */
import type { Referral } from '../../workflows/referral.ts';
import { derivedToken, readToken } from './links.ts';
import { keyFor, keysFor } from './secret.ts';

/** The token of the calendar that goes with a link of the person's page. Throws for what is no token. */
export async function personCalendarToken(link: string): Promise<string> {
  const said = readToken(link);
  if (!said) throw new Error('not a token');
  return madeOf(said.referralId, said.hash, await keyFor('calendar')).token;
}

/**
 * The hash of the page's secret of which a calendar's was made; what it was given where it is of none. Calendars from before there were secrets of
 * their own have the page's, and go on.
 */
export async function pageSecretOf({ id, links }: Referral, calendar: string): Promise<string> {
  const keys = await keysFor('calendar');
  const found = links.person?.hashes.find(({ hash }) =>
    keys.some((key) => madeOf(id, hash, key).hash === calendar),
  );
  return found?.hash ?? calendar;
}

/** Of the secret's hash, which is what there is to compare with; without the key nobody makes one of the other. */
function madeOf(referralId: string, hash: string, key: Uint8Array): { token: string; hash: string } {
  return derivedToken(referralId, `calendar ${hash}`, key);
}
