/** How long people waited for a programme, from the offer to the first session, measured from those whom it accepted last. */
import * as z from 'zod/mini';

/** So many of the newest count: older ones say little of today. */
export const MOST_MEASURED = 30;

/** One person's wait. The key is made of the referral and the offer, so that the same one counts once. */
export const measuredSchema = z.object({
  key: z.string(),
  /** When the provider accepted. */
  at: z.iso.datetime(),
  days: z.int().check(z.nonnegative()),
});
export type Measured = z.infer<typeof measuredSchema>;

/** The median in days, and from how many people. */
export type Wait = { days: number; people: number };

/** The days between an offer and the first session, to the nearest; none where the session was before the offer. */
export function daysWaited(offeredAt: string, firstSessionAt: string): number {
  return Math.max(0, Math.round((Date.parse(firstSessionAt) - Date.parse(offeredAt)) / 86_400_000));
}

/** Adds one and keeps the newest. Gives back the same list when it is there already, or older than all that are kept. */
export function withMeasured(list: readonly Measured[], one: Measured): readonly Measured[] {
  if (list.some(({ key }) => key === one.key)) return list;
  const kept = [...list, one]
    .sort((a, b) => b.at.localeCompare(a.at) || a.key.localeCompare(b.key))
    .slice(0, MOST_MEASURED);
  return kept.includes(one) ? kept : list;
}

/** The same waits, with `as` in place of a referral's id in their keys. Where none is of it, the same list. */
export function withoutKeysOf(
  list: readonly Measured[],
  referralId: string,
  as: string,
): readonly Measured[] {
  if (!list.some(({ key }) => key.includes(referralId))) return list;
  return list.map((one) => ({ ...one, key: one.key.replace(referralId, as) }));
}

/** The wait that a list of them says; undefined where nobody has been measured. */
export function waitOf(list: readonly Pick<Measured, 'days'>[]): Wait | undefined {
  const days = list.map((one) => one.days).sort((a, b) => a - b);
  const [low, high] = [days[Math.ceil(days.length / 2) - 1], days[Math.floor(days.length / 2)]];
  return low === undefined || high === undefined
    ? undefined
    : { days: Math.round((low + high) / 2), people: days.length };
}
