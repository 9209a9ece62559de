/** What happened with a referral besides what is on it: notes, versions of the plan, and who looked. */
import * as z from 'zod/mini';
import { type Referral, teamMember } from '../../workflows/referral.ts';
import { newestOfCase } from '../shared/case-file.ts';
import { type Looks, newestLooks } from '../shared/looks.ts';
import { type Note, pageOfNotes } from '../shared/notes.ts';

/** That something was recorded, when and by whom; not what. */
const changeSchema = z.object({ at: z.iso.datetime(), by: teamMember });
export type Change = z.infer<typeof changeSchema>;

export type Happenings = {
  notes: readonly Note[];
  plans: readonly Change[];
  looks: readonly Looks[];
  /** There are older notes, versions or looks than these. */
  more: boolean;
};

/** Of each kind so many are read, the newest. Their own pages have the older ones. */
const NEWEST = 20;

/** Costs four requests, however much happened. */
export async function happeningsOf(table: string, referral: Referral): Promise<Happenings> {
  const { id } = referral;
  const [{ notes, older }, plans, looks] = await Promise.all([
    pageOfNotes(table, id),
    newestOfCase(table, { id, kind: 'PLAN', limit: NEWEST }, changeSchema),
    newestLooks(table, referral),
  ]);
  const more = older !== undefined || plans.length === NEWEST || looks.some(({ atLeast }) => atLeast);
  return { notes, plans, looks, more };
}
