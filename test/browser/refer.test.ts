/** The three ways to refer, filled in as people do, on a phone and at a desk, with scripts and without; every page is checked. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Cloud } from '../journeys/cloud.ts';
import { onACloud } from '../journeys/on-a-cloud.ts';
import { aMomentLater } from '../journeys/people.ts';
import { aBrowser, checked, type Device } from './browser.ts';
import type { Hands } from './hands.ts';
import { Keyboard } from './keyboard.ts';
import { follow, press, visit } from './visit.ts';

const cloud = onACloud();
const browser = aBrowser();

/** A professional must be done with this many fields and buttons; see the issue that a form takes too long today. */
const MOST_INTERACTIONS = 25;

const DEVICES = (['phone', 'desktop'] as const).flatMap((on) =>
  [true, false].map((javaScript) => ({
    on,
    javaScript,
    name: `${on}, scripts ${javaScript ? 'on' : 'off'}`,
  })),
);
const REFERENCE = /SP-[0-9A-Z]{4}-[0-9A-Z]{4}/;
const mark = () => randomUUID().slice(0, 8);

/** Opens the first page and goes to a way. */
async function start(
  link: string,
  device: Omit<Device, 'baseUrl'> & { with?: typeof Keyboard },
): Promise<Hands> {
  const hands = await visit(browser, `${cloud.baseUrl}/refer`, device);
  await follow(hands, link);
  await aMomentLater(new Cloud(cloud.baseUrl));
  return hands;
}

/** The questions about the person, as they are asked of themself or of somebody who knows them. */
async function answerAboutThePerson(hands: Hands, self: boolean): Promise<void> {
  await hands.choose(
    self ? 'Which programme would you like?' : 'Which programme is it for?',
    'I am not sure: please help to choose',
  );
  await press(hands, 'Continue');
  await hands.write('First name', 'Róisín');
  await hands.write('Family name', 'O’Brien');
  await press(hands, 'Continue');
  await hands.date(self ? 'What is your date of birth?' : 'Date of birth', {
    day: '3',
    month: '4',
    year: '2008',
  });
  await press(hands, 'Continue');
  await hands.write('Postcode', 'nw1 8ab');
  await press(hands, 'Continue');
  await hands.choose(
    self ? 'Are you registered with a GP practice?' : 'Is the person registered with a GP practice?',
    'Yes',
  );
  await hands.write('Name of the practice', 'Example Surgery, Kentish Town');
  await press(hands, 'Continue');
  await press(hands, 'Continue');
  await hands.write(self ? 'Your phone number' : 'Their phone number', '07700 900982');
  await press(hands, 'Continue');
  await hands.choose('How should we make contact? (optional)', 'By text message');
  await hands.choose('Is the phone private? (optional)', 'Yes, nobody else answers it or reads its messages');
  await press(hands, 'Continue');
  await hands.tick('An interpreter');
  await hands.write('Preferred language (optional)', 'Irish');
  await press(hands, 'Continue');
  await hands.write('What would help, and why?', 'Lonely since moving here; used to sing.');
  await press(hands, 'Continue');
  await hands.choose(
    self ? 'Is there anything we should know to keep you and others safe?' : 'Are there any known risks?',
    'Yes',
  );
  await hands.write('What should we know?', 'Panics in crowds');
  await press(hands, 'Continue');
  await hands.choose(
    self ? 'Do you agree that we use what you told us?' : 'Does the person agree?',
    self
      ? 'Yes, I agree'
      : 'Yes, they agree that this referral is made and that its details are shared with the link worker',
  );
  const check = await press(hands, 'Continue');
  expect(check).toContain('Check your answers');
  expect(check).toContain('An interpreter: Irish');
}

async function sendIt(hands: Hands): Promise<void> {
  await aMomentLater(new Cloud(cloud.baseUrl));
  const sent = await press(hands, 'Send referral');
  expect(sent).toContain('Referral sent');
  expect(sent).toMatch(REFERENCE);
}

describe.each(DEVICES)('on a $name', ({ on, javaScript }) => {
  it('somebody refers themself', async () => {
    const hands = await start('Myself', { on, javaScript });
    await press(hands, 'Start now');
    expect(await press(hands, 'Continue')).toContain('There is a problem');
    await hands.choose('Are you, or is somebody else, in danger now?', 'No');
    await press(hands, 'Continue');
    await answerAboutThePerson(hands, true);
    await sendIt(hands);
  });

  it('somebody refers a friend', async () => {
    const hands = await start('Someone I know', { on, javaScript });
    await press(hands, 'Start now');
    await hands.choose('Is anyone in danger now?', 'No');
    await press(hands, 'Continue');
    expect(await press(hands, 'Continue')).toContain('There is a problem');
    await hands.choose('How do you know the person?', 'I am family or a friend');
    await hands.write('Your full name', 'Siobhán O’Brien');
    await hands.write('Your email address', `friend-${mark()}@people.example`);
    await press(hands, 'Continue');
    await answerAboutThePerson(hands, false);
    await sendIt(hands);
  });

  it('a professional refers a patient', async () => {
    const hands = await start('A patient or client', { on, javaScript });
    await fillInProfessional(hands);
    await checked(hands.page);
    await sendIt(hands);
  });
});

