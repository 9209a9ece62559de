/** What a file would change in the directory: shown before anything is done, and done as it was shown. */
import { createHash } from 'node:crypto';
import { PROGRAMME_ID, type Programme } from '../../workflows/directory.ts';
import {
  changesBetween,
  EMPTY_ENTRY,
  ENTRY_LABELS,
  type Entry,
  type EntryChange,
  type EntryField,
  entryOf,
  programmeIdFrom,
  readEntry,
} from '../../workflows/directory-entry.ts';
import { brokenPromises, type PlacesSummary } from '../../workflows/places.ts';
import { serviceIdOf } from '../shared/directory/service.ts';
import type { StoredEntry } from '../shared/directory/store.ts';
import { promisesInWords } from './fields.ts';
import { startIn } from './places.ts';

/** What one row of a file says: the fields that it has. */
export type FileRow = {
  /** Which one it is, in words. */
  row: string;
  /** Empty where the file says none. */
  id: string;
  /** Of a service of Open Referral UK. */
  uuid?: string | undefined;
  entry: Partial<Entry>;
  /** What is wrong with the row, where it cannot be read. */
  error?: string;
};

export type PlannedRow = { row: string; name: string } & (
  | { state: 'new'; programme: Programme }
  | { state: 'changed'; programme: Programme; before: StoredEntry | undefined; changes: EntryChange[] }
  | { state: 'unchanged' }
  | { state: 'error'; errors: string[] }
);

/** What is to be done for each row. `stored`: the entries that are in the table; `places`: what is promised of their places. */
export function planOf(
  rows: readonly FileRow[],
  directory: readonly Programme[],
  { stored, places }: { stored: readonly StoredEntry[]; places: ReadonlyMap<string, PlacesSummary> },
  today: string,
): PlannedRow[] {
  const byId = new Map(directory.map((programme) => [programme.id, programme]));
  const byUuid = new Map(directory.map(({ id }) => [serviceIdOf(id), id]));
  const seen = new Map<string, string>();
  return rows.map((each): PlannedRow => {
    const { row, entry, error } = each;
    const id = each.id || (each.uuid && byUuid.get(each.uuid)) || programmeIdFrom(entry.name ?? '');
    const name = entry.name?.trim() || each.id || row;
    const wrong = (...errors: string[]): PlannedRow => ({ row, name, state: 'error', errors });
    if (error !== undefined) return wrong(error);
    if (!PROGRAMME_ID.test(id) || id.length > 60) {
      return wrong('id: use small letters, digits and hyphens, or leave it empty for a new entry');
    }
    const other = seen.get(id);
    if (other !== undefined) return wrong(`This is the same entry as in ${other}: leave one of them out`);
    seen.set(id, row);
    const current = byId.get(id);
    const before = current && entryOf(current);
    const read = readEntry(id, { ...(before ?? EMPTY_ENTRY), ...entry }, today);
    if ('errors' in read) {
      const errors = Object.entries(read.errors) as [EntryField, string][];
      return wrong(...errors.map(([field, message]) => `${ENTRY_LABELS[field]}: ${message}`));
    }
    const { programme } = read;
    if (!before) return { row, name: programme.name, state: 'new', programme };
    const changes = changesBetween(before, entryOf(programme));
    if (changes.length === 0) return { row, name: programme.name, state: 'unchanged' };
    const summary = places.get(id);
    if (summary && changes.some(({ field }) => field === 'cohorts')) {
      const broken = brokenPromises(summary, programme);
      const errors = promisesInWords(broken, startIn(summary.cohorts));
      if (broken.length > 0) return wrong(...errors.map((error) => `${ENTRY_LABELS.cohorts}: ${error}`));
    }
    const version = stored.find((version) => version.programme.id === id);
    return { row, name: programme.name, state: 'changed', programme, before: version, changes };
  });
}

/** Stands for a plan to the letter, with the versions that it was made for: another one has another digest. */
export function digestOf(plan: readonly PlannedRow[]): string {
  const parts = plan.map((row) =>
    row.state === 'changed' ? { ...row, before: row.before?.version ?? 0 } : row,
  );
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** Whether there is anything to do. */
export function isWork(row: PlannedRow): row is Extract<PlannedRow, { state: 'new' | 'changed' }> {
  return row.state === 'new' || row.state === 'changed';
}
