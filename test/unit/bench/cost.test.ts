import { describe, expect, it } from 'vitest';
import { noUsage } from '../../../local/usage.ts';
import {
  between,
  billable,
  billOf,
  ofOneSweep,
  sweepsOfAMonth,
  totalOf,
  withoutSweeps,
} from '../../bench/cost.ts';
import { PRICES, type Price } from '../../bench/prices.ts';

const price = (unit: Price['unit'], usd: number, per: number): Price => ({
  unit,
  usd,
  per,
  service: 'a service',
  of: 'a unit',
  listed: 'Offer USAGE-Type',
  seen: '2026-11-23',
  source: 'https://example.org/',
  confirmed: true,
});

describe('a bill', () => {
  it('is units times price, divided by what the price is for', () => {
    const bill = billOf({ emails: 40, stateTransitions: 28 }, [
      price('stateTransitions', 0.025, 1_000),
      price('emails', 0.1, 1_000),
      price('apiRequests', 1, 1),
    ]);
    expect(bill.map(({ price, quantity }) => [price.unit, quantity])).toEqual([
      ['stateTransitions', 28],
      ['emails', 40],
    ]);
    expect(bill[0]?.usd).toBeCloseTo(0.0007, 12);
    expect(bill[1]?.usd).toBeCloseTo(0.004, 12);
    expect(totalOf(bill)).toBeCloseTo(0.0047, 12);
  });

  it('refuses what has no price, so that nothing is left out unnoticed', () => {
    expect(() => billOf({ emails: 1, readUnits: 2 }, [price('emails', 1, 1)])).toThrow(/readUnits/);
  });

  it('of nothing is nothing', () => {
    expect(totalOf(billOf({}))).toBe(0);
  });
});

describe('what was used', () => {
  it('is the difference of two readings', () => {
    const before = { ...noUsage(), emails: 3, lambdaMs: 100 };
    const after = { ...noUsage(), emails: 8, lambdaMs: 350 };
    expect(between(before, after)).toEqual({ ...noUsage(), emails: 5, lambdaMs: 250 });
  });

  it('loses the sweeps that run for nobody', () => {
    const sweep = ofOneSweep({ ...noUsage(), schedulerInvocations: 4, lambdaInvocations: 4, readUnits: 8 });
    expect(sweep).toEqual({ ...noUsage(), schedulerInvocations: 1, lambdaInvocations: 1, readUnits: 2 });
    const used = {
      ...noUsage(),
      schedulerInvocations: 10,
      lambdaInvocations: 60,
      lambdaMs: 999,
      readUnits: 29,
    };
    const still = { ...noUsage(), lambdaInvocations: 30, lambdaMs: 120 };
    expect(withoutSweeps(used, sweep, still)).toEqual({
      ...noUsage(),
      lambdaInvocations: 50,
      lambdaMs: 200,
      readUnits: 9,
    });
    expect(() => ofOneSweep(noUsage())).toThrow(/clock/);
  });

  it('of a month is a sweep every so many minutes', () => {
    const sweep = { ...noUsage(), schedulerInvocations: 1, readUnits: 2 };
    expect(sweepsOfAMonth(sweep, 5)).toEqual({ ...noUsage(), schedulerInvocations: 8766, readUnits: 17532 });
  });

  it('turns milliseconds into GB-seconds, and every call into a trace', () => {
    const { lambdaMs, ...units } = { ...noUsage(), lambdaMs: 4000, lambdaInvocations: 3 };
    expect(billable({ ...units, lambdaMs }, 512)).toEqual({ ...units, lambdaGbSeconds: 2, traces: 3 });
  });
});

describe('the price table', () => {
  it('has one dated row with a source for each unit', () => {
    expect(new Set(PRICES.map(({ unit }) => unit)).size).toBe(PRICES.length);
    for (const { usd, per, seen, source, listed } of PRICES) {
      expect(usd).toBeGreaterThan(0);
      expect(per).toBeGreaterThan(0);
      expect(seen).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(source).toMatch(/^https:\/\//);
      expect(listed).toMatch(/^\w+ (EUW2|eu-west-2)-/);
    }
  });

  it('prices everything that the embedded cloud counts', () => {
    expect(() => billOf(billable(noUsage(), 512))).not.toThrow();
  });
});
