/**
 * Statistical disclosure control: which counts of people a table may show, so that nobody can be recognised in it. The rules are common
 * practice of official statistics in the United Kingdom (the Government Analysis Function's guidance on disclosure control of tables; NHS
 * England's guide to anonymisation): small counts are suppressed, and others with them wherever sums would give them away [check]. From which
 * count on numbers are shown is the deployer's to say (cdk.json, `reports.fewerThan`).
 */

/**
 * A count that is the sum of its parts, where it has any. Names are unique in a table. `people`: how many people it is about, where it counts
 * something else, as their sessions. `keep`: what other tables depend on, so that it is the last to be withheld for the sake of others.
 */
export type Count = { name: string; count: number; parts?: readonly Count[]; people?: number; keep?: true };

/** What is shown of a count: the number; that it is small, 1 or more and below the limit; or nothing. */
export type Shown = { state: 'number'; count: number } | { state: 'few' } | { state: 'withheld' };

type Range = { from: number; to: number };
type State = Shown['state'];
type States = ReadonlyMap<string, State>;

/** A way to tell less: counts that are shown no more, and what that is worth to a reader. */
type Step = { names: readonly string[]; cost: number };

/** So many ways are tried together; one alone always does: all that the whole consists of. */
const MOST_STEPS = 3;

/**
 * What is shown of each count of a table: as much as can be, so that whoever knows all sums, and what is said of each count, can still not tell
 * which of the possible small numbers one is. What a small count consists of is not shown at all.
 */
export function disclosed(table: Count, fewerThan: number): ReadonlyMap<string, Shown> {
  const cells = all(table);
  const marked = new Map<string, State>();
  mark(table, fewerThan, marked, false);
  const states = leastWithheld(cells, marked, fewerThan);
  return new Map(cells.map(({ name, count }) => [name, shown(stateOf(states, name), count)]));
}

/** Whether a count is small enough to say something of somebody. */
export function isSmall(count: number, fewerThan: number): boolean {
  return count > 0 && count < fewerThan;
}

/** Whether a count is of so few people, however large it is itself. */
function isOfFew({ count, people = count }: Count, fewerThan: number): boolean {
  return isSmall(people, fewerThan);
}

function shown(state: State, count: number): Shown {
  return state === 'number' ? { state, count } : { state };
}

function stateOf(states: States, name: string): State {
  return states.get(name) ?? 'withheld';
}

function all(cell: Count): Count[] {
  return [cell, ...(cell.parts ?? []).flatMap(all)];
}

/** Small counts and those of few people, and what is in them. */
function mark(cell: Count, fewerThan: number, states: Map<string, State>, withheld: boolean): void {
  const { name, count, parts = [] } = cell;
  const ofFew = isOfFew(cell, fewerThan);
  const alone = isSmall(count, fewerThan) ? 'few' : ofFew ? 'withheld' : 'number';
  states.set(name, withheld ? 'withheld' : alone);
  for (const part of parts) mark(part, fewerThan, states, withheld || ofFew);
}

/** The marks with the least more that must be withheld. */
function leastWithheld(cells: readonly Count[], marked: States, fewerThan: number): States {
  if (isSafe(cells, marked, fewerThan)) return marked;
  const ways = together(stepsOf(cells, marked)).sort((a, b) => a.cost - b.cost);
  for (const { names } of ways) {
    const states = new Map([...marked, ...names.map((name): [string, State] => [name, 'withheld'])]);
    if (isSafe(cells, states, fewerThan)) return states;
  }
  return new Map();
}

/** Each number may be withheld, and each sum's parts altogether. Numbers with parts are worth most. */
function stepsOf(cells: readonly Count[], marked: States): Step[] {
  const worth = ({ name, count, parts = [], keep }: Count) => {
    if (stateOf(marked, name) !== 'number') return 1;
    if (keep) return 12;
    return count === 0 ? 0 : parts.length === 0 ? 2 : 4;
  };
  const numbers = cells.filter(({ name, count }) => stateOf(marked, name) === 'number' && count > 0);
  const sums = cells.filter(({ name, parts = [] }) => parts.length > 0 && stateOf(marked, name) === 'number');
  return [
    ...numbers.map((cell) => ({ names: [cell.name], cost: worth(cell) })),
    ...sums.map((cell) => {
      const inside = all(cell).slice(1);
      return { names: inside.map(({ name }) => name), cost: sum(inside.map(worth)) };
    }),
  ];
}

function together(steps: readonly Step[], most = MOST_STEPS): Step[] {
  if (most === 0) return [];
  return steps.flatMap((step, i) => [
    step,
    ...together(steps.slice(i + 1), most - 1).map((more) => ({
      names: [...step.names, ...more.names],
      cost: step.cost + more.cost,
    })),
  ]);
}

/** Whether sums say nothing more of small counts: of one that is marked, not even which it could be. */
function isSafe(cells: readonly Count[], states: States, fewerThan: number): boolean {
  const ranges = rangesOf(cells, states, fewerThan);
  return cells.every((cell) => {
    const { name, count } = cell;
    if (!isOfFew(cell, fewerThan)) return true;
    const { from, to } = ranges.get(name) ?? { from: count, to: count };
    return stateOf(states, name) === 'few' ? from === 1 && to === fewerThan - 1 : from < to;
  });
}

/** What a reader can work out of each count: sums, both ways, until nothing more follows. */
function rangesOf(cells: readonly Count[], states: States, fewerThan: number): Map<string, Range> {
  const ranges = new Map<string, Range>();
  said(cells, states, fewerThan, ranges);
  const of = (name: string) => ranges.get(name) ?? { from: 0, to: Number.POSITIVE_INFINITY };
  let changed = true;
  const narrow = (name: string, from: number, to: number) => {
    const before = of(name);
    const after = { from: Math.max(before.from, from), to: Math.min(before.to, to) };
    if (after.from === before.from && after.to === before.to) return;
    ranges.set(name, after);
    changed = true;
  };
  while (changed) {
    changed = false;
    for (const { name, parts = [] } of cells) {
      if (parts.length === 0) continue;
      const lowest = sum(parts.map((part) => of(part.name).from));
      narrow(name, lowest, sum(parts.map((part) => of(part.name).to)));
      for (const part of parts) {
        const others = parts.filter((other) => other !== part).map((other) => of(other.name));
        narrow(
          part.name,
          of(name).from - sum(others.map(({ to }) => to)),
          of(name).to - sum(others.map(({ from }) => from)),
        );
      }
    }
  }
  return ranges;
}

/**
 * What each mark says. Of a single count that is not shown a reader may guess that it is not small, since that would have been said; where nothing is
 * shown of what a sum consists of, it can be anything, and within a small count nothing but a small one.
 */
function said(cells: readonly Count[], states: States, fewerThan: number, ranges: Map<string, Range>): void {
  const isWithheld = ({ name }: Count) => stateOf(states, name) === 'withheld';
  const set = ({ name, count, parts = [] }: Count, withheld: Range): void => {
    const state = stateOf(states, name);
    const few = { from: 1, to: fewerThan - 1 };
    ranges.set(name, state === 'number' ? { from: count, to: count } : state === 'few' ? few : withheld);
    const inside = parts.every(isWithheld)
      ? { from: 0, to: Number.POSITIVE_INFINITY }
      : { from: fewerThan, to: Number.POSITIVE_INFINITY };
    for (const part of parts) set(part, inside);
  };
  const [whole] = cells;
  if (whole) set(whole, { from: fewerThan, to: Number.POSITIVE_INFINITY });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
