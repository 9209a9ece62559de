/** Providers: all of their offers and groups on one page, by a link; and fresh links, for whoever has lost theirs. */
import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import { clean } from '../../workflows/checks.ts';
import { sentTooMuch } from '../shared/admission.ts';
import { deliverOffers } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { openOffersOf } from '../shared/open-offers.ts';
import { openProviderLink } from '../shared/provider-link.ts';
import { providerIdOf } from '../shared/providers.ts';
import { runningGroupsOf } from '../shared/running-groups.ts';
import { keyFor } from '../shared/secret.ts';
import { admit, type Limit } from '../shared/throttle.ts';
import { type PageResult, pages, redirect, site, type Visit } from '../shared/web.ts';
import { toGroup, toOffer } from './going.ts';
import { askPage, offersPage, sentPage } from './pages/views.ts';

/** Emails with fresh links to one address. */
const FRESH: Limit = { count: 3, seconds: 3600 };

export const handler = pages({
  'GET /offers': async (visit) => (visit.query.sent === 'yes' ? sentPage(site()) : askPage(site())),
  'POST /offers': askForLinks,
  'GET /offers/{link}': async (visit) => {
    const programmes = await openProviderLink(visit);
    const { TABLE_NAME } = environment('provider');
    const ids = programmes.map(({ id }) => id);
    const { now, query } = visit;
    const [open, running] = await Promise.all([
      openOffersOf(TABLE_NAME, ids),
      runningGroupsOf(TABLE_NAME, ids, now),
    ]);
    return offersPage({
      ...{ ...site(), programmes, now, address: `/offers/${visit.path.link}` },
      ...{ offers: open.offers, more: open.more },
      ...{ groups: running.groups, morePeople: running.more },
      gone: query.gone === 'yes',
    });
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

/** Leads to what was chosen: one of the offers, whom they accepted, or one of the groups. */
async function go(visit: Visit): Promise<PageResult> {
  const programmes = await openProviderLink(visit);
  const chosen =
    visit.fields.group === undefined ? await toOffer(visit, programmes) : await toGroup(visit, programmes);
  return redirect(chosen ?? `/offers/${visit.path.link}?gone=yes`);
}
