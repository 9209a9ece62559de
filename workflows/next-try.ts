/** The day on which whoever tried to reach somebody tries again: what waits for the team waits until then. */
import { dueAfter } from './change.ts';
import type { Referral } from './referral.ts';
import { after, isDue, londonInstant } from './time.ts';

/** A next try is at this time on the clock in London, and counts for so many working days at most: nobody is put off for longer. */
const NEXT_TRY = { time: '08:00', workingDays: 10 } as const;

/**
 * Moves what is due to the day of the next try (YYYY-MM-DD) while a review or a welfare contact is waited for; never where somebody in danger waits.
 * Whoever planned has acted, so the reminders begin anew. An attempt without a next one, or with one later today, ends the plan before it.
 */
export function planNextTry(referral: Referral, next: string | undefined, now: string): Referral {
  const { due } = referral;
  if (due?.step !== 'review' && due?.step !== 'welfare') return referral;
  const wanted = next === undefined ? now : londonInstant(next, NEXT_TRY.time);
  if (isDue(wanted, now)) return due.tryAt === undefined ? referral : dueAfter(referral, now, due.step);
  const latest = after(now, { workingDays: NEXT_TRY.workingDays });
  const tryAt = wanted < latest ? wanted : latest;
  return { ...referral, due: { at: tryAt, step: due.step, count: 0, tryAt } };
}

/** The day that the newest attempt names (YYYY-MM-DD); undefined where it names none. */
export function nextTryOf({ contacts }: Pick<Referral, 'contacts'>): string | undefined {
  return contacts?.at(-1)?.next;
}
