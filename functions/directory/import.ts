/** Bringing a file in: first what it would change, then exactly that. */
import { londonDate } from '../../workflows/time.ts';
import { withEntries } from '../shared/directory/directory.ts';
import { placesOfAll } from '../shared/directory/places.ts';
import { storedEntries, storeEntry } from '../shared/directory/store.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { type PageResult, redirect, type Visit } from '../shared/web.ts';
import { readFile } from './formats.ts';
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
    return planOf(read.rows, withEntries(stored), { stored, places }, londonDate(now));
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
