/**
 * An entry of the directory as people write it: one text for each field. Forms, CSV and Open Referral UK's JSON are all read into this, and
 * checked here once.
 */
import * as z from 'zod/mini';
import { clean, postcodeAsWritten, realDate, timeIn } from './checks.ts';
import {
  type Cohort,
  KINDS,
  MOST_BREAKS,
  MOST_PLACES,
  NEEDS,
  PROGRAMME_ID,
  type Programme,
  programmeSchema,
  STATUSES,
  statusOf,
} from './directory.ts';
import { COMMUNICATION_NEEDS } from './request.ts';
import { type Break, slotsOf } from './schedule.ts';
import { londonInstant } from './time.ts';

/** The fields and what people call them, in the order in which they are shown. */
export const ENTRY_LABELS = {
  name: 'Name',
  kind: 'Kind',
  description: 'Description',
  providerName: 'Provider',
  providerEmail: 'Provider’s email',
  providerDigest: 'One email a day',
  status: 'Status',
  example: 'Example entry',
  minimumAge: 'Youngest age',
  maximumAge: 'Oldest age',
  areaName: 'Area',
  postcodeDistricts: 'Postcode districts',
  gpPracticeCodes: 'GP practices',
  needs: 'Needs it answers',
  access: 'Whom it can take',
  languages: 'Languages',
  cost: 'Cost',
  costDetail: 'What it costs',
  sessionCount: 'Number of sessions',
  sessionMinutes: 'Minutes of a session',
  assessments: 'Sessions of assessment',
  weekday: 'Day of the week',
  time: 'Time it begins',
  place: 'Place',
  directions: 'How to get there',
  bring: 'What to bring or expect',
  postcode: 'Postcode of the place',
  startsOn: 'Next start',
  cohorts: 'Cohorts and places',
  assuredOn: 'Last confirmed',
} as const;
export type EntryField = keyof typeof ENTRY_LABELS;
export const ENTRY_FIELDS = Object.keys(ENTRY_LABELS) as EntryField[];
/** Empty where nothing is known. */
export type Entry = Record<EntryField, string>;
export type EntryErrors = Partial<Record<EntryField, string>>;

/** One field of an entry that is not what it was, in the texts of an entry. */
export const entryChangeSchema = z.object({
  field: z.enum(ENTRY_FIELDS as [EntryField]),
  before: z.string(),
  after: z.string(),
});
export type EntryChange = z.infer<typeof entryChangeSchema>;

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;
export const COSTS = ['free', 'not free'] as const;
const ACCESS = Object.keys(COMMUNICATION_NEEDS);

/** Most characters of a text. */
export const MOST = 1000;
/** Cohorts may have many breaks. */
const MOST_OF_COHORTS = 8000;
const LONGEST_ID = 60;
/** More runs than these are not planned ahead. */
export const MOST_COHORTS = 20;

/** An entry of which nothing is known yet. */
export const EMPTY_ENTRY: Entry = {
  ...(Object.fromEntries(ENTRY_FIELDS.map((field) => [field, ''])) as Entry),
  status: 'active',
  example: 'no',
};

/** A programme as an entry. Reading it gives the same programme. */
export function entryOf(programme: Programme): Entry {
  const { eligibility, sessions, provider, cost } = programme;
  const text = (value: string | number | undefined) => (value === undefined ? '' : String(value));
  return {
    name: programme.name,
    kind: programme.kind,
    description: programme.description,
    providerName: provider.name,
    providerEmail: provider.email,
    providerDigest: provider.digest ? 'yes' : '',
    status: statusOf(programme),
    example: programme.example ? 'yes' : 'no',
    minimumAge: text(eligibility.minimumAge),
    maximumAge: text(eligibility.maximumAge),
    areaName: text(eligibility.area?.name),
    postcodeDistricts: eligibility.area?.postcodeDistricts.join(' ') ?? '',
    gpPracticeCodes: eligibility.area?.gpPracticeCodes.join(' ') ?? '',
    // In the order of the list, so that the same ones are always the same text.
    needs: NEEDS.filter((need) => programme.needs?.includes(need)).join(', '),
    access: ACCESS.filter((need) => programme.access?.includes(need)).join(', '),
    languages: programme.languages?.join(', ') ?? '',
    cost: cost === undefined ? '' : cost.free ? 'free' : 'not free',
    costDetail: text(cost?.detail),
    sessionCount: text(sessions.count),
    sessionMinutes: text(sessions.minutes),
    assessments: text(sessions.assessments),
    weekday: WEEKDAYS[sessions.weekday - 1] ?? '',
    time: sessions.time,
    place: sessions.place,
    directions: text(sessions.directions),
    bring: text(sessions.bring),
    postcode: text(programme.postcode),
    startsOn: text(sessions.startsOn),
    cohorts: programme.cohorts?.map(cohortInWords).join('; ') ?? '',
    assuredOn: text(programme.assuredOn),
  };
}

