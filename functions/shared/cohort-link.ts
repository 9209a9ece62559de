/** The link of a cohort, by which its facilitator keeps the register and the schedule. */
import type { CohortRecord } from '../../workflows/cohort.ts';
import { isDue } from '../../workflows/time.ts';
import { readCohort } from './cohorts.ts';
import { environment } from './environment.ts';
import { readToken } from './links.ts';
import { Message, note } from './log.ts';
import { Problem, type Visit } from './web.ts';

/** The cohort that the link of the address opens. Throws a problem when it opens nothing (any more). */
export async function openCohortLink(visit: Visit): Promise<CohortRecord> {
  const token = readToken(visit.path.link);
  const cohort = token && (await readCohort(environment('reader').TABLE_NAME, token.referralId));
  const found = cohort?.hashes.find(({ hash }) => hash === token?.hash);
  if (cohort && found && !isDue(found.expiresAt, visit.now)) return cohort;
  const reason = found ? 'expired' : 'unknown';
  note(Message.linkRefused, { reason, step: 'register' });
  throw new Problem(found ? 'expired' : 'not-found');
}
