/** What the functions wrote: the latest lines in memory, and all of them in the data folder up to a bound. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LINES_IN_MEMORY = 100_000;
const BYTES_A_FILE = 8 * 1024 * 1024;

export class Logs {
  readonly #file: string;
  readonly #now: () => string;
  readonly #read: (line: string) => void;
  #lines: string[] = [];
  #dropped = 0;
  #unwritten: string[] = [];
  #bytes: number;

  /** @param read is given each line as it comes. */
  constructor(dataDir: string, now: () => string, read: (line: string) => void) {
    const folder = join(dataDir, 'logs');
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'functions.log');
    this.#now = now;
    this.#read = read;
    this.#bytes = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Adds one line that a function wrote. */
  add(functionId: string, line: string): void {
    const whole = `${this.#now()} ${functionId} ${line}`;
    this.#lines.push(whole);
    this.#read(line);
    if (this.#lines.length > LINES_IN_MEMORY * 1.1) {
      this.#dropped += this.#lines.length - LINES_IN_MEMORY;
      this.#lines = this.#lines.slice(-LINES_IN_MEMORY);
    }
    // Lines come in bursts; one write for each burst.
    if (this.#unwritten.push(whole) === 1) setImmediate(() => this.flush());
  }

  /** Every line since the start. */
  text(): string {
    const first = this.#dropped > 0 ? [`(${this.#dropped} earlier lines are in the data folder only)`] : [];
    return [...first, ...this.#lines, ''].join('\n');
  }

  /** Writes what is not in the file yet. */
  flush(): void {
    if (this.#unwritten.length === 0) return;
    const text = `${this.#unwritten.splice(0).join('\n')}\n`;
    if (this.#bytes > BYTES_A_FILE) {
      renameSync(this.#file, `${this.#file}.1`);
      this.#bytes = 0;
    }
    appendFileSync(this.#file, text);
    this.#bytes += Buffer.byteLength(text);
  }
}
