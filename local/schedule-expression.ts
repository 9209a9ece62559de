/** EventBridge Scheduler's `rate(…)` expressions. */
import { CloudError } from './errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(5 minutes)` → 300000. `where` names the schedule in the error for any other expression. */
export function everyMs(expression: string, where: string): number {
  const [, value = '', unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const ms = Number(value) * (UNIT_MS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new CloudError(`${where} has the schedule ${expression}; the embedded cloud knows only rate(…)`);
}
