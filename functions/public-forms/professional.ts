/** Professionals: the whole form on one page. */
import { randomUUID } from 'node:crypto';
import { admitted, type NotEligible } from '../../workflows/eligibility.ts';
import { type FieldErrors, type Fields, parseForm } from '../../workflows/form.ts';
import { sentTooMuch } from '../shared/admission.ts';
import { allProgrammes } from '../shared/directory/directory.ts';
import { recordReferral } from '../shared/intake.ts';
import { type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { professionalPage } from './pages/views.ts';
import { servedAt, trapped } from './trap.ts';

const SUBMISSION_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The empty form. */
export async function showProfessional({ now, query }: Visit): Promise<PageResult> {
  return professionalPage({
    ...site(),
    submissionKey: randomUUID(),
    served: await servedAt('professional', now),
    programmes: allProgrammes(),
    form: { values: { programmeId: query.programme } },
  });
}

/** Records the referral of a valid form, once for each submission key, however often the form is sent. */
export async function sendProfessional(visit: Visit): Promise<PageResult> {
  const { now } = visit;
  const refused = await sentTooMuch(visit);
  if (refused) return refused;
  const fields: Fields = { ...visit.fields, referrerKind: 'professional' };
  const key = submissionKeyOf(fields);
  const parsed = parseForm(fields, now, allProgrammes());
  const errors = {
    ...('errors' in parsed ? parsed.errors : {}),
    ...(await trapped('professional', fields, now)),
    ...(key === undefined ? NO_KEY : {}),
  };
  if ('errors' in parsed || key === undefined || Object.keys(errors).length > 0)
    return again(visit, fields, errors);
  const checked = admitted(allProgrammes(), parsed, now);
  if ('notEligible' in checked) return again(visit, fields, ASK_ALL_THE_SAME, checked.notEligible);
  const { submission } = checked;
  const { state, referral } = await recordReferral(submission, { key, now });
  if (state === 'conflict') {
    return again(
      visit,
      { ...fields, submissionKey: randomUUID() },
      { send: alreadySent(referral.reference) },
    );
  }
  return redirect(`/refer/${submission.request.danger ? 'help-now' : 'sent'}/${referral.reference}`);
}

/** Somebody is not eligible, and nobody has said yet that a link worker is to look all the same. */
export const ASK_ALL_THE_SAME: FieldErrors = {
  askLinkWorker: 'Choose another programme, or tick this box to ask a link worker all the same',
};

/** Someone went back, changed the form and sent it again: what they changed must not be lost without a word. */
function alreadySent(reference: string): string {
  return `You have already sent this form: its reference is ${reference}. Send it again only if these answers are for another referral`;
}

/** Without the key we could not tell a second click from a second referral, so the form is shown again with a new one. */
const NO_KEY: FieldErrors = { send: 'Please check the form and send it again' };

async function again(
  { now }: Visit,
  fields: Fields,
  errors: FieldErrors,
  notEligible?: NotEligible,
): Promise<PageResult> {
  return professionalPage({
    ...site(),
    submissionKey: submissionKeyOf(fields) ?? randomUUID(),
    served: await servedAt('professional', now, fields.served),
    programmes: allProgrammes(),
    notEligible,
    form: { values: { ...fields, website: undefined }, errors },
  });
}

function submissionKeyOf(fields: Fields): string | undefined {
  const key = fields.submissionKey;
  return key !== undefined && SUBMISSION_KEY.test(key) ? key : undefined;
}
