/** What people type, as it is checked wherever it is asked for. */
import { describe, expect, it } from 'vitest';
import { timeIn } from '../../../workflows/checks.ts';

describe('a time', () => {
  it.each([
    ['9:00', '09:00'],
    ['09.30', '09:30'],
    ['0:05', '00:05'],
    ['23:59', '23:59'],
  ])('%s is %s on the 24-hour clock', (typed, time) => {
    expect(timeIn(typed)).toBe(time);
  });

  it.each(['', '24:00', '9', '9:5', '9:60', '4pm', '16:00 pm', '-1:00', '116:00'])('%s is none', (typed) => {
    expect(timeIn(typed)).toBeUndefined();
  });
});
