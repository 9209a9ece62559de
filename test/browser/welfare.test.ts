/** Two sessions missed in a row, in Chromium: the link worker finds it in the worklist, makes contact, and the programme goes on. */
import { describe, expect, it } from 'vitest';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { Referral } from '../journeys/people.ts';
import { aBrowser } from './browser.ts';
import { Keyboard } from './keyboard.ts';
import { follow, press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

describe.each(['desktop', 'phone'] as const)('in a browser on a %s', (on) => {
  it('a link worker contacts somebody who missed two sessions, and they go on', async () => {
    const familyName = on === 'desktop' ? 'Ashgrove' : 'Birchwood';
    const referral = await Referral.submitted(cloud.baseUrl, { familyName });
    await referral.match();
    await referral.accept();
    await referral.attend(1);
    await referral.register({ held: 'yes', attendance: '3' });
    await referral.register({ held: 'yes', attendance: '3' });
    const { pathname } = new URL(await referral.asked('welfare'));

    const how = on === 'desktop' ? ({ on, with: Keyboard } as const) : { on };
    const amina = await visit(browser, `${cloud.baseUrl}/worklist`, how);
    await press(amina, 'Sign in');
    expect(await press(amina, 'Amina Rahman')).toContain('Contact them: two sessions missed');
    expect(await follow(amina, `Róisín ${familyName}`)).toContain('What came of your contact?');
    expect(new URL(amina.page.url()).pathname).toBe(pathname);
    expect(await press(amina, 'Record the contact')).toContain('Select what came of your contact');
    await amina.choose('What came of your contact?', 'They go on with the programme');
    await amina.write('Your note (optional)', 'Had the flu; is looking forward to next week.');
    const recorded = await press(amina, 'Record the contact');
    expect(recorded).toMatch(/Amina Rahman[^:]*: Contacted the person/);
    expect(recorded).toContain('Had the flu; is looking forward to next week.');
    expect(recorded).not.toContain('What came of your contact?');
    expect(await follow(amina, 'Worklist')).not.toContain(referral.reference);
    await referral.cloud.settle();

    // The next session takes place, and they come.
    expect((await referral.register({ held: 'yes', attendance: '5' })).text).toContain('Recorded on');
    expect(await referral.letters()).toEqual({});
  });
});
