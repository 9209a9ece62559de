/** Who takes part in a cohort. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { CohortRecord, CohortSession } from '../../workflows/cohort-record.ts';
import { isOf, reaches } from '../../workflows/past-register.ts';
import { programmesOf } from '../../workflows/programme.ts';
import type { ProgrammeRecord, Referral } from '../../workflows/referral.ts';
import { isEnded } from '../../workflows/steps.ts';
import { isDue } from '../../workflows/time.ts';
import { endedIn, OFFERS } from './indexes.ts';
import { readPlaces } from './places.ts';
import { idOf, referrals } from './record.ts';
import { documents } from './table.ts';

/**
 * The ids of the referrals of a cohort's participants: of one person's own, theirs while their programme runs; of others, who has a place, also where the
 * ledger has not heard yet that they were accepted into the one that it holds for them. Of a session, those who had joined when it began.
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
  const theirs = places.filter((entry) => entry.cohortId === cohortId);
  const taken = theirs.filter(({ state }) => state === 'taken');
  const held = theirs.filter(({ state }) => state === 'held').map(({ referralId }) => referralId);
  const accepted = (await referrals(table).readSeveral(held)).flatMap(({ id, stage, programme }) =>
    stage === 'programme' && programme && isOf(programme, cohort)
      ? [{ referralId: id, joinedAt: programme.joinedAt }]
      : [],
  );
  return [...taken, ...accepted]
    .filter(({ joinedAt = '' }) => session === undefined || joinedAt < session.startsAt)
    .map(({ referralId }) => referralId);
}

/** More people than this do not leave a group in the time in which a register can be recorded. */
const MOST_ENDED = 50;

/** The ids of the referrals of those who were in a cohort and ended after a moment, the first first. The index may lag behind by a moment. */
async function endedSince(
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

/** Whether anybody of ours takes part in a session, or did when it began and has left since: then its register is missing. */
export async function isAttended(
  table: string,
  cohort: CohortRecord,
  session: CohortSession,
  now: string,
): Promise<boolean> {
  if ((await participantsOf(table, cohort, now, session)).length > 0) return true;
  for (const id of await perhapsLeft(table, cohort, session, now)) {
    const referral = await referrals(table).read(id);
    if (referral && tookPart(referral, cohort, session)) return true;
  }
  return false;
}

/**
 * The ids of those who may have left since a session began: of those it is for tookPart to say. Whoever was found not to fit is known from the register that
 * said so. None before it begins.
 */
export async function perhapsLeft(
  table: string,
  cohort: CohortRecord,
  session: CohortSession,
  now: string,
): Promise<string[]> {
  if (!isDue(session.startsAt, now)) return [];
  if (cohort.own !== undefined) return [cohort.own];
  const notRight = cohort.sessions.flatMap(({ register }) =>
    Object.entries(register?.entries ?? {}).flatMap(([id, entry]) => (entry.notRight ? [id] : [])),
  );
  return [...new Set([...(await endedSince(table, cohort, session.startsAt)), ...notRight])];
}

/** Whether somebody takes part in a session, or did when it began and has left since. */
export function tookPart(
  referral: Referral,
  cohort: CohortRecord,
  { startsAt }: Pick<CohortSession, 'startsAt'>,
): boolean {
  const { programme, earlierProgrammes = [] } = referral;
  const isTheirs = (record: ProgrammeRecord) => isOf(record, cohort) && (record.joinedAt ?? '') < startsAt;
  if (earlierProgrammes.some((record) => isTheirs(record) && reaches(record, startsAt))) return true;
  if (!programme || !isTheirs(programme)) return false;
  return isEnded(referral) ? referral.ending.decidedAt > startsAt : referral.stage === 'programme';
}

/** What somebody's referral says of their time in a group, in which they are or were. */
export function recordIn(
  referral: Pick<Referral, 'programme' | 'earlierProgrammes'>,
  cohort: CohortRecord,
): ProgrammeRecord | undefined {
  return programmesOf(referral).findLast((record) => isOf(record, cohort));
}
