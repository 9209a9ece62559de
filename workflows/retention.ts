/**
 * How long a referral is kept once it is closed, and when whoever coordinates is warned before it is erased. Data, read by the sweep. While a
 * referral is open nothing counts down; while it is under a legal hold nothing is erased, and afterwards everybody is warned anew.
 */
import { addMonths, addYears } from 'date-fns';
import { email, happened } from './change.ts';
import type { Referral } from './referral.ts';
import { after, ageOn, isDue } from './time.ts';

/** How far somebody came: without sessions a referral is a short record, with sessions it is one of their care. */
export type Reached = 'no-programme' | 'programme';

/**
 * For so many months after closing a referral is kept. UK GDPR asks that health data be kept no longer than it is needed, and says no number (field
 * guide, "Rules the software lives under"); these are common in NHS records management [check]: two years for a referral that led to nothing, eight
 * for a record of care, of which a young person's is kept until their 25th birthday, or their 26th where they were 17 at its end.
 */
export const RETENTION_POLICY = {
  months: { 'no-programme': 24, programme: 96 },
  young: { before: 18, untilBirthday: 25, oneMoreFrom: 17 },
  /** The coordinator hears so many days before, at least. */
  warnDays: 30,
} as const satisfies {
  months: Record<Reached, number>;
  young: { before: number; untilBirthday: number; oneMoreFrom: number };
  warnDays: number;
};

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
  const reached = reachedBy(referral);
  const kept = addMonths(new Date(closedAt), RETENTION_POLICY.months[reached]).toISOString();
  const age = ageOn(person.dateOfBirth, closedAt);
  const { before, untilBirthday, oneMoreFrom } = RETENTION_POLICY.young;
  if (reached === 'no-programme' || age >= before) return kept;
  const birthday = addYears(
    new Date(`${person.dateOfBirth}T00:00:00Z`),
    untilBirthday + (age >= oneMoreFrom ? 1 : 0),
  ).toISOString();
  return kept > birthday ? kept : birthday;
}

/** The warning, or, once that was given long enough ago, the erasure; undefined while it is open or under a legal hold. */
export function nextRetention(referral: Referral): NextRetention | undefined {
  const until = keptUntil(referral);
  if (until === undefined || referral.legalHold) return undefined;
  const { erasureWarnedAt: warned } = referral;
  if (warned === undefined) return { step: 'warn', at: after(until, { days: -RETENTION_POLICY.warnDays }) };
  const earliest = after(warned, { days: RETENTION_POLICY.warnDays });
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
