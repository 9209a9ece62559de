/** The day before a session: the person is reminded in the way that they chose, as far as there is one. There is email; whatever else is the team's. */
import { email, happened } from './change.ts';
import { reachedAt } from './person.ts';
import { afterNight, afterQuiet } from './quiet.ts';
import type { Referral, Session } from './referral.ts';
import { figure } from './reminder-policy.ts';
import type { REMINDED } from './request.ts';
import { before, isDue, isWorkingDay, londonDate, londonInstant } from './time.ts';

type Whom = Pick<Referral, 'person' | 'undelivered'>;

/** How somebody is reminded: what they chose; by the team where email does not reach them. */
export function remindedBy(whom: Whom): (typeof REMINDED)[number] {
  const chosen = whom.person.contact?.reminders ?? 'email';
  return chosen === 'email' && reachedAt(whom) === undefined ? 'team' : chosen;
}

/**
 * When somebody is to be reminded of a session: the day before, and not at night, unless the session would have begun by its end. A weekend is as good
 * a day as any to hear of the session of Monday; but the team, who are to remind them, are asked on the morning of a day on which they work. `late`: that has
 * passed, and it is to be now, or at the end of this night, or when the team work again.
 */
export function sessionReminderAt(
  { startsAt }: Pick<Session, 'startsAt'>,
  now: string,
  whom: Whom,
): { at: string; late: boolean } {
  const byTeam = remindedBy(whom) === 'team';
  const unlessBegun = (at: string, then: string) => (isDue(startsAt, then) ? at : then);
  const dayBefore = before(startsAt, figure('session'));
  const planned = byTeam ? morningBy(dayBefore, startsAt) : unlessBegun(dayBefore, afterNight(dayBefore));
  const late = isDue(planned, now);
  return { at: late ? unlessBegun(now, byTeam ? afterQuiet(now) : afterNight(now)) : planned, late };
}

/** The morning of the last working day that is no later than the day of a moment, and before a session. */
function morningBy(at: string, startsAt: string): string {
  for (let day = at; ; day = before(day, { days: 1 })) {
    const date = londonDate(day);
    const morning = afterNight(londonInstant(date, '00:00'));
    if (isWorkingDay(date) && !isDue(startsAt, morning)) return morning;
  }
}

/** Reminds of a session, or asks the team to. Nobody is reminded who said that they cannot come, or once it has begun. */
export function sendSessionReminder(referral: Referral, session: Session, now: string): Referral {
  const way = remindedBy(referral);
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
