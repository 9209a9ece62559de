/** Who looked, at what and why: to the auditor all of it but the person, to the person all of it but why. */
import { expect, it } from 'vitest';
import { type Jar, visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn, type Who } from './sign-in.ts';

const cloud = onACloud();

async function atWork(control: Cloud, who: Who, wanted: string) {
  const jar: Jar = new Map();
  const page = await signIn(control, jar, who, wanted);
  return { page, open: (path: string) => visit(`${control.baseUrl}${path}`, jar) };
}

it('a look by the team and one for a reason are on record, and so is the look at the record', async () => {
  const control = new Cloud(cloud.baseUrl);
  const familyName = 'Quillfeather';
  const referral = await Referral.submitted(control.baseUrl, { familyName });
  const { reference } = referral;
  const amina = await atWork(control, 'amina', `/referrals/${reference}`);
  expect(amina.page.text).toContain(familyName);
  await amina.open(`/referrals/${reference}/contacts`);

  const alex = await atWork(control, 'alex', `/referrals/${reference}`);
  expect(alex.page.text).not.toContain(familyName);
  const short = await alex.page.submit('open', { reason: 'audit' });
  expect([short.status, short.text]).toEqual([422, expect.stringContaining('in a few words')]);
  const reason = 'The person complained about us by letter';
  expect((await short.submit('open', { reason })).text).toContain(familyName);

  const audit = await alex.open(`/audit?reference=${reference.toLowerCase()}`);
  expect(audit.text).toContain('This audit');
  expect(audit.text).toMatch(/Amina[^.]*link worker[^.]*Contacts and notes/);
  expect(audit.text).toContain(reason);
  expect(audit.html).not.toContain(familyName);
  const file = await alex.open(`/audit?reference=${reference}&format=csv`);
  expect(file.html).toContain(reason);
  expect(file.html).not.toContain(familyName);
  expect((await amina.open('/audit')).status).toBe(403);
  const tom = await atWork(control, 'tom', `/audit?reference=${reference}`);
  expect(tom.page.text).toContain(reason);

  const mine = await (await referral.personPage()).submit('open');
  expect(mine.text).toMatch(/Amina[^:]*, link worker: notes of contacts with you and your referral/);
  expect(mine.text).toMatch(/Alex[^:]*, auditor: your referral, for a reason that is on record/);
  expect(mine.text).not.toContain('complained');
});
