/** Outcome measures as they are kept beside a referral, and the instruments that this service has. */
import * as z from 'zod/mini';
import { type Instrument, licensedInstrumentSchema } from '../../workflows/instrument.ts';
import { noteMeasures } from '../../workflows/measure-times.ts';
import { INSTRUMENTS, type Measurement, measurementSchema } from '../../workflows/measures.ts';
import { inOrder } from '../../workflows/measures-order.ts';
import type { Referral } from '../../workflows/referral.ts';
import { addToCase, newestOfCase, oneOfCase } from './case-file.ts';
import { recordOutcomes } from './outcomes.ts';
import { referrals } from './record.ts';

/** The free instruments, and those for which the deployer has a licence. `licensed`: what the environment says of them, as JSON. */
export function instrumentsHere(licensed: string): Instrument[] {
  return [...INSTRUMENTS, ...z.array(licensedInstrumentSchema).parse(JSON.parse(licensed))];
}

/** What was taken, in order (measures-order.ts), in one request: what was recorded last, where there is more than `limit`. */
export async function measurementsOf(
  table: string,
  referral: Pick<Referral, 'id' | 'offers'>,
  limit: number,
): Promise<Measurement[]> {
  const { id } = referral;
  return inOrder(await newestOfCase(table, { id, kind: 'MEASURES', limit }, measurementSchema), referral);
}

/**
 * Keeps a set of answers under its key and notes on the referral that they were taken, and, where it has ended, what they say of the outcome.
 * Gives what is kept under the key: these answers, or others that were sent before. What a first try left undone is done again.
 */
export async function keepMeasures(
  table: string,
  { id, now, link }: { id: string; now: string; link?: string },
  measurement: Measurement,
): Promise<{ kept: Measurement; referral: Referral | undefined }> {
  const { key } = measurement;
  const added = await addToCase(table, { id, kind: 'MEASURES', key }, measurementSchema.parse(measurement));
  const before = added ? undefined : await oneOfCase(table, { id, kind: 'MEASURES', key }, measurementSchema);
  const kept = before ?? measurement;
  const changed = await referrals(table).change(id, now, (referral) => noteMeasures(referral, kept, link));
  if (changed.state === 'missing') return { kept, referral: undefined };
  await recordOutcomes(table, changed.referral);
  return { kept, referral: changed.referral };
}
