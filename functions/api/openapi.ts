/** The API's own description (OpenAPI 3.1), made from the schemas by which it checks and answers. */
import { schemas } from 'virtual:api-schemas';
import * as z from 'zod/mini';
import { MAXIMUM_BODY_BYTES } from '../shared/body.ts';
import { allProgrammes } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { SCOPES, type Scope, tokenUrlOf } from '../shared/oauth.ts';
import { type Answer, open } from './answers.ts';
import { EXAMPLES, PROBLEM_EXAMPLES } from './examples.ts';
import { PROBLEMS, Problem, type ProblemKind } from './problems.ts';
import { type ANSWERS, REFERENCE } from './schemas.ts';
import { MOST_PAGES, PER_PAGE } from './services.ts';

/** Of the API, not of the software: it rises when something that systems rely on changes. */
const VERSION = '1.0.0';

const ALWAYS = ['too-many', 'failed', 'try-again'] as const;
const PROTECTED = ['no-token', 'not-allowed', ...ALWAYS] as const;

const WHAT_SCOPES_ALLOW: Record<Scope, string> = {
  'referrals/submit': 'Send referrals',
  'referrals/read': 'Ask where the referrals are that this client has sent',
};

let warm: { programmes: string; document: unknown } | undefined;

/** GET /api/openapi.json */
export async function showDocument(): Promise<Answer> {
  const ids = allProgrammes().map(({ id }) => id);
  const programmes = ids.join();
  if (warm?.programmes !== programmes) {
    const { BASE_URL, IDENTITY_ISSUER } = environment('api');
    const tokenUrl = await tokenUrlOf(IDENTITY_ISSUER);
    const document = documentOf({ baseUrl: BASE_URL, issuer: IDENTITY_ISSUER, tokenUrl });
    Object.assign(document.components.schemas, { Referral: withProgrammes(ids) });
    // The next one may know where tokens are given out.
    if (tokenUrl === undefined) return open(document);
    warm = { programmes, document };
  }
  return open(warm.document);
}

/** A referral may ask for what is in the directory now; when the description was made, it was what the service is deployed with. */
function withProgrammes(ids: readonly string[]) {
  const referral = referralSchema.parse(schemas().Referral);
  Object.assign(referral.properties.request.properties.programmeId, { enum: ids });
  return referral;
}

/** As far as it is looked into. */
const inside = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.looseObject({ properties: z.looseObject(shape) });
const referralSchema = inside({ request: inside({ programmeId: z.looseObject({}) }) });

/** The document. Without `tokenUrl` it says where to find that out. */
function documentOf({
  baseUrl,
  issuer,
  tokenUrl,
}: {
  baseUrl: string;
  issuer: string;
  tokenUrl: string | undefined;
}) {
  return {
    openapi: '3.1.0',
    info: {
      title: `${environment('api').SERVICE_NAME}: JSON API`,
      version: VERSION,
      description:
        'Refer people to social prescribing, ask where their referrals are, and read the directory of programmes. Every error is a problem ' +
        'document (RFC 9457). Only where a request never reaches the service (no such address, no token that allows it, too many from everybody ' +
        'at once, a body of megabytes) does the gateway answer by itself, with {"message": …}. Not for emergencies.',
    },
    servers: [{ url: baseUrl }],
    tags: [
      { name: 'Referrals', description: 'For systems with a client of their own' },
      { name: 'Directory', description: 'Open Referral UK 3.0, open to everybody' },
    ],
    paths: {
      '/api/referrals': {
        post: {
          tags: ['Referrals'],
          operationId: 'submitReferral',
          summary: 'Refer a person',
          description:
            'Sent again with the same Idempotency-Key and the same content, it is the same referral: a lost answer loses nothing.',
          security: [{ token: ['referrals/submit'] }],
          parameters: [
            {
              name: 'Idempotency-Key',
              in: 'header',
              required: true,
              description:
                'New for each referral, the same when it is sent again (draft-ietf-httpapi-idempotency-key-header). Each client has its own.',
              schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]([ -~]*[!-~])?$' },
            },
          ],
          requestBody: {
            required: true,
            description: `At most ${MAXIMUM_BODY_BYTES / 1024} KB`,
            content: {
              'application/json': {
                schema: ref('Referral'),
                examples: {
                  professional: { summary: 'A GP refers', value: EXAMPLES.professional },
                  self: { summary: 'Somebody refers themself', value: EXAMPLES.self },
                },
              },
            },
          },
          responses: {
            200: received('It was received before: the same answer as then'),
            201: received('Received'),
            ...problems(
              ...(['not-json', 'no-idempotency-key', 'too-large', 'not-application-json'] as const),
              ...(['invalid', 'not-eligible', 'key-used-before', ...PROTECTED] as const),
            ),
          },
        },
      },
      '/api/referrals/{reference}': {
        get: {
          tags: ['Referrals'],
          operationId: 'showReferral',
          summary: 'Where a referral is',
          description:
            'Only for the client that sent it, and nothing about the person. A referral may take a second to be found after it was sent.',
          security: [{ token: ['referrals/read'] }],
          parameters: [
            {
              name: 'reference',
              in: 'path',
              required: true,
              schema: { type: 'string', pattern: REFERENCE.source },
              example: EXAMPLES.status.reference,
            },
          ],
          responses: {
            200: answer('Where it is', 'Status', EXAMPLES.status),
            ...problems('not-found', ...PROTECTED),
          },
        },
      },
      '/api/services': {
        get: {
          tags: ['Directory'],
          operationId: 'listServices',
          summary: 'The programmes, page by page',
          security: [],
          parameters: [
            number('page', 'Which page', { default: 1, maximum: MOST_PAGES }),
            number('per_page', 'How many on each page', {
              default: PER_PAGE.standard,
              maximum: PER_PAGE.most,
            }),
          ],
          responses: {
            200: answer('A page; after the last one, an empty page', 'ServicePage'),
            ...problems('not-a-page', ...ALWAYS),
          },
        },
      },
      '/api/services/{id}': {
        get: {
          tags: ['Directory'],
          operationId: 'showService',
          summary: 'One programme',
          security: [],
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
          ],
          responses: {
            200: answer('The programme', 'Service'),
            ...problems('not-found', ...ALWAYS),
          },
        },
      },
      '/api': {
        get: {
          tags: ['Directory'],
          operationId: 'about',
          summary: 'Which version of Open Referral UK this is',
          security: [],
          responses: { 200: answer('The version', 'Metadata'), ...problems(...ALWAYS) },
        },
      },
      '/api/openapi.json': {
        get: {
          tags: ['Directory'],
          operationId: 'describe',
          summary: 'This document',
          security: [],
          responses: {
            200: {
              description: 'OpenAPI 3.1',
              content: { 'application/json': { schema: { type: 'object', required: ['openapi', 'paths'] } } },
            },
            ...problems(...ALWAYS),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        token:
          tokenUrl === undefined
            ? {
                type: 'openIdConnect',
                openIdConnectUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
                description: 'Client credentials; the token_endpoint is named there.',
              }
            : {
                type: 'oauth2',
                description: 'A token is valid for an hour. Keep it: do not fetch one for each request.',
                flows: {
                  clientCredentials: {
                    tokenUrl,
                    scopes: Object.fromEntries(SCOPES.map((scope) => [scope, WHAT_SCOPES_ALLOW[scope]])),
                  },
                },
              },
      },
      schemas: schemas(),
    },
  };
}

