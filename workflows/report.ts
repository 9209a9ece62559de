/**
 * A report for funders: what came of a programme in a period, in counts of which none is about so few people that one can be recognised
 * (disclosure.ts). It is made of outcome records (outcome.ts) and of nothing else.
 */
import { type Count, disclosed, isSmall, type Shown } from './disclosure.ts';
import type { Instrument, Item } from './instrument.ts';
import { LATE_DAYS } from './measure-times.ts';
import { type Change, changeByBand, score } from './measures.ts';
import type { Outcome } from './outcome.ts';
import { ATTENDANCE, type Attendance } from './referral.ts';
import { after, londonDate } from './time.ts';

/** How reports are made: for how many months, and from which count on numbers are shown. The deployer says (cdk.json, `reports`). */
export type ReportRules = { months: number; fewerThan: number };

/** Some months in a row, as YYYY-MM, both included. */
export type Period = { from: string; to: string };

/** A service's year begins in April, as the public sector's does. */
const FIRST_MONTH = 4;

/**
 * The period of a month (YYYY-MM). Periods are all of one length and do not overlap, so that no report can be subtracted from another.
 */
export function periodOf(month: string, { months }: Pick<ReportRules, 'months'>): Period {
  const since = sinceFirst(month);
  const first = since - (since % months);
  return { from: monthAt(first), to: monthAt(first + months - 1) };
}

/** The period of a month and those before it, the newest first. */
export function periodsUntil(month: string, rules: ReportRules, count: number): Period[] {
  const since = sinceFirst(month);
  return Array.from({ length: count }, (_, i) => periodOf(monthAt(since - i * rules.months), rules));
}

/** The day (in London) from which on no answers come in that a period's report counts. */
export function answersFinalOn({ to }: Period): string {
  return londonDate(after(`${monthAt(sinceFirst(to) + 1)}-01T12:00:00.000Z`, { days: LATE_DAYS }));
}

function sinceFirst(month: string): number {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return year * 12 + number - FIRST_MONTH;
}

