/** The days on which somebody wanted to look at an action of a plan again: the link workers are written to then, so that nobody has to remember it. */
import { email, type Outcome } from './change.ts';
import type { Action, Plan } from './plan.ts';
import { afterQuiet } from './quiet.ts';
import type { Referral } from './referral.ts';
import { isEnded } from './steps.ts';
import { londonDate, londonInstant } from './time.ts';

/** In the morning; of a day on which nobody works, on the next one. */
const REMINDED_AT = '08:00';

/** Whether an action is still to be done. */
export function isOpen({ status }: Action): boolean {
  return status === 'planned' || status === 'under-way';
}

/**
 * Queues a reminder for each day to come of the actions that are still to be done, in place of those of older versions. Refused for a referral that has
 * ended, and for a version that is not newer than the one it knows.
 */
export function remindOfPlan(referral: Referral, plan: Plan, now: string): Outcome {
  const { planVersion = 0, outbox } = referral;
  if (isEnded(referral) || plan.version <= planVersion) return { refused: 'not-now' };
  const days = plan.goals
    .flatMap(({ actions }) => actions)
    .filter(isOpen)
    .flatMap(({ reviewOn }) => (reviewOn !== undefined && reviewOn > londonDate(now) ? [reviewOn] : []));
  const known: Referral = {
    ...referral,
    planVersion: plan.version,
    outbox: outbox.filter((entry) => entry.kind !== 'email' || entry.message !== 'plan-review'),
  };
  return days.sort().reduce((queued, day) => {
    const at = afterQuiet(londonInstant(day, REMINDED_AT));
    return email(queued, at, { message: 'plan-review', to: 'link-worker', cause: day });
  }, known);
}
