/** Email that does not arrive, as a link worker sees it: whom it does not reach, how else to reach them, and that it goes on once the address is right. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isShared, onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';

const cloud = onACloud();

/** An address of SES's mailbox simulator, which the embedded cloud plays; other clouds only if somebody told them what SES would say. */
const simulated = (box: 'bounce' | 'complaint' | 'suppressionlist') =>
  `${box}+${randomUUID().slice(0, 8)}@simulator.amazonses.com`;

const to = async (referral: Referral, address: string) =>
  (await referral.cloud.inbox()).filter((mail) => mail.to.includes(address)).map(({ subject }) => subject);

describe.skipIf(isShared())('an email that does not arrive', () => {
  it.each(['bounce', 'suppressionlist'] as const)(
    'for %s: a link worker is told, puts the address right, and what was missed goes there',
    async (box) => {
      const lost = simulated(box);
      const referral = await Referral.submitted(cloud.baseUrl, { email: lost, phone: '07700 900982' });
      await referral.cloud.settle();
      expect(await to(referral, lost)).toHaveLength(1);
      const told = (await referral.mails()).filter(({ subject }) => subject.includes('did not arrive'));
      expect(told).toHaveLength(1);
      expect(told[0]?.text).toContain(`/referrals/${referral.reference}/contacts#undelivered`);
      expect(JSON.stringify(told[0])).not.toContain(lost);

      const opened = await referral.opened();
      expect(opened.text).toContain('Email does not reach the person.');
      const contacts = await referral.opened(
        'amina',
        `${cloud.baseUrl}/referrals/${referral.reference}/contacts`,
      );
      expect(contacts.text).toContain('Email does not reach the person');
      expect(contacts.text).toContain('the referral has arrived, with the link to their page');
      expect(contacts.text).toContain('07700 900982');

      const nothing = await contacts.submit('reach', { newEmail: '', reached: '' });
      expect([nothing.status, nothing.text]).toEqual([
        422,
        expect.stringContaining('Enter what you did about it'),
      ]);

      const works = `works-${randomUUID().slice(0, 8)}@example.org`;
      const done = await nothing.submit('reach', {
        newEmail: works,
        reached: 'Phoned; there was a letter missing',
      });
      expect([done.status, done.text]).toEqual([200, expect.stringContaining('The address is put right')]);
      expect(done.text).not.toContain('Email does not reach the person');
      await referral.cloud.settle();
      // The fresh link to their page, and what they missed.
      expect((await to(referral, works)).length).toBeGreaterThanOrEqual(2);
      expect(await to(referral, lost)).toHaveLength(1);
      // Nobody hears any more that it waits.
      await referral.cloud.advance({ hours: 5 * 24 });
      expect(
        (await referral.mails()).some(({ subject }) => subject.includes('still cannot be reached')),
      ).toBe(false);
      const logs = await referral.cloud.logs();
      const stored = (await referral.cloud.table()).find(
        ({ sk, reference }) => sk === 'REFERRAL' && reference === referral.reference,
      );
      // Whoever follows the alarm finds whose it is.
      const events = logs.split('\n').filter((line) => line.includes('EMAIL_EVENT'));
      expect(events.some((line) => line.includes(`"referralId":"${stored?.id}"`))).toBe(true);
      expect(logs).not.toContain('simulator.amazonses.com');
    },
  );

  it('is told to the coordinator where nobody sees to it, and nothing more is sent there', async () => {
    const lost = simulated('bounce');
    const referral = await Referral.submitted(cloud.baseUrl, { email: lost });
    await referral.match();
    await referral.accept();
    await referral.cloud.advance({ hours: 7 * 24 });
    expect(await to(referral, lost)).toHaveLength(1);
    expect((await referral.mails()).some(({ subject }) => subject.includes('still cannot be reached'))).toBe(
      true,
    );
    const page = await referral.opened();
    expect(page.text).toContain('Not sent, because the address does not work: email to the person');
    // Of their first session, whenever that is, a link worker is asked to remind them, once.
    const byHand = async () =>
      (await referral.mails()).filter(({ subject }) => subject.startsWith('Please remind a person'));
    for (let day = 0; day < 30 && (await byHand()).length === 0; day++) {
      await referral.cloud.advance({ hours: 24 });
    }
    expect(await byHand()).toHaveLength(1);
  });

  it('that is unwanted ends all email to the person, who is asked by other ways', async () => {
    const unwanted = simulated('complaint');
    const referral = await Referral.submitted(cloud.baseUrl, { email: unwanted, phone: '07700 900982' });
    await referral.cloud.settle();
    const contacts = await referral.opened(
      'amina',
      `${cloud.baseUrl}/referrals/${referral.reference}/contacts`,
    );
    expect(contacts.text).toContain('was reported as unwanted');
    expect(contacts.text).toContain('Do not write to the email address');
    const done = await contacts.submit('reach', { newEmail: '', reached: 'Phoned: calls only, please' });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('you have seen to it')]);
    await referral.match();
    await referral.accept();
    expect(await to(referral, unwanted)).toHaveLength(1);
  });
});
