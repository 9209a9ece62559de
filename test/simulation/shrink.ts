/** A smaller life that does not hold either: fewer faults, then fewer acts. */
import { DoesNotHold, live, type Script } from './life.ts';

/** So many lives are tried to make it smaller. */
const MOST_TRIES = 80;

export type Smallest = { kept: number[]; skipped: number[]; failure: DoesNotHold };

/** Makes a failure smaller, as far as it goes in some tries. */
export async function shrink(script: Script, failure: DoesNotHold): Promise<Smallest> {
  let tries = 0;
  const smallest: Smallest = {
    kept: failure.life.faults.map(({ call }) => call),
    skipped: [...(script.skip ?? [])],
    failure,
  };
  const stillFails = async (kept: readonly number[], skipped: readonly number[]): Promise<boolean> => {
    tries += 1;
    try {
      await live({ ...script, kept: new Set(kept), skip: new Set(skipped) });
      return false;
    } catch (error) {
      if (!(error instanceof DoesNotHold)) throw error;
      // What did not happen need not be said.
      const happened = new Set(error.life.faults.map(({ call }) => call));
      Object.assign(smallest, {
        kept: kept.filter((call) => happened.has(call)),
        skipped: [...skipped],
        failure: error,
      });
      return true;
    }
  };
  // The halves first, then one by one.
  for (let size = smallest.kept.length; size >= 1 && tries < MOST_TRIES / 2; size = Math.floor(size / 2)) {
    for (let from = 0; from < smallest.kept.length && tries < MOST_TRIES / 2; ) {
      const fewer = smallest.kept.filter((_, i) => i < from || i >= from + size);
      if (!(await stillFails(fewer, smallest.skipped))) from += size;
    }
  }
  for (let act = failure.life.acts - 1; act >= 1 && tries < MOST_TRIES; act--) {
    await stillFails(smallest.kept, [...smallest.skipped, act]);
  }
  return smallest;
}

/** The command that plays it again. */
export function replayOf(seed: number, { kept, skipped }: Pick<Smallest, 'kept' | 'skipped'>): string {
  const skip = skipped.length > 0 ? ` --skip ${[...skipped].sort((a, b) => a - b).join(',')}` : '';
  return `npm run simulate -- --seeds 1 --seed ${seed} --keep ${kept.join(',') || 'none'}${skip}`;
}
