/** Who takes part in a cohort. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { CohortRecord, CohortSession } from '../../workflows/cohort.ts';
import { endedIn, OFFERS } from './indexes.ts';
import { readPlaces } from './places.ts';
import { idOf, referrals } from './record.ts';
import { documents } from './table.ts';

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

/** More people than this do not leave a group in the time in which a register can be recorded. */
const MOST_ENDED = 50;

/** The ids of the referrals of those who were in a cohort and ended after a moment, the first first. The index may lag behind by a moment. */
export async function endedSince(
  TableName: string,
  { programmeId, cohortId }: Pick<CohortRecord, 'programmeId' | 'cohortId'>,
  since: string,
): Promise<string[]> {
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName,
      IndexName: OFFERS.index,
      KeyConditionExpression: '#programme = :programme AND #key > :since',
      ExpressionAttributeNames: { '#programme': OFFERS.programme, '#key': OFFERS.key },
      ExpressionAttributeValues: { ':programme': endedIn(programmeId, cohortId), ':since': since },
      Limit: MOST_ENDED,
    }),
  );
  return Items.map(({ pk }) => idOf(pk));
}
