import { describe, expect, it } from 'vitest';
import { allProgrammes, findProgramme } from '../../../functions/shared/directory/directory.ts';
import { clean, isNhsNumber, postcodeDistrict, realDate } from '../../../workflows/checks.ts';
import { admitted, whyNotEligible } from '../../../workflows/eligibility.ts';
import { FIELD_ORDER, fieldsOfPerson, parseForm, parsePersonForm, stepsOf } from '../../../workflows/form.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import { matchProgramme, rankProgrammes } from '../../../workflows/matching.ts';
import { isPhone } from '../../../workflows/phone.ts';
import { referralSchema } from '../../../workflows/referral.ts';
import { parseSubmission } from '../../../workflows/submission.ts';
import { ageOn, inWords, londonInstant, sameTimeWeeksLater } from '../../../workflows/time.ts';
import { emailsTo, NOW, submitted, validFields } from './builders.ts';

const errorsOf = (change: Record<string, string>) => {
  const parsed = parseForm({ ...validFields, ...change }, NOW, allProgrammes());
  return 'errors' in parsed ? parsed.errors : {};
};
const SELF = { ...validFields, referrerKind: 'self' };

describe('the referral form', () => {
  it('takes a valid form as people write it', () => {
    const { person, referrer, request } = submitted();
    expect(person).toMatchObject({ familyName: "O'Brien", postcode: 'NW1 8AB', nhsNumber: '9434765919' });
    expect(referrer).toMatchObject({ email: 'a.okafor@practice.example', role: 'GP' });
    expect(request).toMatchObject({ danger: false, lawfulBasis: { article6: 'public-task' } });
  });

  it.each(['李', 'Nguyễn', 'Ng', "D'Arcy-O’Neill", 'علی‌رضا'])('takes the name %s as it is', (name) => {
    expect(submitted({ ...validFields, familyName: name }).person.familyName).toBe(name.normalize('NFC'));
  });

  it('takes people with one name, when somebody says so', () => {
    const oneName = { ...validFields, firstName: '', familyName: 'Suharto' };
    expect(Object.keys(errorsOf(oneName))).toEqual(['firstName']);
    const { person, referrer } = submitted({ ...oneName, oneName: 'yes', referrerKind: 'self' });
    expect([person.firstName, person.familyName, referrer.name]).toEqual([undefined, 'Suharto', 'Suharto']);
  });

  it('asks a person who refers themself for nothing about a referrer', () => {
    const { referrerName: _n, referrerEmail: _e, referrerOrganisation: _o, ...fields } = SELF;
    const referral = submitted(fields);
    expect(referral.referrer).toMatchObject({
      kind: 'self',
      email: 'roisin@example.com',
      name: "Róisín O'Brien",
    });
  });

  it('takes whom to answer to instead of the referrer', () => {
    expect(
      submitted({ ...validFields, respondTo: 'me', respondToName: 'x' }).referrer.respondTo,
    ).toBeUndefined();
    expect(Object.keys(errorsOf({ respondTo: 'other' }))).toEqual(['respondToName', 'respondToEmail']);
  });

  it('says what to do for every field of an empty form', () => {
    const parsed = parseForm({}, NOW, allProgrammes());
    expect('errors' in parsed && Object.keys(parsed.errors).sort()).toEqual([
      'consent',
      'contactNote',
      'danger',
      'dateOfBirth',
      'familyName',
      'firstName',
      'gpPractice',
      'needs',
      'postcode',
      'referrerKind',
      'risks',
    ]);
    for (const message of Object.values('errors' in parsed ? parsed.errors : {})) {
      expect(message).toMatch(/^(Enter|Select|Confirm) /);
    }
  });

  it.each([
    ['nhsNumber', '999 123 4567'],
    ['nhsNumber', '1111111111'],
    ['email', 'not an address'],
    ['email', 'a@b'],
    ['email', 'a@b.example\nbcc: c@d.example'],
    // What the table would refuse, the form must refuse.
    ['email', 'jo..k@example.com'],
    ['email', 'o’brien@example.com'],
    ['email', 'info@münchen.example'],
    ['postcode', 'NW1'],
    ['phone', 'call me'],
    ['phone', '123'],
    ['needs', 'x'.repeat(4001)],
    ['firstName', 'x'.repeat(100)],
    ['risks', 'perhaps'],
    ['danger', 'perhaps'],
    ['referrerKind', 'robot'],
    ['programmeId', 'no-such-programme'],
    ['programmeId', 'No such programme!'],
    ['referrerRole', ''],
    ['referrerOrganisation', ''],
    ['consent', 'no'],
    ['contactPreferred', 'pigeon'],
    ['contactPreferred', 'phone'],
  ])('refuses %s = %s', (field, value) => {
    expect(Object.keys(errorsOf({ [field]: value }))).toEqual([field]);
  });

  it('takes the longest names of someone who refers themself', () => {
    const long = { ...SELF, firstName: 'x'.repeat(99), familyName: 'y'.repeat(99) };
    expect(referralSchema.safeParse(submitted(long)).error).toBeUndefined();
  });

  it('needs the risks in words when there are any', () => {
    expect(errorsOf({ risks: 'known' })).toHaveProperty('risksDetail');
    expect(errorsOf({ risks: 'known', risksDetail: 'Lives alone' })).toEqual({});
  });

  it('needs a way to make contact: phone, email, address, or how to find them', () => {
    const none = { email: '', phone: '' };
    expect(Object.keys(errorsOf(none))).toEqual(['contactNote']);
    expect(errorsOf({ ...none, contactNote: 'At the day centre on Tuesdays' })).toEqual({});
    expect(errorsOf({ ...none, address: '12 Example Street' })).toEqual({});
    expect(errorsOf({ ...none, phone: '07700 900982', contactPreferred: 'text' })).toEqual({});
  });

  it('takes a GP practice by code, by name, none, or not known', () => {
    const of = (change: Record<string, string>) => {
      const { gpPracticeCode, gpPracticeName } = submitted({
        ...validFields,
        gpPracticeCode: '',
        ...change,
      }).person;
      return [gpPracticeCode, gpPracticeName];
    };
    expect(of({ gpPracticeCode: 'f83010' })).toEqual(['F83010', undefined]);
    expect(of({ gpPracticeName: 'Example Surgery' })).toEqual(['V81999', 'Example Surgery']);
    expect(of({ gpPractice: 'none', gpPracticeName: 'left over' })).toEqual(['V81997', undefined]);
    expect(of({ gpPractice: 'unknown' })).toEqual(['V81999', undefined]);
    expect(Object.keys(errorsOf({ gpPracticeCode: '12345' }))).toEqual(['gpPracticeCode']);
    expect(Object.keys(errorsOf({ gpPracticeCode: '' }))).toEqual(['gpPractice']);
  });

  it('takes people without a fixed address', () => {
    expect(submitted({ ...validFields, postcode: '', noFixedAddress: 'yes' }).person.postcode).toBe(
      'ZZ99 3VZ',
    );
  });

  it('takes communication needs by code, and asks for the language of an interpreter', () => {
    const needs = { 'communicationNeeds-interpreter': 'yes', 'communicationNeeds-large-print': 'yes' };
    expect(Object.keys(errorsOf(needs))).toEqual(['communicationLanguage']);
    expect(
      submitted({ ...validFields, ...needs, communicationLanguage: 'Somali' }).person.communication,
    ).toEqual({
      needs: ['interpreter', 'large-print'],
      language: 'Somali',
    });
  });

  it('keeps the language that somebody prefers, whether or not there is to be an interpreter', () => {
    const prefers = { communicationLanguage: 'Polish' };
    const { person } = submitted({ ...validFields, ...prefers });
    expect(person.communication).toEqual({ needs: [], language: 'Polish' });
    expect(fieldsOfPerson(person)).toMatchObject(prefers);
  });

  it('takes best interests in place of consent, with the reason, from anybody but the person', () => {
    const best = { consent: 'best-interests', consentDetail: 'Advanced dementia; her daughter agrees' };
    expect(submitted({ ...validFields, ...best }).request.consent).toMatchObject({
      given: false,
      reason: 'best-interests',
    });
    expect(errorsOf({ consent: 'best-interests' })).toHaveProperty('consentDetail');
    expect(errorsOf({ ...best, referrerKind: 'family-or-friend' })).toEqual({});
    expect(errorsOf({ ...best, referrerKind: 'self' })).toHaveProperty('consent');
  });

  it('refuses days that do not exist, the future and the far past', () => {
    expect(errorsOf({ 'dateOfBirth-day': '31', 'dateOfBirth-month': '2' })).toHaveProperty('dateOfBirth');
    expect(errorsOf({ 'dateOfBirth-year': '2030' })).toHaveProperty('dateOfBirth');
    expect(errorsOf({ 'dateOfBirth-year': '1890' })).toHaveProperty('dateOfBirth');
    expect(realDate('29', '2', '2028')).toBe('2028-02-29');
  });

  it('drops invisible characters that could disguise text, and halves of characters', () => {
    expect(clean(' a\u202Eb\u0000c\r\nd\ud800 ')).toBe('abc\nd');
    expect(clean('e\u200b\u0301')).toBe('é');
    expect(clean(' \u200d ')).toBe('');
  });

  it('asks every field on exactly one page of each way, but for what only professionals know', () => {
    const professionals = ['referrerRole', 'respondTo', 'respondToName', 'respondToEmail', 'gpPracticeEmail'];
    const notAsked = [...professionals, 'askLinkWorker'];
    const aboutReferrer = [
      'referrerKind',
      'referrerName',
      'referrerOrganisation',
      'referrerEmail',
      'referrerPhone',
    ];
    for (const [way, left] of [
      ['myself', [...notAsked, ...aboutReferrer]],
      ['someone-i-know', notAsked],
    ] as const) {
      const asked = stepsOf(way).flatMap(({ fields }) => fields);
      expect([...asked, ...left].sort()).toEqual([...FIELD_ORDER].sort());
    }
  });

  it('asks whether it may write to an address, and writes to none that others may read', () => {
    expect(Object.keys(errorsOf({ contactMayEmail: '' }))).toEqual(['contactMayEmail']);
    const referral = submitted({ ...validFields, contactMayEmail: 'no' });
    expect(emailsTo(referral)).toEqual(['acknowledgement-referrer → referrer']);
  });

  it('writes to nobody at the address of the family member or friend who referred them', () => {
    const FAMILY = { ...validFields, referrerKind: 'family-or-friend', email: 'mother@example.com' };
    for (const referrerEmail of ['mother@example.com', 'Mother@Example.com', 'mother+kid@example.com']) {
      const referral = submitted({ ...FAMILY, referrerEmail });
      expect(referral.person).toMatchObject({ email: FAMILY.email, contact: { mayEmail: false } });
      expect(emailsTo(referral)).toEqual(['acknowledgement-referrer → referrer']);
      expect(referralSchema.safeParse(referral).error).toBeUndefined();
    }
    const others = [
      { ...FAMILY, referrerEmail: 'father@example.com' },
      { ...FAMILY, referrerEmail: 'mother@other.example' },
      // Who refers themself is their own referrer.
      { ...FAMILY, referrerKind: 'self', referrerEmail: '' },
    ];
    for (const fields of others) {
      expect(submitted(fields).person.contact).toEqual({ mayEmail: true });
    }
  });

  it('takes the GP practice’s address from professionals, whose form alone asks for it', () => {
    const practice = { ...validFields, gpPracticeEmail: 'practice@surgery.example' };
    const taken = (referrerKind: string) => submitted({ ...practice, referrerKind }).person.gpPracticeEmail;
    expect(taken('professional')).toBe('practice@surgery.example');
    expect(['family-or-friend', 'charity-worker', 'self'].map(taken)).toEqual(Array(3).fill(undefined));
  });
});

