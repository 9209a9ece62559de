/** What a person wrote to the team on their own page: items beside the referral, each written once and never changed. */
import * as z from 'zod/mini';
import { CONCERNS, RATINGS } from '../../workflows/referral.ts';
import { addToCase, newestOfCase, oneOfCase } from './case-file.ts';

const feedbackSchema = z.object({
  key: z.string(),
  at: z.iso.datetime(),
  /** A session by its number, or else (workflows/feedback.ts). */
  about: z.string(),
  rating: z.optional(z.enum(RATINGS)),
  text: z.optional(z.string()),
  concern: z.optional(z.enum(CONCERNS)),
});
export type FeedbackNote = z.infer<typeof feedbackSchema>;

/** So many stand on a page of the team. */
const NEWEST = 20;

/** Keeps it. `other`: something else was kept under its key before, and this was not. */
export async function keepFeedback(table: string, id: string, note: FeedbackNote): Promise<'kept' | 'other'> {
  const { key } = note;
  if (await addToCase(table, { id, kind: 'FEEDBACK', key }, note)) return 'kept';
  const before = await oneOfCase(table, { id, kind: 'FEEDBACK', key }, feedbackSchema);
  return before !== undefined && contentOf(before) === contentOf(note) ? 'kept' : 'other';
}

/** The newest, the newest first, in one request. */
export function newestFeedback(table: string, id: string): Promise<FeedbackNote[]> {
  return newestOfCase(table, { id, kind: 'FEEDBACK', limit: NEWEST }, feedbackSchema);
}

function contentOf({ about, rating, text, concern }: FeedbackNote): string {
  return JSON.stringify([about, rating, text, concern]);
}
