/** Bringing a file in: first what it would change, then exactly that. */
import { clean } from '../../workflows/checks.ts';
import type { Programme } from '../../workflows/directory.ts';
import { changesBetween, ENTRY_LABELS, type EntryErrors, entryOf } from '../../workflows/directory-entry.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { londonDate } from '../../workflows/time.ts';
import { withEntries } from '../shared/directory/directory.ts';
import { placesOfAll } from '../shared/directory/places.ts';
import { storedEntries, storedEntry, storeEntry } from '../shared/directory/store.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { type PageResult, redirect, type Visit } from '../shared/web.ts';
import { begunInWords } from './fields.ts';
import { readFile } from './formats.ts';
import { begunAnew, movesOf } from './groups.ts';
import { tellNewAddress } from './new-address.ts';
import { defaultBox, importPage, planPage } from './pages/import-views.ts';
import { isOfGroups, takeOver } from './places.ts';
import {
  DEFAULTED,
  type Defaults,
  digestOf,
  errorsOfDefaults,
  isWork,
  type PlannedRow,
  planOf,
} from './plan.ts';

export async function showImport(_: Visit, who: SignedIn): Promise<PageResult> {
  return importPage(siteFor(who));
}

/** Lambda answers with 6 MB, of which some are the answer's own. */
const MOST_ANSWERED = 6_000_000;

/** As `answerFile`, unless the page would be longer than can be sent, as it is where a large file is all quotation marks. */
export async function importFile(visit: Visit, who: SignedIn): Promise<PageResult> {
  const answer = await answerFile(visit, who);
  const fits = Buffer.byteLength(JSON.stringify(answer.body ?? '')) <= MOST_ANSWERED;
  return fits ? answer : problemPage('file-too-large', siteFor(who));
}

/** Shows what a file would change. With the digests of what was shown, does it, unless something else is to be done by then. */
async function answerFile({ fields, now }: Visit, who: SignedIn): Promise<PageResult> {
  // Whoever puts a file right chooses it again, and the box still holds what it was.
  const file = fields.upload || (fields.file ?? '');
  const read = readFile(file);
  if ('error' in read) {
    return importPage({ ...siteFor(who), form: { values: { file }, errors: { file: read.error } } });
  }
  const defaults = defaultsIn(fields);
  const plan = async () => {
    const { TABLE_NAME } = environment('record');
    const [stored, places] = await Promise.all([storedEntries(TABLE_NAME), placesOfAll(TABLE_NAME)]);
    const directory = withEntries(stored);
    const planned = planOf(read.rows, directory, { stored, places }, now, defaults);
    return Promise.all(planned.map((row) => withoutMoves(row, directory, now)));
  };
  const rows = await plan();
  const show = (rows: readonly PlannedRow[], changed: boolean) =>
    planPage({
      ...siteFor(who),
      ...{ file, rows, defaults, changed },
      shown: rows.filter(isWork).map(digestOf),
      errors: inBoxes(errorsOfDefaults(defaults, londonDate(now))),
    });
  const isAsShown = fields.planned === JSON.stringify(defaults);
  if (fields.action !== 'apply' || !isAsShown) return show(rows, false);
  const work = rows.filter(isWork);
  // What is done by now, by the same form sent twice, was shown and is no work any more.
  const shown = new Set((fields.shown ?? '').split(' '));
  if (!work.every((row) => shown.has(digestOf(row)))) return show(rows, true);
  const all = await applyRows(work, who, now);
  return all ? redirect('/directory?imported=yes') : show(await plan(), true);
}

/** What the form says once for all services that do not say it. */
function defaultsIn(fields: Visit['fields']): Defaults {
  return Object.fromEntries(
    DEFAULTED.flatMap((field) => {
      const value = clean(fields[defaultBox(field)]);
      return value === '' ? [] : [[field, value]];
    }),
  );
}

function inBoxes(errors: EntryErrors): FieldErrors {
  return Object.fromEntries(
    DEFAULTED.flatMap((field) => {
      const error = errors[field];
      return error === undefined ? [] : [[defaultBox(field), error]];
    }),
  );
}

/** A row that would have a group start anew is wrong. One that would move sessions of people who have begun is left to the entry's own page, which says which ones they are. */
async function withoutMoves(
  row: PlannedRow,
  directory: readonly Programme[],
  now: string,
): Promise<PlannedRow> {
  const before = row.state === 'changed' && directory.find(({ id }) => id === row.programme.id);
  if (row.state !== 'changed' || !before) return row;
  const wrong = (errors: string[]): PlannedRow => ({ row: row.row, name: row.name, state: 'error', errors });
  const begun = await begunAnew(before, row.programme, now);
  if (begun.length > 0) return wrong(begunInWords(begun).map((error) => `${ENTRY_LABELS.cohorts}: ${error}`));
  const groups = await movesOf(before, row.programme, row.changes, now);
  if (groups.length === 0) return row;
  return wrong([
    'People have begun, and their sessions would move: make this change on the page of the entry, which shows them',
  ]);
}

/** Stores row by row, each on the version that was shown. False when somebody made something else of one of them at the same moment: it is left. */
async function applyRows(
  rows: readonly Extract<PlannedRow, { state: 'new' | 'changed' }>[],
  who: SignedIn,
  at: string,
): Promise<boolean> {
  let all = true;
  const regrouped: string[] = [];
  for (const row of rows) {
    const result = await applyRow(row, who, at);
    if (result === 'stored' && isOfGroups(row.programme, row.state === 'changed' ? row.changes : []))
      regrouped.push(row.programme.id);
    all &&= result !== 'lost';
  }
  await Promise.all(regrouped.map((id) => takeOver(id, at)));
  return all;
}

/** `there`: somebody stored the very same at the same moment, as whoever presses twice does. */
async function applyRow(
  row: Extract<PlannedRow, { state: 'new' | 'changed' }>,
  { name }: SignedIn,
  at: string,
): Promise<'stored' | 'there' | 'lost'> {
  const { TABLE_NAME } = environment('record');
  const { programme, toCheck } = row;
  const [before, changes] = row.state === 'changed' ? [row.before, row.changes] : [undefined, []];
  const entry = { programme, at, how: 'imported', name, changes, ...(toCheck ? { toCheck } : {}) } as const;
  await tellNewAddress(programme, changes, at);
  if (await storeEntry(TABLE_NAME, before, entry)) {
    note(Message.directoryChanged, { programmeId: programme.id });
    return 'stored';
  }
  const there = await storedEntry(TABLE_NAME, programme.id);
  const isSame = there && changesBetween(entryOf(there.programme), entryOf(programme)).length === 0;
  return isSame ? 'there' : 'lost';
}
