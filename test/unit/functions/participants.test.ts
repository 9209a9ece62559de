/** Who takes part in a group: also whoever was accepted into it, and whose place the ledger still has as held. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emptyCohortOutbox } from '../../../functions/outbox/cohort.ts';
import type { World } from '../../../functions/outbox/outbox.ts';
import { changeCohort } from '../../../functions/shared/cohorts.ts';
import { isAttended, participantsOf } from '../../../functions/shared/participants.ts';
import { changePlaces } from '../../../functions/shared/places.ts';
import { cancelSession } from '../../../workflows/cohort.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { emailsTo, NOW, offered } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { PROGRAMME, storedGroup } from './group.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

/** A group of two. The ledger has the place of the second as held: that they were accepted has not come to it. */
async function withAccepted() {
  const group = await storedGroup(table, 2);
  const [taken = '', accepted = ''] = group.people;
  await changePlaces(TABLE, PROGRAMME, NOW, (ledger) => ({
    ...ledger,
    places: ledger.places.map(({ joinedAt, ...entry }) =>
      entry.referralId === accepted
        ? { ...entry, state: 'held' as const }
        : { ...entry, ...(joinedAt === undefined ? {} : { joinedAt }) },
    ),
  }));
  return { group, taken, accepted };
}

it('whoever was accepted takes part, whatever the ledger knows; whoever is only offered it, or left, does not', async () => {
  const { group, taken, accepted } = await withAccepted();
  const cohort = await group.cohort();
  const [first] = cohort.sessions;
  if (!first) throw new Error('no session');
  expect(await participantsOf(TABLE, cohort, NOW)).toEqual([taken, accepted]);
  expect(await participantsOf(TABLE, cohort, NOW, first)).toEqual([taken, accepted]);
  expect(await isAttended(TABLE, cohort, first, NOW)).toBe(true);
  // Accepted since the session began.
  const late = momentAfter(first.startsAt, { hours: 1 });
  const joins = (at: string) =>
    table.referrals.change(accepted, NOW, (referral) =>
      referral.stage === 'programme'
        ? { ...referral, programme: { ...referral.programme, joinedAt: at } }
        : referral,
    );
  await joins(late);
  expect(await participantsOf(TABLE, cohort, NOW, first)).toEqual([taken]);
  expect(await participantsOf(TABLE, cohort, NOW)).toEqual([taken, accepted]);
  const { offers } = offered();
  await table.referrals.change(accepted, NOW, ({ programme: _none, ...referral }) => {
    return { ...referral, stage: 'offer', offers } as Referral;
  });
  expect(await participantsOf(TABLE, cohort, NOW)).toEqual([taken]);
});

it('whoever was accepted is told that a session is cancelled before the ledger knows of them', async () => {
  const { group, accepted } = await withAccepted();
  await changeCohort(TABLE, group.id, NOW, (cohort) => cancelSession(cohort, 1, NOW));
  const nothing = async () => {};
  const world = {
    ...{ table: TABLE, referrals: table.referrals },
    // Nothing can be sent: what is to be stays to be seen.
    effects: { send: () => Promise.reject(new Error('no')), answer: nothing, stop: nothing, start: nothing },
    mail: {
      ...{ sender: 'noreply@service.example', serviceName: 'Camden', baseUrl: 'https://service.example' },
      ...{ linkWorkerAddress: 'l@service.example', coordinatorAddress: 'c@service.example' },
      ...{ teams: [], crisisContacts: [{ when: 'Life in danger', call: '112' }] },
    },
  } satisfies World;
  expect(await emptyCohortOutbox(world, group.id, NOW)).toMatchObject({ failed: 0 });
  const referral = await table.referrals.read(accepted);
  if (!referral) throw new Error('not there');
  expect(emailsTo(referral)).toEqual(['session-cancelled → person']);
  expect(referral.programme?.sessions.map(({ number, status }) => `${number} ${status}`)).toContain(
    '1 cancelled',
  );
});
