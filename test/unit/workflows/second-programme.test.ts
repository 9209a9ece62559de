/** Somebody for whom one group was not right is in another one: nothing of the first stands in the way of what is told and asked in the second. */
import { describe, expect, it } from 'vitest';
import { caseOf } from '../../../functions/shared/case-access.ts';
import { isRefusal } from '../../../workflows/change.ts';
import {
  type CohortOutcome,
  changeSession,
  inOrder,
  newCohort,
  recordGroupRegister,
  withRule,
} from '../../../workflows/cohort.ts';
import type { CohortRecord, RegisterEntry } from '../../../workflows/cohort-record.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import type { OutboxEntry } from '../../../workflows/outbox-entry.ts';
import { learnOfSession, openWelfare } from '../../../workflows/programme.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { decideWelfare, withOpenLink } from '../../../workflows/welfare.ts';
import {
  acceptance,
  emailsTo,
  entered,
  FIRST_SESSION,
  ID,
  inReview,
  NOW,
  stored,
  storedCohort,
} from './builders.ts';

const plan = { programmeId: 'hive-music', count: 12, minutes: 90 };
const made = (cohortId: string, firstAt: string) =>
  newCohort({ ...plan, cohortId, firstAt }, { id: ID, reference: 'GR-7K4M-2Q9X', now: NOW });

/** The first group begins on the first of December, the second three weeks later. */
const SECOND = momentAfter(FIRST_SESSION, { days: 21 });
const winter = made('winter', FIRST_SESSION);
const spring = made('spring', SECOND);
const evening = (days: number, first = FIRST_SESSION) =>
  momentAfter(momentAfter(first, { days }), { hours: 3 });

function joined(referral: Referral, cohort: CohortRecord, now: string): Referral {
  const { cohortId } = cohort;
  const match = { decision: 'match', programmeId: 'hive-music', place: { cohortId } } as const;
  const matched = stored(decideReview(referral, `review-${referral.reviews}`, match, now));
  const offered = entered(matched, 'provider', now);
  const accept = { ...acceptance(offered), cohortId, firstSessionAt: cohort.sessions[0]?.startsAt ?? '' };
  const accepted = stored(replyToOffer(offered, `offer-${offered.offers.length}`, accept, now));
  return entered(accepted, 'session', now, cohort);
}

/** Somebody, the group that they are in, and what was written because of the last thing that happened. */
class Life {
  referral: Referral;
  cohort: CohortRecord;

  constructor(cohort = winter) {
    this.cohort = cohort;
    this.referral = joined(inReview(), cohort, NOW);
  }

  change(rule: (cohort: CohortRecord) => CohortOutcome, now: string, number: number) {
    this.cohort = storedCohort(rule(this.cohort));
    const learned = learnOfSession({ ...this.referral, outbox: [] }, this.cohort, number, now);
    this.referral = isRefusal(learned) ? { ...this.referral, outbox: [] } : learned;
    if (this.referral.waiting) return this;
    const step = this.referral.stage === 'review' ? 'review' : this.open ? 'welfare' : 'session';
    this.referral = entered(this.referral, step, now, this.cohort);
    expect(referralSchema.safeParse(this.referral).error).toBeUndefined();
    return this;
  }

  register(number: number, entry: RegisterEntry, now: string) {
    const entries = { [ID]: entry };
    return this.change(
      (cohort) => recordGroupRegister(cohort, number, { held: true, entries }, now),
      now,
      number,
    );
  }

  goesOn(now: string) {
    const { id } = caseOf(this.referral, { roles: ['link-worker'] } as never);
    const decided = stored(decideWelfare(this.referral, id, { outcome: 'continue' }, now));
    this.referral = entered(decided, 'session', now, this.cohort);
    return this;
  }

  /** The first group turns out not to be right for them, and they join the second. */
  joinsSecond(number: number, now: string) {
    this.register(number, { attendance: '3', notRight: true }, now);
    expect(this.referral.stage).toBe('review');
    this.cohort = spring;
    this.referral = joined({ ...this.referral, outbox: [] }, spring, momentAfter(now, { days: 1 }));
    return this;
  }

  get open() {
    const { referral } = this;
    return referral.stage === 'programme' ? openWelfare(referral.programme) : undefined;
  }

  get decides() {
    return caseOf(this.referral, { roles: ['link-worker'] } as never).decides;
  }

  get mails() {
    return this.referral.outbox.filter((entry): entry is Extract<OutboxEntry, { kind: 'email' }> => {
      return entry.kind === 'email';
    });
  }
}

