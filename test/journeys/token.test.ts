import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { authorize } from '../../functions/shared/oauth.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { accessToken } from './token.ts';

const cloud = onACloud();

describe('a referring system', () => {
  it('gets tokens that the service takes, for what it asked for and for an hour', async () => {
    const control = new Cloud(cloud.baseUrl);
    const all = await accessToken(control);
    const reading = await accessToken(control, 'referrals/read');
    const { iss = '', client_id } = decodeJwt(all);
    const clientId = (await control.clients()).find(({ name }) => name === 'sandbox')?.id;
    expect(client_id).toBe(clientId);
    const check = async (token: string, scope: 'referrals/submit' | 'referrals/read') =>
      authorize(`Bearer ${token}`, iss, scope, await control.now());
    expect(await check(all, 'referrals/submit')).toEqual({ clientId });
    expect(await check(reading, 'referrals/read')).toEqual({ clientId });
    await expect(check(reading, 'referrals/submit')).rejects.toMatchObject({ kind: 'insufficient-scope' });
    await control.advance({ hours: 2 });
    await expect(check(all, 'referrals/submit')).rejects.toMatchObject({ reason: 'ERR_JWT_EXPIRED' });
    expect(await check(await accessToken(control), 'referrals/submit')).toEqual({ clientId });
  });

  it('gets none with a wrong secret', async () => {
    const control = new Cloud(cloud.baseUrl);
    const [client] = await control.clients();
    const response = await fetch(client?.tokenUrl ?? '', {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client?.id ?? '',
        client_secret: 'wrong',
      }),
    });
    expect(await response.json()).toMatchObject({ error: 'invalid_client' });
    expect(response.status).toBeGreaterThanOrEqual(400);
  });
});
