/** What else is on a link worker's and a coordinator's desk, in Chromium: contacts and notes, choosing against the ranking, the directory. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { Referral } from '../journeys/people.ts';
import { aBrowser } from './browser.ts';
import { Keyboard } from './keyboard.ts';
import { follow, press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();
const how = (on: 'desktop' | 'phone') => (on === 'desktop' ? ({ on, with: Keyboard } as const) : { on });

describe.each(['desktop', 'phone'] as const)('in a browser on a %s', (on) => {
  it('a link worker calls, writes it down, and says why the second programme is the right one', async () => {
    const { reference } = await Referral.submitted(cloud.baseUrl);
    const amina = await visit(browser, `${cloud.baseUrl}/referrals/${reference}`, how(on));
    await press(amina, 'Sign in');
    await press(amina, 'Amina Rahman');
    await follow(amina, 'Contacts and notes');
    expect(await press(amina, 'Record the contact')).toContain('There is a problem');
    await amina.choose('How did you try?', 'Phone call');
    await amina.choose('What came of it?', 'No answer');
    await amina.choose('When was it?', 'Just now');
    await amina.write('Your note (optional)', 'Rang for a long time.');
    expect(await press(amina, 'Record the contact')).toContain('Rang for a long time.');
    await amina.write('Add a note', 'Her sister will ask her to call.');
    expect(await press(amina, 'Save the note')).toContain('Her sister will ask her to call.');

    await follow(amina, 'Overview');
    await amina.tick('Physical health and being active');
    await press(amina, 'Save and rank the programmes');
    await amina.choose('What do you decide?', 'Match to a programme');
    await amina.choose('Which programme?', 'Example: debt and legal advice');
    expect(await press(amina, 'Record the decision')).toContain('There is a problem');
    await amina.write('If others rank above it: why this one?', 'She asked for help with letters first.');
    expect(await press(amina, 'Record the decision')).toContain('She asked for help with letters first.');
  });

  it('a coordinator takes a programme in, sees first what would change, and edits it', async () => {
    const name = `Walking football ${randomUUID().slice(0, 8)}`;
    const tom = await visit(browser, `${cloud.baseUrl}/directory/import`, how(on));
    await press(tom, 'Sign in');
    await press(tom, 'Tom Ellis');
    expect(await press(tom, 'Show what would change')).toContain('There is a problem');
    const columns = {
      ...{ name, kind: 'physical-activity', description: 'Without running', status: 'active' },
      ...{ provider_name: 'Example Club', provider_email: 'club@provider.example' },
      ...{ session_count: '10', session_minutes: '60', weekday: 'Monday', time: '10:30', place: 'Park' },
    };
    const table = [Object.keys(columns), Object.values(columns)].map((row) => row.join('\t')).join('\n');
    await tom.write('Or paste the table or file', 'names');
    expect(await press(tom, 'Show what would change')).toContain('There is a problem');
    const football = { name: 'football.csv', mimeType: 'text/csv', buffer: Buffer.from(table) };
    await tom.page.getByLabel('Choose a file', { exact: true }).setInputFiles(football);
    expect(await press(tom, 'Show what would change')).toContain('1 new');
    expect(await press(tom, 'Import 1 entry')).toContain(name);
    await follow(tom, name);
    await tom.write('Time it begins', '25:00');
    expect(await press(tom, 'Save the entry')).toContain('There is a problem');
    await tom.write('Time it begins', '11:15');
    expect(await press(tom, 'Save the entry')).toContain('The entry is saved');
  });
});
