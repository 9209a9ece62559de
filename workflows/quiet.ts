/**
 * Quiet hours: when nobody outside the service is written to of its own accord. What becomes due in them goes at their end. What somebody just did is
 * answered at once whatever the time, and so is what cannot wait.
 */
import { after, isWorkingDay, londonDate, londonInstant, londonTime } from './time.ts';

/** A time of the day in London, `from` (included) `until` (not included), across midnight where it is the later one; none where both are the same. */
export type QuietHours = {
  from: string;
  until: string;
  /** Whether weekends and bank holidays are quiet all day. */
  weekends: boolean;
};

/** Defaults [check]: no figure is published. */
export const QUIET_HOURS: QuietHours = { from: '20:00', until: '08:00', weekends: true };

let hours = QUIET_HOURS;

/** Puts a service's own quiet hours in force. Called once, when a function starts. */
export function useQuietHours(own: QuietHours = QUIET_HOURS): void {
  hours = own;
}

/** Whether it is night, or a day on which nobody works. */
export function isQuiet(at: string): boolean {
  return isNight(at) || (hours.weekends && !isWorkingDay(londonDate(at)));
}

function isNight(at: string): boolean {
  const { from, until } = hours;
  const time = londonTime(at);
  return from > until ? time >= from || time < until : time >= from && time < until;
}

/** The moment itself, or the end of the quiet hours that it is in. */
export function afterQuiet(at: string): string {
  return endOf(at, isQuiet);
}

/** The moment itself, or the end of the night that it is in, whatever day that is. */
export function afterNight(at: string): string {
  return endOf(at, isNight);
}

function endOf(at: string, holds: (at: string) => boolean): string {
  if (!holds(at)) return at;
  for (let day = londonDate(at); ; day = londonDate(after(`${day}T12:00:00Z`, { days: 1 }))) {
    const end = londonInstant(day, hours.until);
    if (end > at && !holds(end)) return end;
  }
}
