/** The link of a cohort, by which its facilitator keeps the register and the schedule; and the one of its calendar, which opens nothing else. */
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import { type CohortSecret, stands } from './cohort-secret.ts';
import { readCohort } from './cohorts.ts';
import { environment } from './environment.ts';
import { readToken } from './links.ts';
import { Message, note } from './log.ts';
import { Problem, type Visit } from './web.ts';

/** The cohort that the link of the address opens. Throws a problem when it opens nothing (any more). */
export function openCohortLink(visit: Visit): Promise<CohortRecord> {
  return open(visit, 'register', ({ hash }) => hash);
}

/** The cohort whose calendar the link of the address opens. Throws a problem when it opens nothing (any more). */
export function openCohortCalendar(visit: Visit): Promise<CohortRecord> {
  return open(visit, 'calendar', ({ calendar }) => calendar);
}

async function open(
  visit: Visit,
  step: 'register' | 'calendar',
  hashOf: (secret: CohortSecret) => string | undefined,
): Promise<CohortRecord> {
  const token = readToken(visit.path.link);
  const cohort = token && (await readCohort(environment('reader').TABLE_NAME, token.referralId));
  const found = cohort?.hashes.find((secret) => hashOf(secret) === token?.hash);
  if (cohort && found && stands(cohort, found, visit.now)) return cohort;
  const reason = found ? 'expired' : 'unknown';
  note(Message.linkRefused, { reason, step });
  // Whoever has lost it is a provider, to whose registered address fresh links are sent.
  throw new Problem(found ? 'offer-expired' : 'not-found');
}
