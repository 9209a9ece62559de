/**
 * Link workers, providers, people, coordinators, the sweep and an outbox that dies, all at once at one programme's places, in every order of their
 * requests to the table: no place is promised twice, nobody is lost, and whoever waits is called in turn. Six beside the journeys, a thousand by
 * `npm run simulate`.
 */
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import fc, { type Arbitrary, type Scheduler } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { placesOfAll } from '../../functions/shared/directory/places.ts';
import { keyFor } from '../../functions/shared/secret.ts';
import { nextFree, type Places, placeOf, standingOf, summaryOf } from '../../workflows/places.ts';
import { startEnvironment } from '../unit/functions/environment.ts';
import { TABLE, type TestTable } from '../unit/functions/table.ts';
import { inTurn } from './case-world.ts';
import { hold, PlacesWorld, PROGRAMME } from './places-world.ts';
import { stateFor } from './standing.ts';

vi.mock('../../functions/shared/email/compose.ts', () => ({
  // What a mail looks like is checked elsewhere; here it must take no time of its own.
  composeEmail: async (email: object) => Buffer.from(JSON.stringify(email)),
}));

const RUNS = process.env.SIMULATE_RUNS ? Math.ceil(Number(process.env.SIMULATE_RUNS) / 10) : 6;
// The same ones with every test, so that no change fails for what it did not touch; others by `npm run simulate`, every night.
const seed = Number(process.env.SIMULATE_SEED ?? 1);
const PATIENCE_MS = 120_000 + RUNS * 5000;

const ACTS = [
  ...(['match', 'accept', 'full', 'no', 'waitlist'] as const),
  ...(['leave', 'worry', 'undo', 'places', 'sweep'] as const),
] as const;
type Act = { what: (typeof ACTS)[number]; who: number; n: number; twice: boolean };
/** What happens at once, then how much time passes. `deaths`: after how many requests somebody in the background is killed. */
type Round = { acts: Act[]; deaths: number[]; pass: 'a minute' | 'half an hour' | 'nine days' };
type Script = { people: number; capacities: [number, number]; rounds: Round[] };

const act: Arbitrary<Act> = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant('match' as const) },
    { weight: 3, arbitrary: fc.constant('accept' as const) },
    { weight: 5, arbitrary: fc.constantFrom('no', 'leave', 'places') },
    { weight: 4, arbitrary: fc.constantFrom('full', 'waitlist', 'worry', 'undo', 'sweep') },
  ) as Arbitrary<Act['what']>,
  who: fc.nat(11),
  n: fc.nat(7),
  twice: fc.boolean(),
});
const round: Arbitrary<Round> = fc.record({
  acts: fc.array(act, { minLength: 2, maxLength: 6, size: 'max' }),
  deaths: fc.array(fc.oneof(fc.nat(25), fc.constant(1000)), { maxLength: 3 }),
  pass: fc.oneof(
    { weight: 4, arbitrary: fc.constant('a minute' as const) },
    { weight: 2, arbitrary: fc.constant('half an hour' as const) },
    // A provider who has said nothing for three of these has no offer any more.
    { weight: 4, arbitrary: fc.constant('nine days' as const) },
  ) as Arbitrary<Round['pass']>,
});
const anyScript: Arbitrary<Script> = fc.record({
  people: fc.integer({ min: 5, max: 12 }),
  capacities: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  rounds: fc.array(round, { minLength: 4, maxLength: 8, size: 'max' }),
});

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
  vi.stubEnv('SESSION_IDLE_MINUTES', '1000000');
  vi.stubEnv('SESSION_HOURS', '100000');
  vi.stubEnv('FORMS_PER_TEN_MINUTES', '100000000');
  await keyFor('session');
  hold();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await table.stop();
});

async function play(world: PlacesWorld, { what, who, n, twice }: Act): Promise<void> {
  switch (what) {
    case 'match':
      return world.match(world.someAt('review', who), n, twice);
    case 'accept':
      return world.reply(world.someAt('offer', who), 'accept', '', twice);
    case 'full':
      return world.reply(world.someAt('offer', who), 'decline', 'no-capacity', twice);
    case 'no':
      return world.reply(world.someAt('offer', who), 'decline', 'not-eligible', twice);
    case 'waitlist':
      return world.reply(world.someAt('offer', who), 'waitlist', '', twice);
    case 'leave':
      return world.leave(world.someAt(n < 2 ? 'programme' : n < 5 ? 'offer' : 'anywhere', who));
    case 'worry':
      return world.worry(world.someInLine(who));
    case 'undo':
      return world.undo(world.someAt('offer', who));
    case 'places':
      return world.places(n % 2, 1 + (n >> 1));
    case 'sweep':
      return world.sweep();
  }
}

