/** A browser without JavaScript, cookies or pictures: it reads pages, fills in forms and follows redirects, as a person would. */
import { type HTMLElement, parse } from 'node-html-parser';

export type Fields = Record<string, string>;

/** A page as it was answered. */
export class Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly #document: HTMLElement;

  constructor(url: string, status: number, headers: Headers, html: string) {
    this.url = url;
    this.status = status;
    this.headers = headers;
    this.html = html;
    this.#document = parse(html);
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

  get heading(): string {
    return this.#document.querySelector('h1')?.text.trim() ?? '';
  }

  /** The form that has a field or a button with this name and value. */
  #form(name: string, value?: string): HTMLElement {
    const matching = this.#document
      .querySelectorAll('form')
      .find((form) =>
        form
          .querySelectorAll(`[name="${name}"]`)
          .some((field) => value === undefined || field.getAttribute('value') === value),
      );
    if (!matching) throw new Error(`no form with ${name}=${value ?? '…'} on "${this.heading}" (${this.url})`);
    return matching;
  }

  /** Sends the form that offers `action`, with its hidden and preset fields and these values. */
  async submit(action: string | undefined, values: Fields = {}): Promise<Page> {
    const [first] = Object.keys(values);
    const form = action === undefined ? this.#form(first ?? '') : this.#form('action', action);
    const fields: Fields = {};
    for (const input of form.querySelectorAll('input, textarea, select')) {
      const name = input.getAttribute('name');
      const type = input.getAttribute('type');
      if (!name || ((type === 'radio' || type === 'checkbox') && !input.hasAttribute('checked'))) continue;
      fields[name] = input.tagName === 'TEXTAREA' ? input.text : (input.getAttribute('value') ?? '');
    }
    for (const name of Object.keys(values)) {
      if (form.querySelectorAll(`[name="${name}"]`).length === 0) {
        throw new Error(`no field ${name} on "${this.heading}" (${this.url})`);
      }
    }
    const target = new URL(form.getAttribute('action') || this.url, this.url);
    return send(target.href, { ...fields, ...(action === undefined ? {} : { action }), ...values });
  }
}

/** Opens an address. */
export async function visit(url: string): Promise<Page> {
  return pageOf(await fetch(url, { redirect: 'follow' }));
}

/** Sends fields to an address and follows the answer. */
export async function send(url: string, fields: Fields): Promise<Page> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
    redirect: 'follow',
  });
  return pageOf(response);
}

async function pageOf(response: Response): Promise<Page> {
  return new Page(response.url, response.status, response.headers, await response.text());
}
