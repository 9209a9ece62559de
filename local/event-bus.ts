/** EventBridge's default bus on a laptop: what services publish goes to the functions of every rule whose pattern it is like. */
import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Functions } from './functions.ts';
import { ACCOUNT, type EventPattern, REGION, type RulePlan } from './plan.ts';

export class EventBus {
  readonly #rules: readonly RulePlan[];
  readonly #clock: Clock;
  readonly #functions: () => Functions | undefined;

  /** @param functions those that run now: they are others after a restart. */
  constructor(rules: readonly RulePlan[], clock: Clock, functions: () => Functions | undefined) {
    this.#rules = rules;
    this.#clock = clock;
    this.#functions = functions;
  }

  /** Brings an event to whoever wants it. */
  publish(source: string, detailType: string, detail: object): void {
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source,
      account: ACCOUNT,
      time: this.#clock.iso().replace(/\.\d+Z$/, 'Z'),
      region: REGION,
      resources: [],
      detail,
    };
    const functions = this.#functions();
    for (const { pattern, functionArns } of this.#rules) {
      if (!isLike(event, pattern)) continue;
      for (const arn of functionArns) {
        const plan = functions?.find(arn);
        if (plan) functions?.invokeLater(plan, JSON.stringify(event));
      }
    }
  }
}

/** Whether an event is like a pattern: each field that is named there has one of the values, or is like what is named in it. */
export function isLike(event: unknown, pattern: EventPattern): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = (event as Record<string, unknown> | null | undefined)?.[field];
    if (!Array.isArray(wanted)) return typeof value === 'object' && isLike(value, wanted as EventPattern);
    // Of a list one has to be wanted.
    return [value].flat().some((each) => wanted.includes(each));
  });
}
