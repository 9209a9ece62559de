/** The cloud's time: real time plus the hours that people skipped. What they skipped is remembered between starts. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CloudError } from './errors.ts';

const stored = z.object({ offsetMs: z.int().nonnegative() });

export class Clock {
  readonly #base: () => number;
  readonly #file: string;
  #offsetMs: number;

  constructor(dataDir: string, base: () => number = Date.now) {
    this.#base = base;
    this.#file = join(dataDir, 'clock.json');
    this.#offsetMs = this.#load();
  }

  /** Milliseconds since 1970, in the cloud's time. */
  now(): number {
    return this.#base() + this.#offsetMs;
  }

  /** The cloud's time as ISO text. */
  iso(): string {
    return new Date(this.now()).toISOString();
  }

  /** Skips to a moment. A moment that is already past changes nothing: time here never runs backwards. */
  skipTo(moment: number): void {
    this.#offsetMs += this.#ahead(moment);
  }

  /**
   * Remembers a moment that the clock is about to be moved to, for the next start. Remembering it first means that no cut, however
   * early, lets the clock start again before something that has happened.
   */
  remember(moment: number): void {
    // A power cut while writing must not leave half a file.
    writeFileSync(`${this.#file}.new`, JSON.stringify({ offsetMs: this.#offsetMs + this.#ahead(moment) }));
    renameSync(`${this.#file}.new`, this.#file);
  }

  #ahead(moment: number): number {
    return Math.max(0, Math.ceil(moment - this.now()));
  }

  #load(): number {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch {
      return 0;
    }
    try {
      return stored.parse(JSON.parse(text)).offsetMs;
    } catch {
      throw new CloudError(`clock.json is damaged (${this.#file}); delete it to set the clock to real time`);
    }
  }
}
