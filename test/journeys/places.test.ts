/** A group with two places, and three people who want one: the third waits, and has a place as soon as somebody leaves. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isBankHoliday } from '../../workflows/bank-holidays.ts';
import { visit } from './browser.ts';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { linkIn, Referral } from './people.ts';
import { signIn } from './sign-in.ts';

const cloud = onACloud();

function weekdayOf(day: Date): string {
  return day.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'Europe/London' });
}

/** A choir with one group of so many places, which a coordinator has just entered. */
async function choirOf(capacity: number) {
  const control = new Cloud(cloud.baseUrl);
  const mark = randomUUID().slice(0, 8);
  const tom = (path: string) => signIn(control, new Map(), 'tom', path);
  let start = new Date(Date.parse(await control.now()) + 42 * 86_400_000);
  // Whichever day the journey is made on.
  while (isBankHoliday(start.toISOString().slice(0, 10))) start = new Date(start.getTime() + 86_400_000);
  const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth() + 1, start.getUTCDate()];
  const added = await (await tom('/directory/new')).submit('save', {
    name: `Evening choir ${mark}`,
    kind: 'music',
    description: 'Singing together',
    providerName: 'Example Choirs',
    providerEmail: `choir-${mark}@provider.example`,
    status: 'active',
    sessionCount: '12',
    sessionMinutes: '60',
    weekday: weekdayOf(start),
    time: '18:00',
    place: 'Example Hall',
    'cohort-1-startsOn-day': String(day),
    'cohort-1-startsOn-month': String(month),
    'cohort-1-startsOn-year': String(year),
    'cohort-1-capacity': String(capacity),
  });
  expect(added.text).toContain('The entry is saved.');
  expect(added.text).toContain(`0 taken, 0 held for open offers, ${capacity} free`);
  // Everybody has read the directory anew.
  await control.advance({ hours: 1 });
  const programmeId = `evening-choir-${mark}`;
  const entry = async () => (await tom(`/directory/${programmeId}`)).text;
  return { ...{ control, mark, programmeId, tom, entry, start }, baseUrl: control.baseUrl };
}

