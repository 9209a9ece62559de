/** The mail that the product sent, kept in the data folder. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const mail = z.object({
  id: z.string(),
  /** In the cloud's time. */
  at: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});
export type Letter = z.infer<typeof mail>;

export class Inbox {
  readonly #file: string;
  readonly #letters: Letter[];

  constructor(dataDir: string) {
    this.#file = join(dataDir, 'inbox.jsonl');
    this.#letters = load(this.#file);
  }

  /** Keeps a letter. It is on disk when this returns. */
  add(letter: Letter): void {
    appendFileSync(this.#file, `${JSON.stringify(letter)}\n`);
    this.#letters.push(letter);
  }

  /** The letters, oldest first; only those after the one with this id, if it is there. */
  list(since?: string): readonly Letter[] {
    const index = since === undefined ? -1 : this.#letters.findIndex(({ id }) => id === since);
    return this.#letters.slice(index + 1);
  }

  get(id: string): Letter | undefined {
    return this.#letters.find((letter) => letter.id === id);
  }
}

function load(file: string): Letter[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    // A power cut may have left half a line at the end.
    try {
      return [mail.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