/** Plays a script in the order that the scheduler makes, then lets everything come to rest, and checks it. */
async function live({ people, capacities, rounds }: Script, scheduler: Scheduler, seen: Map<string, number>) {
  const world = await PlacesWorld.open(table, people, capacities);
  try {
    for (const { acts, deaths, pass } of rounds) {
      world.log.push('at once:');
      world.deaths.push(...deaths);
      for (const each of acts) {
        world.tick();
        world.go(`${each.what} ${each.who}`, () => play(world, each));
      }
      await world.quiet(scheduler);
      world.deaths.length = 0;
      if (pass !== 'a minute') {
        world.tick(pass === 'nine days' ? { days: 9 } : { minutes: 30 });
        // At once with whatever people do next: an offer may run out while it is accepted.
        world.go('sweep', () => world.sweep());
      }
    }
    await world.quiet();
    world.log.push('at rest:');
    for (const minutes of [16, 16, 61, 61, 16, 16]) {
      world.tick({ minutes });
      world.go('sweep', () => world.sweep());
      await world.quiet();
    }
    await checkSettled(world);
    for (const [what, times] of world.counts) seen.set(what, (seen.get(what) ?? 0) + times);
    seen.set('programmes', (seen.get('programmes') ?? 0) + 1);
    if (process.env.SIMULATE_RUNS && (seen.get('programmes') ?? 0) % 100 === 0) {
      console.log(`places: ${seen.get('programmes')} programmes`);
    }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${world.log.join('\n')}`, { cause: error });
  } finally {
    await world.close();
    // A thousand programmes would not fit into this process.
    table.clear();
    vi.clearAllMocks();
  }
}

/** When nobody acts any more: the ledger is what the referrals say, and every one of them is somewhere. */
async function checkSettled(world: PlacesWorld): Promise<void> {
  const { Item } = await DynamoDBDocumentClient.from(table.client).send(
    new GetCommand({ TableName: TABLE, Key: { pk: `PLACES#${PROGRAMME}`, sk: 'PLACES' } }),
  );
  const places = Item as Places | undefined;
  const empty = { places: [], waiting: [], cohorts: [] };
  const { waiting, cohorts, ...rest } = places ?? empty;
  const count = (what: string) => world.counts.set(what, (world.counts.get(what) ?? 0) + 1);
  for (const id of world.ids) {
    const referral = await table.referrals.read(id);
    if (!referral) throw new Error(`${world.who(id)} is gone`);
    for (const { result } of referral.offers) if (result === 'silence') count('offers that ran out');
    const standing = standingOf(referral, PROGRAMME);
    const entry = placeOf(rest, id);
    const line = waiting.find(({ referralId }) => referralId === id);
    expect(entry?.state ?? (line ? 'waiting' : 'none'), world.who(id)).toBe(standing.state);
    expect([entry?.settleAt, entry?.called], world.who(id)).toEqual([undefined, undefined]);
    if ('cohortId' in standing) expect(entry?.cohortId).toBe(standing.cohortId);
    if (line && standing.state === 'waiting') {
      expect(line).toMatchObject({
        offer: standing.offer,
        since: standing.since,
        need: world.needOf(referral),
      });
      expect(line.chosen).toBe(referral.offers.at(-1)?.chosenCohortId);
    }
    count(`at rest: ${standing.state === 'none' ? referral.stage : standing.state}`);
    // Held, taken, waiting, or with somebody who decides what comes next.
    if (standing.state === 'none') expect(['review', 'closed'], world.who(id)).toContain(referral.stage);
    // Somebody may be told tomorrow that nobody has seen to a concern yet.
    const left = referral.outbox.filter(({ kind, notBefore }) => kind !== 'email' || notBefore <= world.now);
    expect(left, `the outbox of ${world.who(id)}`).toEqual([]);
    const running = world.machine.running().filter(({ referralId }) => referralId === id);
    const state = stateFor(referral);
    expect(
      running.map(({ waiting }) => waiting?.state),
      world.who(id),
    ).toEqual(state ? [state] : []);
  }
  if (!places) return;
  for (const each of waiting) {
    expect(
      nextFree({ cohorts, places: rest.places }, world.now, each),
      world.who(each.referralId),
    ).toBeUndefined();
  }
  const summary = (await placesOfAll(TABLE)).get(PROGRAMME);
  expect(summary).toEqual(summaryOf(places));
}

describe('everybody at once at the places of a programme', () => {
  it('is promised no more than there is, in turn, and nobody is lost', { timeout: PATIENCE_MS }, async () => {
    const seen = new Map<string, number>();
    const property = fc.asyncProperty(anyScript, fc.scheduler({ act: inTurn }), (script, scheduler) =>
      live(script, scheduler, seen),
    );
    try {
      // A programme's life takes seconds: what failed is told by its log, and not lived through again in smaller ones.
      await fc.assert(property, { numRuns: RUNS, seed, endOnFailure: true });
    } catch (error) {
      const { message, cause } = error as Error & { cause?: Error };
      throw new Error(
        `npm run simulate -- --seed=${seed} --runs=${RUNS * 10}\n${message}\n${cause?.message ?? ''}`,
      );
    }
    const counts = [...seen].sort().map(([what, times]) => `  ${what}: ${times}`);
    if (process.env.SIMULATE_RUNS) console.log(counts.join('\n'));
    // All of it happens.
    const what = [
      ...['match 303', 'accept 303', 'leave 303', 'unsafe 303'],
      ...['groups chosen', 'called from the waiting list', 'killed'],
      // One in five programmes or so.
      ...(RUNS >= 100 ? ['offers that ran out'] : []),
    ];
    for (const each of what) expect(seen.get(each) ?? 0, each).toBeGreaterThan(0);
  });
});
