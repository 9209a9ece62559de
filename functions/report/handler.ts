/** What came of a programme, in numbers for funders: for coordinators, who pass it on. It names nobody, and shows no number about few people. */
import * as z from 'zod/mini';
import { type Period, periodsUntil, type ReportRules, reportOf } from '../../workflows/report.ts';
import { londonDate } from '../../workflows/time.ts';
import { CSV, csvOf, download } from '../shared/csv.ts';
import { everyProgramme, findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { instrumentsHere } from '../shared/measures.ts';
import { outcomesIn } from '../shared/outcomes.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { type SignedIn, siteFor, workspace } from '../shared/session.ts';
import type { PageResult, Visit } from '../shared/web.ts';
import { programmesPage, reportPage, rowsOfReport } from './pages/views.ts';

const roles = ['coordinator'] as const;

const rulesSchema = z.object({
  months: z.int().check(z.positive()),
  fewerThan: z.int().check(z.positive()),
});

function rules(): ReportRules {
  return rulesSchema.parse(JSON.parse(environment('report').REPORTS));
}

export const handler = workspace({
  'GET /report': {
    roles,
    answer: async (_visit, who) => programmesPage({ ...siteFor(who), programmes: everyProgramme() }),
  },
  'GET /report/{programme}': { roles, answer: showReport },
});

/** How many periods a page leads to. */
const PERIODS = 8;

async function showReport(visit: Visit, who: SignedIn): Promise<PageResult> {
  const { TABLE_NAME, LICENSED_MEASURES } = environment('report');
  const given = rules();
  const programme = findProgramme(visit.path.programme);
  const thisMonth = londonDate(visit.now).slice(0, 7);
  const periods = periodsUntil(thisMonth, given, PERIODS);
  const period = asked(visit.query.period, periods);
  if (!programme || !period) return problemPage('not-found', siteFor(who));
  const { outcomes, tooMany } = await outcomesIn(TABLE_NAME, programme.id, period);
  const view = {
    ...siteFor(who),
    programme,
    period,
    periods,
    over: period.to < thisMonth,
    fewerThan: given.fewerThan,
    now: visit.now,
    // Numbers of a part would be wrong ones.
    report: tooMany ? undefined : reportOf(outcomes, instrumentsHere(LICENSED_MEASURES), given),
  };
  if (visit.query.format !== 'csv' || !view.report) return reportPage(view);
  return download(
    csvOf(rowsOfReport({ ...view, report: view.report })),
    CSV,
    `report-${programme.id}-${period.from}.csv`,
  );
}

/** The period that was asked for by its first month; the last one that is over, where none was. */
function asked(from: string | undefined, periods: readonly Period[]): Period | undefined {
  return from === undefined ? periods[1] : periods.find((period) => period.from === from);
}
