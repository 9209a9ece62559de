/** A coordinator puts a person's details right who cannot do it on their own page: no email reaches them, or the referral has ended. */
import { keepingReminders } from '../../workflows/corrections.ts';
import {
  type FieldErrors,
  fieldsOfPerson,
  PERSON_FORM_FIELDS,
  parsePersonForm,
} from '../../workflows/form.ts';
import type { Person } from '../../workflows/request.ts';
import type { Case } from '../shared/case-access.ts';
import { seenOf } from '../shared/details-seen.ts';
import { environment } from '../shared/environment.ts';
import { changesInWords } from '../shared/pages/corrections.ts';
import { referrals } from '../shared/record.ts';
import { siteFor } from '../shared/session.ts';
import { audit, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { ask } from './ask.ts';
import { correctPage } from './pages/correct-views.ts';

/** The details as they are recorded, to be put right. */
export async function showDetails(visit: Visit, found: Case): Promise<PageResult> {
  const { person } = found.referral;
  const values = { ...fieldsOfPerson(person), detailsSeen: seenOf(person) };
  return showForm(visit, found, { values });
}

/** Has them stored. What was typed stays in the form where something is wrong with it, or somebody else was faster. */
export async function saveDetails(visit: Visit, found: Case): Promise<PageResult> {
  const { reference } = found.referral;
  // What is not ticked is not sent.
  const fields = Object.fromEntries(PERSON_FORM_FIELDS.map((name) => [name, visit.fields[name] ?? '']));
  const seen = visit.fields.detailsSeen ?? '';
  const answer = await ask(visit, found.who, reference, { act: 'correct', fields, seen });
  switch (answer.state) {
    case 'corrected':
      return redirect(`/referrals/${reference}/data?done=corrected`);
    case 'invalid':
      return showForm(visit, found, { values: visit.fields, errors: answer.errors });
    case 'refused':
      return showLate(visit, found);
    default:
      return redirect(`/referrals/${reference}/data`);
  }
}

/** Somebody else changed the details meanwhile: what is recorded now, beside what was typed, which may be saved over it. */
async function showLate(visit: Visit, found: Case): Promise<PageResult> {
  const { TABLE_NAME } = environment('rights');
  const referral = (await referrals(TABLE_NAME).read(found.referral.id)) ?? found.referral;
  const { person } = referral;
  const values = { ...visit.fields, detailsSeen: seenOf(person) };
  const parsed = parsePersonForm(visit.fields, visit.now);
  const late = 'person' in parsed ? differences(person, parsed.person) : [];
  return showForm(visit, { ...found, referral }, { values, late });
}

function differences(recorded: Person, typed: Person) {
  return changesInWords(recorded, keepingReminders(typed, recorded));
}

async function showForm(
  visit: Visit,
  found: Case,
  {
    late,
    ...form
  }: { values: Visit['fields']; errors?: FieldErrors; late?: ReturnType<typeof changesInWords> },
): Promise<PageResult> {
  await audit(visit, { ...found, id: 'data' }, 'data-rights');
  const { reference } = found.referral;
  return correctPage({ ...siteFor(found.who), reference, late, form });
}
