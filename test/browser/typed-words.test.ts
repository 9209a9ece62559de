/** What a link worker types on a referral's pages, in Chromium without scripts: whichever button or key they press, nothing of it is lost. */
import { describe, expect, it } from 'vitest';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { Referral } from '../journeys/people.ts';
import { aBrowser } from './browser.ts';
import { press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

/** Amina at a page of a new referral. */
async function atWork(path = '') {
  const { reference } = await Referral.submitted(cloud.baseUrl);
  const how = { on: 'desktop' } as const;
  const amina = await visit(browser, `${cloud.baseUrl}/referrals/${reference}${path}`, how);
  await press(amina, 'Sign in');
  await press(amina, 'Amina Rahman');
  /** The Enter key in a field, which sends the form as its first button does. */
  const enterIn = async (label: string) => {
    const loaded = amina.page.waitForEvent('load');
    await amina.page.getByLabel(label, { exact: true }).last().press('Enter');
    await loaded;
  };
  const held = (label: string) => amina.page.getByLabel(label, { exact: true }).inputValue();
  return { amina, enterIn, held };
}

describe('in a browser', () => {
  it('what is typed on the page of a review stays, whichever button is pressed', async () => {
    const { amina, enterIn, held } = await atWork();
    const about = 'What should the provider know to decide? (optional)';
    const words = async () => {
      expect(await held(about)).toBe('Two hundred words for the provider');
      const chosen = amina.page.getByRole('radio', { name: 'Match to a programme', exact: true });
      expect(await chosen.isChecked()).toBe(true);
    };
    await amina.choose('What do you decide?', 'Match to a programme');
    await amina.write(about, 'Two hundred words for the provider');
    await amina.tick('Housing');
    expect(await press(amina, 'Take it on')).toContain('Looked after by Amina Rahman');
    await words();
    expect(await amina.page.getByRole('checkbox', { name: 'Housing', exact: true }).isChecked()).toBe(true);
    await press(amina, 'Save and rank the programmes');
    await words();
    await amina.page.getByText('Record a service that you told them about').click();
    await amina.write('Which service?', 'The drop-in at the library');
    expect(await press(amina, 'Record it')).toContain('The drop-in at the library');
    await words();
    await amina.choose('What do you decide?', 'Put it on hold');
    await enterIn('Day');
    expect(await held(about)).toBe('Two hundred words for the provider');

    await amina.choose('What do you decide?', 'Match to a programme');
    await amina.tick('Dementia or memory problems');
    await amina.choose('Which programme?', 'The Hive and Nordoff and Robbins: group music sessions');
    const asked = await press(amina, 'Record the decision');
    if (asked.includes('There is a problem')) {
      expect(asked).toContain('What they are looking for is saved, and the programmes are ranked anew by it');
      await words();
      await press(amina, 'Record the decision');
    }
    const after = await amina.page.getByRole('main').innerText();
    expect(after).toMatch(/Looking for: .*dementia or memory problems/i);
  });

  it('what is typed on the page of contacts and notes stays, whichever button is pressed', async () => {
    const { amina, enterIn, held } = await atWork('/contacts');
    await amina.choose('How did you try?', 'Phone call');
    await amina.choose('What came of it?', 'I reached them');
    await amina.write('Your note (optional)', 'Half an hour on the phone');
    await amina.date('When is the next try? (optional)', { day: '25', month: '11', year: '2030' });
    await enterIn('Year');
    expect(await amina.page.getByRole('main').innerText()).toContain('Nothing is saved yet');
    await amina.write('Add a note', 'And a short note');
    const noted = await press(amina, 'Save the note');
    expect(noted).toContain('The note is saved');
    expect(noted).toContain('not saved yet');
    expect(await held('Your note (optional)')).toBe('Half an hour on the phone');
    expect(await held('Add a note')).toBe('');
    await amina.date('When is the next try? (optional)', { day: '', month: '', year: '' });
    await amina.write('Add a note', 'One more');
    expect(await press(amina, 'Record the contact')).toContain('The contact is recorded');
    expect(await held('Add a note')).toBe('One more');
    const all = await press(amina, 'Save the note');
    for (const text of ['Half an hour on the phone', 'And a short note', 'One more'])
      expect(all).toContain(text);
    expect(all).not.toContain('not saved yet');
  });
});
