/** The files that the directory comes and goes in: CSV with a column for each field, and Open Referral UK's JSON. */
import { CsvError, type CsvErrorCode, parse } from 'csv-parse/sync';
import { ENTRY_FIELDS, type EntryField } from '../../workflows/directory-entry.ts';
import { unescapeCell } from '../shared/csv.ts';
import { readServices } from './open-referral.ts';
import type { FileRow } from './plan.ts';

/** What the columns of a CSV file are called: `providerEmail` is provider_email. */
export const COLUMNS = Object.fromEntries(
  ENTRY_FIELDS.map((field) => [field, field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]),
) as Record<EntryField, string>;

/** A file is no bigger than this, in bytes, as computers say of files: 300 entries are 0.7 MB as JSON, and 1.1 MB in a script of three bytes a letter. */
export const MOST_BYTES = 2_000_000;
/** And has no more rows. */
export const MOST_ROWS = 300;

/** What a file says, row by row, or what is wrong with it as a whole. */
export function readFile(text: string): { rows: FileRow[] } | { error: string } {
  if (text.trim() === '') return { error: 'Choose a file, or paste what it holds' };
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) return { error: `This is ${sizeInWords(bytes)}: use 2 MB or less at once` };
  const read = /^\s*[[{]/.test(text) ? readServices(text) : readCsv(text);
  if ('rows' in read && read.rows.length > MOST_ROWS) {
    return { error: `These are ${read.rows.length} rows: use ${MOST_ROWS} or fewer at once` };
  }
  return read;
}

/** So many bytes as people read of files, rounded up. */
function sizeInWords(bytes: number): string {
  return `${Math.ceil(bytes / 10_000) / 100} MB`;
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
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const what = CSV_ERRORS[error.code] ?? 'it cannot be read';
    return { error: `This is not CSV. At line ${error.lines ?? 1}, ${what}` };
  }
  // Rows are called by where they stand in the spreadsheet, where empty ones count too. It often saves some after the last.
  const filled = cells
    .map((record, i) => ({ record, number: i + 1 }))
    .filter(({ record }) => record.some((cell) => cell.trim() !== ''));
  const header = filled[0]?.record ?? [];
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
  const rows = filled.slice(1).map(({ record, number }): FileRow => {
    const row: FileRow = { row: `Row ${number}`, id: '', entry: {} };
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