describe('the places of a group', () => {
  it('are one fewer where its provider has no room for somebody: the others keep theirs, and the coordinator puts it right', async () => {
    const { control, baseUrl, programmeId, tom, entry } = await choirOf(3);
    const one = await Referral.submitted(baseUrl);
    await one.match(programmeId);
    await one.replyToOffer({ reply: 'waitlist' });
    expect(await entry()).toContain('0 taken, 0 held for open offers, 2 free');
    expect(await entry()).toContain('The provider had no room for more than 2');
    const subjects = (await one.mails()).map(({ subject }) => subject);
    expect(subjects).toContain(`A provider says that a group has no room (${one.reference})`);

    // Whoever comes now has a place: there are two.
    const two = await Referral.submitted(baseUrl);
    await two.match(programmeId);
    await two.accept();
    expect(await entry()).toContain('1 taken, 0 held for open offers, 1 free');
    expect((await one.opened()).text).toContain('On the waiting list');

    // The coordinator has called them. Saving the entry for another reason does not say so.
    const page = await tom(`/directory/${programmeId}`);
    const saved = await page.submit('save', { description: 'Singing together, for all voices' });
    expect(saved.text).toContain('The provider had no room for more than 2');
    const offerAgain = saved.valueOf('action');
    expect(offerAgain).toMatch(/^offer-again /);
    const again = await saved.submit(offerAgain);
    expect(again.text).toContain('All places of the group are offered again.');
    await control.settle();
    expect(await entry()).toContain('1 taken, 1 held for open offers, 1 free');
    await one.accept();
    expect(await entry()).toContain('2 taken, 0 held for open offers, 1 free');
  });

  it('are at another time when the directory says so: the coordinator sees first what moves, and everybody is told once', async () => {
    const { control, baseUrl, mark, programmeId, tom, start } = await choirOf(2);
    const weekday = weekdayOf(new Date(start.getTime() + 2 * 86_400_000));
    const then = new RegExp(`${weekday} [^.]* 7:15 pm`);
    const one = await Referral.submitted(baseUrl);
    await one.match(programmeId);
    await one.accept();
    const toProvider = async (subject: string) =>
      (await control.inbox()).filter(
        (mail) => mail.to.join().includes(`choir-${mark}@`) && mail.subject.includes(subject),
      );
    /** The register of the next session, when its email has come. */
    const attend = async (count: number) => {
      while ((await toProvider('Please record who came')).length < count)
        await control.advance({ hours: 12 });
      const mail = (await toProvider('Please record who came')).at(-1);
      await one.recordAt((mail && linkIn(mail, 'register')) ?? '', { held: 'yes', attendance: '5' });
      return mail?.text;
    };
    await attend(1);
    const change = { weekday, time: '19:15', place: 'The new hall' };
    const shown = await (await tom(`/directory/${programmeId}`)).submit('save', change);
    expect([shown.status, shown.text.includes('Saving changes 11 sessions of 1 group')]).toEqual([409, true]);
    expect(shown.text).toContain('at 7:15 pm, at the new place');
    expect((await tom(`/directory/${programmeId}`)).text).not.toContain('The new hall');
    expect(await one.status()).not.toMatch(then);

    const saved = await shown.submit('save');
    expect(saved.text).toContain('The entry is saved.');
    await control.settle();
    expect(await one.status()).toMatch(then);
    const told = (await one.subjectsTo(one.addresses.person)).filter((each) => each.includes('has changed'));
    expect(told).toHaveLength(1);
    expect(await toProvider('Your sessions have changed')).toHaveLength(1);
    // Sent twice, it changes nothing more; and the group goes on at its new time.
    expect((await shown.submit('save')).text).toContain('The entry is saved.');
    expect(await attend(2)).toMatch(then);
    expect(
      (await one.subjectsTo(one.addresses.person)).filter((each) => each.includes('has changed')),
    ).toEqual(told);
  });

  it('are two for three people: one waits, somebody leaves, and the provider is asked for the one who waited', async () => {
    const { control, baseUrl, mark, programmeId, tom, entry } = await choirOf(2);
    const people = [];
    for (let i = 0; i < 3; i++) people.push(await Referral.submitted(baseUrl));
    const [one, two, three] = people as [Referral, Referral, Referral];

    // The first is matched by two clicks.
    const review = await one.openReview();
    expect(review.text).toContain('2 places free in the group that starts on');
    const why = { rankingReason: 'They know people there' };
    const match = { decision: 'match', programmeId, ...why };
    const clicks = await Promise.all([review.submit('decide', match), review.submit('decide', match)]);
    expect(clicks.map(({ status }) => status)).toEqual([200, 200]);
    await control.settle();
    await two.match(programmeId);

    // For the third there is none: the page says so before.
    const full = await three.openReview();
    expect(full.text).toContain('Full: goes on the waiting list, nobody waits yet');
    await full.submit('decide', match);
    await control.settle();
    expect((await three.opened()).text).toContain('On the waiting list');
    expect((await three.mails()).filter((mail) => linkIn(mail, 'offer'))).toEqual([]);
    expect(await three.status()).toContain('waiting list');
    expect(await entry()).toContain('0 taken, 2 held for open offers, 0 free');
    expect(await entry()).toContain('1 person');

    // The provider accepts the first by two clicks, too.
    const offer = await (await visit(await one.link('offer'))).submit('open');
    const accepted = await Promise.all([
      offer.submit('reply', { reply: 'accept' }),
      offer.submit('reply', { reply: 'accept' }),
    ]);
    expect(accepted.map(({ status }) => status)).toEqual([200, 200]);
    await two.accept();
    expect(await entry()).toContain('2 taken, 0 held for open offers, 0 free');

    // Fewer places than people is refused.
    const fewer = await (await tom(`/directory/${programmeId}`)).submit('save', { 'cohort-1-capacity': '1' });
    expect([fewer.status, fewer.text.includes('Enter 2 or more: 2 places are held or taken')]).toEqual([
      422,
      true,
    ]);

    // Somebody leaves before it begins: the one who waits is next, and nobody has to see to it.
    await (await one.personPage()).submit('leave', { confirm: 'yes' });
    await control.settle();
    expect(await entry()).toContain('1 taken, 1 held for open offers, 0 free');
    const place = (await three.mails()).filter((mail) => linkIn(mail, 'offer'));
    expect(place.map(({ to }) => to.join())).toEqual([expect.stringContaining(`choir-${mark}@provider`)]);
    const joined = await three.accept();
    expect(joined.text).toMatch(/accepted/i);
    expect(await entry()).toContain('2 taken, 0 held for open offers, 0 free');
    expect(await entry()).toContain('Nobody');
    expect((await three.opened()).text).toContain('In the programme');

    // The ledger names those two and nobody else.
    const ledger = (await control.table()).find(({ pk }) => pk === `PLACES#${programmeId}`) as
      | { places: { referralId: string; state: string }[]; waiting: unknown[] }
      | undefined;
    expect(ledger?.places.map(({ state }) => state)).toEqual(['taken', 'taken']);
    expect(ledger?.waiting).toEqual([]);
  });
});
