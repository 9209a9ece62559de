/** Referrals as people who are signed in open them, by their reference: those of their own team, or of another's for a reason that is kept. */
import { CASE_LINK } from '../../workflows/change.ts';
import type { Link } from '../../workflows/referral.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { environment } from './environment.ts';
import { problemPage } from './pages/problems.ts';
import { referrals } from './record.ts';
import { type SignedIn, siteFor } from './session.ts';
import { type Opened, type PageResult, redirect, type Visit } from './web.ts';

/** What somebody signed in opened: the case, or the review that waits for a decision of theirs. */
export type Case = Opened & { who: SignedIn; decides: boolean };

/** Finds a referral by the reference in the address. Auditors read; link workers and coordinators also decide, while a review waits. */
export async function findCase({ path }: Visit, who: SignedIn): Promise<Case | undefined> {
  const [referral] = await referrals(environment('workspace').TABLE_NAME).byReference(
    (path.reference ?? '').toUpperCase(),
  );
  if (!referral) return undefined;
  const id = `review-${referral.reviews}`;
  const link: Link | undefined = referral.stage === 'review' ? referral.links[id] : undefined;
  const may = who.roles.includes('link-worker') || who.roles.includes('coordinator');
  return link && may
    ? { referral, id, link, who, decides: true }
    : { referral, id: CASE_LINK, link: { purpose: 'review', hashes: [] }, who, decides: false };
}

export function isOfTheirTeam({ referral, who }: Pick<Case, 'referral' | 'who'>): boolean {
  return who.teams.includes(referral.team ?? ANY_TEAM);
}

/**
 * Answers a page that belongs to a referral of one's own team. Whoever comes from another team is led to the referral, which asks for a
 * reason and shows what there is to read.
 */
export function forOwnCase(answer: (visit: Visit, found: Case) => Promise<PageResult>) {
  return async (visit: Visit, who: SignedIn): Promise<PageResult> => {
    const found = await findCase(visit, who);
    if (!found) return problemPage('not-found', siteFor(who));
    if (!isOfTheirTeam(found)) return redirect(`/referrals/${found.referral.reference}`);
    return answer(visit, found);
  };
}
