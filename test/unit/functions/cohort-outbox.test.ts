/** What waits with a group: everybody is told, however often whoever tells them is stopped on the way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyCohortOutbox } from '../../../functions/outbox/cohort.ts';
import type { Effects } from '../../../functions/outbox/effects.ts';
import type { World } from '../../../functions/outbox/outbox.ts';
import { changeCohort } from '../../../functions/shared/cohorts.ts';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import { placesOfAll } from '../../../functions/shared/directory/places.ts';
import { readToken } from '../../../functions/shared/links.ts';
import { outcomesIn, recordOutcomes } from '../../../functions/shared/outcomes.ts';
import { changePlaces, readPlaces } from '../../../functions/shared/places.ts';
import { close } from '../../../workflows/closing.ts';
import {
  actOnCohortDue,
  type CohortOutcome,
  cancelSession,
  changeSession,
  recordGroupRegister,
  tellFacilitator,
} from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { leave } from '../../../workflows/leaving.ts';
import { placeOf, summaryOf } from '../../../workflows/places.ts';
import { attendedSessions } from '../../../workflows/programme.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { entered, inReview, NOW, stored, storedCohort } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { PROGRAMME, type StoredGroup, storedGroup } from './group.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

type Sent = { to: string; text: string };

/** A world in which some things fail: changing a referral, or sending an email. */
function world(fails: { change?: (id: string) => boolean; send?: (to: string) => boolean } = {}) {
  const sent: Sent[] = [];
  const answered: string[] = [];
  const effects: Effects = {
    send: async ({ to, raw }) => {
      if (fails.send?.(to)) throw new Error('not sent');
      sent.push({ to, text: new TextDecoder().decode(raw) });
    },
    answer: async (_token, output) => {
      answered.push(Object.values(output).join());
    },
    stop: async () => {},
    start: async () => {},
  };
  const referrals: World['referrals'] = Object.create(table.referrals, {
    change: {
      value: async (...asked: Parameters<World['referrals']['change']>) => {
        if (fails.change?.(asked[0])) throw new Error('killed');
        return table.referrals.change(...asked);
      },
    },
  });
  const made: World = {
    table: TABLE,
    referrals,
    effects,
    mail: {
      sender: 'noreply@service.example',
      serviceName: 'Camden Social Prescribing',
      baseUrl: 'https://service.example',
      linkWorkerAddress: 'link-workers@service.example',
      coordinatorAddress: 'coordinator@service.example',
      teams: [],
      crisisContacts: [{ when: 'Life in danger', call: '112' }],
    },
  };
  return { world: made, sent, answered };
}

const change = (group: StoredGroup, now: string, rule: (cohort: CohortRecord) => CohortOutcome) =>
  changeCohort(TABLE, group.id, now, rule);
const read = async (id: string): Promise<Referral> => {
  const referral = await table.referrals.read(id);
  if (!referral) throw new Error('not there');
  return referral;
};
const all = (group: StoredGroup) => Promise.all(group.people.map(read));
const events = ({ history }: Referral, event: string) =>
  history.filter((each) => each.event === event).length;
const AFTER = '2026-12-01T18:00:00.000Z';

describe('a change that the team made', () => {
  it('reaches the facilitator with the page of the sessions, also where it is a cancellation', async () => {
    const group = await storedGroup(table, 1);
    await change(group, NOW, (cohort) => tellFacilitator(cohort, cancelSession(cohort, 2, NOW), 2, NOW));
    const { world: here, sent } = world();
    expect(await emptyCohortOutbox(here, group.id, NOW)).toMatchObject({ failed: 0 });
    const toProvider = sent.filter(({ text }) => text.includes('Your sessions have changed'));
    expect(toProvider.map(({ to }) => to)).toEqual([findProgramme(PROGRAMME)?.provider.email]);
    const text = (toProvider[0]?.text ?? '').replace(/=\r?\n/g, '');
    expect(text).toMatch(/register\/[\w-]+\/group/);
    expect(text).toContain('Tuesday 8 December 2026 at 4:00 pm');
  });

  it('is not told where it came to nothing', async () => {
    const group = await storedGroup(table, 1);
    const cohort = await group.cohort();
    expect(tellFacilitator(cohort, cohort, 2, NOW)).toBe(cohort);
    const refused = { refused: 'not-now' } as const;
    expect(tellFacilitator(cohort, refused, 2, NOW)).toBe(refused);
  });
});

