/** A plan in Chromium: rows are added where one is writing, and the Enter key saves and never takes a row away. */
import { describe, expect, it } from 'vitest';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { Referral } from '../journeys/people.ts';
import { aBrowser, checked } from './browser.ts';
import { Keyboard } from './keyboard.ts';
import { follow, press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

describe('in a browser, a link worker', () => {
  it.each(['desktop', 'phone'] as const)('makes a plan and takes measures: on a %s', async (on) => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const address = `${cloud.baseUrl}/referrals/${referral.reference}`;
    const amina = await visit(browser, address, on === 'desktop' ? { on, with: Keyboard } : { on });
    await press(amina, 'Sign in');
    await press(amina, 'Amina Rahman');
    expect(await follow(amina, 'Plan')).toContain('Make a plan');
    await amina.write('What do they want to do or reach?', 'Sing with others');
    await amina.write('Who does what?', 'Visit the choir');
    await press(amina, 'Add another action to goal 1');
    // The page comes back at the new row, with everything that was typed.
    expect(new URL(amina.page.url()).hash).toBe('#action-1-2');
    await amina.write('Who does what?', 'Find the bus home', 'Action 2 of goal 1');
    await amina.write('How confident are they that it will work? (optional)', '11', 'Action 2 of goal 1');
    const loaded = amina.page.waitForEvent('load');
    await amina.page.keyboard.press('Enter');
    await loaded;
    await checked(amina.page);
    expect(await amina.page.getByRole('main').innerText()).toContain('There is a problem');
    await amina.write('How confident are they that it will work? (optional)', '7', 'Action 2 of goal 1');
    const saved = await press(amina, 'Save the plan');
    expect(saved).toMatch(
      /Goal 1: Sing with others[\s\S]*Visit the choir[\s\S]*Find the bus home\s+Confidence 7 of 10/,
    );

    expect(await follow(amina, 'Measures')).toContain('Nothing has been recorded yet');
    await amina.write('Overall, how happy did you feel yesterday?', '4');
    await amina.choose('How often do you feel left out?', 'Often');
    expect(await press(amina, 'Record the answers')).toContain('4 (low)');

    expect(await follow(amina, 'GP summary')).toContain('I have given this to the practice');
    expect(await press(amina, 'I have given this to the practice')).toContain('Given to the practice on');
  });
});
