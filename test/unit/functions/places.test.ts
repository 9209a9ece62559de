/** How the ledger of a programme's places follows referrals: killed between any two steps, done twice, and done at once. */
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { settleDuePlaces, settlePlace } from '../../../functions/outbox/places.ts';
import { takeOverCohorts } from '../../../functions/shared/directory/cohorts.ts';
import { deployedProgramme } from '../../../functions/shared/directory/directory.ts';
import { placesOfAll } from '../../../functions/shared/directory/places.ts';
import { storeEntry } from '../../../functions/shared/directory/store.ts';
import { changePlaces, readPlaces } from '../../../functions/shared/places.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { leave } from '../../../workflows/leaving.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import {
  hold,
  inLine,
  NOTHING,
  type Places,
  placeOf,
  settle,
  standingOf,
  summaryOf,
  withCohorts,
} from '../../../workflows/places.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { entered, inReview, NOW, stored } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => table.stop());

const GROUP = '2027-01-12';
const at = (minutes: number) => later(NOW, { minutes });
let made = 0;

/** A programme of its own with one place, which the first person holds, and two who wait: the last of them needs it more. */
async function fullGroup() {
  made += 1;
  const programmeId = `choir-${made}`;
  const cohorts = [{ id: GROUP, startsOn: GROUP, capacity: 1 }];
  const programme = { id: programmeId, sessions: { count: 12, minutes: 60, time: '16:00' }, cohorts };
  const [first, second, third] = ['1', '2', '3'].map((digit) => `${made}f${digit}`.padStart(32, '0'));
  if (!first || !second || !third) throw new Error('three are needed');
  const match = (place: 'waiting-list' | { cohortId: string }) =>
    stored(decideReview(inReview(), 'review-1', { decision: 'match', programmeId, place }, NOW));
  const create = async (id: string, referral: Referral) => {
    await table.referrals.create({ ...referral, id, outbox: [], version: 0 });
  };
  await create(first, entered(match({ cohortId: GROUP }), 'provider'));
  await create(second, match('waiting-list'));
  const risks = { known: true as const, detail: 'Falls' };
  const third_ = match('waiting-list');
  await create(third, { ...third_, request: { ...third_.request, risks } });
  const change = (rule: (places: Places) => ReturnType<typeof hold>) =>
    changePlaces(TABLE, programmeId, NOW, rule);
  await change((places) => withCohorts(places, programme as unknown as Programme, 'changed', NOW));
  await change((places) => hold(places, { referralId: first, offer: 1 }, NOW));
  const told = async (id: string, now = at(1)) =>
    settlePlace(TABLE, table.referrals, { programmeId, referralId: id }, now);
  for (const id of [first, second, third]) await told(id);
  return {
    ...{ programmeId, first, second, third, told },
    due: (now: string) => settleDuePlaces(TABLE, table.referrals, programmeId, now),
    ledger: () => readPlaces(TABLE, programmeId, NOW),
    referral: async (id: string) => (await table.referrals.read(id)) as Referral,
    async declines(id: string, reason: 'not-eligible' | 'no-capacity' = 'not-eligible') {
      await table.referrals.change(id, at(2), (referral) =>
        replyToOffer(referral, 'offer-1', { reply: 'decline', reason }, at(2)),
      );
    },
  };
}
type Group = Awaited<ReturnType<typeof fullGroup>>;

/** Whoever needs it more has the place and was told so once; the other waits. */
async function checkCalled({ programmeId, ledger, referral, second, third }: Group): Promise<void> {
  const places = await ledger();
  expect(placeOf(places, third)).toMatchObject({ cohortId: GROUP, state: 'held' });
  expect(placeOf(places, third)?.called).toBeUndefined();
  expect(inLine(places).map(({ referralId }) => referralId)).toEqual([second]);
  expect(places.places).toHaveLength(1);
  const { offers, outbox, history } = await referral(third);
  expect(offers.at(-1)).toMatchObject({ cohortId: GROUP });
  expect(outbox.filter(({ key }) => key.startsWith('email:place-free'))).toHaveLength(1);
  expect(history.filter(({ event }) => event === 'place-found')).toHaveLength(1);
  expect((await placesOfAll(TABLE)).get(programmeId)).toEqual(summaryOf(places));
}

it('what the directory says of places is shown, also where the outbox is never called', async () => {
  const cohorts = [{ id: GROUP, startsOn: GROUP, capacity: 8 }];
  const programme = { ...(deployedProgramme('hive-music') as Programme), id: 'of-the-directory', cohorts };
  await storeEntry(TABLE, undefined, { programme, at: NOW, how: 'added', changes: [] });
  const taken = await takeOverCohorts(TABLE, programme.id, NOW);
  expect(taken.cohorts).toMatchObject([{ id: GROUP, capacity: 8 }]);
  expect((await placesOfAll(TABLE)).get(programme.id)).toEqual(summaryOf(taken));
});

