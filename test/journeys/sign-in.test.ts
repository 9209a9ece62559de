import { describe, expect, it } from 'vitest';
import { type Jar, send, visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { identify, signIn, signOut, type Who } from './sign-in.ts';

const cloud = onACloud();

describe('somebody who works with referrals', () => {
  it.each<[Who, string, string, boolean]>([
    ['amina', 'Amina Rahman', 'Link worker', true],
    ['sam', 'Sam Lee', 'Link worker', true],
    ['tom', 'Tom Ellis', 'Coordinator', true],
    ['priya', 'Priya Nair', 'Provider staff', false],
    ['alex', 'Alex Morgan', 'Auditor', false],
  ])('signs in, sees who they are here, and signs out: %s', async (who, name, role, inATeam) => {
    const jar: Jar = new Map();
    const account = await signIn(new Cloud(cloud.baseUrl), jar, who);
    expect([account.status, account.heading]).toEqual([200, 'Your account']);
    expect(account.text).toContain(`Name ${name}`);
    expect(account.text).toContain(`Role ${role}`);
    expect(/\bTeams? /.test(account.text)).toBe(inATeam);
    const home = await signOut(account, jar);
    expect(home.url).toBe(`${cloud.baseUrl}/`);
    expect((await visit(`${cloud.baseUrl}/account`, jar)).heading).toBe('Sign in');
    // The issuer has forgotten them too: whoever is next at this computer is asked who they are.
    const next = await (await visit(`${cloud.baseUrl}/sign-in`, jar)).submit(undefined, {
      return: '/account',
    });
    expect(new URL(next.url).pathname).not.toBe('/account');
    expect((await identify(new Cloud(cloud.baseUrl), next, 'tom')).text).toContain('Tom Ellis');
  });

  it('comes to the page that they wanted before they were asked to sign in', async () => {
    const jar: Jar = new Map();
    const page = await visit(`${cloud.baseUrl}/account?from=email`, jar);
    expect(page.heading).toBe('Sign in');
    const wanted = page.valueOf('return') ?? '';
    expect(wanted).toBe('/account?from=email');
    const issuer = await page.submit(undefined, { return: wanted });
    const account = await identify(new Cloud(cloud.baseUrl), issuer, 'amina');
    expect(account.url).toBe(`${cloud.baseUrl}/account?from=email`);
  });

  it('stays signed in over a restart of the service', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    await signIn(control, jar, 'amina');
    await control.restart();
    expect((await visit(`${cloud.baseUrl}/account`, jar)).text).toContain('Amina Rahman');
  });

  it('is signed out when nothing has happened for half an hour, and a form that was open says so', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    const account = await signIn(control, jar, 'amina');
    const csrf = account.valueOf('csrf') ?? '';
    await control.advance({ hours: 1 });
    expect((await visit(`${cloud.baseUrl}/account`, jar)).heading).toBe('Sign in');
    const out = await send(`${cloud.baseUrl}/sign-out`, { csrf }, jar);
    expect([out.status, out.heading]).toEqual([200, 'You are signed out']);
    expect((await signIn(control, jar, 'amina')).heading).toBe('Your account');
  });

  it('is nobody by the cookie of somebody else’s browser that was signed out', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    const account = await signIn(control, jar, 'alex');
    const copy: Jar = new Map(jar);
    await signOut(account, jar);
    expect((await visit(`${cloud.baseUrl}/account`, copy)).heading).toBe('Sign in');
  });

  it('is in no log, and their session is of no use to whoever reads the table', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    await signIn(control, jar, 'priya');
    const [person] = (await control.people()).filter(({ id }) => id === 'priya');
    const logs = await control.logs();
    const table = JSON.stringify(await control.table());
    expect(logs).toContain('SIGNED_IN');
    for (const secret of [person?.name, person?.email, jar.get('session')]) {
      expect(secret).toBeTruthy();
      expect(logs).not.toContain(secret);
    }
    expect(table).toContain(person?.email);
    expect(table).not.toContain(jar.get('session'));
  });
});
