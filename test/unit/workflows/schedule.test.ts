import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBankHoliday } from '../../../workflows/bank-holidays.ts';
import { slotAfter, slotsOf } from '../../../workflows/schedule.ts';
import { after, londonDate, londonInstant, londonTime } from '../../../workflows/time.ts';

/** A day of these years, which have clock changes, leap days and bank holidays of every kind. */
const day = fc
  .integer({ min: Date.UTC(2024, 0, 1) / 86_400_000, max: Date.UTC(2031, 11, 31) / 86_400_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
/** Sessions are by day: in the hour that the clocks leave out in spring nobody meets. */
const time = fc
  .tuple(fc.integer({ min: 6, max: 22 }), fc.constantFrom(0, 15, 30, 45))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const breaks = fc.array(
  fc
    .tuple(day, fc.integer({ min: 0, max: 40 }))
    .map(([from, days]) => ({ from, to: londonDate(after(`${from}T12:00:00.000Z`, { days })) })),
  { maxLength: 5 },
);
const rule = fc
  .tuple(day, time, fc.integer({ min: 30, max: 240 }), breaks)
  .map(([date, at, minutes, off]) => ({ firstAt: londonInstant(date, at), minutes, breaks: off, at }));

describe('a schedule', () => {
  it('has as many sessions as were asked for, weekly, at one time on the clock in London, none on a bank holiday or in a break but a chosen first', () => {
    fc.assert(
      fc.property(rule, fc.integer({ min: 1, max: 60 }), ({ at, ...made }, count) => {
        const slots = slotsOf(made, count);
        expect(slots).toHaveLength(count);
        expect(slots[0]?.startsAt).toBe(made.firstAt);
        const weekday = new Date(`${londonDate(made.firstAt)}T00:00:00Z`).getUTCDay();
        for (const [i, { startsAt, endsAt }] of slots.entries()) {
          const date = londonDate(startsAt);
          expect(londonTime(startsAt)).toBe(at);
          expect(new Date(`${date}T00:00:00Z`).getUTCDay()).toBe(weekday);
          expect(Date.parse(endsAt) - Date.parse(startsAt)).toBe(made.minutes * 60_000);
          if (i === 0) continue;
          expect(startsAt > (slots[i - 1]?.startsAt ?? '')).toBe(true);
          expect(isBankHoliday(date)).toBe(false);
          expect(made.breaks.some(({ from, to }) => from <= date && date <= to)).toBe(false);
        }
      }),
    );
  });

  it('leaves out no week that is free', () => {
    fc.assert(
      fc.property(rule, ({ at: _at, ...made }) => {
        const dates = slotsOf(made, 20).map(({ startsAt }) => londonDate(startsAt));
        const first = Date.parse(`${dates[0]}T00:00:00Z`);
        const last = Date.parse(`${dates.at(-1)}T00:00:00Z`);
        for (let each = first + 7 * 86_400_000; each < last; each += 7 * 86_400_000) {
          const date = new Date(each).toISOString().slice(0, 10);
          const off = isBankHoliday(date) || made.breaks.some(({ from, to }) => from <= date && date <= to);
          expect(dates.includes(date)).toBe(!off);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('has both edges of a break off, and the weeks beside them', () => {
    const made = {
      firstAt: londonInstant('2027-02-02', '16:00'),
      minutes: 90,
      breaks: [{ from: '2027-02-09', to: '2027-02-16' }],
    };
    expect(slotsOf(made, 3).map(({ startsAt }) => londonDate(startsAt))).toEqual([
      ...['2027-02-02', '2027-02-23', '2027-03-02'],
    ]);
  });

  it('skips Mondays that are bank holidays, and holds a first one that somebody chose', () => {
    const made = { firstAt: londonInstant('2027-05-03', '10:00'), minutes: 60, breaks: [] };
    expect(isBankHoliday('2027-05-03')).toBe(true);
    expect(slotsOf(made, 6).map(({ startsAt }) => londonDate(startsAt))).toEqual([
      ...['2027-05-03', '2027-05-10', '2027-05-17', '2027-05-24', '2027-06-07', '2027-06-14'],
    ]);
  });

  it('goes on after any moment, strictly later', () => {
    fc.assert(
      fc.property(rule, fc.integer({ min: 0, max: 500 }), ({ at: _at, ...made }, days) => {
        const from = after(made.firstAt, { days });
        const { startsAt } = slotAfter(made, from);
        expect(startsAt > from).toBe(true);
        expect(londonTime(startsAt)).toBe(londonTime(made.firstAt));
      }),
    );
  });

  it('says so where breaks leave no week within a year', () => {
    const made = {
      firstAt: londonInstant('2027-01-05', '16:00'),
      minutes: 60,
      breaks: [{ from: '2027-01-06', to: '2028-12-31' }],
    };
    expect(() => slotsOf(made, 2)).toThrow('no week');
  });
});
