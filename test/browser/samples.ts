/** The sample pages at an address of this machine, as the functions would answer them, with the files that they link; and the emails. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { handler as assets } from '../../functions/web-assets/handler.ts';
import { sampleEmails } from '../unit/email/samples.ts';
import { samplePages } from '../unit/pages/samples.ts';

type Answer = APIGatewayProxyStructuredResultV2;

/** Every page, error state and email by name. */
export function samples(): Record<string, () => Answer> {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const emails = Object.entries(sampleEmails()).map(
    ([name, body]) => [name, () => ({ statusCode: 200, headers, body })] as const,
  );
  return { ...samplePages(), ...Object.fromEntries(emails) };
}

/** Serves the samples, each at `/sample/{name}`, on a free port of loopback. */
export async function serveSamples(): Promise<{ baseUrl: string; stop(): Promise<void> }> {
  const pages = samples();
  const server = createServer(async (request, response) => {
    const [, folder, name = ''] = new URL(request.url ?? '/', 'http://localhost').pathname.split('/');
    const { statusCode = 404, headers = {}, body = 'Not found' } = (await answer(folder, name)) ?? {};
    response.writeHead(statusCode, headers as Record<string, string>).end(body);
  });
  async function answer(folder: string | undefined, name: string): Promise<Answer | undefined> {
    if (folder === 'sample' && Object.hasOwn(pages, name)) return pages[name]?.();
    if (folder !== 'assets') return undefined;
    return assets({ pathParameters: { file: name } } as unknown as APIGatewayProxyEventV2);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
