/**
 * What SES makes of a sender, played: the share of emails that came back for good or were called unwanted. AWS takes it over a volume of its own
 * choosing, which it does not tell, and of days; here it is the latest two hundred.
 */
import type { Metrics } from './metrics.ts';

/** So many; a test sends as many to let what came back be forgotten. */
export const LATEST = 200;

type Event = 'bounce' | 'complaint';

export class Reputation {
  readonly #metrics: Metrics;
  #latest: (readonly Event[])[] = [];

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** An email was taken, and this became of it. */
  sent(events: readonly Event[]): void {
    this.#latest = [...this.#latest, events].slice(-LATEST);
    this.measure();
  }

  /** Says it, as AWS does every few minutes; of nothing it says nothing. */
  measure(): void {
    if (this.#latest.length === 0) return;
    const share = (event: Event) =>
      this.#latest.filter((events) => events.includes(event)).length / this.#latest.length;
    this.#metrics.add('AWS/SES', 'Reputation.BounceRate', {}, share('bounce'));
    this.#metrics.add('AWS/SES', 'Reputation.ComplaintRate', {}, share('complaint'));
  }
}
