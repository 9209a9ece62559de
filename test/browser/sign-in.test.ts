/** Signing in and out in Chromium, where the rules about cookies, forms and addresses of other places are the browser's own. */
import { describe, expect, it } from 'vitest';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { aBrowser, checked } from './browser.ts';
import { Keyboard } from './keyboard.ts';
import { press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

describe('in a browser, somebody who works with referrals', () => {
  it.each(['desktop', 'phone'] as const)('signs in, looks, and signs out for good: on a %s', async (on) => {
    const amina = await visit(
      browser,
      `${cloud.baseUrl}/account`,
      on === 'desktop' ? { on, with: Keyboard } : { on },
    );
    expect(new URL(amina.page.url()).pathname).toBe('/sign-in');
    expect(await press(amina, 'Sign in')).toContain('These people are made up');
    expect(await press(amina, 'Amina Rahman')).toContain('Link worker');
    expect(new URL(amina.page.url()).pathname).toBe('/account');
    const cookies = await amina.page.context().cookies();
    const session = cookies.find(({ name }) => name === 'session');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', expires: -1 });
    expect(cookies.filter(({ name }) => name.includes('sign-in'))).toEqual([]);

    // The page that says so goes on by itself, to the issuer and from there back to us.
    await amina.page.getByRole('button', { name: 'Sign out' }).click();
    await amina.page.waitForURL(`${cloud.baseUrl}/`);
    await checked(amina.page);
    // Neither ours nor the issuer's.
    const left = await amina.page.context().cookies();
    expect(left.filter(({ name }) => /^_?session/.test(name))).toEqual([]);
    await amina.page.goto(`${cloud.baseUrl}/account`);
    expect(await press(amina, 'Sign in')).toContain('These people are made up');
    expect(await press(amina, 'Tom Ellis')).toContain('Coordinator');
  });
});
