/** Puts a person's details right for somebody who cannot do it on their own page, by the same rule and with the same emails. */
import { correctDetailsFor, keepingReminders } from '../../workflows/corrections.ts';
import { type FieldErrors, type Fields, fieldsOfPerson, parsePersonForm } from '../../workflows/form.ts';
import type { Referral, TeamMember } from '../../workflows/referral.ts';
import type { PersonField } from '../../workflows/request.ts';
import { deliver } from '../shared/deliver.ts';
import { seenOf } from '../shared/details-seen.ts';
import { environment } from '../shared/environment.ts';
import { recordEpisode } from '../shared/episodes.ts';
import { personKeysOf } from '../shared/person-index.ts';
import type { At } from './erase.ts';

/** `fields`: what is not as it was before; none where it had been put right already. `invalid`: by the fields of the form. */
export type Corrected =
  | { state: 'corrected'; fields: PersonField[] }
  | { state: 'invalid'; errors: FieldErrors }
  | { state: 'refused'; why: 'changed-meanwhile' };

/** What is to be put right: fields of the form, all others staying as they are. `seen`: the details that somebody had before them (seenOf). */
export type Correction = { fields: Fields; seen: string | undefined; by: TeamMember };

/**
 * Stores the details, if they are still those that were seen. Sent again they are there already, and nothing is changed or told. `note`: called once
 * they are stored, before anybody is told.
 */
export async function correct(
  { table, referrals, now }: At,
  referral: Referral,
  { fields, seen = seenOf(referral.person), by }: Correction,
  note: () => Promise<void>,
): Promise<Corrected | { state: 'missing' }> {
  const parsed = parsePersonForm({ ...fieldsOfPerson(referral.person), ...fields }, now);
  if ('errors' in parsed) return { state: 'invalid', errors: parsed.errors };
  const person = keepingReminders(parsed.person, referral.person);
  const personKeys = await personKeysOf(person);
  let changedFields: PersonField[] = [];
  const changed = await referrals.change(
    referral.id,
    now,
    (newest) => {
      const corrected = correctDetailsFor(newest, person, personKeys, by, now);
      changedFields = corrected === newest ? [] : (corrected.corrections?.at(-1)?.fields ?? []);
      if (corrected === newest || seenOf(newest.person) === seen) return corrected;
      return { refused: 'already-decided' };
    },
    referral,
  );
  if (changed.state === 'missing') return { state: 'missing' };
  if (changed.state === 'refused') return { state: 'refused', why: 'changed-meanwhile' };
  if (changedFields.length > 0) await note();
  // Nothing writes it again once a referral is closed, and how old somebody is or where they live is in it.
  if (changed.referral.stage === 'closed') await recordEpisode(table, changed.referral);
  await deliver(environment('personalData').OUTBOX_FUNCTION, changed.referral, now);
  return { state: 'corrected', fields: changedFields };
}
