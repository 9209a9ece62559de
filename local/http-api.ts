/** API Gateway's HTTP API on a laptop: routes, payload format 2.0, and the API's own answers when a function has none. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { IssuerUnavailableError } from '../functions/shared/issuer.ts';
import type { Clock } from './clock.ts';
import { type Functions, type Outcome, THROTTLED } from './functions.ts';
import { BodyTooLarge, readBody, sendJson } from './http.ts';
import type { Metrics } from './metrics.ts';
import { ACCOUNT, type ApiRoute, type TokensPlan } from './plan.ts';
import { type Match, match } from './routing.ts';
import { lookAtToken, type TurnedAway } from './tokens.ts';
import type { Usage } from './usage.ts';

const BODY_LIMIT = 10 * 1024 * 1024;
/** The API gives these types to functions as text; everything else, forms too, in base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript)\b|application\/[\w.-]+\+(json|xml)\b)/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const structured = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});

export interface ApiServices {
  readonly clock: Clock;
  readonly functions: Functions;
  readonly metrics: Metrics;
  readonly usage: Usage;
}

export class HttpApi {
  readonly #id: string;
  readonly #routes: readonly ApiRoute[];
  readonly #services: ApiServices;

  constructor(id: string, routes: readonly ApiRoute[], services: ApiServices) {
    this.#id = id;
    this.#routes = routes;
    this.#services = services;
  }

  /** Answers one request. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { usage, metrics } = this.#services;
    usage.apiRequests += 1;
    await this.#answer(request, response);
    const by = { ApiId: this.#id };
    metrics.add('AWS/ApiGateway', 'Count', by);
    if (response.statusCode >= 400)
      metrics.add('AWS/ApiGateway', response.statusCode < 500 ? '4xx' : '5xx', by);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { functions } = this.#services;
    const requestId = randomUUID();
    response.setHeader('apigw-requestid', requestId);
    let body: Buffer;
    try {
      body = await readBody(request, BODY_LIMIT);
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error;
      return sendJson(response, 413, { message: 'Request Entity Too Large' });
    }
    const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?');
    const found = match(this.#routes, request.method ?? 'GET', path);
    const plan = found && functions.find(found.route.functionArn);
    if (!found || !plan) return sendJson(response, 404, { message: 'Not Found' });
    if (found.route.tokens && !(await this.#isLetThrough(request, response, found.route.tokens))) return;
    const event = this.#event(request, { found, requestId, path, query, body });
    const outcome = await functions.invoke(plan, JSON.stringify(event));
    answer(response, outcome);
  }

  /** Whether a request brings a token that counts. Otherwise it is answered. */
  async #isLetThrough(
    { headers }: IncomingMessage,
    response: ServerResponse,
    tokens: TokensPlan,
  ): Promise<boolean> {
    const now = new Date(this.#services.clock.now()).toISOString();
    let refused: TurnedAway | undefined;
    try {
      refused = await lookAtToken(headers.authorization, tokens, now);
    } catch (error) {
      if (!(error instanceof IssuerUnavailableError)) throw error;
      sendJson(response, 500, { message: 'Internal Server Error' });
      return false;
    }
    if (!refused) return true;
    response.setHeader('www-authenticate', refused.challenge);
    sendJson(response, refused.status, { message: refused.status === 401 ? 'Unauthorized' : 'Forbidden' });
    return false;
  }

  #event(
    request: IncomingMessage,
    parts: { found: Match<ApiRoute>; requestId: string; path: string; query: string; body: Buffer },
  ): APIGatewayProxyEventV2 {
    const { found, requestId, path, query, body } = parts;
    const now = this.#services.clock.now();
    const { cookie, ...rest } = request.headers;
    const headers: Record<string, string> = {
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': String(request.socket.localPort ?? ''),
      'x-forwarded-proto': 'http',
    };
    for (const [name, value] of Object.entries(rest))
      headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
    const isText = TEXT.test(headers['content-type'] ?? 'text/plain');
    const host = headers.host ?? 'localhost';
    return {
      version: '2.0',
      routeKey: found.route.key,
      rawPath: path,
      rawQueryString: query,
      headers,
      ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
      ...(query === '' ? {} : { queryStringParameters: queryOf(query) }),
      ...(Object.keys(found.pathParameters).length > 0
        ? { pathParameters: { ...found.pathParameters } }
        : {}),
      requestContext: {
        accountId: ACCOUNT,
        apiId: this.#id,
        domainName: host,
        domainPrefix: host.split('.')[0] ?? host,
        http: {
          method: request.method ?? 'GET',
          path,
          protocol: `HTTP/${request.httpVersion}`,
          sourceIp: '127.0.0.1',
          userAgent: headers['user-agent'] ?? '',
        },
        requestId,
        routeKey: found.route.key,
        stage: '$default',
        time: commonLogTime(now),
        timeEpoch: Math.floor(now),
      },
      ...(body.length > 0 ? { body: body.toString(isText ? 'utf8' : 'base64') } : {}),
      isBase64Encoded: body.length > 0 && !isText,
    };
  }
}

/** Turns a function's outcome into the response that the API would send. */
function answer(response: ServerResponse, outcome: Outcome): void {
  const value: unknown = 'error' in outcome ? undefined : JSON.parse(outcome.payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    // Without a status code the API takes whatever was returned for a JSON body.
    if (value === undefined) fail(response, outcome);
    else sendJson(response, 200, value);
    return;
  }
  const parsed = structured.safeParse(value);
  if (!parsed.success) {
    fail(response, outcome);
    return;
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  try {
    for (const [name, header] of Object.entries(headers)) response.setHeader(name, String(header));
    if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  } catch {
    // A header that HTTP does not allow is the function's fault.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    fail(response, outcome);
    return;
  }
  const content = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  response.statusCode = statusCode;
  if (content.length > 0 && !response.hasHeader('content-type')) {
    response.setHeader('content-type', 'text/plain;charset=UTF-8');
  }
  if (statusCode !== 204 && statusCode !== 304) response.setHeader('content-length', content.length);
  response.end(content);
}

function fail(response: ServerResponse, outcome: Outcome): void {
  if ('error' in outcome && outcome.error.errorType === THROTTLED) {
    sendJson(response, 503, { message: 'Service Unavailable' });
  } else sendJson(response, 500, { message: 'Internal Server Error' });
}

function queryOf(query: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    values[name] = name in values ? `${values[name]},${value}` : value;
  }
  return values;
}

/** `12/Mar/2026:19:03:58 +0000` */
function commonLogTime(ms: number): string {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
