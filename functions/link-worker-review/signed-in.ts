/** A referral as somebody who is signed in opens it, by its reference. Another team's is opened for a reason, which is kept. */
import { clean, saysSomething } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import type { PlacesSummary } from '../../workflows/places.ts';
import type { Referral } from '../../workflows/referral.ts';
import { decideReview } from '../../workflows/review.ts';
import { type Undoable, undoable } from '../../workflows/undo.ts';
import { decideWelfare } from '../../workflows/welfare.ts';
import { type Case, caseOf, findCase, isOfTheirTeam, notRecorded } from '../shared/case-access.ts';
import { problemPage, type Unsent } from '../shared/pages/problems.ts';
import { isCarried } from '../shared/pages/unsent.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import {
  conflict,
  type Decided,
  decide,
  digestOf,
  type PageResult,
  redirect,
  type Visit,
} from '../shared/web.ts';
import { readAsTold, recordAsTold } from './as-told.ts';
import { type Saying, showCase, showReview, showWelfare } from './cases.ts';
import { noteFromOutside } from './covering.ts';
import { doneWith, isTold, readReview, readWelfare } from './decisions.ts';
import { otherTeamPage } from './pages/views.ts';
import { withPlace } from './places.ts';
import { isPreference, savePreferences, tickedIn, unsentOf } from './preferences.ts';
import { RANKED_ANEW } from './ranking.ts';
import { assignCase, type Done, memberOf, signpost, tooLateToUndo, undo } from './standing.ts';

/** Shows a referral of one's own team; asks for a reason where it is another's. */
export async function showReferral(visit: Visit, who: SignedIn): Promise<PageResult> {
  const found = await findCase(visit, who);
  if (!found) return problemPage('not-found', siteFor(who));
  if (!isOfTheirTeam(found)) return askForReason(found);
  return show(visit, found);
}

/** Takes a decision, or the reason for opening another team's referral. */
export async function actOnReferral(visit: Visit, who: SignedIn): Promise<PageResult> {
  const found = await findCase(visit, who);
  if (!found) return problemPage('not-found', siteFor(who));
  if (!isOfTheirTeam(found)) return actFromOutside(visit, found);
  if (!mayAct(who)) return show(visit, found);
  const asTold = readAsTold(visit.fields.action);
  if (asTold) return goOn(visit, found, await recordAsTold(visit, found, asTold), isAsTold);
  switch (visit.fields.action) {
    case 'decide':
      return decideCase(visit, found);
    case 'close':
      return decideCase({ ...visit, fields: { ...visit.fields, ...CLOSE_WITH_LETTER } }, found);
    case 'find':
      return findProgramme(visit, found);
    case 'preferences':
      return saveTicked(visit, found);
    case 'welfare':
      return recordWelfare(visit, found);
    case 'undo':
      return goOn(visit, found, await undo(visit, found));
    case 'assign':
      return goOn(visit, found, await assignCase(visit, found), (name) => name === 'to');
    case 'signpost':
      return goOn(visit, found, await signpost(visit, found), isSignpost);
    default:
      return show(visit, found, somethingIn(visit.fields) ? { left: 'all' } : {});
  }
}

/** What the button says that closes a referral because nobody answers. */
const CLOSE_WITH_LETTER = { decision: 'decline', declineReason: 'could-not-reach' };

const isSignpost = (name: string) => name === 'signpost';
const isAsTold = (name: string) => name === 'leaves' || name === 'endedAtProvider';

/**
 * The page again after one of its buttons has done its part, with what else was entered: whatever was typed anywhere on it is sent by each
 * of them. Where that is nothing, by GET. `saved`: which fields are done with.
 */
function goOn(
  visit: Visit,
  found: Case,
  done: Done | { errors: FieldErrors },
  saved: (name: string) => boolean = () => false,
  at = '',
): PageResult | Promise<PageResult> {
  if ('answer' in done) return done.answer;
  if ('errors' in done) return show(visit, found, done);
  const { referral } = done;
  const left = without(visit, saved);
  const newest = caseOf(referral, found.who);
  if (!somethingIn(left.fields)) return redirect(`/referrals/${referral.reference}${at}`);
  if (!isOfTheirTeam(newest)) return askForReason(newest, { unsent: unsentOf(left.fields) });
  const { review, contact } = left.fields;
  const about = review !== undefined ? 'review' : contact !== undefined ? 'welfare' : undefined;
  // Decided meanwhile, it has no form any more for what was typed.
  const isGone = about !== undefined && newest.decides !== about;
  return show(left, newest, { left: isGone ? 'gone' : 'other' });
}

function without(visit: Visit, saved: (name: string) => boolean): Visit {
  const left = Object.entries(visit.fields).filter(([name]) => !saved(name));
  return { ...visit, fields: Object.fromEntries(left) };
}

/** Whether there is something in a form that somebody entered. */
function somethingIn(fields: Fields): boolean {
  const entered = Object.entries(fields).some(
    ([name, value]) => !isCarried(name) && !isPreference(name) && clean(value) !== '',
  );
  return entered || tickedIn(fields) !== undefined;
}

