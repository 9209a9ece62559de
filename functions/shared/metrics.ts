/** Writes measurements into the log, of which CloudWatch makes metrics: see metric-catalogue.ts for which there are. */
import { embedded, log, Message } from './log.ts';
import type { Measurement } from './metric-catalogue.ts';

/** Writes a measurement down, as of `now`: CloudWatch takes what is up to two weeks old. */
export function measure({ metric, value, by }: Measurement, now: string): void {
  log.info(Message.measured, embedded(metric, value, by, now));
}
