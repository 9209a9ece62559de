/** Outcome measures: what was answered before, and a form for more. Each set is kept once, however often it is sent. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import type { FieldErrors } from '../../workflows/form.ts';
import { type Instrument, licensedInstrumentSchema } from '../../workflows/instrument.ts';
import {
  INSTRUMENTS,
  type Measurement,
  MOST_SHOWN,
  measurementSchema,
  readMeasures,
} from '../../workflows/measures.ts';
import type { Case } from '../shared/case-access.ts';
import { addToCase, newestOfCase } from '../shared/case-file.ts';
import { environment } from '../shared/environment.ts';
import { mintNoteKey, noteKeyOf } from '../shared/notes.ts';
import { siteFor } from '../shared/session.ts';
import { audit, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { memberOf } from './members.ts';
import { measuresPage } from './pages/measures-views.ts';

/** The free instruments, and those for which the deployer has a licence. */
export function instrumentsHere(): Instrument[] {
  const licensed: unknown = JSON.parse(environment('plan').LICENSED_MEASURES);
  return [...INSTRUMENTS, ...z.array(licensedInstrumentSchema).parse(licensed)];
}

/** What was taken, oldest first, in one request: the newest, where there is more than a page shows. */
export async function measurementsOf(id: string): Promise<Measurement[]> {
  const { TABLE_NAME } = environment('plan');
  const newest = await newestOfCase(
    TABLE_NAME,
    { id, kind: 'MEASURES', limit: MOST_SHOWN },
    measurementSchema,
  );
  return newest.sort((a, b) => a.at.localeCompare(b.at));
}

export async function showMeasures(visit: Visit, found: Case): Promise<PageResult> {
  return show(visit, found, await measurementsOf(found.referral.id));
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
    instruments: instrumentsHere(),
    // Kept while the same form is put right; a new one where it was used, or is too old.
    key: (errors && noteKeyOf(fields.key, now)) || mintNoteKey(now),
    ...(errors || late ? { form: { values: fields, ...(errors ? { errors } : {}) } } : {}),
    late,
  });
}

/** Keeps a set of answers under the key that the form brought. */
export async function saveMeasures(visit: Visit, found: Case): Promise<PageResult> {
  const { now, fields } = visit;
  const { id, reference } = found.referral;
  const read = readMeasures(fields, instrumentsHere());
  if ('errors' in read) return show(visit, found, await measurementsOf(id), { errors: read.errors });
  const key = noteKeyOf(fields.key, now);
  if (key === undefined) {
    const late =
      'This page had been open for too long, and nothing was recorded. Check the answers, and send them again.';
    return show(visit, found, await measurementsOf(id), { late });
  }
  const measurement: Measurement = { key, at: now, by: memberOf(found), ...read };
  const { TABLE_NAME } = environment('plan');
  const item = measurementSchema.parse(measurement);
  if (!(await addToCase(TABLE_NAME, { id, kind: 'MEASURES', key }, item))) {
    const measurements = await measurementsOf(id);
    const before = measurements.find((each) => each.key === key);
    if (!before || !isSame(before, measurement)) {
      const late =
        'This form had been sent before with other answers, which are recorded. What you see below was not. To record it as well, send it again.';
      return show(visit, found, measurements, { late });
    }
  }
  return redirect(`/referrals/${reference}/measures`);
}

/** Whether two say the same, whenever they were sent. */
function isSame(one: Measurement, other: Measurement): boolean {
  return one.point === other.point && isDeepStrictEqual(one.sets, other.sets);
}
