import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Count, disclosed, type Shown } from '../../../workflows/disclosure.ts';

const LIMIT = 5;

/** A count with parts, each a number or a count with parts of its own; the whole is the sum. */
type Parts = readonly (number | Parts)[];
function tableOf(parts: Parts, name = 'all'): Count {
  const of = parts.map((part, i): Count => {
    const own = `${name}.${i}`;
    return typeof part === 'number' ? { name: own, count: part } : tableOf(part, own);
  });
  return { name, count: of.reduce((sum, { count }) => sum + count, 0), parts: of };
}
const inWords = (parts: Parts) =>
  Object.fromEntries(
    [...disclosed(tableOf(parts), LIMIT)].map(([name, shown]) => [
      name,
      shown.state === 'number' ? shown.count : shown.state,
    ]),
  );

describe('what a table shows', () => {
  it('is every number where none is small', () => {
    expect(inWords([12, 0, [5, 7]])).toEqual({
      ...{ all: 24, 'all.0': 12, 'all.1': 0, 'all.2': 12, 'all.2.0': 5, 'all.2.1': 7 },
    });
  });

  it('is not a small number, nor what it could be told by', () => {
    expect(inWords([20, 3])).toEqual({ all: 23, 'all.0': 'withheld', 'all.1': 'few' });
    expect(inWords([20, 9, 3])).toMatchObject({ all: 32, 'all.2': 'few' });
    // Five and more that are withheld would leave but one of six; and twice four but one of eight: then it is said of neither that it is small.
    expect(inWords([5, 1])).toEqual({ all: 6, 'all.0': 'withheld', 'all.1': 'withheld' });
    expect(inWords([4, 4])).toEqual({ all: 8, 'all.0': 'withheld', 'all.1': 'withheld' });
  });

  it('is nothing of what is in a small number', () => {
    expect(inWords([20, [0, 2]])).toEqual({
      ...{ all: 22, 'all.0': 'withheld', 'all.1': 'few', 'all.1.0': 'withheld', 'all.1.1': 'withheld' },
    });
  });

  it('gives a small number away by no sum, and withholds the whole before what it consists of', () => {
    expect(inWords([[13, 7], 3])).toEqual({
      ...{ all: 'withheld', 'all.0': 20, 'all.0.0': 13, 'all.0.1': 7, 'all.1': 'few' },
    });
  });

  it('is the breakdown of a number no more, rather than the number', () => {
    const people = inWords([
      [[23, [6, 1, 1]], 0],
      [6, 1, 0],
    ]);
    expect(people).toMatchObject({
      all: 38,
      'all.0': 31,
      'all.0.0': 31,
      'all.0.0.0': 23,
      'all.0.0.1': 8,
      'all.1': 7,
    });
    expect(people['all.1.0']).toBe('withheld');
  });
});

/** Every table with these sums of which a reader would be shown the same numbers, as far as numbers go. */
function possible(table: Count, shown: ReadonlyMap<string, Shown>): Map<string, number>[] {
  const whole = table.count + 2 * LIMIT;
  const fits = (name: string, count: number, withheld: (count: number) => boolean) => {
    const said = shown.get(name);
    if (said?.state === 'number') return said.count === count;
    return said?.state === 'few' ? count > 0 && count < LIMIT : withheld(count);
  };
  const solve = (
    { name, parts = [] }: Count,
    withheld: (count: number) => boolean,
  ): Map<string, number>[] => {
    if (parts.length === 0) {
      return Array.from({ length: whole + 1 }, (_, count) => count)
        .filter((count) => fits(name, count, withheld))
        .map((count) => new Map([[name, count]]));
    }
    const nothing = parts.every((part) => shown.get(part.name)?.state === 'withheld');
    let sums: Map<string, number>[] = [new Map()];
    for (const part of parts) {
      const own = solve(part, nothing ? () => true : notSmall);
      sums = sums.flatMap((before) => own.map((each) => new Map([...before, ...each])));
    }
    return sums.flatMap((each) => {
      const count = parts.reduce((sum, part) => sum + (each.get(part.name) ?? 0), 0);
      return count <= whole && fits(name, count, withheld) ? [new Map([...each, [name, count]])] : [];
    });
  };
  // Whoever is told nothing of one count, and something of others beside it, may know that it is not small.
  return solve(table, notSmall);
}

const notSmall = (count: number) => count >= LIMIT;

const leaf = fc.oneof(fc.nat({ max: 6 }), fc.nat({ max: 12 }));
const table = fc.oneof(
  fc.array(leaf, { minLength: 1, maxLength: 4 }),
  fc.tuple(leaf, fc.array(leaf, { minLength: 1, maxLength: 3 })),
  fc.tuple(fc.array(leaf, { minLength: 1, maxLength: 2 }), fc.array(leaf, { minLength: 1, maxLength: 2 })),
);

describe('whoever reads a table', () => {
  it('sees numbers as they are, and is told of a small one no more than that it is small', () => {
    fc.assert(
      fc.property(table, (parts) => {
        const counted = tableOf(parts as Parts);
        const shown = disclosed(counted, LIMIT);
        const all = possible(counted, shown);
        const check = ({ name, count, parts: of = [] }: Count, inside: boolean): void => {
          const said = shown.get(name);
          if (said?.state === 'number') expect(said.count).toBe(count);
          const small = count > 0 && count < LIMIT;
          if (small) {
            expect(said?.state).toMatch(inside ? /^withheld$/ : /^(few|withheld)$/);
            const values = new Set(all.map((each) => each.get(name)));
            expect(values.size).toBeGreaterThan(1);
            if (said?.state === 'few')
              for (let value = 1; value < LIMIT; value++) expect(values).toContain(value);
          }
          for (const part of of) check(part, inside || small);
        };
        check(counted, false);
      }),
      { numRuns: 300 },
    );
  });
});
