import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ageOn } from '../../workflows/time.ts';
import { type Jar, send, visit } from './browser.ts';
import { Cloud, type Mail } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { aMomentLater, formOf, linkIn, pageIn, professionalForm } from './people.ts';
import { signIn } from './sign-in.ts';
import { fillIn, myAnswers, referenceIn, sendChecked, theirAnswers } from './ways.ts';

const cloud = onACloud();
const mark = () => randomUUID().slice(0, 8);

/** The emails about a reference, when everything has come to rest. */
async function mailsOf(control: Cloud, reference: string): Promise<Mail[]> {
  await control.settle();
  return (await control.inbox()).filter(({ text }) => text.includes(reference));
}

async function opened(control: Cloud, reference: string, kind: string) {
  const url = (await mailsOf(control, reference)).flatMap((mail) => linkIn(mail, kind) ?? []).at(-1);
  if (url === undefined) throw new Error(`no ${kind} link for ${reference}`);
  return visit(url);
}

/** The referral as a link worker reads it who follows the newest email about it. */
async function atWork(control: Cloud, reference: string) {
  const url = (await mailsOf(control, reference)).flatMap((mail) => pageIn(mail) ?? []).at(-1);
  if (url === undefined) throw new Error(`nobody of the team was told of ${reference}`);
  return signIn(control, new Map(), 'amina', new URL(url).pathname);
}

