/**
 * Several people act at once on one referral, in every order of their requests to the table: one of two decisions stands and the other is
 * told so, nothing that anybody saved is lost, and nothing is forgotten. Forty orders with every test, a thousand by `npm run simulate`.
 */
import fc, { type Scheduler } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { keyFor } from '../../functions/shared/secret.ts';
import { startEnvironment } from '../unit/functions/environment.ts';
import type { TestTable } from '../unit/functions/table.ts';
import { anyScript, happen, play, type Script, type Sent } from './acts.ts';
import { CaseWorld, hold, inTurn } from './case-world.ts';
import { checkAnswers, checkEveryVersion, checkSettled } from './standing.ts';

vi.mock('../../functions/shared/email/compose.ts', () => ({
  // What a mail looks like is checked elsewhere; here it must take no time of its own.
  composeEmail: async (email: object) => Buffer.from(JSON.stringify(email)),
}));

const RUNS = process.env.SIMULATE_RUNS ? Math.ceil(Number(process.env.SIMULATE_RUNS) / 10) : 25;
// The same ones with every test, so that no change fails for what it did not touch; others by `npm run simulate`, every night.
const seed = Number(process.env.SIMULATE_SEED ?? 1);
const PATIENCE_MS = 60_000 + RUNS * 2000;

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

/** Plays a script in the order that the scheduler makes, then lets everything come to rest, and checks it. */
async function interleave(script: Script, scheduler: Scheduler): Promise<Sent[]> {
  const world = await CaseWorld.open(table);
  const sent: Sent[] = [];
  try {
    for (const act of script.before) {
      await play(world, { who: 'amina', late: 0, acts: [act] }, sent);
      await world.quiet();
    }
    world.log.push('at once:');
    for (const actor of script.team) world.go(actor.who, () => play(world, actor, sent));
    for (const acts of script.world) {
      world.go(acts.map(({ what }) => what).join(' then '), async () => {
        for (const act of acts) {
          const answer = await happen(world, act);
          world.log.push(`${act.what} ${act.n}: ${answer?.status ?? ''}`);
          if (answer) expect(answer.status).toBeLessThan(500);
        }
      });
    }
    await world.quiet(scheduler);
    world.log.push('at rest:');
    checkAnswers(world, sent);
    for (let turn = 0; turn < 4; turn++) {
      world.letPass({ minutes: 11 });
      world.wakeOutbox(world.now);
      await world.quiet();
    }
    checkEveryVersion(world);
    await checkSettled(world, table, sent);
    return sent;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${world.log.join('\n')}`, { cause: error });
  } finally {
    await world.close();
    vi.clearAllMocks();
  }
}

describe('several people at once on one referral', () => {
  it('are each told what became of what they did, and nothing is lost or forgotten', {
    timeout: PATIENCE_MS,
  }, async () => {
    const seen = new Map<string, number>();
    const property = fc.asyncProperty(anyScript, fc.scheduler({ act: inTurn }), async (script, scheduler) => {
      for (const { act, answer } of await interleave(script, scheduler)) {
        const what = `${act.what} ${answer.status}`;
        seen.set(what, (seen.get(what) ?? 0) + 1);
      }
    });
    try {
      await fc.assert(property, { numRuns: RUNS, seed });
    } catch (error) {
      const { message, cause } = error as Error & { cause?: Error };
      throw new Error(
        `npm run simulate -- --seed=${seed} --runs=${RUNS * 10}\n${message}\n${cause?.message ?? ''}`,
      );
    }
    const counts = [...seen].sort().map(([what, times]) => `  ${what}: ${times}`);
    if (process.env.SIMULATE_RUNS) console.log(counts.join('\n'));
    // Both happen often: somebody is first, and somebody is told that they were not.
    const decided = (status: number) =>
      ['match', 'decline'].map((what) => seen.get(`${what} ${status}`) ?? 0);
    expect(Math.min(...decided(303))).toBeGreaterThan(0);
    expect(Math.max(...decided(409))).toBeGreaterThan(0);
  });
});
