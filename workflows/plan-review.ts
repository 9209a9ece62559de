/** The days on which somebody wanted to look at an action of a plan again: the link workers are written to then, so that nobody has to remember it. */
import { email, emailKey, type Outcome } from './change.ts';
import { asOthersSee } from './held-back.ts';
import type { Action, Plan, PlanContent } from './plan.ts';
import { afterQuiet } from './quiet.ts';
import type { Referral } from './referral.ts';
import { isEnded } from './steps.ts';
import { londonInstant } from './time.ts';

/** In the morning; of a day on which nobody works, on the next one. */
const REMINDED_AT = '08:00';

/** Whether an action is still to be done. */
export function isOpen({ status }: Pick<Action, 'status'>): boolean {
  return status === 'planned' || status === 'under-way';
}

/** The days on which actions that are still to be done are to be looked at again. */
export function daysOf({ goals }: PlanContent): Set<string> {
  const open = goals.flatMap(({ actions }) => actions).filter(isOpen);
  return new Set(open.flatMap(({ reviewOn }) => reviewOn ?? []));
}

/**
 * Queues a reminder for each day of the actions that are still to be done, in place of those of older versions: where its moment is still to come, or where
 * one is queued already and has not gone yet. Refused for a referral that has ended for good, and for a version that is not newer than the one it knows.
 */
export function remindOfPlan(referral: Referral, plan: Plan, now: string): Outcome {
  const { planVersion = 0, outbox } = referral;
  // A decision that can still be undone has ended nothing yet.
  if (isEnded(asOthersSee(referral)) || plan.version <= planVersion) return { refused: 'not-now' };
  const days = daysOf(plan);
  const stands = new Set([...days].map((day) => emailKey(reminder(day))));
  const known: Referral = {
    ...referral,
    planVersion: plan.version,
    outbox: outbox.filter(
      (entry) => entry.kind !== 'email' || entry.message !== 'plan-review' || stands.has(entry.key),
    ),
  };
  return [...days].sort().reduce((queued, day) => {
    const at = afterQuiet(londonInstant(day, REMINDED_AT));
    return at > now ? email(queued, at, reminder(day)) : queued;
  }, known);
}

function reminder(day: string) {
  return { message: 'plan-review', to: 'link-worker', cause: day } as const;
}
