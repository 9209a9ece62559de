/** Cohorts of an entry that would start on a day on which nobody expects them. */
import type { Cohort, Programme } from './directory.ts';
import { againstDay } from './schedule.ts';
import { isDue, londonInstant, weekdayOf } from './time.ts';

/** `weekday`: another one than the programme's, on which all its sessions would be then. */
export type OddStart = Pick<Cohort, 'startsOn'> & { why: 'weekday' | 'bank-holiday' | 'break' };

/**
 * What of an entry only wants to be said. Cohorts that have started are as they are, and so are those of which `before` says the same already.
 */
export function oddStarts(
  { sessions, cohorts = [] }: Pick<Programme, 'sessions' | 'cohorts'>,
  before: Pick<Programme, 'sessions' | 'cohorts'> | undefined,
  now: string,
): OddStart[] {
  const isKnown = ({ startsOn, breaks = [] }: Cohort) =>
    before?.sessions.weekday === sessions.weekday &&
    before.cohorts?.some(
      (each) => each.startsOn === startsOn && JSON.stringify(each.breaks ?? []) === JSON.stringify(breaks),
    );
  const hasStarted = ({ startsOn, time = sessions.time }: Cohort) =>
    isDue(londonInstant(startsOn, time), now);
  return cohorts
    .filter((cohort) => !hasStarted(cohort) && !isKnown(cohort))
    .flatMap(({ startsOn, breaks }) => {
      const why = weekdayOf(startsOn) === sessions.weekday ? againstDay(startsOn, breaks) : 'weekday';
      return why === undefined ? [] : [{ startsOn, why }];
    });
}
