/**
 * Figures over time for coordinators: what became of the referrals that came in twelve months, made of records that name nobody (episode.ts). Tables
 * of who people are show no number by which one could be recognised (disclosure.ts); medians and shares of fewer people than that are not shown either.
 */
import { type Count, disclosed, isSmall, type Shown } from './disclosure.ts';
import { type Episode, type Snapshot, UNKNOWN } from './episode.ts';
import { STANDINGS } from './figures.ts';
import { ENDINGS } from './referral.ts';
import { periodOf } from './report.ts';

/** So many months are looked at together. */
export const MONTHS = 12;

/** What stands in a table: what is shown of a number, or that there was nothing to count. */
export type Cell = Shown | { state: 'none' };

/** A table: the names of its columns after the first, and its rows, each with a name and a cell for each column. Names are codes. */
export type Table = { columns: readonly string[]; rows: { name: string; cells: Cell[] }[] };

export type Insights = {
  received: Table;
  waiting: Table;
  replies: Table;
  attendance: Table;
  programmes: Table;
};

export type Equity = Record<'ageBand' | 'area' | 'ethnicGroup', Table>;

/** The months until one (YYYY-MM), that one included, the first first. */
export function monthsUntil(month: string, count = MONTHS): string[] {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const last = year * 12 + number - 1;
  return Array.from({ length: count }, (_, i) => {
    const each = last - count + 1 + i;
    return `${Math.floor(each / 12)}-${String((each % 12) + 1).padStart(2, '0')}`;
  });
}

/** So many months are said together of who people are. */
const HALF_YEAR = 6;

/**
 * The newest half of a year of the service (April to September, or October to March) among twelve months that was over before this month; none among
 * fewer months. Who people are is said of such halves alone: no two overlap, so that none can be subtracted from another; and while one went on, what
 * was said yesterday could be subtracted from what is said today.
 */
export function halfYearIn(months: readonly string[], thisMonth: string): string[] {
  const isLast = (month: string) => periodOf(month, { months: HALF_YEAR }).to === month;
  const last = months.findLast((month, i) => i >= HALF_YEAR - 1 && month < thisMonth && isLast(month));
  return last === undefined ? [] : monthsUntil(last, HALF_YEAR);
}

/** The figures of some records. `providerOf`: whose a programme is. `isIn`: whether a programme is looked at, where not all of them are. */
export function insightsOf(
  all: readonly Episode[],
  months: readonly string[],
  {
    fewerThan,
    providerOf,
    isIn,
  }: {
    fewerThan: number;
    providerOf: (programmeId: string) => string;
    isIn?: (programmeId: string) => boolean;
  },
): Insights {
  const episodes = isIn
    ? all.filter(({ programmeId }) => programmeId !== undefined && isIn(programmeId))
    : all;
  const replies = all
    .flatMap((each) => each.replies)
    .filter(({ programmeId }) => isIn?.(programmeId) ?? true);
  const byMonth = (columns: readonly string[], cellsOf: (of: Episode[]) => Cell[]): Table => ({
    columns,
    rows: months.map((name) => ({ name, cells: cellsOf(episodes.filter(({ month }) => month === name)) })),
  });
  return {
    received: byMonth(['received', ...ENDINGS, 'open'], (of) => [
      number(of.length),
      ...ENDINGS.map((kind) => number(of.filter(({ ending }) => ending === kind).length)),
      number(of.filter(({ ending }) => ending === undefined).length),
    ]),
    waiting: byMonth(FIRSTS, (of) =>
      FIRSTS.map((first) => {
        const hours = of.flatMap((each) => each.hours[first] ?? []);
        return medianDays(hours, fewerThan);
      }),
    ),
    replies: rowsBy(
      replies,
      ({ programmeId }) => providerOf(programmeId),
      ['replies', 'accepted-share', 'median-days'],
      (of) => [
        number(of.length),
        share(of.filter(({ reply }) => reply === 'accepted').length, of.length, of.length, fewerThan),
        medianDays(
          of.map(({ hours }) => hours),
          fewerThan,
        ),
      ],
    ),
    attendance: byMonth(['people', 'held', 'attended-share'], (of) => attendanceOf(of, fewerThan)),
    programmes: rowsBy(
      episodes.filter(({ programmeId }) => programmeId !== undefined),
      ({ programmeId }) => programmeId ?? UNKNOWN,
      ['referred', 'accepted', 'completed', 'attended-share'],
      (of) => [
        number(of.length),
        number(of.filter(({ hours }) => hours.acceptance !== undefined).length),
        number(of.filter(({ ending }) => ending === 'completed').length),
        attendanceOf(of, fewerThan).at(-1) ?? NONE,
      ],
    ),
  };
}

