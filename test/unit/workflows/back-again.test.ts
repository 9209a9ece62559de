/** Somebody comes back to the group that they left: a facilitator said that it was not right for them, and they were matched to it again. */
import { describe, expect, it } from 'vitest';
import { newCohort, recordGroupRegister } from '../../../workflows/cohort.ts';
import type { CohortRecord, RegisterEntry } from '../../../workflows/cohort-record.ts';
import { leave } from '../../../workflows/leaving.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import type { In, Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after } from '../../../workflows/time.ts';
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

const COHORT = 'winter';
const BEN = 'b'.repeat(32);
const plan = { programmeId: 'hive-music', cohortId: COHORT, firstAt: FIRST_SESSION, count: 12, minutes: 90 };
const group = newCohort(plan, { id: ID, reference: 'GR-7K4M-2Q9X', now: NOW });

/** The referral in review is matched to the group, and the provider accepts. */
function joined(referral: Referral, cohort: CohortRecord, now: string): In<'programme'> {
  const match = { decision: 'match', programmeId: 'hive-music', place: { cohortId: COHORT } } as const;
  const matched = stored(decideReview(referral, `review-${referral.reviews}`, match, now));
  const offered = entered(matched, 'provider', now);
  const accept = { ...acceptance(offered), cohortId: COHORT };
  const accepted = stored(replyToOffer(offered, `offer-${offered.offers.length}`, accept, now));
  return inProgramme(entered(accepted, 'session', now, cohort));
}

function inProgramme(referral: Referral): In<'programme'> {
  if (referral.stage !== 'programme') throw new Error(`at ${referral.stage}`);
  return referral;
}

const register = (
  cohort: CohortRecord,
  number: number,
  mine: RegisterEntry,
  ben: RegisterEntry,
  now: string,
) =>
  storedCohort(recordGroupRegister(cohort, number, { held: true, entries: { [ID]: mine, [BEN]: ben } }, now));

const onDay = (days: number) => after(after(FIRST_SESSION, { days }), { hours: 3 });

describe('somebody for whom their group is not right', () => {
  const after1 = (referral: Referral) => {
    const once = register(group, 1, { attendance: '5', notRight: true }, { attendance: '5' }, onDay(0));
    return stored(learnOfSession(joined(referral, group, NOW), once, 1, onDay(0)));
  };
  const told = (referral: Referral) =>
    emailsTo(referral).filter((mail) => /not-right|place-ended/.test(mail));

  it('is told that something has changed, and their link worker why', () => {
    expect(told(after1(inReview()))).toEqual(['place-ended → person', 'not-right → link-worker']);
  });

  it('is told by the link worker where they cannot be written to', () => {
    const { person, ...rest } = inReview();
    const unwritten = { ...person, contact: { ...person.contact, mayEmail: false } };
    expect(told(after1({ ...rest, person: unwritten } as Referral))).toEqual([
      'not-right-by-hand → link-worker',
    ]);
  });
});

describe('the register of a session before the one that found it not right for them', () => {
  const other = { attendance: '5' } as const;
  /** The first register came late; the second says that it is not right. */
  const first = register(group, 1, { attendance: '3' }, other, onDay(7));
  const second = register(first, 2, { attendance: '5', notRight: true }, other, onDay(7));
  const learn = (referral: Referral, cohort: CohortRecord, number: number, days: number) =>
    stored(learnOfSession({ ...referral, outbox: [] }, cohort, number, onDay(days)));
  const attendances = ({ earlierProgrammes = [] }: Referral) =>
    earlierProgrammes.map(({ sessions }) => sessions.map(({ attendance }) => attendance));
  const left = learn(learn(joined(inReview(), group, NOW), first, 1, 7), second, 2, 7);

  it('is corrected in what was of them, wherever they are since, and changes nothing else', () => {
    expect(attendances(left)).toEqual([['3', '5']]);
    const corrected = register(second, 1, { attendance: '6' }, other, onDay(8));
    const inReviewAgain = entered(left, 'review', onDay(7));
    const back = joined(inReviewAgain, second, onDay(8));
    for (const now of [left, inReviewAgain, back, stored(leave(back, 'person', onDay(8)))]) {
      const told = learn(now, corrected, 1, 8);
      expect([attendances(told), told.stage]).toEqual([[['6', '5']], now.stage]);
      expect([told.programme, told.due, told.outbox]).toEqual([now.programme, now.due, []]);
      expect(told.history.at(-1)).toMatchObject({ event: 'register-corrected', detail: 'attendance-6' });
      expect(learnOfSession(told, corrected, 1, onDay(8))).toMatchObject({ refused: 'already-decided' });
      expect(learnOfSession(told, second, 1, onDay(8))).toMatchObject({ refused: 'already-decided' });
    }
  });

  it('is theirs where it comes after that, and that of a session since is not', () => {
    const alone = register(group, 2, { attendance: '5', notRight: true }, other, onDay(7));
    const gone = learn(joined(inReview(), group, NOW), alone, 2, 7);
    const late = register(alone, 1, { attendance: '3' }, other, onDay(8));
    expect(attendances(learn(gone, late, 1, 8))).toEqual([['3', '5']]);
    const third = register(late, 3, { attendance: '3' }, other, onDay(14));
    expect(learnOfSession(gone, third, 3, onDay(14))).toEqual({ refused: 'not-now' });
  });
});