describe('for yourself', () => {
  it('is one question at a time, to a page of your own', async () => {
    const control = new Cloud(cloud.baseUrl);
    const check = await fillIn(control, 'myself', myAnswers(mark()));
    expect(check.heading).toBe('Check your answers');
    for (const words of [
      "Róisín O'Brien",
      '3 April 2008',
      'Example Surgery',
      'Text message first',
      'Do not leave a message',
    ]) {
      expect(check.text).toContain(words);
    }
    const sent = await sendChecked(control, check);
    expect(sent.heading).toBe('Referral sent');
    const reference = referenceIn(sent);
    const mails = await mailsOf(control, reference);
    expect(mails.map(({ subject }) => subject.split(' (')[0]).sort()).toEqual([
      'A referral waits for your review',
      'We have received your referral',
    ]);
    const mine = await opened(control, reference, 'person');
    expect(mine.text).toContain('A link worker is reading your referral');
    const review = await atWork(control, reference);
    for (const words of [
      'More time to take things in',
      'Text message first',
      'Singing',
      'The Hive',
      'Example Surgery',
    ]) {
      expect(review.text).toContain(words);
    }
  });

  it('keeps what is wrong on its page, and says what to do', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    await fillIn(control, 'myself', { danger: { danger: 'no' } }, jar);
    const wrong = await send(`${cloud.baseUrl}/refer/myself/home`, { postcode: 'NW1' }, jar);
    expect([wrong.status, wrong.heading]).toEqual([422, 'Where do you live?']);
    expect(wrong.text).toContain('Enter a full UK postcode, like NW1 8AB');
    // Whoever jumps ahead is led back to what is missing.
    const ahead = await visit(`${cloud.baseUrl}/refer/myself/check`, jar);
    expect(ahead.url).toContain('/refer/myself/name');
    expect(ahead.status).toBe(422);
  });

  it('lets an answer be changed from the check, and comes back there', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    await fillIn(control, 'myself', myAnswers(mark()), jar);
    const change = await visit(`${cloud.baseUrl}/refer/myself/name?change=yes`, jar);
    const back = await change.submit('continue', { firstName: 'Rosie' });
    expect([back.heading, back.text]).toEqual([
      'Check your answers',
      expect.stringContaining("Rosie O'Brien"),
    ]);
  });

  it('can be saved, and taken up again in another browser by the link in the email, once sent no more', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    const { danger, programme, name, ...rest } = myAnswers(mark());
    await fillIn(
      control,
      'myself',
      { danger: danger ?? {}, programme: programme ?? {}, name: name ?? {} },
      jar,
    );
    const address = `saver-${mark()}@people.example`;
    const birth = await visit(`${cloud.baseUrl}/refer/myself/date-of-birth`, jar);
    const save = await birth.submit('save', rest['date-of-birth']);
    expect((await save.submit(undefined, { saveTo: 'nobody' })).status).toBe(422);
    const saved = await save.submit(undefined, { saveTo: address });
    expect(saved.heading).toBe('Your answers are saved');
    // The browser that saved it has forgotten it; the page that says so stays.
    expect(jar.size).toBe(0);
    expect((await visit(saved.url, jar)).heading).toBe('Your answers are saved');
    expect((await visit(`${cloud.baseUrl}/refer/myself/check`, jar)).status).toBe(410);
    await control.settle();
    const [mail] = (await control.inbox()).filter(({ to }) => to.join().includes(address));
    const url = /https?:\/\/\S+\/refer\/return\/[\w-]{64}/.exec(mail?.text ?? '')?.[0] ?? '';
    expect(mail?.text).not.toMatch(/Róisín|Brien|\b2008\b/);

    // Nothing of it can be read in the table.
    const stored = JSON.stringify(
      (await control.table()).filter(({ pk }) => String(pk).startsWith('DRAFT#')),
    );
    expect(stored).not.toMatch(/Brien|Róisín|\b2008\b|saver/);

    const other: Jar = new Map();
    const door = await visit(url, other);
    expect(door.text).not.toContain('Brien');
    let page = await door.submit('open');
    expect(page.url).toContain('/refer/myself/date-of-birth');
    // Whoever else has the link reads nothing from now on.
    const stranger = await visit(url, new Map());
    expect([stranger.status, stranger.heading]).toEqual([410, 'The form went on somewhere else']);
    for (const fields of Object.values(rest)) page = await page.submit('continue', fields);
    expect(page.text).toContain('3 April 2008');
    const reference = referenceIn(await sendChecked(control, page));
    expect(reference).not.toBe('');
    // The link, also for others, and a reload all lead to the same reference.
    expect(referenceIn(await visit(url))).toBe(reference);
    expect(referenceIn(await visit(`${cloud.baseUrl}/refer/myself/check`, other))).toBe(reference);
  });

  it('can be deleted on the way, for good', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    const page = await fillIn(control, 'myself', { danger: { danger: 'no' } }, jar);
    const before = new Map(jar);
    const deleted = await page.submit('delete');
    expect([deleted.status, deleted.heading, jar.size]).toEqual([200, 'Your answers are deleted', 0]);
    expect((await visit(page.url, before)).status).toBe(410);
    expect((await page.submit('delete')).heading).toBe('Your answers are deleted');
  });

  it('is gone after a week, and without a cookie', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    await fillIn(control, 'myself', { danger: { danger: 'no' } }, jar);
    expect((await visit(`${cloud.baseUrl}/refer/myself/name`)).status).toBe(410);
    await control.advance({ hours: 8 * 24 });
    expect((await visit(`${cloud.baseUrl}/refer/myself/name`, jar)).status).toBe(410);
  });

  it('makes one referral of two clicks at once', async () => {
    const control = new Cloud(cloud.baseUrl);
    const check = await fillIn(control, 'myself', myAnswers(mark()));
    await aMomentLater(control);
    const sent = await Promise.all([1, 2, 3].map(() => check.submit('send', {})));
    const [reference = '', ...others] = new Set(sent.map(referenceIn));
    expect(reference).not.toBe('');
    expect(others).toEqual([]);
    expect((await mailsOf(control, reference)).filter(pageIn)).toHaveLength(1);
  });

  it('goes without an email address', async () => {
    const control = new Cloud(cloud.baseUrl);
    const answers = { ...myAnswers(mark()), contact: { phone: '07700 900982' } };
    const sent = await sendChecked(control, await fillIn(control, 'myself', answers));
    const mails = await mailsOf(control, referenceIn(sent));
    expect(mails.map((mail) => pageIn(mail) !== undefined)).toEqual([true]);
  });
});

describe('for someone you know', () => {
  it('asks who you are, and shows you where it is without a word about the person', async () => {
    const control = new Cloud(cloud.baseUrl);
    const sent = await sendChecked(control, await fillIn(control, 'someone-i-know', theirAnswers(mark())));
    const status = await opened(control, referenceIn(sent), 'status');
    expect(status.heading).toContain('Where the referral is');
    expect(status.text).toContain('A link worker is reading the referral');
    expect(status.html).not.toMatch(/Róisín|Brien|\bNW1\b|sing/);
    expect((await send(status.url, { action: 'leave', confirm: 'yes' })).status).toBe(404);
  });
});

