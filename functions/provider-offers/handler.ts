/** Providers: all of their open offers on one page, by a link; and fresh links, for whoever has lost theirs. */
import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import { openOffer } from '../../workflows/change.ts';
import { clean } from '../../workflows/checks.ts';
import type { Programme } from '../../workflows/directory.ts';
import { withHash } from '../../workflows/links.ts';
import type { Referral } from '../../workflows/referral.ts';
import { isDue } from '../../workflows/time.ts';
import { sentTooMuch } from '../shared/admission.ts';
import { deliverOffers } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { derivedToken, readToken } from '../shared/links.ts';
import { Message, note } from '../shared/log.ts';
import { openOffersOf } from '../shared/open-offers.ts';
import { programmesOf, providerIdOf, readProvider } from '../shared/providers.ts';
import { referrals } from '../shared/record.ts';
import { keyFor } from '../shared/secret.ts';
import { admit, type Limit } from '../shared/throttle.ts';
import { type PageResult, Problem, pages, redirect, site, type Visit } from '../shared/web.ts';

import { askPage, offersPage, sentPage } from './pages/views.ts';

/** Emails with fresh links to one address. */
const FRESH: Limit = { count: 3, seconds: 3600 };

export const handler = pages({
  'GET /offers': async (visit) => (visit.query.sent === 'yes' ? sentPage(site()) : askPage(site())),
  'POST /offers': askForLinks,
  'GET /offers/{link}': async (visit) => {
    const programmes = await openProvider(visit);
    const { offers, more } = await openOffersOf(
      environment('provider').TABLE_NAME,
      programmes.map(({ id }) => id),
    );
    const gone = visit.query.gone === 'yes';
    return offersPage({ ...site(), offers, more, programmes, gone });
  },
  'POST /offers/{link}': go,
});

/**
 * Has fresh links sent to the address, if the directory has it. Whatever was entered, the answer is the same and so is the work: who has the
 * address, and whether anybody has, is found by the outbox, and only its owner hears.
 */
async function askForLinks(visit: Visit): Promise<PageResult> {
  const { fields, now } = visit;
  const address = clean(fields.email);
  if (!z.email().safeParse(address).success) {
    const error =
      address === ''
        ? 'Enter the email address to which we write to you'
        : 'Enter an email address in the correct format, like name@example.com';
    return askPage({ ...site(), form: { values: fields, errors: { email: error } } });
  }
  const refused = await sentTooMuch(visit);
  if (refused) return refused;
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('provider');
  const id = providerIdOf(address);
  const who = createHmac('sha256', await keyFor('offers'))
    .update(`fresh links ${id}`)
    .digest('base64url');
  const { admitted } = await admit(TABLE_NAME, who, FRESH, now);
  if (admitted) await deliverOffers(OUTBOX_FUNCTION, id, 'links', now);
  return redirect('/offers?sent=yes');
}

/** The programmes of the provider whose link it is. Throws a problem when it opens nothing (any more). */
async function openProvider({ path, now }: Visit): Promise<Programme[]> {
  const token = readToken(path.link);
  const provider = token && (await readProvider(environment('provider').TABLE_NAME, token.referralId));
  const found = provider?.hashes.find(({ hash }) => hash === token?.hash);
  // Whose address is in the directory no more has no offers either.
  const programmes = token && found ? programmesOf(token.referralId) : [];
  if (found && programmes.length > 0 && !isDue(found.expiresAt, now)) return programmes;
  const reason = found ? 'offer-expired' : 'not-found';
  note(Message.linkRefused, { reason, step: 'offers' });
  throw new Problem(reason);
}

/**
 * Leads to one of the offers, by a link of its own: made of this page's link, so that it is the same one however often it is asked for, and known
 * to nobody else.
 */
async function go(visit: Visit): Promise<PageResult> {
  const { path, fields, now } = visit;
  const programmes = await openProvider(visit);
  const { TABLE_NAME } = environment('provider');
  const ids = programmes.map(({ id }) => id);
  const { offers } = await openOffersOf(TABLE_NAME, ids);
  const chosen = offers.find(({ referral }) => referral.reference === fields.reference);
  const gone = redirect(`/offers/${path.link}?gone=yes`);
  if (!chosen) return gone;
  const { referral, offer } = chosen;
  const linkId = `offer-${offer.number}`;
  const from = `${path.link} ${linkId}`;
  const { token, hash } = derivedToken(referral.id, from, await keyFor('offers'));
  const changed = await referrals(TABLE_NAME).change(
    referral.id,
    now,
    (current) => withLink(current, linkId, hash, now),
    referral,
  );
  return changed.state === 'stored' ? redirect(`/offer/${token}`) : gone;
}

function withLink(referral: Referral, id: string, hash: string, now: string) {
  const link = referral.links[id];
  const open = openOffer(referral);
  if (!link || link.revokedAt || `offer-${open?.number}` !== id) return { refused: 'not-now' as const };
  const known = link.hashes.find((each) => each.hash === hash);
  if (known && !isDue(known.expiresAt, now)) return referral;
  return { ...referral, links: { ...referral.links, [id]: withHash(link, hash, now) } };
}
