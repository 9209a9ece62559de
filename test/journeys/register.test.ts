/** What a facilitator does besides recording who came: finds that it is not right for somebody, leaves a note, changes the schedule. */
import ICAL from 'ical.js';
import { describe, expect, it } from 'vitest';
import { after } from '../../workflows/time.ts';
import { type Jar, type Page, visit } from './browser.ts';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

async function started(): Promise<Referral> {
  const referral = await Referral.submitted(cloud.baseUrl);
  await referral.match();
  await referral.accept();
  return referral;
}

/** The register that an email leads to, opened, with the name of the field of the one person in it. */
async function opened(link: string): Promise<{ page: Page; id: string }> {
  const page = await (await visit(link)).submit('open');
  const [name = ''] = page.named(/^attendance-/);
  return { page, id: name.slice('attendance-'.length) };
}

/** The page of the group behind the same link. */
const groupOf = (link: string) => `${link.split('?')[0]}/group`;

/** The address of the person's calendar, for which their page has a secret of its own. */
async function calendarFor(referral: Referral): Promise<string> {
  const page = await referral.personPage();
  const [path] = /\/person\/[\w-]{54}\/calendar\.ics/.exec(page.html) ?? [];
  if (path === undefined || page.url.includes(path.slice(0, 62))) throw new Error('no calendar of its own');
  return new URL(path, page.url).href;
}

/** The calendar at an address, as a parser reads it: when each session is, by its UID. */
async function calendarAt(address: string) {
  const answer = await fetch(address);
  expect(answer.status).toBe(200);
  const parsed = new ICAL.Component(ICAL.parse(await answer.text()));
  return parsed.getAllSubcomponents('vevent').map((component) => {
    const { uid, sequence, startDate } = new ICAL.Event(component);
    const status = component.getFirstPropertyValue('status');
    return { uid, sequence, status, startsAt: startDate.toJSDate().toISOString() };
  });
}

