/** The day before a session: the person is reminded in the way that they chose, as far as there is one. There is email; whatever else is the team's. */
import { email, happened } from './change.ts';
import { emailOf } from './person.ts';
import { afterNight } from './quiet.ts';
import type { Referral, Session } from './referral.ts';
import { figure } from './reminder-policy.ts';
import type { Person, REMINDED } from './request.ts';
import { before, isDue } from './time.ts';

/** How somebody is reminded: what they chose; by the team where they cannot be written to. */
export function remindedBy(person: Pick<Person, 'email' | 'contact'>): (typeof REMINDED)[number] {
  const chosen = person.contact?.reminders ?? 'email';
  return chosen === 'email' && emailOf(person) === undefined ? 'team' : chosen;
}

/**
 * When somebody is to be reminded of a session: the day before, and not at night, unless the session would have begun by its end. A weekend is as good
 * a day as any to hear of the session of Monday. `late`: that has passed, and it is to be now, or at the end of this night.
 */
export function sessionReminderAt(
  { startsAt }: Pick<Session, 'startsAt'>,
  now: string,
): { at: string; late: boolean } {
  const inDaytime = (at: string) => {
    const day = afterNight(at);
    return isDue(startsAt, day) ? at : day;
  };
  const planned = inDaytime(before(startsAt, figure('session')));
  const late = isDue(planned, now);
  return { at: late ? inDaytime(now) : planned, late };
}

/** Reminds of a session, or asks the team to. Nobody is reminded who said that they cannot come, or once it has begun. */
export function sendSessionReminder(referral: Referral, session: Session, now: string): Referral {
  const way = remindedBy(referral.person);
  if (way === 'none' || session.excusedAt !== undefined || isDue(session.startsAt, now)) return referral;
  const cause = `session-${session.number}-${session.startsAt}`;
  if (way === 'team') {
    return email(happened(referral, now, 'sweep', 'reminder-by-hand'), now, {
      message: 'reminder-by-hand',
      to: 'link-worker',
      cause,
      by: session.startsAt,
    });
  }
  return email(happened(referral, now, 'sweep', 'session-reminder'), now, {
    message: 'session-reminder',
    to: 'person',
    cause,
    link: 'person',
    by: session.startsAt,
  });
}
