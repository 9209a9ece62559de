/** For yourself or someone you know: one question at a time. What is entered is kept in a draft (drafts.ts) until it is sent. */

import { admitted, whyNotEligible } from '../../workflows/eligibility.ts';
import { LIMITS } from '../../workflows/fields.ts';
import {
  type FieldErrors,
  type Fields,
  FORM_FIELDS,
  needField,
  parseForm,
  type Step,
  stepsOf,
} from '../../workflows/form.ts';
import { COMMUNICATION_NEEDS } from '../../workflows/request.ts';
import { sentTooMuch } from '../shared/admission.ts';
import { cookie } from '../shared/cookies.ts';
import { allProgrammes } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { recordReferral } from '../shared/intake.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { type AtDraft, insteadOf, withDraft } from './at-draft.ts';
import { changeDraft, closeDraft, newDraft } from './drafts.ts';
import { beginPage, checkPage, helpNowPage, type StepWay, stepPage } from './pages/views.ts';
import { ASK_ALL_THE_SAME } from './professional.ts';
import { leave, sendLink, showDeleted, showSave, showSaved } from './save.ts';
import { servedAt, trapped } from './trap.ts';

/** Before the first question. */
export async function showBegin({ now, query }: Visit, way: StepWay): Promise<PageResult> {
  return beginPage({ ...site(), way, served: await servedAt('begin', now), programmeId: query.programme });
}

/** Makes a draft, whose token the browser keeps. */
export async function begin(visit: Visit, way: StepWay): Promise<PageResult> {
  const { now, fields } = visit;
  const refused = await sentTooMuch(visit);
  if (refused) return refused;
  const errors = await trapped('begin', fields, now);
  if (errors) {
    const served = await servedAt('begin', now, fields.served);
    return beginPage({
      ...site(),
      way,
      served,
      programmeId: fields.programmeId,
      form: { values: {}, errors },
    });
  }
  const first = stepsOf(way)[0]?.id ?? 'check';
  const draft = {
    way,
    resume: first,
    fields: {
      ...(way === 'myself' ? { referrerKind: 'self' } : {}),
      ...(fields.programmeId ? { programmeId: fields.programmeId.slice(0, LIMITS.line) } : {}),
    },
  };
  const token = await newDraft(environment('page').TABLE_NAME, draft, now);
  return redirect(`/refer/${way}/${first}`, [cookie('draft', token, visit)]);
}

/** Shows a page of the form: a step, or what comes around the steps. */
export async function showStep(visit: Visit, way: StepWay): Promise<PageResult> {
  if (visit.path.step === 'saved') return showSaved(visit);
  if (visit.path.step === 'deleted') return showDeleted();
  return withDraft(visit, way, async (at) => {
    switch (visit.path.step) {
      case 'check':
        return showCheck(visit, at);
      case 'help-now':
        return helpNowPage({
          ...site(),
          self: way === 'myself',
          next: `/refer/${way}/${afterHelp(visit, way)}`,
        });
      case 'save':
        return showSave(at);
      default: {
        const step = stepAt(visit, way);
        if (!step) return problemPage('not-found', site());
        const { fields } = at.content;
        const errors = visit.query.missing === 'yes' ? errorsIn(step, fields, visit.now) : {};
        return pageOf(visit, at, step, { values: fields, errors });
      }
    }
  });
}

/** Takes the answer of a page, and leads to the next one. */
export async function answerStep(visit: Visit, way: StepWay): Promise<PageResult> {
  if (visit.fields.action === 'delete') return leave(visit, way);
  return withDraft(visit, way, async (at) => {
    if (visit.path.step === 'check') return visit.fields.action === 'save' ? toSave(at) : send(visit, at);
    if (visit.path.step === 'save') return sendLink(visit, at);
    const step = stepAt(visit, way);
    if (!step) return problemPage('not-found', site());
    const answer = entered(step, visit.fields);
    const fields = { ...at.content.fields, ...answer };
    const errors = errorsIn(step, fields, visit.now);
    const saving = visit.fields.action === 'save';
    if (!saving && Object.keys(errors).length > 0) return pageOf(visit, at, step, { values: fields, errors });
    const next = visit.fields.change === 'yes' ? 'check' : stepAfter(way, step.id);
    const resume = saving ? step.id : next;
    // Another page of the same form may be sent at the same time: each changes its own fields.
    const draft = await changeDraft(
      environment('page').TABLE_NAME,
      at.token,
      visit.now,
      (content) => ({ ...content, fields: { ...content.fields, ...answer }, resume }),
      at.draft,
    );
    if (draft.state !== 'open') return insteadOf(draft);
    // Before anything else, also for whoever wants to come back another day.
    if (step.id === 'danger' && fields.danger === 'yes')
      return redirect(`/refer/${way}/help-now?next=${saving ? 'save' : next}`);
    return saving ? toSave(at) : redirect(`/refer/${way}/${next}`);
  });
}