describe('a submission as JSON', () => {
  const input = {
    referrer: { kind: 'self' },
    person: {
      familyName: 'Nguyễn',
      firstName: 'An',
      dateOfBirth: '2008-04-03',
      postcode: 'NW1 8AB',
      gpPracticeCode: 'V81999',
      phone: '+84 28 3829 7777',
    },
    request: { needs: 'Company', risks: { known: false }, danger: false, consent: { given: true } },
  };

  it('is taken as it is', () => {
    expect(parseSubmission(input, NOW, allProgrammes())).toMatchObject({
      submission: { referrer: { name: 'An Nguyễn' } },
    });
  });

  it.each([null, 1, 'x', [], { person: 7 }])('is refused with its place when it is %j', (value) => {
    const parsed = parseSubmission(value, NOW, allProgrammes());
    expect('faults' in parsed && parsed.faults.length).toBeGreaterThan(0);
  });

  it('says once, and in words, that a way to make contact is none', () => {
    const person = { ...input.person, contact: { preferred: 'constructor' } };
    expect(parseSubmission({ ...input, person }, NOW, allProgrammes())).toEqual({
      faults: [{ path: ['person', 'contact', 'preferred'], message: 'Select a way to make contact' }],
    });
  });

  it('is refused when it says something that nobody reads', () => {
    const parsed = parseSubmission(
      { ...input, person: { ...input.person, shoeSize: 44 } },
      NOW,
      allProgrammes(),
    );
    expect(parsed).toEqual({
      faults: [{ path: ['person', 'shoeSize'], message: 'Leave this out: nobody reads it' }],
    });
  });
});