describe('a register', () => {
  it('is told to everybody at last, and once, though whoever tells it was killed half-way, twice', async () => {
    const group = await storedGroup(table, 4);
    const entries = Object.fromEntries(group.people.map((id) => [id, { attendance: '5' as const }]));
    await change(group, AFTER, (cohort) => recordGroupRegister(cohort, 1, { held: true, entries }, AFTER));
    const [, second, , last] = group.people;
    const dies = world({ change: (id) => id === second || id === last });
    expect(await emptyCohortOutbox(dies.world, group.id, AFTER)).toEqual({ done: 0, failed: 1 });
    expect((await all(group)).map((each) => each.programme?.sessions[0]?.status)).toEqual([
      ...['held', 'planned', 'held', 'planned'],
    ]);
    // Before its time nobody tries again.
    expect(await emptyCohortOutbox(world().world, group.id, AFTER)).toEqual({ done: 0, failed: 0 });
    const soon = momentAfter(AFTER, { minutes: 3 });
    const again = world({ change: (id) => id === last });
    expect(await emptyCohortOutbox(again.world, group.id, soon)).toEqual({ done: 0, failed: 1 });
    const later = momentAfter(AFTER, { minutes: 30 });
    const lives = world();
    expect(await emptyCohortOutbox(lives.world, group.id, later)).toEqual({ done: 1, failed: 0 });
    for (const referral of await all(group)) {
      expect(referral.programme?.sessions[0]).toMatchObject({ status: 'held', attendance: '5' });
      expect(events(referral, 'register')).toBe(1);
    }
    expect([...dies.answered, ...again.answered, ...lives.answered]).toEqual([
      'held',
      'held',
      'held',
      'held',
    ]);
    expect((await group.cohort()).outbox).toEqual([]);
  });

  it('is told to whoever left since the session began, with its corrections, and counts in what is told of them', async () => {
    const group = await storedGroup(table, 2);
    const [stayed = '', left = ''] = group.people;
    const LEFT = '2026-12-01T17:45:00.000Z';
    await table.referrals.change(left, LEFT, (referral) => leave(referral, 'person', LEFT));
    const told = async (attendance: '5' | '3', number: number, now: string) => {
      const entries = { [stayed]: { attendance: '5' as const }, [left]: { attendance } };
      await change(group, now, (cohort) => recordGroupRegister(cohort, number, { held: true, entries }, now));
      await emptyCohortOutbox(world().world, group.id, now);
      return (await read(left)).programme?.sessions ?? [];
    };
    expect(await told('3', 1, AFTER)).toMatchObject([{ number: 1, status: 'held', attendance: '3' }]);
    const later = momentAfter(AFTER, { hours: 1 });
    expect(await told('5', 1, later)).toMatchObject([{ number: 1, attendance: '5', revision: 1 }]);
    const referral = await read(left);
    expect([events(referral, 'register'), events(referral, 'register-corrected')]).toEqual([1, 1]);
    expect(attendedSessions(referral.programme as never)).toBe(1);
    // A session that began after they had left is none of theirs, whatever a register says.
    expect(await told('5', 2, '2026-12-08T18:00:00.000Z')).toHaveLength(1);
    expect((await read(left)).stage).toBe('closing');
  });

  it('of somebody whose referral is closed is in the report too, wherever whoever tells it is stopped, and stays there', async () => {
    const group = await storedGroup(table, 1);
    const [id = ''] = group.people;
    // Nobody else's report has this month.
    const LEFT = '2029-03-06T18:00:00.000Z';
    const month = { from: '2029-03', to: '2029-03' };
    const reported = async () =>
      (await outcomesIn(TABLE, PROGRAMME, month)).outcomes.map(({ came, attendance }) => [came, attendance]);
    await table.referrals.change(id, LEFT, (referral) => leave(referral, 'person', LEFT));
    const closed = await table.referrals.change(id, LEFT, (referral) => close(referral, LEFT));
    if (closed.state !== 'stored') throw new Error('not closed');
    await recordOutcomes(TABLE, closed.referral);
    expect(await reported()).toEqual([[false, {}]]);
    const entries = { [id]: { attendance: '5' as const } };
    await change(group, LEFT, (cohort) => recordGroupRegister(cohort, 1, { held: true, entries }, LEFT));
    // Stopped once the referral has learned of it, and before the report has.
    let changes = 0;
    const dies = world({ change: () => ++changes === 2 });
    expect(await emptyCohortOutbox(dies.world, group.id, LEFT)).toEqual({ done: 0, failed: 1 });
    expect((await read(id)).programme?.sessions).toMatchObject([{ attendance: '5' }]);
    expect(await reported()).toEqual([[false, {}]]);
    const later = momentAfter(LEFT, { hours: 2 });
    expect(await emptyCohortOutbox(world().world, group.id, later)).toEqual({ done: 1, failed: 0 });
    expect(await reported()).toEqual([[true, { '5': 1 }]]);
    // The step that closed it comes once more, with what it knew.
    await recordOutcomes(TABLE, closed.referral);
    expect(await reported()).toEqual([[true, { '5': 1 }]]);
  });

  it('told again, since nobody noted that it was, changes nothing', async () => {
    const group = await storedGroup(table, 2);
    const entries = Object.fromEntries(group.people.map((id) => [id, { attendance: '3' as const }]));
    await change(group, AFTER, (cohort) => recordGroupRegister(cohort, 1, { held: true, entries }, AFTER));
    const { outbox } = await group.cohort();
    const first = world();
    await emptyCohortOutbox(first.world, group.id, AFTER);
    const before = await all(group);
    await change(group, AFTER, (cohort) => ({ ...cohort, outbox }));
    const second = world();
    expect(await emptyCohortOutbox(second.world, group.id, AFTER)).toEqual({ done: 1, failed: 0 });
    expect([second.sent, second.answered]).toEqual([[], []]);
    expect(await all(group)).toEqual(before);
    expect(first.sent).toHaveLength(2);
  });

  it('that was corrected before anybody was told is told as it is now', async () => {
    const group = await storedGroup(table, 1);
    const [id = ''] = group.people;
    for (const attendance of ['3', '6'] as const) {
      await change(group, AFTER, (cohort) =>
        recordGroupRegister(cohort, 1, { held: true, entries: { [id]: { attendance } } }, AFTER),
      );
    }
    const { world: now, answered } = world();
    expect(await emptyCohortOutbox(now, group.id, AFTER)).toEqual({ done: 2, failed: 0 });
    expect((await read(id)).programme?.sessions[0]?.attendance).toBe('6');
    expect(answered).toEqual(['held']);
  });
});