describe('the register that found it not right for them', () => {
  it('is corrected where the attendance was a wrong tap, and finds that it is not right all the same', () => {
    const once = register(group, 1, { attendance: '5', notRight: true }, { attendance: '5' }, onDay(0));
    const left = stored(learnOfSession(joined(inReview(), group, NOW), once, 1, onDay(0)));
    const corrected = register(once, 1, { attendance: '3' }, { attendance: '5' }, onDay(1));
    expect(corrected.sessions[0]?.register).toMatchObject({
      revision: 1,
      entries: { [ID]: { attendance: '3', notRight: true }, [BEN]: { attendance: '5' } },
    });
    expect(register(corrected, 1, { attendance: '3' }, { attendance: '5' }, onDay(1))).toBe(corrected);
    const back = joined(entered(left, 'review', onDay(1)), once, onDay(2));
    for (const now of [left, back]) {
      const told = stored(learnOfSession(now, corrected, 1, onDay(2)));
      expect(told.earlierProgrammes?.[0]?.sessions).toMatchObject([{ attendance: '3', revision: 1 }]);
      expect([told.stage, told.programme]).toEqual([now.stage, now.programme]);
    }
    // Corrected before they had learned of the first one: they hear of both at once.
    const late = stored(learnOfSession(joined(inReview(), group, NOW), corrected, 1, onDay(1)));
    expect([late.stage, late.earlierProgrammes?.[0]?.sessions[0]?.attendance]).toEqual(['review', '3']);
  });
});

describe('somebody who is back in the group that was not right for them', () => {
  it('stays in it when another’s attendance of before they came back is corrected', () => {
    const once = register(group, 1, { attendance: '5', notRight: true }, { attendance: '5' }, onDay(0));
    const left = stored(learnOfSession(joined(inReview(), group, NOW), once, 1, onDay(0)));
    expect(left.stage).toBe('review');
    const back = joined(entered(left, 'review', onDay(1)), once, onDay(2));
    const corrected = register(once, 1, { attendance: '5' }, { attendance: '6' }, onDay(3));
    expect(corrected.sessions[0]?.register?.entries[ID]?.notRight).toBe(true);
    expect(learnOfSession(back, corrected, 1, onDay(3))).toMatchObject({ refused: 'already-decided' });
    // The next one is theirs again, and counts from it.
    const second = register(corrected, 2, { attendance: '6' }, { attendance: '5' }, onDay(7));
    const then = inProgramme(stored(learnOfSession(back, second, 2, onDay(7))));
    expect(then.programme.sessions.map(({ number, attendance }) => [number, attendance])).toEqual([
      ...[
        [2, '6'],
        [3, undefined],
      ],
    ]);
    expect(then.earlierProgrammes).toEqual(left.earlierProgrammes);
    expect(emailsTo(then).filter((mail) => mail.startsWith('not-right'))).toHaveLength(1);
  });

  it('can be found out of place there again, in one of the sessions since', () => {
    const once = register(group, 1, { attendance: '5', notRight: true }, { attendance: '5' }, onDay(0));
    const left = stored(learnOfSession(joined(inReview(), group, NOW), once, 1, onDay(0)));
    const back = joined(entered(left, 'review', onDay(1)), once, onDay(2));
    const second = register(once, 2, { attendance: '5', notRight: true }, { attendance: '5' }, onDay(7));
    expect(stored(learnOfSession(back, second, 2, onDay(7))).stage).toBe('review');
  });
});
