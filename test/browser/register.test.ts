/** The register of ten people on a phone, in Chromium: one tap a person, one to open it and one to record it. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { choirInDirectory } from '../journeys/choir.ts';
import { Cloud } from '../journeys/cloud.ts';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { linkIn, Referral } from '../journeys/people.ts';
import { aBrowser } from './browser.ts';
import { follow, press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

const NAMES = [
  ...['Amara Osei', 'Ben Whitfield', 'Chloe Marchetti', 'Dilan Kaya', 'Esther Mbeki'],
  ...['Farah Siddiqui', 'Gethin Pryce', 'Hana Novak', 'Idris Warsame', 'Jo Lindqvist'],
];
const CODES = [
  'On time code 5',
  'Late code 6',
  'Too late to join code 7',
  'Told us before code 2',
  'Did not come code 3',
];

/** A field is at least so wide and high, in CSS pixels, that a thumb meets it (WCAG 2.2, 2.5.5). */
const THUMB = 44;

describe('the register of ten people on a phone', () => {
  it('takes twelve taps at most, and then says who came', async () => {
    const control = new Cloud(cloud.baseUrl);
    const mark = randomUUID().slice(0, 8);
    const address = `choir-${mark}@provider.example`;
    await choirInDirectory(control, new Map(), { mark, address, sessions: 12, places: 10 });
    for (const name of NAMES) {
      const [firstName = '', familyName = ''] = name.split(' ');
      const referral = await Referral.submitted(cloud.baseUrl, { firstName, familyName });
      await referral.match(`evening-choir-${mark}`);
      if (name === NAMES.at(-1)) await showsTheGroup(await referral.link('offer'));
      await referral.accept();
    }
    const phone = await visit(browser, await asked(control, address), { on: 'phone' });
    await press(phone, 'Open the register');
    for (const [i, name] of NAMES.entries()) {
      const code = CODES[i % CODES.length] ?? '';
      const field = phone.page.getByRole('group', { name, exact: true }).getByRole('radio', { name: code });
      const box = await field.boundingBox();
      expect(box?.width).toBeGreaterThanOrEqual(THUMB);
      expect(box?.height).toBeGreaterThanOrEqual(THUMB);
      await phone.choose(name, code);
    }
    const recorded = await press(phone, 'Record who came');
    expect(phone.interactions).toBeLessThanOrEqual(12);
    expect(recorded).toContain('1 of 12 sessions');
    for (const words of ['Attended on time: 2', 'Did not attend and gave no notice: 2']) {
      expect(recorded).toContain(words);
    }
    await follow(phone, 'All sessions of the group: change or cancel one, put them into your calendar');
    expect(await follow(phone, 'Change or cancel Session 3')).toContain('Save the change');
    expect(await press(phone, 'Cancel this session')).toContain('held later instead');
  });
});

/** What somebody decides by is seen before they choose anything. */
async function showsTheGroup(link: string): Promise<void> {
  const offered = await visit(browser, link, { on: 'phone' });
  const seen = await press(offered, 'See the referral');
  expect(seen).toMatch(/Group\s+12 sessions of 90 minutes from /);
  expect(seen).toMatch(/Places\s+One is held for this person\. Of 10, 0 more are free/);
  await offered.page.context().close();
}

/** The link of the first register that is asked for. The clock moves until it is. */
async function asked(control: Cloud, address: string): Promise<string> {
  for (let days = 0; days < 40; days += 0.5) {
    const mails = (await control.inbox()).filter(({ to }) => to.includes(address));
    const link = mails
      .filter(({ subject }) => /record who came/i.test(subject))
      .map((mail) => linkIn(mail, 'register'));
    if (link[0]) return link[0];
    await control.advance({ hours: 12 });
  }
  throw new Error('nobody asked for a register in 40 days');
}
