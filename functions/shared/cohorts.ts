/** Where cohorts are kept, and what their links are made of. */
import { createHash } from 'node:crypto';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Refusal } from '../../workflows/change.ts';
import { type CohortPlan, newCohort, nextCohortDue } from '../../workflows/cohort.ts';
import { type CohortRecord, cohortRecordSchema } from '../../workflows/cohort-record.ts';
import { isOwn, ownCohortId, type ProgrammeRecord, type Referral } from '../../workflows/referral.ts';
import { outboxIndex } from './indexes.ts';
import { DUE_SHARDS } from './shards.ts';
import { documents } from './table.ts';
import {
  changeVersioned,
  type ItemChanged,
  type Kind,
  readSeveralVersioned,
  readVersioned,
} from './versioned.ts';

export const COHORT_PREFIX = 'COHORT#';

/** The id of a cohort: 32 hexadecimal digits, as a referral's, so that its links have the same form. */
export function cohortItemId(programmeId: string, cohortId: string): string {
  return createHash('sha256').update(`cohort ${programmeId} ${cohortId}`).digest('hex').slice(0, 32);
}

/** The cohort with this id, read consistently; undefined when there is none. */
export async function readCohort(table: string, id: string): Promise<CohortRecord | undefined> {
  return readVersioned(kindOf(table, id));
}

/** The cohorts with these ids, read consistently, at most a hundred in one request; those that are not there are left out. */
export async function readCohorts(table: string, ids: readonly string[]): Promise<CohortRecord[]> {
  return readSeveralVersioned(ids.map((id) => kindOf(table, id)));
}

/** The cohort with this reference; of one person's own, who had several, the newest. The index may lag behind by a moment. */
export async function cohortByReference(table: string, reference: string): Promise<CohortRecord | undefined> {
  const { Items = [] } = await documents().send(
    new QueryCommand({
      TableName: table,
      IndexName: 'reference',
      KeyConditionExpression: '#reference = :reference',
      ExpressionAttributeNames: { '#reference': 'reference' },
      ExpressionAttributeValues: { ':reference': reference },
    }),
  );
  // One person's own has the reference of their referral.
  const ids = Items.map(({ pk }) => String(pk)).filter((pk) => pk.startsWith(COHORT_PREFIX));
  const found = await readCohorts(
    table,
    ids.map((pk) => pk.slice(COHORT_PREFIX.length)),
  );
  return found.sort((a, b) => a.createdAt.localeCompare(b.createdAt)).at(-1);
}

/** Changes a cohort by a rule. */
export async function changeCohort(
  table: string,
  id: string,
  now: string,
  rule: (cohort: CohortRecord) => CohortRecord | Refusal,
): Promise<ItemChanged<CohortRecord>> {
  return changeVersioned(kindOf(table, id), now, rule);
}

/** The cohort of a plan, made now if it is not there yet. */
export async function ensureCohort(
  table: string,
  plan: CohortPlan,
  reference: string | undefined,
  now: string,
): Promise<CohortRecord> {
  const id = cohortItemId(plan.programmeId, plan.cohortId);
  const there = await readCohort(table, id);
  if (there) return there;
  const first = newCohort(plan, { id, reference: reference ?? groupReference(id), now });
  const made = await changeVersioned(kindOf(table, id), now, (cohort) => cohort, first);
  return made.state === 'missing' ? first : made.item;
}

/**
 * The cohort of which a referral's programme is a part. One of the directory's is made when a provider first accepts for it; one of their own is
 * made now if it is not there yet. Throws where a cohort of the directory is not there.
 */
export async function cohortOf(
  table: string,
  referral: Referral,
  programme: ProgrammeRecord,
  now: string,
): Promise<CohortRecord> {
  const { programmeId, cohortId } = programme;
  const there = await readCohort(table, cohortItemId(programmeId, cohortId));
  if (there) return there;
  if (!isOwn(cohortId)) throw new Error('a referral names a cohort that is not there');
  return ensureCohort(table, { ...ownPlan(referral, programme), cohortId }, referral.reference, now);
}

/** The plan of the cohort that one person has of their own. */
export function ownPlan(
  { id, offers }: Pick<Referral, 'id' | 'offers'>,
  programme: Pick<ProgrammeRecord, 'programmeId' | 'firstSessionAt' | 'planned' | 'sessionMinutes' | 'place'>,
): CohortPlan {
  return {
    programmeId: programme.programmeId,
    cohortId: ownCohortId(id, offers.length),
    own: id,
    firstAt: programme.firstSessionAt,
    count: programme.planned,
    minutes: programme.sessionMinutes,
    ...(programme.place === undefined ? {} : { place: programme.place }),
  };
}

/** What emails call a cohort that is not one person's. */
function groupReference(id: string): string {
  const code = BigInt(`0x${id}`).toString(36).toUpperCase().padStart(8, '0').slice(-8);
  return `GR-${code.slice(0, 4)}-${code.slice(4)}`;
}

function kindOf(table: string, id: string): Kind<CohortRecord> {
  return {
    table,
    pk: `${COHORT_PREFIX}${id}`,
    sk: 'COHORT',
    schema: cohortRecordSchema,
    due: (cohort) => {
      const at = nextCohortDue(cohort);
      return at === undefined ? undefined : { at, shard: Number.parseInt(id.slice(-4), 16) % DUE_SHARDS };
    },
    index: ({ outbox }) => outboxIndex('cohort', outbox),
  };
}
