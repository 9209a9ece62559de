/** Somebody who looks at the alarms every five minutes of the cloud's time, as CloudWatch does. */
import { inject } from 'vitest';
import { readAssembly } from '../../local/assembly.ts';
import type { DataPoint } from '../../local/metrics.ts';
import { planOf } from '../../local/resources.ts';
import { type AlarmState, Alarms } from '../infra/alarms.ts';
import type { Cloud } from './cloud.ts';

const PERIOD_MS = 300_000;
/** The longest that an alarm looks back: three periods of an hour. */
const LONGEST_MS = 3 * 3_600_000;
/** So long it takes until nothing of what was skipped is in any period of a quarter of an hour that is looked at. */
const TICKS_AFTER_SKIP = 10;

export class Watch {
  readonly alarms: Alarms;
  /** Every alarm that has ever rung. */
  readonly rung = new Set<string>();
  readonly #cloud: Cloud;
  #points: readonly DataPoint[] = [];

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    const assembly = readAssembly(inject('assembly') ?? '');
    const { alarms } = planOf(assembly, { url: cloud.baseUrl, dataDir: '' });
    this.alarms = new Alarms(alarms, `${assembly.stackName}-`);
  }

  /**
   * Five minutes pass, or what is left of them, and everything that is called every five minutes is. What is looked at are whole periods: what happens
   * now is in the one that ends with the next tick.
   */
  async tick(): Promise<void> {
    const now = await this.#pass();
    this.#points = await this.#cloud.metrics(new Date(now - LONGEST_MS).toISOString());
    this.alarms.look(this.#points, now);
    for (const name of this.alarms.ringing) this.rung.add(name);
  }

  /** Time passes in which nothing is wrong and nobody looks: it is moved by hours, and what is called every five minutes is called seldom. */
  async skip(hours: number): Promise<void> {
    await this.#cloud.advance({ hours });
    for (let i = 0; i < TICKS_AFTER_SKIP; i++) await this.#pass();
    await this.tick();
  }

  /** Looks until an alarm says so. Throws when it does not within so many ticks. Gives how many it took. */
  async until(name: string, state: AlarmState, most: number): Promise<number> {
    for (let ticks = 0; ticks <= most; ticks++) {
      if (ticks > 0) await this.tick();
      if (this.alarms.states.get(name) === state) return ticks;
    }
    throw new Error(`${name} is ${this.alarms.states.get(name)} after ${most} ticks, not ${state}`);
  }

  /** The latest value of one of the service's own metrics. */
  latest(name: string, by: Record<string, string> = {}): number | undefined {
    const same = (point: DataPoint) => Object.entries(by).every(([key, value]) => point.by[key] === value);
    return this.#points.findLast((point) => point.name === name && same(point))?.value;
  }

  async #pass(): Promise<number> {
    const now = Date.parse(await this.#cloud.now());
    const end = (Math.floor(now / PERIOD_MS) + 1) * PERIOD_MS;
    await this.#cloud.advance({ to: new Date(end + 1000).toISOString() });
    return end;
  }
}
