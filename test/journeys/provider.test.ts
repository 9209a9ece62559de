import { describe, expect, it } from 'vitest';
import { type Jar, send, visit } from './browser.ts';
import { Cloud, type Mail } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { linkIn, Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

describe('the provider', () => {
  it('declines, and the link worker matches again', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match('hive-music');
    const declined = await referral.replyToOffer({ reply: 'decline', declineReason: 'no-capacity' });
    expect(declined.status).toBe(200);
    await referral.match('example-crafts');
    await referral.accept();
    await referral.register({ held: 'yes', attendance: '5' });
    expect(await referral.status()).toMatch(/session/i);
  });

  it('keeps silent, is reminded, and the link worker matches again', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match('hive-music');
    const offer = await referral.link('offer');
    const second = await referral.link('offer');
    expect(second).not.toBe(offer);

    await referral.match('example-gardening');
    const late = await visit(offer);
    expect(late.status).toBe(410);
    await referral.accept();
    await referral.attend(1);
    expect(
      (await referral.mails()).filter((mail) => /\/offer\//.test(mail.text)).length,
    ).toBeGreaterThanOrEqual(4);
  });

  it('puts the person on the waiting list and accepts when a place is free', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    const listed = await referral.replyToOffer({ reply: 'waitlist' });
    expect(listed.text).toMatch(/waiting list/i);
    await referral.act('offer', 'reply', { reply: 'waitlist' }, 40);
    await referral.act('offer', 'reply', { reply: 'accept' }, 40);
    await referral.attend(1);
    expect(await referral.status()).toMatch(/session/i);
  });

  it('accepts and declines at once: one decision stands, and both are told which', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    const url = await referral.link('offer');
    const [one, other] = [await (await visit(url)).submit('open'), await (await visit(url)).submit('open')];
    const pages = await Promise.all([
      one.submit('reply', { reply: 'accept' }),
      other.submit('reply', { reply: 'decline', declineReason: 'other' }),
    ]);
    expect(pages.map((page) => page.status).sort()).toEqual([200, 409]);
    await referral.cloud.settle();

    const after = await visit(url);
    const accepted = /accepted/i.test(after.heading);
    if (accepted) await referral.attend(1);
    else await referral.match('example-crafts');
    const again = await send(url, {
      action: 'reply',
      reply: accepted ? 'decline' : 'accept',
      declineReason: 'other',
    });
    expect(again.status).toBe(409);
    expect((await visit(url)).heading).toBe(after.heading);
  });

  it('asks a question, has all the time until it is answered, and then replies', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    const url = await referral.link('offer');
    const opened = await (await visit(url)).submit('open');
    const asked = await opened.submit('ask', { question: 'Is there a step-free way in that they need?' });
    expect(asked.text).toMatch(/with the link worker/);
    await referral.cloud.settle();

    // The provider keeps silent for as long as it takes: it is not their turn.
    const reminders = /provider (asks you|waits for your answer|has waited too long)/;
    await referral.cloud.advance({ hours: 24 * 20 });
    expect((await visit(url)).status).toBe(200);
    const mails = await referral.mails();
    expect(mails.filter(({ subject }) => reminders.test(subject)).length).toBeGreaterThanOrEqual(4);
    expect(mails.filter(({ subject }) => /Reminder: a referral is offered/.test(subject))).toEqual([]);

    const page = await referral.opened('amina', `${cloud.baseUrl}/referrals/${referral.reference}/questions`);
    const answered = await page.submit('answer', { answer: 'A ramp is enough.' });
    expect(answered.text).toMatch(/the provider is told by email/);
    await referral.cloud.settle();
    const fresh = await referral.link('offer');
    expect(fresh).not.toBe(url);
    expect((await (await visit(fresh)).submit('open')).text).toContain('A ramp is enough.');
    for (const mail of await referral.mails()) expect(mail.text + mail.html).not.toMatch(/step-free|ramp/);
    const accepted = await (await (await visit(url)).submit('open')).submit('reply', { reply: 'accept' });
    expect(accepted.text).toMatch(/accepted/);
    await referral.cloud.settle();
    await referral.attend(1);
  });

  it('learns who the person is only after accepting, and only by asking', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    const url = await referral.link('offer');
    const before = await visit(url);
    expect(before.html).not.toContain('Brien');
    expect((await send(url, { action: 'open' })).html).not.toContain('Brien');
    await (await before.submit('open')).submit('reply', { reply: 'accept' });
    const jar: Jar = new Map();
    const after = await visit(url, jar);
    expect(after.html).not.toContain('Brien');
    const entering = await after.submit('code');
    const { mail, code } = await referral.code();
    expect(mail.text + mail.html).not.toMatch(/https?:|Brien|Róisín/);
    const wrong = await entering.submit('enter', { code: code === '000000' ? '000001' : '000000' });
    expect([wrong.status, wrong.html.includes('Brien')]).toEqual([422, false]);
    expect((await wrong.submit('enter', { code })).text).toContain('Brien');
    // This browser may look again; another one with the same link may not.
    expect((await (await visit(url, jar)).submit('open')).text).toContain('Brien');
    expect((await visit(url)).has('action')).toBe(true);
    expect((await send(url, { action: 'open' })).html).not.toContain('Brien');
    expect((await send(url, { action: 'enter', code })).status).toBe(422);
  });

  it('has lost the email, and gets a fresh link to all of their offers: the page says the same to anybody', async () => {
    const one = await Referral.submitted(cloud.baseUrl);
    await one.match('example-crafts');
    const other = await Referral.submitted(cloud.baseUrl);
    await other.match('example-crafts');
    const offered = (await one.mails()).find((mail) => linkIn(mail, 'offer'));
    const address = offered?.to[0] ?? '';
    const before = (await one.cloud.inbox()).length;
    const ask = async (email: string) =>
      (await visit(`${cloud.baseUrl}/offers`)).submit(undefined, { email });
    const unknown = await ask('nobody-knows@provider.example');
    await one.cloud.settle();
    expect((await one.cloud.inbox()).length).toBe(before);
    const known = await ask(address.toUpperCase());
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    await one.cloud.settle();
    const mails = (await one.cloud.inbox()).slice(before);
    expect(mails.map(({ to, subject }) => [to, subject])).toEqual([[[address], 'Your offers and groups']]);
    const page = await visit(linkIn(mails[0] as Mail, 'offers') ?? '');
    for (const { reference } of [one, other]) expect(page.text).toContain(reference);
    expect(page.html).not.toContain('Brien');

    // Each leads to its own decision; the one that is taken is not in the list any more.
    const door = await page.submit(undefined, { reference: other.reference });
    expect(door.url).toMatch(/\/offer\//);
    const replied = await (await door.submit('open')).submit('reply', { reply: 'waitlist' });
    expect(replied.text).toContain('waiting list');
    await other.cloud.settle();
    const after = await visit(page.url);
    expect(after.text).toMatch(new RegExp(`${other.reference}\\s*Waiting list`));
    await await (await (await after.submit(undefined, { reference: one.reference })).submit('open')).submit(
      'reply',
      { reply: 'decline', declineReason: 'other' },
    );
    expect((await visit(page.url)).text).not.toContain(one.reference);
  });

  it('finds their group and whom they accepted from that page too, and records who came', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match('example-gardening');
    await referral.accept();
    const offered = (await referral.mails()).find((mail) => linkIn(mail, 'offer'));
    const { length } = await referral.cloud.inbox();
    await (await visit(`${cloud.baseUrl}/offers`)).submit(undefined, { email: offered?.to[0] ?? '' });
    await referral.cloud.settle();
    const mails = (await referral.cloud.inbox()).slice(length);
    const fresh = mails.find(({ subject }) => subject === 'Your offers and groups');
    const page = await visit(linkIn(fresh as Mail, 'offers') ?? '');
    expect(page.text).toMatch(new RegExp(`${referral.reference} Waits to start`));
    expect(page.html).not.toContain('Brien');
    const details = await page.submit(undefined, { reference: referral.reference });
    expect([details.url.includes('/offer/'), details.html.includes('Brien')]).toEqual([true, false]);
    const sessions = await page.submit(undefined, { group: referral.reference });
    expect(sessions.heading).toContain('The sessions of your group');

    await referral.link('register');
    const late = await visit(page.url);
    expect(late.text).toMatch(
      new RegExp(`${referral.reference} Register missing .*Please record who came: session 1`),
    );
    const register = await (await late.submit(undefined, { group: referral.reference })).submit('open');
    const [name = ''] = register.named(/^attendance-/);
    expect((await register.submit('record', { [name]: '5' })).text).toContain('Recorded on');
    expect((await visit(page.url)).text).toContain(`${referral.reference} Running`);

    const report = await visit(`${page.url}/report/example-gardening`);
    expect(report.text).toContain('People referred to the programme');
    expect((await visit(`${page.url}/report/hive-music`)).status).toBe(404);
  });

  it('gets one email a day where they prefer that', async () => {
    const control = new Cloud(cloud.baseUrl);
    const entryPath = '/directory/example-gardening';
    const entry = await signIn(control, new Map(), 'tom', entryPath);
    expect((await entry.submit('save', { providerDigest: 'yes' })).text).toContain('The entry is saved.');
    await control.advance({ hours: 0.1 });
    try {
      const referral = await Referral.submitted(cloud.baseUrl);
      await referral.match('example-gardening');
      expect((await referral.mails()).filter((mail) => linkIn(mail, 'offer'))).toEqual([]);
      await control.advance({ hours: 24 });
      const digests = () => referral.mails().then((all) => all.filter((mail) => linkIn(mail, 'offers')));
      expect((await digests()).map(({ subject }) => subject)).toEqual(['Referrals that wait for your reply']);
      const [digest] = await digests();
      // A clock that is moved forward goes in steps of some hours.
      expect(inLondon(digest?.at ?? '')).toBeGreaterThanOrEqual(8);
      const page = await visit(linkIn(digest as Mail, 'offers') ?? '');
      const door = await page.submit(undefined, { reference: referral.reference });
      await (await door.submit('open')).submit('reply', { reply: 'decline', declineReason: 'no-capacity' });
      await control.settle();
      await control.advance({ hours: 48 });
      expect(await digests()).toHaveLength(1);
    } finally {
      const again = await signIn(control, new Map(), 'tom', entryPath);
      await again.submit('save', { providerDigest: '' });
    }
  });
});

/** The hour on the clock in London. */
function inLondon(at: string): number {
  const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', hour: '2-digit' });
  return Number(hour.format(new Date(at)));
}
