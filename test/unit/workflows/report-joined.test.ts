/** What whoever reads a report can work out of its tables together: of people, of their groups' sessions, and of attendance. */
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../workflows/measures.ts';
import type { Outcome } from '../../../workflows/outcome.ts';
import type { Attendance } from '../../../workflows/referral.ts';
import { type Report, reportOf } from '../../../workflows/report.ts';
import { sampleOutcome } from '../pages/measures-samples.ts';

type Sessions = Partial<Record<Attendance, number>>;

/** Somebody in the one group of a programme, who had so many of its sessions by attendance code. */
function person(attendance: Sessions, held: number, other: Partial<Outcome> = {}): Outcome {
  const came = (attendance['5'] ?? 0) + (attendance['6'] ?? 0) > 0;
  const numbers = Array.from({ length: held }, (_, i) => i + 1);
  return sampleOutcome(0, {
    ...{ attendance, came, result: came ? 'completed' : 'ended-early', measures: [] },
    groups: [{ group: 'one', held: numbers, cancelled: [] }],
    ...other,
  });
}
const times = (count: number, attendance: Sessions, other: Partial<Outcome> = {}) =>
  Array.from({ length: count }, () => person(attendance, 12, other));

const table = (rows: Report['people']) =>
  Object.fromEntries(
    rows.map(({ name, shown }) => [name, shown.state === 'number' ? shown.count : shown.state]),
  );

describe('attendance in a report', () => {
  const told = (outcomes: Outcome[]) => {
    const report = reportOf(outcomes, [], { fewerThan: 5 });
    return { ...table(report.people), ...table(report.sessions), ...table(report.attendance) };
  };

  it('does not say how many came where that is not said', () => {
    // Forty of twelve sessions are of four people at least.
    const four = told([...times(4, { '5': 10, '3': 2 }), ...times(5, { '3': 3 })]);
    expect(four).toMatchObject({ held: 12, 'attendance-5': 'withheld', attendances: 'withheld' });
    expect(told([...times(1, { '5': 11, '3': 1 }), ...times(9, { '3': 3 })])).toMatchObject({
      'attendance-5': 'withheld',
      'attendance-3': 'withheld',
    });
  });

  it('does not say what few people did, however often', () => {
    const late = told([...times(9, { '5': 10, '3': 2 }), ...times(1, { '5': 6, '7': 6 })]);
    expect(late).toMatchObject({ started: 10, 'attendance-7': 'withheld' });
    // Nor does the sum with the others.
    const { attendances, 'attendance-5': came, 'attendance-3': missed } = late;
    expect([attendances, came, missed].filter((shown) => shown === 'withheld')).toHaveLength(2);
    expect(attendances).toBe('withheld');
  });

  it('does not say how many never came, by more sessions than others could have had', () => {
    const all = times(20, { '5': 12 });
    expect(told([...all, ...times(3, { '3': 12 })])).toMatchObject({ started: 20, attendances: 'withheld' });
    expect(told([...all, ...times(6, { '3': 12 })])).toMatchObject({ 'never-came': 6, attendances: 312 });
  });

  it('is said, as who came is, before how many were referred, where few never came', () => {
    const usual = told([...times(20, { '5': 9, '3': 3 }), ...times(3, { '3': 2 })]);
    expect(usual).toMatchObject({ started: 20, 'never-came': 'few', 'attendance-5': 180 });
    expect([usual.referred, usual.accepted]).toEqual(['withheld', 'withheld']);
  });
});

describe('what changed', () => {
  it('does not say how many came where that is not said', () => {
    const { measures } = sampleOutcome(0);
    const outcomes = [...times(8, { '5': 10 }, { measures }), ...times(1, { '3': 3 })];
    const { people, changes } = reportOf(outcomes, INSTRUMENTS, { fewerThan: 5 });
    const started = people.find(({ name }) => name === 'started')?.shown.state;
    const both = changes[0]?.items[0]?.both.state;
    expect([started, both]).toEqual(started === 'number' ? ['number', 'number'] : ['withheld', 'withheld']);
  });
});

