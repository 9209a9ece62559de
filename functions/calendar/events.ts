/** The sessions that stand in a calendar: of a group, for its facilitator, and of one person, for them. Neither names anybody, nor what it is. */
import type { CohortRecord, CohortSession } from '../../workflows/cohort.ts';
import type { ProgrammeRecord } from '../../workflows/referral.ts';
import type { CalendarEvent } from './calendar.ts';

/** What both have in common. `stamp`: when it was last changed. */
type Facts = { reference: string; place: string | undefined; stamp: string };

/** Every session of a group, also those that are cancelled: who has them must learn of it. */
export function eventsOfGroup(cohort: CohortRecord, facts: Facts): CalendarEvent[] {
  return cohort.sessions.map((session) => eventOf(cohort, session, facts));
}

/**
 * The sessions of the group from when the person joined. `runs`: they take part now. Once they do not, whatever was not held with them is
 * cancelled for them, with a sequence of its own.
 */
export function eventsOfPerson(
  cohort: CohortRecord,
  programme: ProgrammeRecord,
  runs: boolean,
  facts: Facts,
): CalendarEvent[] {
  const known = new Map(programme.sessions.map(({ number, status }) => [number, status]));
  return cohort.sessions
    .filter(({ number, startsAt }) => known.has(number) || startsAt > (programme.joinedAt ?? ''))
    .map((session) => {
      const event = eventOf(cohort, session, facts);
      const over = !runs && known.get(session.number) !== 'held';
      return over ? { ...event, cancelled: true, sequence: event.sequence + 1 } : event;
    });
}

function eventOf(
  { id }: Pick<CohortRecord, 'id'>,
  { number, startsAt, endsAt, place, status, sequence }: CohortSession,
  { reference, place: usual, stamp }: Facts,
): CalendarEvent {
  return {
    uid: `session-${number}-${id}@open-social-prescribing`,
    sequence,
    stamp,
    startsAt,
    endsAt,
    title: `Session (${reference})`,
    place: place ?? usual,
    cancelled: status === 'cancelled',
  };
}
