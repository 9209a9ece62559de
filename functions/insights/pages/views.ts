/** Figures over time: each as a chart, the same numbers in a table, and as rows of a file. */
import type { Programme } from '../../../workflows/directory.ts';
import { UNKNOWN } from '../../../workflows/episode.ts';
import { type Cell, ELSEWHERE, type Equity, type Insights, type Table } from '../../../workflows/insights.ts';
import { ETHNIC_GROUP_WORDS } from '../../../workflows/preferences.ts';
import { dateInWords, monthOf } from '../../../workflows/time.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import { type Chart, chartSvg } from './chart.ts';
import template from './insights.njk';

type Figures = Insights & Partial<Equity> & { standing?: Table };

export type InsightsView = Site & {
  /** What is looked at, and the months in which it may end, the newest first. */
  months: readonly string[];
  ends: readonly string[];
  /** The months of which it is shown who is reached. */
  reached: readonly string[];
  /** "programme:" or "provider:" and which; empty where it is everything. */
  of: string;
  programmes: readonly Programme[];
  /** The names of the teams whose referrals it counts. */
  teams: readonly string[];
  fewerThan: number;
  now: string;
  /** Absent where there were more records than a page can count. */
  figures: Figures | undefined;
};

type SectionId = keyof Figures;
/** What a section is called, says, and draws: the columns in its chart. Its table has all of them. */
type Section = {
  id: SectionId;
  title: string;
  says: string;
  row: string;
  /** Of the months in `reached`, and not of all that are looked at. */
  isReached?: true;
  /** Columns that are called otherwise elsewhere. */
  words?: Record<string, string>;
  chart: { kind: Chart['kind']; columns: readonly string[]; unit: string; most?: number };
};

const OVER_MONTHS = 'Month in which the referral came';

const SECTIONS: readonly Section[] = [
  {
    ...{ id: 'received', title: 'Referrals, and how they ended', row: OVER_MONTHS },
    says: 'How many referrals came in each month, and what has become of them since. The newest months have most that are still open.',
    chart: { kind: 'lines', columns: ['received', 'completed', 'open'], unit: 'Referrals' },
  },
  {
    ...{ id: 'waiting', title: 'How long people wait', row: OVER_MONTHS },
    says: 'Half of the people waited no longer than this, in days from the referral, of those for whom it has happened. A first attempt to reach them counts whether or not they answered. Months that are not long ago will change: whoever still waits is not in them yet.',
    chart: { kind: 'lines', columns: ['contact', 'offer', 'acceptance', 'session'], unit: 'Days' },
  },
  {
    ...{ id: 'standing', title: 'Open referrals, and where they are', row: 'Month, on its last day' },
    says: 'How many referrals were open at the end of each month, and how many days the one that had stood longest in one place had been there. This counts all teams.',
    words: { offer: 'With a provider' },
    chart: { kind: 'lines', columns: ['review', 'offer', 'programme', 'hold'], unit: 'Open referrals' },
  },
  {
    ...{ id: 'replies', title: 'How providers reply', row: 'Provider' },
    says: 'How many offers each provider answered or left without an answer, what share they accepted, and how long half of the replies took at most.',
    chart: { kind: 'dots', columns: ['accepted-share'], unit: 'Accepted, per cent', most: 100 },
  },
  {
    ...{ id: 'attendance', title: 'Whether people come to their sessions', row: OVER_MONTHS },
    says: 'Of the sessions that took place for people, those that they came to. A session that the provider cancelled counts for nobody.',
    chart: { kind: 'lines', columns: ['attended-share'], unit: 'Attended, per cent', most: 100 },
  },
  {
    ...{ id: 'programmes', title: 'Programme by programme', row: 'Programme' },
    says: 'Each referral counts for the programme that accepted the person, or else for the one that was asked last.',
    chart: { kind: 'dots', columns: ['referred', 'accepted', 'completed'], unit: 'People' },
  },
  {
    ...{ id: 'ageBand', isReached: true, title: 'Who we reach: age', row: 'Age when referred' },
    says: 'How far people of each age came.',
    chart: { kind: 'dots', columns: ['referred', 'reached', 'accepted', 'completed'], unit: 'People' },
  },
  {
    ...{ id: 'area', isReached: true, title: 'Who we reach: area', row: 'Postcode district' },
    says: 'How far people of each area came. Areas with few people are put together.',
    chart: { kind: 'dots', columns: ['referred', 'reached', 'accepted', 'completed'], unit: 'People' },
  },
  {
    ...{ id: 'ethnicGroup', isReached: true, title: 'Who we reach: ethnic group', row: 'Ethnic group' },
    says: 'How far people came, by the ethnic group that they say is theirs. Many have not been asked, or would rather not say.',
    chart: { kind: 'dots', columns: ['referred', 'reached', 'accepted', 'completed'], unit: 'People' },
  },
];