/**
 * A cohort as it is written: "2027-01-12 18:30: 10 places, no session 2027-02-16 to 2027-02-20, place: Room 2 [evening]". Its time and place where they
 * are its own, its id where that is not the day.
 */
export function cohortInWords({ id, startsOn, time, capacity, breaks = [], place }: Cohort): string {
  return [
    `${startsOn}${time === undefined ? '' : ` ${time}`}: ${capacity} ${capacity === 1 ? 'place' : 'places'}`,
    ...breaks.map((each) => `, no session ${breakInWords(each)}`),
    place === undefined ? '' : `, place: ${place}`,
    id === startsOn ? '' : ` [${id}]`,
  ].join('');
}

/** A break as it is written: one day, or "2027-02-16 to 2027-02-20". */
export function breakInWords({ from, to }: Break): string {
  return from === to ? from : `${from} to ${to}`;
}

/** The break that somebody wrote, with dates in either form; undefined where that is none. */
export function breakIn(text: string): Break | undefined {
  const [first = '', last = first, ...more] = text.trim().split(/\s*(?:\bto\b|–)\s*/);
  const [from, to] = [dateIn(first), dateIn(last)];
  return from !== undefined && to !== undefined && from <= to && more.length === 0 ? { from, to } : undefined;
}

/** The parts of a written cohort; undefined where it is written in another way. */
export function cohortPartsIn(
  text: string,
): { day: string; time: string; capacity: string; breaks: string[]; place: string; id: string } | undefined {
  const [, day, time = '', capacity, rest = '', place = '', id = ''] = COHORT.exec(text) ?? [];
  if (day === undefined || capacity === undefined) return undefined;
  const breaks = rest.split(/, no sessions? /).filter((part) => part !== '');
  return { day, time, capacity, breaks, place, id };
}

/** What stands between and around cohorts as they are written: it is in no place's name. */
export const NOT_IN_PLACE = /[;[\]\n]/;

const COHORT =
  /^(\S+?)(?: (\d{1,2}:\d{2}))?: (\d{1,4}) places?((?:, no sessions? [\d/-]+(?: ?(?:to|–) ?[\d/-]+)?)*)(?:, place: ([^;[\]]+?))?(?: \[([a-z0-9]+(?:-[a-z0-9]+)*)\])?$/;

/** What differs between two entries. */
export function changesBetween(before: Entry, after: Entry): EntryChange[] {
  return ENTRY_FIELDS.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    before: before[field],
    after: after[field],
  }));
}

/** An id made from a name: "Singing for Health!" → "singing-for-health". */
export function programmeIdFrom(name: string): string {
  const id = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_ID)
    .replace(/^-|-$/g, '');
  return PROGRAMME_ID.test(id) ? id : `programme${id === '' ? '' : `-${id}`}`;
}

