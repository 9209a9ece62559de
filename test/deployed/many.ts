/**
 * Many open referrals: each page that people keep open all day asks as much of the table with many as with a few. After the journeys, which
 * would have to look for theirs among them.
 */
import type { Team } from '../../functions/shared/environment.ts';
import { type Jar, visit } from '../journeys/browser.ts';
import { Cloud } from '../journeys/cloud.ts';
import { signIn } from '../journeys/sign-in.ts';
import { seedCloud } from '../seed/into-cloud.ts';
import { StepError, step } from './steps.ts';

/** How many of a team there are before, so that every list has somebody. */
const FEW = 200;

/**
 * Of so many of a team the emulator answers in time: for each query it sorts a whole partition of an index and looks at all of it, whatever
 * the limit (`_query` in ministack's services/dynamodb.py). To see it: `npm run test:deployed -- --serve`, `npm run seed -- --count 10000
 * --team camden --base-url` with the address that it prints, and open the worklist as Amina.
 */
const MOST_OF_A_TEAM = 2500;

/** What is kept warm is read again now and then: of so many looks one must cost what it did before. */
const LOOKS = 3;

const LISTS = [
  ...['everyone', 'mine', 'nobody'].map((whose) => `?whose=${whose}`),
  '?urgency=risk',
  ...['hold', 'information', 'offer', 'programme', 'closing'].map((where) => `?where=${where}`),
];
const PARTS = ['', '/contacts', '/plan', '/measures', '/summary'];

type Page = { address: string; jar: Jar };

/** These teams, and as many more as share out so many referrals: in few bytes, since functions are told of them by settings. */
export function teamsFor(count: number, teams: readonly Team[]): Team[] {
  const more = Math.max(0, Math.ceil(count / MOST_OF_A_TEAM) - teams.length);
  return [
    ...teams,
    ...Array.from({ length: more }, (_, i) => ({
      ...{ id: `m${i}`, name: `M${i}`, postcodeDistricts: [`Z${i}`] },
    })),
  ];
}

/** Seeds a cloud with so many, and throws a StepError that names the page that then costs more. */
export async function seedMany(baseUrl: string, count: number): Promise<void> {
  const cloud = new Cloud(baseUrl);
  const worker: Jar = new Map();
  const coordinator: Jar = new Map();
  await signIn(cloud, worker, 'amina');
  await signIn(cloud, coordinator, 'tom');
  const { TEAMS = '[]' } = await cloud.environment('worklist');
  const teams: Team[] = JSON.parse(TEAMS);
  const few = FEW * teams.length;
  // The same seed: whoever is there before is there afterwards, with others.
  const seed = (many: number) => seedCloud(cloud, { count: many, seed: 1, teams: [], remote: false });
  await step(`${few} open referrals of ${teams.length} teams seeded`, () => seed(few));
  const { html } = await visit(`${baseUrl}/worklist?whose=everyone`, worker);
  const reference = /\/referrals\/(SP-[0-9A-Z]{4}-[0-9A-Z]{4})/.exec(html)?.[1];
  if (reference === undefined) throw new StepError('The worklist is empty after seeding.');
  const pages: Page[] = [
    ...LISTS.map((query) => ({ address: `/worklist${query}`, jar: worker })),
    ...PARTS.map((part) => ({ address: `/referrals/${reference}${part}`, jar: worker })),
    { address: '/directory', jar: worker },
    { address: '/team', jar: coordinator },
  ];
  const before: string[] = [];
  for (const page of pages) {
    // Once to warm what is kept between requests.
    await costOf(baseUrl, page);
    before.push(await costOf(baseUrl, page));
  }
  await step(`${count} open referrals seeded`, () => seed(count));
  await step(`${pages.length} pages ask as much of the table with ${count} as with ${few}`, async () => {
    for (const [i, page] of pages.entries()) {
      const looks: string[] = [];
      while (looks.length < LOOKS && looks.at(-1) !== before[i]) looks.push(await costOf(baseUrl, page));
      if (looks.at(-1) !== before[i]) {
        throw new StepError(
          `${page.address} asked ${before[i]} of the table with ${few}, with ${count} ${looks.join('; ')}.`,
        );
      }
    }
  });
}

/** What a page asks of the table, by operation. */
async function costOf(baseUrl: string, { address, jar }: Page): Promise<string> {
  const before = await requestsOf(baseUrl);
  const { status, heading } = await visit(`${baseUrl}${address}`, jar);
  if (status !== 200) throw new StepError(`${address}: ${status} "${heading}"`);
  const after = await requestsOf(baseUrl);
  const asked = Object.keys(after)
    .sort()
    .map((operation) => ({ operation, count: (after[operation] ?? 0) - (before[operation] ?? 0) }))
    .filter(({ count }) => count > 0);
  if (asked.length === 0) throw new StepError(`${address} asked nothing of the table: it is not counted.`);
  return asked.map(({ operation, count }) => `${count} ${operation}`).join(', ');
}

async function requestsOf(baseUrl: string): Promise<Record<string, number>> {
  const response = await fetch(`${baseUrl}/_cloud/requests.json`);
  if (!response.ok) throw new StepError(`/_cloud/requests.json: ${response.status}`);
  return response.json() as Promise<Record<string, number>>;
}
