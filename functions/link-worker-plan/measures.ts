/** Outcome measures: what was answered before, and a form for more. Each set is kept once, however often it is sent. */
import { isDeepStrictEqual } from 'node:util';
import { clean, dateIn } from '../../workflows/checks.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { type Measurement, MOST_SHOWN, readMeasures } from '../../workflows/measures.ts';
import { dateInWords, londonDate } from '../../workflows/time.ts';
import type { Case } from '../shared/case-access.ts';
import { environment } from '../shared/environment.ts';
import { instrumentsHere, keepMeasures, measurementsOf } from '../shared/measures.ts';
import { mintNoteKey, noteKeyOf } from '../shared/notes.ts';
import { siteFor } from '../shared/session.ts';
import { audit, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { memberOf } from './members.ts';
import { measuresPage } from './pages/measures-views.ts';

const DATE_BOXES = ['takenOn-day', 'takenOn-month', 'takenOn-year'];

export async function showMeasures(visit: Visit, found: Case): Promise<PageResult> {
  return show(visit, found, await shown(found));
}

/** What a page has room for. */
function shown({ referral }: Case): Promise<Measurement[]> {
  return measurementsOf(environment('plan').TABLE_NAME, referral, MOST_SHOWN);
}

async function show(
  visit: Visit,
  found: Case,
  measurements: readonly Measurement[],
  { errors, late }: { errors?: FieldErrors; late?: string } = {},
): Promise<PageResult> {
  await audit(visit, found, 'measures');
  const { now, fields } = visit;
  return measuresPage({
    ...siteFor(found.who),
    referral: found.referral,
    now,
    measurements,
    instruments: instrumentsHere(environment('plan').LICENSED_MEASURES),
    // Kept while the same form is put right; a new one where it was used, or is too old.
    key: (errors && noteKeyOf(fields.key, now)) || mintNoteKey(now),
    ...(errors || late ? { form: { values: fields, ...(errors ? { errors } : {}) } } : {}),
    late,
  });
}

/** Keeps a set of answers under the key that the form brought. */
export async function saveMeasures(visit: Visit, found: Case): Promise<PageResult> {
  const { now, fields } = visit;
  const { id, reference, createdAt } = found.referral;
  const { TABLE_NAME, LICENSED_MEASURES } = environment('plan');
  const known = await shown(found);
  const read = readMeasures(fields, instrumentsHere(LICENSED_MEASURES), known);
  const day = readTakenOn(fields, createdAt, now);
  if ('errors' in read || 'errors' in day) {
    const errors = { ...('errors' in read ? read.errors : {}), ...('errors' in day ? day.errors : {}) };
    return show(visit, found, known, { errors });
  }
  const key = noteKeyOf(fields.key, now);
  if (key === undefined) {
    const late =
      'This page had been open for too long, and nothing was recorded. Check the answers, and send them again.';
    return show(visit, found, known, { late });
  }
  const measurement: Measurement = { key, at: now, by: memberOf(found), ...read, ...day };
  const { kept } = await keepMeasures(TABLE_NAME, { id, now }, measurement);
  if (!isSame(kept, measurement)) {
    const late =
      'This form had been sent before with other answers, which are recorded. What you see below was not. To record it as well, send it again.';
    return show(visit, found, await shown(found), { late });
  }
  return redirect(`/referrals/${reference}/measures`);
}

/** The day on which answers were taken: today, unless the form says otherwise. */
function readTakenOn(
  fields: Fields,
  arrived: string,
  now: string,
): { takenOn?: string } | { errors: FieldErrors } {
  if (DATE_BOXES.every((box) => clean(fields[box]) === '')) return {};
  const takenOn = dateIn(fields, 'takenOn');
  if (takenOn === undefined) return { errors: { takenOn: 'Enter a real date, like 15 1 2027' } };
  if (takenOn > londonDate(now)) return { errors: { takenOn: 'The date must be today or earlier' } };
  if (takenOn < londonDate(arrived)) {
    return { errors: { takenOn: `The referral arrived on ${dateInWords(arrived)}: enter a day since then` } };
  }
  return { takenOn };
}

/** Whether two say the same, whenever they were sent. */
function isSame(one: Measurement, other: Measurement): boolean {
  return (
    one.point === other.point && one.takenOn === other.takenOn && isDeepStrictEqual(one.sets, other.sets)
  );
}
