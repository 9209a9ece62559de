import { afterEach, describe, expect, it } from 'vitest';
import { nextDue } from '../../../functions/shared/record.ts';
import { close } from '../../../workflows/closing.ts';
import { placeHold, releaseHold, whyKept } from '../../../workflows/data-rights.ts';
import { leave } from '../../../workflows/leaving.ts';
import type { In, Referral } from '../../../workflows/referral.ts';
import {
  isOverdue,
  isPutOff,
  keptUntil,
  nextRetention,
  warnOfErasure,
} from '../../../workflows/retention.ts';
import { RETENTION, useRetention } from '../../../workflows/retention-policy.ts';
import { after as later } from '../../../workflows/time.ts';
import { AMINA, accepted, emailsTo, inReview, NOW, stored, TOM } from './builders.ts';

const WARN = { days: -RETENTION.warnDays };

afterEach(() => useRetention());

function closed(referral: Referral = inReview(), dateOfBirth = '1970-05-17'): In<'closed'> {
  const person = { ...referral.person, dateOfBirth };
  const left = stored(leave({ ...referral, person, outbox: [] } as Referral, 'person', NOW));
  const ended = stored(close(left, NOW));
  if (ended.stage !== 'closed') throw new Error('not closed');
  return { ...ended, outbox: [] };
}

describe('how long a referral is kept', () => {
  it.each([
    ['an adult who came to no programme: two years', closed(), '2028-11-23'],
    ['an adult who had a place: eight years', closed(accepted()), '2034-11-23'],
    ['a young person of 16 who had a place: until 25', closed(accepted(), '2010-01-31'), '2035-01-31'],
    ['one who is 17 at the end: until 26', closed(accepted(), '2009-01-31'), '2035-01-31'],
    ['one whose birthday comes after that: until then', closed(accepted(), '2009-11-29'), '2034-11-29'],
    ['a young person who came to no programme: as anybody', closed(inReview(), '2010-01-31'), '2028-11-23'],
    // Eight years are longer than until the birthday of somebody who is 18 already.
    ['one who is 18: eight years', closed(accepted(), '2008-11-23'), '2034-11-23'],
  ])('%s', (_who, referral, until) => {
    expect(keptUntil(referral)?.slice(0, 10)).toBe(until);
  });

  it('is a service’s to set', () => {
    useRetention({ noProgrammeMonths: 36, programmeMonths: 120, youngUntil: 28, warnDays: 60 });
    expect(keptUntil(closed())?.slice(0, 10)).toBe('2029-11-23');
    expect(keptUntil(closed(accepted()))?.slice(0, 10)).toBe('2036-11-23');
    expect(keptUntil(closed(accepted(), '2010-01-31'))?.slice(0, 10)).toBe('2038-01-31');
    expect(nextRetention(closed())?.at.slice(0, 10)).toBe('2029-09-24');
    useRetention({ warnDays: 14 });
    expect(keptUntil(closed())?.slice(0, 10)).toBe('2028-11-23');
    expect(nextRetention(closed())?.at.slice(0, 10)).toBe('2028-11-09');
  });

  it('is put off by a longer period, and by nothing else', () => {
    const warned = nextRetention(closed())?.at as string;
    expect(isPutOff(closed(), warned)).toBe(false);
    useRetention({ noProgrammeMonths: 36 });
    expect(isPutOff(closed(), warned)).toBe(true);
    expect(isPutOff(inReview(), warned)).toBe(false);
    const held = stored(placeHold(closed(), { reason: 'A complaint', by: AMINA }, NOW));
    expect(isPutOff(held, warned)).toBe(false);
  });

  it('does not count while it is open', () => {
    for (const open of [inReview(), accepted()]) {
      expect(keptUntil(open)).toBeUndefined();
      expect(nextRetention(open)).toBeUndefined();
      expect(warnOfErasure(open, '2099-01-01T00:00:00.000Z')).toBeUndefined();
      expect(isOverdue(open, '2099-01-01T00:00:00.000Z')).toBe(false);
    }
  });

  it('is in the due index from its closing on, and until then only for what is due', () => {
    const referral = closed();
    expect(nextDue(referral)).toBe(later(keptUntil(referral) as string, WARN));
    const open = inReview();
    expect(nextDue({ ...open, outbox: [] })).toBe(open.due?.at);
  });
});

