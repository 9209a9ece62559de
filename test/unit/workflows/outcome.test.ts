/** Whose change it is where somebody was in several programmes: held against a plain reading of the same items. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS, type Measurement, POINTS, type Point } from '../../../workflows/measures.ts';
import { outcomesOf } from '../../../workflows/outcome.ts';
import type { In, ProgrammeRecord } from '../../../workflows/referral.ts';
import { reportOf } from '../../../workflows/report.ts';
import { after as later, londonDate } from '../../../workflows/time.ts';
import { countOf, type Item } from '../../journeys/count.ts';
import { accepted, NOW } from './builders.ts';

const PROGRAMMES = ['hive-music', 'example-crafts'] as const;
const dayOf = (day: number) => later(NOW, { days: day });

/** Somebody who was in one programme after another, and how happy they said they were on which day. */
function lifeOf(
  n: number,
  stays: { programme: 0 | 1; days: number; pause: number }[],
  answers: [day: number, happy: number, point?: Point, recordedAfter?: number][],
) {
  const { programme, due: _due, waiting: _waiting, ...rest } = accepted() as In<'programme'>;
  const id = n.toString(16).padStart(32, '0');
  let day = 60;
  const offers: In<'closed'>['offers'] = [];
  const records: ProgrammeRecord[] = [];
  const history: In<'closed'>['history'] = [];
  for (const [i, { programme: which, days, pause }] of stays.entries()) {
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
    const session = { ...came, status: 'held' as const, attendance: '5' as const };
    records.push({ ...programme, programmeId, cohortId: `own-${id}-${i + 1}`, sessions: [session] });
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
