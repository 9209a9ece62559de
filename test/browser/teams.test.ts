/** Two teams in Chromium: what one passes to the other, what somebody opens of the other for a reason, and the auditor who reads that. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { Referral } from '../journeys/people.ts';
import { aBrowser } from './browser.ts';
import type { Hands } from './hands.ts';
import { Keyboard } from './keyboard.ts';
import { follow, press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

describe.each(['desktop', 'phone'] as const)('in a browser on a %s', (on) => {
  const how = on === 'desktop' ? ({ on, with: Keyboard } as const) : { on };

  /** Somebody who has signed in, at the page that they wanted, and its words. */
  async function atWork(name: string, path: string): Promise<[Hands, string]> {
    const hands = await visit(browser, `${cloud.baseUrl}${path}`, how);
    await press(hands, 'Sign in');
    return [hands, await press(hands, name)];
  }

  it('a referral that is passed to another team leaves one worklist for the other', async () => {
    const { reference } = await Referral.submitted(cloud.baseUrl);
    const [sam, before] = await atWork('Sam Lee', '/worklist');
    expect(before).not.toContain(reference);
    const [amina, hers] = await atWork('Amina Rahman', '/worklist');
    expect(hers).toContain(reference);
    await amina.page.goto(`${cloud.baseUrl}/referrals/${reference}`);

    await amina.choose('What do you decide?', 'Pass it to another team');
    expect(await press(amina, 'Record the decision')).toContain('There is a problem');
    await amina.choose('Which team looks after the person from now on?', 'Islington');
    expect(await press(amina, 'Record the decision')).toContain('Your team passed it on');
    expect(await follow(amina, 'Worklist')).not.toContain(reference);

    expect(await follow(sam, 'Worklist')).toContain(reference);
    await sam.page.goto(`${cloud.baseUrl}/referrals/${reference}`);
    expect(await press(sam, 'Take it on')).toContain('Looked after by Sam Lee');
    await sam.page.locator('summary', { hasText: 'What has happened so far' }).press('Enter');
    const past = await sam.page.getByRole('main').innerText();
    expect(past).toMatch(/Sam Lee: Took it on[\s\S]*Amina Rahman[^:]*: .*passed to another team/);
    // Now that it is somebody's, it cannot be taken back.
    await amina.page.goto(`${cloud.baseUrl}/referrals/${reference}`);
    expect(await amina.page.getByRole('button', { name: 'Take it back' }).count()).toBe(0);
  });

  it('another team’s person is opened for a reason, which the auditor reads and takes away', async () => {
    const familyName = 'Quillfeather';
    const { reference } = await Referral.submitted(cloud.baseUrl, { familyName });
    const [sam, door] = await atWork('Sam Lee', `/referrals/${reference}`);
    expect(door).toContain('Why do you need to see it?');
    expect(door).not.toContain(familyName);
    expect(await press(sam, 'Open the referral')).toContain('Enter why you need to see it');
    const reason = 'They called our team about their first visit';
    await sam.write('Why do you need to see it?', reason);
    const opened = await press(sam, 'Open the referral');
    expect(opened).toContain(familyName);
    expect(opened).not.toContain('What do you decide?');
    // The reason was for this look.
    await sam.page.goto(`${cloud.baseUrl}/referrals/${reference}/contacts`);
    expect(await sam.page.getByRole('main').innerText()).toContain('Why do you need to see it?');

    const [alex] = await atWork('Alex Morgan', '/audit');
    expect(await press(alex, 'Show')).toContain('There is a problem');
    await alex.write('Reference of the referral', reference);
    const audit = await press(alex, 'Show');
    expect(audit).toMatch(/Sam Lee\s+link worker, Islington/);
    expect(audit).toContain(`For a reason: “${reason}”`);
    expect(audit).toMatch(/Alex Morgan\s+auditor\s+[^:]*This audit/);
    expect(audit).not.toContain(familyName);
    const [file] = await Promise.all([
      alex.page.waitForEvent('download'),
      alex.page.getByRole('link', { name: 'Download everything as a file (CSV)' }).press('Enter'),
    ]);
    expect(file.suggestedFilename()).toBe(`audit-${reference}.csv`);
    const csv = await readFile(await file.path(), 'utf8');
    expect(csv).toContain(reason);
    expect(csv).not.toContain(familyName);
  });
});