describe('corrections by the person', () => {
  it('start from what is recorded, and say the same when nothing is changed', () => {
    const fields = {
      ...SELF,
      address: '12 Example Street',
      phone: '07700 900982',
      contactPreferred: 'text',
      contactLeaveMessage: 'no',
      contactPhonePrivate: 'yes',
      'communicationNeeds-interpreter': 'yes',
      communicationLanguage: 'Irish',
    };
    for (const change of [
      {},
      { postcode: '', noFixedAddress: 'yes' },
      { gpPractice: 'none' },
      { gpPracticeCode: '', gpPracticeName: 'Example Surgery' },
      { firstName: '', oneName: 'yes' },
    ]) {
      const { person } = submitted({ ...fields, ...change });
      expect(parsePersonForm(fieldsOfPerson(person), NOW)).toEqual({ person });
    }
  });
});

describe('rules of the field', () => {
  it('checks NHS numbers by Modulus 11', () => {
    expect(['9434765919', '9990000018'].map(isNhsNumber)).toEqual([true, true]);
    expect(['9991234567', '0000000000', '943476591'].map(isNhsNumber)).toEqual([false, false, false]);
  });

  it('takes phone numbers of the UK and of elsewhere, and no others', () => {
    const good = [
      '07700 900982',
      '020 7946 0000',
      '+44 7700 900982',
      '(020) 7946-0000',
      '+33 6 12 34 56 78',
      '0033612345678',
    ];
    expect(good.filter((number) => !isPhone(number))).toEqual([]);
    expect(['999', '07700', 'x', '+1', '07700 900982 ext 3'].filter(isPhone)).toEqual([]);
  });

  it('makes a reference that can be read out', () => {
    expect(referenceOf('0123456789abcdef0123456789abcdef')).toMatch(
      /^SP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/,
    );
  });

  it('counts age on the day in London, also just before midnight UTC in summer', () => {
    expect(ageOn('2010-07-02', '2026-07-01T22:30:00.000Z')).toBe(15);
    expect(ageOn('2010-07-02', '2026-07-01T23:30:00.000Z')).toBe(16);
    expect(ageOn('2008-02-29', '2026-02-28T12:00:00.000Z')).toBe(17);
  });

  it('writes times as people read them', () => {
    expect(inWords(londonInstant('2026-07-07', '16:00'))).toBe('Tuesday 7 July 2026 at 4:00 pm');
    expect(sameTimeWeeksLater('2026-10-20T15:00:00.000Z', 1)).toBe('2026-10-27T16:00:00.000Z');
  });

  it('knows postcode districts', () => {
    expect(['NW1 8AB', 'wc1e 6bt', 'N1C 4AA', 'nonsense'].map(postcodeDistrict)).toEqual([
      'NW1',
      'WC1E',
      'N1C',
      undefined,
    ]);
  });
});

