/** Sessions as pages list them. */
import type { Session } from '../../../workflows/referral.ts';
import { inWords } from '../../../workflows/time.ts';
import { attendanceWords } from './words.ts';

/** When each session is or was, and what became of it. */
export function sessionsInWords(sessions: readonly Session[], now: string) {
  return sessions.map((session, i) => ({
    title: `Session ${i + 1}`,
    when: inWords(session.startsAt),
    ...statusOf(session, now),
  }));
}

function statusOf({ status, attendance, endsAt }: Session, now: string): { status: string; colour: string } {
  if (status === 'cancelled') return { status: 'Cancelled', colour: 'grey' };
  if (status === 'planned') {
    return Date.parse(endsAt) > Date.parse(now)
      ? { status: 'To come', colour: 'blue' }
      : { status: 'Not recorded yet', colour: 'yellow' };
  }
  const attended = attendance === '5' || attendance === '6';
  return {
    status: attendance === undefined ? 'Held' : attended ? 'Attended' : attendanceWords[attendance],
    colour: attended ? 'green' : 'orange',
  };
}
