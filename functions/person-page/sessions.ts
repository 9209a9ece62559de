/** The sessions of a person's programme as their page lists them: those that were, the next, and those that are to come. */
import { heldSessions } from '../../workflows/programme.ts';
import type { ProgrammeRecord } from '../../workflows/referral.ts';
import { after, sameTimeWeeksLater } from '../../workflows/time.ts';
import type { ListedSession } from '../shared/pages/sessions.ts';

/** What is recorded, and where it `goesOn` what follows weekly, until as many are held as the programme has. */
export function sessionsOf(programme: ProgrammeRecord, goesOn: boolean, now: string): ListedSession[] {
  const { sessions } = programme;
  if (!goesOn) return [...sessions];
  // Where a register is late, the calendar has gone on: a date that has passed is no date to come to.
  const coming = comingSessions(programme).filter(({ startsAt }) => Date.parse(startsAt) > Date.parse(now));
  return [...sessions, ...coming];
}

/** The sessions that are not planned one by one yet. */
function comingSessions(programme: ProgrammeRecord): ListedSession[] {
  const { sessions, planned, firstSessionAt, sessionMinutes } = programme;
  const held = heldSessions(programme);
  const open = sessions.filter(({ status }) => status === 'planned').length;
  return Array.from({ length: Math.max(0, planned - held - open) }, (_, i) => {
    const startsAt = sameTimeWeeksLater(firstSessionAt, sessions.length + i);
    const endsAt = after(startsAt, { minutes: sessionMinutes });
    return { number: sessions.length + i + 1, startsAt, endsAt, status: 'planned' };
  });
}
