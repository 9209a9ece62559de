/** Cohorts of an entry that would start on a day on which nobody expects them. */
import type { Cohort, Programme } from './directory.ts';
import { againstDay } from './schedule.ts';
import { weekdayOf } from './time.ts';

/** `weekday`: another one than the programme's, on which all its sessions would be then. */
export type OddStart = Pick<Cohort, 'startsOn'> & { why: 'weekday' | 'bank-holiday' | 'break' };

/**
 * What of an entry only wants to be said. Cohorts that have started are as they are, and so are those of which `before` says the same already.
 * @param today YYYY-MM-DD in London.
 */
export function oddStarts(
  { sessions, cohorts = [] }: Pick<Programme, 'sessions' | 'cohorts'>,
  before: Pick<Programme, 'sessions' | 'cohorts'> | undefined,
  today: string,
): OddStart[] {
  const isKnown = ({ startsOn, breaks = [] }: Cohort) =>
    before?.sessions.weekday === sessions.weekday &&
    before.cohorts?.some(
      (each) => each.startsOn === startsOn && JSON.stringify(each.breaks ?? []) === JSON.stringify(breaks),
    );
  return cohorts
    .filter((cohort) => cohort.startsOn >= today && !isKnown(cohort))
    .flatMap(({ startsOn, breaks }) => {
      const why = weekdayOf(startsOn) === sessions.weekday ? againstDay(startsOn, breaks) : 'weekday';
      return why === undefined ? [] : [{ startsOn, why }];
    });
}