describe('a change of the schedule', () => {
  it('is told to everybody by one email each, also where sending failed at first', async () => {
    const group = await storedGroup(table, 3);
    await change(group, NOW, (cohort) =>
      changeSession(cohort, 1, { startsAt: '2026-12-02T16:00:00.000Z', minutes: 90 }, NOW),
    );
    const broken = world({ send: () => true });
    // The email waits with each referral, and is tried again from there.
    expect(await emptyCohortOutbox(broken.world, group.id, NOW)).toEqual({ done: 1, failed: 0 });
    for (const referral of await all(group)) {
      expect(referral.programme?.sessions[0]?.startsAt).toBe('2026-12-02T16:00:00.000Z');
      expect(referral.outbox.map(({ key }) => key)).toEqual([
        'email:session-moved:person:offer-1-session-1-change-1',
      ]);
    }
    await change(group, NOW, (cohort) => cancelSession(cohort, 5, NOW));
    const { world: now, sent } = world();
    const later = momentAfter(NOW, { minutes: 5 });
    await emptyCohortOutbox(now, group.id, later);
    const subjects = sent.map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1]?.split(' (')[0]).sort();
    expect(subjects).toEqual([
      ...Array(3).fill('A session has changed'),
      ...Array(3).fill('A session is cancelled'),
    ]);
    expect(sent.every(({ text }) => !/Hive|music|Person 0/.test(text))).toBe(true);
  });
});

