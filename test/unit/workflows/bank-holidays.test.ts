import { describe, expect, it } from 'vitest';
import { bankHolidays, isBankHoliday } from '../../../workflows/bank-holidays.ts';
import { after } from '../../../workflows/time.ts';

describe('bank holidays in England and Wales', () => {
  // As gov.uk/bank-holidays lists them.
  it.each([
    [2020, '01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28'],
    [2021, '01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28'],
    [2022, '01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27'],
    [2023, '01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26'],
    [2024, '01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26'],
    [2025, '01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26'],
    [2026, '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28'],
    [2027, '01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28'],
    [2028, '01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26'],
  ])('of %i are as they were published', (year, days) => {
    expect([...bankHolidays(year)].sort()).toEqual(days.split(' ').map((day) => `${year}-${day}`));
  });

  it('tells a holiday from a working day', () => {
    expect(isBankHoliday('2027-03-26')).toBe(true);
    expect(isBankHoliday('2027-03-25')).toBe(false);
  });

  it.each([
    ['over a weekend', '2026-11-27T09:00:00.000Z', 1, '2026-11-30T09:00:00.000Z'],
    ['from a Sunday', '2026-11-29T09:00:00.000Z', 1, '2026-11-30T09:00:00.000Z'],
    ['over Christmas', '2026-12-24T16:30:00.000Z', 2, '2026-12-30T16:30:00.000Z'],
    ['over Easter, when the clocks change', '2027-03-25T09:00:00.000Z', 1, '2027-03-30T08:00:00.000Z'],
  ])('are no working days: %s', (_, from, workingDays, to) => {
    expect(after(from, { workingDays })).toBe(to);
  });
});
