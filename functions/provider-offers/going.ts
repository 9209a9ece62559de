/** From the page of all of a provider's work to one thing of it: an offer, whom they accepted, or a group. Each has a link of its own. */
import { openOffer } from '../../workflows/change.ts';
import type { Programme } from '../../workflows/directory.ts';
import { withHash } from '../../workflows/links.ts';
import type { Referral } from '../../workflows/referral.ts';
import { isDue } from '../../workflows/time.ts';
import { stands, withCohortLink } from '../shared/cohort-secret.ts';
import { changeCohort } from '../shared/cohorts.ts';
import { environment } from '../shared/environment.ts';
import { openOffersOf, participantsIn } from '../shared/open-offers.ts';
import { tokenBelow } from '../shared/provider-link.ts';
import { providerIdOf } from '../shared/providers.ts';
import { referrals } from '../shared/record.ts';
import { runningGroupsOf } from '../shared/running-groups.ts';
import type { Visit } from '../shared/web.ts';

/** The address of the page of an offer, or of whom the provider accepted, by its reference; undefined where it is none of theirs now. */
export async function toOffer(visit: Visit, programmes: readonly Programme[]): Promise<string | undefined> {
  const { fields, now } = visit;
  const { TABLE_NAME } = environment('provider');
  const ids = programmes.map(({ id }) => id);
  const [{ offers }, { people }] = await Promise.all([
    openOffersOf(TABLE_NAME, ids),
    participantsIn(TABLE_NAME, ids),
  ]);
  const referral = [...offers.map((each) => each.referral), ...people].find(
    ({ reference }) => reference === fields.reference,
  );
  const linkId = referral && linkIdOf(referral);
  if (!referral || linkId === undefined) return undefined;
  const { token, hash } = await tokenBelow(visit, referral.id, linkId);
  // They are those of one address: the one to which the link of the page went.
  const to = programmes[0] && providerIdOf(programmes[0].provider.email);
  const changed = await referrals(TABLE_NAME).change(
    referral.id,
    now,
    (current) => withLink(current, linkId, { hash, to }, now),
    referral,
  );
  return changed.state === 'stored' ? `/offer/${token}` : undefined;
}

/** The link of the offer that is open, or that the provider accepted; undefined where there is neither. */
function linkIdOf(referral: Referral): string | undefined {
  const offer = openOffer(referral) ?? (referral.stage === 'programme' ? referral.offers.at(-1) : undefined);
  return offer && `offer-${offer.number}`;
}

function withLink(
  referral: Referral,
  id: string,
  { hash, to }: { hash: string; to: string | undefined },
  now: string,
) {
  const link = referral.links[id];
  if (!link || link.revokedAt || linkIdOf(referral) !== id) return { refused: 'not-now' as const };
  const known = link.hashes.find((each) => each.hash === hash);
  if (known && !isDue(known.expiresAt, now)) return referral;
  const links = { ...referral.links, [id]: withHash(link, hash, now, to) };
  // From then on they may keep a place for it, and hear when it is taken back.
  const offers = referral.offers.map((each, i) =>
    i === referral.offers.length - 1 ? { seenAt: now, ...each } : each,
  );
  return { ...referral, links, offers };
}

/** The address of a group, by its reference: of the register that is missing the longest, or else of all its sessions. Undefined as above. */
export async function toGroup(visit: Visit, programmes: readonly Programme[]): Promise<string | undefined> {
  const { fields, now } = visit;
  const { TABLE_NAME } = environment('provider');
  const { groups } = await runningGroupsOf(
    TABLE_NAME,
    programmes.map(({ id }) => id),
    now,
  );
  const group = groups.find(({ cohort }) => cohort.reference === fields.group);
  if (!group) return undefined;
  const { cohort, missing } = group;
  const { token, hash } = await tokenBelow(visit, cohort.id, 'register');
  const changed = await changeCohort(TABLE_NAME, cohort.id, now, (current) => {
    const known = current.hashes.find((each) => each.hash === hash);
    if (known?.closedAt !== undefined) return { refused: 'not-now' };
    return known && stands(current, known, now) ? current : withCohortLink(current, token, now);
  });
  if (changed.state !== 'stored') return undefined;
  const [first] = missing;
  return `/register/${token}${first ? `?session=${first.number}` : '/group'}`;
}
