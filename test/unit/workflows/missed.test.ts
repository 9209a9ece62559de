/** A register is corrected: what becomes of a contact that was asked for because of missed sessions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../workflows/change.ts';
import { recordGroupRegister } from '../../../workflows/cohort.ts';
import type { CohortRecord, RegisterCode } from '../../../workflows/cohort-record.ts';
import { recordContact } from '../../../workflows/contacts.ts';
import { missedInARow } from '../../../workflows/missed.ts';
import { learnOfSession, openWelfare } from '../../../workflows/programme.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import { answerOf } from '../../../workflows/steps.ts';
import { after, before } from '../../../workflows/time.ts';
import { decideWelfare, excusedBy, missedBy, mustSayWhy } from '../../../workflows/welfare.ts';
import { AMINA, accepted, answers, cohortFor, emailsTo, entered, stored, storedCohort } from './builders.ts';

/** A person and their group; every register comes an hour after the end of its session, and its correction an hour later. */
class Group {
  referral: Referral;
  cohort: CohortRecord;
  now = '';

  constructor(referral: Referral = accepted()) {
    this.referral = { ...referral, outbox: [] };
    this.cohort = cohortFor(referral);
  }

  record(number: number, attendance: RegisterCode, hours = 1) {
    const { endsAt = '' } = this.cohort.sessions.find((each) => each.number === number) ?? {};
    const at = after(endsAt, { hours });
    this.now = at > this.now ? at : this.now;
    const entries = { [this.referral.id]: { attendance } };
    this.cohort = storedCohort(recordGroupRegister(this.cohort, number, { held: true, entries }, this.now));
    const learned = learnOfSession({ ...this.referral, outbox: [] }, this.cohort, number, this.now);
    if (isRefusal(learned)) return this;
    this.referral = learned;
    return this;
  }

  correct(number: number, attendance: RegisterCode) {
    return this.record(number, attendance, 2);
  }

  all(codes: readonly RegisterCode[]) {
    for (const [i, code] of codes.entries()) {
      this.record(i + 1, code);
      this.goOn();
    }
    return this;
  }

  /** The execution comes back. */
  goOn() {
    if (this.referral.stage !== 'programme' || this.referral.waiting) return this;
    const step = openWelfare(this.referral.programme) ? 'welfare' : 'session';
    this.referral = entered(this.referral, step, this.now, this.cohort);
    return this;
  }

  tried() {
    const attempt = { channel: 'phone', outcome: 'no-answer' } as const;
    this.referral = stored(recordContact(this.referral, 1, attempt, AMINA, after(this.now, { minutes: 5 })));
    return this;
  }

  decided() {
    const link = `welfare-${this.referral.programme?.welfare.length}`;
    this.referral = stored(
      decideWelfare(this.referral, link, { outcome: 'continue', note: 'Was ill' }, this.now, AMINA),
    );
    return this.goOn();
  }

  get programme() {
    if (!this.referral.programme) throw new Error('no programme');
    return this.referral.programme;
  }

  get outcomes() {
    expect(referralSchema.safeParse(this.referral).error).toBeUndefined();
    return this.programme.welfare.map(({ outcome, missed, excused }) => outcome ?? missed ?? excused);
  }
}

describe('a contact because of missed sessions', () => {
  it('is not needed where the register is corrected before anybody tried: they go on', () => {
    for (const hurry of [false, true]) {
      const group = new Group().all(['3']).record(2, '3');
      // Whether or not it has been asked for yet.
      if (!hurry) group.goOn();
      expect(group.outcomes).toEqual([2]);
      group.correct(2, '5');
      expect([group.outcomes, missedBy(group.programme)]).toEqual([['not-needed'], undefined]);
      expect(group.referral.history.at(-1)).toMatchObject({ event: 'welfare-contact-not-needed' });
      expect(answerOf(group.referral, 'welfare')).toBe('continue');
      if (!hurry) {
        expect(answers(group.referral)).toEqual(['continue']);
        expect(group.referral.links['welfare-1']?.revokedAt).toBe(group.now);
      }
      group.goOn();
      expect(group.referral).toMatchObject({
        due: { step: 'session-reminder' },
        waiting: { step: 'session' },
      });
      expect(emailsTo(group.referral)).not.toContain('welfare-request → link-worker');
      // Wrongly corrected: it is asked for after all.
      group.correct(2, '7');
      expect(group.outcomes).toEqual(['not-needed', 2]);
    }
  });

  it('says how many it is now, once somebody tried to reach them, and is theirs to decide', () => {
    const group = new Group().all(['3', '3']).tried().correct(2, '5');
    expect([group.outcomes, missedBy(group.programme)]).toEqual([[0], 0]);
    expect(openWelfare(group.programme)?.correctedAt).toBe(group.now);
    expect(mustSayWhy(group.programme)).toBe(false);
    expect(group.decided().outcomes).toEqual(['continue']);
  });

  it('stays where as many as ask for it were missed all the same, and counts them anew', () => {
    const group = new Group().all(['3', '3']).record(3, '3');
    expect([group.outcomes, mustSayWhy(group.programme)]).toEqual([[3], true]);
    group.correct(3, '5');
    expect([group.outcomes, mustSayWhy(group.programme)]).toEqual([[2], false]);
    // Who came afterwards missed them nevertheless, whatever is corrected of that.
    expect(group.correct(3, '6').outcomes).toEqual([2]);
    expect(group.correct(3, '3').outcomes).toEqual([3]);
  });

  it('is not needed either because of sessions to which they could not come, of which they came to one', () => {
    const group = new Group().all(['2', '2', '2']);
    expect(excusedBy(group.programme)).toBe(3);
    expect(group.correct(3, '5').goOn().outcomes).toEqual(['not-needed']);
    expect(group.correct(3, '2').outcomes).toEqual(['not-needed', 3]);
  });

  it('at the end leads to the end, or to another one where there is a reason', () => {
    const known = (): Referral => {
      const referral = accepted();
      return { ...referral, request: { ...referral.request, risks: { known: true, detail: 'Self-harm' } } };
    };
    const came = Array<RegisterCode>(10).fill('5');
    const missed = new Group().all([...came, '3', '3']).correct(12, '5');
    expect(missed.referral).toMatchObject({ stage: 'closing', ending: { kind: 'completed' } });
    expect(answers(missed.referral)).toEqual(['continue']);
    // At a known risk one that was missed at the last session is enough.
    const atRisk = new Group(known()).all([...came, '5', '3']);
    expect(atRisk.outcomes).toEqual([1]);
    expect(atRisk.correct(12, '7').outcomes).toEqual([1]);
    expect(atRisk.correct(12, '5').referral.stage).toBe('closing');
  });
});

