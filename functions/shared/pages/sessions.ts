/** Sessions as pages list them. */
import type { Session } from '../../../workflows/referral.ts';
import { inWords } from '../../../workflows/time.ts';
import { attendanceWords } from './words.ts';

/** A session of somebody's programme. `place`: where it is, if it is not where the others are. */
export type ListedSession = Omit<Session, 'recordedAt'> & { place?: string | undefined };

/** Attendance in few words, for the person's own page: no blame. */
export const attendanceToPerson: typeof attendanceWords = {
  '5': 'You came',
  '6': 'You came',
  '7': 'You came late',
  '2': 'You could not come',
  '3': 'You did not come',
  '4': 'Cancelled',
};

/**
 * When each session is or was, and what became of it: for those who run it, or for the person. They are numbered from the first that was theirs, which
 * in a group that had begun is not its first; one that is held in place of a cancelled one has its number.
 */
export function sessionsInWords(sessions: readonly ListedSession[], now: string, reader: 'staff' | 'person') {
  return sessions.map((session, i) => ({
    title: `Session ${1 + sessions.slice(0, i).filter(({ status }) => status !== 'cancelled').length}`,
    when: inWords(session.startsAt),
    place: session.place,
    ...(session.status === 'planned' && session.excusedAt !== undefined
      ? {
          status: reader === 'person' ? 'You told us you cannot come' : 'Said they cannot come',
          colour: 'yellow',
        }
      : statusOf(session, now, reader === 'person' ? attendanceToPerson : attendanceWords)),
  }));
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** "Three sessions": how many were missed. */
export function missedInWords(missed: number): string {
  return `${NUMBERS[missed] ?? missed} ${missed === 1 ? 'session' : 'sessions'}`;
}

function statusOf(
  { status, attendance, endsAt }: ListedSession,
  now: string,
  words: typeof attendanceWords,
): { status: string; colour: string } {
  if (status === 'cancelled') return { status: 'Cancelled', colour: 'grey' };
  if (status === 'planned') {
    return Date.parse(endsAt) > Date.parse(now)
      ? { status: 'To come', colour: 'blue' }
      : { status: 'Not recorded yet', colour: 'yellow' };
  }
  const attended = attendance === '5' || attendance === '6';
  return {
    status: attendance === undefined ? 'Held' : words[attendance],
    colour: attended ? 'green' : 'grey',
  };
}
