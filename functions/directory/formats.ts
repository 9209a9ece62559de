/** The files that the directory comes and goes in: CSV with a column for each field, and Open Referral UK's JSON. */
import { CsvError, type CsvErrorCode, parse } from 'csv-parse/sync';
import * as z from 'zod/mini';
import { ENTRY_FIELDS, type Entry, type EntryField, WEEKDAYS } from '../../workflows/directory-entry.ts';
import { unescapeCell } from '../shared/csv.ts';
import { DAYS } from '../shared/directory/service.ts';
import type { FileRow } from './plan.ts';

/** What the columns of a CSV file are called: `providerEmail` is provider_email. */
export const COLUMNS = Object.fromEntries(
  ENTRY_FIELDS.map((field) => [field, field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]),
) as Record<EntryField, string>;

/** What a referral needs to know and Open Referral UK has no field for. */
export const JSON_ONLY_FIELDS = [
  'kind',
  'example',
  'areaName',
  'postcodeDistricts',
  'gpPracticeCodes',
  'needs',
  'access',
  'sessionCount',
  'sessionMinutes',
  'place',
  'directions',
  'bring',
  'postcode',
  'cohorts',
] as const satisfies readonly EntryField[];

/** A file is no bigger than this, in characters: so much of a table fits into a form (functions/shared/body.ts). */
export const MOST_CHARACTERS = 200_000;
/** And has no more rows. */
export const MOST_ROWS = 300;

/** What a file says, row by row, or what is wrong with it as a whole. */
export function readFile(text: string): { rows: FileRow[] } | { error: string } {
  if (text.trim() === '') return { error: 'Paste what the file holds' };
  if (text.length > MOST_CHARACTERS) {
    return {
      error: `This is too much at once: use ${MOST_CHARACTERS.toLocaleString('en-GB')} characters or fewer`,
    };
  }
  const read = /^\s*[[{]/.test(text) ? readJson(text) : readCsv(text);
  if ('rows' in read && read.rows.length > MOST_ROWS) {
    return { error: `These are ${read.rows.length} rows: use ${MOST_ROWS} or fewer at once` };
  }
  return read;
}

/** Which character stands between the cells: what is pasted from a spreadsheet has tabs, and some of them save semicolons. */
function delimiterOf(text: string): string {
  const [first = ''] = text.trimStart().split(/\r?\n|\r/, 1);
  const count = (each: string) => first.split(each).length;
  return [',', '\t', ';'].reduce((best, each) => (count(each) > count(best) ? each : best));
}

const CSV_ERRORS: Partial<Record<CsvErrorCode, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quotation mark is opened and not closed',
  INVALID_OPENING_QUOTE: 'a quotation mark stands in the middle of a cell: put the cell into quotation marks',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a closing quotation mark: double the marks inside the cell',
};

function readCsv(text: string): { rows: FileRow[] } | { error: string } {
  let cells: string[][];
  try {
    cells = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const what = CSV_ERRORS[error.code] ?? 'it cannot be read';
    return { error: `This is not CSV. At line ${error.lines ?? 1}, ${what}` };
  }
  const [header = [], ...records] = cells;
  const fields = new Map<string, EntryField>(ENTRY_FIELDS.map((field) => [COLUMNS[field], field]));
  const columns = header.map((name) => name.trim().toLowerCase().replace(/\s+/g, '_'));
  const unknown = columns.filter((name) => name !== 'id' && !fields.has(name));
  if (!columns.includes('name') && !columns.includes('id')) {
    return { error: 'The first row must name the columns, and one of them must be id or name' };
  }
  if (unknown.length > 0) {
    return {
      error: `There is no column ${unknown.join(', ')}. The columns are id, ${Object.values(COLUMNS).join(', ')}`,
    };
  }
  if (new Set(columns).size < columns.length)
    return { error: 'A column is there twice: leave one of them out' };
  const rows = records.map((record, i): FileRow => {
    const row: FileRow = { row: `Row ${i + 2}`, id: '', entry: {} };
    if (record.length > columns.length) {
      row.error = `This row has ${record.length} cells, and there are ${columns.length} columns: put cells with commas into quotation marks`;
    }
    for (const [at, column] of columns.entries()) {
      const cell = unescapeCell(record[at] ?? '');
      const field = fields.get(column);
      if (field) row.entry[field] = cell;
      else row.id = cell.trim();
    }
    return row;
  });
  return { rows };
}

/** As text, whatever others write. */
const textual = z.pipe(
  z.union([z.string(), z.number(), z.boolean()]),
  z.transform((value: string | number | boolean) => String(value)),
);
const optional = z.nullish(textual);
const named = z.nullish(z.looseObject({ name: optional, email: optional }));

/** As much of a service of Open Referral UK as an entry has fields for. */
const service = z.looseObject({
  id: optional,
  programmeId: optional,
  name: optional,
  description: optional,
  status: optional,
  email: optional,
  minimum_age: optional,
  maximum_age: optional,
  assured_date: optional,
  organization: named,
  languages: z.nullish(z.array(z.looseObject({ name: optional }))),
  cost_options: z.nullish(
    z.array(z.looseObject({ option: optional, amount: z.nullish(z.number()), amount_description: optional })),
  ),
  schedules: z.nullish(
    z.array(z.looseObject({ byday: optional, opens_at: optional, closes_at: optional, dtstart: optional })),
  ),
  referralProgramme: z.nullish(z.record(z.string(), textual)),
});
type ServiceRead = z.infer<typeof service>;

function readJson(text: string): { rows: FileRow[] } | { error: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { error: 'This begins like JSON and is not: copy the whole file' };
  }
  const services = servicesIn(json);
  if (!services) {
    return {
      error: 'There are no services in this: paste a page of services of Open Referral UK, or a list of them',
    };
  }
  const rows = services.map((each, i): FileRow => {
    const row = `Service ${i + 1}`;
    const read = service.safeParse(each);
    if (read.success) return { row, ...entryOfService(read.data) };
    const where = read.error.issues[0]?.path.join('.') ?? '';
    return {
      row,
      id: '',
      entry: {},
      error: `This is no service of Open Referral UK: look at ${where || 'it'}`,
    };
  });
  return { rows };
}

