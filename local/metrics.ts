/**
 * CloudWatch's metrics on a laptop: what the services saw, by the names that AWS gives it, and what functions wrote of themselves in the embedded
 * metric format. Only what is asked for by the alarms of the template is counted.
 */
import type { Clock } from './clock.ts';

/** One value of a metric. */
export interface DataPoint {
  readonly namespace: string;
  readonly name: string;
  /** Its dimensions. */
  readonly by: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, in the cloud's time. */
  readonly at: number;
  readonly value: number;
}

/** So many of the latest are kept: those of a few days. */
const KEPT = 100_000;

export class Metrics {
  readonly #clock: Pick<Clock, 'now'>;
  #points: DataPoint[] = [];

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Adds a value of a metric as of now; 1 for something that happened. */
  add(namespace: string, name: string, by: Readonly<Record<string, string>> = {}, value = 1): void {
    this.#keep({ namespace, name, by, at: this.#clock.now(), value });
  }

  /** Takes what a line of a log says. A line that is not as it should be is no metric, and nobody is told. */
  read(line: string): void {
    try {
      for (const point of embeddedIn(line)) this.#keep(point);
    } catch {
      // So does CloudWatch. Tests read the log themselves, and that throws.
    }
  }

  /** Every value as of that moment or later, in milliseconds since 1970, in the order in which they came. */
  since(at: number): DataPoint[] {
    return this.#points.filter((point) => point.at >= at);
  }

  #keep(point: DataPoint): void {
    this.#points.push(point);
    if (this.#points.length > KEPT * 1.1) this.#points = this.#points.slice(-KEPT);
  }
}

type Directive = {
  Timestamp: number;
  CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
};

/** The metrics in a line of a log: none but where it is in the embedded metric format. Throws where it is so by half. */
export function embeddedIn(line: string): DataPoint[] {
  const start = line.indexOf('{');
  if (start < 0 || !line.includes('"_aws"')) return [];
  const entry = JSON.parse(line.slice(start)) as Record<string, unknown> & { _aws: Directive };
  const { Timestamp: at, CloudWatchMetrics } = entry._aws;
  return CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics: named }) =>
    named.flatMap(({ Name: name }) =>
      Dimensions.map((dimensions) => {
        const value = entry[name];
        if (typeof value !== 'number' || !Number.isFinite(value) || !Number.isInteger(at)) {
          throw new Error(`not in the embedded metric format: ${line}`);
        }
        const by = Object.fromEntries(dimensions.map((each) => [each, String(entry[each])]));
        return { namespace, name, by, at, value };
      }),
    ),
  );
}
