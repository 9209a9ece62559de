/** The person corrects their own details, at any time until the referral has ended. */
import { addLink, CASE_LINK, email, happened, type Outcome } from './change.ts';
import { fullName } from './person.ts';
import type { Link, Person, PersonKeys, Referral, Referrer } from './referral.ts';
import { isEnded } from './steps.ts';

/**
 * Puts the person's details as they are now in place of what was recorded. The link workers hear of it. Where the email address changed,
 * the new one gets a link and those sent before open nothing any more: somebody else may read the old inbox.
 */
export function correctDetails(
  referral: Referral,
  person: Person,
  personKeys: PersonKeys,
  now: string,
): Outcome {
  if (isEnded(referral)) return { refused: 'not-now' };
  const cause = `corrected-${referral.history.length}`;
  const corrected = happened(
    { ...referral, person, personKeys, referrer: referrerOf(referral, person) },
    now,
    'person',
    'details-corrected',
  );
  const told = email(addLink(corrected, CASE_LINK, 'review'), now, {
    message: 'details-corrected',
    to: 'link-worker',
    cause,
    link: CASE_LINK,
  });
  if (person.email === referral.person.email) return told;
  const expired = withLinksExpired(told, now);
  return person.email === undefined
    ? expired
    : email(expired, now, { message: 'details-corrected', to: 'person', cause, link: 'person' });
}

/** Who refers themself is their own referrer. */
function referrerOf({ referrer }: Referral, person: Person): Referrer {
  if (referrer.kind !== 'self') return referrer;
  return {
    kind: 'self',
    name: fullName(person),
    ...(person.email === undefined ? {} : { email: person.email }),
    ...(person.phone === undefined ? {} : { phone: person.phone }),
  };
}

function withLinksExpired(referral: Referral, now: string): Referral {
  const { person, ...others } = referral.links;
  if (!person) return referral;
  const expired: Link = {
    ...person,
    hashes: person.hashes.map(({ hash, expiresAt }) => ({
      hash,
      expiresAt: expiresAt < now ? expiresAt : now,
    })),
  };
  return { ...referral, links: { ...others, person: expired } };
}
