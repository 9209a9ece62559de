import { describe, expect, it } from 'vitest';
import { type Jar, send, visit } from './browser.ts';
import { CANARIES, canaryFields, found, TYPED } from './canaries.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

describe('nothing personal leaves the table and the pages', () => {
  it('in a life with questions, a decline, missed sessions, a crash, errors and an ending', async () => {
    const fields = canaryFields;
    const referral = await Referral.submitted(cloud.baseUrl, fields);
    const { cloud: control } = referral;
    await referral.review({ decision: 'ask-for-more', askWhom: 'referrer', question: TYPED.question });
    await referral.act('information', 'answer', { answer: TYPED.answer });
    await control.faults({ function: 'await-provider', crashes: 1 });
    await referral.match('example-crafts', TYPED.riskSummary);
    await referral.replyToOffer({ reply: 'decline', declineReason: 'other' });
    await referral.match();
    await referral.accept();
    await referral.register({ held: 'yes', attendance: '3' });
    await referral.register({ held: 'yes', attendance: '3' });
    await referral.welfare({ outcome: 'close', note: TYPED.note });
    await referral.letters();

    const second = await Referral.submitted(cloud.baseUrl, fields);
    const jar: Jar = new Map();
    const plan = await signIn(control, jar, 'amina', `/referrals/${second.reference}/plan`);
    const made = { strengths: TYPED.strengths, 'goal-1': TYPED.goal, 'action-1-1': TYPED.action };
    expect((await plan.submit('save', { ...made, 'importance-1': '99' })).status).toBe(422);
    expect((await plan.submit('save', made)).url).toBe(plan.url);
    const summary = await visit(`${control.baseUrl}/referrals/${second.reference}/summary`, jar);
    expect((await summary.submit('given')).text).toContain(TYPED.goal);
    await second.review({ decision: 'signpost', signpostedTo: TYPED.signpostedTo });
    await send(`${control.baseUrl}/refer/professional`, { ...fields, consent: '' });
    await send(`${control.baseUrl}/refer/professional?name=${CANARIES.familyName}`, {
      ...fields,
      nhsNumber: '1',
    });
    await visit(`${control.baseUrl}/offer/${CANARIES.familyName}`);
    await control.faults({});
    await control.settle();

    // The canaries are there to be found where they belong.
    expect(found('the table', JSON.stringify(await control.table())).length).toBeGreaterThan(10);

    const mails = await control.inbox();
    expect(mails.length).toBeGreaterThan(15);
    const leaks = mails.flatMap(({ to: _to, ...mail }) =>
      found(`email "${mail.subject}"`, JSON.stringify(mail)),
    );
    const logs = await control.logs();
    expect(logs).toMatch(/REFERRAL_CREATED/);
    expect(logs).toMatch(/OUTBOX_ENTRY_DONE/);
    leaks.push(...found('the log', logs));
    const executions = await control.executions();
    expect(executions.length).toBeGreaterThanOrEqual(2);
    const lengths: number[] = [];
    for (const { name } of executions) {
      const history = await control.history(name);
      lengths.push(history.length);
      leaks.push(...found(`the history of ${name}`, JSON.stringify(history)));
    }
    // Other journeys on the same cloud may leave some that have only begun.
    expect(lengths.filter((length) => length > 5).length).toBeGreaterThanOrEqual(2);
    expect(leaks).toEqual([]);
  });
});
