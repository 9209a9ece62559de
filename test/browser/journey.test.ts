/**
 * One referral's life in Chromium with scripts switched off: everybody opens the link in their email on what they have at hand, and
 * every page on the way is checked. How it was referred is another test's business.
 */
import { describe, expect, it } from 'vitest';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { linkIn, Referral } from '../journeys/people.ts';
import { aBrowser, checked } from './browser.ts';
import { Keyboard } from './keyboard.ts';
import { press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

describe('a referral in a browser', () => {
  it('goes from the link worker’s desk to the letters', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);

    const linkWorker = await visit(browser, await referral.asked('review'), { on: 'desktop' });
    await press(linkWorker, 'Sign in');
    expect(await press(linkWorker, 'Amina Rahman')).toContain('What do you decide?');
    expect(await press(linkWorker, 'Record the decision')).toContain('There is a problem');
    await linkWorker.choose('What do you decide?', 'Match to a programme');
    await linkWorker.choose('Which programme?', 'The Hive and Nordoff and Robbins: group music sessions');
    await linkWorker.write('What should the provider know to decide? (optional)', 'Used to sing in a choir.');
    await checked(linkWorker.page);
    expect(await press(linkWorker, 'Record the decision')).toContain(referral.reference);
    await referral.cloud.settle();

    const provider = await visit(browser, await referral.link('offer'), { on: 'desktop', with: Keyboard });
    expect(await press(provider, 'See the referral')).toContain('Used to sing in a choir.');
    await provider.choose('Your reply', 'Accept: a place is free');
    await provider.write('Time it begins', 'at four');
    await checked(provider.page);
    expect(await press(provider, 'Send the reply')).toContain('There is a problem');
    await provider.write('Time it begins', '16:00');
    expect(await press(provider, 'Send the reply')).toContain('Who is coming');
    expect(await press(provider, 'Email me a code')).toContain('Enter the code from your email');
    await provider.write('Code', '12');
    expect(await press(provider, 'Show contact details')).toContain('There is a problem');
    await provider.write('Code', (await referral.code()).code);
    expect(await press(provider, 'Show contact details')).toContain('07700 900982');
    await referral.cloud.settle();

    const facilitator = await visit(browser, await referral.link('register'), { on: 'phone' });
    await press(facilitator, 'Open the register');
    expect(await press(facilitator, 'Record who came')).toContain('There is a problem');
    await facilitator.choose("Róisín O'Brien", 'On time code 5');
    expect(await press(facilitator, 'Record who came')).toContain('1 of 12 sessions');
    await referral.cloud.settle();

    const person = await visit(browser, (await referral.personPage()).url, { on: 'phone' });
    expect(await press(person, 'Show what it is and where')).toContain('The Hive and Nordoff and Robbins');
    expect(await press(person, 'Leave')).toContain('There is a problem');
    await person.tick('Yes, I want to leave');
    expect(await press(person, 'Leave')).toContain(referral.reference);
    await referral.cloud.settle();

    for (const on of ['phone', 'desktop'] as const) {
      const mail = (await referral.mails()).find(({ to }) => to.join().includes(referral.addresses.gp));
      const reader = await visit(browser, (mail && linkIn(mail, 'letters')) ?? 'no letter', { on });
      expect(await press(reader, 'Open the letter')).toContain('decided to leave');
    }
  });
});
