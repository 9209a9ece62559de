/** What came of a programme, in numbers for funders: for coordinators, and for its provider by their link. It names nobody, and shows no number about few people. */
import * as z from 'zod/mini';
import type { Programme } from '../../workflows/directory.ts';
import {
  answersFinalOn,
  type Period,
  periodsUntil,
  type ReportRules,
  reportOf,
} from '../../workflows/report.ts';
import { londonDate } from '../../workflows/time.ts';
import { CSV, csvOf, download } from '../shared/csv.ts';
import { everyProgramme, findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { instrumentsHere } from '../shared/measures.ts';
import { outcomesIn } from '../shared/outcomes.ts';
import type { Site } from '../shared/pages/page.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { openProviderLink } from '../shared/provider-link.ts';
import { guarded, siteFor } from '../shared/session.ts';
import { type PageResult, pages, site, type Visit } from '../shared/web.ts';
import { programmesPage, reportPage, rowsOfReport } from './pages/views.ts';

const roles = ['coordinator'] as const;

const rulesSchema = z.object({
  months: z.int().check(z.positive()),
  fewerThan: z.int().check(z.positive()),
});

function rules(): ReportRules {
  return rulesSchema.parse(JSON.parse(environment('report').REPORTS));
}

export const handler = pages({
  ...guarded({
    'GET /report': {
      roles,
      answer: async (_visit, who) => programmesPage({ ...siteFor(who), programmes: everyProgramme() }),
    },
    'GET /report/{programme}': {
      roles,
      answer: async (visit, who) =>
        showReport(visit, findProgramme(visit.path.programme), {
          site: siteFor(who),
          back: '/report',
          below: '/report',
        }),
    },
  }),
  'GET /offers/{link}/report/{programme}': async (visit) => {
    const { link, programme: id } = visit.path;
    // Their own, and nobody else's.
    const programme = (await openProviderLink(visit)).find((each) => each.id === id);
    return showReport(visit, programme, {
      site: site(),
      back: `/offers/${link}`,
      below: `/offers/${link}/report`,
      onlyFinal: true,
    });
  },
});

/** How many periods a page leads to. */
const PERIODS = 8;

/**
 * Whoever reads a report, where they came from, and the address below which their reports are. Providers can look any day, and know who
 * answered: what changed for people is theirs to see once it is final.
 */
type Reader = { site: Site; back: string; below: string; onlyFinal?: boolean };

async function showReport(
  visit: Visit,
  programme: Programme | undefined,
  { site, back, below, onlyFinal = false }: Reader,
): Promise<PageResult> {
  const { TABLE_NAME, LICENSED_MEASURES } = environment('report');
  const given = rules();
  const today = londonDate(visit.now);
  const thisMonth = today.slice(0, 7);
  const periods = periodsUntil(thisMonth, given, PERIODS);
  const period = asked(visit.query.period, periods);
  if (!programme || !period) return problemPage('not-found', site);
  const { outcomes, tooMany } = await outcomesIn(TABLE_NAME, programme.id, period);
  const finalOn = answersFinalOn(period);
  const isFinal = finalOn <= today;
  const report = reportOf(outcomes, instrumentsHere(LICENSED_MEASURES), given);
  const view = {
    ...site,
    ...{ back, address: `${below}/${programme.id}` },
    programme,
    period,
    periods,
    over: period.to < thisMonth,
    fewerThan: given.fewerThan,
    now: visit.now,
    // Numbers of a part would be wrong ones.
    report: tooMany ? undefined : onlyFinal && !isFinal ? { ...report, changes: [] } : report,
    ...(isFinal ? {} : { finalOn }),
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
