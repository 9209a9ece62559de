/** What nobody but this laptop may know: made at the first start, kept in the data folder, readable by its owner alone. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CloudError } from './errors.ts';

const stored = z.record(z.string(), z.string());

export class KeptSecrets {
  readonly #file: string;
  readonly #values: Map<string, string>;

  constructor(dataDir: string) {
    this.#file = join(dataDir, 'secrets.json');
    this.#values = new Map(Object.entries(this.#load()));
  }

  /** The secret of a name; `make` makes it the first time. */
  get(name: string, make: () => string): string {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const made = make();
    this.set(name, made);
    return made;
  }

  /** Keeps another value for a name. */
  set(name: string, value: string): void {
    this.#values.set(name, value);
    this.#save();
  }

  #save(): void {
    // A power cut while writing must not leave half a file, and a file that is there already keeps its own mode.
    rmSync(`${this.#file}.new`, { force: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#values)), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  #load(): Record<string, string> {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch {
      return {};
    }
    try {
      return stored.parse(JSON.parse(text));
    } catch {
      throw new CloudError(
        `secrets.json is damaged (${this.#file}); delete it to have new secrets made: what was made with the old ones then counts for nothing`,
      );
    }
  }
}