describe('danger', () => {
  it('interrupts with whom to call, alerts the coordinator at once, and comes first for the link worker', async () => {
    const control = new Cloud(cloud.baseUrl);
    const jar: Jar = new Map();
    const { danger: _danger, ...rest } = myAnswers(mark());
    const stopped = await fillIn(control, 'myself', { danger: { danger: 'yes' } }, jar);
    expect(stopped.heading).toBe('Please get help now');
    for (const number of ['999', '111', '116 123', '85258']) expect(stopped.text).toContain(number);
    let page = await visit(`${cloud.baseUrl}/refer/myself/programme`, jar);
    for (const fields of Object.values(rest)) page = await page.submit('continue', fields);
    const sent = await sendChecked(control, page);
    expect(sent.heading).toBe('Please get help now');
    const reference = referenceIn(sent);
    const mails = await mailsOf(control, reference);
    const subjects = mails.map(({ subject }) => subject.split(' (')[0]);
    expect(subjects).toContain('URGENT: a referral says that somebody is in danger now');
    expect(subjects).toContain('URGENT: a referral waits for your review');
    const [alert] = mails.filter(({ subject }) => subject.includes('danger'));
    const url = new URL(pageIn(alert as Mail) ?? '');
    const casePage = await signIn(control, new Map(), 'tom', url.pathname);
    expect(casePage.text).toContain('somebody is in danger now');
    // Nobody's silence lets it wait: they are reminded within the hour, then the coordinator hears. (Clocks here go in hops.)
    await control.advance({ hours: 4 });
    await control.advance({ hours: 4 });
    const later = (await mailsOf(control, reference)).map(({ subject }) => subject.split(' (')[0]);
    expect(later).toContain('URGENT reminder: a referral still waits for your review');
    expect(later).toContain('URGENT: nobody has reviewed a referral yet');
  });

  it('is recorded before anything else when a professional says so', async () => {
    const control = new Cloud(cloud.baseUrl);
    const form = await professionalForm(control);
    const sent = await form.submit(undefined, { ...formOf(mark()), danger: 'yes' });
    expect([sent.status, sent.heading]).toEqual([200, 'Please get help now']);
    expect(sent.text).toContain('Its reference is');
    expect(referenceIn(sent)).not.toBe('');
  });
});

describe('eligibility', () => {
  it('is explained, with what else there is, and a link worker can be asked all the same', async () => {
    const control = new Cloud(cloud.baseUrl);
    const form = await professionalForm(control);
    const answers = { ...formOf(mark()), programmeId: 'hive-music', 'dateOfBirth-year': '1980' };
    const told = await form.submit(undefined, answers);
    expect(told.status).toBe(422);
    // The clock of a cloud that other journeys share may stand in another year.
    const years = ageOn('1980-04-03', await control.now());
    expect(told.text).toContain(`For people aged 16 to 24; this person is ${years}`);
    expect(told.text).toContain('drawing and crafts');
    const sent = await told.submit(undefined, { askLinkWorker: 'yes' });
    expect(sent.heading).toBe('Referral sent');
  });
});

describe('duplicates', () => {
  it('are shown to the link worker and never to the referrer', async () => {
    const control = new Cloud(cloud.baseUrl);
    const who = {
      firstName: `Zoë${mark().replaceAll(/\d/g, 'x')}`,
      postcode: 'NW3 2QG',
      nhsNumber: '999 000 0018',
    };
    const refer = async (change: object) =>
      referenceIn(
        await (await professionalForm(control)).submit(undefined, { ...formOf(mark()), ...who, ...change }),
      );
    const first = await refer({});
    const sameNumber = await refer({ familyName: 'Other' });
    const sameDetails = await refer({
      nhsNumber: '',
      firstName: who.firstName.replace('ë', 'e').toUpperCase(),
    });
    await control.settle();
    const review = async (reference: string) => (await atWork(control, reference)).text;
    const text = await review(first);
    expect(text).toContain(`${sameNumber}, received`);
    expect(text).toContain('the same NHS number');
    expect(text).toContain(`${sameDetails}, received`);
    expect(text).toContain('the same name, date of birth and postcode');
    const referrer = await opened(control, first, 'status');
    expect(referrer.text).not.toMatch(/duplicate|same/i);
    // A closed one is no duplicate any more.
    const decided = await atWork(control, sameNumber);
    await decided.submit('decide', { decision: 'decline', declineReason: 'duplicate' });
    // It is closed once it is too late to take that back.
    await control.advance({ hours: 1 });
    const later = await atWork(control, sameDetails);
    expect(later.text).toContain(first);
    expect(await review(first)).not.toContain(sameNumber);
  });
});

