/**
 * Statistical disclosure control: which counts of people a table may show, so that nobody can be recognised in it. The rules are common
 * practice of official statistics in the United Kingdom (the Government Analysis Function's guidance on disclosure control of tables; NHS
 * England's guide to anonymisation): small counts are suppressed, and others with them wherever sums would give them away [check]. From which
 * count on numbers are shown is the deployer's to say (cdk.json, `reports.fewerThan`).
 */

/** A count that is the sum of its parts, where it has any. Names are unique in a table. */
export type Count = { name: string; count: number; parts?: readonly Count[] };

/** What is shown of a count: the number; that it is small, 1 or more and below the limit; or nothing. */
export type Shown = { state: 'number'; count: number } | { state: 'few' } | { state: 'withheld' };

type Range = { from: number; to: number };

/** What a reader is told of a count, as a range. Of what is withheld because of a sum they may guess that it is not small. */
type State = Shown['state'] | 'inside few';

/**
 * What is shown of each count of a table. Whoever knows all sums, and what is said of each count, can still not tell which of the possible
 * small numbers one is. What a small count consists of is withheld altogether.
 */
export function disclosed(table: Count, fewerThan: number): ReadonlyMap<string, Shown> {
  const cells = all(table);
  const states = new Map<string, State>();
  mark(table, fewerThan, states, false);
  for (let next = nextToWithhold(cells, states, fewerThan); next !== undefined; ) {
    states.set(next, 'withheld');
    next = nextToWithhold(cells, states, fewerThan);
  }
  return new Map(cells.map(({ name, count }) => [name, shown(stateOf(states, name), count)]));
}

/** Whether a count is small enough to say something of somebody. */
export function isSmall(count: number, fewerThan: number): boolean {
  return count > 0 && count < fewerThan;
}

function shown(state: State, count: number): Shown {
  if (state === 'number') return { state, count };
  return { state: state === 'few' ? 'few' : 'withheld' };
}

function stateOf(states: ReadonlyMap<string, State>, name: string): State {
  return states.get(name) ?? 'withheld';
}

function all(cell: Count): Count[] {
  return [cell, ...(cell.parts ?? []).flatMap(all)];
}

/** Small counts, and what is in them. */
function mark(
  { name, count, parts = [] }: Count,
  fewerThan: number,
  states: Map<string, State>,
  inside: boolean,
): void {
  const small = isSmall(count, fewerThan);
  states.set(name, inside ? 'inside few' : small ? 'few' : 'number');
  for (const part of parts) mark(part, fewerThan, states, inside || small);
}

/** What a reader can work out of each count: sums, both ways, until nothing more follows. */
function rangesOf(
  cells: readonly Count[],
  states: ReadonlyMap<string, State>,
  fewerThan: number,
): Map<string, Range> {
  const ranges = new Map(
    cells.map(({ name, count }) => [name, said(stateOf(states, name), count, fewerThan)]),
  );
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

function said(state: State, count: number, fewerThan: number): Range {
  switch (state) {
    case 'number':
      return { from: count, to: count };
    case 'few':
      return { from: 1, to: fewerThan - 1 };
    case 'inside few':
      return { from: 0, to: fewerThan - 1 };
    case 'withheld':
      return { from: fewerThan, to: Number.POSITIVE_INFINITY };
  }
}

/**
 * The smallest number that is in a sum with something that is not shown, as long as sums say more of a small count than that it is small;
 * undefined when they do not.
 */
function nextToWithhold(
  cells: readonly Count[],
  states: ReadonlyMap<string, State>,
  fewerThan: number,
): string | undefined {
  const ranges = rangesOf(cells, states, fewerThan);
  const safe = cells.every(({ name, count }) => {
    if (stateOf(states, name) !== 'few') return true;
    const { from, to } = ranges.get(name) ?? said('few', count, fewerThan);
    return from === 1 && to === fewerThan - 1;
  });
  if (safe) return undefined;
  const isNumber = ({ name }: Count) => stateOf(states, name) === 'number';
  const candidates = cells.flatMap((cell) => {
    const sumOf = cell.parts?.length ? [...cell.parts, cell] : [];
    return sumOf.every(isNumber) ? [] : sumOf.filter((each) => isNumber(each) && each.count > 0);
  });
  return candidates.sort((a, b) => a.count - b.count)[0]?.name;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
