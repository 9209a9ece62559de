/** Somebody who gives out access tokens, as Cognito does, with a key of the test's own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { SCOPES } from '../../../functions/shared/oauth.ts';

export type Issuer = {
  url: string;
  tokenUrl: string;
  /** A header that lets a client in at a moment, and for an hour after. */
  bearer(clientId: string, now: string, scopes?: readonly string[]): Promise<string>;
  stop(): void;
};

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'key', alg: 'RS256', use: 'sig' }];
  const server = createServer((request, response) => {
    const discovery = { issuer: url, jwks_uri: `${url}/jwks.json`, token_endpoint: `${url}/token` };
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(request.url === '/jwks.json' ? { keys } : discovery));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    tokenUrl: `${url}/token`,
    async bearer(clientId, now, scopes = SCOPES) {
      const iat = Math.floor(Date.parse(now) / 1000);
      const claims = { iss: url, client_id: clientId, token_use: 'access', scope: scopes.join(' ') };
      const token = new SignJWT({ ...claims, iat, exp: iat + 3600 });
      return `Bearer ${await token.setProtectedHeader({ alg: 'RS256', kid: 'key' }).sign(privateKey)}`;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
