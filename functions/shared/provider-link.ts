/** The link to all of a provider's work: whose it is, and links to single pages that are made of it. */
import type { Programme } from '../../workflows/directory.ts';
import { isDue } from '../../workflows/time.ts';
import { environment } from './environment.ts';
import { derivedToken, readToken } from './links.ts';
import { Message, note } from './log.ts';
import { programmesOf, readProvider } from './providers.ts';
import { keyFor } from './secret.ts';
import { Problem, type Visit } from './web.ts';

/** The programmes of the provider whose link it is. Throws a problem when it opens nothing (any more). */
export async function openProviderLink({ path, now }: Visit): Promise<Programme[]> {
  const token = readToken(path.link);
  const provider = token && (await readProvider(environment('reader').TABLE_NAME, token.referralId));
  const found = provider?.hashes.find(({ hash }) => hash === token?.hash);
  // Whose address is in the directory no more has no offers either.
  const programmes = token && found ? programmesOf(token.referralId) : [];
  if (found && programmes.length > 0 && !isDue(found.expiresAt, now)) return programmes;
  const reason = found ? 'offer-expired' : 'not-found';
  note(Message.linkRefused, { reason, step: 'offers' });
  throw new Problem(reason);
}

/**
 * The token of a page about one item, by its id, made of the link of the address and of what the page is: always the same one, so that it takes no
 * more room however often it is asked for, and known to nobody else.
 */
export async function tokenBelow(
  { path }: Visit,
  id: string,
  page: string,
): Promise<{ token: string; hash: string }> {
  return derivedToken(id, `${path.link} ${page}`, await keyFor('offers'));
}
