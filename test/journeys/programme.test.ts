import { describe, expect, it } from 'vitest';
import { visit } from './browser.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

async function started(): Promise<Referral> {
  const referral = await Referral.submitted(cloud.baseUrl);
  await referral.match();
  await referral.accept();
  return referral;
}

describe('the programme', () => {
  it('ends when the person withdraws in week 5', async () => {
    const referral = await started();
    await referral.attend(4);
    const page = await referral.personPage();
    const left = await page.submit('leave', { confirm: 'yes' });
    expect(left.status).toBe(200);
    await referral.cloud.settle();
    const letters = await referral.letters();
    expect(Object.keys(letters).sort()).toEqual(['gp', 'person', 'referrer']);
    expect(letters.referrer).toMatch(/4/);
    await expect(referral.link('register', 21)).rejects.toThrow(/no email/);
  });

  it('ends when somebody without email phones and leaves: the letter says so, and nobody is asked any more', async () => {
    const referral = await Referral.submitted(cloud.baseUrl, { email: '', contactMayEmail: '' });
    await referral.match();
    await referral.accept();
    await referral.attend(2);
    // First they only cannot come once.
    const away = await (await referral.opened()).submit('told-cannot-come');
    expect(away.text).toMatch(/Amina[^:]*: Recorded that the person cannot come to the next session/);
    expect(away.text).toContain('They said that they cannot come');
    await referral.register({ held: 'yes', attendance: '2' });

    const page = await referral.opened('tom');
    const unticked = await page.submit('told-leaves');
    expect([unticked.status, unticked.text.includes('Tick the box to confirm')]).toEqual([422, true]);
    const left = await page.submit('told-leaves', { leaves: 'yes' });
    expect([left.status, left.text]).toEqual([200, expect.stringContaining('The person left on')]);
    expect(left.text).toMatch(/Tom[^:]*: Recorded that the person leaves/);
    const again = await page.submit('told-leaves', { leaves: 'yes' });
    expect([again.status, again.text.split('Recorded that the person leaves').length]).toEqual([200, 2]);
    expect(left.text).not.toMatch(/To come|Remind them yourselves/);
    await referral.cloud.settle();
    const { person, referrer } = await referral.letters();
    expect(person).toContain('You told us that you want to leave');
    expect(person).toContain('please print this letter');
    expect(referrer).toContain('decided to leave');
    const subjects = (await referral.mails()).map(({ subject }) => subject);
    expect(subjects.join()).toContain('An offer or a place is no longer needed');
    expect(subjects.join()).not.toContain('A person has left');
    await expect(referral.link('register', 21)).rejects.toThrow(/no email/);
  });

  it('is ended by a link worker when its provider holds it no more, as the email about the missing register says', async () => {
    const referral = await started();
    await referral.attend(1);
    const missing = async () =>
      (await referral.mails()).filter(({ subject }) => subject.startsWith('Nobody recorded a person'));
    for (let days = 0; days < 21 && (await missing()).length === 0; days++) {
      await referral.cloud.advance({ hours: 24 });
    }
    const [mail] = await missing();
    expect(mail?.text).toContain('you can end it for the person on the page of the referral');
    const ended = await (await referral.opened()).submit('ended-at-provider', { endedAtProvider: 'yes' });
    expect([ended.status, ended.text]).toEqual([
      200,
      expect.stringContaining('Its provider holds it no more'),
    ]);
    await referral.cloud.settle();
    const status = await referral.status();
    expect(status).toContain('The programme has ended for you');
    expect(status).not.toMatch(/To come|Your next session/);
    const { person, gp, referrer } = await referral.letters();
    expect(person).toContain('That is not your doing');
    for (const letter of [gp, referrer]) expect(letter).toContain('it is not held any more');
    expect(person).toContain('1 of 12 sessions were held');
    const before = await missing();
    await referral.cloud.advance({ hours: 21 * 24 });
    expect(await missing()).toHaveLength(before.length);
  });

  it('has a link worker contact the person after two sessions missed in a row, then goes on', async () => {
    const referral = await started();
    await referral.attend(1);
    await referral.register({ held: 'yes', attendance: '3' });
    await referral.register({ held: 'yes', attendance: '3' });
    const contacted = await referral.welfare({ outcome: 'continue', note: 'Was ill, is back' });
    expect(contacted.status).toBe(200);
    expect(contacted.text).toContain('Was ill, is back');
    expect(contacted.text).toMatch(/Amina[^:]*: Contacted the person/);
    await referral.attend(1);
    expect(await referral.status()).toMatch(/session/i);
  });

  it('comes to a decision when a third is missed: going on needs a word why', async () => {
    const referral = await started();
    for (let i = 0; i < 2; i++) await referral.register({ held: 'yes', attendance: '3' });
    const asked = await referral.asked('welfare');
    expect((await referral.opened('amina', asked)).heading).toContain('missed two sessions in a row');
    // Nobody gets in touch for a week, and the group goes on.
    await referral.register({ held: 'yes', attendance: '3' });
    const page = await referral.opened('amina', asked);
    expect(page.heading).toContain('missed three sessions in a row');
    const worklist = await signIn(referral.cloud, new Map(), 'amina', '/worklist');
    expect(worklist.text).toContain('Contact them: three sessions missed');
    const silent = await page.submit('welfare', { outcome: 'continue' });
    expect([silent.status, silent.text.includes('Enter why they go on')]).toEqual([422, true]);
    const on = await silent.submit('welfare', { outcome: 'continue', note: 'Was in hospital, and wants to' });
    expect(on.text).toContain('Was in hospital, and wants to');
    await referral.cloud.settle();
    await referral.attend(1);
    expect(await referral.status()).toMatch(/session/i);
  });

  it('does not end by itself while the person does not feel safe: no letter goes out before a link worker says so', async () => {
    const referral = await started();
    await referral.attend(11);
    const feedback = `${(await referral.personPage()).url.replace(/[?#].*$/, '')}/feedback`;
    const said = await (await visit(feedback)).submit(undefined, { text: 'He found me', unsafe: 'yes' });
    expect(said.status).toBe(200);
    await referral.attend(1);
    await referral.cloud.advance({ hours: 1 });
    expect(await referral.letters()).toEqual({});
    expect(await referral.status()).toContain('All of your sessions are over');
    const page = await referral.opened('amina', await referral.asked('welfare'));
    expect(page.heading).toContain('Contact a person before their programme ends');
    const early = await page.submit('welfare', { outcome: 'continue' });
    expect([early.status, early.text.includes('Somebody has to see first to what they said')]).toEqual([
      422,
      true,
    ]);
    const contacts = `${referral.cloud.baseUrl}/referrals/${referral.reference}/contacts`;
    await (await referral.opened('amina', contacts)).submit('settle', { settled: 'Safe with her sister' });
    const done = await (await referral.opened()).submit('welfare', { outcome: 'continue' });
    expect(done.status).toBe(200);
    await referral.cloud.settle();
    expect(Object.keys(await referral.letters()).sort()).toEqual(['gp', 'person', 'referrer']);
    expect((await referral.letters()).person).toMatch(/12/);
  });

  it('ends early when that is what came of the welfare contact', async () => {
    const referral = await started();
    await referral.register({ held: 'yes', attendance: '3' });
    await referral.register({ held: 'yes', attendance: '7' });
    await referral.welfare({ outcome: 'close', note: '' });
    expect(Object.keys(await referral.letters()).sort()).toEqual(['gp', 'person', 'referrer']);
  });

  it('holds a session later that the provider cancelled: twelve are still held', async () => {
    const referral = await started();
    await referral.attend(3);
    await referral.register({ held: 'cancelled' });
    await referral.attend(8);
    expect(await referral.letters()).toEqual({});
    await referral.attend(1);
    expect((await referral.letters()).gp).toMatch(/12/);
  });

  it('goes on after a restart in the middle', async () => {
    const referral = await started();
    await referral.attend(5);
    await referral.cloud.restart();
    await referral.attend(3);
    const link = await referral.link('register');
    await referral.cloud.restart();
    await referral.recordAt(link, { held: 'yes', attendance: '5' });
    await referral.attend(3);
    expect((await referral.letters()).person).toMatch(/12/);
  });
});
