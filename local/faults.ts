/** Faults that tests and curious people inject, most a number of times. */
import * as z from 'zod';

const times = z.int().positive();
export const faultRequest = z.union([
  /** Before and after its work by turns, or at one of these times only. */
  z.strictObject({ function: z.string(), crashes: times, when: z.optional(z.enum(['before', 'after'])) }),
  /** Lambda runs it no more, as where too many run at once, until faults are over. */
  z.strictObject({ function: z.string(), throttled: z.literal(true) }),
  /** Of every operation, or of one. */
  z.strictObject({ dynamodb: z.string().regex(/^[A-Z]\w+$/), times, operation: z.optional(z.string()) }),
  /** SES takes no email, and says why. */
  z.strictObject({ ses: z.string().regex(/^[A-Z]\w+$/), times }),
  /** Whoever says who people are answers 503. */
  z.strictObject({ identity: z.literal('unavailable'), times }),
  z.strictObject({}),
]);
export type FaultRequest = z.infer<typeof faultRequest>;

/** When in its run a function crashes. */
export type Crash = 'before' | 'after';

/** What is still to be suffered, but by the tables, which know themselves. */
export class Faults {
  readonly #crashes = new Map<string, { left: number; when: Crash | undefined }>();
  readonly #throttled = new Set<string>();
  #refusal = { code: '', left: 0 };
  #unavailable = 0;

  /** A function, by its id, crashes so many times. */
  crash(id: string, crashes: number, when?: Crash): void {
    this.#crashes.set(id, { left: crashes, when });
  }

  /** A function, by its id, is turned away. */
  throttle(id: string): void {
    this.#throttled.add(id);
  }

  refuseMail(code: string, left: number): void {
    this.#refusal = { code, left };
  }

  closeIdentity(left: number): void {
    this.#unavailable = left;
  }

  clear(): void {
    this.#crashes.clear();
    this.#throttled.clear();
    this.#refusal.left = 0;
    this.#unavailable = 0;
  }

  isThrottled(id: string): boolean {
    return this.#throttled.has(id);
  }

  /**
   * The next run's crash, if any. Where nobody has said when, they alternate: one dies before its work, the next after it, when everything was written and
   * nobody was told. The second kind is what finds steps that cannot be repeated.
   */
  takeCrash(id: string): Crash | undefined {
    const { left, when } = this.#crashes.get(id) ?? { left: 0 };
    if (left <= 0) return undefined;
    this.#crashes.set(id, { left: left - 1, when });
    return when ?? (left % 2 === 0 ? 'before' : 'after');
  }

  /** With which code SES refuses the next mail, if it does. */
  takeRefusal(): string | undefined {
    if (this.#refusal.left <= 0) return undefined;
    this.#refusal.left -= 1;
    return this.#refusal.code;
  }

  /** Whether the next request to the issuer finds it closed. */
  takeUnavailable(): boolean {
    if (this.#unavailable <= 0) return false;
    this.#unavailable -= 1;
    return true;
  }
}