describe('a place that is given back', () => {
  it('goes to whoever needs it most, who is told', async () => {
    const group = await fullGroup();
    expect((await placesOfAll(TABLE)).get(group.programmeId)).toMatchObject({
      ...{ waiting: 2, cohorts: [{ held: 1, taken: 0, capacity: 1 }] },
    });
    await group.declines(group.first);
    expect(await group.told(group.first, at(3))).toEqual([group.third]);
    // What the referral queued for itself.
    await group.told(group.third, at(4));
    await checkCalled(group);
  });

  it('goes there whoever is killed on the way, after any request', async () => {
    const send = DynamoDBDocumentClient.prototype.send as (command: unknown) => Promise<unknown>;
    let requests = 0;
    let deaths = 0;
    for (let lives = 0; lives === 0 || requests >= lives; lives++) {
      const group = await fullGroup();
      await group.declines(group.first);
      requests = 0;
      const spy = vi.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(function (
        this: unknown,
        command: unknown,
      ) {
        requests += 1;
        return (requests > lives ? Promise.reject(new Error('killed')) : send.call(this, command)) as never;
      });
      deaths += await group.told(group.first, at(3)).then(
        () => 0,
        () => 1,
      );
      spy.mockRestore();
      // The outbox tries again, and the sweep does what is due.
      await group.due(at(20));
      await group.told(group.first, at(20));
      await group.told(group.third, at(21));
      await checkCalled(group);
      if (requests <= lives) break;
    }
    expect(deaths).toBeGreaterThan(6);
  });

  it('goes there once, however many are at it at once', async () => {
    const group = await fullGroup();
    await group.declines(group.first);
    const told = await Promise.all([
      ...[group.first, group.first, group.second, group.third].map((id) => group.told(id, at(3))),
      group.due(at(3)),
    ]);
    expect(told.flat()).toContain(group.third);
    await group.told(group.third, at(4));
    await checkCalled(group);
    const { version } = await group.ledger();
    for (const id of [group.first, group.second, group.third]) await group.told(id, at(5));
    await group.due(at(30));
    expect((await group.ledger()).version).toBe(version);
  });

  it('is nobody’s once the programme has ended, and the link workers of those who wait hear of it, each once', async () => {
    const group = await fullGroup();
    const ended = {
      id: group.programmeId,
      sessions: { count: 12, minutes: 60, time: '16:00' },
      accepting: false,
    };
    const cohorts = [{ id: GROUP, startsOn: GROUP, capacity: 1 }];
    const programme = { ...ended, status: 'inactive', cohorts } as unknown as Programme;
    await changePlaces(TABLE, group.programmeId, at(2), (places) =>
      withCohorts(places, programme, 'changed', at(2)),
    );
    await group.declines(group.first);
    const told = [...(await group.due(at(3))), ...(await group.due(at(4)))];
    expect(told.sort()).toEqual([group.second, group.third].sort());
    expect(await group.told(group.first, at(5))).toEqual([]);
    const places = await group.ledger();
    expect([places.places, places.waiting.length]).toEqual([[], 2]);
    for (const id of [group.second, group.third]) {
      const { outbox } = await group.referral(id);
      expect(outbox.filter(({ key }) => key.startsWith('email:still-waiting'))).toHaveLength(1);
    }
  });

  it('is gone where the provider has no room, and nobody is called for it', async () => {
    const group = await fullGroup();
    await group.declines(group.first, 'no-capacity');
    expect(await group.told(group.first, at(3))).toEqual([]);
    const { cohorts, places, waiting } = await group.ledger();
    expect([cohorts[0]?.capacity, cohorts[0]?.said, places.length, waiting.length]).toEqual([0, 1, 0, 2]);
  });
});

describe('a place that was held', () => {
  it('for a decision that never came is free a quarter of an hour later, also of a referral that is not there', async () => {
    const group = await fullGroup();
    await group.declines(group.first);
    const nobody = 'e'.repeat(32);
    // Held by somebody who then lost the race, and for somebody who is gone.
    for (const id of [group.first, nobody]) {
      await changePlaces(TABLE, group.programmeId, at(2), (places) => ({
        ...places,
        cohorts: places.cohorts.map((each) => ({ ...each, capacity: 2 })),
        places: [
          ...places.places.filter(({ referralId }) => referralId !== id),
          {
            ...{ referralId: id, offer: 2, cohortId: GROUP, since: at(2), settleAt: at(17) },
            state: 'held' as const,
          },
        ],
      }));
    }
    expect(await group.told(group.first, at(3))).toEqual([]);
    expect(await group.due(at(10))).toEqual([]);
    expect((await group.due(at(17))).sort()).toEqual([group.second, group.third].sort());
    const ids = (await group.ledger()).places.map(({ referralId }) => referralId);
    expect(ids.sort()).toEqual([group.second, group.third].sort());
  });

  it('is as the newest referral says, whoever read an older one and writes after others found nothing to change', async () => {
    const group = await fullGroup();
    const { programmeId, second: referralId } = group;
    await changePlaces(TABLE, programmeId, at(2), (places) => settle(places, referralId, NOTHING, at(2)));
    const older = await group.referral(referralId);
    const { person } = older.links;
    expect(person).toBeDefined();
    let reads = 0;
    const slow = {
      read: async (id: string) => {
        reads += 1;
        if (reads > 1) return group.referral(id);
        // They leave, and that is settled: they wait no more, as the ledger says already.
        await table.referrals.change(id, at(3), (referral) => leave(referral, 'person', at(3)));
        await group.told(id, at(3));
        return older;
      },
      change: table.referrals.change.bind(table.referrals),
    } as unknown as typeof table.referrals;
    await settlePlace(TABLE, slow, { programmeId, referralId }, at(3));
    expect(reads).toBeGreaterThan(1);
    expect((await group.ledger()).waiting.map((each) => each.referralId)).toEqual([group.third]);
  });
});

it('settles by what the referral says and nothing else', async () => {
  const group = await fullGroup();
  const places = await group.ledger();
  for (const id of [group.first, group.second, group.third]) {
    const standing = standingOf(await group.referral(id), group.programmeId);
    expect(settle(places, id, standing, at(9))).toBe(places);
  }
});
