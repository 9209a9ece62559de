import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Jar, visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { linkIn, Referral } from './people.ts';
import { signIn, type Who } from './sign-in.ts';

const cloud = onACloud();

/** Whoever signs in, with the pages that they open. */
async function atWork(control: Cloud, who: Who) {
  const jar: Jar = new Map();
  await signIn(control, jar, who, '/worklist');
  return (path: string) => visit(`${control.baseUrl}${path}`, jar);
}

/** Whether a list has a referral, on any of its pages: on a cloud that journeys share there are many. */
async function lists(open: (path: string) => ReturnType<typeof visit>, path: string, reference: string) {
  for (let next: string | undefined = path; next !== undefined; ) {
    const { html } = await open(next);
    if (html.includes(reference)) return true;
    next = /href="([^"]+)">Next page/.exec(html)?.[1]?.replaceAll('&amp;', '&');
  }
  return false;
}

/** A name that nobody else has, in letters. */
const surname = () => `Zw${randomUUID().replaceAll(/[\d-]/g, 'q')}`;

describe('finding a person', () => {
  it('is by reference, by NHS number, and by name however it is spelt', async () => {
    const control = new Cloud(cloud.baseUrl);
    const familyName = `O’${surname()}-Ávila`;
    const { reference } = await Referral.submitted(control.baseUrl, {
      familyName,
      nhsNumber: '999 000 0018',
    });
    const open = await atWork(control, 'amina');
    const search = async (query: string) => (await open('/worklist')).submit(undefined, { query });
    expect((await search(reference.toLowerCase())).html).toContain(familyName.slice(-6));
    for (const query of [
      '9990000018',
      familyName,
      familyName.toUpperCase().replace('Á', 'A').replace('’', ''),
    ]) {
      const found = await search(query);
      expect([found.heading, found.html.includes(reference)]).toEqual(['Find a person', true]);
      expect(found.url).not.toContain(familyName.slice(2, 8));
    }
    expect((await search('Róisín')).text).toContain('Nobody was found');
    expect((await search('999 123 4567')).text).toContain('Check the NHS number');
  });
});

describe('a link worker', () => {
  it('takes a referral on, puts it on hold, and gets it back on the day', async () => {
    const control = new Cloud(cloud.baseUrl);
    const referral = await Referral.submitted(control.baseUrl);
    const { reference } = referral;
    const open = await atWork(control, 'amina');
    expect(await lists(open, '/worklist?whose=nobody', reference)).toBe(true);
    const taken = await (await open(`/referrals/${reference}`)).submit('assign');
    expect(taken.text).toContain('Looked after by Amina');
    expect(await lists(open, '/worklist?whose=mine', reference)).toBe(true);
    expect(await lists(open, '/worklist?whose=nobody', reference)).toBe(false);

    const until = new Date(Date.parse(await control.now()) + 21 * 86_400_000);
    const hold = {
      decision: 'hold',
      holdReason: 'person-asked',
      'holdUntil-day': String(until.getUTCDate()),
      'holdUntil-month': String(until.getUTCMonth() + 1),
      'holdUntil-year': String(until.getUTCFullYear()),
    };
    const late = await taken.submit('decide', { ...hold, 'holdUntil-year': '2020' });
    expect([late.status, late.text.includes('Enter a day after today')]).toEqual([422, true]);
    const held = await late.submit('decide', hold);
    expect(held.text).toContain('On hold until');
    expect(await lists(open, '/worklist?whose=mine', reference)).toBe(false);
    expect(await lists(open, '/worklist?whose=mine&where=hold', reference)).toBe(true);
    // Ended by hand, and put on hold again.
    const ended = await held.submit('undo');
    expect(ended.text).not.toContain('On hold until');
    expect((await ended.submit('decide', hold)).text).toContain('On hold until');

    await control.advance({ hours: 22 * 24 });
    const weeksLater = await atWork(control, 'amina');
    expect(await lists(weeksLater, '/worklist?whose=mine', reference)).toBe(true);
    expect((await referral.mails()).at(-1)?.subject).toContain('A referral waits for your review');
  });

  it('takes back a decline before anybody hears of it, and an offer before the provider replies', async () => {
    const control = new Cloud(cloud.baseUrl);
    const referral = await Referral.submitted(control.baseUrl);
    const open = await atWork(control, 'amina');
    const page = () => open(`/referrals/${referral.reference}`);
    const declined = await (await page()).submit('decide', {
      decision: 'decline',
      declineReason: 'not-eligible',
    });
    expect(declined.text).toContain('Nobody has been told yet');
    await control.settle();
    const back = await (await page()).submit('undo');
    expect(back.text).toContain('What do you decide?');
    await control.advance({ hours: 1 });
    expect((await referral.mails()).flatMap((mail) => linkIn(mail, 'letters') ?? [])).toEqual([]);

    const again = await (await atWork(control, 'amina'))(`/referrals/${referral.reference}`);
    const matched = await again.submit('decide', { decision: 'match', programmeId: 'hive-music' });
    expect(matched.text).toContain('until the other side has acted');
    await control.settle();
    const offer = (await referral.mails()).flatMap((mail) => linkIn(mail, 'offer') ?? []).at(-1) ?? '';
    const withdrawn = await matched.submit('undo');
    expect(withdrawn.text).toContain('What do you decide?');
    await control.settle();
    expect((await visit(offer)).text).toContain('no longer');
    // A second time changes nothing.
    expect((await matched.submit('undo')).text).toContain('What do you decide?');
    await control.settle();
    const running = (await control.executions()).filter(({ status }) => status === 'FAILED');
    expect(running).toEqual([]);
  });

  it('is told what happened when somebody else was faster', async () => {
    const control = new Cloud(cloud.baseUrl);
    const { reference } = await Referral.submitted(control.baseUrl);
    const [amina, tom] = [await atWork(control, 'amina'), await atWork(control, 'tom')];
    const [hers, his] = [await amina(`/referrals/${reference}`), await tom(`/referrals/${reference}`)];
    const decline = { decision: 'decline', declineReason: 'not-eligible' };
    const [one, other] = await Promise.all([
      hers.submit('decide', decline),
      his.submit('decide', { decision: 'signpost', signpostedTo: 'The drop-in' }),
    ]);
    expect([one.status, other.status].sort()).toEqual([200, 409]);
    const slower = one.status === 409 ? one : other;
    expect(slower.heading).toContain('Somebody was faster');
    expect(slower.text).toMatch(/By (Amina|Tom)/);
  });
});

