/** The sessions that stand in a calendar: of a group, for its facilitator, and of one person, for them. Neither names anybody, nor what it is. */
import type { CohortRecord, CohortSession } from '../../workflows/cohort-record.ts';
import type { ProgrammeRecord } from '../../workflows/referral.ts';
import type { CalendarEvent } from './calendar.ts';

/** What both have in common. `reference`: the group's, or the person's. `stamp`: when it was last changed. */
type Facts = { reference: string; place: string | undefined; stamp: string };

/** Every session of a group, also those that are cancelled: who has them must learn of it. */
export function eventsOfGroup(cohort: CohortRecord, facts: Facts): CalendarEvent[] {
  return cohort.sessions.map((session) => eventOf(cohort.id, session, facts));
}

/** A time of somebody in a group. `runs`: they take part now. `before`: how often they had joined the same group, and left it, before. */
type Time = { runs: boolean; before: number };

/**
 * The sessions of the group from when the person joined. Once they take part no more, whatever was not held with them is cancelled for them; a register
 * may say later that one was. Each joining, each leaving and each such word has a sequence above the one before. The events are of this referral: whoever
 * is referred again into the group has others, and none that they were told is cancelled.
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
      const event = eventOf(`${facts.reference}-${cohort.id}`, session, facts);
      const joined = event.sequence + 2 * before;
      if (runs) return { ...event, sequence: joined };
      if (known.get(session.number) === 'held') return { ...event, sequence: joined + 2 };
      return { ...event, cancelled: true, sequence: joined + 1 };
    });
}

/** `of`: whose event it is. */
function eventOf(
  of: string,
  { number, startsAt, endsAt, place, status, sequence }: CohortSession,
  { reference, place: usual, stamp }: Facts,
): CalendarEvent {
  return {
    uid: `session-${number}-${of}@open-social-prescribing`,
    sequence,
    stamp,
    startsAt,
    endsAt,
    title: `Session (${reference})`,
    place: place ?? usual,
    cancelled: status === 'cancelled',
  };
}
