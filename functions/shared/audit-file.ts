/** The audit of one referral: its newest entries, and all of them as a file. */
import { type AuditEntry, auditEntrySchema } from './audit-entry.ts';
import { newestOfCase } from './case-file.ts';
import { csvOf } from './csv.ts';

/** So many entries are read for one part of a file: small enough for one answer of DynamoDB. */
const IN_PART = 500;
/** A file has so many parts and no more: what a function may answer has an end. */
const PARTS = 10;

/** The newest entries, or the newest before one of them. */
export function newestEntries(
  table: string,
  id: string,
  limit: number,
  before?: string,
): Promise<AuditEntry[]> {
  return newestOfCase(table, { id, kind: 'AUDIT', limit, before }, auditEntrySchema);
}

/** The place of an entry among the others. */
export function cursorOf({ at, requestId }: AuditEntry): string {
  return `${at}#${requestId}`;
}

const COLUMNS = ['time', 'kind', 'page', 'link', 'name', 'account', 'roles', 'teams', 'reason'];

/** Every entry as CSV, the newest first. Costs one request for each few hundred. */
export async function auditFile(table: string, id: string): Promise<string> {
  const entries: AuditEntry[] = [];
  for (let part = 0; part < PARTS; part++) {
    const last = entries.at(-1);
    const more = await newestEntries(table, id, IN_PART, last && cursorOf(last));
    entries.push(...more);
    if (more.length < IN_PART) break;
  }
  const rows = entries.map(({ at, kind, page, link, by, name, roles, teams, reason }) =>
    [at, kind ?? 'look', page, link, name, by, roles?.join(' '), teams?.join(' '), reason].map(
      (cell) => cell ?? '',
    ),
  );
  const cut = entries.length < PARTS * IN_PART ? [] : [['', 'older entries are left out']];
  return csvOf([COLUMNS, ...rows, ...cut]);
}
