/** What the bench counted of one referral, and when: what docs/capacity.md multiplies. Made anew by `npm run bench -- --lives 2 --record`. */
import { readFileSync } from 'node:fs';
import type { Usage } from '../../local/usage.ts';

export const MEASURED_FILE = 'test/bench/measured.json';

export interface Measured {
  /** What made it. */
  readonly command: string;
  /** The day, YYYY-MM-DD. */
  readonly on: string;
  /** The most that any function has, which every invocation is taken to have. */
  readonly memoryMb: number;
  /** One referral from the form to its letters, everybody acting in time, without the sweeps. */
  readonly life: Usage;
  /** One sweep that finds nothing. */
  readonly sweep: Usage;
}

/** What was recorded. Throws where nothing was. */
export function measured(): Measured {
  return JSON.parse(readFileSync(MEASURED_FILE, 'utf8'));
}
