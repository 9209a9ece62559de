/**
 * How long a referral is kept once it is closed, and when whoever coordinates is warned before it is erased: what the sweep does about the periods of
 * retention-policy.ts. While a referral is open nothing counts down; while it is under a legal hold nothing is erased, and afterwards everybody is warned anew.
 */
import { addMonths, addYears } from 'date-fns';
import { email, happened } from './change.ts';
import type { Referral } from './referral.ts';
import { retention } from './retention-policy.ts';
import { after, ageOn, isDue } from './time.ts';

/** How far somebody came: without sessions a referral is a short record, with sessions it is one of their care. */
export type Reached = 'no-programme' | 'programme';

/** Whoever is younger at its end is a young person; and until when is a year later for whoever is this old. */
const YOUNG = { before: 18, oneMoreFrom: 17 };

/** What happens next of itself, and when. */
export type NextRetention = { step: 'warn' | 'erase'; at: string };

/** How far the person of a referral came. */
export function reachedBy({ programme, earlierProgrammes = [] }: Referral): Reached {
  return programme || earlierProgrammes.length > 0 ? 'programme' : 'no-programme';
}

/** Until when a referral is kept; undefined while it is open. */
export function keptUntil(referral: Referral): string | undefined {
  if (referral.stage !== 'closed') return undefined;
  const { closedAt, person } = referral;
  const { noProgrammeMonths, programmeMonths, youngUntil } = retention();
  const reached = reachedBy(referral);
  const months = reached === 'programme' ? programmeMonths : noProgrammeMonths;
  const kept = addMonths(new Date(closedAt), months).toISOString();
  const age = ageOn(person.dateOfBirth, closedAt);
  if (reached === 'no-programme' || age >= YOUNG.before) return kept;
  const birthday = addYears(
    new Date(`${person.dateOfBirth}T00:00:00Z`),
    youngUntil + (age >= YOUNG.oneMoreFrom ? 1 : 0),
  ).toISOString();
  return kept > birthday ? kept : birthday;
}

/** The warning, or, once that was given long enough ago, the erasure; undefined while it is open or under a legal hold. */
export function nextRetention(referral: Referral): NextRetention | undefined {
  const until = keptUntil(referral);
  if (until === undefined || referral.legalHold) return undefined;
  const { erasureWarnedAt: warned } = referral;
  const { warnDays } = retention();
  if (warned === undefined) return { step: 'warn', at: after(until, { days: -warnDays }) };
  const earliest = after(warned, { days: warnDays });
  return { step: 'erase', at: earliest > until ? earliest : until };
}

/** The coordinator is warned, once, where the time for it has come; undefined where it has not. */
export function warnOfErasure(referral: Referral, now: string): Referral | undefined {
  const next = nextRetention(referral);
  if (next?.step !== 'warn' || !isDue(next.at, now)) return undefined;
  const warned = happened({ ...referral, erasureWarnedAt: now }, now, 'sweep', 'erasure-warned');
  const { at = now } = nextRetention(warned) ?? {};
  return email(warned, now, { message: 'erasure-warning', to: 'coordinator', cause: now, by: at });
}

/** Whether a referral is to be erased now, because it has been kept for as long as it may be. */
export function isOverdue(referral: Referral, now: string): boolean {
  const next = nextRetention(referral);
  return next?.step === 'erase' && isDue(next.at, now);
}

/** Whether it is in the due index for what a longer period in force since puts off: to be written anew, and nothing else. */
export function isPutOff(referral: Referral, now: string): boolean {
  const next = nextRetention(referral);
  return next !== undefined && referral.outbox.length === 0 && !isDue(next.at, now);
}
