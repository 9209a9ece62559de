/** The cloud that a journey runs on, by its base URL: the pages for everybody, and the control API for inbox and clock. */
import type { FaultRequest } from '../../local/faults.ts';
import type { DataPoint } from '../../local/metrics.ts';

export type Mail = {
  id: string;
  at: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
};
/** A system that may call the JSON API, and where it gets its tokens. */
export type ApiClient = { name: string; id: string; secret: string; tokenUrl: string };
/** Somebody who can sign in, with a password where the cloud asks for one. */
export type Person = { id: string; name: string; email: string; groups: string[]; password?: string };
export type Execution = { name: string; status: string; state: string | null; startedAt: string };

/** A cloud's control API. Only a laptop's cloud and the deployed tier's harness have one. */
export class Cloud {
  readonly baseUrl: string;
  readonly #mails: Mail[] = [];

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl.replace(/\/$/, '');
  }

  /** Every email sent so far, oldest first. Only what is new is fetched. */
  async inbox(): Promise<Mail[]> {
    const last = this.#mails.at(-1);
    const newer = await this.#get<Mail[]>(
      last ? `inbox.json?since=${encodeURIComponent(last.id)}` : 'inbox.json',
    );
    const known = new Set(this.#mails.map((mail) => mail.id));
    this.#mails.push(...newer.filter((mail) => !known.has(mail.id)));
    return [...this.#mails];
  }

  async now(): Promise<string> {
    return (await this.#get<{ now: string }>('clock.json')).now;
  }

  /** Moves the clock forward and waits until nothing is running. */
  async advance(by: { hours: number } | { to: string }): Promise<string> {
    return (await this.#post<{ now: string }>('clock', by)).now;
  }

  /** Waits until nothing is running. */
  async settle(): Promise<void> {
    await this.#post('settle', {});
  }

  async executions(): Promise<Execution[]> {
    return this.#get('executions.json');
  }

  async history(execution: string): Promise<unknown[]> {
    return this.#get(`executions/${execution}/history.json`);
  }

  async logs(): Promise<string> {
    return (await this.#request('GET', 'logs.txt')).text();
  }

  /** What was measured as of a moment or later. */
  async metrics(since: string): Promise<DataPoint[]> {
    return this.#get(`metrics.json?since=${encodeURIComponent(since)}`);
  }

  async table(): Promise<Record<string, unknown>[]> {
    return this.#get('table.json');
  }

  async clients(): Promise<ApiClient[]> {
    return this.#get('clients.json');
  }

  /** The examples of people who can sign in. */
  async people(): Promise<Person[]> {
    return this.#get('people.json');
  }

  /** What a function is told, by the name of its folder. */
  async environment(name: string): Promise<Record<string, string>> {
    return this.#get(`functions/${name}/environment.json`);
  }

  /** Makes functions crash or be turned away, or the table, SES or the issuer fail; `{}` ends it. */
  async faults(faults: FaultRequest) {
    await this.#post('faults', faults);
  }

  /** Stops and starts again, as after a power cut. */
  async restart(): Promise<void> {
    await this.#post('restart', {});
  }

  async #get<T>(path: string): Promise<T> {
    return (await this.#request('GET', path)).json() as Promise<T>;
  }

  async #post<T>(path: string, body: unknown): Promise<T> {
    return (await this.#request('POST', path, JSON.stringify(body))).json() as Promise<T>;
  }

  async #request(method: string, path: string, body?: string): Promise<Response> {
    const response = await fetch(`${this.baseUrl}/_cloud/${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok)
      throw new Error(`${method} /_cloud/${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}
