import { describe, expect, it } from 'vitest';
import { recordGroupRegister } from '../../../workflows/cohort.ts';
import { isSamePerson, whyKept, withoutPerson } from '../../../workflows/data-rights.ts';
import { accepted, cohortFor, FIRST_SESSION, ID, inReview, storedCohort } from './builders.ts';

describe('what may be erased', () => {
  it.each([
    ['intake', 'open'],
    ['review', 'open'],
    ['information', 'open'],
    ['offer', 'open'],
    ['programme', 'open'],
    ['closing', 'closing'],
    ['closed', undefined],
  ] as const)('at %s: %s keeps it', (stage, why) => {
    expect(whyKept({ stage, legalHold: undefined })).toBe(why);
  });
});

describe('the same person', () => {
  const { person } = inReview();
  const keys = (details: string) => ({ details });
  const one = { person: { ...person, nhsNumber: '9434765919' }, personKeys: keys('one') };

  it('has the same name, date of birth and postcode', () => {
    expect(
      isSamePerson(one, { person: { ...person, nhsNumber: '9990000018' }, personKeys: keys('one') }),
    ).toBe(true);
  });

  it('or the same NHS number and date of birth, whatever they are called now', () => {
    const married = { ...one, person: { ...one.person, familyName: 'Lovelace' }, personKeys: keys('two') };
    expect(isSamePerson(one, married)).toBe(true);
  });

  it('is nobody with the same NHS number alone', () => {
    const other = { ...one.person, dateOfBirth: '1951-02-03' };
    expect(isSamePerson(one, { person: other, personKeys: keys('two') })).toBe(false);
    const { nhsNumber: _none, ...without } = person;
    expect(
      isSamePerson(
        { person: without, personKeys: keys('one') },
        { person: without, personKeys: keys('two') },
      ),
    ).toBe(false);
  });

  it('is not told by keys that are not there', () => {
    const { nhsNumber: _none, ...without } = person;
    expect(isSamePerson({ person: without }, { person: without })).toBe(false);
  });
});

describe('the registers of a group', () => {
  const cohort = storedCohort(
    recordGroupRegister(
      cohortFor(accepted()),
      1,
      { held: true, entries: { [ID]: { attendance: '5' }, ['f'.repeat(32)]: { attendance: '3' } } },
      FIRST_SESSION,
    ),
  );

  it('count as before, with nobody in the place of whoever was erased', () => {
    const without = withoutPerson(cohort, ID, 'stranger');
    expect(without.sessions[0]?.register?.entries).toEqual({
      stranger: { attendance: '5' },
      ['f'.repeat(32)]: { attendance: '3' },
    });
    expect(JSON.stringify(without.sessions)).not.toContain(ID);
    expect(withoutPerson(without, ID, 'other')).toBe(without);
  });
});
