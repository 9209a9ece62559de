/** Whose change it is where somebody was in several programmes: held against a plain reading of the same items. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { close } from '../../../workflows/closing.ts';
import { cancelSession, recordGroupRegister } from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { leave } from '../../../workflows/leaving.ts';
import { INSTRUMENTS, type Measurement, POINTS, type Point } from '../../../workflows/measures.ts';
import { outcomesOf } from '../../../workflows/outcome.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import {
  type In,
  type ProgrammeRecord,
  type Referral,
  referralSchema,
  type Session,
} from '../../../workflows/referral.ts';
import { reportOf } from '../../../workflows/report.ts';
import { after as later, londonDate } from '../../../workflows/time.ts';
import { countOf, type Item } from '../../journeys/count.ts';
import { accepted, cohortFor, entered, NOW, register as recorded, stored, storedCohort } from './builders.ts';

const PROGRAMMES = ['hive-music', 'example-crafts'] as const;
const dayOf = (day: number) => later(NOW, { days: day });

/** A time in a programme. `recordedAfter`: how many days after the end of all its register came; `cancelledAfter`: when another session was to be. */
type Stay = {
  programme: 0 | 1;
  days: number;
  pause: number;
  recordedAfter?: number | undefined;
  cancelledAfter?: number | undefined;
};

/** Somebody who was in one programme after another, and how happy they said they were on which day. */
function lifeOf(
  n: number,
  stays: Stay[],
  answers: [day: number, happy: number, point?: Point, recordedAfter?: number][],
) {
  const { programme, due: _due, waiting: _waiting, ...rest } = accepted() as In<'programme'>;
  const id = n.toString(16).padStart(32, '0');
  let day = 60;
  const offers: In<'closed'>['offers'] = [];
  const records: ProgrammeRecord[] = [];
  const history: In<'closed'>['history'] = [];
  const end = stays.reduce((sum, { days, pause }) => sum + days + pause, 60);
  for (const [i, { programme: which, days, pause, recordedAfter, cancelledAfter }] of stays.entries()) {
    const programmeId = PROGRAMMES[which];
    const at = dayOf(day);
    offers.push({
      number: i + 1,
      programmeId,
      offeredAt: at,
      askedAt: at,
      result: 'accepted',
      repliedAt: at,
    });
    const came = { number: 1, startsAt: dayOf(day + 1), endsAt: dayOf(day + 1) };
    const recordedAt = recordedAfter === undefined ? {} : { recordedAt: dayOf(end + recordedAfter) };
    const session = { ...came, status: 'held' as const, attendance: '5' as const, ...recordedAt };
    const sessions: Session[] = [session];
    if (cancelledAfter !== undefined) {
      const startsAt = dayOf(day + cancelledAfter);
      sessions.push({ number: 2, startsAt, endsAt: startsAt, status: 'cancelled', attendance: '4' });
    }
    records.push({ ...programme, programmeId, cohortId: `own-${id}-${i + 1}`, sessions });
    day += days;
    if (i < stays.length - 1) history.push({ at: dayOf(day), by: 'facilitator', event: 'not-right' });
    day += pause;
  }
  const referral = {
    ...{ ...rest, id, offers, history, earlierProgrammes: records.slice(0, -1), programme: records.at(-1) },
    ...{ stage: 'closed', closedAt: dayOf(day), ending: { kind: 'completed', decidedAt: dayOf(day) } },
  } as In<'closed'>;
  const measurements = answers
    .sort(([a], [b]) => a - b)
    .map(([on, happy, point = 'in-between', recordedAfter = 0], i): Measurement => {
      const ons4 = INSTRUMENTS.find((each) => each.id === 'ons4');
      const set = { instrument: 'ons4', version: ons4?.version ?? '', answers: { happy } };
      // No two at the same moment.
      const at = later(dayOf(on + recordedAfter), { minutes: i });
      const takenOn = londonDate(dayOf(on));
      return { key: at, at, takenOn, point, by: { id: 'amina', name: 'Amina' }, sets: [set] };
    });
  const items: Item[] = [
    { ...referral, pk: id, sk: 'REFERRAL' } as unknown as Item,
    ...measurements.map((each) => ({ ...each, pk: id, sk: `MEASURES#${each.at}` }) as unknown as Item),
  ];
  return { items, outcomes: outcomesOf(referral, measurements, (name) => name) };
}

const happyIn = (outcomes: ReturnType<typeof lifeOf>['outcomes'], programmeId: string) =>
  outcomes.find((each) => each.programmeId === programmeId)?.measures[0];

