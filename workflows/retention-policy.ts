/** For how long a referral is kept once it is closed: data. What follows from it is in retention.ts. */

/**
 * UK GDPR asks that health data be kept no longer than it is needed, and says no number (field guide, "Rules the software lives under"); these
 * are common in NHS records management [check], and a service may set them: two years for a referral that led to nothing, eight for a record of care, of
 * which a young person's is kept until their 25th birthday, or a year longer where they were 17 at its end.
 */
export const RETENTION = {
  /** Months after a referral that led to no programme. */
  noProgrammeMonths: 24,
  /** Months after one with sessions: a record of care. */
  programmeMonths: 96,
  /** Until which birthday a young person's record of care is kept at least; a year more for whoever was 17. */
  youngUntil: 25,
  /** The coordinator hears so many days before, at least. */
  warnDays: 30,
};
export type Retention = typeof RETENTION;

/** Below these nobody could complain, or take back what was done by mistake: NHS complaints may be made for a year [check]. */
export const LEAST_RETENTION: Retention = {
  noProgrammeMonths: 12,
  programmeMonths: 12,
  youngUntil: 18,
  warnDays: 14,
};

/** Above these it is a slip of the pen. */
export const MOST_RETENTION: Retention = {
  noProgrammeMonths: 360,
  programmeMonths: 360,
  youngUntil: 30,
  warnDays: 90,
};

let inForce = RETENTION;

/** Puts a service's own periods in force, in place of those above where it has them. Called once, when a function starts. */
export function useRetention(own: Partial<Retention> = {}): void {
  inForce = { ...RETENTION, ...own };
}

/** The periods in force. */
export function retention(): Retention {
  return inForce;
}