function ref(name: keyof typeof ANSWERS | 'Referral') {
  return { $ref: `#/components/schemas/${name}` };
}

function answer(description: string, schema: keyof typeof ANSWERS, example?: unknown) {
  const content = { schema: ref(schema), ...(example === undefined ? {} : { example }) };
  return { description, content: { 'application/json': content } };
}

function received(description: string) {
  return {
    ...answer(description, 'Accepted', EXAMPLES.accepted),
    headers: { Location: { description: 'Where to ask for its status', schema: text({ format: 'uri' }) } },
    links: {
      status: { operationId: 'showReferral', parameters: { reference: '$response.body#/reference' } },
    },
  };
}

function number(name: string, description: string, limits: { default: number; maximum: number }) {
  return {
    name,
    in: 'query',
    description,
    required: false,
    schema: { type: 'integer', minimum: 1, ...limits },
  };
}

function text(more: Record<string, unknown> = {}) {
  return { type: 'string', ...more };
}

/** The headers that say what to do, by status. */
const HEADERS: Record<number, Record<string, unknown>> = {
  401: { 'WWW-Authenticate': { description: 'RFC 6750', schema: text() } },
  403: { 'WWW-Authenticate': { description: 'RFC 6750: names the scope', schema: text() } },
  429: { 'Retry-After': { description: 'In seconds', schema: text({ pattern: '^\\d+$' }) } },
  503: { 'Retry-After': { description: 'In seconds', schema: text({ pattern: '^\\d+$' }) } },
};

/** What the gateway turns away for its token does not reach us, and the gateway has words of its own. */
const BY_THE_GATEWAY: ReadonlySet<number> = new Set([401, 403]);
const GATEWAYS_OWN = { type: 'object', required: ['message'], properties: { message: text() } };

/** The answers to these problems, by status. */
function problems(...kinds: ProblemKind[]): Record<number, unknown> {
  const byStatus = Map.groupBy(kinds, (kind) => PROBLEMS[kind].status);
  return Object.fromEntries(
    [...byStatus].map(([status, kinds]) => {
      const schemas = [...new Set(kinds.map(schemaOf))].map(ref);
      return [
        status,
        {
          description: kinds.map((kind) => PROBLEMS[kind].title).join('; or: '),
          ...(HEADERS[status] ? { headers: HEADERS[status] } : {}),
          content: {
            'application/problem+json': {
              schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas },
              ...examplesOf(kinds),
            },
            ...(BY_THE_GATEWAY.has(status) ? { 'application/json': { schema: GATEWAYS_OWN } } : {}),
          },
        },
      ];
    }),
  );
}

function schemaOf(kind: ProblemKind): 'Invalid' | 'NotEligible' | 'Problem' {
  return kind === 'invalid' ? 'Invalid' : kind === 'not-eligible' ? 'NotEligible' : 'Problem';
}

function examplesOf(kinds: ProblemKind[]) {
  const examples = kinds.flatMap((kind) => {
    const example = PROBLEM_EXAMPLES[kind];
    if (example === undefined) return [];
    const problem = new Problem(kind, example.detail, example);
    return [[kind, { value: problem.document('0b4b0f3e-6f0c-4c4e-9a43-0a9f3f9f6c1d') }]];
  });
  return examples.length === 0 ? {} : { examples: Object.fromEntries(examples) };
}
