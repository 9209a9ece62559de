/** The day on which somebody is tried again: what it moves, what it never moves, and when it is over. */
import { describe, expect, it } from 'vitest';
import { taskInWords, whyOf } from '../../../functions/shared/pages/task.ts';
import { raiseConcern } from '../../../workflows/concerns.ts';
import { type Attempt, mayPlanTry, recordContact } from '../../../workflows/contacts.ts';
import { answerQuestion, giveUpOnInformation } from '../../../workflows/information.ts';
import type { Referral, Step } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { decideReview, type ReviewDecision } from '../../../workflows/review.ts';
import { answerBy } from '../../../workflows/steps.ts';
import { after as later } from '../../../workflows/time.ts';
import { isOverdue, placeInWorklist } from '../../../workflows/worklist.ts';
import {
  AMINA,
  accepted,
  entered,
  inReview,
  NOW,
  offered,
  register,
  stored,
  submitted,
  TOM,
  validFields,
} from './builders.ts';

const call: Attempt = { channel: 'phone', outcome: 'no-answer' };
const text: Attempt = { channel: 'text', outcome: 'sent' };
const days = (count: number) => later(NOW, { days: count });

/** Records attempts, each on a day after the first. */
function tried(attempts: readonly (Attempt & { day: number })[], referral: Referral = inReview()): Referral {
  return attempts.reduce((before, { day, ...attempt }) => {
    const number = (before.contacts?.length ?? 0) + 1;
    return stored(recordContact(before, number, attempt, AMINA, days(day)));
  }, referral);
}

describe('the next try', () => {
  /** Thursday, at 8 in the morning in London, as it is in winter. */
  const THURSDAY = '2026-12-03T08:00:00.000Z';
  const planned = tried([{ ...call, next: '2026-12-03', day: 0 }]);

  it('is when somebody is reminded next, and not before', () => {
    expect(planned.due).toEqual({ at: THURSDAY, step: 'review', count: 0, tryAt: THURSDAY });
    // Whoever had let it lie has acted: what comes on the day is the first reminder again.
    const reminded = actOnDue(actOnDue(inReview(), days(2)) ?? inReview(), days(3)) ?? inReview();
    expect(reminded.due?.count).toBe(2);
    const again = tried([{ ...call, next: '2026-12-03', day: 4 }], reminded);
    expect(again.due).toEqual(planned.due);
    expect(actOnDue(again, later(THURSDAY, { minutes: -1 }))).toBeUndefined();
    expect(actOnDue(again, THURSDAY)?.history.at(-1)?.event).toBe('review-reminder');
  });

  it('is when the worklist has it, also after the day has passed and the reminders go on', () => {
    const place = { by: THURSDAY, isTry: true, key: `2#${THURSDAY}#${planned.id}` };
    expect(placeInWorklist(planned)).toMatchObject(place);
    expect(
      [THURSDAY, '2026-12-03T23:59:00.000Z', '2026-12-04T00:00:00.000Z'].map((now) => isOverdue(place, now)),
    ).toEqual([false, false, true]);
    expect(placeInWorklist(inReview())).toMatchObject({ by: '2026-11-25T09:00:00.000Z', isTry: false });
    const reminded = actOnDue(planned, THURSDAY) ?? planned;
    expect(reminded.due).toEqual({
      at: '2026-12-04T08:00:00.000Z',
      step: 'review',
      count: 1,
      tryAt: THURSDAY,
    });
    expect(placeInWorklist(reminded)).toMatchObject(place);
    const late = [1, 2].reduce(
      (referral) => actOnDue(referral, referral.due?.at ?? NOW) ?? referral,
      reminded,
    );
    expect(late.history.map(({ event }) => event).slice(-3)).toEqual([
      'review-reminder',
      'review-reminder',
      'review-escalation',
    ]);
  });

  it('puts off by when others are told to expect an answer, and brings nothing forward', () => {
    expect(answerBy(planned)).toBe(THURSDAY);
    const tomorrow = tried([{ ...call, next: '2026-11-24', day: 0 }]);
    expect(tomorrow.due?.at).toBe('2026-11-24T08:00:00.000Z');
    expect(answerBy(tomorrow)).toBe('2026-11-25T09:00:00.000Z');
  });

  it('is at eight in London, in summer too, and no more than ten working days away', () => {
    const summer = stored(
      recordContact(inReview(), 1, { ...call, next: '2027-06-03' }, AMINA, '2027-06-01T09:00:00.000Z'),
    );
    expect(summer.due?.at).toBe('2027-06-03T07:00:00.000Z');
    expect(tried([{ ...call, next: '2026-12-31', day: 0 }]).due?.at).toBe('2026-12-07T09:00:00.000Z');
  });

  it('is over with the next attempt: a later day takes its place, or the reminders do', () => {
    const second = tried([{ ...text, next: '2026-12-07', day: 10 }], planned);
    expect(second.due?.tryAt).toBe('2026-12-07T08:00:00.000Z');
    const spoken = tried([{ channel: 'phone', outcome: 'reached', day: 10 }], planned);
    expect(spoken.due).toEqual({ at: later(days(10), { workingDays: 2 }), step: 'review', count: 0 });
    expect(placeInWorklist(spoken)?.isTry).toBe(false);
    // Without a plan an attempt leaves the reminders as they are; so does a try later on the same day.
    expect(tried([{ ...call, day: 1 }]).due).toEqual(inReview().due);
    expect(tried([{ ...call, next: '2026-11-23', day: 0 }]).due).toEqual(inReview().due);
    // Sent twice it is one plan.
    expect(recordContact(planned, 1, { ...call, next: '2026-12-03' }, AMINA, NOW)).toBe(planned);
  });

  it('never puts off the urgent first review of somebody in danger', () => {
    const danger = entered(submitted({ ...validFields, danger: 'yes' }), 'review');
    expect(danger.due?.step).toBe('urgent-review');
    expect(tried([{ ...call, next: '2026-12-03', day: 0 }], danger).due).toEqual(danger.due);
  });

  it('puts off a welfare contact, and nothing that others are asked for', () => {
    const missed = entered(register(register(accepted(), '3'), '3'), 'welfare', '2026-12-10T09:00:00.000Z');
    expect(missed.due?.step).toBe('welfare');
    const attempt = { ...call, next: '2026-12-16' };
    const put = stored(recordContact(missed, 1, attempt, AMINA, '2026-12-10T10:00:00.000Z'));
    const at = '2026-12-16T08:00:00.000Z';
    expect(put.due).toEqual({ at, step: 'welfare', count: 0, tryAt: at });
    expect(placeInWorklist(put)).toMatchObject({ task: 'welfare', by: at, isTry: true });
    expect(tried([{ ...call, next: '2026-12-03', day: 0 }], submitted()).due).toEqual(submitted().due);
    const { due } = tried([{ ...call, next: '2026-12-03', day: 0 }]);
    const decided = stored(
      decideReview(planned, 'review-1', { decision: 'ask-for-more', to: 'person', question: '?' }, NOW),
    );
    expect(due?.tryAt).toBe(THURSDAY);
    expect(decided.due?.tryAt).toBeUndefined();
  });
});

