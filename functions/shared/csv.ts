/** Tables to take away as CSV, and cells that a spreadsheet does not run. */
import { stringify } from 'csv-stringify/sync';
import type { PageResult } from './web.ts';

/** Spreadsheets take what begins so for a formula, and would run it. */
const FORMULA = /^'*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/;

/** A cell that no spreadsheet takes for a formula. */
export function escapeCell(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** A cell as it was before it was escaped. */
export function unescapeCell(text: string): string {
  return text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
}

/** Rows as CSV, each cell escaped. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  // Spreadsheets take a file for UTF-8 only where its first character says so.
  return stringify(
    rows.map((row) => row.map(escapeCell)),
    { bom: true },
  );
}

/** The answer that browsers store as a file. */
export function download(body: string, type: string, name: string): PageResult {
  return {
    statusCode: 200,
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}

export const CSV = 'text/csv; charset=utf-8';
