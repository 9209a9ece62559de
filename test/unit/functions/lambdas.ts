/** Functions of ours that call each other, as the service that runs them does: at once for who waits, and later for who does not. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';

type Handler = (payload: unknown, context: object) => Promise<unknown>;

/** What was asked for and waits: `events` are done by `settle`. A function that is not named takes everything and does nothing. */
export async function startLambdas(handlers: Record<string, unknown>) {
  const events: { name: string; payload: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const name = /functions\/([^/]+)\/invocations/.exec(request.url ?? '')?.[1] ?? '';
    const payload = JSON.parse(text);
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      events.push({ name, payload });
      response.writeHead(202).end();
      return;
    }
    try {
      const answer = await (handlers[name] as Handler)(payload, {});
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify({ errorType: (error as Error).name }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    events,
    /** Does what was asked for, of the functions that are named. */
    async settle(): Promise<void> {
      for (const { name, payload } of events.splice(0)) {
        await (handlers[name] as Handler | undefined)?.(payload, {});
      }
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