/** Small numbers are 1 and 2 here, so that every group of few people can be gone through. */
const LIMIT = 3;
const HELD = 2;
const KINDS: Sessions[] = [
  ...[{ '5': 2 }, { '5': 1, '3': 1 }, { '5': 1, '7': 1 }, { '5': 1 }],
  ...[{ '3': 2 }, { '3': 1 }, { '7': 2 }, { '7': 1 }, {}],
];
const MOST = 6;

/** Every group of so many people, as how many there are of each kind. */
function groups(people: number, kinds = KINDS.length): number[][] {
  if (kinds === 1) return [[people]];
  return Array.from({ length: people + 1 }, (_, first) =>
    groups(people - first, kinds - 1).map((rest) => [first, ...rest]),
  ).flat();
}

/** A group: what its tables count, and what of that is of few people. */
type World = { counts: Record<string, number>; small: string[] };

const PEOPLE = KINDS.map((attendance) => person(attendance, HELD));
/** What the tables count of one of each kind: of a group they count the sum, but for the sessions that were held. */
const COUNTS = PEOPLE.map(
  (each) => numbersIn(reportOf([each], [], { fewerThan: 1 })) as Record<string, number>,
);

function worldOf(group: readonly number[]): World {
  const sum = (of: (kind: number) => number) => group.reduce((all, count, kind) => all + count * of(kind), 0);
  const counts: Record<string, number> = {};
  for (const name of Object.keys(COUNTS[0] ?? {})) counts[name] = sum((kind) => COUNTS[kind]?.[name] ?? 0);
  const small = ['started', 'never-came', 'attendance-5', 'attendance-3', 'attendance-7'].filter((name) => {
    const people = sum((kind) => Number((COUNTS[kind]?.[name] ?? 0) > 0));
    return people > 0 && people < LIMIT;
  });
  return { counts: { ...counts, held: HELD }, small };
}

function numbersIn({ people, sessions, attendance }: Report) {
  return table([...people, ...sessions, ...attendance]);
}

/** Whether a group could be the one of which a report says this. */
function fits({ counts }: World, [name, said]: [string, number | string]): boolean {
  const count = counts[name] ?? 0;
  return said === 'withheld' || (said === 'few' ? count > 0 && count < LIMIT : said === count);
}

describe('whoever puts the tables of a report together', () => {
  it('can tell no small number, nor how often few people did something', () => {
    const sizes = Array.from({ length: MOST }, (_, size) => groups(size + 1));
    // Each of which the tables count the same once.
    const byCounts = new Map<string, World>();
    for (const world of sizes.flat().map(worldOf)) byCounts.set(Object.values(world.counts).join(), world);
    const all = [...byCounts.values()];
    const reports = new Map<string, Set<string>>();
    // What is told of the largest groups could be of larger ones too.
    for (const group of sizes.slice(0, -1).flat()) {
      const outcomes = group.flatMap((count, i) => Array<Outcome>(count).fill(PEOPLE[i] as Outcome));
      const told = JSON.stringify(Object.entries(numbersIn(reportOf(outcomes, [], { fewerThan: LIMIT }))));
      reports.set(told, new Set([...(reports.get(told) ?? []), ...worldOf(group).small]));
    }
    const known = [...reports].flatMap(([told, small]) => {
      const said = JSON.parse(told) as [string, number | string][];
      const possible = small.size === 0 ? [] : all.filter((world) => said.every((each) => fits(world, each)));
      return [...small]
        .filter((name) => new Set(possible.map(({ counts }) => counts[name])).size < 2)
        .map((name) => `${name} in ${told}`);
    });
    expect(known.slice(0, 5)).toEqual([]);
    expect(reports.size).toBeGreaterThan(50);
  });
});
