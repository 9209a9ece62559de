/** The boxes of the form, and the entry that they make: lists are boxes to tick, dates have three boxes, cohorts a row each. */
import { clean, realDate, timeIn } from '../../workflows/checks.ts';
import type { OddStart } from '../../workflows/cohort-start.ts';
import { type Cohort, MOST_BREAKS, MOST_PLACES, NEEDS, type Programme } from '../../workflows/directory.ts';
import {
  breakIn,
  cohortInWords,
  cohortPartsIn,
  ENTRY_FIELDS,
  type Entry,
  type EntryErrors,
  MOST_COHORTS,
  NOT_IN_PLACE,
  WEEKDAYS,
} from '../../workflows/directory-entry.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import type { brokenPromises } from '../../workflows/places.ts';
import { COMMUNICATION_NEEDS } from '../../workflows/request.ts';
import { dateInWords, weekdayOf } from '../../workflows/time.ts';
import type { Begun } from './groups.ts';

export const ACCESS = Object.keys(COMMUNICATION_NEEDS) as (keyof typeof COMMUNICATION_NEEDS)[];

/** Fields with a box of the same name that holds the same text. */
const PLAIN = ENTRY_FIELDS.filter(
  (field) => !['needs', 'access', 'startsOn', 'cohorts', 'assuredOn', 'example'].includes(field),
);

/** The boxes of a cohort, besides the three of the day on which it starts. */
export const COHORT_BOXES = ['time', 'place', 'capacity', 'breaks'] as const;

