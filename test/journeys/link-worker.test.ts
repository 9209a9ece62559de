import { describe, expect, it } from 'vitest';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';

const cloud = onACloud();

describe('the letters', () => {
  it('are on the page of the referral, and the one of a person without an address is to be printed', async () => {
    const referral = await Referral.submitted(cloud.baseUrl, { email: '', contactMayEmail: '' });
    await referral.review({ decision: 'signpost', signpostedTo: 'The drop-in at the library' });
    const { person, gp } = await referral.letters();
    expect(person).toContain('please print this letter');
    expect(gp).not.toContain('please print this letter');
    const page = await referral.opened('tom');
    expect(page.text).toMatch(/Letter to the person No email address: to be printed and posted/);
    expect(page.text).toMatch(/Letter to the GP practice Sent by email on/);
    const letter = await referral.opened('tom', `${page.url}/letters/gp`);
    expect(letter.text).toContain('The drop-in at the library');
    expect((await referral.opened('priya', `${page.url}/letters/gp`)).status).toBe(403);
  });
});

describe('the link worker', () => {
  it('declines, and everyone hears', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.review({ decision: 'decline', declineReason: 'needs-other-service' });
    expect(Object.keys(await referral.letters()).sort()).toEqual(['gp', 'person', 'referrer']);
  });

  it('declines a duplicate, and the referrer hears nothing of the other referral', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.review({ decision: 'decline', declineReason: 'duplicate' });
    const { person, gp, referrer } = await referral.letters();
    expect([person, gp].filter((letter) => letter.includes('already'))).toEqual([person, gp]);
    expect(referrer).toContain('could not take it further');
    expect(referrer).not.toMatch(/another|already|other referral|duplicate/i);
  });

  it('signposts, and the letter says where to', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.review({ decision: 'signpost', signpostedTo: 'The drop-in at the library' });
    expect((await referral.letters()).person).toContain('The drop-in at the library');
  });

  it('asks the referrer for more, reads the answer and matches', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.review({
      decision: 'ask-for-more',
      askWhom: 'referrer',
      question: 'Which days are possible?',
    });
    const answered = await referral.act('information', 'answer', { answer: 'Tuesdays and Thursdays' });
    expect(answered.status).toBe(200);
    const opened = await referral.openReview();
    expect(opened.text).toContain('Tuesdays and Thursdays');
    await opened.submit('decide', { decision: 'match', programmeId: 'hive-music' });
    await referral.accept();
    expect(await referral.status()).toMatch(/session/i);
  });

  it('hears again when nobody answers the question', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.review({
      decision: 'ask-for-more',
      askWhom: 'person',
      question: 'Which days are possible?',
    });
    await referral.link('information');
    await referral.link('information');
    await referral.match();
    expect(await referral.status()).toMatch(/programme|offer|place/i);
  });

  it('is reminded when they keep silent, and the coordinator hears', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.asked('review');
    await referral.asked('review');
    await referral.cloud.advance({ hours: 24 * 8 });
    const mails = await referral.mails();
    expect(mails.some((mail) => mail.to.join().includes('coordinator'))).toBe(true);
    await referral.match();
    expect(await referral.status()).toMatch(/programme|offer|place/i);
  });
});
