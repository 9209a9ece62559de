/** Link workers and coordinators: what needs them now, most urgent first, and whomever they search for. */

import { waitsOnList } from '../../workflows/change.ts';
import {
  ELSEWHERE,
  type Elsewhere,
  elsewhere,
  elsewhereKey,
  placeInWorklist,
  URGENCIES,
  type Urgency,
  urgencyKey,
  WAITING_BEFORE,
} from '../../workflows/worklist.ts';
import { environment } from '../shared/environment.ts';
import { referralLists } from '../shared/lists.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { whyOf } from '../shared/pages/task.ts';
import { type SignedIn, siteFor, workspace } from '../shared/session.ts';
import { coveredBy, membersOf } from '../shared/team-members.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { worklistPage } from './pages/views.ts';
import { search, showSearch } from './search.ts';

/** How many referrals stand on a page: what fits in one request for all of them, and in a head. */
const PAGE_SIZE = 20;

/** Further than this nobody counts: more is more. */
const COUNTED_TO = 200;

/** The key of a place in the list: urgency or where it is, due time, id. */
const CURSOR = /^(\d|9#[a-z]+)#[\d:.TZ-]{20,30}#[0-9a-f]{32}$/;

const roles = ['link-worker', 'coordinator'] as const;

export const handler = workspace({
  'GET /worklist': { roles, answer: showWorklist },
  'GET /worklist/search': { roles, answer: showSearch },
  // By POST, so that no name is in an address, a history or a log.
  'POST /worklist/search': { roles, answer: search },
});

/** Whose: everybody's, nobody's, one's own, or that of somebody of the team by the issuer's name for their account. */
const EVERYONE = 'everyone';
const NOBODY = 'nobody';
const MINE = 'mine';

/** Costs the same number of requests however much waits: a few for people, one for the page, one for its referrals, one for each count. */
async function showWorklist({ query, now }: Visit, who: SignedIn): Promise<PageResult> {
  const { TABLE_NAME, TEAMS } = environment('workspace');
  const mine = TEAMS.filter(({ id }) => who.teams.includes(id));
  const team = mine.find(({ id }) => id === query.team) ?? mine[0];
  if (!team || (query.team !== undefined && query.team !== team.id))
    return problemPage('not-for-you', siteFor(who));

  const members = await membersOf(TABLE_NAME, team.id, now);
  // A coordinator shares out: what is nobody's comes first.
  const shares = who.roles.includes('coordinator') && !who.roles.includes('link-worker');
  const asked = query.whose ?? (shares ? NOBODY : EVERYONE);
  // An address that names nobody of the team must not look as if there were nothing to do.
  const isKnown = [EVERYONE, NOBODY, MINE, who.sub, ...members.map(({ sub }) => sub)].includes(asked);
  const whose = isKnown ? asked : EVERYONE;
  const memberId = memberIdOf(whose, who);
  const list = { team: team.id, ...(memberId === undefined ? {} : { memberId }) };
  const urgency = URGENCIES.find((known) => known === query.urgency);
  const where = urgency === undefined ? ELSEWHERE.find((known) => known === query.where) : undefined;
  const prefix = urgency ? urgencyKey(urgency) : where && elsewhereKey(where);
  const after = isInList(query.after, prefix) ? query.after : undefined;

  const table = referralLists(TABLE_NAME);
  const count = (of: object) => table.countOpen({ ...list, ...of }, COUNTED_TO);
  const due = (of: object = {}) =>
    Promise.all(URGENCIES.map((each) => count({ ...of, prefix: urgencyKey(each), dueBy: now })));
  const [found, byUrgency, dueByUrgency, byPlace, ofMine, dueOfMine, ofNobody] = await Promise.all([
    table.listOpen(
      { ...list, ...(prefix === undefined ? { waiting: true } : { prefix }) },
      { after, limit: PAGE_SIZE },
    ),
    Promise.all(URGENCIES.map((each) => count({ prefix: urgencyKey(each) }))),
    due(),
    Promise.all(ELSEWHERE.map((each) => count({ prefix: elsewhereKey(each) }))),
    count({ memberId: who.sub, waiting: true }),
    due({ memberId: who.sub }),
    count({ memberId: '', waiting: true }),
  ]);
  return worklistPage({
    ...siteFor(who),
    team,
    teams: mine,
    whose,
    notFound: !isKnown,
    mayShare: who.roles.includes('coordinator'),
    whoseLists: {
      mine: ofMine,
      mineDue: dueOfMine.reduce((sum, each) => sum + each, 0),
      nobody: ofNobody,
      covered: coveredBy(who.sub, members, now),
      named: members.find(({ sub }) => sub === memberId && sub !== who.sub),
    },
    urgency,
    where,
    counts: countsOf(URGENCIES, byUrgency) as Record<Urgency, number>,
    due: countsOf(URGENCIES, dueByUrgency) as Record<Urgency, number>,
    elsewhere: countsOf(ELSEWHERE, byPlace) as Record<Elsewhere, number>,
    countedTo: COUNTED_TO,
    now,
    next: found.next,
    unreadable: found.unreadable,
    first: after === undefined,
    items: found.referrals.flatMap((referral) => {
      const place = placeInWorklist(referral);
      const elsewhereNow = elsewhere(referral);
      // The index may lag behind: who has been dealt with meanwhile is left out.
      if (where === undefined ? !place : elsewhereNow !== where) return [];
      const { reference, person, createdAt, assignee } = referral;
      const due = referral.due?.at;
      const why = whyOf(referral);
      const isOnList = elsewhereNow === 'offer' && waitsOnList(referral.offers.at(-1));
      return [{ place, where: elsewhereNow, due, isOnList, reference, person, createdAt, assignee, ...why }];
    }),
  });
}

/** Whether an address names a place of this list; DynamoDB refuses to begin at any other. */
function isInList(after: string | undefined, prefix: string | undefined): after is string {
  if (after === undefined || !CURSOR.test(after)) return false;
  return prefix === undefined ? after < WAITING_BEFORE : after.startsWith(prefix);
}

/** Undefined for everybody's, empty for nobody's. */
function memberIdOf(whose: string, who: SignedIn): string | undefined {
  if (whose === EVERYONE) return undefined;
  if (whose === NOBODY) return '';
  return whose === MINE ? who.sub : whose;
}

function countsOf(names: readonly string[], counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, counts[i] ?? 0]));
}
