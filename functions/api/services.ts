/**
 * The directory of programmes as Open Referral UK 3.0 has it: open to everybody. A page also says its figures in the words of version 1,
 * which most programs that read such directories still go by.
 */
import { createHash } from 'node:crypto';
import type { Programme } from '../../workflows/directory.ts';
import { ageRange } from '../../workflows/matching.ts';
import { allProgrammes } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { type Answer, type Call, open } from './answers.ts';
import { Problem } from './problems.ts';
import { DAYS, type Metadata, type Service, type ServicePage } from './schemas.ts';

/** What is asked for by default, as version 1 says, and at most. */
export const PER_PAGE = { standard: 50, most: 100 } as const;
/** No directory has more pages. */
export const MOST_PAGES = 1_000_000;

/** Open Referral UK wants UUIDs: made from our ids, so that they stay the same (RFC 9562, version 5, in a namespace of our own). */
const NAMESPACE = '18e16c75-b288-470a-8e23-3cea9d9d035f';

/** What this API is. */
export async function about(): Promise<Answer> {
  return open({
    version: 'HSDS-UK-3.0',
    profile: 'https://docs.openreferraluk.org/en/latest/',
    openapi_url: `${environment('api').BASE_URL}/api/openapi.json`,
  } satisfies Metadata);
}

/** One page of the directory. */
export async function listServices({ query }: Call): Promise<Answer> {
  const perPage = numberIn(query.per_page, { standard: PER_PAGE.standard, most: PER_PAGE.most });
  const page = numberIn(query.page, { standard: 1, most: MOST_PAGES });
  const all = allProgrammes();
  const contents = all.slice((page - 1) * perPage, page * perPage).map(serviceOf);
  const pages = Math.max(1, Math.ceil(all.length / perPage));
  const figures = { total: all.length, pages, first: page === 1, last: page >= pages };
  return open({
    total_items: figures.total,
    total_pages: figures.pages,
    page_number: page,
    size: contents.length,
    first_page: figures.first,
    last_page: figures.last,
    empty: contents.length === 0,
    contents,
    totalElements: figures.total,
    totalPages: figures.pages,
    number: page,
    first: figures.first,
    last: figures.last,
    content: contents,
  } satisfies ServicePage);
}

/** One service, by its id. */
export async function showService({ path }: Call): Promise<Answer> {
  const id = path.id?.toLowerCase();
  const programme = allProgrammes().find((each) => uuidOf('service', each.id) === id);
  if (!programme) throw new Problem('not-found', 'The directory has no service with this id.');
  return open(serviceOf(programme));
}

function serviceOf(programme: Programme): Service {
  const { id: programmeId, name, description, accepting, eligibility, provider, sessions } = programme;
  const id = uuidOf('service', programmeId);
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
      description: `Runs ${namesOf(provider.name).join('; ')}`,
    },
    name,
    description,
    url: `${environment('api').BASE_URL}/refer?programme=${programmeId}`,
    status: accepting ? 'active' : 'temporarily closed',
    ...(minimumAge === undefined ? {} : { minimum_age: minimumAge }),
    ...(maximumAge === undefined ? {} : { maximum_age: maximumAge }),
    eligibility_description: eligibilityInWords(programme),
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

function namesOf(provider: string): string[] {
  return allProgrammes()
    .filter((programme) => programme.provider.name === provider)
    .map(({ name }) => name);
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

/** A whole number from 1 in a query, or the standard where there is none. */
function numberIn(text: string | undefined, { standard, most }: { standard: number; most: number }): number {
  if (text === undefined) return standard;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw new Problem(
    'not-a-page',
    `page is a whole number from 1, and per_page one from 1 to ${PER_PAGE.most}.`,
  );
}

function uuidOf(what: 'service' | 'organization' | 'schedule', name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(`${what}/${name}`)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
