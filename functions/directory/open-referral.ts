/**
 * Services of Open Referral UK as entries: our own export to the letter, and somebody else's as far as that standard goes. What of theirs
 * has no place in an entry is said beside the row, so that nothing is lost unseen.
 */
import * as z from 'zod/mini';
import { clean, postcodeAsWritten } from '../../workflows/checks.ts';
import { type Entry, type EntryField, MOST, WEEKDAYS } from '../../workflows/directory-entry.ts';
import { accessIn, DAYS, serviceIdFrom } from '../shared/directory/service.ts';
import type { ToCheck } from '../shared/directory/store.ts';
import type { FileRow } from './plan.ts';

/** What our export says in words of its own besides: the standard has no field for it, or none that is as exact. */
export const OWN_FIELDS = [
  'kind',
  'providerDigest',
  'example',
  'areaName',
  'postcodeDistricts',
  'gpPracticeCodes',
  'needs',
  'access',
  'sessionCount',
  'sessionMinutes',
  'assessments',
  'place',
  'directions',
  'bring',
  'postcode',
  'cohorts',
] as const satisfies readonly EntryField[];

/** As text, whatever others write. */
const textual = z.pipe(
  z.union([z.string(), z.number(), z.boolean()]),
  z.transform((value: string | number | boolean) => String(value)),
);
const optional = z.nullish(textual);
const list = <T extends Record<string, z.ZodMiniType>>(shape: T) => z.nullish(z.array(z.looseObject(shape)));

/** As much of a service as an entry has fields for. */
const service = z.looseObject({
  id: optional,
  programmeId: optional,
  name: optional,
  description: optional,
  status: optional,
  email: optional,
  minimum_age: optional,
  maximum_age: optional,
  assured_date: optional,
  organization: z.nullish(z.looseObject({ id: optional, name: optional, email: optional })),
  languages: list({ name: optional }),
  cost_options: list({
    option: optional,
    amount: z.nullish(z.number()),
    amount_description: optional,
    currency: optional,
  }),
  schedules: list({
    freq: optional,
    interval: optional,
    byday: optional,
    opens_at: optional,
    closes_at: optional,
    dtstart: optional,
  }),
  service_areas: list({ name: optional, service_area: optional, extent: optional }),
  service_at_locations: list({
    location: z.nullish(
      z.looseObject({
        location_type: optional,
        name: optional,
        description: optional,
        addresses: list({ address_1: optional, city: optional, postal_code: optional }),
        accessibility: list({ description: optional, details: optional }),
      }),
    ),
  }),
  referralProgramme: z.nullish(z.record(z.string(), z.nullish(textual))),
});
type ServiceRead = z.infer<typeof service>;
type Element<K extends keyof ServiceRead> = NonNullable<ServiceRead[K]> extends (infer T)[] ? T : never;

/** What JSON says, service by service, or what is wrong with it as a whole. */
export function readServices(text: string): { rows: FileRow[] } | { error: string } {
  const json = jsonIn(text);
  if (json === undefined) return { error: 'This begins like JSON and is not: copy the whole file' };
  const services = servicesIn(json);
  if (!services) {
    return {
      error: 'There are no services in this: paste a page of services of Open Referral UK, or a list of them',
    };
  }
  const rows = services.map((each, i): FileRow => {
    const row = `Service ${i + 1}`;
    const read = service.safeParse(each);
    if (read.success) return { row, ...(isOurs(read.data) ? ourEntry(read.data) : theirEntry(read.data)) };
    const where = read.error.issues[0]?.path.join('.') ?? '';
    return {
      row,
      id: '',
      entry: {},
      error: `This is no service of Open Referral UK: look at ${where || 'it'}`,
    };
  });
  return { rows };
}

/** A file, or some of the lines of our export, which has a service on each. */
function jsonIn(text: string): unknown {
  // Without the mark that some programs put before everything.
  const trimmed = text.trim();
  for (const whole of [trimmed, `[${trimmed.replace(/,$/, '')}]`]) {
    try {
      return JSON.parse(whole);
    } catch {
      // It is told as a whole that it is no JSON.
    }
  }
  return undefined;
}

function servicesIn(json: unknown): unknown[] | undefined {
  if (Array.isArray(json)) return json;
  if (typeof json !== 'object' || json === null) return undefined;
  for (const name of ['contents', 'content', 'services']) {
    const list: unknown = Reflect.get(json, name);
    if (Array.isArray(list)) return list;
  }
  return 'name' in json ? [json] : undefined;
}

