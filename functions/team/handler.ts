/** Coordinators: who of the team has how much, what is nobody's yet, who is away, and who has left. */
import { dateIn } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import type { TeamMember } from '../../workflows/referral.ts';
import { after, dateInWords, isDue, londonDate } from '../../workflows/time.ts';
import { placeInWorklist } from '../../workflows/worklist.ts';
import { environment, type Team } from '../shared/environment.ts';
import { referralLists } from '../shared/lists.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { whyOf } from '../shared/pages/task.ts';
import { referrals } from '../shared/record.ts';
import { type SignedIn, siteFor, workspace } from '../shared/session.ts';
import {
  forgetMember,
  linkWorkersAmong,
  type Member,
  membersOf,
  noteAway,
  noteLeft,
  removeAway,
} from '../shared/team-members.ts';
import { type PageResult, redirect, type Visit } from '../shared/web.ts';
import { giveAll } from './giving.ts';
import { NOBODY, type Result, teamPage } from './pages/views.ts';

/** Further than this nobody counts: a link worker has 200 to 250 people a year (Surrey training hub), not at once. */
const COUNTED_TO = 500;

/** How many are given at once: of those who are nobody's yet one page, of those of somebody who has left one click. */
const AT_ONCE = 20;

/** The longest that somebody is away at once. */
const MOST_DAYS_AWAY = 366;

/** A ticked referral's field: its id. */
const TICKED = /^give-([0-9a-f]{32})$/;

export const handler = workspace({
  'GET /team': { roles: ['coordinator'], answer: (visit, who) => ofTeam(visit, who, show) },
  'POST /team': { roles: ['coordinator'], answer: (visit, who) => ofTeam(visit, who, act) },
});

type AtTeam = { visit: Visit; who: SignedIn; team: Team; members: Member[] };

/** Finds the coordinator's team: the one that the address names, or the first. */
async function ofTeam(
  visit: Visit,
  who: SignedIn,
  answer: (at: AtTeam) => Promise<PageResult>,
): Promise<PageResult> {
  const { TABLE_NAME, TEAMS } = environment('workspace');
  const named = visit.query.team;
  const team = TEAMS.find(({ id }) => who.teams.includes(id) && (named === undefined || named === id));
  if (!team) return problemPage('not-for-you', siteFor(who));
  return answer({ visit, who, team, members: await membersOf(TABLE_NAME, team.id, visit.now) });
}

async function act(at: AtTeam): Promise<PageResult> {
  const answer = await done(at);
  await forgetGone(at);
  return answer;
}

function done(at: AtTeam): Promise<PageResult> {
  switch (at.visit.fields.action) {
    case 'give':
      return give(at);
    case 'give-all':
      return giveAllOf(at);
    case 'left':
      return takeOffList(at);
    case 'not-away':
      return endAway(at);
    default:
      return setAway(at);
  }
}

