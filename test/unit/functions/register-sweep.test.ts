/** The sweep asks for a register as long as anybody of ours took part in the session, also where they have left since. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/reminder-sweep/handler.ts';
import {
  changeCohort,
  cohortItemId,
  ensureCohort,
  ownPlan,
  readCohort,
} from '../../../functions/shared/cohorts.ts';
import { changePlaces } from '../../../functions/shared/places.ts';
import { recordGroupRegister } from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { leave } from '../../../workflows/leaving.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import { type In, ownCohortId } from '../../../workflows/referral.ts';
import { accepted, NOW } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { PROGRAMME, storedGroup } from './group.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const END = '2026-12-01T17:30:00.000Z';
const EVENING = '2026-12-01T20:00:00.000Z';

/** A sweep; nobody is there to do what it brings into the outbox. */
const sweep = async (now: string) => {
  await (handler as (payload: object, context: object) => Promise<unknown>)({ now }, {});
};
const asked = ({ outbox }: CohortRecord) =>
  outbox.flatMap((each) => (each.kind === 'email' ? [`${each.message} ${each.session}`] : []));
const PAST = [2, 3, 4, 7, 8, 9, 10, 11].map((day) => `2026-12-${String(day).padStart(2, '0')}T17:35:00.000Z`);

/** They leave, and their place is another's. */
async function leaves(id: string, now: string): Promise<void> {
  await table.referrals.change(id, now, (referral) => leave(referral, 'person', now));
  await givesBack(id, now);
}
const givesBack = (id: string, now: string) =>
  changePlaces(TABLE, PROGRAMME, now, (places) => ({
    ...places,
    places: places.places.filter(({ referralId }) => referralId !== id),
  }));

/** Has somebody taken part only since the day after the first session. */
async function joinedAfter(id: string): Promise<void> {
  const joinedAt = '2026-12-02T09:00:00.000Z';
  await table.referrals.change(
    id,
    NOW,
    (referral) =>
      ({
        ...referral,
        programme: { ...(referral as In<'programme'>).programme, joinedAt },
      }) as typeof referral,
  );
}

describe('the register of a session', () => {
  it('is asked for again, and escalated, where the last who came has left since', async () => {
    const group = await storedGroup(table, 1);
    const [id = ''] = group.people;
    await sweep(END);
    await leaves(id, EVENING);
    for (const now of PAST) await sweep(now);
    const cohort = await group.cohort();
    expect(cohort.sessions[0]).toMatchObject({ status: 'planned', asked: { count: expect.any(Number) } });
    expect(asked(cohort)).toContain('register-escalation 1');
    // The next one has nothing to do with them.
    expect(cohort.sessions[1]).toMatchObject({ status: 'held' });
  });

  it('is asked for where they left between its end and the sweep, and not where they left before it, or joined after', async () => {
    const group = await storedGroup(table, 3);
    const [after = '', before = '', late = ''] = group.people;
    await joinedAfter(late);
    await leaves(before, '2026-12-01T15:00:00.000Z');
    await leaves(late, '2026-12-03T15:00:00.000Z');
    const only = await storedGroup(table, 1);
    await leaves(only.people[0] ?? '', '2026-12-01T15:00:00.000Z');
    await leaves(after, '2026-12-01T17:31:00.000Z');
    await sweep(END);
    expect(asked(await group.cohort())).toEqual(['register-request 1']);
    expect([(await only.cohort()).sessions[0]?.status, asked(await only.cohort())]).toEqual(['held', []]);
  });

  it('counts as held without one where whoever was in the group joined after it, and has left', async () => {
    const group = await storedGroup(table, 1);
    const [late = ''] = group.people;
    await joinedAfter(late);
    await leaves(late, '2026-12-03T15:00:00.000Z');
    await sweep('2026-12-03T16:00:00.000Z');
    expect((await group.cohort()).sessions[0]?.status).toBe('held');
  });

  it('is asked for where the one whom it is about was found not to fit in a later one', async () => {
    const group = await storedGroup(table, 1);
    const [id = ''] = group.people;
    const now = '2026-12-08T17:00:00.000Z';
    await sweep(END);
    const entries = { [id]: { attendance: '5' as const, notRight: true as const } };
    await changeCohort(TABLE, group.id, now, (cohort) =>
      recordGroupRegister(cohort, 2, { held: true, entries }, now),
    );
    const cohort = await group.cohort();
    await table.referrals.change(id, now, (referral) => learnOfSession(referral, cohort, 2, now));
    await givesBack(id, now);
    const before = (await group.cohort()).sessions[0]?.asked?.count ?? 0;
    await sweep('2026-12-10T17:35:00.000Z');
    expect((await group.cohort()).sessions[0]).toMatchObject({
      status: 'planned',
      asked: { count: before + 1 },
    });
  });

  it('of one person’s own group is asked for after they left, and then no other', async () => {
    const id = 'c0ffee'.padStart(32, '0');
    const cohortId = ownCohortId(id, 1);
    const referral = accepted() as In<'programme'>;
    const own = { ...referral, id, programme: { ...referral.programme, cohortId }, outbox: [], version: 0 };
    await table.referrals.create({ ...own, execution: { ...own.execution, name: `${id}-1` } });
    await ensureCohort(TABLE, ownPlan(own, own.programme), own.reference, NOW);
    const key = cohortItemId(PROGRAMME, cohortId);
    const read = async () => (await readCohort(TABLE, key)) as CohortRecord;
    await changeCohort(TABLE, key, NOW, (cohort) => ({ ...cohort, outbox: [] }));
    await leaves(id, '2026-12-01T17:31:00.000Z');
    for (const now of ['2026-12-01T17:35:00.000Z', ...PAST]) await sweep(now);
    const cohort = await read();
    expect(asked(cohort)).toContain('register-escalation 1');
    expect(asked(cohort).filter((each) => !each.endsWith(' 1'))).toEqual([]);
    // It goes on being asked for, though the next one is over.
    expect(cohort.due).toMatchObject({ session: 1, count: 4 });
    const now = '2026-12-12T09:00:00.000Z';
    const entries = { [id]: { attendance: '5' as const } };
    await changeCohort(TABLE, key, now, (current) =>
      recordGroupRegister(current, 1, { held: true, entries }, now),
    );
    await sweep(now);
    expect((await read()).due).toBeUndefined();
  });
});
