/**
 * Erasures: an item for each referral that was erased, under its reference. It says that and when it was done, and nothing of the person. While
 * something is still to be done it also says what, and is in the due index, so that a crash leaves nothing half erased.
 */
import * as z from 'zod/mini';
import { DUE_SHARDS } from './shards.ts';
import { changeVersioned, type Kind, readVersioned } from './versioned.ts';

const instant = z.iso.datetime();
const referralId = z.string().check(z.regex(/^[a-f0-9]{32}$/));

const erasureSchema = z.object({
  /** Counts writes. Every change is conditional on it. */
  version: z.int().check(z.nonnegative()),
  updatedAt: instant,
  reference: z.string(),
  /** Leads to the audit of the referral, and to nothing else any more. */
  referralId,
  /** Whose coordinators may read that audit. */
  team: z.optional(z.string()),
  why: z.enum(['asked', 'retention']),
  at: instant,
  doneAt: z.optional(instant),
  /** What is still to be done: gone once it is. */
  left: z.optional(
    z.object({
      nextAt: instant,
      /** How often everything was gone through: twice, since somebody may have been writing. */
      passes: z.int().check(z.nonnegative()),
      /** Random: what stays is kept under names made of it, which nobody can make again. */
      secret: z.string(),
      /** It was erased before, and a backup brought it back: what is counted of it is counted already. */
      again: z.optional(z.literal(true)),
      /** A backup brought it back, and it goes whatever that says of its stage or of a hold. */
      regardless: z.optional(z.literal(true)),
      execution: z.string(),
      /** The month in which it ended, YYYY-MM. */
      month: z.string(),
      /** The month in which it came; absent in what was begun before that was noted. */
      received: z.optional(z.string()),
      programmeIds: z.array(z.string()),
      cohorts: z.array(z.object({ programmeId: z.string(), cohortId: z.string() })),
      /** Of email addresses of the person (addresses.ts). */
      addressIds: z.array(z.string()),
    }),
  ),
});
export type Erasure = z.infer<typeof erasureSchema>;

/** The erasure of a reference, read consistently; undefined where none was begun. */
export function readErasure(table: string, reference: string): Promise<Erasure | undefined> {
  return readVersioned(erasureKind(table, reference));
}

/**
 * Begins an erasure, or gives the one that was begun before. One that was done before begins anew: a backup brought the referral back. Throws where
 * the reference was another referral's too.
 */
export async function beginErasure(
  table: string,
  first: Omit<Erasure, 'version' | 'updatedAt'>,
  now: string,
): Promise<Erasure> {
  const changed = await changeVersioned(
    erasureKind(table, first.reference),
    now,
    (erasure) => {
      if (!first.left || erasure.referralId !== first.referralId) return erasure;
      if (erasure.left) {
        if (!first.left.regardless || erasure.left.regardless) return erasure;
        return { ...erasure, left: { ...erasure.left, regardless: true as const } };
      }
      const { version, updatedAt } = erasure;
      return { ...first, left: { ...first.left, again: true as const }, version, updatedAt };
    },
    { ...first, version: 0, updatedAt: now },
  );
  if (changed.state === 'missing') throw new Error('an erasure begins with nothing');
  if (changed.item.referralId !== first.referralId) throw new Error('two referrals of one reference');
  return changed.item;
}

/** Changes an erasure by a rule. */
export async function changeErasure(
  table: string,
  reference: string,
  now: string,
  rule: (erasure: Erasure) => Erasure,
): Promise<void> {
  await changeVersioned(erasureKind(table, reference), now, rule);
}

/** Where an erasure is. */
export function erasureKind(table: string, reference: string): Kind<Erasure> {
  return {
    table,
    pk: `ERASURE#${reference}`,
    sk: 'ERASURE',
    schema: erasureSchema,
    due: ({ left, referralId }) =>
      left && { at: left.nextAt, shard: Number.parseInt(referralId.slice(-4), 16) % DUE_SHARDS },
  };
}
