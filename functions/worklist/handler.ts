/** Link workers and coordinators: what needs them now, most urgent first. */
import { placeInWorklist, URGENCIES, type Urgency, urgencyKey } from '../../workflows/worklist.ts';
import { environment } from '../shared/environment.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { referrals } from '../shared/record.ts';
import { type SignedIn, siteFor, workspace } from '../shared/session.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { worklistPage } from './pages/views.ts';

/** How many referrals stand on a page: what fits in one request for all of them, and in a head. */
const PAGE_SIZE = 20;

/** Further than this nobody counts: more is more. */
const COUNTED_TO = 200;

/** The key of a place in the list: urgency, due time, id. */
const CURSOR = /^\d#[\d:.TZ-]{20,30}#[0-9a-f]{32}$/;

export const handler = workspace({
  'GET /worklist': { roles: ['link-worker', 'coordinator'], answer: showWorklist },
});

/** Costs the same number of requests however much waits: one for the page, one for its referrals, one for each count. */
async function showWorklist({ query, now }: Visit, who: SignedIn): Promise<PageResult> {
  const { TABLE_NAME, TEAMS } = environment('workspace');
  const mine = TEAMS.filter(({ id }) => who.teams.includes(id));
  const team = mine.find(({ id }) => id === query.team) ?? mine[0];
  if (!team || (query.team !== undefined && query.team !== team.id))
    return problemPage('not-for-you', siteFor(who));
  const urgency = URGENCIES.find((known) => known === query.urgency);
  const after = query.after !== undefined && CURSOR.test(query.after) ? query.after : undefined;
  const table = referrals(TABLE_NAME);
  const [{ referrals: found, next }, ...counts] = await Promise.all([
    table.worklist(team.id, {
      prefix: urgency === undefined ? '' : urgencyKey(urgency),
      after,
      limit: PAGE_SIZE,
    }),
    ...URGENCIES.map((each) => table.countWorklist(team.id, urgencyKey(each), COUNTED_TO)),
  ]);
  return worklistPage({
    ...siteFor(who),
    team,
    teams: mine,
    urgency,
    counts: Object.fromEntries(URGENCIES.map((each, i) => [each, counts[i] ?? 0])) as Record<Urgency, number>,
    countedTo: COUNTED_TO,
    now,
    next,
    first: after === undefined,
    items: found.flatMap((referral) => {
      const place = placeInWorklist(referral);
      const { reference, person, createdAt, questions } = referral;
      return place
        ? [{ ...place, reference, person, createdAt, answered: questions.at(-1)?.answeredAt !== undefined }]
        : [];
    }),
  });
}