/** Saves what they are looking for, and shows the programmes ranked anew. */
async function saveTicked(visit: Visit, found: Case): Promise<PageResult> {
  const saved = await savePreferences(visit, found);
  const { referral } = saved;
  switch (saved.state) {
    case 'stored':
      return goOn(visit, found, saved, isPreference, '#programmes');
    case 'late':
      // Whoever ticked nothing else than what they saw has nothing to be saved: the page says what it is now.
      return tickedIn(visit.fields)
        ? showReview(visit, { ...found, referral }, { late: true })
        : goOn(visit, { ...found, referral }, saved, isPreference, '#programmes');
    case 'decided': {
      const recorded = referral.links[found.id]?.recorded?.decision;
      return tooLate(visit, found, 'review', { state: 'other', recorded, referral });
    }
  }
}

/** What somebody of another team sent: the reason for opening it, a note then, or what came too late, since the referral was passed on meanwhile. */
async function actFromOutside(visit: Visit, found: Case): Promise<PageResult> {
  const { fields } = visit;
  if (fields.reason !== undefined) {
    const reason = clean(fields.reason);
    const error = whyNoReason(reason);
    if (error !== undefined) return askForReason(found, { reason, error });
    const opened = { ...found, reason };
    return fields.action === 'note' && mayAct(found.who)
      ? noteFromOutside(visit, opened)
      : showCase(visit, opened);
  }
  if (fields.action === 'undo') {
    return passedOnFrom(found) ? goOn(visit, found, await undo(visit, found)) : tooLateToUndo(visit, found);
  }
  return passesOnAgain(visit, found) ? passedOn(visit, found) : notRecorded(visit, found);
}

/** Whether it is the form again by which the referral was passed on: to that team there is nothing to pass any more. */
function passesOnAgain({ fields }: Visit, { referral }: Case): boolean {
  if (fields.action !== 'decide' || fields.decision !== 'transfer') return false;
  const { recorded, undoneAt } = referral.links[fields.review ?? ''] ?? {};
  return (
    recorded?.decision === 'transfer' &&
    undoneAt === undefined &&
    recorded.digest === digestOf({ decision: 'transfer', team: fields.team })
  );
}

/** What follows once it is passed on: what else was typed can be copied. */
function passedOn(visit: Visit, found: Case): PageResult | Promise<PageResult> {
  const decision = { decision: 'transfer', team: visit.fields.team ?? '' } as const;
  return goOn(visit, found, found, doneWith(decision, visit.fields, found.referral));
}

/**
 * A decision of the review that the form was about: if another one was taken meanwhile, whoever is slower is told. A form that does not say which
 * review it was about is none of ours, or an old one: whatever it decides was not decided about what there is now.
 */
async function decideCase(visit: Visit, found: Case): Promise<PageResult> {
  const isNow = found.decides === 'review' && visit.fields.review === found.id;
  if (!isNow || !tickedIn(visit.fields)) return takeDecision(visit, found);
  // What was ticked is saved first: nobody decides against a ranking that knows nothing of it.
  const saved = await savePreferences(visit, found);
  const newest = { ...found, referral: saved.referral };
  if (saved.state === 'late') return showReview(visit, newest, { late: true });
  return saved.state === 'stored'
    ? takeDecision(without(visit, isPreference), newest, { rankedAnew: true })
    : takeDecision(visit, caseOf(saved.referral, found.who));
}

async function takeDecision(visit: Visit, found: Case, { rankedAnew = false } = {}): Promise<PageResult> {
  const { referral } = found;
  const id = visit.fields.review;
  if (id === undefined) return tooLate(visit, found, 'review', movedOn(referral));
  const link = referral.links[id];
  if (link?.purpose !== 'review') return show(visit, found);
  if (passesOnAgain(visit, found)) return passedOn(visit, found);
  const opened = { ...found, id, link };
  const read = await readReview(visit.fields, referral, visit.now);
  if ('errors' in read) {
    // What is wrong with a decision is nothing beside its coming too late.
    const anew = rankedAnew && read.errors.programmeId === RANKED_ANEW;
    return id === found.id && found.decides
      ? askAgain(visit, found, anew ? { ...read.errors, programmeId: RANKED_BY_TICKS } : read.errors)
      : tooLate(visit, opened, 'review', { state: 'other', recorded: link.recorded?.decision, referral });
  }
  const { decision } = read;
  if (found.decides && !link.recorded && clean(visit.fields.signpost) !== '') {
    const told = await signpost(visit, found);
    if ('errors' in told) return askAgain(visit, found, told.errors);
    return 'answer' in told
      ? told.answer
      : takeDecision(without(visit, isSignpost), { ...found, referral: told.referral });
  }
  const placed =
    decision.decision === 'match' && found.decides && !link.recorded
      ? await withPlace(decision, referral, visit.fields, visit.now)
      : { match: decision };
  if ('errors' in placed) return askAgain(visit, found, placed.errors, placed.full);
  // Which place it is is no part of what was sent: the same form again is the same decision.
  const decided = await decide(visit, opened, decision.decision, decision, (current) =>
    decideReview(current, id, placed.match, visit.now, memberOf(found.who)),
  );
  return decided.state === 'stands'
    ? goOn(visit, found, decided, doneWith(decision, visit.fields, decided.referral))
    : tooLate(visit, opened, 'review', decided);
}

