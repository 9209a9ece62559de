/** What every route of the API has in common: who calls, how often, JSON in and out, problems as documents. */
import { createHash } from 'node:crypto';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { bodyOf, MAXIMUM_BODY_BYTES } from '../shared/body.ts';
import { environment } from '../shared/environment.ts';
import { freshen } from '../shared/fresh.ts';
import { logAbout, Message, note, warn } from '../shared/log.ts';
import { requestAt } from '../shared/log-fields.ts';
import { AuthorizationError, authorize, IssuerUnavailableError, type Scope } from '../shared/oauth.ts';
import { isPassing } from '../shared/passing.ts';
import { admit } from '../shared/throttle.ts';
import { PROBLEMS, Problem } from './problems.ts';

/** One request: when it came, and what it says. */
export type Call = {
  /** The moment the gateway received it. */
  now: string;
  path: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** By name in lower case. */
  headers: Record<string, string | undefined>;
  event: APIGatewayProxyEventV2;
};

/** What is answered: a value to be sent as JSON. */
export type Answer = { status?: number; headers?: Record<string, string>; body: unknown };

const WINDOW_SECONDS = 60;
/** When it is worth while to try again what failed for reasons that pass. */
const RETRY_SECONDS = 5;

/** Answers that are the same for everybody, on whichever site the program runs that asks. */
const PUBLIC = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' };
const PRIVATE = { 'cache-control': 'no-store' };

/** A handler for routes ("GET /api/services"), each answered by JSON. Whatever goes wrong is answered by a problem document. */
export function jsonApi(routes: Record<string, (call: Call) => Promise<Answer>>) {
  return middy(async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const route = routes[event.routeKey];
    const now = new Date(event.requestContext.timeEpoch).toISOString();
    logAbout({ now });
    if (!route) throw new Problem('not-found', 'There is no such address.');
    await freshen(now);
    const {
      status = 200,
      headers = PRIVATE,
      body,
    } = await route({
      now,
      path: event.pathParameters ?? {},
      query: event.queryStringParameters ?? {},
      headers: event.headers,
      event,
    });
    return json(status, 'application/json', headers, body);
  }).onError((request) => {
    const { awsRequestId } = request.context;
    const at = requestAt(awsRequestId, request.event.routeKey);
    const problem = problemOf(request.error);
    if (problem.kind === 'failed' || problem.kind === 'try-again') warn(Message.apiFailed, request.error, at);
    else note(Message.apiRefused, { ...at, reason: problem.kind });
    const cors = { 'access-control-allow-origin': '*' };
    request.response = json(
      PROBLEMS[problem.kind].status,
      'application/problem+json',
      { ...PRIVATE, ...cors, ...problem.headers },
      problem.document(awsRequestId),
    );
  });
}

/** An answer that is the same for everybody. */
export function open(body: unknown): Answer {
  return { headers: PUBLIC, body };
}

function json(
  statusCode: number,
  type: string,
  headers: Record<string, string>,
  body: unknown,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': type, 'x-content-type-options': 'nosniff', ...headers },
    body: JSON.stringify(body),
  };
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof AuthorizationError) return refusal(error);
  if (isPassing(error) || error instanceof IssuerUnavailableError) {
    return new Problem('try-again', 'Nothing was changed. Try again in a few seconds.', {
      headers: { 'retry-after': String(RETRY_SECONDS) },
    });
  }
  return new Problem(
    'failed',
    'It is our fault, and whoever runs this service can find it by `instance`. Try again later, with the same Idempotency-Key.',
  );
}

function refusal({ kind, challenge }: AuthorizationError): Problem {
  const headers = { 'www-authenticate': challenge };
  switch (kind) {
    case 'missing':
      return new Problem('no-token', 'Send Authorization: Bearer, and an access token.', { headers });
    case 'invalid':
      return new Problem('no-token', 'The access token is not valid, or not any more. Fetch a new one.', {
        headers,
      });
    case 'insufficient-scope':
      return new Problem('not-allowed', 'Fetch a token with the scope that WWW-Authenticate names.', {
        headers,
      });
  }
}

/** The client that calls, if it may, and has not called too often. */
export async function clientOf({ headers, now }: Call, scope: Scope): Promise<string> {
  const { IDENTITY_ISSUER, TABLE_NAME, API_PER_MINUTE } = environment('api');
  const { clientId } = await authorize(headers.authorization, IDENTITY_ISSUER, scope, now);
  const client = createHash('sha256').update(`api ${clientId}`).digest('base64url');
  const limit = { count: API_PER_MINUTE, seconds: WINDOW_SECONDS };
  const admission = await admit(TABLE_NAME, client, limit, now);
  if (admission.admitted) return clientId;
  const { retryAfterSeconds } = admission;
  throw new Problem(
    'too-many',
    `A client may send ${API_PER_MINUTE} requests a minute. Try again in ${retryAfterSeconds} seconds.`,
    { headers: { 'retry-after': String(retryAfterSeconds) } },
  );
}

/** The body, which is to be JSON and not too big. What is too big or of another type is refused before it is parsed. */
export function jsonOf({ event, headers }: Call): unknown {
  const body = bodyOf(event);
  if (body === undefined) {
    throw new Problem('too-large', `Send ${MAXIMUM_BODY_BYTES / 1024} KB or less.`);
  }
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new Problem('not-application-json', 'Send JSON, with Content-Type: application/json.');
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new Problem('not-json', 'Send JSON (RFC 8259), in UTF-8.');
  }
}
