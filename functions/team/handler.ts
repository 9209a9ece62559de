/** Coordinators: who of the team has how much, what is nobody's yet, and who is away. */
import { clean, realDate } from '../../workflows/checks.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { londonDate } from '../../workflows/time.ts';
import { placeInWorklist } from '../../workflows/worklist.ts';
import { environment, type Team } from '../shared/environment.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { referrals } from '../shared/record.ts';
import { type SignedIn, siteFor, workspace } from '../shared/session.ts';
import { linkWorkersAmong, type Member, membersOf, noteAway } from '../shared/team-members.ts';
import { type PageResult, redirect, type Visit } from '../shared/web.ts';
import { teamPage } from './pages/views.ts';

/** Further than this nobody counts: a link worker has 200 to 250 people a year (Surrey training hub), not at once. */
const COUNTED_TO = 500;

/** How many of those who are nobody's yet are shared out on one page. */
const UNASSIGNED = 20;

/** The longest that somebody is away at once. */
const MOST_DAYS_AWAY = 366;

export const handler = workspace({
  'GET /team': { roles: ['coordinator'], answer: (visit, who) => ofTeam(visit, who, show) },
  'POST /team': { roles: ['coordinator'], answer: (visit, who) => ofTeam(visit, who, setAway) },
});

type Answer = (visit: Visit, who: SignedIn, team: Team, members: Member[]) => Promise<PageResult>;

/** Finds the coordinator's team: the one that the address names, or the first. */
async function ofTeam(visit: Visit, who: SignedIn, answer: Answer): Promise<PageResult> {
  const { TABLE_NAME, TEAMS } = environment('workspace');
  const named = visit.query.team;
  const team = TEAMS.find(({ id }) => who.teams.includes(id) && (named === undefined || named === id));
  if (!team) return problemPage('not-for-you', siteFor(who));
  return answer(visit, who, team, await membersOf(TABLE_NAME, team.id, visit.now));
}

/** Two counts for each of the team, and the first of those who are nobody's: the same however many referrals there are. */
async function show(
  visit: Visit,
  who: SignedIn,
  team: Team,
  members: Member[],
  errors?: FieldErrors,
): Promise<PageResult> {
  const { TABLE_NAME, TEAMS } = environment('workspace');
  const table = referrals(TABLE_NAME);
  const count = (memberId: string, waiting: boolean) =>
    table.countOpen({ team: team.id, memberId, ...(waiting ? { waiting } : {}) }, COUNTED_TO);
  const [unassigned, nobodys, ...loads] = await Promise.all([
    table.listOpen({ team: team.id, memberId: '', waiting: true }, { limit: UNASSIGNED }),
    count('', true),
    ...linkWorkersAmong(members).map(async (member) => {
      const [waiting, open] = await Promise.all([count(member.sub, true), count(member.sub, false)]);
      return { member, waiting, open };
    }),
  ]);
  return teamPage({
    ...siteFor(who),
    team,
    teams: TEAMS.filter(({ id }) => who.teams.includes(id)),
    loads,
    unassigned: {
      count: nobodys,
      items: unassigned.referrals.flatMap((referral) => {
        const place = placeInWorklist(referral);
        const { reference, person, createdAt, assignee } = referral;
        return place && !assignee ? [{ ...place, reference, person, createdAt }] : [];
      }),
    },
    countedTo: COUNTED_TO,
    now: visit.now,
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

/** Notes who is away from when to when, and who covers. */
async function setAway(visit: Visit, who: SignedIn, team: Team, members: Member[]): Promise<PageResult> {
  const workers = linkWorkersAmong(members);
  const { fields, now } = visit;
  const sub = workers.find((member) => member.sub === fields.member)?.sub;
  const cover = workers.find((member) => member.sub === fields.cover)?.sub;
  const from = dateIn(fields, 'awayFrom');
  const until = dateIn(fields, 'awayUntil');
  const today = londonDate(now);
  const errors: FieldErrors = {};
  if (!sub) errors.member = 'Select who is away';
  if (!from) errors.awayFrom = 'Enter the first day away, like 27 3 2027';
  if (!until) errors.awayUntil = 'Enter the last day away, like 9 4 2027';
  else if (from && until < from) errors.awayUntil = 'Enter a last day that is not before the first';
  else if (until < today) errors.awayUntil = 'Enter a last day that is not over yet';
  else if (from && daysBetween(from, until) > MOST_DAYS_AWAY)
    errors.awayUntil = 'Enter a last day within a year';
  if (!cover) errors.cover = 'Select who covers';
  else if (cover === sub) errors.cover = 'Select somebody else to cover';
  if (!sub || !cover || !from || !until || Object.keys(errors).length > 0) {
    return show(visit, who, team, members, errors);
  }
  await noteAway(environment('workspace').TABLE_NAME, team.id, { sub, from, until, cover });
  return redirect(visit.query.team === undefined ? '/team' : `/team?team=${team.id}`);
}

function dateIn(fields: Visit['fields'], name: string): string | undefined {
  const [day = '', month = '', year = ''] = ['day', 'month', 'year'].map((part) =>
    clean(fields[`${name}-${part}`]),
  );
  return realDate(day, month, year);
}

function daysBetween(from: string, until: string): number {
  return (Date.parse(until) - Date.parse(from)) / 86_400_000;
}
