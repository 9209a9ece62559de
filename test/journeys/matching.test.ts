import { describe, expect, it } from 'vitest';
import programmes from '../../functions/shared/directory/programmes.json' with { type: 'json' };
import { type Jar, type Page, visit } from './browser.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

/** Fifty, and so too old for The Hive: the examples are ranked by what they say of themselves. */
const FIFTY = { 'dateOfBirth-year': '1976' };

/** The ids of the programmes that the form offers, in their order, without those that other journeys on the same cloud have added. */
function offered(page: Page): string[] {
  return [...page.html.matchAll(/name="programmeId"[^>]* value="([^"]+)"/g)]
    .map(([, id = '']) => id)
    .filter((id) => programmes.some((programme) => programme.id === id));
}

describe('matching', () => {
  it('ranks by what somebody looks for, asks why another one is chosen, and shows the next link worker how long it took', async () => {
    const referral = await Referral.submitted(cloud.baseUrl, FIFTY);
    const jar: Jar = new Map();
    const address = `/referrals/${referral.reference}`;
    const first = await signIn(referral.cloud, jar, 'amina', address);
    expect(offered(first)).toHaveLength(programmes.length);
    expect(offered(first)[0]).not.toBe('example-advice');
    expect(first.text).toContain('Nobody has said yet what they are looking for');

    const saved = await first.submit('preferences', {
      'need-housing': 'yes',
      'need-loneliness': 'yes',
      freeOnly: 'yes',
    });
    expect(saved.status).toBe(200);
    expect(new URL(saved.url).pathname).toBe(address);
    expect(offered(saved)[0]).not.toBe(offered(first)[0]);
    expect(offered(saved).indexOf('example-exercise')).toBeGreaterThan(3);
    const [best = '', second = ''] = offered(saved);
    // The page was open elsewhere: what it shows is no longer the ranking.
    const stale = await first.submit('decide', { decision: 'match', programmeId: best });
    expect([stale.status, stale.text]).toEqual([
      422,
      expect.stringContaining('ranked anew since you opened this page'),
    ]);

    const lower = offered(saved).at(-2) ?? second;
    const why = await saved.submit('decide', {
      decision: 'match',
      programmeId: lower,
      summary: 'Likes company',
    });
    expect([why.status, why.text]).toEqual([422, expect.stringContaining('Enter why you choose this one')]);
    expect(why.text).toContain('Likes company');
    const decided = await why.submit('decide', {
      ...{ decision: 'match', programmeId: lower },
      rankingReason: 'Her sister goes there',
    });
    await referral.cloud.settle();
    expect(decided.status).toBe(200);
    expect(decided.text).toContain('Her sister goes there');
    expect(decided.text).toContain('Matched the person to a programme that others ranked above');

    expect((await referral.accept()).status).toBe(200);
    const next = await Referral.submitted(cloud.baseUrl, FIFTY);
    const page = await visit(`${next.cloud.baseUrl}/referrals/${next.reference}`, jar);
    expect(page.text).toMatch(
      /About \d+ (day|week)s?, measured from the last person, which is too few to tell/,
    );
  });
});