describe('corrections', () => {
  it('by the person reach the link worker; a new email address gets a new link and the old one opens nothing', async () => {
    const control = new Cloud(cloud.baseUrl);
    const my = myAnswers(mark());
    const reference = referenceIn(await sendChecked(control, await fillIn(control, 'myself', my)));
    const mine = await opened(control, reference, 'person');
    const details = await (await mine.submit('open')).submit('correct');
    const wrong = await details.submit('save-details', { postcode: 'NW1' });
    expect(wrong.status).toBe(422);
    const address = `new-${mark()}@people.example`;
    const corrected = await wrong.submit('save-details', {
      postcode: 'NW5 1TL',
      email: address,
      contactNote: 'After 6 pm',
    });
    expect(corrected.heading).toContain('Your details are corrected');
    const mails = await mailsOf(control, reference);
    expect(mails.filter(({ to }) => to.join().includes(address))).toHaveLength(1);
    expect((await visit(mine.url)).status).toBe(410);
    expect((await opened(control, reference, 'person')).status).toBe(200);
    const review = await atWork(control, reference);
    for (const words of ['NW5 1TL', address, 'After 6 pm']) expect(review.text).toContain(words);
    expect(review.text).toContain('Address: was NW1 8AB, is now NW5 1TL');
    expect(review.text).toContain('Person: Corrected their details (several of them)');
  });
});

describe('a question asked of the person', () => {
  it('is asked again at their corrected address, and cannot be opened from the one before', async () => {
    const control = new Cloud(cloud.baseUrl);
    const reference = referenceIn(
      await sendChecked(control, await fillIn(control, 'myself', myAnswers(mark()))),
    );
    const review = await atWork(control, reference);
    await review.submit('decide', { decision: 'ask-for-more', askWhom: 'person', question: 'Which days?' });
    const asked = await opened(control, reference, 'information');
    const mine = await opened(control, reference, 'person');
    const details = await (await mine.submit('open')).submit('correct');
    const address = `new-${mark()}@people.example`;
    await details.submit('save-details', { email: address });
    const again = await opened(control, reference, 'information');
    expect([(await visit(asked.url)).status, again.status]).toEqual([410, 200]);
    const question = (await mailsOf(control, reference)).filter((mail) => linkIn(mail, 'information')).at(-1);
    expect(question?.to.join()).toContain(address);
    const answer = await (await again.submit('open')).submit('answer', { answer: 'Tuesdays' });
    expect(answer.heading).toContain('Your answer was sent');
  });
});

describe('programs that fill in every form', () => {
  it('are asked again, and people who are caught lose nothing', async () => {
    const control = new Cloud(cloud.baseUrl);
    const before = (await control.table()).filter(({ sk }) => sk === 'REFERRAL').length;
    const form = await visit(`${cloud.baseUrl}/refer/professional`);
    const quick = await form.submit(undefined, formOf(mark()));
    expect([quick.status, quick.text]).toEqual([422, expect.stringContaining('That was very quick')]);
    await control.advance({ hours: 5 / 3600 });
    const honey = await quick.submit(undefined, { website: 'https://spam.example' });
    expect([honey.status, honey.text]).toEqual([422, expect.stringContaining('check your answers')]);
    const forged = await honey.submit(undefined, { served: '1.aaaaaaaaaaaaaaaaaaaaaa' });
    expect(forged.status).toBe(422);
    expect((await control.table()).filter(({ sk }) => sk === 'REFERRAL')).toHaveLength(before);
    await control.advance({ hours: 5 / 3600 });
    expect((await forged.submit(undefined, { website: '' })).heading).toBe('Referral sent');
  });
});
