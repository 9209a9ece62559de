/** Who looked, at what and why: to the auditor all of it but the person, to the person all of it but why; and what a coordinator put right for them. */
import { expect, it } from 'vitest';
import { service } from '../../infra/operate.ts';
import { dataRights, type Wanted } from '../../infra/rights.ts';
import { type Jar, visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { linkIn, Referral } from './people.ts';
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

it('a coordinator puts right how to reach somebody who has no page, and by command the same is done once', async () => {
  const control = new Cloud(cloud.baseUrl);
  const referral = await Referral.submitted(control.baseUrl, { email: '', contactMayEmail: '' });
  const { reference } = referral;
  const tom = await atWork(control, 'tom', `/referrals/${reference}/data`);
  expect(tom.page.text).toContain('Put their details right');
  const details = await tom.open(`/referrals/${reference}/data/correct`);
  expect(details.valueOf('familyName')).toBe("O'Brien");
  const address = `right-${reference.toLowerCase()}@people.example`;
  const right = { familyName: 'Quillfeather', email: address, contactMayEmail: 'yes' };
  const saved = await details.submit('save-details', right);
  expect([saved.status, saved.text]).toEqual([
    200,
    expect.stringContaining('Their details are as you entered them'),
  ]);
  await control.settle();
  const theirs = (await referral.mails()).filter(({ to }) => to.join().includes(address));
  expect(theirs.map(({ subject }) => subject)).toEqual([
    expect.stringContaining('Your details were corrected'),
  ]);
  const [link = ''] = theirs.flatMap((mail) => linkIn(mail, 'person') ?? []);
  expect((await (await visit(link)).submit('open')).text).toContain(reference);
  const seen = await tom.open(`/referrals/${reference}`);
  expect(seen.text).toMatch(
    /Corrected by Tom[^:]*:\d\d [ap]m: Name: was Róisín O'Brien, is now Róisín Quillfeather/,
  );

  const { invoke, now } = await service(control.baseUrl);
  const said: string[] = [];
  const command = (wanted: Pick<Wanted, 'act' | 'fields' | 'html'>) =>
    dataRights(invoke, { ...wanted, reference, now }, (line) => said.push(line));
  expect(await command({ act: 'correct', fields: { email: address, postcode: 'NW5 1TL' } })).toBe(true);
  expect(await command({ act: 'correct', fields: { email: address, postcode: 'NW5 1TL' } })).toBe(true);
  expect(await command({ act: 'copy', html: true })).toBe(true);
  expect(await command({ act: 'audit' })).toBe(true);
  const [first, again, copy, looks] = said;
  expect([first, again]).toEqual([
    `Put right in ${reference}: postcode.`,
    `${reference} says this already: nothing was changed.`,
  ]);
  for (const words of ['Quillfeather', address, 'NW5 1TL']) expect(copy).toContain(words);
  expect(looks).toMatch(/,corrected,.*,Tom/);
  expect(looks).toMatch(/,corrected,.*,An operator,operator/);
  expect(looks).not.toContain('Quillfeather');
  const alex = await atWork(control, 'alex', `/audit?reference=${reference}`);
  expect(alex.page.text).toContain('Nothing: put the person’s details right');
});
