/** The public: what this is, the referral form, and that it arrived. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Fields, newReferral, parseSubmission, type Submission } from '../../workflows/intake.ts';
import type { Referral } from '../../workflows/referral.ts';
import { deliver } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { referralIdOf } from '../shared/links.ts';
import { Message, note } from '../shared/log.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { referrals } from '../shared/record.ts';
import { type PageResult, pages, redirect, site, type Visit } from '../shared/web.ts';
import { homePage, referPage, sentPage } from './pages/views.ts';

const SUBMISSION_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const REFERENCE = /^SP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;

export const handler = pages({
  'GET /': async () => homePage(site()),
  'GET /refer': async () => referPage({ ...site(), submissionKey: randomUUID() }),
  'POST /refer': refer,
  'GET /refer/sent/{reference}': async ({ path }) =>
    path.reference !== undefined && REFERENCE.test(path.reference)
      ? sentPage({ ...site(), reference: path.reference })
      : problemPage('not-found', site()),
});

/** Records the referral of a valid form, once for each submission key, however often the form is sent. */
async function refer({ now, fields }: Visit): Promise<PageResult> {
  const key = submissionKeyOf(fields);
  const parsed = parseSubmission(fields, now);
  if (key === undefined || 'errors' in parsed) {
    const errors = 'errors' in parsed ? parsed.errors : {};
    return referPage({
      ...site(),
      submissionKey: key ?? randomUUID(),
      form: { values: fields, errors: key === undefined ? { ...errors, ...NO_KEY } : errors },
    });
  }
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const { created, referral } = await referrals(TABLE_NAME).create(
    newReferral(referralIdOf(key), parsed.submission, now),
  );
  if (created) note(Message.referralCreated, { referralId: referral.id, stage: referral.stage });
  else if (!saysTheSame(referral, parsed.submission)) {
    const errors = { referrerKind: alreadySent(referral.reference) };
    return referPage({ ...site(), submissionKey: randomUUID(), form: { values: fields, errors } });
  }
  await deliver(OUTBOX_FUNCTION, referral, now);
  return redirect(`/refer/sent/${referral.reference}`);
}

/** True when a submission repeats what was recorded: a second click, a reload, a retry by the network. */
function saysTheSame(referral: Referral, { person, referrer, request }: Submission): boolean {
  const { needs, risks } = request;
  return isDeepStrictEqual(
    [referral.person, referral.referrer, referral.request.needs, referral.request.risks],
    [person, referrer, needs, risks],
  );
}

/** Someone went back, changed the form and sent it again: what they changed must not be lost without a word. */
function alreadySent(reference: string): string {
  return `You have already sent this form: its reference is ${reference}. Send it again only if these answers are for another referral`;
}

/** Without the key we could not tell a second click from a second referral, so the form is shown again with a new one. */
const NO_KEY = { referrerKind: 'Please check the form and send it again' };

function submissionKeyOf(fields: Fields): string | undefined {
  const key = fields.submissionKey;
  return key !== undefined && SUBMISSION_KEY.test(key) ? key : undefined;
}
