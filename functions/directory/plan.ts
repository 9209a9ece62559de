/** What a file would change in the directory: shown before anything is done, and done as it was shown. */
import { createHash } from 'node:crypto';
import { oddStarts } from '../../workflows/cohort-start.ts';
import { PROGRAMME_ID, type Programme } from '../../workflows/directory.ts';
import {
  changesBetween,
  EMPTY_ENTRY,
  ENTRY_FIELDS,
  ENTRY_LABELS,
  type Entry,
  type EntryChange,
  type EntryErrors,
  type EntryField,
  entryOf,
  programmeIdFrom,
  readEntry,
} from '../../workflows/directory-entry.ts';
import { brokenPromises, type PlacesSummary } from '../../workflows/places.ts';
import { londonDate } from '../../workflows/time.ts';
import { serviceIdOf } from '../shared/directory/service.ts';
import type { StoredEntry, ToCheck } from '../shared/directory/store.ts';
import { oddStartsInWords, promisesInWords } from './fields.ts';
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
  /** It is a service of somebody else's directory. */
  theirs?: true;
  /** What of it has no place in an entry, beside the field that says the rest. */
  left?: readonly ToCheck[];
  /** What is wrong with the row, where it cannot be read. */
  error?: string;
};

/** `toCheck`: what somebody else's service does not say, or not as an entry does. `odd`: which groups start on a day on which nobody expects it. */
export type PlannedRow = {
  row: string;
  name: string;
  toCheck?: readonly ToCheck[];
  odd?: readonly string[];
} & (
  | { state: 'new'; programme: Programme }
  | { state: 'changed'; programme: Programme; before: StoredEntry | undefined; changes: EntryChange[] }
  | { state: 'unchanged' }
  | { state: 'error'; errors: string[] }
);

/** What every entry says and somebody else's service may not: said once for all of a file, and checked one by one before people are referred. */
export const DEFAULTED = [
  'kind',
  'providerEmail',
  'sessionCount',
  'sessionMinutes',
  'weekday',
  'time',
  'place',
] as const satisfies readonly EntryField[];
/** Said of a field that the file has nothing for. */
export const MISSING = 'the file does not say it';

export type Defaults = Partial<Record<(typeof DEFAULTED)[number], string>>;

/**
 * What is to be done for each row. `stored`: the entries that are in the table; `places`: what is promised of their places; `defaults`: what is
 * to be taken for somebody else's services where they do not say it.
 */
export function planOf(
  rows: readonly FileRow[],
  directory: readonly Programme[],
  { stored, places }: { stored: readonly StoredEntry[]; places: ReadonlyMap<string, PlacesSummary> },
  now: string,
  defaults: Defaults = {},
): PlannedRow[] {
  const byId = new Map(directory.map((programme) => [programme.id, programme]));
  const byUuid = new Map(directory.map(({ id }) => [serviceIdOf(id), id]));
  const versions = new Map(stored.map((version) => [version.programme.id, version]));
  const seen = new Map<string, string>();
  return rows.map((each): PlannedRow => {
    const { row, error, theirs, uuid } = each;
    // Their own id is what tells somebody else's services apart: many are called alike.
    const known = uuid && byUuid.get(uuid);
    const id = each.id || known || (theirs && uuid) || programmeIdFrom(each.entry.name ?? '');
    const name = each.entry.name?.trim() || each.id || row;
    const wrong = (...errors: string[]): PlannedRow => ({ row, name, state: 'error', errors });
    if (error !== undefined) return wrong(error);
    if (!PROGRAMME_ID.test(id) || id.length > 60) {
      return wrong('id: use small letters, digits and hyphens, or leave it empty for a new entry');
    }
    const other = seen.get(id);
    if (other !== undefined) return wrong(`This is the same entry as in ${other}: leave one of them out`);
    seen.set(id, row);
    const garbled = garbledIn(each.entry);
    if (garbled.length > 0) return wrong(...garbled);
    const current = byId.get(id);
    const before = current && entryOf(current);
    const version = versions.get(id);
    const { entry, toCheck } = theirs
      ? completed(each, before, version, directory, defaults)
      : { entry: { ...(before ?? EMPTY_ENTRY), ...each.entry }, toCheck: [] };
    const more = toCheck.length === 0 ? {} : { toCheck };
    const read = readEntry(id, entry, londonDate(now));
    if ('errors' in read) {
      const errors = Object.entries(read.errors) as [EntryField, string][];
      const isMissing = (name: EntryField) =>
        entry[name] === '' && toCheck.some(({ field }) => field === name);
      const others = errors.filter(([field]) => !isMissing(field));
      return { ...wrong(...others.map(([field, message]) => `${ENTRY_LABELS[field]}: ${message}`)), ...more };
    }
    const { programme } = read;
    const odd = oddStartsInWords(oddStarts(programme, current, now), programme);
    const said = { ...more, ...(odd.length === 0 ? {} : { odd }) };
    if (!before) return { row, name: programme.name, state: 'new', programme, ...said };
    const changes = changesBetween(before, entryOf(programme));
    if (changes.length === 0) return { row, name: programme.name, state: 'unchanged' };
    const summary = places.get(id);
    if (summary && changes.some(({ field }) => field === 'cohorts')) {
      const broken = brokenPromises(summary, programme);
      const errors = promisesInWords(broken, startIn(summary.cohorts));
      if (broken.length > 0) return wrong(...errors.map((error) => `${ENTRY_LABELS.cohorts}: ${error}`));
    }
    return { row, name: programme.name, state: 'changed', programme, before: version, changes, ...said };
  });
}