function isOurs({ programmeId, referralProgramme }: ServiceRead): boolean {
  return Boolean(programmeId || referralProgramme);
}

type Read = Omit<FileRow, 'row'>;

/** A service of our own export. What the standard has a field for and the service leaves out is empty; of our own words only those that are there count. */
function ourEntry(from: ServiceRead): Read {
  const ours = from.referralProgramme ?? {};
  const own = OWN_FIELDS.filter((field) => typeof ours[field] === 'string');
  const entry = { ...standardEntry(from), ...Object.fromEntries(own.map((field) => [field, ours[field]])) };
  return { id: from.programmeId ?? '', uuid: from.id ?? undefined, entry };
}

/**
 * Somebody else's service. It is the same one each time that it comes, by its own id, whatever it is called by then. What it does not say stays as
 * it is.
 */
function theirEntry(from: ServiceRead): Read {
  const left: ToCheck[] = [];
  const said = {
    ...standardEntry(from),
    ...whereIn(from, left),
    ...areaIn(from, left),
    ...whenIn(from, left),
  };
  const entry = Object.fromEntries(Object.entries(fitting(said, left)).filter(([, value]) => value !== ''));
  const id = from.id?.trim() ?? '';
  const owner = from.organization?.id ?? from.organization?.name ?? '';
  return {
    id: '',
    entry,
    theirs: true,
    ...(id === '' ? {} : { uuid: serviceIdFrom(id, owner) }),
    ...(left.length === 0 ? {} : { left }),
  };
}

/** Texts that are longer than an entry's are cut, and numbers that it cannot have are left out: opening hours are no session. */
function fitting(said: Partial<Entry>, left: ToCheck[]): Partial<Entry> {
  const entry = { ...said };
  for (const field of ['description', 'directions'] as const) {
    const text = clean(entry[field]);
    if (text.length <= MOST) continue;
    // No half of a letter beyond the basic plane.
    entry[field] = clean(`${text.slice(0, MOST - 1).replace(/[\ud800-\udbff]$/, '')}…`);
    left.push({ field, note: `the file says more than ${MOST} characters, and the rest is left out` });
  }
  const { minimumAge = '', maximumAge = '', sessionMinutes = '' } = entry;
  if (minimumAge !== '' && !isWhole(minimumAge, 0, 120)) {
    entry.minimumAge = '';
    left.push({ field: 'minimumAge', note: `the file says ${minimumAge}` });
  }
  // Some say 999 where there is none.
  if (!isWhole(maximumAge, 0, 120)) entry.maximumAge = '';
  if (!isWhole(sessionMinutes, 5, 1000)) entry.sessionMinutes = '';
  return entry;
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most;
}

/** The fields that both know. */
function standardEntry(from: ServiceRead): Partial<Entry> {
  const [schedule] = from.schedules ?? [];
  const email = from.email ?? from.organization?.email ?? undefined;
  const minutes = minutesBetween(schedule?.opens_at, schedule?.closes_at);
  return {
    name: from.name ?? '',
    description: from.description ?? '',
    providerName: from.organization?.name ?? '',
    status: from.status ?? '',
    minimumAge: from.minimum_age ?? '',
    maximumAge: from.maximum_age ?? '',
    languages: (from.languages ?? []).map(({ name }) => name ?? '').join(', '),
    ...costIn(from.cost_options ?? []),
    assuredOn: (from.assured_date ?? '').slice(0, 10),
    ...(email === undefined ? {} : { providerEmail: email }),
    ...(schedule
      ? {
          weekday: daysIn(schedule)[0] ?? '',
          time: /^\d{1,2}:\d{2}/.exec(schedule.opens_at ?? '')?.[0] ?? '',
          startsOn: (schedule.dtstart ?? '').slice(0, 10),
        }
      : {}),
    ...(minutes === undefined ? {} : { sessionMinutes: minutes }),
  };
}

const FREE = /^\s*(free( of charge)?|no (charge|cost|fee)s?)\s*\.?\s*$/i;

