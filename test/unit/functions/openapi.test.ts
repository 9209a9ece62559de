/** The API's description of itself. The deployed tier holds it against OpenAPI's own schema, and the API against it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { ROUTES, TOKEN_ROUTES } from '../../../infra/web.ts';
import { admitted } from '../../../workflows/eligibility.ts';
import { parseSubmission } from '../../../workflows/submission.ts';
import { NOW } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import type { TestTable } from './table.ts';

type Json = Record<string, unknown>;
type Content = Record<
  string,
  { schema: Json; example?: unknown; examples?: Record<string, { value: unknown }> }
>;
type Operation = {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required: boolean; schema: Json }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; headers?: Json; content: Content }>;
};
type Document = {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: { token: Json } };
};

let table: TestTable;
let issuer: Issuer;
let document: Document;
let operations: [path: string, method: string, operation: Operation][];
beforeAll(async () => {
  [table, issuer] = await Promise.all([startEnvironment(), startIssuer()]);
  vi.stubEnv('IDENTITY_ISSUER', issuer.url);
  document = await ask();
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): (typeof operations)[0] => [path, method, operation]),
  );
});
beforeEach(() => {
  vi.resetModules();
});
afterAll(async () => {
  issuer.stop();
  await table.stop();
});

/** Asks a fresh copy, as after a cold start. */
async function ask(): Promise<Document> {
  const { handler } = await import('../../../functions/api/handler.ts');
  const answer = await request(handler, { route: 'GET /api/openapi.json', now: NOW });
  expect([answer.statusCode, answer.headers?.['content-type']]).toEqual([200, 'application/json']);
  return JSON.parse(answer.body ?? '');
}

describe('the description of the API', () => {
  it('is of OpenAPI 3.1, and of this service', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: 'https://referrals.example' }]);
  });

  it('has every route of the API, and no other', () => {
    const routes = ROUTES.filter(([, , fn]) => fn === 'api').flatMap(([path, methods]) =>
      methods.map((method) => `${method} ${path}`),
    );
    expect(operations.map(([path, method]) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
      routes.sort(),
    );
    expect(new Set(operations.map(([, , { operationId }]) => operationId)).size).toBe(routes.length);
  });

  it('says of each what its address needs', () => {
    for (const [path, , { parameters = [] }] of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(inPath.every(({ required }) => required)).toBe(true);
    }
  });

  it('says of each every answer, problems as problem documents, and with which headers', () => {
    const answers = Object.fromEntries(
      operations.map(([, , { operationId, responses }]) => [operationId, Object.keys(responses).map(Number)]),
    );
    expect(answers).toEqual({
      submitReferral: [200, 201, 400, 401, 403, 413, 415, 422, 429, 500, 503],
      showReferral: [200, 401, 403, 404, 429, 500, 503],
      listServices: [200, 400, 429, 500, 503],
      showService: [200, 404, 429, 500, 503],
      about: [200, 429, 500, 503],
      describe: [200, 429, 500, 503],
    });
    const headers: Record<string, string[]> = {
      401: ['WWW-Authenticate'],
      403: ['WWW-Authenticate'],
      429: ['Retry-After'],
      503: ['Retry-After'],
    };
    for (const [, , { responses }] of operations) {
      for (const [status, response] of Object.entries(responses)) {
        const type = Number(status) < 300 ? 'application/json' : 'application/problem+json';
        // The gateway turns tokens away, too.
        const also = ['401', '403'].includes(status) ? ['application/json'] : [];
        expect(Object.keys(response.content)).toEqual([type, ...also]);
        if (Number(status) >= 400) expect(Object.keys(response.headers ?? {})).toEqual(headers[status] ?? []);
      }
    }
  });

  it('names only what is there', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, to = '']) => to);
    expect(refs.length).toBeGreaterThan(10);
    const named = new Set(
      Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`),
    );
    expect(refs.filter((to) => !named.has(to))).toEqual([]);
    expect([...named].filter((name) => !refs.includes(name))).toEqual([]);
  });

  it('has examples that are true', () => {
    let count = 0;
    for (const [, , { requestBody, responses }] of operations) {
      for (const { value } of Object.values(requestBody?.content['application/json']?.examples ?? {})) {
        expect(parseSubmission(value, NOW, allProgrammes())).toHaveProperty('submission');
        expect(schemaAt({ $ref: '#/components/schemas/Referral' }).safeParse(value).error).toBeUndefined();
        count += 1;
      }
      for (const { content } of Object.values(responses)) {
        for (const { schema, example, examples = {} } of Object.values(content)) {
          const all = [
            ...(example === undefined ? [] : [example]),
            ...Object.values(examples).map((e) => e.value),
          ];
          for (const value of all) {
            expect(schemaAt(schema).safeParse(value).error).toBeUndefined();
            count += 1;
          }
        }
      }
    }
    expect(count).toBeGreaterThanOrEqual(7);
  });

  it('has a guide whose example is true too', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');
    const [, body = ''] = /-d '(\{[^']*\})'/.exec(guide) ?? [];
    const parsed = parseSubmission(JSON.parse(body), NOW, allProgrammes());
    expect('submission' in parsed && admitted(allProgrammes(), parsed, NOW)).toHaveProperty('submission');
  });

  it('says what may be asked for: the programmes of the directory', () => {
    const { properties } = document.components.schemas.Referral as {
      properties: { request: { properties: { programmeId: Json } } };
    };
    expect(properties.request.properties.programmeId.enum).toEqual(allProgrammes().map(({ id }) => id));
  });

  it('says where tokens are given out, or where that can be found out', async () => {
    expect(document.components.securitySchemes.token).toMatchObject({
      type: 'oauth2',
      flows: {
        clientCredentials: {
          tokenUrl: issuer.tokenUrl,
          scopes: { 'referrals/submit': expect.any(String), 'referrals/read': expect.any(String) },
        },
      },
    });
    vi.stubEnv('IDENTITY_ISSUER', 'http://127.0.0.1:9');
    const { token } = (await ask()).components.securitySchemes;
    vi.stubEnv('IDENTITY_ISSUER', issuer.url);
    expect(token).toMatchObject({
      type: 'openIdConnect',
      openIdConnectUrl: 'http://127.0.0.1:9/.well-known/openid-configuration',
    });
    // As the gateway and the function ask for it.
    const secured = operations.flatMap(([path, method, { security }]) =>
      security.map((each) => [`${method.toUpperCase()} ${path}`, each.token?.[0]]),
    );
    expect(Object.fromEntries(secured)).toEqual(TOKEN_ROUTES);
    const open = operations.filter(([, , { security }]) => security.length === 0);
    expect(open.map(([path]) => path).sort()).toEqual(
      ['/api', '/api/openapi.json', '/api/services', '/api/services/{id}'].sort(),
    );
  });
});

/** A schema of the document, as a program would check by it. */
function schemaAt(schema: Json) {
  const { schemas } = document.components;
  const local = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(JSON.parse(local));
}