/** The programme that an entry describes, or an error for each field that needs changing. @param today YYYY-MM-DD in London. */
export function readEntry(
  id: string,
  entry: Entry,
  today: string,
): { programme: Programme } | { errors: EntryErrors } {
  const errors: EntryErrors = {};
  const read = reader(entry, errors);
  const providerEmail = read.line('providerEmail', 'Enter the email address to which offers go');
  if (providerEmail !== '' && !z.email().safeParse(providerEmail).success) {
    errors.providerEmail ??= 'Enter an email address in the correct format, like name@example.com';
  }
  const status = read.oneOf('status', STATUSES, true) ?? 'inactive';
  const cost = read.oneOf('cost', COSTS);
  const costDetail = read.line('costDetail');
  if (costDetail !== '' && cost === undefined) errors.cost ??= 'Select whether it is free';
  const assuredOn = read.date('assuredOn');
  if (assuredOn !== undefined && assuredOn > today) errors.assuredOn ??= 'Enter a day that is not to come';
  const languages = read.list('languages', /[,;\n]+/);
  const postcode = read.line('postcode');
  const written = postcode === '' ? undefined : postcodeAsWritten(postcode);
  if (postcode !== '' && written === undefined) errors.postcode ??= 'Enter a full UK postcode';
  // Spreadsheets give times seconds.
  const typed = read.line('time', 'Enter the time it begins, like 16:00').replace(/^(\d+:\d\d):\d\d$/, '$1');
  const time = timeIn(typed);
  if (time === undefined) errors.time ??= 'Enter a time like 16:00';
  const weekday = read.oneOf('weekday', WEEKDAYS, true);
  const programme = {
    id,
    name: read.line('name', 'Enter the name of the programme'),
    kind: read.oneOf('kind', KINDS, true),
    description: read.text('description', 'Enter what the programme is, for people who may join it'),
    provider: {
      name: read.line('providerName', 'Enter who runs it'),
      email: providerEmail,
      ...(read.oneOf('providerDigest', ['yes', 'no']) === 'yes' ? { digest: true } : {}),
    },
    example: read.oneOf('example', ['yes', 'no']) === 'yes',
    accepting: status === 'active',
    // What `accepting` says already is not said again, so that an entry without a status stays as it is.
    ...(status === 'inactive' || status === 'defunct' ? { status } : {}),
    eligibility: { ...readAges(read, errors), ...readArea(read, errors) },
    sessions: {
      count: read.number('sessionCount', 1, 100, true),
      minutes: read.number('sessionMinutes', 5, 1000, true),
      ...given('assessments', read.number('assessments', 0, 100)),
      weekday: weekday === undefined ? undefined : WEEKDAYS.indexOf(weekday) + 1,
      time,
      place: read.line('place', 'Enter where it happens'),
      ...given('directions', read.text('directions') || undefined),
      ...given('bring', read.text('bring') || undefined),
      ...given('startsOn', read.date('startsOn')),
    },
    ...given('needs', read.codes('needs', NEEDS)),
    ...given('access', read.codes('access', ACCESS)),
    ...(languages.length === 0 ? {} : { languages }),
    ...(cost === undefined
      ? {}
      : { cost: { free: cost === 'free', ...given('detail', costDetail || undefined) } }),
    ...given('postcode', written),
    ...given('cohorts', readCohorts(read, errors)),
    ...given('assuredOn', assuredOn),
  };
  if (Object.keys(errors).length > 0) return { errors };
  // Nothing that is not a programme gets past here, whatever was forgotten above.
  const whole = programmeSchema.parse(programme);
  const endless = whole.cohorts?.find((cohort) => !hasSessions(whole, cohort));
  return endless
    ? { errors: { cohorts: `The breaks of ${endless.startsOn} leave no week for a session within a year` } }
    : { programme: whole };
}

type Reader = ReturnType<typeof reader>;

/** Reads fields one by one, and notes the first thing that is wrong with each. */
function reader(entry: Entry, errors: EntryErrors) {
  const text = (field: EntryField, missing?: string): string => {
    const value = clean(entry[field]);
    if (value === '' && missing !== undefined) errors[field] ??= missing;
    const most = field === 'cohorts' ? MOST_OF_COHORTS : MOST;
    if (value.length > most) errors[field] ??= `Use ${most} characters or fewer`;
    return value;
  };
  const line = (field: EntryField, missing?: string) => text(field, missing).replace(/\s+/g, ' ');
  const list = (field: EntryField, between: RegExp): string[] => [
    ...new Set(
      text(field)
        .split(between)
        .map((part) => part.replace(/\s+/g, ' ').trim())
        .filter((part) => part !== ''),
    ),
  ];
  return {
    text,
    line,
    list,
    number(field: EntryField, least: number, most: number, needed = false): number | undefined {
      const value = line(field);
      if (value === '' && !needed) return undefined;
      const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= least && number <= most) return number;
      errors[field] ??= `Enter a whole number from ${least} to ${most}`;
      return undefined;
    },
    date(field: EntryField): string | undefined {
      const value = line(field);
      if (value === '') return undefined;
      const date = dateIn(value);
      if (date === undefined) errors[field] ??= 'Enter a real date, like 2027-01-31';
      return date;
    },
    oneOf<T extends string>(field: EntryField, known: readonly T[], needed = false): T | undefined {
      const value = line(field).toLowerCase();
      if (value === '' && !needed) return undefined;
      const found = known.find((each) => each.toLowerCase() === value);
      if (found === undefined) errors[field] ??= `Choose one of: ${known.join(', ')}`;
      return found;
    },
    codes<T extends string>(field: EntryField, known: readonly T[]): T[] | undefined {
      const values = list(field, /[,;\s]+/).map((value) => value.toLowerCase());
      const unknown = values.filter((value) => !known.some((each) => each === value));
      if (unknown.length > 0) {
        errors[field] ??= `Use only: ${known.join(', ')} (not ${unknown.join(', ')})`;
      }
      const found = known.filter((each) => values.includes(each));
      return found.length === 0 ? undefined : found;
    },
  };
}