/** Where the interruption leads on to: to where the answer would have led. */
function afterHelp({ query }: Visit, way: StepWay): string {
  return query.next === 'save' || query.next === 'check' ? query.next : stepAfter(way, 'danger');
}

function stepAt({ path }: Visit, way: StepWay): Step | undefined {
  return stepsOf(way).find(({ id }) => id === path.step);
}

/** What a page may change: the fields that it asks, and no others. What was not sent (a box not ticked) was taken back. */
function entered(step: Step, fields: Fields): Record<string, string> {
  const names = FORM_FIELDS.filter((name) =>
    step.fields.some(
      (field) =>
        name === field ||
        name.startsWith(`${field}-`) ||
        (field === 'communicationNeeds' && name in NEED_FIELDS),
    ),
  );
  // Longer than any field may be, so that its error can be shown; not so long that the draft would not fit its item.
  return Object.fromEntries(names.map((name) => [name, (fields[name] ?? '').slice(0, 2 * LIMITS.text)]));
}

const NEED_FIELDS = Object.fromEntries(
  Object.keys(COMMUNICATION_NEEDS).map((need) => [needField(need), need]),
);

/** What is wrong with the fields of one page. The whole form is checked, since some rules look at several pages. */
function errorsIn(step: Step, fields: Fields, now: string): FieldErrors {
  const parsed = parseForm(fields, now, allProgrammes());
  const errors = 'errors' in parsed ? parsed.errors : {};
  return Object.fromEntries(
    Object.entries(errors).filter(([name]) => (step.fields as readonly string[]).includes(name)),
  );
}

function pageOf(
  visit: Visit,
  { way }: AtDraft,
  step: Step,
  form: { values: Fields; errors: FieldErrors },
): PageResult {
  const steps = stepsOf(way);
  const index = steps.findIndex(({ id }) => id === step.id);
  const change = visit.query.change === 'yes' || visit.fields.change === 'yes';
  const before = steps[index - 1];
  return stepPage({
    ...site(),
    way,
    step,
    number: index + 1,
    count: steps.length,
    back: change ? `/refer/${way}/check` : `/refer/${way}${before ? `/${before.id}` : ''}`,
    change,
    programmes: allProgrammes(),
    form,
  });
}

/** The page after a step: the next step, or the check of all answers. */
function stepAfter(way: StepWay, id: Step['id']): string {
  const steps = stepsOf(way);
  return steps[steps.findIndex((step) => step.id === id) + 1]?.id ?? 'check';
}

/** The first step with something missing or wrong; undefined when the form can be sent. */
function firstIncomplete({ way, content }: AtDraft, now: string): Step | undefined {
  return stepsOf(way).find((step) => Object.keys(errorsIn(step, content.fields, now)).length > 0);
}

function toSave({ way }: AtDraft): PageResult {
  return redirect(`/refer/${way}/save`);
}

async function showCheck(visit: Visit, at: AtDraft, errors?: FieldErrors): Promise<PageResult> {
  const { now } = visit;
  const { fields } = at.content;
  const incomplete = firstIncomplete(at, now);
  if (incomplete) return redirect(`/refer/${at.way}/${incomplete.id}?missing=yes`);
  const parsed = parseForm(fields, now, allProgrammes());
  const notEligible =
    'errors' in parsed
      ? undefined
      : whyNotEligible(allProgrammes(), parsed.submission.person, parsed.submission.request, now);
  const steps = stepsOf(at.way);
  return checkPage({
    ...site(),
    way: at.way,
    fields,
    back: `/refer/${at.way}/${steps.at(-1)?.id}`,
    programmes: allProgrammes(),
    notEligible,
    served: await servedAt('check', now, visit.fields.served),
    ...(errors ? { form: { values: { ...fields, ...visit.fields }, errors } } : {}),
  });
}

/** Records the referral, once however often it is sent, and puts its reference in the draft's place. */
async function send(visit: Visit, at: AtDraft): Promise<PageResult> {
  const { now } = visit;
  const refused = await sentTooMuch(visit);
  if (refused) return refused;
  const errors = await trapped('check', visit.fields, now);
  if (errors) return showCheck(visit, at, errors);
  const fields = { ...at.content.fields, askLinkWorker: visit.fields.askLinkWorker };
  const parsed = parseForm(fields, now, allProgrammes());
  if ('errors' in parsed) return showCheck(visit, at, parsed.errors);
  const checked = admitted(allProgrammes(), parsed, now);
  if ('notEligible' in checked) return showCheck(visit, at, ASK_ALL_THE_SAME);
  const { submission } = checked;
  const { state, referral } = await recordReferral(submission, { key: at.content.submissionKey, now });
  await closeDraft(environment('page').TABLE_NAME, at.token, referral.reference, now);
  // It was recorded, and a crash left the draft open: what was changed since is not in it.
  if (state === 'conflict') return redirect(`/refer/sent/${referral.reference}?already=${at.way}`);
  return redirect(`/refer/${submission.request.danger ? 'help-now' : 'sent'}/${referral.reference}`);
}
