/** Figures over time, with values as they come in life. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type InsightsView, insightsPage } from '../../../functions/insights/pages/views.ts';
import type { Site } from '../../../functions/shared/pages/page.ts';
import type { Programme } from '../../../workflows/directory.ts';
import type { Episode, Snapshot } from '../../../workflows/episode.ts';
import { STANDINGS } from '../../../workflows/figures.ts';
import { equityOf, halfYearIn, insightsOf, monthsUntil, standingOver } from '../../../workflows/insights.ts';
import { ETHNIC_GROUPS } from '../../../workflows/referral.ts';

const AGES = ['16 to 17', '18 to 24', '25 to 39', '40 to 64', '65 or over'];
const AREAS = ['NW1', 'NW3', 'NW5', 'WC1', 'N19'];
const ENDS = ['completed', 'completed', 'withdrawn', 'declined', 'signposted', 'ended-early'] as const;

/** The records of a year: the same in every run. */
export function sampleEpisodes(months: readonly string[], programmes: readonly Programme[]): Episode[] {
  return months.flatMap((month, m) =>
    Array.from({ length: 14 + ((m * 5) % 11) }, (_, i): Episode => {
      const n = m * 31 + i * 7;
      const programmeId = programmes[n % 3]?.id ?? 'hive-music';
      const accepted = n % 4 !== 0;
      const began = accepted && n % 5 !== 0 && m < 11;
      const ending = m < 9 || n % 3 === 0 ? ENDS[accepted ? n % 4 : 2 + (n % 4)] : undefined;
      const wait = 30 + ((n * 13) % 90);
      return {
        ...{ month, team: 'all', from: 'professional', version: 9, programmeId },
        ageBand: AGES[((n * 3) % 11) % 5] ?? '',
        area: AREAS[((n * 5) % 13) % 5] ?? '',
        ethnicGroup: n % 3 === 0 ? 'unknown' : (ETHNIC_GROUPS[n % 6] ?? 'unknown'),
        ...(ending === undefined ? {} : { ending }),
        reached: n % 6 !== 1,
        hours: {
          contact: wait,
          offer: wait * 3,
          ...(accepted ? { acceptance: wait * 5 } : {}),
          ...(began ? { session: wait * 11 } : {}),
        },
        replies: [
          {
            programmeId,
            reply: accepted ? 'accepted' : n % 8 === 0 ? 'silence' : 'declined',
            hours: wait * 2,
          },
        ],
        held: began ? 8 : 0,
        attended: began ? 4 + (n % 4) : 0,
      };
    }),
  );
}

/** The page of a year, of one programme, of a service that has just begun, and of more than can be counted. */
export function insightsSamples(
  site: Site,
  programmes: readonly Programme[],
): Record<string, () => APIGatewayProxyStructuredResultV2> {
  const months = monthsUntil('2026-11');
  const episodes = sampleEpisodes(months, programmes);
  const snapshots: Snapshot[] = months.slice(4).map((month, m) => ({
    date: `${month}-28`,
    open: STANDINGS.map((stage, i) => ({
      stage,
      count: ((m + 2) * (i + 3)) % 17,
      oldestDays: 10 + ((m * i) % 23),
    })),
    overdue: [],
  }));
  const rules = {
    fewerThan: 5,
    providerOf: (id: string) => programmes.find((each) => each.id === id)?.provider.name ?? id,
  };
  const reached = halfYearIn(months, '2026-11');
  const view: InsightsView = {
    ...{ ...site, months, programmes, of: '', teams: ['Camden', 'Everywhere else'], fewerThan: 5 },
    ...{ ends: monthsUntil('2026-11', 24).reverse(), now: '2026-11-24T10:00:00.000Z' },
    reached,
    figures: {
      ...insightsOf(episodes, months, rules),
      ...{ standing: standingOver(snapshots, months) },
      ...equityOf(
        episodes.filter(({ month }) => reached.includes(month)),
        5,
      ),
    },
  };
  return {
    'insights-year': () => insightsPage(view),
    'insights-programme': () =>
      insightsPage({
        ...{ ...view, of: `programme:${programmes[0]?.id}`, teams: ['Camden'] },
        figures: insightsOf(episodes, months, { ...rules, isIn: (id) => id === programmes[0]?.id }),
      }),
    'insights-none': () =>
      insightsPage({
        ...view,
        figures: {
          ...insightsOf([], months, rules),
          ...{ standing: standingOver([], months), ...equityOf([], 5) },
        },
      }),
    'insights-too-many': () => insightsPage({ ...view, figures: undefined }),
  };
}