describe('before it is erased', () => {
  const referral = closed();
  const until = keptUntil(referral) as string;
  const warnAt = later(until, WARN);

  it('the coordinator hears thirty days before, once, and not a moment earlier', () => {
    expect(warnOfErasure(referral, new Date(Date.parse(warnAt) - 1).toISOString())).toBeUndefined();
    const warned = warnOfErasure(referral, warnAt) as Referral;
    expect(emailsTo(warned)).toEqual(['erasure-warning → coordinator']);
    expect(warned.outbox[0]).toMatchObject({ by: until });
    expect(warnOfErasure(warned, until)).toBeUndefined();
    expect(nextRetention(warned)).toEqual({ step: 'erase', at: until });
    expect(isOverdue(warned, new Date(Date.parse(until) - 1).toISOString())).toBe(false);
    expect(isOverdue(warned, until)).toBe(true);
  });

  it('thirty days are left, however late the warning was', () => {
    const late = later(until, { days: 3 });
    const warned = warnOfErasure(referral, late) as Referral;
    expect(nextRetention(warned)).toEqual({ step: 'erase', at: later(late, { days: 30 }) });
    expect(warned.outbox[0]).toMatchObject({ by: later(late, { days: 30 }) });
  });

  it('never is it erased without a warning', () => {
    expect(isOverdue(referral, '2099-01-01T00:00:00.000Z')).toBe(false);
  });
});

describe('a legal hold', () => {
  const warned = warnOfErasure(closed(), '2029-01-01T00:00:00.000Z') as Referral;
  const held = stored(placeHold(warned, { reason: 'Complaint 12', by: TOM }, '2029-01-05T00:00:00.000Z'));

  it('stops the countdown, the warning and erasing by hand', () => {
    expect(whyKept(warned)).toBeUndefined();
    expect(whyKept(held)).toBe('legal-hold');
    expect(nextRetention(held)).toBeUndefined();
    expect(isOverdue(held, '2099-01-01T00:00:00.000Z')).toBe(false);
    expect(nextDue({ ...held, outbox: [] })).toBeUndefined();
  });

  it('may be placed while it is open, and says so in the history', () => {
    const open = stored(placeHold(inReview(), { reason: 'Complaint 12', by: TOM }, NOW));
    expect(whyKept(open)).toBe('legal-hold');
    expect(open.history.at(-1)).toMatchObject({ event: 'legal-hold-placed', name: TOM.name });
  });

  it('placed again for the same reason is the same; for another it is refused', () => {
    expect(placeHold(held, { reason: 'Complaint 12', by: AMINA }, NOW)).toBe(held);
    expect(placeHold(held, { reason: 'Complaint 13', by: AMINA }, NOW)).toMatchObject({
      refused: 'already-decided',
    });
  });

  it('released, it is warned of anew, with thirty days again', () => {
    const now = '2031-02-01T10:00:00.000Z';
    const released = stored(releaseHold(held, TOM, now));
    expect(released.legalHold).toBeUndefined();
    expect(isOverdue(released, now)).toBe(false);
    const again = warnOfErasure(released, now) as Referral;
    expect(nextRetention(again)).toEqual({ step: 'erase', at: later(now, { days: 30 }) });
    // Another warning, and not the first one sent again.
    expect(again.outbox.at(-1)?.key).not.toBe(warned.outbox[0]?.key);
  });

  it('released where there is none changes nothing', () => {
    expect(releaseHold(warned, TOM, NOW)).toBe(warned);
  });
});