const WORDS: Record<string, string> = {
  received: 'Received',
  completed: 'Completed',
  declined: 'Declined by us',
  signposted: 'Signposted',
  withdrawn: 'Withdrawn by the person',
  'ended-early': 'Ended early',
  open: 'Still open',
  contact: 'First attempt',
  offer: 'First offer',
  acceptance: 'Acceptance',
  session: 'First session',
  intake: 'Just come in',
  review: 'In review',
  hold: 'On hold',
  information: 'More information asked for',
  programme: 'In a programme',
  closing: 'Being closed',
  'oldest-days': 'Longest there, days',
  replies: 'Offers answered or let pass',
  'accepted-share': 'Accepted',
  'median-days': 'Days, half at most',
  people: 'People with sessions',
  held: 'Sessions',
  'attended-share': 'Attended',
  referred: 'Referred',
  reached: 'Spoken with',
  accepted: 'Accepted',
  [UNKNOWN]: 'Not known',
  [ELSEWHERE]: 'Other areas',
};

/** Of these columns numbers are per cent. */
const SHARES = new Set(['accepted-share', 'attended-share']);

/** All figures, each with its chart and its table. */
export function insightsPage(view: InsightsView) {
  const { months, ends, of, programmes, teams, fewerThan, now, figures, ...site } = view;
  const to = months.at(-1) ?? '';
  return page(site, {
    title: 'Insights',
    template,
    context: {
      ...{ rule: ruleInWords(fewerThan), now: dateInWords(now), teams: teams.join(', ') },
      period: spanInWords(months),
      lacksReached: figures?.ageBand === undefined,
      lacksStanding: figures?.standing === undefined,
      endItems: ends.map((month) => ({ value: month, text: monthInWords(month) })),
      ofItems: choicesOf(programmes),
      chosen: { values: { to, of }, errors: {} },
      file: `/insights?${new URLSearchParams({ to, of, format: 'csv' })}`,
      sections: figures && sectionsOf(view, figures),
    },
  });
}

function choicesOf(programmes: readonly Programme[]) {
  const providers = [...new Set(programmes.map(({ provider }) => provider.name))].sort();
  return [
    { value: '', text: 'All programmes' },
    ...providers.flatMap((provider) => [
      { value: `provider:${provider}`, text: `${provider}: all` },
      ...programmes
        .filter((each) => each.provider.name === provider)
        .map(({ id, name }) => ({ value: `programme:${id}`, text: `${provider}: ${name}` })),
    ]),
  ];
}

