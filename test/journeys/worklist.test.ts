import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Jar, visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { formOf, professionalForm } from './people.ts';
import { signIn } from './sign-in.ts';
import { referenceIn } from './ways.ts';

const cloud = onACloud();

async function referred(control: Cloud, fields: Record<string, string> = {}): Promise<string> {
  const form = await professionalForm(control);
  const sent = await form.submit(undefined, { ...formOf(randomUUID().slice(0, 8)), ...fields });
  await control.settle();
  return referenceIn(sent);
}

describe('a link worker who has signed in', () => {
  it('finds who is in danger at the top, reads, decides, and sees the list without it', async () => {
    const control = new Cloud(cloud.baseUrl);
    const calm = await referred(control);
    const danger = await referred(control, { danger: 'yes' });
    const jar: Jar = new Map();
    const list = await signIn(control, jar, 'amina', '/worklist');
    expect(list.heading).toContain('What needs the team now');
    expect(list.html.indexOf(danger)).toBeGreaterThan(0);
    if (list.html.includes(calm)) expect(list.html.indexOf(danger)).toBeLessThan(list.html.indexOf(calm));
    const first = await visit(`${control.baseUrl}/worklist?urgency=danger`, jar);
    expect(first.html).toContain(danger);
    expect(first.html).not.toContain(calm);

    const page = await visit(`${control.baseUrl}/referrals/${danger}`, jar);
    expect(page.text).toContain('somebody is in danger now');
    // A provider is never left to think that nothing is known.
    const match = { decision: 'match', programmeId: 'hive-music', riskSummary: 'Ring us before each visit' };
    const decided = await page.submit('decide', match);
    expect(decided.status).toBe(200);
    await control.settle();
    expect((await visit(`${control.baseUrl}/worklist?urgency=danger`, jar)).html).not.toContain(danger);
    const offers = (await control.inbox()).filter(
      ({ text }) => text.includes(danger) && text.includes('/offer/'),
    );
    expect(offers).toHaveLength(1);
    // The link in the email, which somebody else may have open, says what was decided.
    const again = await page.submit('decide', { decision: 'decline', declineReason: 'duplicate' });
    expect(again.text).not.toContain('The referral was declined');
  });

  it('leads nobody else in', async () => {
    const control = new Cloud(cloud.baseUrl);
    const reference = await referred(control);
    expect((await visit(`${control.baseUrl}/worklist`)).heading).toBe('Sign in');
    const jar: Jar = new Map();
    expect((await signIn(control, jar, 'priya', '/worklist')).status).toBe(403);
    const page = await visit(`${control.baseUrl}/referrals/${reference}`, jar);
    expect([page.status, page.html.includes('Brien')]).toEqual([403, false]);
  });
});
