import { describe, expect, it } from 'vitest';
import { type Jar, visit } from './browser.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

describe('how things are for a person', () => {
  it('is asked at the start, in the middle and at the end, told to those who may know, and counted for funders', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    await referral.accept();
    const link = await referral.link('measures');
    const asked = (await referral.mails()).find(({ text }) => text.includes(link));
    expect(asked?.to.join()).toContain(referral.addresses.person);
    expect(`${asked?.subject} ${asked?.text}`).not.toMatch(/Róisín|music|lonel|satisf/i);

    const questions = await visit(link);
    expect(questions.text).toContain('Overall, how satisfied are you with your life nowadays?');
    const first = { 'ons4-satisfied': '3', 'ons4-anxious': '8', 'ucla3-companionship': '3' };
    const rest = { 'ucla3-left-out': '3', 'ucla3-isolated': '2', 'lonely-lonely': '5' };
    const thanks = await questions.submit('record', { ...first, ...rest });
    expect(thanks.heading).toContain('Thank you for your answers');
    // Sent again, otherwise: what was recorded stands, and is shown.
    const again = await questions.submit('record', { ...first, ...rest, 'ons4-satisfied': '10' });
    expect([again.status, again.text.includes('You had answered before')]).toEqual([409, true]);
    expect(again.text).toContain('3 (low)');

    await referral.attend(6);
    const middle = await referral.link('measures', 1);
    expect(middle).not.toBe(link);
    const jar: Jar = new Map();
    const page = `/referrals/${referral.reference}/measures`;
    const team = await signIn(referral.cloud, jar, 'amina', page);
    expect(team.text).toMatch(/Due now: measures in the middle.*asked by email/);
    expect(team.text).toMatch(/At the start, .*by themself/);

    await referral.attend(6);
    const end = await referral.link('measures', 1);
    const late = await visit(middle);
    expect(late.text).not.toContain('Overall, how satisfied');
    const answers = { 'ons4-satisfied': '7', 'ons4-anxious': '3', 'ucla3-companionship': '2' };
    await (await visit(end)).submit('record', { ...answers, 'ucla3-left-out': '2', 'ucla3-isolated': '1' });

    const { person, referrer, gp } = await referral.letters();
    for (const letter of [person, gp]) {
      expect(letter).toMatch(/Life satisfaction .*3 \(low\).*7 \(high\).*Better/);
      expect(letter).toMatch(/Total, of 9 .*8.*5.*Better/);
      // Questions that must not be added up are not.
      expect(letter.match(/Total/g)).toHaveLength(1);
    }
    expect(gp).toMatch(/Attended on time.*12/);
    expect(person).toMatch(/You came .*12/);
    expect(gp).toContain('871731000000106');
    expect(person).not.toContain('871731000000106');
    expect(referrer).toMatch(/12 sessions were held, of which Róisín O'Brien attended 12/);
    expect(referrer).not.toMatch(/Life satisfaction|871731000000106|\blow\b|\bhigh\b/);

    const period = periodOf(await referral.cloud.now());
    const report = await signIn(referral.cloud, new Map(), 'tom', `/report/hive-music?period=${period}`);
    expect(report.text).toContain('This period is not over');
    expect(report.text).toMatch(/People referred to the programme People ?(fewer than 5|\d+)/);
    expect(report.text).not.toMatch(/Róisín|SP-/);
    const refused = await signIn(referral.cloud, new Map(), 'amina', '/report/hive-music');
    expect(refused.status).toBe(403);
  });
});

/** The first month of the quarter, in which everybody is counted whose referral ended. */
function periodOf(now: string): string {
  const month = Number(now.slice(5, 7));
  return `${now.slice(0, 4)}-${String(month - ((month - 1) % 3)).padStart(2, '0')}`;
}