/** What the boxes hold for an entry. */
export function boxesOf(entry: Entry): Fields {
  const fields: Fields = Object.fromEntries(PLAIN.map((field) => [field, entry[field]]));
  for (const need of wordsIn(entry.needs)) fields[`needs-${need}`] = 'yes';
  for (const need of wordsIn(entry.access)) fields[`access-${need}`] = 'yes';
  if (entry.example === 'yes') fields.example = 'yes';
  putDate(fields, 'startsOn', entry.startsOn);
  const cohorts = entry.cohorts.split('; ').filter((text) => text !== '');
  for (const [i, text] of cohorts.entries()) {
    const { day = '', breaks = [], ...parts } = cohortPartsIn(text) ?? {};
    const row = rowName(i);
    putDate(fields, `${row}-startsOn`, day);
    for (const [name, value] of Object.entries(parts)) fields[`${row}-${name}`] = value;
    fields[`${row}-breaks`] = breaks.map(asTyped).join('\n');
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
    const startsOn = date(`${row}-startsOn`, `${row}-startsOn`);
    if (startsOn === '')
      errors[`${row}-startsOn`] ??= 'Enter the day when it starts, or empty the other boxes';
    const written = clean(fields[`${row}-capacity`]);
    const isWhole = /^\d{1,4}$/.test(written) && Number(written) >= 1 && Number(written) <= MOST_PLACES;
    if (!isWhole) errors[`${row}-capacity`] = `Enter a whole number from 1 to ${MOST_PLACES}`;
    const capacity = isWhole ? Number(written) : 1;
    const lines = clean(fields[`${row}-breaks`])
      .split(/[\n;,]+/)
      .filter((line) => line.trim() !== '');
    const breaks = lines.map(breakIn);
    if (breaks.includes(undefined)) {
      errors[`${row}-breaks`] = 'Write each break on a line of its own, like 16/2/2027 to 20/2/2027';
    } else if (breaks.length > MOST_BREAKS) {
      errors[`${row}-breaks`] = `Enter ${MOST_BREAKS} breaks or fewer`;
    }
    const typed = clean(fields[`${row}-time`]);
    const time = timeIn(typed);
    if (typed !== '' && time === undefined) errors[`${row}-time`] = 'Enter a time like 16:00';
    const place = clean(fields[`${row}-place`]);
    if (NOT_IN_PLACE.test(place)) errors[`${row}-place`] = 'Leave out semicolons and square brackets';
    const cohort = {
      ...{ id: clean(fields[`${row}-id`]) || startsOn, startsOn, capacity },
      breaks: breaks.filter((each) => each !== undefined),
    };
    return cohortInWords({
      ...cohort,
      ...(time === undefined ? {} : { time }),
      ...(place === '' || NOT_IN_PLACE.test(place) ? {} : { place }),
    });
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

/** What is wrong where a cohort is to have fewer places than are promised. `cohorts`: as the boxes say them; `startOf`: when one of them began. */
export function promiseErrors(
  fields: Fields,
  cohorts: readonly Cohort[],
  broken: ReturnType<typeof brokenPromises>,
  startOf: (id: string) => string,
): FieldErrors {
  const rows = cohortRows(fields).filter((row) => isUsed(fields, row));
  return Object.fromEntries(
    broken.map(({ id, promised, gone }) => {
      const row = rows[cohorts.findIndex((cohort) => cohort.id === id)] ?? rowName(0);
      return gone
        ? [`${row}-startsOn`, goneInWords(startOf(id), promised)]
        : [`${row}-capacity`, `Enter ${promised} or more: ${promisedInWords(promised)}`];
    }),
  );
}

/** What is wrong where a group that has begun is to start anew: the next run has boxes, or a name, of its own. */
export function begunErrors(
  fields: Fields,
  cohorts: readonly Cohort[],
  begun: readonly Begun[],
): FieldErrors {
  const rows = cohortRows(fields).filter((row) => isUsed(fields, row));
  return Object.fromEntries(
    begun.map(({ id, startsOn }) => [
      `${rows[cohorts.findIndex((cohort) => cohort.id === id)] ?? rowName(0)}-startsOn`,
      `The group of ${startsOn} has begun: leave its day as it is, and enter the next run as another cohort`,
    ]),
  );
}

/** The same for a row of a file. */
export function begunInWords(begun: readonly Begun[]): string[] {
  return begun.map(
    ({ startsOn }) =>
      `The group of ${startsOn} has begun: give the next run another name in the square brackets, or none`,
  );
}

/** What is wrong where a cohort of a file is to have fewer places than are promised. */
export function promisesInWords(
  broken: ReturnType<typeof brokenPromises>,
  startOf: (id: string) => string,
): string[] {
  return broken.map(({ id, promised, gone }) =>
    gone
      ? goneInWords(startOf(id), promised)
      : `The group of ${startOf(id)} needs ${promised} places or more: ${promisedInWords(promised)}`,
  );
}

/** Cohorts that start on a day on which nobody expects them, and why nobody does. */
export function oddStartsInWords(
  odd: readonly OddStart[],
  { sessions }: Pick<Programme, 'sessions'>,
): string[] {
  const named = (weekday: number) => WEEKDAYS[weekday - 1];
  return odd.map(({ startsOn, why }) => {
    const day = dateInWords(`${startsOn}T12:00:00.000Z`);
    const reasons = {
      weekday: `on a ${named(weekdayOf(startsOn))}, and the programme is on ${named(sessions.weekday)}s`,
      'bank-holiday': 'on a bank holiday',
      break: 'in its own break',
    };
    return `The group of ${day} starts ${reasons[why]}`;
  });
}

function goneInWords(startsOn: string, promised: number): string {
  return `The group of ${startsOn} cannot be taken out: ${promisedInWords(promised)}`;
}

function promisedInWords(promised: number): string {
  return promised === 1 ? '1 place is held or taken' : `${promised} places are held or taken`;
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
  return ['startsOn-day', 'startsOn-month', 'startsOn-year', ...COHORT_BOXES].some(
    (name) => clean(fields[`${row}-${name}`]) !== '',
  );
}

function rowName(i: number): string {
  return `cohort-${i + 1}`;
}

/** Dates as people write them: 2027-02-16 is 16/2/2027. */
function asTyped(text: string): string {
  return text.replace(/(\d{4})-(\d\d)-(\d\d)/g, (_, year, month, day) => `${+day}/${+month}/${year}`);
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
