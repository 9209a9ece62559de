import { describe, expect, it } from 'vitest';
import { answersInWords } from '../../../functions/public-forms/pages/answers.ts';
import { contactInWords } from '../../../functions/shared/pages/person.ts';
import { sessionsInWords } from '../../../functions/shared/pages/sessions.ts';
import {
  historyInWords,
  nhsNumberInWords,
  recordedInWords,
  spanInWords,
} from '../../../functions/shared/pages/words.ts';
import type { Session } from '../../../workflows/referral.ts';
import { submitted } from '../workflows/builders.ts';

const at = '2026-11-24T10:00:00.000Z';

describe('codes in words', () => {
  it('say what was decided through a link', () => {
    expect(recordedInWords('offer', 'accept')).toBe('The offer was accepted');
  });

  it('stay readable when a code has no words yet', () => {
    expect(recordedInWords('offer', 'taken-back-by-post')).toBe('Taken back by post');
    expect(historyInWords({ at, by: 'operator', event: 'moved-house' })).toBe('Operator: Moved house');
  });

  it('tell the history: who did what, about which programme', () => {
    const entry = { at, by: 'link-worker', event: 'matched', detail: 'dementia-choir' } as const;
    expect(historyInWords(entry, () => 'The choir')).toBe(
      'Link worker: Matched the person to a programme (The choir)',
    );
    expect(historyInWords(entry)).toBe('Link worker: Matched the person to a programme (Dementia choir)');
    expect(historyInWords({ at, by: 'provider', event: 'offer-declined', detail: 'no-capacity' })).toBe(
      'Provider: Declined the offer (No place, now or soon)',
    );
  });

  it('tell to whom a referral was given, and until when and why it waited, where that was kept', () => {
    const given = { at, by: 'link-worker', event: 'assigned', name: 'Tom Wells' } as const;
    expect(historyInWords({ ...given, whom: 'Amina Rahman' })).toBe('Tom Wells: Gave it to Amina Rahman');
    expect(historyInWords(given)).toBe('Tom Wells: Gave it to somebody of the team');
    const held = { at, by: 'link-worker', event: 'reviewed', detail: 'hold', name: 'Tom Wells' } as const;
    const hold = { until: '2027-01-20T08:00:00.000Z', reason: 'person-unwell-or-away' } as const;
    expect(historyInWords({ ...held, hold })).toBe(
      'Tom Wells: Reviewed it (put on hold until 20 January 2027: the person is unwell or away)',
    );
    expect(historyInWords(held)).toBe('Tom Wells: Reviewed it (put on hold)');
  });

  it('write NHS numbers and lengths of time as people do', () => {
    expect(nhsNumberInWords('9434765919')).toBe('943 476 5919');
    expect(spanInWords({ days: 28 })).toBe('4 weeks');
    expect(spanInWords({ workingDays: 2 })).toBe('2 working days');
    expect(spanInWords({ days: 1 })).toBe('1 day');
  });
});

describe('how to make contact, in words', () => {
  const { person } = submitted();

  it('says of a phone and an email address what nobody allowed', () => {
    const unsafe = { ...person, phone: '07700 900982', contact: { mayEmail: false } };
    expect(contactInWords(unsafe)?.split('\n')).toEqual([
      'Do not leave a message',
      'Somebody else may answer the phone or read its messages',
      'Do not write to the email address: somebody else may read it',
    ]);
    // To the team, where it is that of the family or friend who referred.
    const family = { kind: 'family-or-friend', name: 'Their mother' } as const;
    expect(contactInWords(unsafe, { ...family, email: 'Roisin@example.com' })).toContain(
      'The referrer gave their own email address as the person’s, so we do not write to it.',
    );
    expect(contactInWords(unsafe, { ...family, email: 'mother@example.com' })).toContain(
      'somebody else may read it',
    );
    const { email: _none, ...without } = unsafe;
    expect(contactInWords(without)).not.toContain('email');
    expect(contactInWords({ ...person, contact: { mayEmail: true } })).toBeUndefined();
  });
});

describe('the answers of a form, to be checked before it is sent', () => {
  it('say that we do not write to an address that whoever refers gave as their own', () => {
    const fields = { referrerEmail: 'mother@example.com', contactMayEmail: 'yes' };
    const said = (referrerKind: string, email: string) =>
      answersInWords({ ...fields, referrerKind, email }, []).find(({ key }) => key === 'Email address')
        ?.value;
    expect(said('family-or-friend', 'Mother@example.com')).toBe(
      'Mother@example.com\nWe do not write to it: it is yours',
    );
    expect(said('family-or-friend', 'kit@example.com')).toBe('kit@example.com');
    expect(said('self', 'mother@example.com')).toBe('mother@example.com');
  });
});

describe('sessions in words', () => {
  const missed: Session = {
    number: 3,
    startsAt: '2026-11-17T16:00:00.000Z',
    endsAt: '2026-11-17T17:30:00.000Z',
    status: 'held',
    attendance: '3',
  };

  it('are exact for staff, and without blame for the person', () => {
    expect(sessionsInWords([missed], at, 'staff')[0]?.status).toBe('Did not attend and gave no notice');
    expect(sessionsInWords([missed], at, 'person')[0]?.status).toBe('You did not come');
  });

  it('give the session that is held in place of a cancelled one its number', () => {
    const cancelled: Session = { ...missed, status: 'cancelled', attendance: '4' };
    const titles = sessionsInWords([missed, cancelled, missed], at, 'staff').map(({ title }) => title);
    expect(titles).toEqual(['Session 1', 'Session 2', 'Session 2']);
  });

  it('tell a session to come from one whose register is missing', () => {
    const { attendance: _none, ...session } = { ...missed, status: 'planned' as const };
    expect(sessionsInWords([session], at, 'staff')[0]?.status).toBe('Not recorded yet');
    expect(sessionsInWords([session], '2026-11-17T17:00:00.000Z', 'staff')[0]?.status).toBe('To come');
  });
});
