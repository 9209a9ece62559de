/**
 * Bank holidays in England and Wales, by the rules that have held since 1978 (Banking and Financial Dealings Act 1971 and the proclamations under
 * it; the list at gov.uk/bank-holidays, against which the test checks). Days proclaimed for one year only are listed.
 */

/** Proclaimed for one year: added, or put in the place of the usual day. */
const PROCLAIMED: Readonly<Record<number, { added: readonly string[]; moved: readonly string[] }>> = {
  2020: { added: ['2020-05-08'], moved: ['2020-05-04'] },
  2022: { added: ['2022-06-02', '2022-06-03', '2022-09-19'], moved: ['2022-05-30'] },
  2023: { added: ['2023-05-08'], moved: [] },
};

const byYear = new Map<number, ReadonlySet<string>>();

/** Whether a date (YYYY-MM-DD) is a bank holiday in England and Wales. */
export function isBankHoliday(date: string): boolean {
  return bankHolidays(Number(date.slice(0, 4))).has(date);
}

/** The bank holidays of a year, as dates. */
export function bankHolidays(year: number): ReadonlySet<string> {
  const known = byYear.get(year) ?? new Set(holidaysOf(year));
  byYear.set(year, known);
  return known;
}

function holidaysOf(year: number): string[] {
  const easter = easterSunday(year);
  const { added, moved } = PROCLAIMED[year] ?? { added: [], moved: [] };
  const usual = [
    weekdayFrom(dayOf(year, 1, 1)),
    easter - 2,
    easter + 1,
    mondayFrom(dayOf(year, 5, 1)),
    mondayFrom(dayOf(year, 5, 25)),
    mondayFrom(dayOf(year, 8, 25)),
    ...christmas(year),
  ].map(dateOf);
  return [...usual.filter((date) => !moved.includes(date)), ...added];
}

/** Christmas and Boxing Day; one at a weekend is held on the first weekdays after both. */
function christmas(year: number): number[] {
  const day = dayOf(year, 12, 25);
  const weekday = weekdayOf(day);
  if (weekday === 5) return [day, day + 3];
  if (weekday === 6) return [day + 2, day + 3];
  if (weekday === 0) return [day + 1, day + 2];
  return [day, day + 1];
}

/** Easter Sunday in the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher. */
function easterSunday(year: number): number {
  const a = year % 19;
  const century = Math.floor(year / 100);
  const inCentury = year % 100;
  const epact =
    (19 * a +
      century -
      Math.floor(century / 4) -
      Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3) +
      15) %
    30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - epact - (inCentury % 4)) % 7;
  const late = Math.floor((a + 11 * epact + 22 * weekday) / 451);
  const sum = epact + weekday - 7 * late + 114;
  return dayOf(year, Math.floor(sum / 31), (sum % 31) + 1);
}

/** Days since 1970, which are easy to count with. */
function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** Sunday is 0. */
function weekdayOf(day: number): number {
  return new Date(day * 86_400_000).getUTCDay();
}

function mondayFrom(day: number): number {
  return day + ((8 - weekdayOf(day)) % 7);
}

/** The day itself, or the Monday after a weekend. */
function weekdayFrom(day: number): number {
  return [6, 0].includes(weekdayOf(day)) ? mondayFrom(day) : day;
}