export const FIRSTS = ['contact', 'offer', 'acceptance', 'session'] as const;

/** How things stood on the last day of each month of which anything is known: open referrals by stage, and the days of the longest there of any. */
export function standingOver(snapshots: readonly Snapshot[], months: readonly string[]): Table {
  return {
    columns: [...STANDINGS, 'oldest-days'],
    rows: months.map((name) => {
      const last = snapshots.filter(({ date }) => date.startsWith(name)).at(-1);
      if (!last) return { name, cells: [...STANDINGS, 'oldest-days'].map(() => NONE) };
      const counts = STANDINGS.map((at) => number(last.open.find(({ stage }) => stage === at)?.count ?? 0));
      return { name, cells: [...counts, number(Math.max(...last.open.map(({ oldestDays }) => oldestDays)))] };
    }),
  };
}

const NONE: Cell = { state: 'none' };

function number(count: number): Cell {
  return { state: 'number', count };
}

function rowsBy<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  columns: readonly string[],
  cellsOf: (of: T[]) => Cell[],
): Table {
  const groups = Object.entries(Object.groupBy(all, nameOf)).map(([name, of = []]) => ({ name, of }));
  groups.sort((a, b) => b.of.length - a.of.length || a.name.localeCompare(b.name));
  return { columns, rows: groups.map(({ name, of }) => ({ name, cells: cellsOf(of) })) };
}

