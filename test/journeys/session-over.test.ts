/** A session ends while somebody writes, a next try is planned, and a coordinator shares out: what each of them sees. */
import { expect, it } from 'vitest';
import { type Jar, visit } from './browser.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

it('loses nothing that was typed when the session is over, and has the next try where it is planned', async () => {
  const { reference, cloud: control } = await Referral.submitted(cloud.baseUrl);
  const jar: Jar = new Map();
  const contacts = await signIn(control, jar, 'amina', `/referrals/${reference}/contacts`);
  const contactNote = 'Her neighbour says “call after 4”,\nand <not> before';
  const next = new Date(Date.parse(await control.now()) + 5 * 86_400_000);
  const typed = {
    ...{ channel: 'phone', outcome: 'no-answer', contactNote },
    'nextDate-day': String(next.getUTCDate()),
    'nextDate-month': String(next.getUTCMonth() + 1),
    'nextDate-year': String(next.getUTCFullYear()),
  };

  await control.advance({ hours: 1 });
  const over = await contacts.submit('contact', typed);
  expect([over.status, over.heading]).toEqual([401, 'You are not signed in']);
  expect(over.text).toContain('“call after 4”');

  await signIn(control, jar, 'amina');
  const shown = await contacts.submit('contact', typed);
  expect([shown.status, shown.heading]).toEqual([403, 'Check this and send it again']);
  const recorded = await shown.submit(undefined, { contactNote });
  expect([recorded.status, recorded.text]).toEqual([200, expect.stringContaining('The contact is recorded')]);
  expect(recorded.text).toContain('“call after 4”');

  // It is hers now, on that day, and nobody is reminded before.
  const day = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  });
  const item = /Try again on [A-Za-z]+ \d+ [A-Za-z]+/;
  const mine = await visit(`${control.baseUrl}/worklist?whose=mine`, jar);
  expect(mine.html).toContain(reference);
  expect(item.exec(mine.text)?.[0]).toBe(`Try again on ${day.format(next).replace(',', '')}`);
  const mails = async () =>
    (await control.inbox()).filter(({ text, subject }) => `${subject} ${text}`.includes(reference)).length;
  const before = await mails();
  await control.advance({ to: `${next.toISOString().slice(0, 10)}T06:30:00.000Z` });
  expect(await mails()).toBe(before);
  await control.advance({ hours: 2 });
  expect(await mails()).toBe(before + 1);
  const due = await signIn(control, new Map(), 'amina', '/worklist?whose=mine');
  expect(due.text).toMatch(item);
});

it('gives several at once, and says who has left and what they leave', async () => {
  const { reference, cloud: control } = await Referral.submitted(cloud.baseUrl, { danger: 'yes' });
  await signIn(control, new Map(), 'amina');
  const jar: Jar = new Map();
  const team = await signIn(control, jar, 'tom', '/team');
  const amina = /<option value="([^"]+)"[^>]*>Amina/.exec(team.html)?.[1] ?? '';
  const box =
    new RegExp(`name="(give-[0-9a-f]{32})"(?:(?!</li>)[^])*${reference}`).exec(team.html)?.[1] ?? '';
  const given = await team.submit('give', { [box]: 'yes', giveTo: amina });
  expect(given.text).toContain('Given to Amina');
  expect((await team.submit('give', { [box]: 'yes', giveTo: amina })).text).toMatch(
    /Given to Amina[^:]*: 1\./,
  );

  const gone = await given.submit('left', { leaver: amina });
  expect(gone.text).toMatch(/Amina \w+ has left \d+ open referrals? (is|are) still theirs/);
  const back = await gone.submit('give-all', { [`heir-${amina}`]: 'nobody' });
  expect(back.text).toMatch(/Given back to the team: [1-9]/);
  const found = await visit(`${control.baseUrl}/worklist?whose=nobody`, jar);
  expect(found.html).toContain(reference);
  // Who signs in again is back.
  await signIn(control, new Map(), 'amina');
  expect((await visit(`${control.baseUrl}/team`, jar)).html).toContain(`<option value="${amina}"`);
});
