/** The plan: read, changed row by row without saving, and saved as a version of its own. */
import type { FieldErrors } from '../../workflows/form.ts';
import {
  nextVersion,
  type Plan,
  type PlanContent,
  planSchema,
  VERSIONS_SHOWN,
  versionKey,
} from '../../workflows/plan.ts';
import { type Draft, draftOf, draftOfPlan, edited, readPlan } from '../../workflows/plan-form.ts';
import { remindOfPlan } from '../../workflows/plan-review.ts';
import { type Case, isOfTheirTeam, notRecorded, workOnCase } from '../shared/case-access.ts';
import { addToCase, newestOfCase, oneOfCase } from '../shared/case-file.ts';
import { environment } from '../shared/environment.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { referrals } from '../shared/record.ts';
import { siteFor } from '../shared/session.ts';
import { audit, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { memberOf } from './members.ts';
import { planFormPage, planPage } from './pages/plan-views.ts';

/** The newest versions, the newest first, in one request. */
export function newestPlans(id: string, limit = VERSIONS_SHOWN): Promise<Plan[]> {
  return newestOfCase(environment('plan').TABLE_NAME, { id, kind: 'PLAN', limit }, planSchema);
}

/** Shows the newest version, or the one that is asked for; the form where there is none yet, or where it is to be changed. */
export async function showPlan(visit: Visit, found: Case): Promise<PageResult> {
  const { referral, who } = found;
  const { version, change } = visit.query;
  const known = await newestPlans(referral.id);
  if (version === undefined && (known.length === 0 || change === 'yes')) {
    return showForm(visit, found, { draft: draftOfPlan(known[0]), base: known[0]?.version ?? 0 });
  }
  const shown = version === undefined ? known[0] : await versionOf(referral.id, version);
  if (!shown) return problemPage('not-found', siteFor(who));
  await audit(visit, found, shown.version === known[0]?.version ? 'plan' : 'plan-version');
  return planPage({ ...siteFor(who), referral, shown, known, now: visit.now });
}

function versionOf(id: string, version: string): Promise<Plan | undefined> {
  if (!/^[1-9]\d{0,5}$/.test(version)) return Promise.resolve(undefined);
  const key = versionKey(Number(version));
  return oneOfCase(environment('plan').TABLE_NAME, { id, kind: 'PLAN', key }, planSchema);
}

type Shown = { draft: Draft; base: number; errors?: FieldErrors; overtakenBy?: Plan };

async function showForm(visit: Visit, found: Case, shown: Shown): Promise<PageResult> {
  await audit(visit, found, 'plan');
  const { referral, who } = found;
  return planFormPage({ ...siteFor(who), referral, now: visit.now, ...shown });
}

/** Adds or takes away a row and shows the form again; or saves. Somebody who was faster is shown beside what was typed. */
export async function savePlan(visit: Visit, found: Case): Promise<PageResult> {
  const { fields } = visit;
  const draft = draftOf(fields);
  const base = /^\d{1,6}$/.test(fields.version ?? '') ? Number(fields.version) : 0;
  const other = edited(draft, fields.action);
  if (other) return showForm(visit, found, { draft: other, base });
  const known = await newestPlans(found.referral.id);
  const read = readPlan(
    draft,
    // The one that was changed; or what this very form has saved before.
    known.filter(({ version }) => version >= base),
    visit.now,
  );
  if ('errors' in read) return showForm(visit, found, { draft, base, errors: read.errors });
  const newest = await workOnCase(visit, found);
  if (!isOfTheirTeam(newest)) return notRecorded(visit, newest);
  const overtakenBy = await store(visit, found, { content: read.content, base, known });
  if (overtakenBy) return showForm(visit, found, { draft, base: overtakenBy.version, overtakenBy });
  await remindOf(visit, found);
  return redirect(`/referrals/${found.referral.reference}/plan`);
}

/** Whoever was killed between the two sends the form again, and finds the version there. */
async function remindOf({ now }: Visit, { referral }: Case): Promise<void> {
  const [newest] = await newestPlans(referral.id, 1);
  if (!newest) return;
  await referrals(environment('plan').TABLE_NAME).change(
    referral.id,
    now,
    (current) => remindOfPlan(current, newest, now),
    referral,
  );
}

/** Writes the next version; gives the one that somebody else wrote instead, whether before or at the same moment. */
async function store(
  { now }: Visit,
  found: Case,
  { content, base, known }: { content: PlanContent; base: number; known: Plan[] },
): Promise<Plan | undefined> {
  const { id } = found.referral;
  const next = nextVersion(content, base, known);
  if (next.state !== 'next') return next.state === 'same' ? undefined : next.by;
  const { version } = next;
  const plan: Plan = { ...content, version, at: now, by: memberOf(found) };
  const key = versionKey(version);
  if (await addToCase(environment('plan').TABLE_NAME, { id, kind: 'PLAN', key }, planSchema.parse(plan))) {
    return undefined;
  }
  const then = nextVersion(content, base, await newestPlans(id));
  if (then.state === 'next') throw new Error('a version of the plan is there and is not');
  return then.state === 'same' ? undefined : then.by;
}
