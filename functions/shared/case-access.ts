/** Referrals as people who are signed in open them, by their reference: those of their own team, or of another's for a reason that is kept. */
import { openWelfare } from '../../workflows/programme.ts';
import type { Referral } from '../../workflows/referral.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { workOn } from '../../workflows/undo.ts';
import { environment } from './environment.ts';
import { conflictPage, problemPage } from './pages/problems.ts';
import { unsentIn } from './pages/unsent.ts';
import { referrals } from './record.ts';
import { type SignedIn, siteFor } from './session.ts';
import { type Opened, type PageResult, Problem, redirect, type Visit } from './web.ts';

/** What somebody signed in opened: the case, and what of it waits for a decision of theirs. */
export type Case = Opened & { who: SignedIn; decides: 'review' | 'welfare' | undefined };

/** Finds a referral by the reference in the address. Auditors read; link workers and coordinators also decide what waits for the team. */
export async function findCase({ path }: Visit, who: SignedIn): Promise<Case | undefined> {
  const [referral] = await referrals(environment('record').TABLE_NAME).byReference(
    (path.reference ?? '').toUpperCase(),
  );
  return referral && caseOf(referral, who);
}

/** A referral as somebody who is signed in has it, with what of it waits for their decision. */
export function caseOf(referral: Referral, who: SignedIn): Case {
  const { purpose, id } = placeOfDecision(referral);
  const link = referral.links[id];
  const waits = link !== undefined && !link.recorded && isOpen(referral, purpose);
  const may = who.roles.includes('link-worker') || who.roles.includes('coordinator');
  return {
    ...{ referral, id, who, link: link ?? { purpose, hashes: [] } },
    decides: may && waits ? purpose : undefined,
  };
}

/** Where the team's newest decision is recorded, or is to be. */
function placeOfDecision({ programme, reviews }: Referral): { purpose: 'review' | 'welfare'; id: string } {
  const contact = programme?.welfare.at(-1);
  return contact
    ? { purpose: 'welfare', id: `welfare-${contact.number}` }
    : { purpose: 'review', id: `review-${reviews}` };
}

function isOpen(referral: Referral, purpose: 'review' | 'welfare'): boolean {
  if (purpose === 'review') return referral.stage === 'review';
  return referral.stage === 'programme' && openWelfare(referral.programme) !== undefined;
}

/** What another team has of it, in words, for who had it open as their own: to whom it was passed, when and by whom, and nothing of the person. */
export function withAnotherTeam({ team = ANY_TEAM, history }: Referral): {
  what: string;
  at?: string;
  by?: string | undefined;
} {
  const passed = history.findLast(({ event }) => event === 'transferred');
  if (passed?.detail !== team) return { what: 'Another team looks after it now' };
  const { at } = passed;
  const name = environment('teams').TEAMS.find(({ id }) => id === team)?.name ?? team;
  const by = history.find((entry) => entry.at === at && entry.event === 'reviewed')?.name;
  return { what: `The referral was passed to another team: ${name}`, at, by };
}

/** Answers a form about a referral that is another team's by now: what was typed is kept nowhere else. */
export function notRecorded({ fields }: Visit, { referral, who }: Case): PageResult {
  const { reference } = referral;
  return conflictPage({
    ...siteFor(who),
    ...{ reference, purpose: 'review', unsent: unsentIn(fields), elsewhere: true },
    ...withAnotherTeam(referral),
  });
}

/**
 * To be done before something is saved beside a referral: what another team passed on is not taken back from then on. Gives the referral as it is then, which
 * is another team's where they were faster, and nothing may be saved. Costs nothing where it was not passed on.
 */
export async function workOnCase({ now }: Visit, found: Case): Promise<Case> {
  const { referral, who } = found;
  if (referral.stage !== 'review' || referral.passedOnBy === undefined || referral.workedOnAt) return found;
  const changed = await referrals(environment('record').TABLE_NAME).change(
    referral.id,
    now,
    (current) => workOn(current, referral.team, now),
    referral,
  );
  if (changed.state === 'missing') throw new Problem('not-found');
  return caseOf(changed.referral, who);
}

export function isOfTheirTeam({ referral, who }: Pick<Case, 'referral' | 'who'>): boolean {
  return who.teams.includes(referral.team ?? ANY_TEAM);
}

/**
 * Answers a page that belongs to a referral of one's own team. Whoever comes from another team is led to the referral, which asks for a
 * reason and shows what there is to read; what they send is not recorded, and they are told so.
 */
export function forOwnCase(answer: (visit: Visit, found: Case) => Promise<PageResult>) {
  return async (visit: Visit, who: SignedIn): Promise<PageResult> => {
    const found = await findCase(visit, who);
    if (!found) return problemPage('not-found', siteFor(who));
    if (!isOfTheirTeam(found)) {
      // Only forms have fields.
      return Object.keys(visit.fields).length > 0
        ? notRecorded(visit, found)
        : redirect(`/referrals/${found.referral.reference}`);
    }
    return answer(visit, found);
  };
}
