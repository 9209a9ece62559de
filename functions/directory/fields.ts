/** The boxes of the form, and the entry that they make: lists are boxes to tick, dates have three boxes, cohorts a row each. */
import { clean, realDate } from '../../workflows/checks.ts';
import { NEEDS } from '../../workflows/directory.ts';
import {
  cohortInWords,
  ENTRY_FIELDS,
  type Entry,
  type EntryErrors,
  MOST_COHORTS,
} from '../../workflows/directory-entry.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { COMMUNICATION_NEEDS } from '../../workflows/referral.ts';

export const ACCESS = Object.keys(COMMUNICATION_NEEDS) as (keyof typeof COMMUNICATION_NEEDS)[];

/** Fields with a box of the same name that holds the same text. */
const PLAIN = ENTRY_FIELDS.filter(
  (field) => !['needs', 'access', 'startsOn', 'cohorts', 'assuredOn', 'example'].includes(field),
);

const COHORT = /^(\S+): (\d+) places?(?:, (\d+) free)?(?: \[(.+)\])?$/;

/** What the boxes hold for an entry. */
export function boxesOf(entry: Entry): Fields {
  const fields: Fields = Object.fromEntries(PLAIN.map((field) => [field, entry[field]]));
  for (const need of wordsIn(entry.needs)) fields[`needs-${need}`] = 'yes';
  for (const need of wordsIn(entry.access)) fields[`access-${need}`] = 'yes';
  if (entry.example === 'yes') fields.example = 'yes';
  putDate(fields, 'startsOn', entry.startsOn);
  const cohorts = entry.cohorts.split('; ').filter((text) => text !== '');
  for (const [i, text] of cohorts.entries()) {
    const [, day = '', capacity = '', free = '', id = ''] = COHORT.exec(text) ?? [];
    const row = rowName(i);
    putDate(fields, `${row}-startsOn`, day);
    Object.assign(fields, { [`${row}-capacity`]: capacity, [`${row}-placesFree`]: free, [`${row}-id`]: id });
  }
  return fields;
}

/** The names of the rows of cohorts, with one more to fill in. */
export function cohortRows(fields: Fields): string[] {
  const used = Array.from({ length: MOST_COHORTS }, (_, i) => rowName(i)).findLastIndex((row) =>
    isUsed(fields, row),
  );
  return Array.from({ length: Math.min(used + 2, MOST_COHORTS) }, (_, i) => rowName(i));
}

/**
 * The entry that the boxes make, and what is wrong with boxes that an entry has no field for. `before`: what the entry says of the day when
 * it was confirmed; it is confirmed today where the box for that is ticked.
 */
export function entryIn(
  fields: Fields,
  before: Pick<Entry, 'assuredOn'>,
  today: string,
): { entry: Entry; errors: FieldErrors } {
  const errors: FieldErrors = {};
  const date = (name: string, field: string) => {
    const [day, month, year] = ['day', 'month', 'year'].map((part) => clean(fields[`${name}-${part}`]));
    if (!day && !month && !year) return '';
    const read = realDate(day ?? '', month ?? '', year ?? '');
    if (read === undefined) errors[field] = 'Enter a real date';
    return read ?? '';
  };
  const ticked = (name: string, known: readonly string[]) =>
    known.filter((each) => fields[`${name}-${each}`] === 'yes').join(', ');
  const rows = cohortRows(fields).filter((row) => isUsed(fields, row));
  const cohorts = rows.map((row) => {
    const number = (name: string, least: number) => {
      const text = clean(fields[`${row}-${name}`]);
      const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= least && value <= 1000) return value;
      errors[`${row}-${name}`] = `Enter a whole number from ${least} to 1000`;
      return least;
    };
    const startsOn = date(`${row}-startsOn`, `${row}-startsOn`);
    if (startsOn === '')
      errors[`${row}-startsOn`] ??= 'Enter the day when it starts, or empty the other boxes';
    const capacity = number('capacity', 1);
    const free = clean(fields[`${row}-placesFree`]) === '' ? undefined : number('placesFree', 0);
    if (free !== undefined && free > capacity) {
      errors[`${row}-placesFree`] ??= 'There cannot be more places free than there are places';
    }
    const id = clean(fields[`${row}-id`]) || startsOn;
    return cohortInWords({ id, startsOn, capacity, ...(free === undefined ? {} : { placesFree: free }) });
  });
  const entry = {
    ...(Object.fromEntries(ENTRY_FIELDS.map((field) => [field, ''])) as Entry),
    ...Object.fromEntries(PLAIN.map((field) => [field, clean(fields[field])])),
    example: fields.example === 'yes' ? 'yes' : 'no',
    needs: ticked('needs', NEEDS),
    access: ticked('access', ACCESS),
    startsOn: date('startsOn', 'startsOn'),
    cohorts: cohorts.join('; '),
    assuredOn: fields.confirmed === 'yes' ? today : before.assuredOn,
  };
  return { entry, errors };
}

/** Errors of an entry by the box to which each belongs. */
export function errorsOf(errors: EntryErrors): FieldErrors {
  const { cohorts, assuredOn, ...others } = errors;
  return {
    ...others,
    ...(cohorts === undefined ? {} : { [`${rowName(0)}-startsOn`]: cohorts }),
    ...(assuredOn === undefined ? {} : { confirmed: assuredOn }),
  };
}

function isUsed(fields: Fields, row: string): boolean {
  return ['startsOn-day', 'startsOn-month', 'startsOn-year', 'capacity', 'placesFree'].some(
    (name) => clean(fields[`${row}-${name}`]) !== '',
  );
}

function rowName(i: number): string {
  return `cohort-${i + 1}`;
}

function wordsIn(text: string): string[] {
  return text.split(', ').filter((word) => word !== '');
}

function putDate(fields: Fields, name: string, iso: string): void {
  const [year = '', month = '', day = ''] = iso.split('-');
  Object.assign(fields, {
    [`${name}-day`]: day.replace(/^0/, ''),
    [`${name}-month`]: month.replace(/^0/, ''),
    [`${name}-year`]: year,
  });
}
