/** The sessions that stand in a calendar: of a group, for its facilitator, and of one person, for them. Neither names anybody, nor what it is. */
import type { CohortRecord, CohortSession } from '../../workflows/cohort-record.ts';
import type { ProgrammeRecord } from '../../workflows/referral.ts';
import type { CalendarEvent } from './calendar.ts';

/** What both have in common. `stamp`: when it was last changed. */
type Facts = { reference: string; place: string | undefined; stamp: string };

/** Every session of a group, also those that are cancelled: who has them must learn of it. */
export function eventsOfGroup(cohort: CohortRecord, facts: Facts): CalendarEvent[] {
  return cohort.sessions.map((session) => eventOf(cohort, session, facts));
}

/** A time of somebody in a group. `runs`: they take part now. `before`: how often they had joined the same group, and left it, before. */
type Time = { runs: boolean; before: number };

/**
 * The sessions of the group from when the person joined. Once they take part no more, whatever was not held with them is cancelled for them.
 * Each joining and each leaving has a sequence above the one before.
 */
export function eventsOfPerson(
  cohort: CohortRecord,
  programme: ProgrammeRecord,
  { runs, before }: Time,
  facts: Facts,
): CalendarEvent[] {
  const known = new Map(programme.sessions.map(({ number, status }) => [number, status]));
  return cohort.sessions
    .filter(({ number, startsAt }) => known.has(number) || startsAt > (programme.joinedAt ?? ''))
    .map((session) => {
      const event = eventOf(cohort, session, facts);
      const sequence = event.sequence + 2 * before;
      const over = !runs && known.get(session.number) !== 'held';
      return over ? { ...event, cancelled: true, sequence: sequence + 1 } : { ...event, sequence };
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
