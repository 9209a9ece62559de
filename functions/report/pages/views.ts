/** Reports of programmes: on a page to be read and printed, and as rows for a file. */
import type { Programme } from '../../../workflows/directory.ts';
import type { Shown } from '../../../workflows/disclosure.ts';
import type { Instrument } from '../../../workflows/instrument.ts';
import { type Change, mostOf } from '../../../workflows/measures.ts';
import type { Attendance } from '../../../workflows/referral.ts';
import type { ChangeReport, Period, Report, ReportRow } from '../../../workflows/report.ts';
import { before, dateInWords } from '../../../workflows/time.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import { attendanceWords } from '../../shared/pages/words.ts';
import programmesTemplate from './programmes.njk';
import reportTemplate from './report.njk';

export type ProgrammesView = Site & { programmes: readonly Programme[] };

/** Every programme, by its provider, each leading to its report. */
export function programmesPage({ programmes, ...site }: ProgrammesView) {
  const byProvider = new Map<string, Programme[]>();
  for (const programme of programmes) {
    const { name } = programme.provider;
    byProvider.set(name, [...(byProvider.get(name) ?? []), programme]);
  }
  return page(site, {
    title: 'Reports',
    template: programmesTemplate,
    context: {
      providers: [...byProvider]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([name, of]) => ({ name, programmes: of.map(({ id, name }) => ({ id, name })) })),
    },
  });
}

export type ReportView = Site & {
  /** Its own address, and that of the page that led to it. */
  address: string;
  back: string;
  programme: Pick<Programme, 'id' | 'name' | 'provider'>;
  period: Period;
  /** Those that can be looked at, the newest first. */
  periods: readonly Period[];
  /** Whether the period is over, so that its numbers hardly change any more. */
  over: boolean;
  fewerThan: number;
  now: string;
  /** From which day on (YYYY-MM-DD) no answers come in that it counts; absent once it has come. */
  finalOn?: string;
  /** Absent where there were more people than a page can count. Without changes where they are not shown before they are final. */
  report: Report | undefined;
};

/** One report. */
export function reportPage(view: ReportView) {
  const { address, back, programme, period, periods, over, fewerThan, now, finalOn, report, ...site } = view;
  return page(site, {
    title: `${programme.name}: what came of it`,
    template: reportTemplate,
    context: {
      ...{ address, back, programme, over, fewerThan },
      ...(finalOn === undefined ? {} : answersIn(finalOn, report)),
      period: periodInWords(period),
      at: dateInWords(now),
      periods: periods.map((each) => ({
        from: each.from,
        words: periodInWords(each),
        current: each.from === period.from,
      })),
      file: `${address}?period=${period.from}&format=csv`,
      tables: report && tablesOf(report, fewerThan),
    },
  });
}

/** Until when answers come in, or from when on what they say is shown. */
function answersIn(finalOn: string, report: Report | undefined) {
  const noon = `${finalOn}T12:00:00.000Z`;
  return report?.changes.length === 0
    ? { shownFrom: dateInWords(noon) }
    : { answersUntil: dateInWords(before(noon, { days: 1 })) };
}

const ROWS: Record<string, string> = {
  referred: 'People referred to the programme',
  accepted: 'Accepted by the provider',
  started: 'Came to at least one session',
  completed: 'Completed the programme',
  'left-early': 'Left early',
  left: 'By their own decision',
  'ended-early': 'Ended by a link worker',
  'not-right': 'The programme was not right for them',
  'never-came': 'Came to no session',
  'not-accepted': 'Not accepted',
  declined: 'Declined by the provider',
  silence: 'The provider did not reply',
  withdrawn: 'Taken back, or the person left before the reply',
  held: 'Sessions held',
  cancelled: 'Sessions cancelled by the provider',
  attendances: 'Sessions of each person, added up',
};

const CHANGES: Record<Change, string> = { better: 'Better', same: 'The same', worse: 'Worse' };

/** A table of a report: a heading for each column, and rows of which the first cell says what they are about. */
type Table = {
  name: string;
  columns: string[];
  rows: { name: string; depth: number; cells: string[] }[];
  note?: string;
};

