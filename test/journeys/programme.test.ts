import { describe, expect, it } from 'vitest';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';

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
