import { describe, expect, it } from 'vitest';
import { close, readersOf } from '../../../workflows/closing.ts';
import { leave } from '../../../workflows/leaving.ts';
import { hasGpPractice } from '../../../workflows/person.ts';
import { accepted, emailsTo, inReview, NOW, offered, stored, submitted, validFields } from './builders.ts';

describe('a GP practice', () => {
  it.each([
    [{ gpPracticeCode: 'F83010' }, true],
    [{ gpPracticeCode: 'V81999', gpPracticeName: 'Example Surgery' }, true],
    [{ gpPracticeCode: 'V81999', gpPracticeEmail: 'practice@surgery.example' }, true],
    [{ gpPracticeCode: 'V81999' }, false],
    [{ gpPracticeCode: 'V81997' }, false],
    [{ gpPracticeCode: 'V81997', gpPracticeName: 'The one before' }, false],
  ])('%j can be written to: %s', (practice, expected) => {
    expect(hasGpPractice(practice)).toBe(expected);
  });
});

describe('the letters at the end', () => {
  const closed = (fields: Record<string, string>) => {
    const referral = { ...inReview(), ...pick(submitted({ ...validFields, ...fields })) };
    return stored(close(stored(leave({ ...referral, outbox: [] }, 'person', NOW)), NOW));
  };
  const pick = ({ person, referrer }: ReturnType<typeof submitted>) => ({ person, referrer });

  it('go to person, referrer and GP practice', () => {
    const referral = closed({});
    expect(readersOf(referral)).toEqual(['person', 'referrer', 'gp']);
    expect(emailsTo(referral)).toEqual(
      expect.arrayContaining([
        'letter-person → person',
        'letter-referrer → referrer',
        'letter-gp → link-worker',
      ]),
    );
  });

  it('go to nobody who is not known', () => {
    const referral = closed({ gpPracticeCode: '', gpPractice: 'unknown', referrerKind: 'self' });
    expect(readersOf(referral)).toEqual(['person']);
    expect(emailsTo(referral).filter((mail) => mail.startsWith('letter'))).toEqual([
      'letter-person → person',
    ]);
  });
});

describe('that a place was found', () => {
  it.each([
    ['professional', true],
    ['charity-worker', true],
    ['family-or-friend', false],
  ])('is told to whoever referred as %s: %s, as in their letter', (referrerKind, told) => {
    const { referrer } = submitted({ ...validFields, referrerKind });
    const mails = emailsTo(accepted(offered({ ...inReview(), referrer })));
    expect(mails.includes('offer-accepted → referrer')).toBe(told);
    expect(mails).toContain('offer-accepted → person');
  });
});