function sectionsOf(view: InsightsView, figures: Figures) {
  return SECTIONS.flatMap((section) => {
    const table = figures[section.id];
    if (!table) return [];
    const { id, title, row, chart, isReached } = section;
    const says = isReached
      ? `${section.says} Of those whose referral came from ${spanInWords(view.reached)}: it is said of half-years that are over.`
      : section.says;
    const rows = table.rows.map(({ name, cells }) => ({
      name: rowInWords(section, name, view),
      cells: cells.map((cell, i) => cellInWords(cell, table.columns[i] ?? '', view.fewerThan)),
    }));
    const series = chart.columns.map((column) => {
      const at = table.columns.indexOf(column);
      return { name: wordsOf(column, section), values: table.rows.map(({ cells }) => numberOf(cells[at])) };
    });
    const places = table.rows.map(({ name }, i) =>
      chart.kind === 'lines' ? monthInWords(name).slice(0, 3) : (rows[i]?.name ?? name),
    );
    const isEmpty = series.every(({ values }) => values.every((value) => value === undefined));
    const columns = table.columns.map((column) => wordsOf(column, section));
    return [
      {
        ...{ id, title, says, row, columns, rows },
        svg: isEmpty ? undefined : chartSvg({ ...chart, series, places }),
      },
    ];
  });
}

function wordsOf(code: string, { words }: Section): string {
  return words?.[code] ?? WORDS[code] ?? code;
}

function numberOf(cell: Cell | undefined): number | undefined {
  return cell?.state === 'number' ? cell.count : undefined;
}

function rowInWords({ id, chart }: Section, name: string, { programmes }: InsightsView): string {
  if (chart.kind === 'lines') return monthInWords(name);
  if (id === 'programmes') return programmes.find((each) => each.id === name)?.name ?? name;
  if (id === 'ethnicGroup' && Object.hasOwn(ETHNIC_GROUP_WORDS, name)) {
    return ETHNIC_GROUP_WORDS[name as keyof typeof ETHNIC_GROUP_WORDS];
  }
  return WORDS[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function cellInWords(cell: Cell, column: string, fewerThan: number): string {
  switch (cell.state) {
    case 'number':
      return SHARES.has(column) ? `${cell.count}%` : cell.count.toLocaleString('en-GB');
    case 'few':
      return SHARES.has(column) || DAYS.has(column)
        ? `of fewer than ${fewerThan}`
        : `fewer than ${fewerThan}`;
    case 'withheld':
      return 'not shown';
    case 'none':
      return 'no figure';
  }
}

/** Of these columns numbers are medians. */
const DAYS = new Set(['contact', 'offer', 'acceptance', 'session', 'median-days']);

/** "December 2025 to November 2026". */
function spanInWords(months: readonly string[]): string {
  return `${monthInWords(months[0] ?? '')} to ${monthInWords(months.at(-1) ?? '')}`;
}

/** What is not shown, as far as the sentence that says what to pass on. */
function ruleInWords(fewerThan: number): string {
  return `Medians and shares of fewer than ${fewerThan} people are not shown; in the tables of who we reach, neither is any number from 1 to ${fewerThan - 1}, nor what would give one away. The other tables count our work as it is: to pass numbers on, use the`;
}

/** "November 2026". */
function monthInWords(month: string): string {
  return monthOf(`${month}-15T12:00:00Z`);
}

/** The same numbers as rows of a file: what it is about, then one row for each cell. */
export function rowsOfInsights(view: InsightsView): string[][] {
  const { figures, months, reached, teams, of, now, fewerThan } = view;
  const about = [
    ['Teams', teams.join(', ')],
    ['From', months[0] ?? ''],
    ['To', months.at(-1) ?? ''],
    ['Of', of],
    ['Who we reach: from', figures?.ageBand ? (reached[0] ?? '') : ''],
    ['Who we reach: to', figures?.ageBand ? (reached.at(-1) ?? '') : ''],
    ['Made on', dateInWords(now)],
    ['Before you pass this on', `${ruleInWords(fewerThan)} reports.`],
  ];
  return [
    ['table', 'row', 'column', 'value'],
    ...about.map(([name = '', value = '']) => ['About', name, '', value]),
    ...SECTIONS.flatMap((section) => {
      const table = figures?.[section.id];
      return (table?.rows ?? []).flatMap(({ name, cells }) =>
        cells.map((cell, i) => [
          ...[section.title, rowInWords(section, name, view), wordsOf(table?.columns[i] ?? '', section)],
          cellInWords(cell, table?.columns[i] ?? '', view.fewerThan),
        ]),
      );
    }),
  ];
}
