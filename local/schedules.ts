/** EventBridge Scheduler on a laptop: calls functions at a rate, in the cloud's time. */
import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Functions } from './functions.ts';
import type { SchedulePlan } from './plan.ts';
import type { Usage } from './usage.ts';

export const HOUR_MS = 3_600_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Who skips days sees how things stood on each of them. */
const SKIPPING_MS = 24 * HOUR_MS;

interface Schedule extends SchedulePlan {
  next: number;
  /** When it was last fired. */
  last: number;
}

export class Schedules {
  readonly #schedules: Schedule[];
  readonly #clock: Clock;
  readonly #functions: Functions;
  readonly #usage: Usage;
  #timer: NodeJS.Timeout | undefined;
  #held = false;

  constructor(
    plans: readonly SchedulePlan[],
    services: { clock: Clock; functions: Functions; usage: Usage },
  ) {
    this.#clock = services.clock;
    this.#functions = services.functions;
    this.#usage = services.usage;
    this.#schedules = plans.map((plan) => ({ ...plan, next: this.#clock.now() + plan.everyMs, last: 0 }));
  }

  /** Ticks in real time from now on. */
  start(): void {
    this.#held = false;
    this.#arm();
  }

  /** Stops ticking; for good, or while someone moves the clock. */
  hold(): void {
    this.#held = true;
    clearTimeout(this.#timer);
  }

  /**
   * Fires what a hop of the clock passed over, once for each schedule and with the hop's end as its time. A schedule that is
   * finer than a hop fires at every one, however short: who moves the clock to the moment when something is due sees it done. One that
   * may come late only measures. Nobody looks at that on the way: it waits for the last hop, and where more than its own period is skipped
   * (`movedMs`: all hops together) it fires once a day.
   */
  hop(hopMs: number, movedMs: number, isLast: boolean): void {
    const now = this.#clock.now();
    for (const schedule of this.#schedules) {
      if (schedule.flexible && !isLast) continue;
      if (schedule.next > now && schedule.everyMs > hopMs) continue;
      schedule.next = now + schedule.everyMs;
      const isWatched = movedMs <= schedule.everyMs || now - schedule.last >= SKIPPING_MS;
      if (!schedule.flexible || isWatched) this.#fire(schedule, now);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#held || this.#schedules.length === 0) return;
    const wait = Math.min(...this.#schedules.map(({ next }) => next)) - this.#clock.now();
    this.#timer = setTimeout(() => this.#tick(), Math.min(Math.max(wait, 0) + 1, LONGEST_TIMER_MS));
    this.#timer.unref();
  }

  #tick(): void {
    const now = this.#clock.now();
    for (const schedule of this.#schedules) {
      if (schedule.next > now) continue;
      this.#fire(schedule, schedule.next);
      // A laptop that slept does not catch up tick by tick.
      while (schedule.next <= now) schedule.next += schedule.everyMs;
    }
    this.#arm();
  }

  #fire(schedule: Schedule, at: number): void {
    const { functionArn, input, arn } = schedule;
    schedule.last = at;
    const plan = this.#functions.find(functionArn);
    if (!plan) return;
    const values: Readonly<Record<string, string>> = {
      'scheduled-time': new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
      'schedule-arn': arn,
      'execution-id': randomUUID(),
      'attempt-number': '1',
    };
    this.#usage.schedulerInvocations += 1;
    this.#functions.invokeLater(
      plan,
      input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (whole, name: string) => values[name] ?? whole),
    );
  }
}
