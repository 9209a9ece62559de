/** A browser without JavaScript or pictures: it reads pages, keeps cookies where a test gives it a jar, fills in forms and follows redirects, as a person would. */
import { type HTMLElement, parse } from 'node-html-parser';

export type Fields = Record<string, string>;

/** The cookies of one person's browser, by name. */
export type Jar = Map<string, string>;

/** A page as it was answered. */
export class Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly #document: HTMLElement;
  readonly #jar: Jar | undefined;

  constructor(url: string, status: number, headers: Headers, html: string, jar?: Jar) {
    this.url = url;
    this.status = status;
    this.headers = headers;
    this.html = html;
    this.#document = parse(html);
    this.#jar = jar;
  }

  /** What a person reads. */
  get text(): string {
    const main = this.#document.querySelector('main') ?? this.#document;
    return main.structuredText.replace(/\s+/g, ' ');
  }

  /** Whether the page has a field of this name. */
  has(name: string): boolean {
    return this.#document.querySelector(`[name="${name}"]`) !== null;
  }

  /** The names of the fields whose name is so, each once. */
  named(pattern: RegExp): string[] {
    const names = this.#document.querySelectorAll('[name]').map((field) => field.getAttribute('name') ?? '');
    return [...new Set(names.filter((name) => pattern.test(name)))];
  }

  /** The values that can be chosen for a field of this name, in their order. */
  choices(name: string): string[] {
    return this.#document
      .querySelectorAll(`input[type="radio"][name="${name}"]`)
      .map((field) => field.getAttribute('value') ?? '');
  }

  /** What a field of this name holds, the first of them. */
  valueOf(name: string): string | undefined {
    return this.#document.querySelector(`[name="${name}"]`)?.getAttribute('value');
  }

  get heading(): string {
    return this.#document.querySelector('h1')?.text.trim() ?? '';
  }

  /** The form that has a field or a button with this name and value; of several, the first that has these fields. */
  #form(name: string, value: string | undefined, fields: readonly string[]): HTMLElement {
    const matching = this.#document
      .querySelectorAll('form')
      .filter((form) =>
        form
          .querySelectorAll(`[name="${name}"]`)
          .some((field) => value === undefined || field.getAttribute('value') === value),
      );
    const form = matching.find((each) => fields.every((field) => each.querySelector(`[name="${field}"]`)));
    const [first] = matching;
    if (!first) throw new Error(`no form with ${name}=${value ?? '…'} on "${this.heading}" (${this.url})`);
    return form ?? first;
  }

  /** Sends the form that offers `action`, with its hidden and preset fields and these values. */
  async submit(action: string | undefined, values: Fields = {}): Promise<Page> {
    const names = Object.keys(values);
    const form =
      action === undefined
        ? this.#form(names[0] ?? '', undefined, names)
        : this.#form('action', action, names);
    const fields: Fields = {};
    for (const input of form.querySelectorAll('input, textarea, select')) {
      const name = input.getAttribute('name');
      const type = input.getAttribute('type');
      if (!name || ((type === 'radio' || type === 'checkbox') && !input.hasAttribute('checked'))) continue;
      fields[name] = valueIn(input);
    }
    for (const name of names) {
      if (form.querySelectorAll(`[name="${name}"]`).length === 0) {
        throw new Error(`no field ${name} on "${this.heading}" (${this.url})`);
      }
    }
    const target = new URL(form.getAttribute('action') || this.url, this.url);
    return send(
      target.href,
      { ...fields, ...(action === undefined ? {} : { action }), ...values },
      this.#jar,
      new URL(this.url).origin === target.origin ? 'same-origin' : 'cross-site',
    );
  }
}

/** What a field holds. A list that nobody has chosen from has its first option. */
function valueIn(field: HTMLElement): string {
  if (field.tagName === 'TEXTAREA') return field.text;
  if (field.tagName !== 'SELECT') return field.getAttribute('value') ?? '';
  const option = field.querySelector('option[selected]') ?? field.querySelector('option');
  return option?.getAttribute('value') ?? '';
}

/** Opens an address. */
export async function visit(url: string, jar?: Jar): Promise<Page> {
  return follow(url, { method: 'GET' }, jar);
}

/** Sends fields to an address and follows the answer. `site`: where browsers say that the form is from. */
export async function send(url: string, fields: Fields, jar?: Jar, site?: string): Promise<Page> {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    ...(site === undefined ? {} : { 'sec-fetch-site': site }),
  };
  return follow(url, { method: 'POST', headers, body: new URLSearchParams(fields).toString() }, jar);
}

/** Most redirects that a page of ours makes, and some more. */
const MOST_REDIRECTS = 5;

async function follow(url: string, request: RequestInit, jar: Jar | undefined): Promise<Page> {
  let at = url;
  let next = request;
  for (let i = 0; i <= MOST_REDIRECTS; i++) {
    const cookie = jar && [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...next.headers, ...(cookie ? { cookie } : {}) };
    const response = await fetch(at, { ...next, headers, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) keep(jar, set);
    const location = response.headers.get('location');
    if (![302, 303].includes(response.status) || location === null) {
      return new Page(at, response.status, response.headers, await response.text(), jar);
    }
    await response.arrayBuffer();
    at = new URL(location, at).href;
    next = { method: 'GET' };
  }
  throw new Error(`${url} redirects too often`);
}

/** Keeps a cookie, or forgets it where that is what was asked. */
function keep(jar: Jar | undefined, set: string): void {
  const [pair = '', ...attributes] = set.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, at).trim();
  const over = attributes.some((attribute) => /^ *(max-age=0|expires=.* 1970 .*)$/i.test(attribute));
  if (over) jar?.delete(name);
  else jar?.set(name, pair.slice(at + 1));
}