describe('a day of which nothing would remind anybody', () => {
  const decided = (decision: ReviewDecision, step?: Step, referral = inReview()) => {
    const done = stored(decideReview(referral, 'review-1', decision, NOW));
    return step ? entered(done, step) : done;
  };
  const danger = () => entered(submitted({ ...validFields, danger: 'yes' }), 'review');
  const question = { decision: 'ask-for-more', to: 'referrer', question: '?' } as const;
  const hold = { decision: 'hold', until: '2027-01-20T08:00:00.000Z', reason: 'person-asked' } as const;
  const list = { decision: 'match', programmeId: 'hive-music', place: 'waiting-list' } as const;
  const next = { ...call, next: '2026-12-03' };

  it.each<[string, Referral, boolean]>([
    ['before a review', submitted(), true],
    ['in a review', inReview(), true],
    ['while somebody may be in danger', danger(), true],
    ['while a question is asked about somebody in danger', decided(question, 'information', danger()), true],
    ['in a review, while a concern is open', raiseConcern(inReview(), 'contact', NOW), true],
    ['while a provider is asked, and a concern is open', raiseConcern(offered(), 'contact', NOW), false],
    ['on hold, while a concern is open', raiseConcern(decided(hold), 'contact', NOW), false],
    ['on hold', decided(hold), false],
    ['while a question is asked', decided(question, 'information'), false],
    ['while a provider is asked', offered(), false],
    ['on a waiting list', decided(list, 'place'), false],
    ['in a programme', accepted(), false],
  ])('is not taken where nobody waits to be contacted: %s', (_, referral, isTaken) => {
    expect(mayPlanTry(referral)).toBe(isTaken);
    const recorded = recordContact(referral, 1, next, AMINA, NOW);
    if (!isTaken) {
      expect(recorded).toEqual({ refused: 'not-now' });
      expect(stored(recordContact(referral, 1, call, AMINA, NOW)).contacts).toHaveLength(1);
      return;
    }
    // It is before the team all the time until then.
    const planned = stored(recorded);
    expect(planned.contacts).toMatchObject([{ next: '2026-12-03' }]);
    expect(placeInWorklist(planned)).toBeDefined();
    // Sent again after it has moved on it is the same one.
    if (planned.stage !== 'review') return;
    const moved = stored(decideReview(planned, 'review-1', question, NOW, AMINA));
    expect(recordContact(moved, 1, next, AMINA, NOW)).toBe(moved);
  });
});

