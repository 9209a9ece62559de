/** Access tokens for the JSON API, fetched as a system that refers fetches them. */
import type { Cloud } from './cloud.ts';

/** A fresh token of the client `sandbox`, for one scope or several with spaces between them, or for all that it may have. */
export async function accessToken(cloud: Cloud, scope?: string): Promise<string> {
  const client = (await cloud.clients()).find(({ name }) => name === 'sandbox');
  if (!client) throw new Error('there is no client "sandbox": is the stage "development"?');
  const { id, secret, tokenUrl } = client;
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
    }),
  });
  if (!response.ok) throw new Error(`${tokenUrl}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
