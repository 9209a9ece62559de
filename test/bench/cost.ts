/** Units times prices. */
import type { Usage } from '../../local/usage.ts';
import { PRICES, type Price, type Unit } from './prices.ts';

export type Units = Readonly<Partial<Record<Unit, number>>>;

/** One line of a bill. */
export interface Line {
  readonly price: Price;
  readonly quantity: number;
  readonly usd: number;
}

const MINUTES_A_MONTH = (365.25 * 24 * 60) / 12;

/** A line for each unit, in the order of the price table. Throws for a unit without a price. */
export function billOf(units: Units, prices: readonly Price[] = PRICES): Line[] {
  const priced = new Set(prices.map(({ unit }) => unit));
  const missing = Object.keys(units).filter((unit) => !priced.has(unit as Unit));
  if (missing.length > 0) throw new Error(`no price for ${missing.join(', ')}`);
  return prices.flatMap((price) => {
    const quantity = units[price.unit];
    return quantity === undefined ? [] : [{ price, quantity, usd: (quantity * price.usd) / price.per }];
  });
}

/** The sum of a bill. */
export function totalOf(bill: readonly Line[]): number {
  return bill.reduce((sum, { usd }) => sum + usd, 0);
}

/** What was used between two readings of the counters. */
export function between(before: Usage, after: Usage): Usage {
  return mapUsage(after, (value, name) => value - before[name]);
}

/** Two usages together. */
export function sum(one: Usage, other: Usage): Usage {
  return mapUsage(one, (value, name) => value + other[name]);
}

/** What one sweep costs that finds nothing to do, from counters read while nothing else happened. */
export function ofOneSweep(idle: Usage): Usage {
  if (idle.schedulerInvocations === 0) throw new Error('no sweep ran: move the clock');
  return mapUsage(idle, (value) => value / idle.schedulerInvocations);
}

/**
 * What is left of a usage without its sweeps, which run whether anybody is referred or not. Times differ too much from sweep to
 * sweep to be taken off like counts: each run left over is taken to be as long as those were while the clock stood `still`.
 */
export function withoutSweeps(usage: Usage, sweep: Usage, still: Usage): Usage {
  const left = mapUsage(usage, (value, name) => value - usage.schedulerInvocations * sweep[name]);
  return { ...left, lambdaMs: (left.lambdaInvocations * still.lambdaMs) / still.lambdaInvocations };
}

/** What sweeps that find nothing to do use in a month, one every so many minutes. */
export function sweepsOfAMonth(sweep: Usage, everyMinutes: number): Usage {
  return mapUsage(sweep, (value) => (value * MINUTES_A_MONTH) / everyMinutes);
}

/**
 * What is billed of a usage: milliseconds of functions become GB-seconds at a memory size, and every call is traced. X-Ray records the first of each
 * second and one in twenty of the others, so of a small service all.
 */
export function billable(usage: Usage, memoryMb: number): Units {
  const { lambdaMs, ...units } = usage;
  return {
    ...units,
    lambdaGbSeconds: ((lambdaMs / 1000) * memoryMb) / 1024,
    traces: usage.lambdaInvocations,
  };
}

function mapUsage(usage: Usage, change: (value: number, name: keyof Usage) => number): Usage {
  const names = Object.keys(usage) as (keyof Usage)[];
  return Object.fromEntries(names.map((name) => [name, change(usage[name], name)])) as unknown as Usage;
}
