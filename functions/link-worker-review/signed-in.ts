/** A referral as somebody who is signed in opens it, by its reference. Another team's is opened for a reason, which is kept. */
import { CASE_LINK } from '../../workflows/change.ts';
import { clean } from '../../workflows/checks.ts';
import { LIMITS, type Link } from '../../workflows/referral.ts';
import { decideReview } from '../../workflows/review.ts';
import { ANY_TEAM } from '../../workflows/worklist.ts';
import { environment } from '../shared/environment.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { referrals } from '../shared/record.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { conflict, decide, type Opened, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { showCase, showReview } from './cases.ts';
import { readReview } from './decisions.ts';
import { otherTeamPage } from './pages/views.ts';

/** What somebody signed in opened: the case, or the review that waits for a decision of theirs. */
type Found = Opened & { who: SignedIn; decides: boolean };

/** Shows a referral of one's own team; asks for a reason where it is another's. */
export async function showReferral(visit: Visit, who: SignedIn): Promise<PageResult> {
  const found = await find(visit, who);
  if (!found) return problemPage('not-found', siteFor(who));
  if (!isOfTheirTeam(found)) return askForReason(found);
  return show(visit, found);
}

/** Takes a decision, or the reason for opening another team's referral. */
export async function actOnReferral(visit: Visit, who: SignedIn): Promise<PageResult> {
  const found = await find(visit, who);
  if (!found) return problemPage('not-found', siteFor(who));
  if (!isOfTheirTeam(found)) {
    const reason = clean(visit.fields.reason).slice(0, LIMITS.line);
    return reason === '' ? askForReason(found, true) : showCase(visit, { ...found, reason });
  }
  if (!found.decides || visit.fields.action !== 'decide') return show(visit, found);
  const read = readReview(visit.fields, found.referral, visit.now);
  if ('errors' in read) return showReview(visit, found, read.errors);
  const { decision } = read;
  const decided = await decide(visit, found, decision.decision, decision, (referral) =>
    decideReview(referral, found.id, decision, visit.now),
  );
  return decided.state === 'stands'
    ? redirect(`/referrals/${found.referral.reference}`)
    : conflict(found, 'review', decided);
}

function show(visit: Visit, found: Found): Promise<PageResult> {
  return found.decides && !found.link.recorded ? showReview(visit, found) : showCase(visit, found);
}

/** Finds a referral by its reference. Auditors read; link workers and coordinators also decide, while a review waits. */
async function find({ path }: Visit, who: SignedIn): Promise<Found | undefined> {
  const [referral] = await referrals(environment('workspace').TABLE_NAME).byReference(path.reference ?? '');
  if (!referral) return undefined;
  const id = `review-${referral.reviews}`;
  const link: Link | undefined = referral.stage === 'review' ? referral.links[id] : undefined;
  const may = who.roles.includes('link-worker') || who.roles.includes('coordinator');
  return link && may
    ? { referral, id, link, who, decides: true }
    : { referral, id: CASE_LINK, link: { purpose: 'review', hashes: [] }, who, decides: false };
}

function isOfTheirTeam({ referral, who }: Found): boolean {
  return who.teams.includes(referral.team ?? ANY_TEAM);
}

function askForReason({ referral, who }: Found, missing = false): PageResult {
  const errors = { reason: 'Enter why you need to see it' };
  return otherTeamPage({
    ...siteFor(who),
    reference: referral.reference,
    ...(missing ? { form: { values: {}, errors } } : {}),
  });
}