const RANKED_BY_TICKS =
  'What they are looking for is saved, and the programmes are ranked anew by it: look at them again, then choose';

/** The review with other programmes to choose from. Where it was decided meanwhile, what was typed is told with that. */
function findProgramme(visit: Visit, found: Case): PageResult | Promise<PageResult> {
  if (found.decides === 'review') return showReview(visit, found);
  const { referral } = found;
  const id = visit.fields.review ?? '';
  const recorded = referral.links[id]?.recorded?.decision;
  return tooLate(visit, { ...found, id }, 'review', { state: 'other', recorded, referral });
}

/** Shows what is wrong, unless the same button was clicked twice and the other click was faster: what it changed is no fault of this one. */
async function askAgain(
  visit: Visit,
  found: Case,
  errors: FieldErrors,
  full?: PlacesSummary,
): Promise<PageResult> {
  const newer = await findCase(visit, found.who);
  if (newer?.referral.links[found.id]?.recorded) return decideCase(visit, newer);
  return showReview(visit, found, { errors, full });
}

/** What else was decided before, and what was sent. To another team it may have been passed in this very moment. */
function tooLate(
  visit: Visit,
  opened: Case,
  purpose: 'review' | 'welfare',
  decided: Extract<Decided, { state: 'other' }>,
): PageResult {
  const newest = { ...opened, referral: decided.referral };
  return isOfTheirTeam(newest)
    ? conflict(opened, purpose, decided, unsentOf(visit.fields))
    : notRecorded(visit, newest);
}

/** What came of the contact that the form was about. */
async function recordWelfare(visit: Visit, found: Case): Promise<PageResult> {
  const { referral } = found;
  const id = visit.fields.contact;
  if (id === undefined) return tooLate(visit, found, 'welfare', movedOn(referral));
  const link = referral.links[id];
  if (link?.purpose !== 'welfare') return show(visit, found);
  const opened = { ...found, id, link };
  const read = readWelfare(visit.fields, referral, visit.now);
  if ('errors' in read) {
    return id === found.id && found.decides
      ? showWelfare(visit, found, read)
      : tooLate(visit, opened, 'welfare', { state: 'other', recorded: link.recorded?.decision, referral });
  }
  const { decision } = read;
  if (found.decides && !link.recorded && clean(visit.fields.signpost) !== '') {
    const told = await signpost(visit, found);
    if ('errors' in told) return showWelfare(visit, found, told);
    return 'answer' in told
      ? told.answer
      : recordWelfare(without(visit, isSignpost), { ...found, referral: told.referral });
  }
  const decided = await decide(visit, opened, decision.outcome, decision, (current) =>
    decideWelfare(current, id, decision, visit.now, memberOf(found.who)),
  );
  const isDone = (name: string) => name !== 'signpost' || isTold(visit.fields, referral);
  return decided.state === 'stands'
    ? goOn(visit, found, decided, isDone)
    : tooLate(visit, opened, 'welfare', decided);
}

/** Nothing is known of what was decided before. */
function movedOn(referral: Referral) {
  return { state: 'other', recorded: undefined, referral } as const;
}

function show(visit: Visit, found: Case, saying: Saying = {}): Promise<PageResult> {
  switch (found.decides) {
    case 'review':
      return showReview(visit, found, saying);
    case 'welfare':
      return showWelfare(visit, found, saying);
    default:
      return showCase(visit, found, saying);
  }
}

function mayAct({ roles }: SignedIn): boolean {
  return roles.includes('link-worker') || roles.includes('coordinator');
}

/** What somebody of the team that passed a referral on can take back, as long as nobody of the other team has taken it. */
function passedOnFrom({ referral, who }: Case): Undoable | undefined {
  if (!mayAct(who) || referral.stage !== 'review' || !referral.passedOnBy) return undefined;
  return who.teams.includes(referral.passedOnBy) ? undoable(referral, referral.updatedAt) : undefined;
}

/** In letters and digits: a reason of fewer tells an auditor nothing. */
const SHORTEST_REASON = 10;

/** What is wrong with a reason; undefined where it is one. */
function whyNoReason(reason: string): string | undefined {
  if (reason === '') return 'Enter why you need to see it';
  if (reason.length > LIMITS.line) return `Use ${LIMITS.line} characters or fewer`;
  return saysSomething(reason, SHORTEST_REASON)
    ? undefined
    : `Enter why you need to see it in a few words, with ${SHORTEST_REASON} letters or more`;
}

/** `unsent`: what somebody typed about it who has just passed it on. */
function askForReason(
  found: Case,
  { reason, error, unsent }: { reason?: string; error?: string; unsent?: Unsent | undefined } = {},
): PageResult {
  const { referral, who } = found;
  return otherTeamPage({
    ...siteFor(who),
    reference: referral.reference,
    passedOn: passedOnFrom(found)?.link,
    unsent,
    ...(error === undefined ? {} : { form: { values: { reason }, errors: { reason: error } } }),
  });
}