/** Both programmes ask for a contact; that of the first was decided, or was open still when it was not right. */
function contactedTwice(decided: boolean): Life {
  const life = new Life()
    .register(1, { attendance: '3' }, evening(0))
    .register(2, { attendance: '3' }, evening(7));
  if (decided) life.goesOn(evening(8));
  return life
    .joinsSecond(2, evening(8))
    .register(1, { attendance: '3' }, evening(0, SECOND))
    .register(2, { attendance: '3' }, evening(7, SECOND));
}

describe('a contact in a second programme', () => {
  it('is asked for by a place of its own, in which it is decided', () => {
    for (const decided of [true, false]) {
      const life = contactedTwice(decided);
      expect(life.open?.number).toBe(2);
      const [mail] = life.mails.filter(({ message }) => message === 'welfare-request');
      expect(mail?.link).toBe('welfare-2');
      const link = life.referral.links['welfare-2'];
      expect([link?.purpose, link?.recorded, link?.revokedAt]).toEqual(['welfare', undefined, undefined]);
      expect(life.decides).toBe('welfare');
      expect(life.goesOn(evening(8, SECOND)).open).toBeUndefined();
      expect(life.referral.waiting?.step).toBe('session');
    }
  });

  it('that was numbered as the first one is asked for anew by the next sweep', () => {
    for (const decided of [true, false]) {
      const life = contactedTwice(decided);
      const { links, programme, ...rest } = life.referral;
      const { 'welfare-2': _none, ...others } = links;
      const welfare = programme?.welfare.map((contact) => ({ ...contact, number: 1 })) ?? [];
      const stuck = { ...rest, outbox: [], links: others, programme: { ...programme, welfare } } as Referral;
      expect(decideWelfare(stuck, 'welfare-1', { outcome: 'continue' }, NOW)).toHaveProperty(
        decided ? 'refused' : 'stage',
      );
      const found = withOpenLink(stuck);
      expect(withOpenLink(found)).toBe(found);
      expect(referralSchema.safeParse(found).error).toBeUndefined();
      expect(caseOf(found, { roles: ['link-worker'] } as never)).toMatchObject({
        ...{ decides: 'welfare', id: 'welfare-2' },
      });
      const reminded = actOnDue(found, stuck.due?.at ?? '');
      expect(reminded && emailsTo(reminded)).toEqual(['welfare-reminder → link-worker']);
      expect(
        stored(decideWelfare(found, 'welfare-2', { outcome: 'continue' }, evening(8, SECOND))).stage,
      ).toBe('programme');
    }
  });

  it('is left as it is where nothing stands in its way', () => {
    const life = contactedTwice(true);
    expect(withOpenLink(life.referral)).toBe(life.referral);
    const inFirst = new Life().register(1, { attendance: '3' }, evening(0));
    for (const { referral } of [inFirst, inFirst.register(2, { attendance: '3' }, evening(7))]) {
      expect(withOpenLink(referral)).toBe(referral);
    }
  });
});

describe('a session of a second programme', () => {
  const move = (number: number, days: number, now: string) => (cohort: CohortRecord) => {
    const startsAt = momentAfter(cohort.sessions[number - 1]?.startsAt ?? '', { days });
    return changeSession(cohort, number, { startsAt, minutes: 90 }, now);
  };

  it('that moves is told of, also where the one of its number in the first had moved', () => {
    const life = new Life().change(move(3, 1, NOW), NOW, 3);
    expect(emailsTo(life.referral)).toEqual(['session-moved → person']);
    const [before] = life.mails;
    life.joinsSecond(1, evening(0));
    const now = evening(1, SECOND);
    life.register(1, { attendance: '5' }, evening(0, SECOND)).change(move(3, -2, now), now, 3);
    expect(emailsTo(life.referral)).toEqual(['session-moved → person']);
    expect(life.mails[0]?.key).not.toBe(before?.key);
    // Told again, since nobody noted that it was.
    expect(learnOfSession(life.referral, life.cohort, 3, now)).toMatchObject({ refused: 'already-decided' });
  });

  it('is told of once where the directory moves the whole group', () => {
    const life = new Life().change(move(1, 1, NOW), NOW, 1).joinsSecond(1, evening(1));
    const now = evening(2);
    const earlier = inOrder(spring).map((session) => ({
      ...session,
      startsAt: momentAfter(session.startsAt, { days: -1 }),
      endsAt: momentAfter(session.endsAt, { days: -1 }),
    }));
    const [first] = earlier;
    const rule = { firstAt: first?.startsAt ?? '', minutes: 90, breaks: [], place: 'Hall' };
    const moved = withRule(spring, rule, earlier, now);
    const told = moved.sessions.flatMap(({ number }) => {
      life.change(() => moved, now, number);
      return emailsTo(life.referral);
    });
    expect(told).toEqual(['session-moved → person']);
    expect(life.referral.programme?.sessions[0]?.startsAt).toBe(first?.startsAt);
  });
});
