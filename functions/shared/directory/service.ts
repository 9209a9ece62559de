/** A programme as a service of Open Referral UK 3.0: what the open API says of it, and what is exported. */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type Programme, STATUSES, statusOf } from '../../../workflows/directory.ts';
import { ageRange } from '../../../workflows/matching.ts';
import type { CommunicationNeed } from '../../../workflows/request.ts';
import { communicationNeedWords } from '../pages/person.ts';

/** RFC 5545's days, from Monday. */
export const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** Open Referral UK wants UUIDs: made from our ids, so that they stay the same (RFC 9562, version 5, in a namespace of our own). */
const NAMESPACE = '18e16c75-b288-470a-8e23-3cea9d9d035f';

const uuid = z.uuid();

/** A service of Open Referral UK 3.0. */
export const Service = z.object({
  id: uuid,
  /** Ours: what request.programmeId of a referral says. */
  programmeId: z.string(),
  organization_id: uuid,
  organization: z.object({ id: uuid, name: z.string(), description: z.string() }),
  name: z.string(),
  description: z.string(),
  url: z.url(),
  status: z.enum(STATUSES),
  minimum_age: z.optional(z.int()),
  maximum_age: z.optional(z.int()),
  eligibility_description: z.string(),
  /** The day when the provider last confirmed the entry. */
  assured_date: z.optional(z.iso.date()),
  languages: z.optional(z.array(z.object({ id: uuid, name: z.string() }))),
  cost_options: z.optional(
    z.array(
      z.object({
        id: uuid,
        service_id: uuid,
        option: z.string(),
        amount: z.optional(z.number()),
        amount_description: z.optional(z.string()),
      }),
    ),
  ),
  /** By where people live. */
  service_areas: z.optional(
    z.array(
      z.object({
        id: uuid,
        service_id: uuid,
        name: z.string(),
        /** The postcode districts. */
        extent: z.optional(z.string()),
        extent_type: z.optional(z.literal('text')),
      }),
    ),
  ),
  service_at_locations: z.array(
    z.object({
      id: uuid,
      service_id: uuid,
      location: z.object({
        id: uuid,
        location_type: z.literal('physical'),
        name: z.string(),
        addresses: z.optional(
          z.array(
            z.object({
              id: uuid,
              address_1: z.string(),
              postal_code: z.string(),
              country: z.literal('GB'),
              address_type: z.literal('physical'),
            }),
          ),
        ),
        accessibility: z.optional(z.array(z.object({ id: uuid, description: z.string() }))),
      }),
    }),
  ),
  schedules: z.array(
    z.object({
      id: uuid,
      service_id: uuid,
      dtstart: z.optional(z.iso.date()),
      freq: z.literal('WEEKLY'),
      interval: z.literal(1),
      byday: z.enum(DAYS),
      /** On the clock in London. */
      opens_at: z.string(),
      closes_at: z.string(),
      description: z.string(),
    }),
  ),
});
export type Service = z.infer<typeof Service>;