/** Everything that is mandatory, and nothing else. */
async function fillInProfessional(hands: Hands): Promise<void> {
  await hands.choose('Is anyone in danger now?', 'No');
  await hands.write('Your full name', 'Dr Amara Okafor');
  await hands.write('Your role and service', 'GP');
  await hands.write('Your organisation', 'Example Practice');
  await hands.write('Your email address', `gp-${mark()}@practice.example`);
  await hands.write('First name', 'Róisín');
  await hands.write('Family name', 'O’Brien');
  await hands.date('Date of birth', { day: '3', month: '4', year: '2008' });
  await hands.write('Postcode', 'nw1 8ab');
  await hands.write('GP practice code', 'F83010');
  await hands.write('Their phone number', '07700 900982');
  await hands.write('What would help, and why?', 'Lonely since moving here; used to sing.');
  await hands.choose('Are there any known risks?', 'No known risks');
  await hands.choose(
    'Does the person agree?',
    'Yes, they agree that this referral is made and that its details are shared with the link worker',
  );
}

describe('the professional form', () => {
  it(`takes the keyboard alone, and at most ${MOST_INTERACTIONS} interactions`, async () => {
    const hands = await start('A patient or client', { on: 'desktop', javaScript: false, with: Keyboard });
    const before = hands.interactions;
    await fillInProfessional(hands);
    await sendIt(hands);
    const interactions = hands.interactions - before;
    console.log(`The professional form took ${interactions} interactions.`);
    expect(interactions).toBeLessThanOrEqual(MOST_INTERACTIONS);
  });

  it('says what is missing, and who is not eligible why', async () => {
    const hands = await start('A patient or client', { on: 'phone', javaScript: false });
    expect(await press(hands, 'Send referral')).toContain('There is a problem');
    await fillInProfessional(hands);
    await hands.write('Year', '1980', 'Date of birth');
    await hands.choose(
      'Which programme is it for?',
      'The Hive and Nordoff and Robbins: group music sessions',
    );
    expect(await press(hands, 'Send referral')).toContain('This person is not eligible');
    await hands.tick('Ask a link worker all the same');
    expect(await press(hands, 'Send referral')).toMatch(REFERENCE);
  });
});

describe('around the questions', () => {
  it('whoever is in danger is told whom to call, and can go on', async () => {
    const hands = await start('Myself', { on: 'phone', javaScript: false });
    await press(hands, 'Start now');
    await hands.choose('Are you, or is somebody else, in danger now?', 'Yes');
    expect(await press(hands, 'Continue')).toContain('Please get help now');
    expect(await follow(hands, 'Go on with the referral')).toContain('Which programme would you like?');
  });

  it('a form can be saved and taken up again by the link in the email', async () => {
    const control = new Cloud(cloud.baseUrl);
    const hands = await start('Myself', { on: 'phone', javaScript: false });
    await press(hands, 'Start now');
    await hands.choose('Are you, or is somebody else, in danger now?', 'No');
    await press(hands, 'Save and come back later');
    expect(await press(hands, 'Send me the link')).toContain('There is a problem');
    const address = `saver-${mark()}@people.example`;
    await hands.write('Your email address', address);
    expect(await press(hands, 'Send me the link')).toContain('Your answers are saved');
    const mail = (await control.inbox()).find(({ to }) => to.join().includes(address));
    const url = /https?:\S+\/refer\/return\/\S+/.exec(mail?.text ?? '')?.[0] ?? 'no link';
    const later = await visit(browser, url, { on: 'desktop' });
    expect(await press(later, 'Go on')).toContain('in danger now?');
  });

  it('somebody sees and corrects their details on their own page', async () => {
    const control = new Cloud(cloud.baseUrl);
    const hands = await start('A patient or client', { on: 'desktop', javaScript: false });
    await fillInProfessional(hands);
    const address = `person-${mark()}@people.example`;
    await hands.write('Their email address', address);
    await hands.choose('May we write to that email address?', 'Yes, nobody else reads it');
    await sendIt(hands);
    await control.settle();
    const mail = (await control.inbox()).find(({ to }) => to.join().includes(address));
    const url = /https?:\S+\/person\/\S+/.exec(mail?.text ?? '')?.[0] ?? 'no link';
    const person = await visit(browser, url, { on: 'phone' });
    await press(person, 'Show more');
    await press(person, 'See or correct my details');
    await person.write('Postcode', 'NW5');
    expect(await press(person, 'Save my details')).toContain('There is a problem');
    await person.write('Postcode', 'NW5 1TL');
    expect(await press(person, 'Save my details')).toContain('Your details are corrected');
  });
});