describe('a change', () => {
  it('is told of the programme in which it was measured, and of no other', () => {
    const stays = [
      { programme: 0 as const, days: 40, pause: 10 },
      { programme: 1 as const, days: 80, pause: 0 },
    ];
    // Asked long before; at the start and near the end of the first; near the end of the second, and just after it.
    const { outcomes } = lifeOf(1, stays, [
      [2, 9],
      [55, 3],
      [95, 6],
      [180, 8],
      [195, 10, 'end'],
    ]);
    expect(happyIn(outcomes, 'hive-music')).toMatchObject({ first: { happy: 3 }, last: { happy: 6 } });
    // What was answered ten days before their place in it is where the second began.
    expect(happyIn(outcomes, 'example-crafts')).toMatchObject({ first: { happy: 6 }, last: { happy: 10 } });
    const once = lifeOf(2, stays, [
      [55, 3],
      [180, 8],
    ]).outcomes;
    expect(PROGRAMMES.map((id) => happyIn(once, id))).toEqual([undefined, undefined]);
  });

  it('is from the start to the end, and no other for what is answered long afterwards', () => {
    // Their place ended on day 140.
    const stays = [{ programme: 0 as const, days: 80, pause: 0 }];
    const begun: [number, number, Point] = [55, 3, 'baseline'];
    const told = (...more: [number, number, Point][]) =>
      happyIn(lifeOf(1, stays, [begun, ...more]).outcomes, 'hive-music')?.last.happy;
    expect(told([139, 8, 'end'])).toBe(8);
    expect(told([139, 8, 'end'], [230, 3, 'follow-up'])).toBe(8);
    expect(told([139, 8, 'end'], [145, 3, 'in-between'])).toBe(8);
    // What is asked at the end is mostly answered after it: within thirty days.
    expect(told([100, 6, 'middle'], [169, 8, 'end'])).toBe(8);
    expect(told([100, 6, 'middle'], [172, 8, 'end'])).toBe(6);
    expect(told([230, 3, 'follow-up'])).toBeUndefined();
  });

  it('is from the start to the end also where the start was recorded after the end', () => {
    const stays = [{ programme: 0 as const, days: 80, pause: 0 }];
    for (const recordedAfter of [86, 20]) {
      const { outcomes } = lifeOf(1, stays, [
        [recordedAfter === 86 ? 55 : 130, 3, 'baseline', recordedAfter],
        [140, 8, 'end'],
      ]);
      expect(happyIn(outcomes, 'hive-music')).toMatchObject({ first: { happy: 3 }, last: { happy: 8 } });
    }
  });

  it('is counted as a plain reading of the table counts it', () => {
    const stay = fc.record({
      programme: fc.constantFrom(0 as const, 1 as const),
      days: fc.integer({ min: 2, max: 90 }),
      pause: fc.integer({ min: 0, max: 60 }),
      recordedAfter: fc.constantFrom(undefined, undefined, 0, 30, 31, 90),
      cancelledAfter: fc.constantFrom(undefined, 2, 40, 120),
    });
    const answer = fc.tuple(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 10 }),
      fc.constantFrom(...POINTS),
      fc.constantFrom(0, 0, 1, 20, 50),
    );
    const person = fc.tuple(
      fc.array(stay, { minLength: 1, maxLength: 3 }),
      fc.array(answer, { maxLength: 6 }),
    );
    let changes = 0;
    fc.assert(
      fc.property(fc.array(person, { minLength: 1, maxLength: 8 }), (people) => {
        const lives = people.map(([stays, answers], i) => lifeOf(i, stays, answers));
        for (const programmeId of PROGRAMMES) {
          const outcomes = lives.flatMap((life) =>
            life.outcomes.filter((each) => each.programmeId === programmeId),
          );
          const report = reportOf(outcomes, INSTRUMENTS, { fewerThan: 1 });
          const items = lives.flatMap((life) => life.items);
          const counts = countOf(items, { programmeId, from: '2026-01', to: '2036-12' });
          const ofIt = report.changes.find(({ instrument }) => instrument.id === 'ons4');
          const happy = ofIt?.items.find(({ item }) => item.id === 'happy');
          const told = happy && {
            'Answered both times': happy.both,
            ...{ Better: happy.changes.better, 'The same': happy.changes.same, Worse: happy.changes.worse },
          };
          const table = 'ONS4 personal wellbeing: from the first to the last answers';
          const codes = report.attendance.filter(
            ({ name }) => name === 'attendance-5' || name === 'attendance-4',
          );
          for (const { name, shown } of codes) {
            const words = name === 'attendance-5' ? 'Attended on time (5)' : 'Cancelled by the provider (4)';
            const count = counts.get(`Attendance, by NHS code | ${words} | Times`);
            expect(shown, name).toEqual({ state: 'number', count });
          }
          for (const { name, shown } of report.sessions) {
            const words = name === 'held' ? 'Sessions held' : 'Sessions cancelled by the provider';
            const count = counts.get(`Sessions of their groups | ${words} | Sessions`);
            expect(shown, name).toEqual({ state: 'number', count });
          }
          for (const [column, shown] of Object.entries(told ?? {})) {
            const count = counts.get(`${table} | Happiness | ${column}`);
            expect(shown, column).toEqual({ state: 'number', count });
            changes += count ?? 0;
          }
        }
      }),
      { numRuns: 100 },
    );
    expect(changes).toBeGreaterThan(100);
  });
});

