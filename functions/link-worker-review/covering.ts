/** A note by somebody who covers for another team: they were called, and whoever looks after the person must hear of it. Nothing else is theirs to do. */
import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { Case } from '../shared/case-access.ts';
import { environment } from '../shared/environment.ts';
import { keepNote, noteKeyOf } from '../shared/notes.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { showCase } from './cases.ts';
import { memberOf } from './standing.ts';

/** Keeps the note once, however often it is sent, and shows the referral again, for the same reason. */
export async function noteFromOutside(visit: Visit, found: Case): Promise<PageResult> {
  const { fields, now } = visit;
  const text = clean(fields.coverNote);
  const key = noteKeyOf(fields.key, now);
  const wrong = (coverNote: string) => showCase(visit, found, { errors: { coverNote } });
  if (text === '') return wrong('Enter a note');
  if (text.length > LIMITS.text) return wrong(`Use ${LIMITS.text} characters or fewer`);
  if (key === undefined) return wrong('This page had been open for too long. Send it again');
  const note = { at: now, by: memberOf(found.who), text };
  const kept = await keepNote(environment('page').TABLE_NAME, found.referral.id, key, note);
  return kept === 'kept'
    ? showCase(visit, found, { noteSaved: true })
    : wrong('Another note was saved with this form before. To save this one as well, send it again');
}