describe('matching', () => {
  const { person } = submitted();

  it('puts The Hive first for an eighteen-year-old in Camden and says why', () => {
    const [first] = rankProgrammes(allProgrammes(), person, NOW);
    expect(first?.programme.id).toBe('hive-music');
    const hive = matchProgramme(findProgramme('hive-music') as never, person, NOW);
    expect(hive.criteria.map(({ name, result }) => `${name} ${result}`)).toEqual([
      'age met',
      'area met',
      'accepting met',
    ]);
  });

  it('says that someone of 25 is too old, and that another address needs checking', () => {
    const older = { ...person, dateOfBirth: '2001-01-01', postcode: 'SE1 7EH' };
    const hive = matchProgramme(findProgramme('hive-music') as never, older, NOW);
    expect(hive.eligible).toBe(false);
    expect(hive.criteria.map((criterion) => criterion.result)).toEqual(['not-met', 'unknown', 'met']);
  });

  it('starts with The Hive and five marked examples of other kinds', () => {
    expect(allProgrammes().map(({ kind, example }) => `${kind} ${example}`)).toEqual([
      'music false',
      'dementia true',
      'nature true',
      'physical-activity true',
      'arts true',
      'advice true',
    ]);
  });
});

describe('eligibility, when a referral comes in', () => {
  const programmes = allProgrammes();
  const { person } = submitted();
  const older = { ...person, dateOfBirth: '2001-01-01' };

  it('has nothing to say of somebody who is eligible, or who leaves the choice to a link worker', () => {
    expect(whyNotEligible(programmes, person, { programmeId: 'hive-music' }, NOW)).toBeUndefined();
    expect(whyNotEligible(programmes, older, {}, NOW)).toBeUndefined();
  });

  it('says why, and what else there is', () => {
    const why = whyNotEligible(programmes, older, { programmeId: 'hive-music' }, NOW);
    expect(why?.doubts.map(({ explanation }) => explanation)).toEqual([
      'For people aged 16 to 24; this person is 25',
    ]);
    expect(why?.others.map(({ programme }) => programme.id)).not.toContain('hive-music');
    expect(why?.others.length).toBeGreaterThan(0);
  });

  it('says so to whoever lives outside the area and whose practice nobody can tell', () => {
    const outside = { ...person, postcode: 'M1 1AE' };
    const why = whyNotEligible(programmes, outside, { programmeId: 'hive-music' }, NOW);
    expect(why?.doubts.map(({ name, result }) => [name, result])).toEqual([['area', 'unknown']]);
    const homeless = { ...person, postcode: 'ZZ99 3VZ' };
    expect(whyNotEligible(programmes, homeless, { programmeId: 'hive-music' }, NOW)).toBeUndefined();
  });

  it('lets through who knows, and notes that they do', () => {
    const parsed = parseForm(
      { ...validFields, postcode: 'M1 1AE', programmeId: 'hive-music', askLinkWorker: 'yes' },
      NOW,
      programmes,
    );
    if ('errors' in parsed) throw new Error('the form is valid');
    expect(admitted(programmes, parsed, NOW)).toMatchObject({
      submission: { request: { knownNotEligible: true } },
    });
    expect(admitted(programmes, { ...parsed, askLinkWorker: false }, NOW)).toHaveProperty('notEligible');
  });

  it('says so when no programme is open to somebody', () => {
    const child = { ...person, dateOfBirth: '2016-01-01' };
    expect(whyNotEligible(programmes, child, {}, NOW)).toEqual({ wanted: undefined, doubts: [], others: [] });
  });

  it('counts the age on the day when the programme starts, where that is known', () => {
    const hive = findProgramme('hive-music');
    if (!hive) throw new Error('The Hive is in the directory');
    const starts = { ...hive, sessions: { ...hive.sessions, startsOn: '2027-01-12' } };
    const soon16 = { ...person, dateOfBirth: '2011-01-12' };
    expect(matchProgramme(hive, soon16, NOW).eligible).toBe(false);
    expect(matchProgramme(starts, soon16, NOW).criteria[0]).toMatchObject({
      result: 'met',
      explanation: 'For people aged 16 to 24; this person will be 16 when it starts',
    });
    expect(matchProgramme(starts, { ...person, dateOfBirth: '2011-01-13' }, NOW).eligible).toBe(false);
  });

  it('counts the age on the day when the first group starts that they could join: now, where one goes on', () => {
    const hive = findProgramme('hive-music');
    if (!hive) throw new Error('The Hive is in the directory');
    const withGroups = (...starts: string[]) => ({
      ...hive,
      cohorts: starts.map((startsOn) => ({ id: startsOn, startsOn, capacity: 8 })),
    });
    const soon16 = { ...person, dateOfBirth: '2011-01-12' };
    const [over, running, next] = ['2026-06-02', '2026-11-17', '2027-01-12'] as const;
    const isEligible = (...starts: string[]) => matchProgramme(withGroups(...starts), soon16, NOW).eligible;
    expect([
      isEligible(over),
      isEligible(over, next),
      isEligible(running, next),
      isEligible(running),
    ]).toEqual([...[false, true, false, false]]);
  });

  it('counts the area by postcode or by GP practice, and leaves open what it cannot know', () => {
    const hive = findProgramme('hive-music');
    if (!hive) throw new Error('The Hive is in the directory');
    const area = (change: object) =>
      matchProgramme(hive, { ...person, postcode: 'SE1 7EH', ...change }, NOW).criteria[1]?.result;
    expect(area({})).toBe('unknown');
    expect(area({ gpPracticeCode: 'V81997' })).toBe('not-met');
    expect(area({ postcode: 'ZZ99 3VZ', gpPracticeCode: 'V81997' })).toBe('unknown');
  });
});
