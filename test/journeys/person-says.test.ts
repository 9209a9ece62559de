/** The person on their own page: waits, is asked how they are, cannot come, chooses how to be reminded, says how it was, and leaves. */
import { describe, expect, it } from 'vitest';
import { type Page, visit } from './browser.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

const contactsOf = (referral: Referral) =>
  signIn(referral.cloud, new Map(), 'amina', `/referrals/${referral.reference}/contacts`);

/** A page below the person's own. */
async function below(referral: Referral, path: string): Promise<Page> {
  return visit(`${(await referral.personPage()).url.replace(/[?#].*$/, '')}/${path}`);
}

const toLinkWorkers = async (referral: Referral) =>
  (await referral.mails()).map(({ subject }) => subject).filter((subject) => /person/i.test(subject));

describe('who waits', () => {
  it('is asked how they are, is worried, and is seen to before anybody else', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.cloud.advance({ hours: 30 * 24 });
    await referral.cloud.advance({ hours: 7 * 24 });
    const asked = (await referral.subjectsTo(referral.addresses.person)).filter((subject) =>
      subject.includes('how are you'),
    );
    expect(asked).toHaveLength(1);
    const link = (await referral.mails())
      .flatMap(({ text }) => /https?:\/\/\S+\/check-in\b/.exec(text)?.[0] ?? [])
      .at(-1);
    if (!link) throw new Error('no link to the check-in');
    const form = await visit(link);
    expect(form.text).not.toContain('Róisín');
    const sent = await form.submit(undefined, { answer: 'worried', text: 'I may lose my home' });
    expect([sent.status, sent.text]).toEqual([
      200,
      expect.stringContaining('A link worker will contact you'),
    ]);
    expect(sent.text).toContain('999');
    await referral.cloud.settle();

    expect(
      (await toLinkWorkers(referral)).filter((subject) => subject.includes('get in touch')),
    ).toHaveLength(1);
    const worklist = await signIn(referral.cloud, new Map(), 'amina', '/worklist');
    expect(worklist.text).toContain('Contact them: they raised a concern');
    const contacts = await contactsOf(referral);
    expect(contacts.text).toContain('I may lose my home');
    const settled = await contacts.submit('settle', {
      settled: 'Called her. The council helps with the rent.',
    });
    expect(settled.text).toContain('It is recorded that you have seen to it');
    expect(settled.text).toContain('The council helps with the rent.');
  });
});

describe('who is in a programme', () => {
  it('cannot come once, is not reminded by email any more, says how it was, and leaves', async () => {
    const referral = await Referral.submitted(cloud.baseUrl, {
      risks: 'known',
      risksDetail: 'Falls at times',
    });
    await referral.match();
    await referral.accept();
    const page = await referral.personPage();
    const away = await page.submit('cannot-come');
    expect(away.text).toContain('You told us you cannot come');
    const back = await away.submit('comes');
    expect(back.text).toContain('we expect you');
    await back.submit('cannot-come');

    const door = await below(referral, 'contact');
    expect(door.text).not.toContain('Prefers text messages');
    const preferences = await door.submit('open');
    const saved = await preferences.submit('save', { reminders: 'team', contactPreferred: 'text' });
    expect(saved.text).toContain('We have saved how to reach you');

    // Nobody is reminded of the first, to which they cannot come; of the second the team is asked to remind them.
    await referral.register({ held: 'yes', attendance: '2' });
    const first = await referral.subjectsTo(referral.addresses.person);
    expect(first.some((subject) => subject.startsWith('Your next session'))).toBe(false);
    await referral.register({ held: 'yes', attendance: '5' });
    const byHand = (await toLinkWorkers(referral)).filter((subject) =>
      subject.startsWith('Please remind a person'),
    );
    expect(byHand).toHaveLength(1);
    expect((await referral.personPage()).text).toContain('You could not come');

    const feedback = await (await below(referral, 'feedback')).submit(undefined, {
      about: 'session-2',
      rating: 'good',
      text: 'I sang',
    });
    expect(feedback.text).toContain('Thank you for telling us');
    await referral.cloud.settle();
    const read = await contactsOf(referral);
    expect(read.text).toContain('I sang');
    expect(read.text).toContain('Remind them yourselves');

    const left = await (await referral.personPage()).submit('leave', { confirm: 'yes' });
    expect(left.text).toContain('You have left');
    await referral.cloud.settle();
    // There was a known risk: nobody loses sight of them.
    const worklist = await signIn(referral.cloud, new Map(), 'amina', '/worklist');
    expect(worklist.text).toContain(referral.reference);
    const settled = await (await contactsOf(referral)).submit('settle', { settled: 'Called: she is well' });
    expect(settled.text).toContain('It is recorded');
  });

  it('answers the questions that are due from their own page, and cannot come while a link worker looks for them', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    await referral.accept();
    const questions = await (await referral.personPage()).submit('measures');
    expect(questions.text).toContain('Overall, how satisfied are you with your life nowadays?');
    const thanks = await questions.submit('record', { 'ons4-satisfied': '3' });
    expect(thanks.heading).toContain('Thank you for your answers');
    const page = await referral.personPage();
    expect(page.text).not.toContain('We have a few questions for you');

    for (let missed = 0; missed < 2; missed++) await referral.register({ held: 'yes', attendance: '3' });
    const missing = await referral.personPage();
    expect(missing.text).toContain('A link worker will contact you to ask how you are');
    const away = await missing.submit('cannot-come');
    expect(away.text).toContain('You told us you cannot come');
    await referral.register({ held: 'yes', attendance: '2' });
    expect((await referral.personPage()).text).toMatch(/Session 3[\s\S]*You could not come/);
  });
});
