/** How to reach, to remind and to talk to them: a form of its own. A change is a correction, of which the link workers hear. */
import { correctDetails } from '../../workflows/corrections.ts';
import { type FieldErrors, type Fields, fieldsOfPerson, parsePersonForm } from '../../workflows/form.ts';
import { asOthersSee } from '../../workflows/held-back.ts';
import { emailOf } from '../../workflows/person.ts';
import { type Person, REMINDED } from '../../workflows/request.ts';
import { remindedBy } from '../../workflows/session-reminder.ts';
import { isEnded } from '../../workflows/steps.ts';
import { correctedTooOften, sentTooMuch } from '../shared/admission.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { personKeysOf } from '../shared/person-index.ts';
import { referrals } from '../shared/record.ts';
import { audit, type Opened, type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { PREFERENCE_FIELDS, preferencesDoorPage, preferencesPage } from './pages/views.ts';

/** Nothing of the person before they ask for it: links in emails are opened by machines too. */
export function showDoor({ path, query }: Visit, { referral }: Opened): PageResult {
  return preferencesDoorPage({
    ...site(),
    reference: referral.reference,
    back: `/person/${path.link}`,
    saved: query.saved === 'yes',
    ended: isEnded(asOthersSee(referral)),
  });
}

export async function showOrSavePreferences(visit: Visit, opened: Opened): Promise<PageResult> {
  if (isEnded(asOthersSee(opened.referral))) return showDoor(visit, opened);
  return visit.fields.action === 'save' ? save(visit, opened) : show(visit, opened);
}

/** The form as it is recorded, or as it was entered; each look is in the audit. */
async function show(visit: Visit, opened: Opened, errors?: FieldErrors): Promise<PageResult> {
  const { reference, person } = opened.referral;
  await audit(visit, opened, 'own-details');
  const recorded = { ...fieldsOfPerson(person), reminders: remindedBy({ person }) };
  return preferencesPage({
    ...site(),
    reference,
    back: `/person/${visit.path.link}`,
    mayEmail: emailOf(person) !== undefined,
    form: errors ? { values: visit.fields, errors } : { values: recorded },
  });
}

async function save(visit: Visit, opened: Opened): Promise<PageResult> {
  const { now, path } = visit;
  const { id, person } = opened.referral;
  const read = readPreferences(visit.fields, person, now);
  if ('errors' in read) return show(visit, opened, read.errors);
  const refused = (await sentTooMuch(visit)) ?? (await correctedTooOften(id, now));
  if (refused) return refused;
  const personKeys = await personKeysOf(person);
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const changed = await referrals(TABLE_NAME).change(id, now, (referral) => {
    // With whatever else was corrected meanwhile: by it the person is found, so this waits for a fresh look if it matters.
    const before = referral.person;
    const moved = JSON.stringify(before) !== JSON.stringify(person);
    const again = moved ? readPreferences(visit.fields, before, now) : read;
    if ('errors' in again) return { refused: 'not-now' };
    return correctDetails(
      referral,
      again.person,
      moved ? (referral.personKeys ?? personKeys) : personKeys,
      now,
    );
  });
  if (changed.state === 'missing') return problemPage('not-found', site());
  if (changed.state === 'refused') return showDoor(visit, { ...opened, referral: changed.referral });
  note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
  await deliver(OUTBOX_FUNCTION, changed.referral, now);
  return redirect(`/person/${path.link}/contact?saved=yes`);
}

/** The person as they say it, with all else as it was. What is wrong with that which this form does not ask is put right on their details' page. */
function readPreferences(
  fields: Fields,
  before: Person,
  now: string,
): { person: Person } | { errors: FieldErrors } {
  const own = Object.fromEntries(
    Object.entries(fields).filter(([name]) => PREFERENCE_FIELDS.some((known) => name.startsWith(known))),
  );
  const kept = Object.fromEntries(
    Object.entries(fieldsOfPerson(before)).filter(
      ([name]) => !PREFERENCE_FIELDS.some((known) => name.startsWith(known)),
    ),
  );
  const parsed = parsePersonForm({ ...kept, ...own }, now);
  const reminders = REMINDED.find((known) => known === fields.reminders);
  const errors: FieldErrors = 'errors' in parsed ? asked(parsed.errors) : {};
  if (reminders === undefined) errors.reminders = 'Select how you want to be reminded';
  if ('errors' in parsed || reminders === undefined) return { errors };
  const { mayEmail } = before.contact ?? {};
  const { mayEmail: _asBefore, ...said } = parsed.person.contact ?? {};
  // What is so anyway, and was not said before, is not said now.
  const silent = before.contact?.reminders === undefined && reminders === remindedBy({ person: before });
  const contact = {
    ...said,
    ...(mayEmail === undefined ? {} : { mayEmail }),
    ...(silent ? {} : { reminders }),
  };
  const { contact: _contact, communication: _communication, ...rest } = before;
  const { communication } = parsed.person;
  return {
    person: {
      ...rest,
      ...(Object.keys(contact).length === 0 ? {} : { contact }),
      ...(communication === undefined ? {} : { communication }),
    },
  };
}

function asked(errors: FieldErrors): FieldErrors {
  const own = Object.entries(errors).filter(([name]) =>
    PREFERENCE_FIELDS.some((known) => name.startsWith(known)),
  );
  if (own.length > 0) return Object.fromEntries(own);
  return {
    contactNote:
      'Go back to your page and correct your other details first: something in them is missing or wrong',
  };
}
