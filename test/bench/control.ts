/** What the bench needs of a cloud's control API besides what journeys need: new mail only, and what was used. */
import type { Usage } from '../../local/usage.ts';
import { Cloud, type Mail } from '../journeys/cloud.ts';
import { linkIn } from '../journeys/people.ts';

const REFERENCE = /\bSP-[0-9A-Z]{4}-[0-9A-Z]{4}\b/;

export class MeteredCloud extends Cloud {
  /** Mail after the one with this id, oldest first. */
  async mailSince(id: string | undefined): Promise<Mail[]> {
    return this.#json(id === undefined ? 'inbox.json' : `inbox.json?since=${encodeURIComponent(id)}`);
  }

  /** What would have been billed since the cloud started. */
  async usage(): Promise<Usage> {
    return this.#json('usage.json');
  }

  async #json<T>(path: string): Promise<T> {
    const response = await fetch(`${this.baseUrl}/_cloud/${path}`);
    if (!response.ok) throw new Error(`GET /_cloud/${path}: ${response.status} ${await response.text()}`);
    return response.json() as Promise<T>;
  }
}

/** Sorts mail by referral as it comes, so that each email is fetched and read once however many lives there are. */
export class Post {
  readonly #cloud: MeteredCloud;
  readonly #byReference = new Map<string, Mail[]>();
  #last: string | undefined;

  constructor(cloud: MeteredCloud) {
    this.#cloud = cloud;
  }

  /** Fetches what is new. */
  async collect(): Promise<void> {
    const mails = await this.#cloud.mailSince(this.#last);
    this.#last = mails.at(-1)?.id ?? this.#last;
    for (const mail of mails) {
      const reference = referenceIn(mail.text);
      if (reference === undefined) continue;
      const pile = this.#byReference.get(reference);
      if (pile) pile.push(mail);
      else this.#byReference.set(reference, [mail]);
    }
  }

  /** The newest one-time code that came for a referral. */
  async code(reference: string): Promise<string> {
    await this.collect();
    const codes = (this.#byReference.get(reference) ?? []).flatMap(
      ({ text }) => /^Code: (\d{6})$/m.exec(text)?.[1] ?? [],
    );
    const newest = codes.at(-1);
    if (newest === undefined) throw new Error(`no code came for ${reference}`);
    return newest;
  }

  /** The newest link of a kind for a referral among the mail not taken yet; older ones of the kind are thrown away with it. */
  take(reference: string, kind: string): string | undefined {
    return this.takeAll(reference, kind).at(-1);
  }

  /** Every link of a kind for a referral among the mail not taken yet, oldest first. */
  takeAll(reference: string, kind: string): string[] {
    const links: string[] = [];
    const rest = (this.#byReference.get(reference) ?? []).filter((mail) => {
      const link = linkIn(mail, kind);
      if (link !== undefined) links.push(link);
      return link === undefined;
    });
    this.#byReference.set(reference, rest);
    return links;
  }
}

/** The reference in a text. */
export function referenceIn(text: string): string | undefined {
  return REFERENCE.exec(text)?.[0];
}