describe('a day that was taken', () => {
  const question = { decision: 'ask-for-more', to: 'referrer', question: '?' } as const;
  const asked = (referral: Referral) =>
    entered(stored(decideReview(referral, 'review-1', question, NOW, AMINA)), 'information');
  const THURSDAY = '2026-12-03T08:00:00.000Z';
  const onThursday = { at: THURSDAY, step: 'review', count: 0, tryAt: THURSDAY };
  const next = { ...call, next: '2026-12-03', day: 0 };

  it('is not taken where the attempt itself ends what kept them before the team', () => {
    const danger = asked(entered(submitted({ ...validFields, danger: 'yes' }), 'review'));
    const reached = { channel: 'phone', outcome: 'reached', next: '2026-12-03' } as const;
    expect(recordContact(danger, 1, reached, AMINA, NOW)).toEqual({ refused: 'not-now' });
    const { next: _none, ...without } = reached;
    expect(stored(recordContact(danger, 1, without, AMINA, NOW)).contacts).toHaveLength(1);
    // In a review it is acted on.
    const reviewed = entered(submitted({ ...validFields, danger: 'yes' }), 'review');
    expect(stored(recordContact(reviewed, 1, reached, AMINA, NOW)).due).toEqual(onThursday);
  });

  it('is the day also once the review has begun, or has begun anew because a question is answered, or is not', () => {
    const before = entered(tried([next], submitted()), 'review', days(1));
    expect(before.due).toEqual(onThursday);
    const open = asked(tried([next]));
    const answered = entered(
      stored(answerQuestion(open, 'information-1', 'yes', days(1))),
      'review',
      days(1),
    );
    expect(answered.due).toEqual(onThursday);
    expect(placeInWorklist(answered)).toMatchObject({ by: THURSDAY, isTry: true });
    const silent = entered(stored(giveUpOnInformation(open, days(1))), 'review', days(1));
    expect(silent.due).toEqual(onThursday);
  });

  it('puts off no review for longer than ten working days, and is over when it has come', () => {
    const open = asked(tried([{ ...next, next: '2026-12-16' }]));
    const back = (at: string) =>
      entered(stored(answerQuestion(open, 'information-1', 'yes', at)), 'review', at).due;
    expect(back(days(1))?.tryAt).toBe(later(days(1), { workingDays: 10 }));
    expect(back(days(10))?.tryAt).toBe('2026-12-16T08:00:00.000Z');
    expect(back(days(24))).toEqual({ at: later(days(24), { workingDays: 2 }), step: 'review', count: 0 });
  });

  it('puts off no review that begins with something else that was decided', () => {
    const passed = decideReview(tried([next]), 'review-1', { decision: 'transfer', team: 'camden' }, NOW);
    expect(stored(passed).due?.tryAt).toBeUndefined();
  });

  it('is the day also when the workflow of the review had to be started again', () => {
    const stuck = {
      ...tried([{ ...next, day: 0.5 }]),
      due: { at: days(1), step: 'workflow', count: 0 },
    } as Referral;
    expect(entered(stuck, 'review', days(1)).due).toEqual(onThursday);
  });
});

describe('the words of a next try in a list', () => {
  const wordsOf = (referral: Referral) => {
    const place = placeInWorklist(referral);
    return place && taskInWords(place, whyOf(referral));
  };

  it('name the day that was chosen, and call no earlier one that', () => {
    const on = (next: string) => tried([{ ...call, next, day: 0 }]);
    expect(wordsOf(on('2026-12-03'))).toBe('Try again on Thursday 3 December');
    expect(wordsOf(on('2026-12-07'))).toBe('Try again on Monday 7 December');
    expect(wordsOf(on('2027-01-20'))).toBe(
      'Look again on Monday 7 December, before the next try on 20 January 2027',
    );
  });

  it('say that a question is answered meanwhile', () => {
    const ask = { decision: 'ask-for-more', to: 'referrer', question: '?' } as const;
    const planned = tried([{ ...call, next: '2026-12-03', day: 0 }]);
    const asked = entered(stored(decideReview(planned, 'review-1', ask, NOW, AMINA)), 'information');
    const back = entered(stored(answerQuestion(asked, 'information-1', 'yes', days(1))), 'review', days(1));
    expect(wordsOf(back)).toBe('Try again on Thursday 3 December: your question is answered');
  });
});

describe('a referral that is nobody’s', () => {
  it('is of whoever records a contact first', () => {
    const first = tried([{ ...call, day: 0 }]);
    expect(first.assignee).toEqual({ ...AMINA, since: NOW });
    expect(stored(recordContact(first, 2, text, TOM, days(1))).assignee).toEqual(first.assignee);
  });
});
