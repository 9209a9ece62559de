/** For yourself or someone you know: one question at a time. What is entered is kept in a draft (drafts.ts) until it is sent. */
import { admitted, whyNotEligible } from '../../workflows/eligibility.ts';
import {
  type FieldErrors,
  type Fields,
  FORM_FIELDS,
  needField,
  parseForm,
  type Step,
  stepsOf,
} from '../../workflows/form.ts';
import { COMMUNICATION_NEEDS, LIMITS } from '../../workflows/referral.ts';
import { allProgrammes } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { recordReferral } from '../shared/intake.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { type PageResult, redirect, site, type Visit } from '../shared/web.ts';
import { sentTooMuch } from './admission.ts';
import { closeDraft, type DraftContent, newDraft, openDraft, saveDraft } from './drafts.ts';
import { beginPage, checkPage, helpNowPage, type StepWay, stepPage } from './pages/views.ts';
import { ASK_ALL_THE_SAME, alreadySent } from './professional.ts';
import { sendLink, showSave, showSaved } from './save.ts';
import { servedAt, trapped } from './trap.ts';

const COOKIE = 'draft';

/** A draft that a browser is at. */
export type AtDraft = { way: StepWay; token: string; content: DraftContent; expiresAt: string };

/** Before the first question. */
export async function showBegin({ now, query }: Visit, way: StepWay): Promise<PageResult> {
  return beginPage({ ...site(), way, served: await servedAt(now), programmeId: query.programme });
}

/** Makes a draft, whose token the browser keeps until it is closed. */
export async function begin(visit: Visit, way: StepWay): Promise<PageResult> {
  const { now, fields } = visit;
  const refused = await sentTooMuch(visit);
  if (refused) return refused;
  const errors = await trapped(fields, now);
  if (errors) {
    const served = await servedAt(now, fields.served);
    return beginPage({
      ...site(),
      way,
      served,
      programmeId: fields.programmeId,
      form: { values: {}, errors },
    });
  }
  const first = stepsOf(way)[0]?.id ?? 'check';
  const { token, content } = newDraft(way, first, {
    ...(way === 'myself' ? { referrerKind: 'self' } : {}),
    ...(fields.programmeId ? { programmeId: fields.programmeId.slice(0, LIMITS.line) } : {}),
  });
  await saveDraft(environment('page').TABLE_NAME, token, content, now);
  return redirect(`/refer/${way}/${first}`, [cookieOf(token, visit)]);
}

/** The cookie that holds a draft's token. It goes when the browser is closed: others may use the same computer. */
export function cookieOf(token: string, { secure }: Visit): string {
  return `${COOKIE}=${token}; Path=/refer; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** Shows a page of the form: a step, or what comes around the steps. */
export function showStep(visit: Visit, way: StepWay): Promise<PageResult> {
  return withDraft(visit, way, async (at) => {
    switch (visit.path.step) {
      case 'check':
        return showCheck(visit, at);
      case 'help-now':
        return helpNowPage({
          ...site(),
          self: way === 'myself',
          next: `/refer/${way}/${stepAfter(way, 'danger')}`,
        });
      case 'save':
        return showSave(at);
      case 'saved':
        return showSaved(at);
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
export function answerStep(visit: Visit, way: StepWay): Promise<PageResult> {
  return withDraft(visit, way, async (at) => {
    if (visit.path.step === 'check') return visit.fields.action === 'save' ? toSave(at) : send(visit, at);
    if (visit.path.step === 'save') return sendLink(visit, at);
    const step = stepAt(visit, way);
    if (!step) return problemPage('not-found', site());
    const fields = { ...at.content.fields, ...entered(step, visit.fields) };
    const errors = errorsIn(step, fields, visit.now);
    const saving = visit.fields.action === 'save';
    if (!saving && Object.keys(errors).length > 0) return pageOf(visit, at, step, { values: fields, errors });
    const next = visit.fields.change === 'yes' ? 'check' : stepAfter(way, step.id);
    const resume = saving ? step.id : next;
    await saveDraft(environment('page').TABLE_NAME, at.token, { ...at.content, fields, resume }, visit.now);
    if (saving) return toSave(at);
    if (step.id === 'danger' && fields.danger === 'yes') return redirect(`/refer/${way}/help-now`);
    return redirect(`/refer/${way}/${next}`);
  });
}

/** Opens the draft of the browser's cookie for a way, or says that there is none. One that was sent leads to its reference. */
async function withDraft(
  visit: Visit,
  way: StepWay,
  then: (at: AtDraft) => Promise<PageResult>,
): Promise<PageResult> {
  const token = visit.cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  const draft = await openDraft(environment('page').TABLE_NAME, token, visit.now);
  if (draft.state === 'sent') return redirect(`/refer/sent/${draft.reference}`);
  if (draft.state === 'gone' || token === undefined) return problemPage('draft-gone', site());
  if (draft.content.way !== way) return redirect(`/refer/${draft.content.way}/check`);
  return then({ way, token, content: draft.content, expiresAt: draft.expiresAt });
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
    served: await servedAt(now, visit.fields.served),
    ...(errors ? { form: { values: { ...fields, ...visit.fields }, errors } } : {}),
  });
}

/** Records the referral, once however often it is sent, and puts its reference in the draft's place. */
async function send(visit: Visit, at: AtDraft): Promise<PageResult> {
  const { now } = visit;
  const refused = await sentTooMuch(visit);
  if (refused) return refused;
  const errors = await trapped(visit.fields, now);
  if (errors) return showCheck(visit, at, errors);
  const fields = { ...at.content.fields, askLinkWorker: visit.fields.askLinkWorker };
  const parsed = parseForm(fields, now, allProgrammes());
  if ('errors' in parsed) return showCheck(visit, at, parsed.errors);
  const checked = admitted(allProgrammes(), parsed, now);
  if ('notEligible' in checked) return showCheck(visit, at, ASK_ALL_THE_SAME);
  const { submission } = checked;
  const { state, referral } = await recordReferral(submission, { key: at.content.submissionKey, now });
  if (state === 'conflict') return showCheck(visit, at, { send: alreadySent(referral.reference) });
  await closeDraft(environment('page').TABLE_NAME, at.token, referral.reference, now);
  return redirect(`/refer/${submission.request.danger ? 'help-now' : 'sent'}/${referral.reference}`);
}
