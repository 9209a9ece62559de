/**
 * Small services, each by a seed, at whose every call to AWS something may go wrong. A hundred with every test; many more, some of them with a bug put
 * in on purpose, by `npm run simulate`.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MODES } from './faults-of-aws.ts';
import { DoesNotHold, type Life, live, type Script } from './life.ts';
import { prepare } from './service.ts';
import { replayOf, shrink } from './shrink.ts';

vi.mock('../../functions/shared/email/compose.ts', () => ({
  // What a mail looks like is checked elsewhere; here what it says is looked at.
  composeEmail: async (email: object) => Buffer.from(JSON.stringify(email)),
}));

const {
  SIMULATE_SEEDS,
  SIMULATE_FIRST,
  SIMULATE_SHARD,
  SIMULATE_REPORT,
  SIMULATE_MUTATION,
  SIMULATE_KEEP,
  SIMULATE_SKIP,
} = process.env;
const COUNT = Number(SIMULATE_SEEDS ?? 100);
const FIRST = Number(SIMULATE_FIRST ?? 1);
/** Every so many seeds, beginning with which. */
const [SHARD = 0, SHARDS = 1] = (SIMULATE_SHARD ?? '0/1').split('/').map(Number);
const PATIENCE_MS = 60_000 + COUNT * 5000;
/** So often it is said how far it is. */
const TELL_EVERY = 250;

const numbers = (list: string | undefined) =>
  list === undefined ? undefined : new Set(list === 'none' || list === '' ? [] : list.split(',').map(Number));

function scriptOf(seed: number): Script {
  const [kept, skip] = [numbers(SIMULATE_KEEP), numbers(SIMULATE_SKIP)];
  return { seed, ...(kept ? { kept } : {}), ...(skip ? { skip } : {}) };
}

let restore: () => void;
beforeAll(async () => {
  restore = await prepare();
});
afterAll(() => restore());

/** What was seen in many lives. */
type Seen = {
  lives: number;
  calls: number;
  mails: number;
  faults: Record<string, number>;
  endings: Record<string, number>;
  states: string[];
};

function seenIn(lives: readonly Life[]): Seen {
  const faults = Object.fromEntries(MODES.map((mode) => [mode, 0]));
  const endings: Record<string, number> = {};
  const states = new Set<string>();
  for (const life of lives) {
    for (const { mode } of life.faults) faults[mode] = (faults[mode] ?? 0) + 1;
    for (const ending of life.endings) endings[ending] = (endings[ending] ?? 0) + 1;
    for (const state of life.states) states.add(state);
  }
  const sum = (of: 'calls' | 'mails') => lives.reduce((total, life) => total + life[of], 0);
  return {
    ...{ lives: lives.length, calls: sum('calls'), mails: sum('mails') },
    ...{ faults, endings, states: [...states] },
  };
}

type Failed = { seed: number; failure: DoesNotHold };
/** So many that did not hold are looked for: the first is made smaller, and of the others it is said which they are. */
const MOST_FAILED = SIMULATE_MUTATION ? 1 : 5;

/** Lives the seeds of this part. Gives what was seen, or which did not hold. */
async function liveAll(): Promise<Seen | Failed[]> {
  const lives: Life[] = [];
  const failed: Failed[] = [];
  for (let seed = FIRST + SHARD; seed < FIRST + COUNT && failed.length < MOST_FAILED; seed += SHARDS) {
    try {
      lives.push(await live(scriptOf(seed)));
    } catch (error) {
      if (!(error instanceof DoesNotHold)) throw error;
      failed.push({ seed, failure: error });
      if (SIMULATE_REPORT) console.log(`  seed ${seed} does not hold: ${firstLine(error)}`);
    }
    if (SIMULATE_REPORT && lives.length % TELL_EVERY === 0) console.log(`  ${lives.length} services`);
  }
  return failed.length > 0 ? failed : seenIn(lives);
}

const firstLine = ({ message }: Error) => message.split('\n', 1)[0];

it('is lived twice in the same way by the same seed', async () => {
  if (SIMULATE_SEEDS) return expect(COUNT).toBeGreaterThan(0);
  for (const seed of [3, 14]) {
    const [one, other] = [await live({ seed, level: 'many' }), await live({ seed, level: 'many' })];
    expect(other).toEqual(one);
  }
});

describe('a small service at whose every call something may go wrong', () => {
  it('loses nothing, does nothing twice, and comes to an end', { timeout: PATIENCE_MS }, async () => {
    const came = await liveAll();
    const [first] = Array.isArray(came) ? came : [];
    if (SIMULATE_MUTATION) {
      expect(first, `${SIMULATE_MUTATION} was not found`).toBeDefined();
      if (first) console.log(`FOUND at seed ${first.seed}: ${firstLine(first.failure)}`);
      return;
    }
    if (Array.isArray(came)) {
      const { seed, failure } = first as Failed;
      const smallest = await shrink(scriptOf(seed), failure);
      const { log, message, cause } = smallest.failure;
      const others = came.slice(1).map((other) => `seed ${other.seed}: ${firstLine(other.failure)}`);
      throw new Error([replayOf(seed, smallest), ...log, message, ...others].join('\n'), { cause });
    }
    if (SIMULATE_REPORT) writeFileSync(SIMULATE_REPORT, JSON.stringify(came));
    expect(came.calls).toBeGreaterThan(came.lives * 100);
    if (COUNT < 100) return;
    // All of it happens.
    for (const ending of ['completed', 'declined', 'signposted', 'withdrawn']) {
      expect(came.endings[ending], ending).toBeGreaterThan(0);
    }
    for (const mode of MODES) expect(came.faults[mode], mode).toBeGreaterThan(0);
  });
});
