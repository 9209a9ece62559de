/** When the sessions of a cohort are: weekly on the clock in London, without bank holidays and breaks. */
import { isBankHoliday } from './bank-holidays.ts';
import { after, londonDate, sameTimeWeeksLater } from './time.ts';

/** No sessions from one day to another, both included (YYYY-MM-DD). */
export type Break = { from: string; to: string };

/** What a schedule is made of. */
export type Rule = {
  /** The first session: it is held whatever day that is, since somebody chose it. */
  firstAt: string;
  minutes: number;
  breaks: readonly Break[];
};

export type Slot = { startsAt: string; endsAt: string };

/** How many weeks ahead a session is looked for: a break of a year is none. */
const FURTHEST_WEEKS = 53;

/** The first sessions of a rule, as many as are asked for. Throws where breaks leave no week within a year. */
export function slotsOf(rule: Rule, count: number): Slot[] {
  const slots = [slotAt(rule.firstAt, rule.minutes)];
  while (slots.length < count) slots.push(slotAfter(rule, slots.at(-1)?.startsAt ?? rule.firstAt));
  return slots.slice(0, count);
}

/** The first session of a rule that is later than a moment. Throws where breaks leave no week within a year. */
export function slotAfter(rule: Rule, at: string): Slot {
  // The weeks are counted from the first session, so that one that was moved moves no others.
  const weeksFrom = Math.max(1, Math.floor((Date.parse(at) - Date.parse(rule.firstAt)) / (7 * 86_400_000)));
  for (let weeks = weeksFrom; weeks <= weeksFrom + FURTHEST_WEEKS; weeks++) {
    const startsAt = sameTimeWeeksLater(rule.firstAt, weeks);
    if (startsAt > at && againstDay(londonDate(startsAt), rule.breaks) === undefined)
      return slotAt(startsAt, rule.minutes);
  }
  throw new Error('the breaks leave no week for a session');
}

/** The first sessions of a rule that are not before a moment, as many as are asked for. Throws where breaks leave no week within a year. */
export function slotsFrom(rule: Rule, from: string, count: number): Slot[] {
  const slots: Slot[] = [];
  let at = rule.firstAt >= from ? slotAt(rule.firstAt, rule.minutes) : slotAfter(rule, justBefore(from));
  while (slots.length < count) {
    slots.push(at);
    at = slotAfter(rule, at.startsAt);
  }
  return slots;
}

function justBefore(at: string): string {
  return new Date(Date.parse(at) - 1).toISOString();
}

function slotAt(startsAt: string, minutes: number): Slot {
  return { startsAt, endsAt: after(startsAt, { minutes }) };
}

/** Why no session is held on a day (YYYY-MM-DD), unless somebody says that it is all the same; undefined where nothing speaks against it. */
export function againstDay(
  date: string,
  breaks: readonly Break[] = [],
): 'bank-holiday' | 'break' | undefined {
  if (isBankHoliday(date)) return 'bank-holiday';
  return breaks.some(({ from, to }) => from <= date && date <= to) ? 'break' : undefined;
}
