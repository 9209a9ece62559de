/** The model of capacity: its arithmetic by hand, and its document. */
import { expect, it } from 'vitest';
import { ASSUMED, aSecond, capacity, openAtOnce, QUOTAS, SIZES } from '../../bench/capacity.ts';

it('has as many open at once as come while one is open', () => {
  expect(openAtOnce(365.25)).toBe(ASSUMED.openDays);
});

it('spreads a year over its working days, and counts the busiest hour', () => {
  expect(aSecond(253 * 3600, 1)).toBeCloseTo(0.2, 10);
});

it('needs never less for more referrals', () => {
  for (const { used } of QUOTAS) {
    expect(used(SIZES.region)).toBeGreaterThanOrEqual(used(SIZES.borough));
    expect(used(SIZES.England)).toBeGreaterThanOrEqual(used(SIZES.region));
  }
});

it('is what the document says', async () => {
  await expect(capacity()).toMatchFileSnapshot('../../../docs/capacity.md');
});