describe('a coordinator', () => {
  it('shares out what is nobody’s, sees who has how much, and has somebody covered', async () => {
    const control = new Cloud(cloud.baseUrl);
    const { reference } = await Referral.submitted(control.baseUrl, { danger: 'yes' });
    const amina = await atWork(control, 'amina');
    const tom = await atWork(control, 'tom');
    const { sub } = await idOf(control, 'amina', tom);
    const team = await tom('/team');
    expect(team.html).toContain(reference);
    const given = await (await tom(`/referrals/${reference}`)).submit('assign', { to: sub });
    expect(given.text).toContain('Looked after by Amina');
    expect(await lists(amina, '/worklist?whose=mine', reference)).toBe(true);

    const now = new Date(await control.now());
    const day = (name: string, date: Date) => ({
      [`${name}-day`]: String(date.getUTCDate()),
      [`${name}-month`]: String(date.getUTCMonth() + 1),
      [`${name}-year`]: String(date.getUTCFullYear()),
    });
    const { sub: cover } = await idOf(control, 'tom', tom);
    const away = {
      ...{ member: sub, cover: sub },
      ...day('awayFrom', now),
      ...day('awayUntil', new Date(now.getTime() + 7 * 86_400_000)),
    };
    const wrong = await team.submit('away', away);
    expect(wrong.text).toContain('Select somebody else to cover');
    const noted = await wrong.submit('away', { ...away, cover });
    expect(noted.text).toMatch(/Tom \w+ covers/);
    const list = await tom('/worklist');
    expect(list.text).toContain('whom you cover for');
    expect(await lists(tom, `/worklist?whose=${encodeURIComponent(sub)}`, reference)).toBe(true);
  });
});

/** The issuer's name for somebody's account, as the coordinator's lists have it. */
async function idOf(control: Cloud, who: string, tom: (path: string) => ReturnType<typeof visit>) {
  const { name = '' } = (await control.people()).find(({ id }) => id === who) ?? {};
  const option = new RegExp(`<option value="([^"]+)"[^>]*>${name}`).exec((await tom('/team')).html);
  return { sub: option?.[1] ?? '' };
}