function tablesOf(report: Report, fewerThan: number): Table[] {
  const counts = (rows: readonly ReportRow[]) =>
    rows.map(({ name, depth, shown }) => ({
      name: rowInWords(name),
      depth,
      cells: [shownInWords(shown, fewerThan)],
    }));
  return [
    { name: 'People', columns: ['', 'People'], rows: counts(report.people) },
    { name: 'Sessions of their groups', columns: ['', 'Sessions'], rows: counts(report.sessions) },
    { name: 'Attendance, by NHS code', columns: ['', 'Times'], rows: counts(report.attendance) },
    ...report.changes.map((change) => changeTable(change, fewerThan)),
  ];
}

function changeTable({ instrument, items, total }: ChangeReport, fewerThan: number): Table {
  return {
    name: `${instrument.name}: from the first to the last answers`,
    columns: ['', 'Answered both times', ...Object.values(CHANGES)],
    rows: items.map(({ item, both, changes }) => ({
      name: item.short,
      depth: 0,
      cells: [
        shownInWords(both, fewerThan),
        ...(Object.keys(CHANGES) as Change[]).map((change) => shareInWords(changes[change], both, fewerThan)),
      ],
    })),
    note: noteOf(instrument, total, fewerThan),
  };
}

function noteOf(instrument: Instrument, total: ChangeReport['total'], fewerThan: number): string {
  const by = instrument.items.some(({ bands }) => bands !== undefined)
    ? 'Better and worse mean another band: low, medium, high or very high.'
    : 'Better and worse mean another answer.';
  if (!total) return `${by} The questions are never added up.`;
  const { both, means } = total;
  const answered = `Answered in full both times: ${shownInWords(both, fewerThan)}.`;
  return means
    ? `${by} ${answered} Mean total, of ${mostOf(instrument)}: ${means.first.toFixed(1)} first, ${means.last.toFixed(1)} last; lower is better.`
    : `${by} ${answered}`;
}

function rowInWords(name: string): string {
  const code = name.replace('attendance-', '');
  return name === code ? (ROWS[name] ?? name) : `${attendanceWords[code as Attendance]} (${code})`;
}

/** What is shown of a count. */
export function shownInWords(shown: Shown, fewerThan: number): string {
  switch (shown.state) {
    case 'number':
      return String(shown.count);
    case 'few':
      return `fewer than ${fewerThan}`;
    case 'withheld':
      return 'not shown';
  }
}

/** A count with its share, where both it and the whole are shown: "12 (60%)". */
function shareInWords(part: Shown, whole: Shown, fewerThan: number): string {
  const words = shownInWords(part, fewerThan);
  if (part.state !== 'number' || whole.state !== 'number' || whole.count === 0) return words;
  return `${words} (${Math.round((100 * part.count) / whole.count)}%)`;
}

/** "October to December 2026". */
export function periodInWords({ from, to }: Period): string {
  const [first, last] = [from, to].map((month) => {
    const day = new Date(`${month}-15T12:00:00Z`);
    return {
      month: new Intl.DateTimeFormat('en-GB', { month: 'long' }).format(day),
      year: month.slice(0, 4),
    };
  });
  if (!first || !last) return '';
  if (from === to) return `${last.month} ${last.year}`;
  return `${first.month}${first.year === last.year ? '' : ` ${first.year}`} to ${last.month} ${last.year}`;
}

/** The same numbers as rows of a file: what the report is about, then one row for each cell. */
export function rowsOfReport(view: ReportView & { report: Report }): string[][] {
  const { programme, period, over, now, fewerThan, report } = view;
  return [
    ['table', 'row', 'column', 'value'],
    ['About', 'Programme', '', programme.name],
    ['About', 'Provider', '', programme.provider.name],
    ['About', 'Period', '', periodInWords(period)],
    ['About', 'Made on', '', dateInWords(now)],
    ...(over ? [] : [['About', 'The period is not over', '', 'not to be passed on']]),
    ...tablesOf(report, fewerThan).flatMap(({ name: table, columns, rows, note }) => [
      ...rows.flatMap(({ name, cells }) => cells.map((cell, i) => [table, name, columns[i + 1] ?? '', cell])),
      ...(note === undefined ? [] : [[table, 'Note', '', note]]),
    ]),
  ];
}
