import { describe, expect, it } from 'vitest';
import { type Jar, visit } from './browser.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

const CODE = '871731000000106';

describe('a link worker with a person', () => {
  it('takes a first measure, makes a plan, gives the practice the summary, and its letter does not bring the code again', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const address = `${referral.cloud.baseUrl}/referrals/${referral.reference}`;
    const jar: Jar = new Map();
    const measures = await signIn(referral.cloud, jar, 'amina', `/referrals/${referral.reference}/measures`);
    expect(measures.text).toContain('Nothing has been recorded yet');
    const measured = await measures.submit('record', {
      point: 'baseline',
      'ons4-satisfied': '3',
      'ons4-anxious': '7',
      'ucla3-companionship': '3',
      'ucla3-left-out': '3',
      'ucla3-isolated': '2',
      'lonely-lonely': '5',
    });
    expect(measured.text).toMatch(/3 \(low\).*7 \(high\).*Often or always/);

    const form = await visit(`${address}/plan`, jar);
    const longer = await form.submit('add-action-1', {
      strengths: 'Sings, and has a sister nearby',
      'goal-1': 'Sing with other people',
      'importance-1': '9',
      'action-1-1': 'Amina asks the choir',
    });
    expect(longer.url).toContain('/plan');
    const plan = await longer.submit('save', {
      'confidence-1-1': '8',
      'action-1-2': 'Róisín goes to a rehearsal',
      'status-1-2': 'planned',
    });
    expect(plan.heading).toContain('Their plan');
    expect(plan.text).toMatch(/Sing with other people.*Amina asks the choir.*Róisín goes to a rehearsal/);

    const summary = await visit(`${address}/summary`, jar);
    expect(summary.text).toContain(`to be recorded once for this episode: ${CODE}`);
    expect(summary.text).toMatch(/Goal 1: Sing with other people \(importance 9 of 10\)/);
    expect(summary.text).toMatch(/Life satisfaction: 3 \(low\); Worthwhile: not answered;.*total 8/);
    const given = await summary.submit('given');
    expect(given.text).toMatch(/Given to the practice on .*noted by Amina Rahman/);
    expect(given.text).toContain('Please do not record it again.');

    await referral.review({ decision: 'decline', declineReason: 'needs-other-service' });
    const { gp, person } = await referral.letters();
    expect(gp).toContain('with our summary on');
    expect(gp).not.toContain(CODE);
    expect(person).not.toContain('SNOMED');
    // Days later, and signed in anew.
    const overview = await signIn(referral.cloud, new Map(), 'amina', `/referrals/${referral.reference}`);
    expect(overview.text).toContain('Gave the summary to the GP practice');
  });

  it('gives no summary, and the letter brings the code', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.review({ decision: 'decline', declineReason: 'needs-other-service' });
    expect((await referral.letters()).gp).toContain(
      `Suggested SNOMED CT code, once for each episode: ${CODE}`,
    );
    const jar: Jar = new Map();
    const summary = await signIn(referral.cloud, jar, 'tom', `/referrals/${referral.reference}/summary`);
    expect(summary.text).toMatch(/was given to the practice on .*Please do not record it again/);
  });
});