/** It is free where every way to pay is. */
function costIn(options: readonly Element<'cost_options'>[]): Pick<Entry, 'cost' | 'costDetail'> {
  const isFree = ({ amount, option }: Element<'cost_options'>) =>
    amount === 0 || (typeof amount !== 'number' && FREE.test(option ?? ''));
  const free = options.every(isFree);
  const details = options.map((each) => {
    const { option, amount, amount_description: description, currency } = each;
    const named = option && !FREE.test(option) && option !== 'Not free' ? option : '';
    const sum = amount ? `${currency && currency !== 'GBP' ? `${currency} ` : '£'}${amount}` : '';
    const what = [free || !isFree(each) ? sum : 'free', description].filter(Boolean).join(' ');
    return [named, what].filter(Boolean).join(': ');
  });
  return {
    cost: options.length === 0 ? '' : free ? 'free' : 'not free',
    costDetail: details.filter(Boolean).join('; '),
  };
}

/** The days that a schedule names, in its order: RFC 5545 lets a number stand before each. */
function daysIn({ byday }: Element<'schedules'>): string[] {
  const days = (byday ?? '').split(',').map((day) =>
    day
      .trim()
      .toUpperCase()
      .replace(/^[+-]?\d+/, ''),
  );
  return days.flatMap((day) => WEEKDAYS.find((_, i) => DAYS[i] === day) ?? []);
}

/** When it is, as far as an entry can say: one session a week. A first day long ago is not its next start. */
function whenIn({ schedules }: ServiceRead, left: ToCheck[]): Partial<Entry> {
  const [schedule, ...more] = schedules ?? [];
  if (!schedule) return {};
  const [, ...others] = daysIn(schedule);
  if (others.length > 0) left.push({ field: 'weekday', note: `it is also on ${others.join(' and ')}` });
  if (more.length > 0)
    left.push({ field: 'time', note: `the file has ${more.length} more, by day or season` });
  const { freq, interval } = schedule;
  if ((freq && freq !== 'WEEKLY') || Number(interval ?? 1) > 1) {
    left.push({ field: 'weekday', note: 'it is not every week' });
  }
  return { startsOn: '' };
}

/** Where it is, and how to get there. */
function whereIn({ service_at_locations: all }: ServiceRead, left: ToCheck[]): Partial<Entry> {
  const locations = (all ?? [])
    .map(({ location }) => location)
    .filter((each) => each !== null && each !== undefined);
  const [location] = locations;
  if (!location) return {};
  if (locations.length > 1) left.push({ field: 'place', note: `the file has ${locations.length - 1} more` });
  const [address] = location.addresses ?? [];
  const place = [...new Set([location.name, address?.address_1, address?.city].filter(Boolean))].join(', ');
  const postcode = postcodeAsWritten(address?.postal_code ?? '') ?? '';
  if (address?.postal_code && postcode === '') {
    left.push({ field: 'postcode', note: `the file has “${address.postal_code}”, which is none of the UK` });
  }
  const texts = (location.accessibility ?? []).flatMap(
    ({ description, details }) => description ?? details ?? [],
  );
  const directions = [location.description, ...texts.filter((text) => accessIn(text) === undefined)];
  return {
    place: place || (location.location_type === 'virtual' ? 'Online' : ''),
    postcode,
    access: texts.flatMap((text) => accessIn(text) ?? []).join(', '),
    directions: directions.filter(Boolean).join('\n'),
  };
}

/** For whom it is by where they live: an entry needs the postcode districts, which few say. */
function areaIn({ service_areas: areas }: ServiceRead, left: ToCheck[]): Partial<Entry> {
  const words = (areas ?? []).flatMap(({ name, service_area: text }) => name ?? text ?? []);
  const districts = (areas ?? []).flatMap(({ extent }) => (extent ?? '').split(/[\s,;]+/).filter(Boolean));
  if (words.length === 0) return {};
  if (districts.length > 0 && districts.every((each) => /^[A-Z]{1,2}\d[A-Z\d]?$/.test(each))) {
    return { areaName: words.join(', '), postcodeDistricts: districts.join(' ') };
  }
  left.push({ field: 'areaName', note: `the file says “${words.join(', ')}”, and no postcode districts` });
  return {};
}

/** How many minutes lie between two times of day, as text; past midnight it begins again. */
function minutesBetween(from: string | null | undefined, to: string | null | undefined): string | undefined {
  const [start, end] = [from, to].map((time) => {
    const [, hour, minute] = /^(\d{1,2}):(\d{2})/.exec(time ?? '') ?? [];
    return hour === undefined ? Number.NaN : Number(hour) * 60 + Number(minute);
  });
  const minutes = ((end ?? Number.NaN) - (start ?? Number.NaN) + 24 * 60) % (24 * 60);
  return minutes > 0 ? String(minutes) : undefined;
}
