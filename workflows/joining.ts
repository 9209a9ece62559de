/** Until when a group can be joined: who joins late has at least half of its sessions left. */
import { inOrder } from './cohort.ts';
import type { CohortRecord } from './cohort-record.ts';
import type { Cohort, Programme } from './directory.ts';
import { slotsOf } from './schedule.ts';
import { londonInstant } from './time.ts';

/** Of a long programme who joins late misses no more than five sessions [check]. */
const JOIN_WITHIN = { share: 0.5, most: 6 };

/** From when on nobody joins a group any more, as the directory plans it: nobody has been accepted into it yet. */
export function plannedUntil(
  { count, minutes, time: usual }: Programme['sessions'],
  { startsOn, time = usual, breaks = [] }: Cohort,
): string {
  const firstAt = londonInstant(startsOn, time);
  return slotsOf({ firstAt, minutes, breaks }, joinedWithin(count)).at(-1)?.startsAt ?? firstAt;
}

/** The same as its own sessions are: those that were held or are to be, in the order of time. Undefined where all are cancelled. */
export function joinedUntil(cohort: Pick<CohortRecord, 'sessions'>): string | undefined {
  const kept = inOrder(cohort).filter(({ status }) => status !== 'cancelled');
  return kept[joinedWithin(kept.length) - 1]?.startsAt;
}

/** Up to which session somebody may join, from 1. */
function joinedWithin(count: number): number {
  return Math.max(1, Math.min(JOIN_WITHIN.most, Math.floor(count * JOIN_WITHIN.share)));
}
