/** Bringing a file in: first what it would change, then exactly that. */
import type { Programme } from '../../workflows/directory.ts';
import { londonDate } from '../../workflows/time.ts';
import { withEntries } from '../shared/directory/directory.ts';
import { placesOfAll } from '../shared/directory/places.ts';
import { storedEntries, storeEntry } from '../shared/directory/store.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { type PageResult, redirect, type Visit } from '../shared/web.ts';
import { readFile } from './formats.ts';
import { movesOf } from './groups.ts';
import { importPage, planPage } from './pages/views.ts';
import { isOfGroups, takeOver } from './places.ts';
import { digestOf, isWork, type PlannedRow, planOf } from './plan.ts';

export async function showImport(_: Visit, who: SignedIn): Promise<PageResult> {
  return importPage(siteFor(who));
}

/** Shows what a file would change. With the digest of what was shown, does it, unless the directory has changed in between. */
export async function importFile({ fields, now }: Visit, who: SignedIn): Promise<PageResult> {
  const { file = '', shown } = fields;
  const read = readFile(file);
  if ('error' in read) {
    return importPage({ ...siteFor(who), form: { values: { file }, errors: { file: read.error } } });
  }
  const plan = async () => {
    const { TABLE_NAME } = environment('record');
    const [stored, places] = await Promise.all([storedEntries(TABLE_NAME), placesOfAll(TABLE_NAME)]);
    const directory = withEntries(stored);
    const planned = planOf(read.rows, directory, { stored, places }, londonDate(now));
    return Promise.all(planned.map((row) => withoutMoves(row, directory, now)));
  };
  const rows = await plan();
  const show = (rows: readonly PlannedRow[], changed: boolean) =>
    planPage({ ...siteFor(who), file, rows, digest: digestOf(rows), changed });
  if (fields.action !== 'apply') return show(rows, false);
  // Sent twice: all of it is there.
  if (!rows.some(isWork)) return redirect('/directory?imported=yes');
  if (shown !== digestOf(rows)) return show(rows, true);
  const all = await applyRows(rows.filter(isWork), who, now);
  return all ? redirect('/directory?imported=yes') : show(await plan(), true);
}

/** A row that would move sessions of people who have begun is left to the entry's own page, which says which ones they are. */
async function withoutMoves(
  row: PlannedRow,
  directory: readonly Programme[],
  now: string,
): Promise<PlannedRow> {
  const before = row.state === 'changed' && directory.find(({ id }) => id === row.programme.id);
  if (row.state !== 'changed' || !before) return row;
  const groups = await movesOf(before, row.programme, row.changes, now);
  if (groups.length === 0) return row;
  const error =
    'People have begun, and their sessions would move: make this change on the page of the entry, which shows them';
  return { row: row.row, name: row.name, state: 'error', errors: [error] };
}

/** Stores row by row, each on the version that was shown. False when somebody changed one of them at the same moment: it is left. */
async function applyRows(
  rows: readonly Extract<PlannedRow, { state: 'new' | 'changed' }>[],
  who: SignedIn,
  at: string,
): Promise<boolean> {
  const { TABLE_NAME } = environment('record');
  let all = true;
  const regrouped: string[] = [];
  for (const row of rows) {
    const { programme } = row;
    const [before, changes] = row.state === 'changed' ? [row.before, row.changes] : [undefined, []];
    const entry = { programme, at, how: 'imported', name: who.name, changes } as const;
    const stored = await storeEntry(TABLE_NAME, before, entry);
    if (stored) note(Message.directoryChanged, { programmeId: programme.id });
    if (stored && isOfGroups(programme, changes)) regrouped.push(programme.id);
    all &&= stored;
  }
  await Promise.all(regrouped.map((id) => takeOver(id, at)));
  return all;
}
