/** The day before a session: the person is reminded in the way that they chose, as far as there is one. There is email; whatever else is the team's. */
import { email, happened } from './change.ts';
import { emailOf } from './person.ts';
import type { Person, REMINDED, Referral, Session } from './referral.ts';
import { isDue } from './time.ts';

/** How somebody is reminded: what they chose; by the team where they cannot be written to. */
export function remindedBy(person: Pick<Person, 'email' | 'contact'>): (typeof REMINDED)[number] {
  const chosen = person.contact?.reminders ?? 'email';
  return chosen === 'email' && emailOf(person) === undefined ? 'team' : chosen;
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
