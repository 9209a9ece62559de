/** A link worker tries to reach a person: what each attempt adds up to, and when a letter may end it. */
import { describe, expect, it } from 'vitest';
import { type Jar, visit } from './browser.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

/** Whoever comes back after days signs in anew. */
const open = (referral: Referral, path = '') =>
  signIn(referral.cloud, new Map(), 'amina', `/referrals/${referral.reference}${path}`);

async function tryToReach(referral: Referral, channel: string, outcome: string, contactNote = '') {
  const page = await open(referral, '/contacts');
  const after = await page.submit('contact', { channel, outcome, contactNote });
  expect([after.status, after.text]).toEqual([200, expect.stringContaining('The contact is recorded')]);
  return after;
}

/** Two calls and a text over three working days, then enough time for an answer. */
async function tryInVain(referral: Referral): Promise<void> {
  await tryToReach(referral, 'phone', 'no-answer');
  await referral.cloud.advance({ hours: 24 });
  await tryToReach(referral, 'text', 'sent', 'Asked her to call us');
  await referral.cloud.advance({ hours: 48 });
  const early = await tryToReach(referral, 'phone', 'no-answer');
  expect(early.text).not.toContain('Close with a letter');
  await referral.cloud.advance({ hours: 14 * 24 });
}

describe('a person whom nobody reaches', () => {
  it('is closed with a letter once enough was tried, and sees who has looked', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await tryInVain(referral);
    const page = await open(referral);
    expect(page.text).toContain('Nobody has answered 3 attempts to make contact');
    expect(page.text).toContain('Asked her to call us');
    expect(page.text).toMatch(/Amina.*: Text message: sent, no answer yet/);
    expect(page.text).toMatch(/Amina[^:]*, link worker, looked at .*the referral.*, \d times/);
    expect(page.text).toContain('Email to whoever referred: the referral has arrived');

    const mine = await (await referral.personPage()).submit('open');
    expect(mine.text).toContain('Who has looked at your details');
    expect(mine.text).toMatch(/Amina[^:]*, link worker: .*your referral/);

    const contacts = await open(referral, '/contacts');
    expect(contacts.text).toContain('Close it with a letter, on its page');
    const closed = await page.submit('close');
    expect(closed.status).toBe(200);
    await referral.cloud.settle();
    const { person, referrer, gp } = await referral.letters();
    expect(person).toContain('We tried to reach you and could not');
    for (const letter of [referrer, gp])
      expect(letter).toContain('We tried to reach the person and could not');
    // Sent again, it is told what there is; nothing is decided twice.
    const again = await page.submit('close');
    expect(again.status).not.toBe(500);
  });

  it('is reached in the end, and everything begins anew', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await tryInVain(referral);
    await tryToReach(referral, 'phone', 'reached', 'Was away; would like to sing');
    const page = await open(referral);
    expect(page.text).not.toContain('Close with a letter');
    const refused = await page.submit('decide', {
      decision: 'decline',
      declineReason: 'could-not-reach',
    });
    expect([refused.status, refused.text]).toEqual([
      422,
      expect.stringContaining('first record 3 attempts that nobody answered'),
    ]);
  });

  it('is never closed while there is a known risk', async () => {
    const referral = await Referral.submitted(cloud.baseUrl, {
      risks: 'known',
      risksDetail: 'Says that life is too much',
    });
    await tryInVain(referral);
    for (const path of ['', '/contacts']) {
      const page = await open(referral, path);
      expect(page.text).toContain('Do not close this referral because nobody answers');
      expect(page.text).toContain('talk to your coordinator today');
      expect(page.text).not.toContain('Close with a letter');
    }
    const jar: Jar = new Map();
    await signIn(referral.cloud, jar, 'amina');
    const page = await visit(`${referral.cloud.baseUrl}/referrals/${referral.reference}`, jar);
    const refused = await page.submit('decide', {
      decision: 'decline',
      declineReason: 'could-not-reach',
    });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('There is a known risk')]);
    expect((await referral.mails()).filter(({ text }) => text.includes('/letters/'))).toEqual([]);
  });
});