/**
 * Somebody else's service as an entry. A new one is closed until somebody has looked at it, and stays so when it comes again before that: part
 * of it was never said by whoever runs it.
 */
function completed(
  { entry: said, left = [] }: FileRow,
  before: Entry | undefined,
  version: StoredEntry | undefined,
  directory: readonly Programme[],
  defaults: Defaults,
): { entry: Entry; toCheck: readonly ToCheck[] } {
  const entry = { ...(before ?? EMPTY_ENTRY), ...said };
  if (before && !version?.toCheck) return { entry, toCheck: [] };
  if (entry.status.trim().toLowerCase() === 'active') entry.status = 'temporarily closed';
  if (before) return { entry, toCheck: version?.toCheck ?? [] };
  const missing = DEFAULTED.filter((field) => entry[field] === '');
  for (const field of missing) entry[field] = defaults[field] ?? '';
  const alike = directory.some(
    ({ name, provider }) => name === entry.name && provider.name === entry.providerName,
  );
  return {
    entry,
    toCheck: [
      ...missing.map((field) => ({ field, note: MISSING })),
      ...left,
      ...(alike ? [{ field: 'name', note: 'this provider has an entry of this name already' } as const] : []),
    ],
  };
}

/** What is wrong with what is to be taken where a file does not say it. */
export function errorsOfDefaults(defaults: Defaults, today: string): EntryErrors {
  const read = readEntry('defaults', { ...EMPTY_ENTRY, ...defaults }, today);
  const errors = 'errors' in read ? read.errors : {};
  return Object.fromEntries(Object.entries(errors).filter(([field]) => field in defaults));
}

/** Letters that were lost, and the pairs that UTF-8 turns into where it was read as something else: nobody writes them. */
const LOST = /\S*\ufffd\S*/;
const MISREAD = /\S*(?:[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ]|â€|ðŸ|à¦|à§)\S*/;

/** What was broken in a row before it came here, for each field. */
function garbledIn(entry: Partial<Entry>): string[] {
  return ENTRY_FIELDS.flatMap((field) => {
    const found = (LOST.exec(entry[field] ?? '') ?? MISREAD.exec(entry[field] ?? ''))?.[0].slice(0, 40);
    return found === undefined
      ? []
      : [
          `${ENTRY_LABELS[field]}: letters were lost on the way, as in “${found}”. Save the file as UTF-8, and bring it in again`,
        ];
  });
}

/** Stands for a row of a plan to the letter, with the version that it was made for: another one has another digest. */
export function digestOf(row: PlannedRow): string {
  const part = row.state === 'changed' ? { ...row, before: row.before?.version ?? 0 } : row;
  return createHash('sha256').update(JSON.stringify(part)).digest('base64url').slice(0, 22);
}

/** Whether there is anything to do. */
export function isWork(row: PlannedRow): row is Extract<PlannedRow, { state: 'new' | 'changed' }> {
  return row.state === 'new' || row.state === 'changed';
}