describe('the facilitator', () => {
  it('finds in the first session that it is not right for somebody: the link worker finds another place for them', async () => {
    const referral = await started();
    const calendar = await calendarFor(referral);
    const { page, id } = await opened(await referral.link('register'));
    const recorded = await page.submit('record', {
      [`attendance-${id}`]: '5',
      [`notRight-${id}`]: 'yes',
      [`note-${id}`]: 'He would rather garden than sing.',
    });
    expect(recorded.text).toContain('Recorded on');
    await referral.cloud.settle();

    const before = await calendarAt(calendar);
    expect(before.filter(({ status }) => status === 'CONFIRMED')).toHaveLength(1);
    const asked = await referral.openReview();
    expect(asked.text).toContain('Found that the programme is not right for the person');
    const subjects = (await referral.mails()).map(({ subject }) => subject.split(' (')[0]);
    expect(subjects).toContain('A facilitator left you a note about a person');
    expect(subjects).toContain('A programme is not right for a person');
    expect(subjects).toContain('Something about your sessions has changed');
    expect(await referral.status()).toMatch(/Your place in the programme has ended[\s\S]*You came/);
    expect((await referral.mails()).every(({ text }) => !text.includes('garden'))).toBe(true);
    const notes = await referral.opened('amina', `${cloud.baseUrl}/referrals/${referral.reference}/contacts`);
    expect(notes.text).toContain('He would rather garden than sing.');
    expect(notes.text).toContain('The facilitator, on the session of ');

    const why = asked.has('rankingReason') ? { rankingReason: 'They like to be outside' } : {};
    const risks = asked.has('riskSummary') ? { riskSummary: 'None' } : {};
    const programmeId = 'example-gardening';
    const matched = await asked.submit('decide', { decision: 'match', programmeId, ...why, ...risks });
    expect(matched.status, matched.text).toBe(200);
    await referral.cloud.settle();
    expect((await referral.accept()).status).toBe(200);
    await referral.attend(1);
    expect(await referral.status()).toMatch(/Session 2/);
    const after = await calendarAt(calendar);
    expect(after.filter(({ status }) => status === 'CONFIRMED').length).toBeGreaterThan(2);
    for (const { uid, status } of before) {
      expect(after.find((each) => each.uid === uid)?.status).toBe(status);
    }
  });

  it('moves a session and cancels another, each twice: the person is told once of each, and their calendar follows', async () => {
    const referral = await started();
    const calendar = await calendarFor(referral);
    const link = await referral.link('register');
    await referral.recordAt(link, { held: 'yes', attendance: '5' });
    const before = await calendarAt(calendar);
    const group = await visit(groupOf(link));
    expect(group.text).toContain('1 of 12 sessions');
    expect(group.text).not.toContain('Brien');
    const inThreeDays = new Date(Date.parse(await referral.cloud.now()) + 3 * 86_400_000);
    const day = {
      'startsOn-day': String(inThreeDays.getUTCDate()),
      'startsOn-month': String(inThreeDays.getUTCMonth() + 1),
      'startsOn-year': String(inThreeDays.getUTCFullYear()),
      time: '11:00',
      place: 'The room upstairs',
    };
    for (let i = 0; i < 2; i++) {
      const form = await visit(`${groupOf(link)}?session=2`);
      const sent = await form.submit('change', day);
      const moved = sent.has('anyDay') ? await sent.submit('change', { ...day, anyDay: 'yes' }) : sent;
      expect(moved.text).toContain('everybody who takes part is told');
    }
    const cancelling = await visit(`${groupOf(link)}?session=4`);
    for (let i = 0; i < 2; i++) expect((await cancelling.submit('cancel')).text).toContain('held later');
    await referral.cloud.settle();
    const subjects = await referral.subjectsTo(referral.addresses.person);
    const count = (what: string) => subjects.filter((subject) => subject.startsWith(what)).length;
    expect([count('A session has changed'), count('A session is cancelled')]).toEqual([1, 1]);
    const own = await (await referral.personPage()).submit('open');
    expect(own.text).toContain('The room upstairs');

    const after = await calendarAt(calendar);
    const of = (number: number) => after[number - 1];
    expect(after.slice(0, before.length).map(({ uid }) => uid)).toEqual(before.map(({ uid }) => uid));
    expect(of(2)).toMatchObject({ sequence: 1, status: 'CONFIRMED' });
    expect(of(2)?.startsAt.slice(0, 10)).toBe(inThreeDays.toISOString().slice(0, 10));
    expect(of(4)).toMatchObject({ sequence: 1, status: 'CANCELLED' });
    expect(after.filter(({ status }) => status === 'CONFIRMED')).toHaveLength(12);
    // The next register that is asked for is that of the session at its new time.
    const next = await referral.link('register');
    expect(next).toContain('session=2');
    expect(Date.parse(await referral.cloud.now()) - inThreeDays.getTime()).toBeLessThan(2 * 86_400_000);
    const late = await visit(`${groupOf(next)}?session=2`);
    expect(late.text).toContain('It has begun');
  });

  it('prints a list on the day before the session, behind a button, and shows no name until then', async () => {
    const referral = await started();
    const link = await referral.link('register');
    await referral.recordAt(link, { held: 'yes', attendance: '5' });
    const door = await visit(`${link.split('?')[0]}?session=2`);
    expect(door.text).not.toContain('Brien');
    expect(door.text).toContain('Until then this link shows nobody’s name');
    const [, second] = (await calendarAt(await calendarFor(referral))).sort((a, b) =>
      a.startsAt.localeCompare(b.startsAt),
    );
    await referral.cloud.advance({ to: after(second?.startsAt ?? '', { hours: -20 }) });
    const eve = await visit(door.url);
    expect(eve.text).not.toContain('Brien');
    const list = await eve.submit('print');
    expect([list.status, list.text.includes("O'Brien")]).toEqual([200, true]);
  });

  it('says of somebody who has left since that they came: their letters count it', async () => {
    const referral = await started();
    const link = await referral.link('register');
    await (await referral.personPage()).submit('leave', { confirm: 'yes' });
    await referral.cloud.settle();
    const { page, id } = await opened(link);
    expect(page.text).toContain('Takes part no more');
    expect((await page.submit('record', { [`attendance-${id}`]: '5' })).text).toContain('Recorded on');
    await referral.cloud.settle();
    const { person, gp } = await referral.letters();
    expect(person).toMatch(/You came .*1/);
    expect(gp).toMatch(/Attended on time.*1/);
  });

  it('is helped by the team, who send a fresh link to the group and cancel a session for them', async () => {
    const referral = await started();
    const jar: Jar = new Map();
    const address = `/groups/${referral.reference}`;
    const page = await signIn(referral.cloud, jar, 'amina', address);
    expect(page.text).toMatch(/0 of 12 sessions are held/);
    expect(page.text).not.toContain('Brien');
    const links = async () =>
      (await referral.mails()).filter(({ subject }) => subject.startsWith('The page of your sessions'));
    // The first goes out with the next sweep.
    await referral.cloud.advance({ hours: 0.1 });
    const before = (await links()).length;
    expect((await page.submit('link')).text).toContain('An email with a fresh link');
    await referral.cloud.settle();
    const newest = (await links()).at(-1);
    expect((await links()).length).toBe(before + 1);
    const [link = ''] = /https?:\/\/\S+\/register\/\S+/.exec(newest?.text ?? '') ?? [];
    expect((await visit(link)).text).toContain('0 of 12 sessions are held');
    const session = await visit(`${cloud.baseUrl}${address}?session=2`, jar);
    expect((await session.submit('cancel')).text).toContain('The session is cancelled');
    await referral.cloud.settle();
    expect((await referral.personPage()).text).toMatch(/Session 2[\s\S]*Cancelled/);
    // Taken back before the next one begins: everybody hears, and twelve are held as before.
    const taken = await visit(`${cloud.baseUrl}${address}?session=2`, jar);
    expect(taken.text).toContain('Is it, or was it, held after all?');
    expect((await taken.submit('restore')).text).toContain('The session is held after all');
    await referral.cloud.settle();
    expect((await referral.personPage()).text).not.toContain('Cancelled');
    const subjects = (await referral.mails()).map(({ subject }) => subject);
    expect(subjects).toContain(`A session takes place after all (${referral.reference})`);
  });
});
