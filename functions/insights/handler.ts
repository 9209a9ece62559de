/** Figures over time for coordinators: of the referrals of their own teams, made of records that name nobody. */
import * as z from 'zod/mini';
import { equityOf, halfYearIn, insightsOf, monthsUntil, standingOver } from '../../workflows/insights.ts';
import { londonDate } from '../../workflows/time.ts';
import { CSV, csvOf, download } from '../shared/csv.ts';
import { everyProgramme, findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { episodesIn, snapshotsIn } from '../shared/episodes.ts';
import { type SignedIn, siteFor, workspace } from '../shared/session.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { type InsightsView, insightsPage, rowsOfInsights } from './pages/views.ts';

export const handler = workspace({
  'GET /insights': { roles: ['coordinator'], answer: showInsights },
});

/** The months in which what is looked at may end: a page leads back to three years. */
const ENDS = 24;

const rulesSchema = z.object({ fewerThan: z.int().check(z.positive()) });

async function showInsights(visit: Visit, who: SignedIn): Promise<PageResult> {
  const { TABLE_NAME, TEAMS, REPORTS } = environment('insights');
  const { fewerThan } = rulesSchema.parse(JSON.parse(REPORTS));
  const thisMonth = londonDate(visit.now).slice(0, 7);
  const ends = monthsUntil(thisMonth, ENDS).reverse();
  const to = ends.find((month) => month === visit.query.to) ?? ends[0] ?? '';
  const months = monthsUntil(to);
  const [kind, id = ''] = (visit.query.of ?? '').split(/:(.*)/s);
  const chosen = everyProgramme().filter((programme) =>
    kind === 'programme' ? programme.id === id : kind === 'provider' && programme.provider.name === id,
  );
  const teams = TEAMS.filter((team) => who.teams.includes(team.id));
  const { episodes, tooMany } = await episodesIn(
    TABLE_NAME,
    months,
    teams.map((team) => team.id),
  );
  const ids = new Set(chosen.map((programme) => programme.id));
  const everything = chosen.length === 0;
  const reached = halfYearIn(months, thisMonth);
  // How many are open is counted for all teams together.
  const snapshots =
    everything && teams.length === TEAMS.length ? await snapshotsIn(TABLE_NAME, months) : undefined;
  const view: InsightsView = {
    ...siteFor(who),
    ...{ months, ends, fewerThan, now: visit.now, programmes: everyProgramme() },
    reached,
    of: everything ? '' : `${kind}:${id}`,
    teams: teams.map((team) => team.name),
    figures: tooMany
      ? undefined
      : {
          ...insightsOf(episodes, months, {
            fewerThan,
            providerOf: (programmeId) => findProgramme(programmeId)?.provider.name ?? programmeId,
            ...(everything ? {} : { isIn: (programmeId: string) => ids.has(programmeId) }),
          }),
          ...(snapshots ? { standing: standingOver(snapshots, months) } : {}),
          // What is left of the whole, one programme taken from it, could be about few people.
          ...(everything
            ? equityOf(
                episodes.filter(({ month }) => reached.includes(month)),
                fewerThan,
              )
            : {}),
        },
  };
  if (visit.query.format !== 'csv' || !view.figures) return insightsPage(view);
  return download(csvOf(rowsOfInsights(view)), CSV, `insights-until-${to}.csv`);
}