describe('a group that is postponed', () => {
  /** Its places as the directory planned them, of which one is free, and somebody who waits for it. */
  async function withWaiting(until: string) {
    const group = await storedGroup(table, 1);
    const { cohortId } = await group.cohort();
    const place = { decision: 'match', programmeId: PROGRAMME, place: 'waiting-list' } as const;
    const id = `${group.people[0]}`.replace(/^0/, 'f');
    const matched = stored(decideReview(inReview(), 'review-1', place, NOW));
    await table.referrals.create({ ...entered(matched, 'place'), id, outbox: [], version: 0 });
    await changePlaces(TABLE, PROGRAMME, NOW, (places) => ({
      ...places,
      cohorts: [
        ...places.cohorts,
        { id: cohortId, startsOn: '2026-12-01', said: 2, capacity: 2, joinUntil: until },
      ],
      waiting: [{ referralId: id, offer: 1, need: 2, since: NOW }],
    }));
    return { group, cohortId, id };
  }

  it('is joined as long as its sessions say: its place goes to whoever waits, though the planned day is over', async () => {
    const SIXTH = '2027-01-05T16:00:00.000Z';
    const { group, cohortId, id } = await withWaiting(SIXTH);
    const now = momentAfter(SIXTH, { minutes: 1 });
    await change(group, now, (cohort) =>
      [1, 2, 3, 4, 5, 6].reduce((all, number) => storedCohort(cancelSession(all, number, now)), cohort),
    );
    const { world: here, sent } = world();
    expect(await emptyCohortOutbox(here, group.id, now)).toMatchObject({ failed: 0 });
    const places = await readPlaces(TABLE, PROGRAMME, now);
    const until = places.cohorts.find((each) => each.id === cohortId)?.joinUntil;
    expect(until).toBe(
      (await group.cohort()).sessions.filter(({ status }) => status === 'planned')[5]?.startsAt,
    );
    expect(placeOf(places, id)).toMatchObject({ cohortId, state: 'held' });
    expect((await read(id)).offers[0]).toMatchObject({ cohortId });
    expect(sent.filter(({ text }) => text.includes('A place is free'))).toHaveLength(1);
    expect((await placesOfAll(TABLE)).get(PROGRAMME)).toEqual(summaryOf(places));
  });
});

describe('the facilitator', () => {
  it('gets a link that opens the register, and no more once it is recorded', async () => {
    const group = await storedGroup(table, 1);
    const [id = ''] = group.people;
    await change(group, AFTER, (cohort) => actOnCohortDue(cohort, true, AFTER) ?? cohort);
    const { world: first, sent } = world();
    await emptyCohortOutbox(first, group.id, AFTER);
    const token = /register\/([\w-]{54})\?session=(3D)?1/.exec(
      sent[0]?.text.replaceAll('=\r\n', '') ?? '',
    )?.[1];
    expect(readToken(token)?.referralId).toBe(group.id);
    expect((await group.cohort()).hashes.map(({ hash }) => hash)).toContain(readToken(token)?.hash);
    const reminded = momentAfter(AFTER, { days: 3 });
    await change(group, reminded, (cohort) => actOnCohortDue(cohort, true, reminded) ?? cohort);
    await change(group, reminded, (cohort) =>
      recordGroupRegister(cohort, 1, { held: true, entries: { [id]: { attendance: '5' } } }, reminded),
    );
    const { world: second, sent: after } = world();
    await emptyCohortOutbox(second, group.id, reminded);
    expect(after.filter(({ text }) => text.includes('record who came'))).toEqual([]);
  });

  it('who does not answer is found by the coordinator, signed in, at the entry of the directory', async () => {
    const group = await storedGroup(table, 1);
    const texts: string[] = [];
    for (let day = 0; day < 30; day++) {
      const moment = momentAfter(AFTER, { days: day });
      await change(group, moment, (cohort) => actOnCohortDue(cohort, true, moment) ?? { ...cohort });
      const { world: at, sent } = world();
      await emptyCohortOutbox(at, group.id, moment);
      texts.push(...sent.map(({ text }) => text).filter((text) => text.includes('register is missing')));
    }
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(text.replaceAll('=\r\n', '')).toContain('/directory/hive-music');
      expect(text).not.toMatch(/register\/[\w-]{20}/);
    }
  });
});

describe('an email of a group that does not get through', () => {
  it('is told to the coordinator after four tries, once, and goes when it can', async () => {
    const group = await storedGroup(table, 1);
    await change(group, AFTER, (cohort) => actOnCohortDue(cohort, true, AFTER) ?? cohort);
    const alerts: Sent[] = [];
    let moment = AFTER;
    for (let tries = 1; tries <= 7; tries++) {
      const { world: broken, sent } = world({ send: (to) => to !== 'coordinator@service.example' });
      await emptyCohortOutbox(broken, group.id, moment);
      alerts.push(...sent);
      // What is caused by a try is sent by the next.
      expect(alerts).toHaveLength(tries > 4 ? 1 : 0);
      moment = momentAfter(moment, { hours: 7 });
    }
    expect(alerts[0]?.text).toContain('needs');
    const { world: again, sent } = world();
    await emptyCohortOutbox(again, group.id, moment);
    expect(sent.map(({ to }) => to)).toContain('hive-music@provider.example');
    expect((await group.cohort()).outbox).toEqual([]);
  });
});
