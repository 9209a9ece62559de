/** The endpoint that functions and operators call: Step Functions, Secrets Manager, SQS, Lambda and SES on one port of loopback, told apart by their protocols. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Activity } from './activity.ts';
import type { Executions } from './executions.ts';
import { type Functions, THROTTLED } from './functions.ts';
import { BodyTooLarge, readBody, send, sendJson } from './http.ts';
import type { Mail } from './mail.ts';
import type { Queues } from './queues.ts';
import type { SecretsManager } from './secrets-manager.ts';
import { callStepFunctions } from './step-functions-endpoint.ts';

const BODY_LIMIT = 16 * 1024 * 1024;
const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** What answers. It is replaced as a whole at a restart; until it is there again, calls are refused. */
export interface ServiceParts {
  readonly executions: Executions;
  readonly functions: Functions;
  readonly mail: Mail;
  readonly queues: Queues;
  readonly secrets: SecretsManager;
}

export class Services {
  parts: ServiceParts | undefined;
  readonly #server: Server;
  readonly #activity: Activity;

  private constructor(activity: Activity) {
    this.#activity = activity;
    this.#server = createServer((request, response) => {
      this.#activity
        .during(() => this.#answer(request, response))
        .catch((error) => {
          if (response.headersSent) response.destroy();
          else if (error instanceof BodyTooLarge)
            sendJson(response, 413, { __type: 'RequestTooLargeException' });
          else sendJson(response, 500, { __type: 'InternalFailure', message: String(error) });
        });
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  static async listen(activity: Activity): Promise<Services> {
    const services = new Services(activity);
    await new Promise<void>((resolve, reject) => {
      services.#server.once('error', reject);
      services.#server.listen(0, '127.0.0.1', () => resolve());
    });
    return services;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, BODY_LIMIT);
    if (!this.parts) {
      sendJson(response, 503, { __type: 'ServiceUnavailable', message: 'The embedded cloud is starting' });
      return;
    }
    const target = request.headers['x-amz-target'];
    const functionName = INVOKE_PATH.exec(new URL(request.url ?? '/', 'http://local').pathname)?.[1];
    if (typeof target === 'string') sendAnswer(this.parts, target, body.toString(), response);
    else if (functionName !== undefined) {
      await this.#lambda(this.parts, decodeURIComponent(functionName), request, body, response);
    } else await this.parts.mail.handle(request, body, response);
  }

  async #lambda(
    { functions }: ServiceParts,
    name: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const plan = functions.find(name);
    const payload = body.toString() || '{}';
    if (!plan) {
      const Message = `Function not found: ${name}`;
      sendJson(response, 404, { Type: 'User', Message }, { 'x-amzn-errortype': 'ResourceNotFoundException' });
      return;
    }
    if (!isJson(payload)) {
      const Message = 'Could not parse request body into json';
      sendJson(
        response,
        400,
        { Type: 'User', Message },
        { 'x-amzn-errortype': 'InvalidRequestContentException' },
      );
      return;
    }
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      functions.invokeLater(plan, payload);
      send(response, 202, 'application/json', '');
      return;
    }
    const outcome = await functions.invoke(plan, payload);
    const headers = { 'x-amz-executed-version': '$LATEST' };
    if ('error' in outcome && outcome.error.errorType === THROTTLED) {
      const Message = outcome.error.errorMessage;
      sendJson(response, 429, { Type: 'User', Message }, { 'x-amzn-errortype': THROTTLED });
    } else if ('error' in outcome) {
      sendJson(response, 200, outcome.error, { ...headers, 'x-amz-function-error': 'Unhandled' });
    } else send(response, 200, 'application/json', outcome.payload, headers);
  }
}

/** Services that say in a header what is asked: `AWSStepFunctions.StartExecution`. */
function sendAnswer(parts: ServiceParts, target: string, body: string, response: ServerResponse): void {
  const [service = '', operation = ''] = target.split('.');
  const ask = {
    secretsmanager: () => parts.secrets.call(operation, body),
    AmazonSQS: () => parts.queues.call(operation, body),
  }[service];
  const { status, answer } = ask?.() ?? callStepFunctions(parts.executions, operation, body);
  const version = service === 'secretsmanager' ? '1.1' : '1.0';
  send(response, status, `application/x-amz-json-${version}`, JSON.stringify(answer));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