function monthAt(since: number): string {
  const months = since + FIRST_MONTH - 1;
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}`;
}

/** One count, how deep it is in its table, and what is shown of it. */
export type ReportRow = { name: string; depth: number; shown: Shown };

export type ChangeReport = {
  instrument: Instrument;
  items: { item: Item; both: Shown; changes: Record<Change, Shown> }[];
  /** Of an instrument that may be summed: its mean total, first and last, where enough people answered all of it twice. */
  total?: { both: Shown; means?: { first: number; last: number } };
};

export type Report = {
  people: ReportRow[];
  /** Sessions of the groups, each counted once. */
  sessions: ReportRow[];
  /** Sessions of each person, by NHS attendance code. */
  attendance: ReportRow[];
  changes: ChangeReport[];
};

/** The report of some outcomes of one programme. `instruments`: whose answers are understood. */
export function reportOf(
  outcomes: readonly Outcome[],
  instruments: readonly Instrument[],
  { fewerThan }: Pick<ReportRules, 'fewerThan'>,
): Report {
  const withSessions = outcomes.filter(({ groups }) =>
    groups.some(({ held, cancelled }) => held.length + cancelled.length > 0),
  );
  // What so few people's sessions were is theirs, however many sessions there were.
  const ofFew = isSmall(withSessions.length, fewerThan);
  const shown = disclosed(peopleOf(outcomes), fewerThan);
  const attendance = attendanceOf(outcomes);
  const saysWhoCame = shown.get('started')?.state === 'number';
  const tellsMore = ofFew || !saysWhoCame || tellsOfAccepted(outcomes, shown);
  return {
    people: rowsOf(peopleOf(outcomes), shown),
    sessions: sessionsOf(outcomes).map(({ name, count }) => ({
      name,
      depth: 0,
      shown: ofFew ? { state: 'withheld' } : { state: 'number', count },
    })),
    attendance: rowsOf(
      attendance,
      tellsMore ? new Map() : shownOfAttendance(outcomes, attendance, fewerThan),
    ),
    // Nobody is in them who did not come.
    changes: instruments.map((instrument) =>
      saysWhoCame ? changesOf(outcomes, instrument, fewerThan) : nothingOf(instrument),
    ),
  };
}

/**
 * What is shown of attendance. Its sum is not where anything in it is not, but may be known all the same: nobody had more sessions than were held. Who came
 * did so once at least; where most came once only, that would leave little room for what is not shown.
 */
function shownOfAttendance(
  outcomes: readonly Outcome[],
  attendance: Count,
  fewerThan: number,
): ReadonlyMap<string, Shown> {
  const shown = disclosed({ ...attendance, keep: true }, fewerThan);
  if ([...shown.values()].every(({ state }) => state === 'number')) return shown;
  const isHidden = (['5', '6'] as const).some((code) => shown.get(`attendance-${code}`)?.state !== 'number');
  const again = had(outcomes, '5') + had(outcomes, '6') - outcomes.filter(({ came }) => came).length;
  if (isHidden && again < fewerThan - 1) return new Map();
  return new Map([...shown, [attendance.name, { state: 'withheld' }]]);
}

/** How many sessions of all of them have an attendance code. */
function had(outcomes: readonly Outcome[], code: Attendance): number {
  return outcomes.reduce((sum, { attendance }) => sum + (attendance[code] ?? 0), 0);
}

/**
 * Whether how many were accepted, which is not said, or at least how many, could be told by what they had of the sessions that were held, or of those that were
 * cancelled: nobody had more of them than there were.
 */
function tellsOfAccepted(outcomes: readonly Outcome[], shown: ReadonlyMap<string, Shown>): boolean {
  const [accepted, started, neverCame] = ['accepted', 'started', 'never-came'].map((name) => shown.get(name));
  if (accepted?.state === 'number' || started?.state !== 'number') return false;
  const known = started.count + (neverCame?.state === 'few' ? 1 : 0);
  const [held = 0, cancelled = 0] = sessionsOf(outcomes).map(({ count }) => count);
  const ofHeld = ATTENDANCE.filter((code) => code !== '4').reduce(
    (sum, code) => sum + had(outcomes, code),
    0,
  );
  return ofHeld > known * held || had(outcomes, '4') > known * cancelled;
}

/** A table's counts in its order; what is not said is withheld. */
function rowsOf(table: Count, shown: ReadonlyMap<string, Shown>, depth = 0): ReportRow[] {
  const { name, parts = [] } = table;
  return [
    { name, depth, shown: shown.get(name) ?? { state: 'withheld' } },
    ...parts.flatMap((part) => rowsOf(part, shown, depth + 1)),
  ];
}

function peopleOf(outcomes: readonly Outcome[]): Count {
  const count = (is: (outcome: Outcome) => boolean) => outcomes.filter(is).length;
  const sumOf = (name: string, parts: Count[]): Count => ({
    name,
    count: parts.reduce((sum, part) => sum + part.count, 0),
    parts,
  });
  const cameAnd = (name: NonNullable<Outcome['result']>): Count => ({
    name,
    count: count(({ came, result }) => came && result === name),
  });
  const notAccepted = (name: Outcome['reply']): Count => ({
    name,
    count: count(({ reply }) => reply === name),
  });
  return sumOf('referred', [
    sumOf('accepted', [
      {
        ...sumOf('started', [
          cameAnd('completed'),
          sumOf('left-early', [cameAnd('left'), cameAnd('ended-early'), cameAnd('not-right')]),
        ]),
        keep: true,
      },
      { name: 'never-came', count: count(({ reply, came }) => reply === 'accepted' && !came) },
    ]),
    sumOf('not-accepted', [notAccepted('declined'), notAccepted('silence'), notAccepted('withdrawn')]),
  ]);
}

function sessionsOf(outcomes: readonly Outcome[]): Count[] {
  const numbers = (which: 'held' | 'cancelled') =>
    new Set(
      outcomes.flatMap(({ groups }) =>
        groups.flatMap((group) => group[which].map((number) => `${group.group} ${number}`)),
      ),
    ).size;
  return [
    { name: 'held', count: numbers('held') },
    { name: 'cancelled', count: numbers('cancelled') },
  ];
}

function attendanceOf(outcomes: readonly Outcome[]): Count {
  const parts = ATTENDANCE.map((code) => ({
    name: `attendance-${code}`,
    count: had(outcomes, code),
    people: outcomes.filter(({ attendance }) => (attendance[code] ?? 0) > 0).length,
  }));
  return { name: 'attendances', count: parts.reduce((sum, { count }) => sum + count, 0), parts };
}

function changesOf(outcomes: readonly Outcome[], instrument: Instrument, fewerThan: number): ChangeReport {
  const taken = outcomes.flatMap(({ measures }) =>
    measures.filter((each) => each.instrument === instrument.id && each.version === instrument.version),
  );
  const items = instrument.items.map((item) => {
    const changes = taken.flatMap(({ first, last }) => {
      const [from, to] = [first[item.id], last[item.id]];
      return from === undefined || to === undefined ? [] : (changeByBand(instrument, item, from, to) ?? []);
    });
    const part = (name: Change) => ({ name, count: changes.filter((change) => change === name).length });
    const shown = disclosed(
      { name: 'both', count: changes.length, parts: [part('better'), part('same'), part('worse')] },
      fewerThan,
    );
    const of = (name: string): Shown => shown.get(name) ?? { state: 'withheld' };
    return {
      item,
      both: of('both'),
      changes: { better: of('better'), same: of('same'), worse: of('worse') },
    };
  });
  if (!instrument.total) return { instrument, items };
  const totals = taken.flatMap(({ first, last }) => {
    const [from, to] = [first, last].map((answers) => totalOf(instrument, answers));
    return from === undefined || to === undefined ? [] : [{ first: from, last: to }];
  });
  const both = disclosed({ name: 'both', count: totals.length }, fewerThan).get('both') ?? {
    state: 'withheld',
  };
  const enough = both.state === 'number' && totals.length > 0;
  return {
    instrument,
    items,
    total: {
      both,
      ...(enough
        ? {
            means: {
              first: mean(totals.map((each) => each.first)),
              last: mean(totals.map((each) => each.last)),
            },
          }
        : {}),
    },
  };
}

/** Of an instrument of which nothing may be said. */
function nothingOf(instrument: Instrument): ChangeReport {
  const none = { state: 'withheld' } as const;
  const changes = { better: none, same: none, worse: none };
  return {
    instrument,
    items: instrument.items.map((item) => ({ item, both: none, changes })),
    ...(instrument.total ? { total: { both: none } } : {}),
  };
}

function totalOf(instrument: Instrument, answers: Record<string, number>): number | undefined {
  return score(instrument, { instrument: instrument.id, version: instrument.version, answers }).total;
}

/** To one decimal place. */
function mean(numbers: readonly number[]): number {
  return Math.round((10 * numbers.reduce((sum, number) => sum + number, 0)) / numbers.length) / 10;
}