/** A count or two for each of the team, and the first of those who are nobody's: the same however many referrals there are. */
async function show(
  { visit, who, team, members }: AtTeam,
  { errors, result }: { errors?: FieldErrors; result?: Result } = {},
): Promise<PageResult> {
  const { TABLE_NAME, TEAMS } = environment('workspace');
  const table = referralLists(TABLE_NAME);
  const count = (memberId: string, waiting: boolean) =>
    table.countOpen({ team: team.id, memberId, ...(waiting ? { waiting } : {}) }, COUNTED_TO);
  const [unassigned, nobodys, loads, left] = await Promise.all([
    table.listOpen({ team: team.id, memberId: '', waiting: true }, { limit: AT_ONCE }),
    count('', true),
    Promise.all(
      linkWorkersAmong(members).map(async (member) => {
        const [waiting, open] = await Promise.all([count(member.sub, true), count(member.sub, false)]);
        return { member, waiting, open };
      }),
    ),
    Promise.all(
      members
        .filter(({ leftAt }) => leftAt !== undefined)
        .map(async (member) => ({ member, open: await count(member.sub, false) })),
    ),
  ]);
  return teamPage({
    ...siteFor(who),
    team,
    teams: TEAMS.filter(({ id }) => who.teams.includes(id)),
    loads,
    left: left.filter(({ open }) => open > 0),
    unassigned: {
      count: nobodys,
      items: unassigned.referrals.flatMap((referral) => {
        const place = placeInWorklist(referral);
        const { id, reference, person, createdAt, assignee } = referral;
        return place && !assignee ? [{ ...place, ...whyOf(referral), id, reference, person, createdAt }] : [];
      }),
    },
    countedTo: COUNTED_TO,
    atOnce: AT_ONCE,
    now: visit.now,
    result,
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

/** Gives what is ticked, of what was nobody's yet, to one of the team. */
async function give(at: AtTeam): Promise<PageResult> {
  const { visit, who, team, members } = at;
  const { fields, now } = visit;
  const ids = Object.keys(fields).flatMap((name) => TICKED.exec(name)?.[1] ?? []);
  const to = linkWorkersAmong(members).find(({ sub }) => sub === fields.giveTo);
  const errors: FieldErrors = {};
  if (ids.length === 0 || ids.length > AT_ONCE) errors.give = 'Select at least one referral to give';
  if (!to) errors.giveTo = 'Select who is to look after them';
  if (!to || errors.give) return show(at, { errors });
  const table = referrals(environment('workspace').TABLE_NAME);
  const what = { team: team.id, to: memberOf(to), from: undefined };
  const given = await giveAll(table, ids, what, now, memberOf(who));
  return show(at, { result: { ...given, to: to.name } });
}

/** Gives the next of those whom somebody who has left looks after to one of the team, or back to the team. */
async function giveAllOf(at: AtTeam): Promise<PageResult> {
  const { visit, who, team, members } = at;
  const { fields, now } = visit;
  const gone = members.find(({ sub, leftAt }) => sub === fields.sub && leftAt !== undefined);
  // They have signed in again, or are forgotten.
  if (!gone) return back(at);
  const wanted = fields[`heir-${gone.sub}`];
  const heir = linkWorkersAmong(members).find(({ sub }) => sub === wanted);
  if (!heir && wanted !== NOBODY) {
    return show(at, {
      errors: { [`heir-${gone.sub}`]: `Select who is to look after ${gone.name}’s referrals` },
    });
  }
  const { TABLE_NAME } = environment('workspace');
  const table = referralLists(TABLE_NAME);
  const list = { team: team.id, memberId: gone.sub };
  const found = await table.listOpen(list, { limit: AT_ONCE });
  // The index may lag behind what another click has just given.
  const theirs = found.referrals.filter(({ assignee }) => assignee?.id === gone.sub);
  if (theirs.length === 0) return back(at);
  const what = { team: team.id, to: heir && memberOf(heir), from: gone.sub };
  const given = await giveAll(
    table,
    theirs.map(({ id }) => id),
    what,
    now,
    memberOf(who),
  );
  return show(at, { result: { ...given, to: heir?.name } });
}

/** Takes off the list who has left; while they look after somebody, also whom they take on before their session ends, the page says how many that are. */
async function takeOffList(at: AtTeam): Promise<PageResult> {
  const { visit, team, members } = at;
  const leaver = members.find(({ sub }) => sub === visit.fields.leaver);
  if (!leaver) return show(at, { errors: { leaver: 'Select who has left' } });
  await noteLeft(environment('workspace').TABLE_NAME, team.id, leaver.sub, visit.now);
  return back(at);
}

/** Forgets who left so long ago that no session of theirs goes on in which they could take anything on, and who looks after nothing. */
async function forgetGone({ visit, team, members }: AtTeam): Promise<void> {
  const { TABLE_NAME, SESSION_HOURS } = environment('workspace');
  // An hour more, since the index may lag.
  const gone = members.filter(
    ({ leftAt }) => leftAt !== undefined && isDue(after(leftAt, { hours: SESSION_HOURS + 1 }), visit.now),
  );
  await Promise.all(
    gone.map(async ({ sub }) => {
      const open = await referralLists(TABLE_NAME).countOpen({ team: team.id, memberId: sub }, 1);
      if (open === 0) await forgetMember(TABLE_NAME, team.id, sub);
    }),
  );
}

/** Notes who is away from when to when, and who covers. */
async function setAway(at: AtTeam): Promise<PageResult> {
  const { visit, team, members } = at;
  const workers = linkWorkersAmong(members);
  const { fields, now } = visit;
  const member = workers.find(({ sub }) => sub === fields.member);
  const cover = workers.find(({ sub }) => sub === fields.cover);
  const from = dateIn(fields, 'awayFrom');
  const until = dateIn(fields, 'awayUntil');
  const today = londonDate(now);
  const errors: FieldErrors = {};
  if (!member) errors.member = 'Select who is away';
  if (!from) errors.awayFrom = 'Enter the first day away, like 27 3 2027';
  if (!until) errors.awayUntil = 'Enter the last day away, like 9 4 2027';
  else if (from && until < from) errors.awayUntil = 'Enter a last day that is not before the first';
  else if (until < today) errors.awayUntil = 'Enter a last day that is not over yet';
  else if (from && daysBetween(from, until) > MOST_DAYS_AWAY)
    errors.awayUntil = 'Enter a last day within a year';
  if (!cover) errors.cover = 'Select who covers';
  else if (cover.sub === member?.sub) errors.cover = 'Select somebody else to cover';
  if (from && until) {
    // Cover that is away, too, is none.
    const overlaps = (absence: { from: string; until: string }) =>
      absence.from <= until && absence.until >= from;
    if (cover && !errors.cover && cover.absences.some(overlaps)) {
      errors.cover = `${cover.name} is away on some of these days. Select somebody else`;
    }
    const before = member?.absences.find(overlaps);
    const isSame = before?.from === from && before.until === until && before.cover === cover?.sub;
    if (member && before && !isSame && !errors.awayUntil) {
      const [first, last] = [before.from, before.until].map((day) => dateInWords(`${day}T12:00:00Z`));
      errors.awayFrom = `${member.name} is noted as away from ${first} to ${last} already. Remove that first, or enter days that are not among those`;
    }
    const alone = workers.find(({ absences }) =>
      absences.some((absence) => absence.cover === member?.sub && overlaps(absence)),
    );
    if (member && alone && !errors.member) {
      errors.member = `${member.name} covers for ${alone.name} on some of these days. Say first who does instead`;
    }
  }
  if (!member || !cover || !from || !until || Object.keys(errors).length > 0) return show(at, { errors });
  const away = { sub: member.sub, from, until, cover: cover.sub };
  if (await noteAway(environment('workspace').TABLE_NAME, team.id, away)) return back(at);
  const taken = `${member.name} is noted as away from that day already. Remove that first, if it is wrong`;
  return show(
    { ...at, members: await membersOf(environment('workspace').TABLE_NAME, team.id, now) },
    { errors: { awayFrom: taken } },
  );
}

async function endAway(at: AtTeam): Promise<PageResult> {
  const { sub = '', from = '' } = at.visit.fields;
  if (sub !== '' && from !== '') {
    await removeAway(environment('workspace').TABLE_NAME, at.team.id, { sub, from });
  }
  return back(at);
}

function back({ visit, team }: AtTeam): PageResult {
  return redirect(visit.query.team === undefined ? '/team' : `/team?team=${team.id}`);
}

function memberOf({ sub, name }: { sub: string; name: string }): TeamMember {
  return { id: sub, name: name.slice(0, LIMITS.line) };
}

function daysBetween(from: string, until: string): number {
  return (Date.parse(until) - Date.parse(from)) / 86_400_000;
}
