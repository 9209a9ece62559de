import { describe, expect, it } from 'vitest';
import { allProgrammes, findProgramme } from '../../../functions/shared/directory/directory.ts';
import { clean, isNhsNumber, parseSubmission, realDate, referenceOf } from '../../../workflows/intake.ts';
import { matchProgramme, postcodeDistrict, rankProgrammes } from '../../../workflows/matching.ts';
import { referralSchema } from '../../../workflows/referral.ts';
import { ageOn, inWords, londonInstant, sameTimeWeeksLater } from '../../../workflows/time.ts';
import { NOW, submitted, validFields } from './builders.ts';

const errorsOf = (change: Record<string, string>) => {
  const parsed = parseSubmission({ ...validFields, ...change }, NOW);
  return 'errors' in parsed ? parsed.errors : {};
};

describe('the referral form', () => {
  it('takes a valid form as people write it', () => {
    const { person, referrer } = submitted();
    expect(person).toMatchObject({ familyName: "O'Brien", postcode: 'NW1 8AB', nhsNumber: '9434765919' });
    expect(referrer.email).toBe('a.okafor@practice.example');
  });

  it.each(['李', 'Nguyễn', 'Ng', "D'Arcy-O’Neill", 'علی‌رضا'])('takes the name %s as it is', (name) => {
    expect(submitted({ ...validFields, familyName: name }).person.familyName).toBe(name.normalize('NFC'));
  });

  it('asks a person who refers themself for their own email and no other', () => {
    const { referrerName: _n, referrerEmail: _e, referrerOrganisation: _o, ...fields } = validFields;
    const referral = submitted({ ...fields, referrerKind: 'self' });
    expect(referral.referrer).toMatchObject({ kind: 'self', email: 'roisin@example.com' });
  });

  it('says what to do for every field of an empty form', () => {
    const parsed = parseSubmission({}, NOW);
    expect('errors' in parsed && Object.keys(parsed.errors).sort()).toEqual([
      'consent',
      'dateOfBirth',
      'familyName',
      'firstName',
      'gpPracticeCode',
      'needs',
      'postcode',
      'referrerEmail',
      'referrerKind',
      'referrerName',
      'risks',
    ]);
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
    ['gpPracticeCode', '12345'],
    ['phone', 'call me'],
    ['needs', 'x'.repeat(4001)],
    ['firstName', 'x'.repeat(100)],
    ['risks', 'perhaps'],
    ['referrerKind', 'robot'],
    ['consent', 'no'],
  ])('refuses %s = %s', (field, value) => {
    expect(Object.keys(errorsOf({ [field]: value }))).toEqual([field]);
  });

  it('takes the longest names of someone who refers themself', () => {
    const long = {
      ...validFields,
      referrerKind: 'self',
      firstName: 'x'.repeat(99),
      familyName: 'y'.repeat(99),
    };
    expect(referralSchema.safeParse(submitted(long)).error).toBeUndefined();
  });

  it('needs the risks in words when there are any', () => {
    expect(errorsOf({ risks: 'known' })).toHaveProperty('risksDetail');
    expect(errorsOf({ risks: 'known', risksDetail: 'Lives alone' })).toEqual({});
  });

  it('refuses days that do not exist, the future and the far past', () => {
    expect(errorsOf({ 'dateOfBirth-day': '31', 'dateOfBirth-month': '2' })).toHaveProperty('dateOfBirth');
    expect(errorsOf({ 'dateOfBirth-year': '2030' })).toHaveProperty('dateOfBirth');
    expect(errorsOf({ 'dateOfBirth-year': '1890' })).toHaveProperty('dateOfBirth');
    expect(realDate('29', '2', '2028')).toBe('2028-02-29');
  });

  it('drops invisible characters that could disguise text', () => {
    expect(clean(' a\u202Eb\u0000c\r\nd ')).toBe('abc\nd');
  });
});

describe('rules of the field', () => {
  it('checks NHS numbers by Modulus 11', () => {
    expect(['9434765919', '9990000018'].map(isNhsNumber)).toEqual([true, true]);
    expect(['9991234567', '0000000000', '943476591'].map(isNhsNumber)).toEqual([false, false, false]);
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
