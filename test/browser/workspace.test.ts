/** A link worker's day in Chromium, by keyboard on a desktop and by touch on a phone: find, take on, hold, be slower, take back. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { Referral } from '../journeys/people.ts';
import { aBrowser } from './browser.ts';
import { Keyboard } from './keyboard.ts';
import { follow, press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

describe('in a browser, a link worker', () => {
  it.each(['desktop', 'phone'] as const)(
    'finds a person, takes them on, holds and decides: on a %s',
    async (on) => {
      const familyName = `Zed${randomUUID().replaceAll(/[\d-]/g, 'q').slice(0, 8)}`;
      const { reference } = await Referral.submitted(cloud.baseUrl, { familyName });
      const how = on === 'desktop' ? ({ on, with: Keyboard } as const) : { on };
      const amina = await visit(browser, `${cloud.baseUrl}/worklist`, how);
      await press(amina, 'Sign in');
      expect(await press(amina, 'Amina Rahman')).toContain('What needs the team now');

      await amina.write('Find a person', familyName.toUpperCase());
      expect(await press(amina, 'Search')).toContain(reference);
      expect(amina.page.url()).not.toContain(familyName);
      // The wrong one, say: what was found is still there to come back to.
      await follow(amina, `Róisín ${familyName}`);
      await amina.page.goBack();
      expect(await amina.page.getByRole('main').innerText()).toContain(reference);
      expect(await follow(amina, `Róisín ${familyName}`)).toContain('Nobody looks after this referral yet');
      expect(await press(amina, 'Take it on')).toContain('Looked after by Amina Rahman');

      await amina.choose('What do you decide?', 'Put it on hold');
      await amina.date('When do you look at it again?', { day: '1', month: '1', year: '2020' });
      await amina.choose('Why does it wait?', 'The person asked to wait');
      expect(await press(amina, 'Record the decision')).toContain('Enter a day after today');
      const [year = '', month = '', day = ''] = inDays(30).split('-');
      await amina.date('When do you look at it again?', { day, month, year });
      expect(await press(amina, 'Record the decision')).toContain('On hold until');
      await follow(amina, 'Worklist');
      await follow(amina, 'Mine (0)');
      expect(await follow(amina, 'On hold (1)')).toContain(reference);

      await follow(amina, `Róisín ${familyName}`);
      await amina.choose('What do you decide?', 'Decline the referral');
      await amina.choose('Why?', 'No programme that we know of is open to this person');
      expect(await press(amina, 'Record the decision')).toContain('Nobody has been told yet');
      expect(await press(amina, 'Take the decision back')).toContain('What do you decide?');
      // For whoever comes next: one link worker, two devices.
      await amina.choose('What do you decide?', 'Signpost to another service');
      await amina.write('What did you tell them about?', 'The drop-in');
      expect(await press(amina, 'Record the decision')).toContain('The drop-in');
    },
  );

  it.each(['desktop', 'phone'] as const)(
    'is a coordinator, who shares out and covers: on a %s',
    async (on) => {
      const { reference } = await Referral.submitted(cloud.baseUrl, { danger: 'yes' });
      const how = on === 'desktop' ? ({ on, with: Keyboard } as const) : { on };
      const tom = await visit(browser, `${cloud.baseUrl}/team`, how);
      await press(tom, 'Sign in');
      expect(await press(tom, 'Tom Ellis')).toContain(reference);
      expect(await press(tom, 'Give them')).toContain('Select at least one referral');
      // The box is drawn over the input; its label is what people press.
      await tom.page.getByText(new RegExp(`^Select .*, ${reference}$`)).click();
      await tom.page
        .getByLabel('Who is to look after those that you selected?')
        .selectOption({ label: 'Tom Ellis' });
      const given = await press(tom, 'Give them');
      expect(given).toContain('Given to Tom Ellis: 1.');
      expect(given).not.toContain(reference);
      expect(await press(tom, 'Save')).toContain('Select who is away');
    },
  );
});

/** A day from now on, as an ISO date. The cloud's clock does not run ahead here. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