/** The id that a programme's service has. One that came with an id of the standard's is called by that, and keeps it wherever it goes. */
export function serviceIdOf(programmeId: string): string {
  return UUID.test(programmeId) ? programmeId : uuidOf('service', programmeId);
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The same for a service of somebody else's: older versions of the standard let its id be anything that its owner tells apart. */
export function serviceIdFrom(id: string, owner: string): string {
  const small = id.toLowerCase();
  return UUID.test(small) ? small : uuidOf('service', `${owner}/${id}`);
}

/** Which need of a person words about a place's access answer; undefined where they are not ours. */
export function accessIn(words: string): CommunicationNeed | undefined {
  const needs = Object.entries(communicationNeedWords) as [CommunicationNeed, string][];
  return needs.find(([, text]) => text === words.trim())?.[0];
}

/** A programme as a service. `all`: the directory that it is in, which says what else its organisation runs. */
export function serviceOf(programme: Programme, all: readonly Programme[], baseUrl: string): Service {
  const { id: programmeId, name, description, eligibility, provider, sessions } = programme;
  const id = serviceIdOf(programmeId);
  const organizationId = uuidOf('organization', provider.name);
  const { minimumAge, maximumAge } = eligibility;
  return {
    id,
    programmeId,
    organization_id: organizationId,
    organization: {
      id: organizationId,
      name: provider.name,
      // Open Referral UK requires one, and all that we know of an organisation is what it runs.
      description: `Runs ${someOf(namesOf(provider.name, all))}`,
    },
    name,
    description,
    url: `${baseUrl}/refer?programme=${programmeId}`,
    status: statusOf(programme),
    ...(minimumAge === undefined ? {} : { minimum_age: minimumAge }),
    ...(maximumAge === undefined ? {} : { maximum_age: maximumAge }),
    eligibility_description: eligibilityInWords(programme),
    ...(programme.assuredOn === undefined ? {} : { assured_date: programme.assuredOn }),
    ...(programme.languages === undefined
      ? {}
      : {
          languages: programme.languages.map((language) => ({
            id: uuidOf('language', `${programmeId}/${language}`),
            name: language,
          })),
        }),
    ...costOf(programme, id),
    ...areaOf(programme, id),
    service_at_locations: [
      {
        id: uuidOf('service-at-location', programmeId),
        service_id: id,
        location: locationOf(programme),
      },
    ],
    schedules: [
      {
        id: uuidOf('schedule', programmeId),
        service_id: id,
        ...(sessions.startsOn === undefined ? {} : { dtstart: sessions.startsOn }),
        freq: 'WEEKLY',
        interval: 1,
        byday: DAYS[sessions.weekday - 1] ?? 'MO',
        opens_at: sessions.time,
        closes_at: laterBy(sessions.minutes, sessions.time),
        description: `${sessions.count} sessions of ${sessions.minutes} minutes, one each week, at ${sessions.place}; times are London’s`,
      },
    ],
  };
}

function costOf({ id: programmeId, cost }: Programme, serviceId: string): Pick<Service, 'cost_options'> {
  if (cost === undefined) return {};
  const option = {
    id: uuidOf('cost', programmeId),
    service_id: serviceId,
    ...(cost.free ? { option: 'Free', amount: 0 } : { option: 'Not free' }),
    ...(cost.detail === undefined ? {} : { amount_description: cost.detail }),
  };
  return { cost_options: [option] };
}

function areaOf(
  { id: programmeId, eligibility }: Programme,
  serviceId: string,
): Pick<Service, 'service_areas'> {
  const { area } = eligibility;
  if (area === undefined) return {};
  const { name, postcodeDistricts } = area;
  const extent = { extent: postcodeDistricts.join(' '), extent_type: 'text' } as const;
  const id = uuidOf('area', programmeId);
  return {
    service_areas: [{ id, service_id: serviceId, name, ...(postcodeDistricts.length === 0 ? {} : extent) }],
  };
}

function locationOf(programme: Programme): Service['service_at_locations'][number]['location'] {
  const { id: programmeId, sessions, postcode, access = [] } = programme;
  const known = Object.entries(communicationNeedWords).filter(([need]) => access.includes(need));
  return {
    id: uuidOf('location', programmeId),
    location_type: 'physical',
    name: sessions.place,
    ...(postcode === undefined
      ? {}
      : {
          addresses: [
            {
              id: uuidOf('address', programmeId),
              address_1: sessions.place,
              postal_code: postcode,
              country: 'GB',
              address_type: 'physical',
            },
          ],
        }),
    ...(known.length === 0
      ? {}
      : {
          accessibility: known.map(([need, description]) => ({
            id: uuidOf('accessibility', `${programmeId}/${need}`),
            description,
          })),
        }),
  };
}

/** The first few of names: with all of them, a directory of one large provider would be as long as its square. */
function someOf(names: readonly string[]): string {
  const more = names.length - 3;
  return [...names.slice(0, 3), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function namesOf(provider: string, all: readonly Programme[]): string[] {
  return all.filter((programme) => programme.provider.name === provider).map(({ name }) => name);
}

function eligibilityInWords({ eligibility }: Programme): string {
  const range = ageRange(eligibility);
  const { area } = eligibility;
  return `For people ${range === undefined ? 'of any age' : `aged ${range}`}${area ? `, with a GP or an address in ${area.name}` : ''}`;
}

/** A time of day (HH:MM) some minutes later; past midnight it begins again. */
function laterBy(minutes: number, time: string): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const end = (hour * 60 + minute + minutes) % (24 * 60);
  return [Math.floor(end / 60), end % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

type Named =
  | 'service'
  | 'organization'
  | 'schedule'
  | 'language'
  | 'cost'
  | 'area'
  | 'service-at-location'
  | 'location'
  | 'address'
  | 'accessibility';

function uuidOf(what: Named, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(`${what}/${name}`)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
