/**
 * How long the worklist takes with many open referrals beside with a few: two services of the same build, one seeded with many and one with
 * a few, asked in turn, so that whatever else the machine does slows both.
 */
import { setTimeout } from 'node:timers/promises';
import type { Jar } from '../journeys/browser.ts';
import { Cloud } from '../journeys/cloud.ts';
import { signIn, teamOf } from '../journeys/sign-in.ts';
import { seedCloud } from '../seed/into-cloud.ts';
import { heading, note, number, seconds, table } from './report.ts';
import { type Service, startService } from './service.ts';
import { percentile } from './statistics.ts';

/** How many open referrals the worklist is compared with. */
export const FEW = 100;

/** How much slower the slow ones of the worklist may be with many than with a few. */
const MOST_RATIO = 1.5;

/** How often each page is asked for before it counts, and then. */
const WARM_UP = 60;
const SAMPLES = 300;

/** How many referrals stand on a full page. */
const PAGE_SIZE = 20;

/** LevelDB sorts what was written, for a while after. */
const REST_MS = 10_000;

/** The pages, by their addresses; both are full with a few, too. The first is what is judged. */
const PAGES = ['/worklist', '/worklist?where=programme'];

/** Somebody who has signed in on a service. */
type Desk = { cloud: Cloud; cookie: string };

/** Measures and prints. Gives whether the worklist is quick enough with `many` open referrals. */
export async function compareWorklists(folder: string, many: number): Promise<boolean> {
  const services: Service[] = [];
  try {
    for (const count of [FEW, many]) services.push(await startService(`${folder}/data-of-${count}`));
    const desks: Desk[] = [];
    for (const [i, count] of [FEW, many].entries())
      desks.push(await seededDesk(services[i] as Service, count));
    note(`Two services, ${number(FEW)} and ${number(many)} open referrals of one team, asked in turn.`);
    await setTimeout(REST_MS);
    const [few = [], most = []] = await timesInTurn(desks);
    return printRatios(many, few, most);
  } finally {
    for (const service of services) await service.stop();
  }
}

/** Signs the link worker in first, so that some referrals are theirs. */
async function seededDesk({ url }: Service, count: number): Promise<Desk> {
  const cloud = new Cloud(url);
  const jar: Jar = new Map();
  await signIn(cloud, jar, 'amina', '/worklist');
  const began = performance.now();
  await seedCloud(cloud, { count, seed: 1, teams: [await teamOf(cloud, 'amina')], remote: false });
  const ms = performance.now() - began;
  note(`${number(count)} open referrals seeded in ${seconds(ms)}, ${number(count / (ms / 1000))} a second`);
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  return { cloud, cookie };
}

/** For each desk the times of each page, in milliseconds. */
async function timesInTurn(desks: readonly Desk[]): Promise<number[][][]> {
  const times = desks.map(() => PAGES.map((): number[] => []));
  for (let round = -WARM_UP; round < SAMPLES; round++) {
    for (const [i, page] of PAGES.entries()) {
      // Each of them first every other time.
      const order = [...desks.keys()];
      for (const desk of round % 2 === 0 ? order : order.reverse()) {
        const ms = await timeOf(desks[desk] as Desk, page);
        if (round >= 0) times[desk]?.[i]?.push(ms);
      }
    }
  }
  return times;
}

async function timeOf({ cloud, cookie }: Desk, page: string): Promise<number> {
  const began = performance.now();
  const answer = await fetch(`${cloud.baseUrl}${page}`, { headers: { cookie }, redirect: 'manual' });
  const html = await answer.text();
  const ms = performance.now() - began;
  const items = html.split('class="osp-worklist__item').length - 1;
  if (answer.status !== 200 || items !== PAGE_SIZE) {
    throw new Error(`${page}: ${answer.status}, with ${items} referrals on it and not ${PAGE_SIZE}`);
  }
  return ms;
}

function printRatios(many: number, few: readonly number[][], most: readonly number[][]): boolean {
  heading(`The worklist with ${number(FEW)} and with ${number(many)} open referrals`);
  const ratios = PAGES.map((_, i) => percentile(most[i] ?? [], 0.95) / percentile(few[i] ?? [], 0.95));
  const row = (page: string, i: number) => [
    page,
    number(few[i]?.length ?? 0),
    ...[0.5, 0.95].flatMap((share) => [few, most].map((of) => number(percentile(of[i] ?? [], share), 1))),
    number(ratios[i] ?? Number.NaN, 2),
  ];
  const of = (share: string, count: number) => ({ right: `${share} at ${number(count)}` });
  table(
    [
      ...['page', { right: 'requests' }],
      ...[of('p50', FEW), of('p50', many), of('p95', FEW), of('p95', many), { right: 'p95 ratio' }],
    ],
    PAGES.map(row),
  );
  const [ratio = Number.NaN] = ratios;
  const p95 = (of: readonly number[][]) => `${number(percentile(of[0] ?? [], 0.95), 1)} ms`;
  note(
    `\nworklist p95 at ${number(FEW)}: ${p95(few)}, at ${number(many)}: ${p95(most)}, ratio ${number(ratio, 2)} (target ≤ ${MOST_RATIO})`,
  );
  return ratio <= MOST_RATIO;
}
