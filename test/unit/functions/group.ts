/** A group that is stored with the people who take part in it. */
import { changeCohort, cohortItemId, ensureCohort, readCohort } from '../../../functions/shared/cohorts.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { changePlaces } from '../../../functions/shared/places.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { accepted, NOW } from '../workflows/builders.ts';
import { TABLE, type TestTable } from './table.ts';

export const PROGRAMME = 'hive-music';

export type StoredGroup = {
  id: string;
  token: string;
  /** The ids of the participants' referrals, in the order of their names. */
  people: string[];
  cohort(): Promise<CohortRecord>;
};

let groups = 0;
let referrals = 0xd000;

/** A group of so many people who joined before its first session, on Tuesday 1 December 2026 at 4 pm, and the link of its facilitator. */
export async function storedGroup(table: TestTable, size: number): Promise<StoredGroup> {
  groups += 1;
  const cohortId = `group-of-${groups}`;
  const plan = {
    programmeId: PROGRAMME,
    cohortId,
    firstAt: '2026-12-01T16:00:00.000Z',
    count: 12,
    minutes: 90,
  };
  const id = cohortItemId(PROGRAMME, cohortId);
  const { token, hash } = mintToken(id);
  await ensureCohort(TABLE, plan, undefined, NOW);
  await changeCohort(TABLE, id, NOW, (cohort) => ({
    ...cohort,
    // The first email has gone out.
    outbox: [],
    hashes: [{ hash, expiresAt: '2028-01-01T00:00:00.000Z' }],
  }));
  const people = await Promise.all(Array.from({ length: size }, (_, i) => participant(table, cohortId, i)));
  await changePlaces(TABLE, PROGRAMME, NOW, (places) => ({
    ...places,
    places: [
      ...places.places,
      ...people.map((referralId) => ({
        referralId,
        offer: 1,
        cohortId,
        state: 'taken' as const,
        since: NOW,
        joinedAt: NOW,
      })),
    ],
  }));
  const cohort = async () => {
    const stored = await readCohort(TABLE, id);
    if (!stored) throw new Error('no cohort');
    return stored;
  };
  return { id, token, people, cohort };
}

/** Somebody whose first session is planned, as the step that waits for it has done. */
async function participant(table: TestTable, cohortId: string, i: number): Promise<string> {
  referrals += 1;
  const id = referrals.toString(16).padStart(32, '0');
  const referral = accepted();
  if (referral.stage !== 'programme') throw new Error('not in a programme');
  const stored: Referral = {
    ...referral,
    id,
    reference: `SP-GGGG-${referrals.toString(16).toUpperCase()}`,
    person: { ...referral.person, firstName: `Person ${String(i + 1).padStart(2, '0')}` },
    programme: { ...referral.programme, cohortId, joinedAt: NOW },
    outbox: [],
    version: 0,
  };
  await table.referrals.create(stored);
  return id;
}
