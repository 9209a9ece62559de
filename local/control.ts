/** The control API and the pages for people, everything under /_cloud/. For development only: the product does not have it. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { CloudError } from './errors.ts';
import type { ExamplePerson } from './example-people.ts';
import type { Execution } from './executions.ts';
import { RefusedError } from './executions.ts';
import { type FaultRequest, faultRequest } from './faults.ts';
import { isFromHere, readBody, send, sendJson } from './http.ts';
import type { ApiClient } from './identity.ts';
import type { Letter } from './inbox.ts';
import type { DataPoint } from './metrics.ts';
import { type CloudState, frontPage, inboxPage, letterPage, missingPage } from './pages.ts';
import type { Usage } from './usage.ts';

const TEN_YEARS_OF_HOURS = 87_600;
const clockRequest = z.union([
  z.strictObject({ hours: z.coerce.number().nonnegative().max(TEN_YEARS_OF_HOURS) }),
  z.strictObject({ to: z.iso.datetime({ offset: true }) }),
]);

/** What can be asked of a cloud that runs. */
export interface Controls {
  now(): number;
  /** Moves the clock forward to the moment that `target` names, given the time when its turn comes. */
  move(target: (now: number) => number): Promise<void>;
  settle(): Promise<void>;
  restart(): Promise<void>;
  setFaults(request: FaultRequest): Promise<void>;
  letters(since?: string): readonly Letter[];
  letter(id: string): Letter | undefined;
  executions(): readonly Execution[];
  execution(name: string): Execution;
  logs(): string;
  items(): Promise<Record<string, unknown>[]>;
  usage(): Promise<Usage>;
  /** What was measured as of a moment or later, in milliseconds since 1970. */
  metrics(since: number): readonly DataPoint[];
  clients(): readonly ApiClient[];
  people(): readonly ExamplePerson[];
  /** What a function is told, by its id: with it another program can stand in for it. */
  environment(id: string): Readonly<Record<string, string>>;
  pictures(): Promise<string[]>;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly body: string;
}
type Answer = (controls: Controls, asked: Asked, parameter: string) => Promise<void> | void;

/** Routes by method and path; `*` is one segment, which the answer gets. */
const ROUTES: Readonly<Record<string, Answer>> = {
  'GET /_cloud': (_, { response }) => redirect(response, '/_cloud/'),
  'GET /_cloud/': async (controls, { response }) => {
    const nonce = randomBytes(16).toString('base64');
    sendPage(response, 200, frontPage(await stateOf(controls), nonce), nonce);
  },
  'GET /_cloud/inbox': (controls, { response }) => sendPage(response, 200, inboxPage(controls.letters())),
  'GET /_cloud/inbox/*': (controls, { response }, id) => {
    const letter = controls.letter(id);
    if (letter) sendPage(response, 200, letterPage(letter));
    else sendPage(response, 404, missingPage());
  },
  'GET /_cloud/inbox.json': (controls, { response, url }) =>
    sendJson(response, 200, controls.letters(url.searchParams.get('since') ?? undefined)),
  'GET /_cloud/clock.json': (controls, { response }) => sendJson(response, 200, nowOf(controls)),
  'POST /_cloud/clock': async (controls, { request, response, body }) => {
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    const asked = read(clockRequest, isForm ? Object.fromEntries(new URLSearchParams(body)) : jsonOf(body));
    await controls.move((now) => ('to' in asked ? Date.parse(asked.to) : now + asked.hours * 3_600_000));
    if (isForm) redirect(response, '/_cloud/');
    else sendJson(response, 200, nowOf(controls));
  },
  'POST /_cloud/settle': async (controls, { response }) => {
    await controls.settle();
    sendJson(response, 200, {});
  },
  'GET /_cloud/executions.json': (controls, { response }) =>
    sendJson(
      response,
      200,
      controls.executions().map(({ name, status, state, startedAt }) => ({
        name,
        status,
        state,
        startedAt: new Date(startedAt).toISOString(),
      })),
    ),
  'GET /_cloud/executions/*/history.json': (controls, { response }, name) =>
    sendJson(response, 200, controls.execution(name).history.events),
  'GET /_cloud/logs.txt': (controls, { response }) =>
    send(response, 200, 'text/plain; charset=utf-8', controls.logs()),
  'GET /_cloud/table.json': async (controls, { response }) => sendJson(response, 200, await controls.items()),
  'GET /_cloud/usage.json': async (controls, { response }) => sendJson(response, 200, await controls.usage()),
  'GET /_cloud/metrics.json': (controls, { response, url }) =>
    sendJson(response, 200, controls.metrics(Date.parse(url.searchParams.get('since') ?? '') || 0)),
  'GET /_cloud/clients.json': (controls, { response }) => sendJson(response, 200, controls.clients()),
  'GET /_cloud/people.json': (controls, { response }) => sendJson(response, 200, controls.people()),
  'GET /_cloud/functions/*/environment.json': (controls, { response }, id) =>
    sendJson(response, 200, controls.environment(id)),
  'POST /_cloud/faults': async (controls, { response, body }) => {
    await controls.setFaults(read(faultRequest, jsonOf(body)));
    sendJson(response, 200, {});
  },
  'POST /_cloud/restart': async (controls, { response }) => {
    await controls.restart();
    sendJson(response, 200, {});
  },
};

