/** The front door: listens on both loopback addresses, so that `localhost` is this cloud whichever of them a browser tries first. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudError } from './errors.ts';

export class Front {
  readonly port: number;
  readonly #servers: readonly Server[];

  private constructor(port: number, servers: readonly Server[]) {
    this.port = port;
    this.#servers = servers;
  }

  /** Listens on a port, or on any free one for 0. Throws a {@link CloudError} when it is taken. */
  static async listen(port: number, listener: RequestListener): Promise<Front> {
    const first = await listen('127.0.0.1', port, listener);
    const actual = (first.address() as AddressInfo).port;
    try {
      return new Front(actual, [first, await listen('::1', actual, listener)]);
    } catch (error) {
      // Machines without IPv6 are fine, and so is a random port that only one of the two addresses has free.
      if (!(error instanceof CloudError) || port === 0) return new Front(actual, [first]);
      first.close();
      throw error;
    }
  }

  /** Takes no more requests; those under way may end. */
  refuse(): void {
    for (const server of this.#servers) server.close();
  }

  /** Drops the connections that are still open. */
  drop(): void {
    for (const server of this.#servers) server.closeAllConnections();
  }
}

/** Throws a {@link CloudError} when a port is taken now. */
export async function requireFreePort(port: number): Promise<void> {
  const front = await Front.listen(port, () => {});
  front.refuse();
}

function listen(host: string, port: number, listener: RequestListener): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.keepAliveTimeout = 30_000;
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(
          new CloudError(
            `Port ${port} is taken. Stop what uses it, or set PORT to another one: PORT=3001 npm start`,
          ),
        );
      } else if (error.code === 'EACCES') {
        reject(
          new CloudError(
            `Port ${port} may not be used by you. Set PORT to one above 1023: PORT=3001 npm start`,
          ),
        );
      } else reject(error);
    });
    server.listen(port, host, () => resolve(server));
  });
}
