import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IssuerUnavailableError } from '../../functions/shared/issuer.ts';
import { lookAtToken } from '../../local/tokens.ts';
import { type Issuer, startIssuer } from '../unit/functions/issuer.ts';

const NOW = '2026-03-01T09:05:07.000Z';
let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.stop());

const tokens = (changes: { audience?: string[]; scopes?: string[]; issuer?: string } = {}) => ({
  ...{ issuer: issuer.url, audience: ['system-a'], scopes: ['referrals/read'] },
  ...changes,
});
const INVALID = { status: 401, challenge: 'Bearer scope="referrals/read" error="invalid_token"' };

describe('the HTTP API’s look at a token', () => {
  it('lets it through where it is for one of those and has one of the scopes', async () => {
    const bearer = await issuer.bearer('system-a', NOW);
    expect(await lookAtToken(bearer, tokens(), NOW)).toBeUndefined();
    expect(await lookAtToken(bearer, tokens({ scopes: [] }), NOW)).toBeUndefined();
    const more = tokens({ audience: ['system-b', 'system-a'], scopes: ['other', 'referrals/submit'] });
    expect(await lookAtToken(bearer, more, NOW)).toBeUndefined();
  });

  it.each<[string, (bearer: string) => [authorization: string | undefined, now: string]]>([
    ['that was changed', (bearer) => [`${bearer.slice(0, -8)}AAAAAAAA`, NOW]],
    ['that is over', (bearer) => [bearer, '2026-03-01T11:05:07.000Z']],
    ['that is none', () => ['Bearer a.b.c', NOW]],
  ])('refuses one %s', async (_, sent) => {
    expect(await lookAtToken(...asked(sent(await issuer.bearer('system-a', NOW))))).toEqual(INVALID);
  });

  it('asks for one, for one that is meant for us, and for one that allows this', async () => {
    for (const none of [undefined, '', 'Bearer ']) {
      expect(await lookAtToken(none, tokens(), NOW)).toEqual({ status: 401, challenge: 'Bearer' });
    }
    expect(await lookAtToken(await issuer.bearer('system-b', NOW), tokens(), NOW)).toEqual(INVALID);
    expect(
      await lookAtToken(await issuer.bearer('system-a', NOW, ['referrals/submit']), tokens(), NOW),
    ).toEqual({ status: 403, challenge: 'Bearer scope="referrals/read" error="insufficient_scope"' });
  });

  it('cannot tell while the issuer is away', async () => {
    const away = tokens({ issuer: 'http://127.0.0.1:9' });
    await expect(lookAtToken(await issuer.bearer('system-a', NOW), away, NOW)).rejects.toThrow(
      IssuerUnavailableError,
    );
  });

  const asked = ([authorization, now]: [string | undefined, string]) =>
    [authorization, tokens(), now] as const;
});
