/** A referral as somebody who is signed in opens it, by its reference. Another team's is opened for a reason, which is kept. */
import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/referral.ts';
import { decideReview } from '../../workflows/review.ts';
import { type Case, findCase, isOfTheirTeam } from '../shared/case-access.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { conflict, decide, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { showCase, showReview } from './cases.ts';
import { readReview } from './decisions.ts';
import { otherTeamPage } from './pages/views.ts';

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
  if (!isOfTheirTeam(found)) {
    const reason = clean(visit.fields.reason).slice(0, LIMITS.line);
    return reason === '' ? askForReason(found, true) : showCase(visit, { ...found, reason });
  }
  if (!found.decides || visit.fields.action !== 'decide') return show(visit, found);
  const read = await readReview(visit.fields, found.referral, visit.now);
  if ('errors' in read) return showReview(visit, found, read.errors);
  const { decision } = read;
  const decided = await decide(visit, found, decision.decision, decision, (referral) =>
    decideReview(referral, found.id, decision, visit.now),
  );
  return decided.state === 'stands'
    ? redirect(`/referrals/${found.referral.reference}`)
    : conflict(found, 'review', decided);
}

function show(visit: Visit, found: Case): Promise<PageResult> {
  return found.decides && !found.link.recorded ? showReview(visit, found) : showCase(visit, found);
}

function askForReason({ referral, who }: Case, missing = false): PageResult {
  const errors = { reason: 'Enter why you need to see it' };
  return otherTeamPage({
    ...siteFor(who),
    reference: referral.reference,
    ...(missing ? { form: { values: {}, errors } } : {}),
  });
}