describe('a contact that was decided', () => {
  it('is not asked for again by another word for the same sessions', () => {
    const group = new Group().all(['3', '3']).decided();
    expect(group.correct(2, '7').outcomes).toEqual(['continue']);
    expect(group.referral).toMatchObject({ waiting: { step: 'session' }, due: { step: 'session-reminder' } });
    group.correct(2, '5').correct(2, '3');
    expect(group.outcomes).toEqual(['continue']);
  });

  it('is asked for again where they miss another one, also by a correction', () => {
    expect(new Group().all(['3', '3']).decided().record(3, '3').outcomes).toEqual(['continue', 3]);
    const came = new Group().all(['3', '3']).decided().record(3, '5');
    expect([came.outcomes, came.goOn().correct(3, '7').outcomes]).toEqual([['continue'], ['continue', 3]]);
  });
});

/** Accepted so many minutes before the first session begins. */
function acceptedBefore(minutes: number, first = accepted()): Referral {
  const { startsAt = '' } = cohortFor(first).sessions[0] ?? {};
  const repliedAt = before(startsAt, { minutes });
  return { ...first, offers: first.offers.map((offer) => ({ ...offer, repliedAt })) };
}

describe('who was accepted less than a day before a session', () => {
  const DAY = 24 * 60;
  const told = (group: Group) => emailsTo(group.referral);

  it('is not told that they were missed at it, and is where there was a day', () => {
    for (const code of ['3', '7'] as const) {
      const group = new Group(acceptedBefore(DAY - 1)).record(1, code);
      expect([told(group), group.outcomes]).toEqual([[], []]);
      // They miss the next one: that is the first.
      expect(told(group.goOn().record(2, '3'))).toContain('session-missed → person');
      expect(group.goOn().record(3, '3').outcomes).toEqual([2]);
      expect(group.programme.sessions.slice(0, 3).map(({ attendance }) => attendance)).toEqual([
        code,
        '3',
        '3',
      ]);
    }
    expect(told(new Group(acceptedBefore(DAY)).record(1, '3'))).toContain('session-missed → person');
  });

  it('has what the register says of it in no row, however it comes and is corrected', () => {
    const codes = fc.constantFrom<RegisterCode>('5', '6', '7', '2', '3');
    const later = fc.array(codes, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        codes,
        codes,
        later,
        fc.integer({ min: 1, max: DAY - 1 }),
        (first, again, rest, minutes) => {
          const group = new Group(acceptedBefore(minutes)).record(1, first).correct(1, again);
          expect(told(group)).not.toContain('session-missed → person');
          for (const [i, code] of rest.entries()) group.goOn().record(i + 2, code);
          const counted = rest.reduce((row, code) => {
            if (code === '2') return row;
            return code === '5' || code === '6' ? 0 : row + 1;
          }, 0);
          expect(missedInARow(group.programme)).toBe(counted);
        },
      ),
    );
  });

  it('is contacted before it ends all the same, where it was the only one and they may not be safe', () => {
    const referral = acceptedBefore(60);
    if (referral.stage !== 'programme') throw new Error('no programme');
    const risks = { known: true as const, detail: 'Self-harm' };
    const only = {
      ...{ ...referral, request: { ...referral.request, risks } },
      programme: { ...referral.programme, planned: 1 },
    };
    expect(new Group(only).record(1, '3').outcomes).toEqual([1]);
    expect(new Group({ ...only, request: referral.request }).record(1, '3').referral.stage).toBe('closing');
  });
});
