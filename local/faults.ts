/** Faults that tests and curious people inject, each a number of times. */
import * as z from 'zod';

export const faultRequest = z.union([
  z.strictObject({ function: z.string(), crashes: z.int().positive() }),
  z.strictObject({ dynamodb: z.string().regex(/^[A-Z]\w+$/), times: z.int().positive() }),
  z.strictObject({}),
]);
export type FaultRequest = z.infer<typeof faultRequest>;

/** When in its run a function crashes. */
export type Crash = 'before' | 'after';

/** The crashes that functions still have to suffer, by function id. */
export class Crashes {
  readonly #left = new Map<string, number>();

  set(id: string, times: number): void {
    this.#left.set(id, times);
  }

  clear(): void {
    this.#left.clear();
  }

  /**
   * The next run's crash, if any. They alternate: one dies before its work, the next after it, when everything was written and
   * nobody was told. The second kind is what finds steps that cannot be repeated.
   */
  take(id: string): Crash | undefined {
    const left = this.#left.get(id) ?? 0;
    if (left <= 0) return undefined;
    this.#left.set(id, left - 1);
    return left % 2 === 0 ? 'before' : 'after';
  }
}
