import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { formOf, pageIn, professionalForm, Referral } from './people.ts';

const cloud = onACloud();
const referenceIn = (text: string) => /\bSP-[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(text)?.[0];

describe('twice, at once, and after a crash', () => {
  it('makes one referral of the same form sent three times at once, and shows the same reference', async () => {
    const control = new Cloud(cloud.baseUrl);
    const form = await professionalForm(control);
    const answers = formOf(randomUUID().slice(0, 8));
    const sent = await Promise.all([1, 2, 3].map(() => form.submit(undefined, answers)));
    const [reference, ...others] = new Set(sent.map(({ text }) => referenceIn(text)));
    expect(reference).toBeDefined();
    expect(others).toEqual([]);

    await control.settle();
    const mails = (await control.inbox()).filter((mail) => mail.text.includes(reference ?? '?'));
    expect(mails.filter((mail) => mail.to.join().includes(answers.referrerEmail ?? '?'))).toHaveLength(1);
    expect(mails.filter((mail) => pageIn(mail))).toHaveLength(1);
  });

  it('shows what was decided when a decision is sent again', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const opened = await referral.openReview();
    const first = await opened.submit('decide', { decision: 'match', programmeId: 'hive-music' });
    const second = await opened.submit('decide', { decision: 'match', programmeId: 'hive-music' });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.heading).toBe(first.heading);
    const other = await opened.submit('decide', { decision: 'decline', declineReason: 'duplicate' });
    expect(other.status).toBe(409);
    // The same kind of decision with other content is another decision: whoever made it must hear that it did not count.
    const another = await opened.submit('decide', { decision: 'match', programmeId: 'example-crafts' });
    expect(another.status).toBe(409);
    await referral.cloud.settle();
    expect((await referral.mails()).filter((mail) => /\/offer\//.test(mail.text))).toHaveLength(1);
  });

  it('passes a referral on once, and shows what became of it to who sends that again or decides after it', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const opened = await referral.openReview();
    const transfer = { decision: 'transfer', team: 'islington' };
    for (let i = 0; i < 2; i++) {
      const sent = await opened.submit('decide', transfer);
      expect([sent.status, sent.text]).toEqual([200, expect.stringContaining('Your team passed it on')]);
    }
    const late = await opened.submit('decide', { decision: 'signpost', signpostedTo: 'The drop-in' });
    expect([late.status, late.heading]).toEqual([409, expect.stringContaining('Somebody was faster')]);
    expect(late.text).toContain('passed to another team: Islington');
    expect(late.text).toContain('The drop-in');
  });

  it.each(['await-review', 'close-referral'])('survives %s crashing twice', async (name) => {
    const control = new Cloud(cloud.baseUrl);
    await control.faults({ function: name, crashes: 2 });
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.review({ decision: 'decline', declineReason: 'not-eligible' });
    await control.settle();
    await control.faults({});
    expect(Object.keys(await referral.letters()).sort()).toEqual(['gp', 'person', 'referrer']);
  });
});
