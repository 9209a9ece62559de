/** Spans and dates. Every function takes the moment it starts from; nothing here knows what time it is. */
import { tzOffset } from '@date-fns/tz';
import { addHours, addMinutes, differenceInYears } from 'date-fns';
import { isBankHoliday } from './bank-holidays.ts';

/** Where sessions and working days happen. */
export const TIME_ZONE = 'Europe/London';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A length of time. Working days are Monday to Friday on the clock in London, without the bank holidays of England and Wales. */
export type Span = { minutes: number } | { hours: number } | { days: number } | { workingDays: number };

const UNITS = { m: 'minutes', h: 'hours', d: 'days', wd: 'workingDays' } as const;

/** A length of time from text: a whole number and m, h, d or wd. Throws for any other. */
export function spanOf(text: string): Span {
  const [, count, unit] = /^(\d+)(m|h|d|wd)$/.exec(text) ?? [];
  if (unit === undefined) throw new Error(`${text} is no length of time`);
  return { [UNITS[unit as keyof typeof UNITS]]: Number(count) } as Span;
}

/** The moment `span` after `at` (both ISO instants in UTC). */
export function after(at: string, span: Span): string {
  // These are as long wherever the clock is, and far quicker without one.
  if ('minutes' in span) return toIso(addMinutes(at, span.minutes));
  if ('hours' in span) return toIso(addHours(at, span.hours));
  return daysLater(at, 'days' in span ? span.days : daysOf(span.workingDays, londonDate(at)));
}

/** The moment `span` before `at`. Throws for working days, which are counted forward. */
export function before(at: string, span: Span): string {
  if ('workingDays' in span) throw new Error('working days are counted forward');
  const [unit, count] = Object.entries(span)[0] as [string, number];
  return after(at, { [unit]: -count } as Span);
}

/**
 * How many days so many working days take, from a date (YYYY-MM-DD). Whoever is asked at a weekend has the same days as who is asked on the working
 * day after it.
 */
function daysOf(workingDays: number, from: string): number {
  let days = 0;
  for (let left = workingDays; left > 0; ) {
    days++;
    const date = new Date(Date.parse(from) + days * DAY_MS);
    if (isWorkingDay(date.toISOString().slice(0, 10))) left--;
  }
  return days;
}

/** Whether a date (YYYY-MM-DD) is a working day in England. */
export function isWorkingDay(date: string): boolean {
  const weekday = weekdayOf(date);
  return weekday < 6 && !isBankHoliday(date);
}

/** The weekday of a date (YYYY-MM-DD) by ISO 8601: 1 Monday … 7 Sunday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** The same time on the clock in London, `weeks` weeks later; the clocks may change in between. */
export function sameTimeWeeksLater(at: string, weeks: number): string {
  return daysLater(at, weeks * 7);
}

/** The same time on the clock in London, `days` days later. */
function daysLater(at: string, days: number): string {
  return whenItShows(Date.parse(onTheClock(at)) + days * DAY_MS);
}

/** The instant of a date (YYYY-MM-DD) and time (HH:MM) on the clock in London. */
export function londonInstant(date: string, time: string): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return whenItShows(Date.UTC(year, month - 1, day, hour, minute));
}

/** The date (YYYY-MM-DD) in London at an instant. */
export function londonDate(at: string): string {
  return onTheClock(at).slice(0, 10);
}

/** The time (HH:MM) on the clock in London at an instant. */
export function londonTime(at: string): string {
  return onTheClock(at).slice(11, 16);
}

/** What the clock in London shows, written as an instant of UTC. */
function onTheClock(at: string): string {
  const ms = Date.parse(at);
  return new Date(ms + aheadMs(ms)).toISOString();
}

/**
 * The instant at which the clock in London shows what is given as milliseconds of UTC: the second of two, and where the clock jumps over that, an
 * hour later. It is UTC or an hour ahead.
 */
function whenItShows(shown: number): string {
  return new Date(shown - Math.min(aheadMs(shown - HOUR_MS), aheadMs(shown))).toISOString();
}

/** What was asked for, by the hour: the clock changes on the hour only, and is slow to say. */
const ahead = new Map<number, number>();

/** By how many milliseconds the clock in London is ahead of UTC. */
function aheadMs(at: number): number {
  const hour = Math.floor(at / HOUR_MS);
  let ms = ahead.get(hour);
  if (ms === undefined) {
    ms = tzOffset(TIME_ZONE, new Date(hour * HOUR_MS)) * 60_000;
    ahead.set(hour, ms);
  }
  return ms;
}

/** Whole years lived on the day of `at`; a birthday counts from midnight in London. */
export function ageOn(dateOfBirth: string, at: string): number {
  return differenceInYears(new Date(`${londonDate(at)}T00:00:00Z`), new Date(`${dateOfBirth}T00:00:00Z`));
}

/** How to write moments in London, with what is made ready the first time: a page writes many, and making it takes longer than writing. */
function londonFormat(options: Intl.DateTimeFormatOptions): (at: string) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (at) => {
    format ??= new Intl.DateTimeFormat('en-GB', { timeZone: TIME_ZONE, ...options });
    return format.format(new Date(at)).replace(',', '');
  };
}

/** A day of any year as people write it, in London: "Tuesday 24 November 2026". */
export const weekdayAndDate = londonFormat({
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const timeOfDay = londonFormat({ hour: 'numeric', minute: '2-digit', hour12: true });

/** A date and time as people write it, in London: "Tuesday 24 November 2026 at 4:00 pm". */
export function inWords(at: string): string {
  return `${weekdayAndDate(at)} at ${timeOfDay(at)}`;
}

/** A day of these weeks as people say it, in London: "Tuesday 24 November". */
export const dayInWords = londonFormat({ weekday: 'long', day: 'numeric', month: 'long' });

/** A date as people write it, in London: "24 November 2026". */
export const dateInWords = londonFormat({ day: 'numeric', month: 'long', year: 'numeric' });

/** A month as people write it, in London: "November 2026". */
export const monthOf = londonFormat({ month: 'long', year: 'numeric' });

/** True when `at` is not later than `now`. */
export function isDue(at: string, now: string): boolean {
  return Date.parse(at) <= Date.parse(now);
}

function toIso(date: Date): string {
  return new Date(date.getTime()).toISOString();
}
