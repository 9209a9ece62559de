/** Notes of the team about a person: items beside the referral, each written once and never changed. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { type TeamMember, teamMember } from '../../workflows/referral.ts';
import { after, isDue } from '../../workflows/time.ts';
import { addToCase, newestOfCase, oneOfCase } from './case-file.ts';

const noteSchema = z.object({
  key: z.string(),
  at: z.iso.datetime(),
  by: teamMember,
  text: z.string(),
  /** The number of the contact that it tells of. */
  contact: z.optional(z.int()),
});
export type Note = z.infer<typeof noteSchema>;

/** So many stand on a page. */
const NOTES_ON_PAGE = 20;

const KEY = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\.[\w-]{12}$/;

/** A page with a form for a note is of use for so long. */
const KEY_LASTS = { hours: 24 } as const;

/** The key that a form for a note carries: what is sent with it twice is one note. It sorts by when the form was shown. */
export function mintNoteKey(now: string): string {
  return `${now}.${randomBytes(9).toString('base64url')}`;
}

/** The key that a form brought back; undefined where no form of ours has such a key now. */
export function noteKeyOf(sent: string | undefined, now: string): string | undefined {
  const shown = KEY.exec(sent ?? '')?.[1];
  if (sent === undefined || shown === undefined || !isDue(shown, now)) return undefined;
  return isDue(after(shown, KEY_LASTS), now) ? undefined : sent;
}

/** The key of a note that an address names, to go on from there; undefined where it is none. */
export function noteKeyIn(sent: string | undefined): string | undefined {
  return sent !== undefined && KEY.test(sent) ? sent : undefined;
}

/** Keeps a note. `other`: another one was kept under its key before, and this one was not. */
export async function keepNote(
  table: string,
  id: string,
  key: string,
  note: { at: string; by: TeamMember; text: string; contact?: number },
): Promise<'kept' | 'other'> {
  const added = await addToCase(table, { id, kind: 'NOTE', key }, { ...note, key });
  if (added) return 'kept';
  const before = await oneOfCase(table, { id, kind: 'NOTE', key }, noteSchema);
  return before?.text === note.text && before.by.id === note.by.id ? 'kept' : 'other';
}

/**
 * A page of notes, those first that were saved last, in one request. Pages follow one another by when their forms were shown, which is at most a day
 * before (KEY_LASTS). `before`: the key after which the page goes on; `older`: the one of the next page.
 */
export async function pageOfNotes(
  table: string,
  id: string,
  before?: string,
): Promise<{ notes: Note[]; older: string | undefined }> {
  const found = await newestOfCase(table, { id, kind: 'NOTE', limit: NOTES_ON_PAGE + 1, before }, noteSchema);
  const shown = found.slice(0, NOTES_ON_PAGE);
  const notes = shown.toSorted((a, b) => b.at.localeCompare(a.at));
  return { notes, older: found.length > NOTES_ON_PAGE ? shown.at(-1)?.key : undefined };
}