function servicesIn(json: unknown): unknown[] | undefined {
  if (Array.isArray(json)) return json;
  if (typeof json !== 'object' || json === null) return undefined;
  for (const name of ['contents', 'content', 'services']) {
    const list: unknown = Reflect.get(json, name);
    if (Array.isArray(list)) return list;
  }
  return 'name' in json ? [json] : undefined;
}

/** What Open Referral UK leaves out is empty; what it has no field for is as it was, unless the file says it in our words. */
function entryOfService(from: ServiceRead): Pick<FileRow, 'id' | 'uuid' | 'entry'> {
  const [schedule] = from.schedules ?? [];
  const [cost] = from.cost_options ?? [];
  const email = from.email ?? from.organization?.email ?? undefined;
  const minutes = minutesBetween(schedule?.opens_at, schedule?.closes_at);
  const entry: Partial<Entry> = {
    name: from.name ?? '',
    description: from.description ?? '',
    providerName: from.organization?.name ?? '',
    status: from.status ?? '',
    minimumAge: from.minimum_age ?? '',
    maximumAge: from.maximum_age ?? '',
    languages: (from.languages ?? []).map(({ name }) => name ?? '').join(', '),
    cost: cost ? (cost.amount === 0 ? 'free' : 'not free') : '',
    costDetail: costDetailOf(cost),
    assuredOn: (from.assured_date ?? '').slice(0, 10),
    ...(email === undefined ? {} : { providerEmail: email }),
    ...(schedule
      ? {
          weekday: WEEKDAYS.find((_, i) => DAYS[i] === schedule.byday) ?? '',
          time: (schedule.opens_at ?? '').slice(0, 5),
          startsOn: (schedule.dtstart ?? '').slice(0, 10),
        }
      : {}),
    ...(minutes === undefined ? {} : { sessionMinutes: minutes }),
  };
  const ours = from.referralProgramme;
  if (ours) for (const field of JSON_ONLY_FIELDS) entry[field] = ours[field] ?? '';
  return { id: from.programmeId ?? '', uuid: from.id ?? undefined, entry };
}

function costDetailOf(cost: NonNullable<ServiceRead['cost_options']>[number] | undefined): string {
  if (!cost) return '';
  if (cost.amount_description) return cost.amount_description;
  if (cost.amount) return `£${cost.amount}`;
  return cost.option && !['Free', 'Not free'].includes(cost.option) ? cost.option : '';
}

/** How many minutes lie between two times of day, as text; past midnight it begins again. */
function minutesBetween(from: string | null | undefined, to: string | null | undefined): string | undefined {
  const [start, end] = [from, to].map((time) => {
    const [, hour, minute] = /^(\d{1,2}):(\d{2})/.exec(time ?? '') ?? [];
    return hour === undefined ? Number.NaN : Number(hour) * 60 + Number(minute);
  });
  const minutes = ((end ?? Number.NaN) - (start ?? Number.NaN) + 24 * 60) % (24 * 60);
  return minutes > 0 ? String(minutes) : undefined;
}
