/** The sessions of a person's programme as their page lists them: those that were, the next, and those that are to come. */
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import { sessionsFrom } from '../../workflows/planning.ts';
import type { ProgrammeRecord } from '../../workflows/referral.ts';
import type { ListedSession } from '../shared/pages/sessions.ts';

/** What is recorded, and what else is to come by the schedule of their `cohort`, where they still take part in one. */
export function sessionsOf(
  { sessions }: ProgrammeRecord,
  cohort: CohortRecord | undefined,
  now: string,
): ListedSession[] {
  const scheduled = cohort?.sessions ?? [];
  const placed = sessions.map((session): ListedSession => {
    const place = scheduled.find(({ number }) => number === session.number)?.place;
    return place === undefined ? session : { ...session, place };
  });
  const known = new Set(sessions.map(({ number }) => number));
  // Where a register is late, the calendar has gone on: a date that has passed is no date to come to.
  const coming = (cohort ? sessionsFrom(cohort, now) : [])
    .filter(({ number }) => !known.has(number))
    .map(({ number, startsAt, endsAt, place }): ListedSession => {
      return { number, startsAt, endsAt, status: 'planned', place };
    });
  return [...placed, ...coming].sort((a, b) => a.startsAt.localeCompare(b.startsAt));
}
