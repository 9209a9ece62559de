/** The team's page of a group, by its reference: for whoever has somebody in it. It shows people by reference, and each look is in their audit. */
import { closeLinks, sendPageAgain } from '../../workflows/cohort.ts';
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import type { Referral } from '../../workflows/referral.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { changeCohort, cohortByReference } from '../shared/cohorts.ts';
import { deliverCohort } from '../shared/deliver.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { participantsOf } from '../shared/participants.ts';
import { referrals } from '../shared/record.ts';
import { type SignedIn, siteFor, type WorkspaceRoute } from '../shared/session.ts';
import { audit, type PageResult, redirect, type Visit } from '../shared/web.ts';
import type { TeamView } from './pages/schedule-views.ts';
import { changeSchedule, type Seat, showSchedule } from './schedule.ts';

const roles = ['link-worker', 'coordinator'] as const;

export const teamRoutes: Record<string, WorkspaceRoute> = {
  'GET /groups/{reference}': { roles, answer: (visit, who) => forTheirs(visit, who, show) },
  'POST /groups/{reference}': { roles, answer: (visit, who) => forTheirs(visit, who, act) },
};

/** A group, with those of it who are of one's own teams, and how many others there are. */
type Found = { cohort: CohortRecord; theirs: readonly Referral[]; others: number };

/** Answers for a group in which somebody of one's own teams is or was. Who is in others is for nobody to know. */
async function forTheirs(
  visit: Visit,
  who: SignedIn,
  answer: (visit: Visit, who: SignedIn, found: Found) => Promise<PageResult>,
): Promise<PageResult> {
  const { TABLE_NAME } = environment('workspace');
  const cohort = await cohortByReference(TABLE_NAME, (visit.path.reference ?? '').toUpperCase());
  if (!cohort) return problemPage('not-found', siteFor(who));
  const recorded = cohort.sessions.flatMap(({ register }) => Object.keys(register?.entries ?? {}));
  const ids = new Set([...(await participantsOf(TABLE_NAME, cohort, visit.now)), ...recorded]);
  const people = await referrals(TABLE_NAME).readSeveral([...ids]);
  const theirs = people.filter(({ team = ANY_TEAM }) => who.teams.includes(team));
  if (theirs.length === 0) return problemPage('not-for-you', siteFor(who));
  return answer(visit, who, { cohort, theirs, others: people.length - theirs.length });
}

async function show(visit: Visit, who: SignedIn, { cohort, theirs, others }: Found): Promise<PageResult> {
  await Promise.all(theirs.map((referral) => audit(visit, { referral, id: 'group', who }, 'group')));
  const { programmeId, cohortId } = cohort;
  const programme = findProgramme(programmeId);
  const team: TeamView = {
    programme: {
      name: programme?.name ?? programmeId,
      provider: programme?.provider.name ?? '',
      href: `/directory/${programmeId}`,
    },
    people: theirs.map(({ reference, stage, programme: own }) => ({
      reference,
      takesPart: stage === 'programme' && own?.cohortId === cohortId,
    })),
    others,
  };
  return showSchedule(visit, cohort, seatOf(cohort, who), team);
}

/** Has the link sent anew, closes those before it, or changes a session as the facilitator would. */
async function act(visit: Visit, who: SignedIn, { cohort }: Found): Promise<PageResult> {
  const seat = seatOf(cohort, who);
  const { action } = visit.fields;
  if (action !== 'link' && action !== 'close-links') return changeSchedule(visit, cohort, seat);
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('workspace');
  const { now } = visit;
  const rule = action === 'link' ? sendPageAgain : closeLinks;
  const changed = await changeCohort(TABLE_NAME, cohort.id, now, (current) => rule(current, now));
  if (changed.state !== 'stored') return redirect(seat.address);
  note(Message.cohortChanged, { cohort: cohort.id });
  await deliverCohort(OUTBOX_FUNCTION, cohort.id, now);
  return redirect(`${seat.address}?done=${action === 'link' ? 'link-sent' : 'links-closed'}`);
}

function seatOf({ reference }: CohortRecord, who: SignedIn): Seat {
  return { site: siteFor(who), address: `/groups/${reference}`, team: true };
}