function readAges(read: Reader, errors: EntryErrors) {
  const minimumAge = read.number('minimumAge', 0, 120);
  const maximumAge = read.number('maximumAge', 0, 120);
  if (minimumAge !== undefined && maximumAge !== undefined && minimumAge > maximumAge) {
    errors.maximumAge ??= 'Enter an age that is not below the youngest age';
  }
  return { ...given('minimumAge', minimumAge), ...given('maximumAge', maximumAge) };
}

function readArea(read: Reader, errors: EntryErrors) {
  const name = read.line('areaName');
  const upper = (text: string) => text.toUpperCase();
  const postcodeDistricts = read.list('postcodeDistricts', /[,;\s]+/).map(upper);
  const gpPracticeCodes = read.list('gpPracticeCodes', /[,;\s]+/).map(upper);
  if (postcodeDistricts.some((district) => !/^[A-Z]{1,2}\d[A-Z\d]?$/.test(district))) {
    errors.postcodeDistricts ??=
      'Enter the first halves of postcodes, with spaces between them, like NW1 NW3';
  }
  if (gpPracticeCodes.some((code) => !/^[A-Z\d]{3,10}$/.test(code))) {
    errors.gpPracticeCodes ??= 'Enter ODS codes with spaces between them, like F83010';
  }
  const anywhere = postcodeDistricts.length === 0 && gpPracticeCodes.length === 0;
  if (name === '' && !anywhere) errors.areaName ??= 'Enter what people call the area';
  if (name !== '' && anywhere) {
    errors.postcodeDistricts ??= 'Enter the postcode districts or the GP practices of the area';
  }
  return name === '' ? {} : { area: { name, postcodeDistricts, gpPracticeCodes } };
}

function readCohorts(read: Reader, errors: EntryErrors): Cohort[] | undefined {
  const cohorts = read.list('cohorts', /[;\n]+/).map((text): Cohort => {
    const { day = '', time = '', capacity, breaks = [], place, id } = cohortPartsIn(text) ?? {};
    const startsOn = dateIn(day) ?? '';
    const without = breaks.map(breakIn);
    if (startsOn === '') {
      errors.cohorts ??=
        'Write each cohort like “2027-01-12: 10 places, no session 2027-02-16 to 2027-02-20”, with semicolons between them';
    } else if (without.includes(undefined)) {
      errors.cohorts ??=
        'Write each break with real dates, the first one first, like 2027-02-16 to 2027-02-20';
    } else if (without.length > MOST_BREAKS) {
      errors.cohorts ??= `Each cohort has ${MOST_BREAKS} breaks or fewer`;
    } else if (time !== '' && timeIn(time) === undefined) {
      errors.cohorts ??= 'Write the time of a cohort after its day, as a time like 16:00';
    }
    return {
      ...{ id: id || startsOn, startsOn, capacity: Number(capacity ?? 0) },
      ...given('time', timeIn(time)),
      ...given('place', place || undefined),
      ...(without.length === 0 ? {} : { breaks: without.filter((each) => each !== undefined) }),
    };
  });
  if (cohorts.length > MOST_COHORTS) errors.cohorts ??= `Enter ${MOST_COHORTS} cohorts or fewer`;
  if (cohorts.some(({ capacity }) => capacity < 1 || capacity > MOST_PLACES)) {
    errors.cohorts ??= `Each cohort has from 1 to ${MOST_PLACES} places`;
  }
  if (new Set(cohorts.map(({ id }) => id)).size < cohorts.length) {
    errors.cohorts ??= 'Two cohorts are the same: give them different days, or different names in brackets';
  }
  return cohorts.length === 0 ? undefined : cohorts;
}

/** Whether breaks leave room for all sessions. */
function hasSessions({ sessions }: Programme, { startsOn, time, breaks = [] }: Cohort): boolean {
  if (breaks.length === 0) return true;
  const firstAt = londonInstant(startsOn, time ?? sessions.time);
  try {
    return slotsOf({ firstAt, minutes: sessions.minutes, breaks }, sessions.count).length > 0;
  } catch {
    return false;
  }
}

/** An ISO date, or one as people in the United Kingdom and their spreadsheets write it. */
function dateIn(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const [, d = '', m = '', y = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  return realDate(day, month, year) ?? realDate(d, m, y);
}

function given<K extends string, T>(key: K, value: T | undefined): { [_ in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [_ in K]: T });
}
