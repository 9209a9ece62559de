/** Decisions in Chromium that somebody else has a part in: whoever is asked for more, a colleague who is slower, a provider who confirms their entry. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Cloud } from '../journeys/cloud.ts';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { Referral } from '../journeys/people.ts';
import { aBrowser } from './browser.ts';
import type { Hands } from './hands.ts';
import { Keyboard } from './keyboard.ts';
import { press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();
const phone = { on: 'phone' } as const;
const keyboard = { on: 'desktop', with: Keyboard } as const;

/** Somebody who has signed in, at the page that they wanted. */
async function atWork(name: string, path: string, how: Parameters<typeof visit>[2]): Promise<Hands> {
  const hands = await visit(browser, `${cloud.baseUrl}${path}`, how);
  await press(hands, 'Sign in');
  await press(hands, name);
  return hands;
}

describe('in a browser', () => {
  it('somebody is asked for more and answers; then the slower of two decisions is told of the faster, which is taken back', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const address = `/referrals/${referral.reference}`;
    const amina = await atWork('Amina Rahman', address, phone);
    await amina.choose('What do you decide?', 'Ask for more information');
    expect(await press(amina, 'Record the decision')).toContain('There is a problem');
    await amina.choose('Whom do you ask?', 'The person');
    await amina.write('What do you need to know?', 'Which evenings are you free?');
    expect(await press(amina, 'Record the decision')).toContain('Which evenings are you free?');
    await referral.cloud.settle();

    const person = await visit(browser, await referral.link('information'), phone);
    expect(await press(person, 'Read the question')).toContain('Which evenings are you free?');
    expect(await press(person, 'Send the answer')).toContain('There is a problem');
    await person.write('Your answer', 'Tuesdays and Fridays');
    expect(await press(person, 'Send the answer')).toContain('The link worker has it now');
    await referral.cloud.settle();

    await amina.page.goto(`${cloud.baseUrl}${address}`);
    expect(await amina.page.getByRole('main').innerText()).toContain('Tuesdays and Fridays');
    const tom = await atWork('Tom Ellis', address, keyboard);
    await amina.choose('What do you decide?', 'Match to a programme');
    await amina.choose('Which programme?', 'The Hive and Nordoff and Robbins: group music sessions');
    await press(amina, 'Record the decision');

    await tom.choose('What do you decide?', 'Signpost to another service');
    await tom.write('What did you tell them about?', 'The drop-in on Fridays');
    const slower = await press(tom, 'Record the decision');
    expect(slower).toContain('Somebody was faster');
    expect(slower).toContain('By Amina Rahman');
    expect(await tom.page.getByLabel('Signposted to').inputValue()).toBe('The drop-in on Fridays');
    expect(await press(amina, 'Take the decision back')).toContain('What do you decide?');
  });

  it('a coordinator takes the directory away as a file and brings it in again, two edit one entry, and its provider confirms it', async () => {
    const tom = await atWork('Tom Ellis', '/directory', keyboard);
    const [file] = await Promise.all([
      tom.page.waitForEvent('download'),
      tom.page.getByRole('link', { name: 'Export as Open Referral UK' }).press('Enter'),
    ]);
    const exported = await readFile(await file.path());
    await tom.page.goto(`${cloud.baseUrl}/directory/import`);
    const json = { name: 'directory.json', mimeType: 'application/json', buffer: exported };
    await tom.page.getByLabel('Choose a file', { exact: true }).setInputFiles(json);
    expect(await press(tom, 'Show what would change')).toContain('0 new, 0 changed');

    const address = `${cloud.baseUrl}/directory/example-dementia-choir`;
    const other = await tom.page.context().newPage();
    await other.goto(address);
    await tom.page.goto(address);
    await tom.write('Time it begins', '11:15');
    expect(await press(tom, 'Save the entry')).toContain('The entry is saved');
    await other.getByRole('button', { name: 'Save the entry', exact: true }).press('Enter');
    await other.getByText('Somebody else changed this entry while you did').waitFor();
    await other.close();

    const control = new Cloud(cloud.baseUrl);
    await control.advance({ hours: 26 });
    const asked = (await control.inbox()).map(({ text }) => /\/assurance\/[\w-]{54}/.exec(text)?.[0]);
    const link = asked.find((each) => each !== undefined) ?? 'no link';
    const provider = await visit(browser, `${cloud.baseUrl}${link}`, { on: 'phone' });
    expect(await press(provider, 'Something has changed')).toContain('There is a problem');
    expect(await press(provider, 'Everything is right')).toContain('We ask again in a year');
  });
});