/** In days, to one decimal place; of enough people only. */
function medianDays(hours: readonly number[], fewerThan: number): Cell {
  if (hours.length === 0) return NONE;
  if (isSmall(hours.length, fewerThan)) return { state: 'few' };
  const sorted = [...hours].sort((a, b) => a - b);
  const at = (place: number) => sorted[place] ?? 0;
  const middle = (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
  return number(Math.round((middle / 24) * 10) / 10);
}

/** In per cent; of enough people only. */
function share(part: number, whole: number, people: number, fewerThan: number): Cell {
  if (whole === 0) return NONE;
  return isSmall(people, fewerThan) ? { state: 'few' } : number(Math.round((100 * part) / whole));
}

/** People who had sessions, how many took place for them, and to what share of them they came: not where few of them came to any. */
function attendanceOf(episodes: readonly Episode[], fewerThan: number): Cell[] {
  const people = episodes.filter(({ held }) => held > 0);
  const sum = (of: 'held' | 'attended') => people.reduce((total, each) => total + each[of], 0);
  const few = isSmall(people.length, fewerThan);
  const came = people.filter(({ attended }) => attended > 0).length;
  return [
    few ? { state: 'few' } : number(people.length),
    few ? { state: 'withheld' } : number(sum('held')),
    few ? { state: 'few' } : share(sum('attended'), sum('held'), came, fewerThan),
  ];
}

/** How far somebody came: each includes those after it. */
export const STEPS = ['referred', 'reached', 'accepted', 'completed'] as const;

/** Areas with more people than others stand for themselves; so many at most. */
const MOST_AREAS = 15;
/** All other areas together. */
export const ELSEWHERE = 'elsewhere';

/** How far people came, by who they are. Of all that was read, never of one programme: what is left of the whole could be about few. */
export function equityOf(episodes: readonly Episode[], fewerThan: number): Equity {
  const byArea = Object.groupBy(episodes, ({ area }) => area);
  const named = Object.entries(byArea)
    .filter(([area, of = []]) => area !== UNKNOWN && of.length >= fewerThan)
    .sort(([, a = []], [, b = []]) => b.length - a.length)
    .slice(0, MOST_AREAS)
    .map(([area]) => area);
  const areaOf = (area: string) => (area === UNKNOWN || named.includes(area) ? area : ELSEWHERE);
  return {
    ageBand: stepsBy(episodes, (each) => each.ageBand, fewerThan),
    area: stepsBy(episodes, ({ area }) => areaOf(area), fewerThan),
    ethnicGroup: stepsBy(episodes, (each) => each.ethnicGroup, fewerThan),
  };
}

function stepOf({ ending, hours, reached }: Episode): number {
  if (ending === 'completed') return 3;
  if (hours.acceptance !== undefined) return 2;
  return reached ? 1 : 0;
}

function stepsBy(
  episodes: readonly Episode[],
  nameOf: (episode: Episode) => string,
  fewerThan: number,
): Table {
  const groups = Object.entries(Object.groupBy(episodes, nameOf))
    .map(([name, of = []]) => ({
      name,
      counts: STEPS.map((_, step) => of.filter((each) => stepOf(each) >= step).length),
    }))
    .sort((a, b) => Number(a.name === UNKNOWN) - Number(b.name === UNKNOWN) || a.name.localeCompare(b.name));
  return { columns: STEPS, rows: shownSteps(groups, fewerThan) };
}

type Group = { name: string; counts: readonly number[] };

/**
 * What is shown of each count so that no sum gives a small one away: of a row, whose differences count those who came no further, and of a column,
 * whose sum other tables say. A column in which one count alone would be missing loses another one.
 */
export function shownSteps(groups: readonly Group[], fewerThan: number): Table['rows'] {
  const rows = groups.map(({ counts }) => disclosed(treeOf(counts), fewerThan));
  const columns = STEPS.map((_, step) => {
    const parts = groups.map(({ name, counts }) => ({ name, count: counts[step] ?? 0 }));
    return disclosed({ name: '', count: parts.reduce((sum, { count }) => sum + count, 0), parts }, fewerThan);
  });
  const shown = groups.map(({ name, counts }, row) =>
    counts.map((count, step): Shown => {
      const both = [rows[row]?.get(String(step)), columns[step]?.get(name)].map((each) => each?.state);
      if (both.includes(undefined) || both.includes('withheld')) return { state: 'withheld' };
      return both.includes('few') ? { state: 'few' } : { state: 'number', count };
    }),
  );
  STEPS.forEach((_, step) => {
    const hidden = shown.filter((cells) => cells[step]?.state !== 'number');
    if (hidden.length !== 1) return;
    const others = shown.filter((cells) => cells[step]?.state === 'number');
    const companion = others.reduce<Shown[] | undefined>(
      (best, cells) => (worth(cells[step]) < worth(best?.[step]) ? cells : best),
      undefined,
    );
    if (companion) companion[step] = { state: 'withheld' };
  });
  return groups.map(({ name }, row) => ({ name, cells: shown[row] ?? [] }));
}

/** A nought is worth keeping: it is the last to go. */
function worth(shown: Shown | undefined): number {
  if (shown?.state !== 'number') return Number.POSITIVE_INFINITY;
  return shown.count > 0 ? shown.count : Number.MAX_SAFE_INTEGER;
}

/** Each step of those who came as far, and those who came no further. */
function treeOf(counts: readonly number[], step = 0): Count {
  const [count = 0, ...further] = counts;
  const next = further[0];
  const name = String(step);
  if (next === undefined) return { name, count };
  return {
    name,
    count,
    parts: [{ name: `not-${step + 1}`, count: count - next }, treeOf(further, step + 1)],
  };
}