describe('a report that is final', () => {
  const LEFT = '2026-12-02T10:00:00.000Z';
  const closed = (referral: Referral, at = LEFT) =>
    stored(close(stored(leave(referral, 'person', at)), at)) as In<'closed'>;
  const told = (referral: Referral) => outcomesOf(referral as In<'closed'>, [], (name) => name)[0];
  const register = (referral: Referral, cohort: CohortRecord, attendance: '5' | '3', now: string) => {
    const entries = { [referral.id]: { attendance } };
    const recorded = storedCohort(recordGroupRegister(cohort, 1, { held: true, entries }, now));
    return { cohort: recorded, referral: stored(learnOfSession(referral, recorded, 1, now)) };
  };
  const joined = () => {
    const referral = accepted() as In<'programme'>;
    return { ...referral, programme: { ...referral.programme, joinedAt: NOW } } as Referral;
  };

  it('says the same whenever a register comes later, and counts one until then; the letter says what it says', () => {
    const left = closed(joined());
    expect(told(left)).toMatchObject({ came: false, attendance: {} });
    // The last day ends at midnight in London.
    const inTime = register(left, cohortFor(left), '5', '2027-01-01T23:00:00.000Z').referral;
    expect(told(inTime)).toMatchObject({ came: true, attendance: { '5': 1 }, groups: [{ held: [1] }] });
    const late = register(left, cohortFor(left), '5', '2027-01-02T01:00:00.000Z').referral;
    expect(told(late)).toMatchObject({ came: false, attendance: {}, groups: [{ held: [] }] });
    expect(late.programme?.sessions).toMatchObject([{ number: 1, attendance: '5' }]);
  });

  it('says the same also where a register that came in time is corrected afterwards, however often', () => {
    const left = closed(joined());
    const first = register(left, cohortFor(left), '3', '2027-01-01T12:00:00.000Z');
    const again = register(first.referral, first.cohort, '5', '2027-01-02T12:00:00.000Z');
    const third = register(again.referral, again.cohort, '3', '2027-01-02T13:00:00.000Z');
    const fourth = register(third.referral, third.cohort, '5', '2027-01-02T14:00:00.000Z');
    for (const { referral } of [first, again, third, fourth]) {
      expect(referralSchema.safeParse(referral).error).toBeUndefined();
      expect(told(referral)).toMatchObject({ came: false, attendance: { '3': 1 } });
    }
    expect(fourth.referral.programme?.sessions).toMatchObject([{ attendance: '5' }]);
    const soon = register(first.referral, first.cohort, '5', '2027-01-01T13:00:00.000Z').referral;
    expect(told(soon)).toMatchObject({ came: true, attendance: { '5': 1 } });
  });
});

describe('a session that was cancelled for a day', () => {
  const cancelled = (referral: Referral, number: number, now: string) => {
    const cohort = storedCohort(cancelSession(cohortFor(referral), number, now));
    return { cohort, referral: stored(learnOfSession(referral, cohort, number, now)) };
  };
  const told = (referral: Referral) => outcomesOf(referral as In<'closed'>, [], (name) => name)[0];
  const END = '2026-12-20T10:00:00.000Z';

  it('after they had left is none of theirs, and one before it is', () => {
    const second = cancelled(recorded(accepted(), '5'), 2, '2026-12-03T10:00:00.000Z').referral;
    const { referral } = cancelled(second, 11, '2026-12-03T10:00:00.000Z');
    const left = stored(close(stored(leave(referral, 'person', END)), END));
    expect(told(left)).toMatchObject({ attendance: { '5': 1, '4': 1 }, groups: [{ cancelled: [2] }] });
  });

  it('after the one that found it not to be right for them is not, either', () => {
    const { referral, cohort } = cancelled(accepted(), 11, '2026-11-30T10:00:00.000Z');
    const entries = { [referral.id]: { attendance: '5' as const, notRight: true as const } };
    const now = '2026-12-01T18:00:00.000Z';
    const said = storedCohort(recordGroupRegister(cohort, 1, { held: true, entries }, now));
    const back = entered(stored(learnOfSession(referral, said, 1, now)), 'review', now);
    expect(back.earlierProgrammes?.[0]?.sessions).toMatchObject([{ number: 1, status: 'held' }]);
  });
});
