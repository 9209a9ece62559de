/** One address for the tests: the deployed pages, and beside them the control API that the embedded cloud has too. */
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type Cloud, type Fault, Unsupported } from './cloud.ts';

export class Harness {
  readonly baseUrl: string;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  #cloud: Cloud | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.baseUrl = `http://127.0.0.1:${port}`;
    server.on('request', (incoming, outgoing) => {
      this.#answer(incoming, outgoing).catch((error: unknown) => {
        if (outgoing.headersSent) outgoing.destroy();
        else json(outgoing, error instanceof Unsupported ? 501 : 500, { error: String(error) });
      });
    });
  }

  /** Takes a port, so that the address can be deployed as the one that links lead to. Answers 503 until `serve`. */
  static async open(): Promise<Harness> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new Harness(server, address.port);
  }

  /** From now on serves this stack. */
  serve(cloud: Cloud): void {
    this.#cloud = cloud;
  }

  /** Stops answering. */
  async close(): Promise<void> {
    this.#agent.destroy();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const cloud = this.#cloud;
    if (!cloud) return json(outgoing, 503, { error: 'not deployed yet' });
    const url = new URL(incoming.url ?? '/', this.baseUrl);
    if (!url.pathname.startsWith('/_cloud/')) return this.#forward(cloud, incoming, outgoing);
    const body = incoming.method === 'POST' ? await readJson(incoming) : undefined;
    if (body === MALFORMED) return json(outgoing, 400, { error: 'The body is not JSON.' });
    return control(cloud, `${incoming.method} ${url.pathname}`, url.searchParams, body ?? {}, outgoing);
  }

  async #forward(cloud: Cloud, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const target = new URL(cloud.api);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const forwarded = request({
        agent: this.#agent,
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: `${target.pathname}${incoming.url}`,
        // What identifies this hop stays on this hop.
        headers: without(incoming.headers, ['connection', 'keep-alive']),
      });
      forwarded.once('error', reject).once('response', resolve);
      incoming.pipe(forwarded);
    });
    const { statusCode = 502 } = answer;
    outgoing.writeHead(
      statusCode,
      without(answer.headers, ['connection', 'keep-alive', 'transfer-encoding']),
    );
    answer.pipe(outgoing);
    await new Promise<void>((resolve, reject) => {
      answer.once('error', reject);
      outgoing.once('close', resolve);
    });
  }
}

const MALFORMED = Symbol('not JSON');
type Body = Record<string, unknown>;

async function control(
  cloud: Cloud,
  route: string,
  query: URLSearchParams,
  body: Body,
  outgoing: ServerResponse,
): Promise<void> {
  const history = /^GET \/_cloud\/executions\/([^/]+)\/history\.json$/.exec(route)?.[1];
  if (history !== undefined) {
    const events = await cloud.history(decodeURIComponent(history));
    return events ? json(outgoing, 200, events) : json(outgoing, 404, { error: `no execution ${history}` });
  }
  const told = /^GET \/_cloud\/functions\/([^/]+)\/environment\.json$/.exec(route)?.[1];
  if (told !== undefined) return json(outgoing, 200, await cloud.environment(decodeURIComponent(told)));
  switch (route) {
    case 'GET /_cloud/inbox.json': {
      const all = await cloud.inbox();
      const since = all.findIndex(({ id }) => id === query.get('since'));
      return json(outgoing, 200, all.slice(since + 1));
    }
    case 'GET /_cloud/clock.json':
      return json(outgoing, 200, { now: (await cloud.now()).toISOString() });
    case 'POST /_cloud/clock': {
      const now = await cloud.now();
      const to = target(now, body);
      if (to === undefined) {
        return json(outgoing, 400, {
          error: 'Say {"hours": n} or {"to": an ISO 8601 time}, not in the past.',
        });
      }
      return json(outgoing, 200, { now: (await cloud.moveTo(to)).toISOString() });
    }
    case 'POST /_cloud/settle':
      await cloud.settle();
      return json(outgoing, 200, {});
    case 'GET /_cloud/executions.json':
      return json(outgoing, 200, await cloud.executions());
    case 'GET /_cloud/logs.txt':
      outgoing.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
      outgoing.end((await cloud.logs()).map((line) => `${line}\n`).join(''));
      return;
    case 'GET /_cloud/requests.json':
      return json(outgoing, 200, await cloud.requests());
    case 'GET /_cloud/clients.json':
      return json(outgoing, 200, await cloud.clients());
    case 'GET /_cloud/people.json':
      return json(outgoing, 200, await cloud.people());
    case 'GET /_cloud/table.json':
      return json(outgoing, 200, await cloud.table());
    case 'POST /_cloud/faults': {
      const fault = faultIn(body);
      if (fault === undefined) {
        return json(outgoing, 400, {
          error: 'Say {"function": …, "crashes": n}, {"dynamodb": an error, "times": n} or {}.',
        });
      }
      await cloud.fault(fault);
      return json(outgoing, 200, {});
    }
    case 'POST /_cloud/restart':
      await cloud.restart();
      return json(outgoing, 200, {});
    default:
      return json(outgoing, 404, { error: `The deployed tier has no ${route}.` });
  }
}

/** Where a request to move the clock wants it; undefined when it does not say, or backwards. */
function target(now: Date, { hours, to }: Body): Date | undefined {
  if (typeof hours === 'number' && hours >= 0) return new Date(now.getTime() + hours * 3_600_000);
  const moment = typeof to === 'string' ? new Date(to) : undefined;
  return moment && moment.getTime() >= now.getTime() ? moment : undefined;
}

function faultIn(body: Body): Fault | Record<string, never> | undefined {
  if (Object.keys(body).length === 0) return {};
  const { function: name, crashes, dynamodb, times } = body;
  if (typeof name === 'string' && typeof crashes === 'number') return { function: name, crashes };
  if (typeof dynamodb === 'string' && typeof times === 'number') return { dynamodb, times };
  return undefined;
}

async function readJson(incoming: IncomingMessage): Promise<Body | typeof MALFORMED> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  try {
    const value: unknown = JSON.parse(text || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : MALFORMED;
  } catch {
    return MALFORMED;
  }
}

function json(outgoing: ServerResponse, status: number, value: unknown): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(value));
}

function without<T>(headers: Record<string, T>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
