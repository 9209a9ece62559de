/** Moments on the clock in London, which goes forward on the last Sunday of March and back on the last of October. */
import { TZDate } from '@date-fns/tz';
import { addDays, addWeeks } from 'date-fns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  londonDate,
  londonInstant,
  londonTime,
  sameTimeWeeksLater,
  after as spanAfter,
} from '../../../workflows/time.ts';

const ZONE = 'Europe/London';
const iso = (date: Date) => new Date(date.getTime()).toISOString();

/** Any moment, and often one of the hours about a change of the clocks. */
const moment = fc.oneof(
  fc.date({
    min: new Date('2020-01-01T00:00:00Z'),
    max: new Date('2040-01-01T00:00:00Z'),
    noInvalidDate: true,
  }),
  fc
    .tuple(
      fc.constantFrom('2026-03-29', '2026-10-25', '2027-03-28', '2027-10-31'),
      fc.integer({ min: -180, max: 300 }),
    )
    .map(([day, minutes]) => new Date(Date.parse(`${day}T00:00:00Z`) + minutes * 60_000)),
);

describe('the clock in London', () => {
  it('shows what the library of time zones says, at any moment', () => {
    fc.assert(
      fc.property(moment, (at) => {
        const shown = new TZDate(at, ZONE).toISOString();
        expect(`${londonDate(iso(at))}T${londonTime(iso(at))}`).toBe(shown.slice(0, 16));
      }),
    );
  });

  it('comes to a time, days and weeks later where the library says that it does', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: -400, max: 400 }), (at, count) => {
        fc.pre(count !== 0);
        const start = new TZDate(at, ZONE);
        const shownTwice = (later: Date) => /-10-(2[5-9]|3[01])T01/.test(later.toISOString());
        // Which of the two the library means depends on the machine's own time zone.
        fc.pre(![start, addDays(start, count), addWeeks(start, count)].some(shownTwice));
        expect(spanAfter(iso(at), { days: count })).toBe(iso(addDays(start, count)));
        expect(sameTimeWeeksLater(iso(at), count)).toBe(iso(addWeeks(start, count)));
        const [date, time] = [start.toISOString().slice(0, 10), start.toISOString().slice(11, 16)];
        const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = [
          ...date.split('-').map(Number),
          ...time.split(':').map(Number),
        ];
        expect(londonInstant(date, time)).toBe(iso(new TZDate(year, month - 1, day, hour, minute, ZONE)));
      }),
    );
  });

  it('jumps over an hour in spring, and shows another one twice in autumn', () => {
    expect(londonInstant('2027-03-28', '01:30')).toBe('2027-03-28T01:30:00.000Z');
    expect(londonTime('2027-03-28T01:30:00.000Z')).toBe('02:30');
    expect(londonInstant('2027-10-31', '01:30')).toBe('2027-10-31T01:30:00.000Z');
    expect(spanAfter('2027-10-30T00:30:00.000Z', { days: 1 })).toBe('2027-10-31T01:30:00.000Z');
    expect(spanAfter('2027-10-30T12:00:00.000Z', { days: 1 })).toBe('2027-10-31T13:00:00.000Z');
  });
});