const PATTERNS = Object.entries(ROUTES).map(([route, answer]) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, path: new RegExp(`^${path.replaceAll('.', '\\.').replace('*', '([^/]+)')}$`), answer };
});

/** Whether an address belongs to the control API. */
export function isControl(path: string): boolean {
  return /^\/_cloud(\/|\?|$)/.test(path);
}

/** Answers a request to the control API. */
export async function handleControl(
  controls: Controls,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('cache-control', 'no-store');
  if (!isFromHere(request))
    return sendJson(response, 403, { message: 'Only pages of this cloud may ask this' });
  const url = new URL(request.url ?? '/', 'http://localhost');
  const matches = PATTERNS.filter(({ path }) => path.test(url.pathname));
  const found = matches.find(({ method }) => method === request.method);
  if (!found) return refuseRoute(request, response, matches.length > 0);
  try {
    const body = (await readBody(request, 1024 * 1024)).toString();
    const parameter = decodeURIComponent(found.path.exec(url.pathname)?.[1] ?? '');
    await found.answer(controls, { request, response, url, body }, parameter);
  } catch (error) {
    if (error instanceof BadRequest) sendJson(response, 400, { message: error.message });
    else if (error instanceof RefusedError) sendJson(response, 404, { message: error.message });
    else if (error instanceof CloudError) sendJson(response, 500, { message: error.message });
    else throw error;
  }
}

function refuseRoute(request: IncomingMessage, response: ServerResponse, otherMethod: boolean): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (otherMethod) sendJson(response, 405, { message: `${request.method} is not possible on ${pathname}` });
  else if (request.headers.accept?.includes('text/html')) sendPage(response, 404, missingPage());
  else sendJson(response, 404, { message: `There is no ${pathname}` });
}

async function stateOf(controls: Controls): Promise<CloudState> {
  return {
    now: new Date(controls.now()),
    mails: controls.letters().length,
    executions: controls.executions(),
    pictures: await controls.pictures(),
  };
}

function nowOf(controls: Controls): { now: string } {
  return { now: new Date(controls.now()).toISOString() };
}

class BadRequest extends Error {}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body || '{}');
  } catch {
    throw new BadRequest('The body is not JSON');
  }
}

function read<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new BadRequest(z.prettifyError(result.error));
}

function redirect(response: ServerResponse, to: string): void {
  send(response, 303, 'text/plain', '', { location: to });
}

function sendPage(response: ServerResponse, status: number, page: string, nonce?: string): void {
  const script = nonce === undefined ? '' : ` script-src 'nonce-${nonce}'; connect-src 'self';`;
  send(response, status, 'text/html; charset=utf-8', page, {
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'self';${script}`,
    // Not no-referrer: with that, browsers hide where a form was sent from, which isFromHere looks at.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
}
