/** What a person may ask of us about their data, for the coordinators of their team: a copy, putting it right, a legal hold, and erasing. GET shows, POST asks. */
import { clean } from '../../workflows/checks.ts';
import { whyKept } from '../../workflows/data-rights.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { keptUntil, nextRetention } from '../../workflows/retention.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { londonDate } from '../../workflows/time.ts';
import { type Case, forOwnCase } from '../shared/case-access.ts';
import { download } from '../shared/csv.ts';
import { environment } from '../shared/environment.ts';
import { readErasure } from '../shared/erasures.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { referrals } from '../shared/record.ts';
import { referenceIn } from '../shared/reference.ts';
import { othersOf } from '../shared/same-person.ts';
import { type SignedIn, siteFor, workspace } from '../shared/session.ts';
import { audit, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { ask } from './ask.ts';
import { saveDetails, showDetails } from './correct.ts';
import { copyPage } from './pages/copy-views.ts';
import { DONE, dataPage, erasedPage, erasePage } from './pages/views.ts';

const roles = ['coordinator'] as const;

export const handler = workspace({
  'GET /referrals/{reference}/data': { roles, answer: unlessErased(show) },
  'POST /referrals/{reference}/data': { roles, answer: unlessErased(holdOrRelease) },
  'POST /referrals/{reference}/data/copy': { roles, answer: unlessErased(copy) },
  'GET /referrals/{reference}/data/correct': { roles, answer: unlessErased(showDetails) },
  'POST /referrals/{reference}/data/correct': { roles, answer: unlessErased(saveDetails) },
  'GET /referrals/{reference}/data/erase': {
    roles,
    answer: unlessErased((visit, found) => confirm(visit, found)),
  },
  'POST /referrals/{reference}/data/erase': { roles, answer: unlessErased(erase) },
});

/** Answers for a referral of one's own team; one that was erased has a page that says so, whatever is asked of it. */
function unlessErased(answer: (visit: Visit, found: Case) => Promise<PageResult>) {
  return async (visit: Visit, who: SignedIn): Promise<PageResult> => {
    const { TABLE_NAME } = environment('rights');
    const reference = referenceIn(visit.path.reference ?? '');
    if (reference === undefined) return problemPage('not-found', siteFor(who));
    const [referral] = await referrals(TABLE_NAME).byReference(reference);
    if (referral) return forOwnCase(answer)(visit, who);
    const erasure = await readErasure(TABLE_NAME, reference);
    if (!erasure || !who.teams.includes(erasure.team ?? ANY_TEAM))
      return problemPage('not-found', siteFor(who));
    return erasedPage({ ...siteFor(who), reference, at: erasure.at, why: erasure.why });
  };
}

type Refused = { errors?: Record<string, string>; statusCode?: number; late?: string };

/** `refused`: what was not taken, and why; what was typed stays. */
async function show(visit: Visit, found: Case, refused: Refused = {}): Promise<PageResult> {
  await audit(visit, { ...found, id: 'data' }, 'data-rights');
  const { referral, who } = found;
  const others = await othersOf(environment('rights').TABLE_NAME, referral, who.teams);
  return dataPage({
    ...siteFor(who),
    referral,
    keptUntil: keptUntil(referral),
    next: nextRetention(referral),
    whyKept: whyKept(referral),
    others: others.ours,
    elsewhere: others.elsewhere.length,
    done: DONE.find((each) => each === visit.query.done),
    late: refused.late,
    statusCode: refused.statusCode,
    form: refused.errors && { values: visit.fields, errors: refused.errors },
  });
}

async function holdOrRelease(visit: Visit, found: Case): Promise<PageResult> {
  const { reference } = found.referral;
  if (visit.fields.action === 'release') {
    if (visit.fields.sure !== 'yes') {
      return show(visit, found, { errors: { sure: 'Tick that nothing requires it to be kept any more' } });
    }
    const answer = await ask(visit, found.who, reference, { act: 'release' });
    return answer.state === 'released'
      ? redirect(`/referrals/${reference}/data?done=released`)
      : again(found);
  }
  const reason = clean(visit.fields.reason);
  if (reason === '') return show(visit, found, { errors: { reason: 'Enter why it must be kept' } });
  if (reason.length > LIMITS.text) {
    return show(visit, found, { errors: { reason: `Use ${LIMITS.text} characters or fewer` } });
  }
  const answer = await ask(visit, found.who, reference, { act: 'hold', reason });
  if (answer.state === 'held') return redirect(`/referrals/${reference}/data?done=held`);
  if (answer.state !== 'refused') return again(found);
  const [newest] = await referrals(environment('rights').TABLE_NAME).byReference(reference);
  const late =
    'Somebody else placed a hold since you opened the page. Theirs stands, and your reason was not kept';
  return show(visit, { ...found, referral: newest ?? found.referral }, { late, statusCode: 409, errors: {} });
}

/** What became of it meanwhile is on its page. */
function again({ referral: { reference } }: Case): PageResult {
  return redirect(`/referrals/${reference}/data`);
}

async function copy(visit: Visit, found: Case): Promise<PageResult> {
  const { reference } = found.referral;
  const answer = await ask(visit, found.who, reference, { act: 'copy' });
  if (answer.state !== 'copied') return again(found);
  if (visit.fields.format === 'json') {
    const name = `data-${reference}-${londonDate(visit.now)}.json`;
    return download(JSON.stringify(answer.copy, undefined, 2), 'application/json; charset=utf-8', name);
  }
  return copyPage({ ...siteFor(found.who), reference, copy: answer.copy });
}

async function confirm(visit: Visit, found: Case, error?: string): Promise<PageResult> {
  await audit(visit, { ...found, id: 'data' }, 'data-rights');
  const { referral, who } = found;
  return erasePage({
    ...siteFor(who),
    referral,
    whyKept: whyKept(referral),
    form: error === undefined ? undefined : { values: visit.fields, errors: { confirm: error } },
  });
}

async function erase(visit: Visit, found: Case): Promise<PageResult> {
  const { reference } = found.referral;
  if (whyKept(found.referral) === undefined && referenceIn(clean(visit.fields.confirm)) !== reference) {
    return confirm(visit, found, `Enter ${reference} to say that you mean this one`);
  }
  // Also where it cannot be: that it was asked for and refused is in the audit.
  const answer = await ask(visit, found.who, reference, { act: 'erase' });
  if (answer.state !== 'refused') return again(found);
  const [newest] = await referrals(environment('rights').TABLE_NAME).byReference(reference);
  const { referral } = { ...found, ...(newest ? { referral: newest } : {}) };
  return erasePage({ ...siteFor(found.who), referral, whyKept: whyKept(referral), refused: true });
}
