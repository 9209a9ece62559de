/** What a cohort's link is made of, and what its calendar's is; how long they work, and for whom. */
import { inOrder } from '../../workflows/cohort.ts';
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import { after, isDue, type Span } from '../../workflows/time.ts';
import { findProgramme } from './directory/directory.ts';
import { derivedToken, mintToken, readToken } from './links.ts';
import { providerIdOf } from './providers.ts';

export type CohortSecret = CohortRecord['hashes'][number];

/** How long links work after the last session: as long as its register can be corrected, and asked for. */
const AFTER_THE_LAST: Span = { days: 14 };

/** How many secrets are remembered: the newest. A reminder never spoils the email before it. */
const REMEMBERED = 60;

/** The cohort with the secret of a token, for the address to which that is sent now. */
export function withCohortLink(cohort: CohortRecord, token: string, now: string): CohortRecord {
  const address = addressNow(cohort);
  const secret: CohortSecret = {
    hash: readToken(token)?.hash ?? '',
    calendar: readToken(calendarToken(token))?.hash ?? '',
    expiresAt: after(now > lastEnd(cohort) ? now : lastEnd(cohort), AFTER_THE_LAST),
    ...(address === undefined ? {} : { to: providerIdOf(address) }),
  };
  return { ...cohort, hashes: [...cohort.hashes, secret].slice(-REMEMBERED) };
}

/** A token for a cohort's link. */
export function mintCohortLink(cohortId: string): string {
  return mintToken(cohortId).token;
}

/** The token of the calendar that goes with a link: made of it, and the link cannot be made of it. Throws for what is no token. */
export function calendarToken(link: string): string {
  const said = readToken(link);
  if (!said) throw new Error('not a token');
  return derivedToken(said.referralId, 'calendar', Buffer.from(link)).token;
}

/** Whether what a secret opens is open: not once the team has closed it. Sessions that were moved or added since count; so does another address in the directory. */
export function stands(
  cohort: CohortRecord,
  { expiresAt, to, closedAt }: CohortSecret,
  now: string,
): boolean {
  if (closedAt !== undefined) return false;
  const address = addressNow(cohort);
  if (to !== undefined && (address === undefined || to !== providerIdOf(address))) return false;
  return !isDue(expiresAt, now) || !isDue(after(lastEnd(cohort), AFTER_THE_LAST), now);
}

function addressNow({ programmeId }: CohortRecord): string | undefined {
  return findProgramme(programmeId)?.provider.email;
}

function lastEnd(cohort: CohortRecord): string {
  return inOrder(cohort).at(-1)?.endsAt ?? cohort.updatedAt;
}
