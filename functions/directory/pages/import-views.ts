/** The pages where a file comes into the directory. */
import type { Programme } from '../../../workflows/directory.ts';
import { ENTRY_LABELS, WEEKDAYS } from '../../../workflows/directory-entry.ts';
import type { FieldErrors } from '../../../workflows/form.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { MOST_ROWS } from '../formats.ts';
import { DEFAULTED, type Defaults, isWork, MISSING, type PlannedRow } from '../plan.ts';
import importTemplate from './import.njk';
import plan from './plan.njk';
import { changeInWords, counted, ITEMS, toCheckInWords } from './views.ts';

/** Where a file is chosen or pasted. */
export function importPage({ form, ...site }: Site & { form?: Form }) {
  return page(site, {
    title: 'Import a file',
    template: importTemplate,
    context: { limits: `2 MB and ${MOST_ROWS} rows at most: bring in more than that in parts` },
    form,
    fields: ['upload', 'file'],
  });
}

export type PlanView = Site & {
  file: string;
  rows: readonly PlannedRow[];
  /** What was typed for services that do not say it, and what is wrong with it, by the names of the boxes. */
  defaults: Defaults;
  errors?: FieldErrors;
  /** A digest of each row that is to be done. */
  shown: readonly string[];
  /** Something was to be done, and the directory had changed. */
  changed: boolean;
};

/** The name of the box for what is to be taken where the file does not say it. */
export function defaultBox(field: (typeof DEFAULTED)[number]): string {
  return `default-${field}`;
}

/** What a file would change. */
export function planPage({ file, rows, defaults, errors = {}, shown, changed, ...site }: PlanView) {
  const of = <S extends PlannedRow['state']>(state: S) =>
    rows.filter((row): row is Extract<PlannedRow, { state: S }> => row.state === state);
  const [wrong, added, edited, same] = [of('error'), of('new'), of('changed'), of('unchanged')];
  const work = rows.filter(isWork).length;
  const asked = DEFAULTED.filter((field) => [...wrong, ...added].some((row) => isMissing(row, field)));
  const values = Object.fromEntries(DEFAULTED.map((field) => [defaultBox(field), defaults[field] ?? '']));
  const groups = [
    {
      heading: `Cannot be imported (${wrong.length})`,
      hint: `Put these right${asked.length > 0 ? ' above or' : ''} in your file, and bring it in again. If you go on, they are left out.`,
      rows: wrong.map((row) => ({
        ...row,
        errors: [
          ...DEFAULTED.filter((field) => isMissing(row, field) && defaults[field] === undefined).map(
            (field) => `${ENTRY_LABELS[field]}: ${MISSING}`,
          ),
          ...row.errors,
        ],
      })),
    },
    {
      heading: `New (${added.length})`,
      rows: added.map((row) => ({ ...row, checks: checksOf(row), detail: inShort(row.programme) })),
    },
    {
      heading: `Changed (${edited.length})`,
      rows: edited.map((row) => ({
        ...row,
        checks: checksOf(row),
        changes: row.changes.map(changeInWords),
      })),
    },
  ];
  return page(site, {
    title: 'What the file would change',
    template: plan,
    context: {
      file,
      shown: shown.join(' '),
      planned: JSON.stringify(
        Object.fromEntries(
          asked.flatMap((field) => (defaults[field] === undefined ? [] : [[field, defaults[field]]])),
        ),
      ),
      asked: asked.map((field) => ({
        name: defaultBox(field),
        label: ENTRY_LABELS[field],
        ...(field === 'kind' ? { items: ITEMS.kinds } : field === 'weekday' ? { items: ITEMS.weekdays } : {}),
      })),
      changed,
      summary: `${counted(rows.length, 'row', 'rows')}: ${added.length} new, ${edited.length} changed, ${same.length} as they are, ${wrong.length} with errors. Nothing has been changed${changed ? ' of what is shown here' : ''} yet.`,
      groups: groups.filter((group) => group.rows.length > 0),
      unchanged:
        same.length === 0
          ? undefined
          : `${counted(same.length, 'row says', 'rows say')} what the directory says already.`,
      apply: work === 0 ? undefined : `Import ${counted(work, 'entry', 'entries')}`,
    },
    form: { values, errors },
    fields: asked.map(defaultBox),
    ...(changed ? { statusCode: 409 } : {}),
  });
}

function isMissing({ toCheck = [] }: PlannedRow, field: (typeof DEFAULTED)[number]): boolean {
  return toCheck.some((each) => each.field === field && each.note === MISSING);
}

function checksOf({ toCheck = [] }: PlannedRow): string[] {
  return toCheck.map(toCheckInWords);
}

/** Who runs a programme, when and where. */
function inShort({ provider, sessions }: Programme): string {
  return `${provider.name} · ${sessions.count} sessions, ${WEEKDAYS[sessions.weekday - 1]}s at ${sessions.time}, ${sessions.place}`;
}
