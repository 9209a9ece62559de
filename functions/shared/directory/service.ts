/** A programme as a service of Open Referral UK 3.0: what the open API says of it, and what is exported. */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type Programme, STATUSES, statusOf } from '../../../workflows/directory.ts';
import { ageRange } from '../../../workflows/matching.ts';

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

/** The id that a programme's service has. */
export function serviceIdOf(programmeId: string): string {
  return uuidOf('service', programmeId);
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
      description: `Runs ${namesOf(provider.name, all).join('; ')}`,
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

function uuidOf(what: 'service' | 'organization' | 'schedule' | 'language' | 'cost', name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(`${what}/${name}`)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
