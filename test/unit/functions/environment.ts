/** What functions that show pages are told, with a table and a secret of the test's own. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { vi } from 'vitest';
import { ROLES } from '../../../functions/shared/roles.ts';
import { replaceClients } from './clients.ts';
import { startTable, TABLE, type TestTable } from './table.ts';

/** The service's own secret. */
export const SECRET = 'a-secret-of-64-characters'.repeat(3).slice(0, 64);

/** Puts what functions are told in force, with more of it or other than by default. */
export function useEnvironment(more: Record<string, string> = {}): void {
  const environment = {
    TABLE_NAME: TABLE,
    OUTBOX_FUNCTION: 'outbox',
    PERSONAL_DATA_FUNCTION: 'personal-data',
    SERVICE_NAME: 'Open Social Prescribing',
    LINK_WORKER_ADDRESS: 'link-workers@service.example',
    REMINDERS: '{}',
    CRISIS_CONTACTS: JSON.stringify([{ when: 'Life in danger', call: '999' }]),
    NHS_IDENTITY: 'no',
    NEWSLETTER_URL: '',
    LAWFUL_BASIS: JSON.stringify({ article6: 'public-task', article9: 'health-or-social-care' }),
    SECRET_ARN: 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:test',
    EDGE: 'off',
    FORMS_PER_TEN_MINUTES: '60',
    API_PER_MINUTE: '120',
    SESSION_IDLE_MINUTES: '30',
    SESSION_HOURS: '12',
    CLIENT_ID: 'people',
    CLIENT_SECRET_ARN: '',
    SIGN_IN_SCOPES: 'openid email profile',
    CLAIMS: JSON.stringify({ roles: 'cognito:groups', teams: 'cognito:groups' }),
    ROLE_NAMES: JSON.stringify(Object.fromEntries(ROLES.map((role) => [role, role]))),
    TEAMS: JSON.stringify([
      { id: 'camden', name: 'Camden', postcodeDistricts: ['NW1', 'NW3'] },
      { id: 'all', name: 'Everywhere else', postcodeDistricts: [] },
    ]),
    LICENSED_MEASURES: '[]',
    STATE_MACHINE_ARN: 'arn:aws:states:eu-west-2:123456789012:stateMachine:referral',
    REPORTS: JSON.stringify({ months: 3, fewerThan: 5 }),
    BASE_URL: 'https://referrals.example',
    // Nobody is there: whoever needs tokens starts an issuer of their own (issuer.ts).
    IDENTITY_ISSUER: 'http://127.0.0.1:9',
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    // Nobody is there: the sweep would do what the outbox holds.
    AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9',
    ...more,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}

/** Puts the environment in force, with a table and secrets in this process; to be stopped after the tests. `more`: other secrets than its own, by their ARN. */
export async function startEnvironment(more: Record<string, string> = {}): Promise<TestTable> {
  useEnvironment();
  const table = await startTable();
  const restore = replaceClients({
    secrets: async ({ input }) => ({
      SecretString: more[(input as { SecretId: string }).SecretId] ?? SECRET,
    }),
  });
  return {
    ...table,
    async stop() {
      vi.unstubAllEnvs();
      restore();
      await table.stop();
    },
  };
}

/** One request as the HTTP API hands it to a function. */
export type Request = {
  route: string;
  path?: Record<string, string>;
  query?: Record<string, string>;
  fields?: Record<string, string>;
  /** Sent as it is, in place of fields. */
  body?: string;
  isBase64Encoded?: boolean;
  headers?: Record<string, string>;
  cookies?: string[];
  /** The name of the API's stage, which its paths then begin with. */
  stage?: string;
  now: string;
  sourceIp?: string;
};

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;

/** How many were sent. Ids are made of it: in one of random digits a telephone number of somebody's would be found sooner or later. */
let requests = 0;

/** Sends a request to a handler. */
export async function request(
  handler: unknown,
  { route, path, query, fields, body, headers = {}, cookies, stage, now, ...more }: Request,
): Promise<APIGatewayProxyStructuredResultV2> {
  const [method = 'GET'] = route.split(' ');
  requests += 1;
  const event = {
    routeKey: route,
    rawPath: `${stage === undefined ? '' : `/${stage}`}${pathOf(route, path)}`,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    pathParameters: path,
    queryStringParameters: query,
    cookies,
    requestContext: {
      stage: stage ?? '$default',
      timeEpoch: Date.parse(now),
      requestId: `request-${requests.toString(36)}`,
      http: { method, sourceIp: more.sourceIp ?? '192.0.2.1' },
    },
    body: body ?? new URLSearchParams(fields).toString(),
    isBase64Encoded: more.isBase64Encoded ?? false,
  } as unknown as APIGatewayProxyEventV2;
  const awsRequestId = `00000000-0000-4000-8000-${requests.toString(16).padStart(12, '0')}`;
  const context = { awsRequestId } as Context;
  return (await (handler as Handler)(event, context)) as APIGatewayProxyStructuredResultV2;
}

/** The path that leads to a route: "GET /offer/{link}" with its link. */
function pathOf(route: string, path: Record<string, string> = {}): string {
  return (route.split(' ')[1] ?? '/').replace(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '');
}
