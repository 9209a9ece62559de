/**
 * Every way to an end, with every call to AWS on it failing once, in every way in which it can: it ends as it does without. Some of them with every
 * test, all by `npm run simulate -- --exhaustive`.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type End, goTheWay, WAYS } from './endings.ts';
import { MODES, type Mode, modesOf } from './faults-of-aws.ts';
import { DoesNotHold } from './life.ts';
import { prepare } from './service.ts';

vi.mock('../../functions/shared/email/compose.ts', () => ({
  // What a mail looks like is checked elsewhere; here what it says is looked at.
  composeEmail: async (email: object) => Buffer.from(JSON.stringify(email)),
}));

let restore: () => void;
beforeAll(async () => {
  restore = await prepare();
});
afterAll(() => restore());

const { SIMULATE_EXHAUSTIVE, SIMULATE_SHARD, SIMULATE_REPORT } = process.env;
const [SHARD = 0, SHARDS = 1] = (SIMULATE_SHARD ?? '0/1').split('/').map(Number);
/** With every test one of so many, in turn. */
const ONE_OF = 300;
const PATIENCE_MS = SIMULATE_EXHAUSTIVE ? 4 * 3_600_000 : 120_000;

describe('a single fault at any call to AWS', () => {
  it('changes nothing of how it ends', { timeout: PATIENCE_MS }, async () => {
    const seen = {
      lives: 0,
      calls: 0,
      mails: 0,
      faults: Object.fromEntries(MODES.map((mode) => [mode, 0])),
      endings: {} as Record<string, number>,
    };
    const states = new Set<string>();
    let turn = 0;
    const failures: Error[] = [];
    for (const way of WAYS) {
      const without = await goTheWay(way, () => undefined).catch((error) => {
        throw new Error(`${way.name}\n${(error as DoesNotHold).log.join('\n')}\n${error.message}`, {
          cause: error,
        });
      });
      expect(without.end.referrals).toHaveLength(1);
      let tried = 0;
      for (const [call, described] of without.calls) {
        for (const mode of modesOf(JSON.parse(described))) {
          turn += 1;
          if (turn % (SIMULATE_EXHAUSTIVE ? SHARDS : ONE_OF) !== (SIMULATE_EXHAUSTIVE ? SHARD : 1)) continue;
          tried += 1;
          const gone = await withOne(way, call, mode, without.end).catch((error: Error) => {
            failures.push(error);
            if (!SIMULATE_EXHAUSTIVE) throw error;
          });
          if (!gone) continue;
          seen.lives += 1;
          seen.calls += gone.cloud.calls;
          seen.mails += gone.cloud.mails.length;
          seen.faults[mode] = (seen.faults[mode] ?? 0) + 1;
          for (const state of gone.watch.states) states.add(state);
        }
      }
      seen.endings[way.name] = tried;
      if (SIMULATE_EXHAUSTIVE)
        console.log(`  ${way.name}: ${without.calls.length} calls, ${tried} of their faults here`);
    }
    if (failures[0]) {
      const which = failures.map(({ message }) => message.split('\n', 1)[0]);
      throw new Error(`${failures[0].message}\n${failures.length} did not end so:\n${which.join('\n')}`, {
        cause: failures[0].cause,
      });
    }
    if (SIMULATE_REPORT) writeFileSync(SIMULATE_REPORT, JSON.stringify({ ...seen, states: [...states] }));
    expect(seen.lives).toBeGreaterThan(20);
  });
});

async function withOne(way: (typeof WAYS)[number], call: number, mode: Mode, without: End) {
  const what = `${way.name}, call ${call}: ${mode}`;
  try {
    const gone = await goTheWay(way, (number) => (number === call ? mode : undefined));
    try {
      expect(gone.end).toEqual(without);
    } catch (error) {
      throw new DoesNotHold(
        error as Error,
        { faults: gone.service.cloud.faults, acts: 0 },
        gone.service.cloud.log,
      );
    }
    return gone.service;
  } catch (error) {
    if (!(error instanceof DoesNotHold)) throw error;
    throw new Error(`${what}\n${error.log.join('\n')}\n${what}: ${error.message}`, { cause: error });
  }
}
