/** Chance that can be had again: the same seed gives the same choices. */

export type Chance = {
  /** True with this probability. */
  in(probability: number): boolean;
  one<T>(of: readonly T[]): T;
  /** At least `from`, less than `to`. */
  between(from: number, to: number): number;
  /** A whole number, both ends included. */
  whole(from: number, to: number): number;
};

/** Choices for item `number` of a seed, whatever other items there are. */
export function chanceFor(seed: number, number: number): Chance {
  const next = mulberry32(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35));
  const between = (from: number, to: number) => from + next() * (to - from);
  return {
    in: (probability) => next() < probability,
    one<T>(of: readonly T[]): T {
      return of[Math.floor(next() * of.length)] as T;
    },
    between,
    whole: (from, to) => Math.floor(between(from, to + 1)),
  };
}

/** Tommy Ettinger's generator of 32 bits, in the public domain: small, even, and for no secret. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
