/** Seeded referrals, worked with. Only on a cloud of its own: on a shared one, other journeys would have to look for theirs among them. */
import { describe, expect, it } from 'vitest';
import { seedCloud } from '../seed/into-cloud.ts';
import { type Jar, visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { isShared, onACloud } from './on-a-cloud.ts';
import { linkIn } from './people.ts';
import { signIn, teamOf } from './sign-in.ts';

const cloud = onACloud();
const COUNT = 120;

describe.skipIf(isShared())('seeded referrals', () => {
  it('stand in the worklist, are found, cause nothing by themselves, and come to life when somebody decides', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    await signIn(control, jar, 'amina');
    const teams = [await teamOf(control, 'amina')];
    let seen = 0;
    await seedCloud(control, { count: COUNT, seed: 3, teams, remote: false }, (total) => {
      seen = total;
    });
    expect(seen).toBe(COUNT);
    const list = await visit(`${control.baseUrl}/worklist?urgency=none`, jar);
    // One that waits for a review: whoever is to be reached in another way is led to elsewhere.
    const reference = /"\/referrals\/(SP-[0-9A-Z]{4}-[0-9A-Z]{4})"/.exec(list.html)?.[1] ?? '';
    const opened = await visit(`${control.baseUrl}/referrals/${reference}`, jar);
    const search = await visit(`${control.baseUrl}/worklist/search`, jar);
    const found = await search.submit(undefined, { query: opened.heading });
    expect(found.html).toContain(reference);

    // A fortnight in which nothing is due.
    await control.advance({ hours: 14 * 24 });
    // Providers of the directory are asked whether it is right; nobody is written to about a referral.
    expect((await control.inbox()).filter(({ text }) => /\bSP-/.test(text))).toEqual([]);
    expect(await control.executions()).toEqual([]);

    // Signed in again: sessions are over by now.
    await signIn(control, jar, 'amina');
    const referral = await visit(`${control.baseUrl}/referrals/${reference}`, jar);
    // Whatever the ranking asks for of whom it is.
    const asked = {
      rankingReason: 'They know people there',
      riskSummary: 'Small groups',
      matchAnyway: 'yes',
    };
    const more = Object.fromEntries(Object.entries(asked).filter(([name]) => referral.has(name)));
    const match = { decision: 'match', programmeId: 'hive-music', ...more };
    const decided = await referral.submit('decide', match);
    expect(decided.status).toBe(200);
    await control.advance({ hours: 1 });
    const offers = (await control.inbox()).filter(
      (mail) => linkIn(mail, 'offer') && mail.text.includes(reference),
    );
    expect(offers).toHaveLength(1);
    expect((await control.executions()).map(({ state }) => state)).toEqual(['AwaitProvider']);
  });

  it('are only for teams that there are', async () => {
    const control = new Cloud(cloud.baseUrl);
    const nowhere = { count: 1, seed: 1, teams: ['nowhere'], remote: false };
    await expect(seedCloud(control, nowhere)).rejects.toThrow('There is no team nowhere; there are camden');
  });
});
