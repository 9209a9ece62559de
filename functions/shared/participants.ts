/** Who takes part in a cohort. */
import type { CohortRecord, CohortSession } from '../../workflows/cohort.ts';
import { readPlaces } from './places.ts';
import { referrals } from './record.ts';

/**
 * The ids of the referrals of a cohort's participants: of one person's own, theirs while their programme runs; of others, who has a place. Of a
 * session, those who had joined when it began.
 */
export async function participantsOf(
  table: string,
  cohort: CohortRecord,
  now: string,
  session?: CohortSession,
): Promise<string[]> {
  const { own, programmeId, cohortId } = cohort;
  if (own !== undefined) {
    const referral = await referrals(table).read(own);
    const runs = referral?.stage === 'programme' && referral.programme.cohortId === cohortId;
    return runs ? [own] : [];
  }
  const { places } = await readPlaces(table, programmeId, now);
  return places
    .filter((entry) => entry.cohortId === cohortId && entry.state === 'taken')
    .filter(({ joinedAt = '' }) => session === undefined || joinedAt < session.startsAt)
    .map(({ referralId }) => referralId);
}
