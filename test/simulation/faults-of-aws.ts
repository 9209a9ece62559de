/** What may go wrong at a call to AWS, and at which calls it does. */
import type { AwsService } from '../unit/functions/clients.ts';
import { randomOf } from './random.ts';

/**
 * `before`, `timeout`, `throttled`: nothing was done, and an error comes back. `after`: it was done, and the answer was lost. `twice`: the first answer
 * was lost, and the client sent it again by itself. `late`: what was to be done at once is done later. `killed-…`: the invocation ends there.
 */
export const MODES = [
  'before',
  'after',
  'timeout',
  'throttled',
  'twice',
  'late',
  'killed-before',
  'killed-after',
] as const;
export type Mode = (typeof MODES)[number];

/** One fault: at which call, counted from the beginning, and what. */
export type Fault = { call: number; mode: Mode };

export type Level = 'none' | 'single' | 'few' | 'many';

/** The client of a call, and whether it reads only. */
export type Call = {
  service: AwsService;
  name: string;
  reads: boolean;
};

/** Which faults make sense of a call. */
export function modesOf({ service, name, reads }: Call): readonly Mode[] {
  if (service === 'secrets') return ['before', 'throttled'];
  if (reads) return ['before', 'timeout', 'throttled', 'killed-before'];
  const late = service === 'lambda' && name === 'InvokeCommand';
  return MODES.filter((mode) => mode !== 'late' || late);
}

/** Says which calls fail. `kept`: only these of those that chance chose, for a replay. */
export type Plan = (number: number, call: Call) => Mode | undefined;

const RATES = { few: 1 / 150, many: 1 / 25 } as const;
/** A single fault is somewhere among so many calls: about as many as a service makes. */
const SOMEWHERE = 1500;

export function planOf(seed: number, level: Level, kept?: ReadonlySet<number>): Plan {
  const single = level === 'single' ? 1 + Math.floor(randomOf(seed, 'single').next() ** 2 * SOMEWHERE) : 0;
  return (number, call) => {
    if (level === 'none' || (kept && !kept.has(number))) return undefined;
    const chance = randomOfCall(seed, number);
    const isHit = level === 'single' ? number === single : chance < RATES[level];
    return isHit ? randomOf(seed, 'mode', number).pick(modesOf(call)) : undefined;
  };
}

/** Cheap, since it is asked of each call. */
function randomOfCall(seed: number, number: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
}

/** The error of a fault as a client throws it. */
export function errorOf(mode: Mode, { service }: Call): Error {
  if (mode === 'throttled') {
    const name = { dynamodb: 'ProvisionedThroughputExceededException', lambda: 'TooManyRequestsException' }[
      service as string
    ];
    return failure(name ?? 'ThrottlingException', { $fault: 'client' });
  }
  if (mode === 'before') return failure('InternalServerError', { $fault: 'server' });
  return failure('TimeoutError', { code: 'ETIMEDOUT' });
}

function failure(name: string, more: object): Error {
  return Object.assign(new Error(name), { name, $metadata: {}, ...more });
}
