import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { send, visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { formOf, linkIn, professionalForm, Referral } from './people.ts';

const cloud = onACloud();
const DOORS = ['information', 'offer', 'register', 'person', 'letters'];
const PROTECTED = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

async function count(): Promise<number> {
  return (await new Cloud(cloud.baseUrl).table()).filter(({ sk }) => sk === 'REFERRAL').length;
}

describe('bad input', () => {
  it('is answered with what to do, field by field, and keeps what was entered', async () => {
    const before = await count();
    const form = await professionalForm(new Cloud(cloud.baseUrl));
    const empty = await form.submit(undefined, { firstName: '' });
    expect(empty.status).toBe(422);
    expect(empty.html).toMatch(/<title>Error: /);
    expect(empty.html).toContain('href="#firstName"');
    const { gpPracticeEmail: _email, ...rest } = formOf('kept');
    const kept = await form.submit(undefined, { ...rest, postcode: '<script>alert(1)</script>' });
    expect(kept.status).toBe(422);
    expect(kept.html).toContain('O&#39;Brien');
    expect(kept.html).not.toContain('<script>alert');
    expect(await count()).toBe(before);
  });

  it('is refused when it is too big, no form, or for no such page', async () => {
    const before = await count();
    const url = `${cloud.baseUrl}/refer/professional`;
    expect((await send(url, { ...formOf('big'), needs: 'x'.repeat(5000) })).status).toBe(422);
    expect((await send(url, { ...formOf('huge'), needs: 'x'.repeat(400_000) })).status).toBe(413);
    const json = await fetch(url, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(json.status).toBe(415);
    expect((await fetch(url, { method: 'PUT' })).status).toBe(404);
    expect((await visit(`${cloud.baseUrl}/nothing/here`)).status).toBe(404);
    expect((await visit(`${cloud.baseUrl}/refer/sent/SP-<b>-0000`)).status).toBe(404);
    expect((await send(url, { ...formOf('no-key'), submissionKey: 'x' })).status).toBe(422);
    expect(await count()).toBe(before);
  });

  it('does not swallow what someone changed after going back', async () => {
    const form = await professionalForm(new Cloud(cloud.baseUrl));
    const answers = formOf(randomUUID().slice(0, 8));
    await form.submit(undefined, answers);
    const changed = await form.submit(undefined, { ...answers, needs: 'Something else' });
    expect(changed.status).toBe(422);
    expect(changed.text).toMatch(/already sent this form/i);
    expect((await changed.submit(undefined, { needs: 'Something else' })).status).toBe(200);
  });
});

describe('links', () => {
  it.each(DOORS)('a forged, cut or empty %s link opens nothing, by GET or POST', async (door) => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const real = (await referral.mails()).map((mail) => linkIn(mail, 'person')).find(Boolean) ?? '';
    const token = real.split('/').at(-1) ?? '';
    const forged = Buffer.concat([Buffer.from(token, 'base64url').subarray(0, 16), randomBytes(24)]).toString(
      'base64url',
    );
    const before = JSON.stringify(await referral.cloud.table());
    for (const wrong of [forged, token.slice(0, -1), randomBytes(40).toString('base64url'), 'x', '%00']) {
      const page = await visit(`${cloud.baseUrl}/${door}/${wrong}`);
      expect(page.status).toBe(404);
      expect((await send(`${cloud.baseUrl}/${door}/${wrong}`, { action: 'open' })).status).toBe(404);
    }
    if (door !== 'person') expect((await visit(`${cloud.baseUrl}/${door}/${token}`)).status).toBe(404);
    expect(JSON.stringify(await referral.cloud.table())).toBe(before);
  });

  it('change nothing when a mail scanner opens them, and are not kept or passed on by browsers', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    const urls = (await referral.mails()).flatMap((mail) => mail.text.match(/https?:\/\/\S+/g) ?? []);
    expect(urls.length).toBeGreaterThanOrEqual(3);
    const before = JSON.stringify(await referral.cloud.table());
    for (const url of urls) {
      for (let i = 0; i < 3; i++) {
        const page = await visit(url);
        expect(page.status).toBe(200);
        expect(Object.fromEntries(page.headers)).toMatchObject(PROTECTED);
        expect(page.html).not.toContain('Brien');
        await fetch(url, { method: 'HEAD' });
      }
    }
    expect(JSON.stringify(await referral.cloud.table())).toBe(before);
  });

  it('expire', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    await referral.accept();
    const url = await referral.link('register');
    // Two weeks after the last of the sessions.
    await referral.cloud.advance({ hours: 24 * 120 });
    const expired = await visit(url);
    // Of so many that were sent since, it may not even be remembered.
    expect([404, 410]).toContain(expired.status);
    const sent = await send(url, { action: 'record', held: 'yes', attendance: '5' });
    expect(sent.status).toBe(expired.status);
    await referral.attend(1);
    expect(await referral.status()).toMatch(/session/i);
  });

  it('say that they are no longer needed once the person has left', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    await referral.match();
    const offer = await referral.link('offer');
    await (await referral.personPage()).submit('leave', { confirm: 'yes' });
    expect((await visit(offer)).status).toBe(410);
    expect((await send(offer, { action: 'reply', reply: 'accept' })).status).toBe(410);
  });

  it('refuse an incomplete decision and say what is missing', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const opened = await referral.openReview();
    for (const fields of [
      {},
      { decision: 'match' },
      { decision: 'decline' },
      { decision: 'ask-for-more' },
      { decision: 'x' },
    ]) {
      const page = await opened.submit('decide', { decision: '', ...fields });
      expect(page.status).toBe(422);
      expect(page.html).toMatch(/<title>Error: /);
    }
    const unknown = await opened.submit('decide', { decision: 'match', programmeId: 'no-such-programme' });
    expect(unknown.status).toBe(422);
    await opened.submit('decide', { decision: 'match', programmeId: 'hive-music' });
    await referral.cloud.settle();
    const offer = await referral.link('offer');
    const past = await send(offer, {
      action: 'reply',
      reply: 'accept',
      'firstSessionDate-day': '1',
      'firstSessionDate-month': '1',
      'firstSessionDate-year': '2020',
      firstSessionTime: '16:00',
    });
    expect(past.status).toBe(422);
    expect((await send(offer, { action: 'reply', reply: 'decline' })).status).toBe(422);
  });
});
