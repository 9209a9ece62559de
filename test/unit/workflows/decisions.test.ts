import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from '../../../workflows/assignment.ts';
import { isRefusal, type Outcome } from '../../../workflows/change.ts';
import { recordContact } from '../../../workflows/contacts.ts';
import { asOthersSee } from '../../../workflows/held-back.ts';
import { answerQuestion } from '../../../workflows/information.ts';
import { leave } from '../../../workflows/leaving.ts';
import {
  callFromWaitingList,
  type OfferDeclineReason,
  releaseOffer,
  replyToOffer,
} from '../../../workflows/offer.ts';
import { standingOf } from '../../../workflows/places.ts';
import { type Link, type Referral, referralSchema } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { decideReview, type ReviewDecision } from '../../../workflows/review.ts';
import { addSignpost, signpostsThatStand } from '../../../workflows/signposts.ts';
import { answerOf } from '../../../workflows/steps.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { undoable, undoDecision, workOn } from '../../../workflows/undo.ts';
import { elsewhere, placeInWorklist } from '../../../workflows/worklist.ts';
import { accepted, answers, emailsTo, entered, inReview, NOW, offered, stored } from './builders.ts';

const amina = { id: 'amina', name: 'Amina Rahman' };
const tom = { id: 'tom', name: 'Tom Field' };
const later = (minutes: number) => momentAfter(NOW, { minutes });
const decide = (referral: Referral, decision: ReviewDecision, at = NOW) =>
  stored(decideReview(referral, `review-${referral.reviews}`, decision, at, amina));
const quiet = (referral: Referral): Referral => ({ ...referral, outbox: [] });
const valid = (referral: Referral) => expect(referralSchema.safeParse(referral).error).toBeUndefined();

describe('a hold', () => {
  const until = momentAfter(NOW, { days: 30 });
  const held = decide(quiet(inReview()), { decision: 'hold', until, reason: 'person-asked' });

  it('waits for nobody, asks nobody, and keeps the execution waiting', () => {
    valid(held);
    expect([placeInWorklist(held), elsewhere(held)]).toEqual([undefined, 'hold']);
    expect([emailsTo(held), answers(held)]).toEqual([[], []]);
    expect(held.waiting?.step).toBe('review');
    expect(held.due).toEqual({ at: until, step: 'hold', count: 0 });
    expect(actOnDue(held, momentAfter(NOW, { days: 29 }))).toBeUndefined();
  });

  it('is in the history with its reason and its day, also when it is over or was taken back', () => {
    const entry = held.history.find(({ event }) => event === 'reviewed');
    expect(entry).toMatchObject({ detail: 'hold', hold: { until, reason: 'person-asked' } });
    for (const over of [actOnDue(held, until), undoDecision(held, 'review-1', later(1), amina)]) {
      expect((over as Referral).history).toContainEqual(entry);
      valid(over as Referral);
    }
    expect(
      decide(inReview(), { decision: 'decline', reason: 'duplicate' }).history.at(-1)?.hold,
    ).toBeUndefined();
  });

  it('ends on its day, when the link workers are asked again', () => {
    const back = actOnDue(held, until) as Referral;
    valid(back);
    expect(emailsTo(back)).toEqual(['review-request → link-worker']);
    expect(placeInWorklist(back)?.task).toBe('review');
    expect(back.due?.step).toBe('review');
  });

  it('outlives its execution', () => {
    const rebuilt = entered({ ...held, due: { at: NOW, step: 'workflow', count: 0 } }, 'review');
    expect(rebuilt.due).toEqual({ at: until, step: 'hold', count: 0 });
    expect(emailsTo(rebuilt)).toEqual([]);
  });

  it('ends with a decision before its day', () => {
    const matched = decide(held, { decision: 'match', programmeId: 'hive-music' });
    valid(matched);
    expect([matched.stage, 'hold' in matched]).toEqual(['offer', false]);
  });

  it('is decided once', () => {
    const again = decideReview(held, 'review-1', { decision: 'decline', reason: 'duplicate' }, NOW, tom);
    expect(again).toEqual({ refused: 'already-decided', recorded: 'hold' });
  });
});

describe('a hold that was a mistake', () => {
  it('ends at once, and the team decides', () => {
    const until = momentAfter(NOW, { days: 30 });
    const held = decide(quiet(inReview()), { decision: 'hold', until, reason: 'person-asked' });
    expect(undoable(held, NOW)).toEqual({ link: 'review-1', decision: 'hold' });
    const back = stored(undoDecision(quiet(held), 'review-1', later(1), amina));
    valid(back);
    expect([placeInWorklist(back)?.task, back.due?.step]).toEqual(['review', 'review']);
    expect(undoDecision(back, 'review-1', later(2), amina)).toBe(back);
    expect(undoable(back, later(2))).toBeUndefined();
  });
});

describe('a hold that is ended by whoever put it on', () => {
  const until = momentAfter(NOW, { days: 30 });
  const hold = { decision: 'hold', until, reason: 'person-asked' } as const;
  const call = { channel: 'phone', outcome: 'reached', next: '2026-12-03' } as const;
  const mine = stored(assign(quiet(inReview()), amina, undefined, NOW, amina));
  const ended = (referral: Referral, at: string, then: string) => {
    const held = stored(decideReview(referral, `review-${referral.reviews}`, hold, at, tom));
    const back = stored(undoDecision(quiet(held), undoable(held, then)?.link ?? '', then, tom));
    valid(back);
    expect([placeInWorklist(back)?.task, 'hold' in back]).toEqual(['review', false]);
    return back;
  };

  it('within a day was a mistake: it is whose it was, with the time that was left, the reminders and the next try', () => {
    fc.assert(
      fc.property(
        fc.record({
          reminders: fc.nat(3),
          after: fc.nat(20 * 24 * 60),
          minutes: fc.nat(24 * 60 - 1),
          isNobodys: fc.boolean(),
          isPlanned: fc.boolean(),
        }),
        ({ reminders, after, minutes, isNobodys, isPlanned }) => {
          const first = isNobodys && !isPlanned ? quiet(inReview()) : mine;
          const planned = isPlanned ? stored(recordContact(first, 1, call, amina, NOW)) : first;
          const before = Array.from({ length: reminders }).reduce<Referral>(
            (referral) => quiet(actOnDue(referral, referral.due?.at ?? '') as Referral),
            planned,
          );
          const at = momentAfter(NOW, { minutes: after });
          const then = momentAfter(at, { minutes });
          const back = ended(before, at, then);
          expect(back.assignee).toEqual(before.assignee);
          const { at: due = '', tryAt, ...rest } = before.due ?? {};
          const isToCome = tryAt !== undefined && tryAt > then;
          const later = (time: string) => (isToCome ? time : momentAfter(time, { minutes }));
          expect(back.due).toEqual({
            ...{ at: later(due), ...rest },
            ...(tryAt === undefined ? {} : { tryAt: later(tryAt) }),
          });
          const [by = '', was = ''] = [placeInWorklist(back)?.by, placeInWorklist(before)?.by];
          expect(by).toBe(later(was));
        },
      ),
    );
  });

  it('later is a decision of its own: the team has time anew, and whoever put it on hold keeps it', () => {
    const then = momentAfter(NOW, { days: 9 });
    const back = ended(quiet(inReview()), NOW, then);
    expect(back.due).toEqual({ at: momentAfter(then, { workingDays: 2 }), step: 'review', count: 0 });
    expect(back.assignee?.name).toBe('Tom Field');
  });

  it('was put on hold again meanwhile: it ends all the same, with time anew', () => {
    const held = quiet(decide(mine, hold));
    const [at, then] = [momentAfter(NOW, { days: 9 }), momentAfter(NOW, { days: 9, minutes: 1 })];
    expect(ended(held, at, then).due?.at).toBe(momentAfter(then, { workingDays: 2 }));
  });
});

describe('passing on to another team', () => {
  it('is taken back until somebody there has taken it', () => {
    const passed = decide(quiet(inReview()), { decision: 'transfer', team: 'camden' });
    expect(undoable(passed, NOW)).toEqual({ link: 'review-1', decision: 'transfer' });
    const back = stored(undoDecision(quiet(passed), 'review-1', later(1), amina));
    valid(back);
    expect([back.team, back.reviews, 'passedOnBy' in back]).toEqual(['all', 3, false]);
    expect(back.links['review-2']?.revokedAt).toBe(later(1));
    const taken = stored(assign(passed, tom, undefined, NOW, tom));
    expect(undoDecision(taken, 'review-1', later(1), amina)).toEqual({ refused: 'not-now' });
    const decided = stored(
      decideReview(passed, 'review-2', { decision: 'match', programmeId: 'hive-music' }, NOW, tom),
    );
    expect(undoDecision(decided, 'review-1', later(1), amina)).toEqual({ refused: 'not-now' });
  });

  it('makes it a new referral there, that is nobody’s yet', () => {
    const mine = stored(assign(inReview(), amina, undefined, NOW, amina));
    const passed = decide(quiet(mine), { decision: 'transfer', team: 'camden' });
    valid(passed);
    expect([passed.team, passed.assignee, passed.reviews]).toEqual(['camden', undefined, 2]);
    expect(emailsTo(passed)).toEqual(['review-request → link-worker']);
    expect(placeInWorklist(passed)?.team).toBe('camden');
    expect(passed.waiting?.step).toBe('review');
    expect(answers(passed)).toEqual([]);
  });
});

describe('what was there before a decision', () => {
  const transfer = { decision: 'transfer', team: 'camden' } as const;
  const decline = { decision: 'decline', reason: 'duplicate' } as const;
  const match = { decision: 'match', programmeId: 'hive-music' } as const;
  const ask = { decision: 'ask-for-more', to: 'referrer', question: 'When?' } as const;
  const signpost = { decision: 'signpost', signpostedTo: 'The choir' } as const;
  const ALL = [transfer, decline, match, ask, signpost];
  /** Decided by Tom at `at`, and taken back five minutes later; the execution goes on with both. */
  const undone = (referral: Referral, decision: ReviewDecision, at: string) => {
    const soon = momentAfter(at, { minutes: 5 });
    const link = `review-${referral.reviews}`;
    const decided = stored(decideReview(referral, link, decision, at, tom));
    valid(decided);
    const back = quiet(stored(undoDecision(quietButHeld(decided), link, soon, tom)));
    valid(back);
    return back.waiting ? back : entered(back, 'review', soon);
  };
  const quietButHeld = (referral: Referral) => ({
    ...referral,
    outbox: referral.outbox.filter(({ kind }) => kind === 'answer' && referral.stage === 'closing'),
  });
  const mine = () => stored(assign(quiet(inReview()), amina, undefined, NOW, amina));

  it.each(ALL)('is whose it was: $decision', (decision) => {
    expect(undone(mine(), decision, later(60)).assignee).toEqual({ ...amina, since: NOW });
    expect(undone(quiet(inReview()), decision, later(60)).assignee).toBeUndefined();
  });

  it('leaves whom it was given to since', () => {
    const matched = decide(quiet(inReview()), match, later(1));
    const given = stored(assign(matched, tom, 'amina', later(2), tom));
    expect(stored(undoDecision(given, 'review-1', later(3), amina)).assignee?.name).toBe('Tom Field');
    const back = stored(assign(decide(mine(), match, later(1)), undefined, 'amina', later(2), tom));
    expect(stored(undoDecision(back, 'review-1', later(3), amina)).assignee).toBeUndefined();
  });

  it.each(ALL)('is the hold, with its reason, and nobody is asked: $decision', (decision) => {
    const until = momentAfter(NOW, { days: 30 });
    const held = quiet(decide(mine(), { decision: 'hold', until, reason: 'person-asked' }));
    const at = momentAfter(NOW, { days: 9 });
    const back = undone(held, decision, at);
    expect(back).toMatchObject({ hold: { until, reason: 'person-asked', since: NOW } });
    expect(back.due).toEqual({ at: until, step: 'hold', count: 0 });
    expect([placeInWorklist(back), elsewhere(back), emailsTo(back)]).toEqual([undefined, 'hold', []]);
    // It can still be ended, and ends by itself.
    const link = undoable(back, at)?.link ?? '';
    expect(undoable(back, at)).toEqual({ link: 'review-1', decision: 'hold' });
    const ended = stored(undoDecision(back, link, momentAfter(at, { hours: 1 }), amina));
    expect([placeInWorklist(ended)?.task, ended.assignee?.name]).toEqual(['review', 'Amina Rahman']);
    expect(placeInWorklist(actOnDue(back, until) as Referral)?.task).toBe('review');
    // It is decided as if nothing had been.
    expect(decide(back, match, at).stage).toBe('offer');
  });

  it('is no hold that is over meanwhile', () => {
    const until = momentAfter(NOW, { days: 30 });
    const held = quiet(decide(mine(), { decision: 'hold', until, reason: 'person-asked' }));
    const offering = entered(quiet(decide(held, match, momentAfter(NOW, { days: 9 }))), 'provider');
    const back = stored(undoDecision(quiet(offering), 'review-2', momentAfter(NOW, { days: 40 }), amina));
    expect([placeInWorklist(back)?.task, 'hold' in back]).toEqual(['review', false]);
  });

  it.each(ALL)('is by when it was due, and the reminders that went out: $decision', (decision) => {
    // Reminded twice, and eight working days late.
    const reminded = [1, 2].reduce(
      (referral) => actOnDue(referral, referral.due?.at ?? '') as Referral,
      mine() as Referral,
    );
    const late = quiet(reminded);
    const at = momentAfter(NOW, { workingDays: 10 });
    const back = undone(late, decision, at);
    const [by, before] = [placeInWorklist(back)?.by ?? '', placeInWorklist(late)?.by ?? ''];
    // Nobody could decide in the five minutes in between.
    expect(by).toBe(momentAfter(before, { minutes: 5 }));
    expect(back.due).toEqual({ ...late.due, at: momentAfter(late.due?.at ?? '', { minutes: 5 }) });
  });

  it('gives back the time that was left, however long it was with a provider', () => {
    const open = entered(quiet(decide(mine(), match, later(60))), 'provider', later(60));
    const at = momentAfter(NOW, { days: 90 });
    const back = entered(stored(undoDecision(open, 'review-1', at, amina)), 'review', at);
    expect((placeInWorklist(back)?.by ?? '') > at).toBe(true);
    expect((back.due?.at ?? '') > at).toBe(true);
  });

  it('is the day on which they are tried again', () => {
    const next = { channel: 'phone', outcome: 'no-answer', next: '2026-11-30' } as const;
    const planned = stored(recordContact(mine(), 1, next, amina, NOW));
    for (const decision of [transfer, decline, signpost]) {
      const back = undone(planned, decision, later(60));
      expect(back.due).toEqual(planned.due);
      expect(placeInWorklist(back)).toMatchObject({ by: '2026-11-30T08:00:00.000Z', isTry: true });
    }
  });

  it('is not known of what was decided before this was kept', () => {
    const { before: _none, ...link } = decide(mine(), decline).links['review-1'] as Link;
    const old = { ...decide(mine(), decline), links: { 'review-1': link } };
    const back = stored(undoDecision(old, 'review-1', later(5), amina));
    valid(back);
    expect([back.assignee?.name, back.due?.at]).toEqual([
      'Amina Rahman',
      momentAfter(later(5), { workingDays: 2 }),
    ]);
  });
});

describe('what another team has done with what was passed on', () => {
  const passed = decide(quiet(inReview()), { decision: 'transfer', team: 'camden' });
  const call = { channel: 'phone', outcome: 'reached' } as const;

  it.each<[string, (referral: Referral) => Outcome]>([
    ['taken it and given it back', (referral) => assign(taken(referral), undefined, 'tom', later(2), tom)],
    [
      'reached the person and given it back',
      (referral) =>
        assign(stored(recordContact(referral, 1, call, tom, later(1))), undefined, 'tom', later(2), tom),
    ],
    ['told them of a service', (referral) => addSignpost(referral, 'The choir', later(1), tom)],
    ['saved something beside it, as notes and plans are', (referral) => workOn(referral, 'camden', later(1))],
  ])('stands: it cannot be taken back once they have %s', (_, acts) => {
    const acted = stored(acts(passed));
    expect(undoable(acted, later(3))).toBeUndefined();
    expect(undoDecision(acted, 'review-1', later(3), amina)).toEqual({ refused: 'not-now' });
  });

  it('does not come from those who are only asked or reminded', () => {
    const reminded = actOnDue(passed, passed.due?.at ?? '') as Referral;
    expect(undoable(reminded, later(3))).toEqual({ link: 'review-1', decision: 'transfer' });
  });

  it('is noted once, as long as it is theirs and was passed on to them, and no longer', () => {
    const worked = stored(workOn(passed, 'camden', later(1)));
    valid(worked);
    expect(workOn(worked, 'camden', later(2))).toBe(worked);
    const ours = inReview();
    expect(workOn(ours, 'all', later(1))).toBe(ours);
    const back = stored(undoDecision(passed, 'review-1', later(1), amina));
    expect(workOn(back, 'camden', later(2))).toEqual({ refused: 'not-now' });
    const onward = decide(worked, { decision: 'transfer', team: 'all' }, later(3));
    valid(onward);
    expect(undoable(onward, later(4))).toEqual({ link: 'review-2', decision: 'transfer' });
  });

  const taken = (referral: Referral) => stored(assign(referral, tom, undefined, later(1), tom));
});

describe('what is taken back from another team', () => {
  const passed = decide(quiet(inReview()), { decision: 'transfer', team: 'camden' });
  const told = (referral: Referral) =>
    referral.outbox.flatMap((entry) =>
      entry.kind === 'email' && entry.message === 'taken-back' ? [[entry.to, entry.team]] : [],
    );

  it('is told to them, where they were told that it came', () => {
    const back = stored(undoDecision(quiet(passed), 'review-1', later(1), amina));
    valid(back);
    expect(told(back)).toEqual([['link-worker', 'camden']]);
    const tried = passed.outbox.map((entry) => ({ ...entry, attempts: 1 }));
    expect(
      told(stored(undoDecision({ ...passed, outbox: tried }, 'review-1', later(1), amina))),
    ).toHaveLength(1);
  });

  it('is nothing to them before that', () => {
    expect(told(stored(undoDecision(passed, 'review-1', later(1), amina)))).toEqual([]);
  });
});

describe('a decision that ends the referral', () => {
  const declined = decide(quiet(inReview()), { decision: 'decline', reason: 'duplicate' });

  it('reaches nobody for ten minutes', () => {
    const [answer, ...others] = declined.outbox;
    expect(others).toEqual([]);
    expect([answer?.kind, answer?.notBefore]).toEqual(['answer', later(10)]);
    expect(Date.parse(declined.due?.at ?? '')).toBeGreaterThan(Date.parse(later(10)));
  });

  it('is taken back within them, and the execution waits on with the same token', () => {
    expect(undoable(declined, later(9))).toMatchObject({ link: 'review-1', until: later(10) });
    const back = stored(undoDecision(declined, 'review-1', later(9), tom));
    valid(back);
    expect([back.stage, back.reviews, 'ending' in back]).toEqual(['review', 2, false]);
    expect(back.waiting).toMatchObject({ step: 'review', token: inReviewToken(declined) });
    expect(answers(back)).toEqual([]);
    expect(emailsTo(back)).toEqual(['review-request → link-worker']);
    expect(back.history.find(({ event }) => event === 'decision-undone')?.name).toBe('Tom Field');
    // Twice is once.
    expect(undoDecision(back, 'review-1', later(9), tom)).toBe(back);
    // And then it is decided anew.
    expect(decide(back, { decision: 'match', programmeId: 'hive-music' }, later(9)).stage).toBe('offer');
  });

  it('stands from then on, and as soon as its answer is on its way', () => {
    expect(undoDecision(declined, 'review-1', later(10), amina)).toEqual({ refused: 'not-now' });
    const tried = { ...declined, outbox: declined.outbox.map((entry) => ({ ...entry, attempts: 1 })) };
    expect(undoDecision(tried, 'review-1', later(9), amina)).toEqual({ refused: 'not-now' });
    // An execution that was made anew has been told already.
    const rebuilt = entered({ ...declined, execution: { ...declined.execution, name: 'other' } }, 'review');
    expect(undoDecision(rebuilt, 'review-1', later(9), amina)).toEqual({ refused: 'not-now' });
    const gone = { ...declined, outbox: [] };
    expect(undoDecision(gone, 'review-1', later(9), amina)).toEqual({ refused: 'not-now' });
  });
});

describe('a decision that nobody has heard of yet', () => {
  const declined = decide(quiet(inReview()), { decision: 'decline', reason: 'duplicate' });

  it('is none for those outside the team', () => {
    expect(asOthersSee(declined).stage).toBe('review');
    expect(asOthersSee({ ...declined, outbox: [] }).stage).toBe('closing');
  });

  it('gives way to the person who leaves', () => {
    const left = stored(leave(declined, 'person', later(5)));
    valid(left);
    expect(left.stage === 'closing' && left.ending.kind).toBe('withdrawn');
    expect(answers(left)).toEqual(['left']);
    expect(undoable(left, later(6))).toBeUndefined();
  });
});

function inReviewToken(declined: Referral): string {
  const [answer] = declined.outbox;
  return answer?.kind === 'answer' ? answer.token : '';
}

function declined(referral: Referral, reason: OfferDeclineReason, at: string): Outcome {
  return replyToOffer(referral, 'offer-1', { reply: 'decline', reason }, at);
}

describe('an offer', () => {
  it('is withdrawn before the provider has replied, and the provider is told', () => {
    const open = quiet(offered());
    const back = stored(undoDecision(open, 'review-1', later(60), amina));
    valid(back);
    expect([back.stage, back.offers[0]?.result]).toEqual(['review', 'withdrawn']);
    expect(emailsTo(back)).toEqual(['offer-withdrawn → provider', 'review-request → link-worker']);
    expect(placeInWorklist(back)?.task).toBe('review');
    expect(answers(back)).toEqual(['withdrawn']);
    expect(answerOf(back, 'provider')).toBe('withdrawn');
    expect(back.links['offer-1']?.revokedAt).toBe(later(60));
    const late = replyToOffer(back, 'offer-1', { reply: 'waitlist' }, later(61));
    expect(late).toEqual({ refused: 'not-now' });
  });

  it('says nothing to a provider who has not heard of it', () => {
    const matched = decide(quiet(inReview()), { decision: 'match', programmeId: 'hive-music' });
    const back = stored(undoDecision(quiet(matched), 'review-1', NOW, amina));
    expect(emailsTo(back)).toEqual(['review-request → link-worker']);
  });

  it('is withdrawn from a waiting list, too', () => {
    const listed = entered(
      quiet(stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW))),
      'place',
    );
    const back = stored(undoDecision(quiet(listed), 'review-1', NOW, amina));
    valid(back);
    expect([back.stage, back.offers[0]?.result, answers(back)]).toEqual([
      'review',
      'withdrawn',
      ['withdrawn'],
    ]);
    expect(emailsTo(back)).toEqual(['offer-withdrawn → provider', 'review-request → link-worker']);
  });

  it.each<[string, (listed: Referral, at: string) => Outcome, boolean]>([
    ['nobody answered', releaseOffer, true],
    ['the provider has no room', (listed, at) => declined(listed, 'no-capacity', at), true],
    ['a link worker took it back', (listed, at) => undoDecision(listed, 'review-1', at, amina), true],
    ['the provider declines them', (listed, at) => declined(listed, 'not-eligible', at), false],
  ])('leaves who waited their turn where %s', (_, comesBack, keeps) => {
    const listed = entered(stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW)), 'place');
    const at = momentAfter(NOW, { days: 90 });
    const back = entered(stored(comesBack(quiet(listed), at)), 'review', at);
    const turnOf = (referral: Referral) => {
      const standing = standingOf(referral, 'hive-music');
      return standing.state === 'waiting' ? standing.since : undefined;
    };
    const match = { decision: 'match', programmeId: 'hive-music' } as const;
    const waits = decide(back, { ...match, place: 'waiting-list' }, at);
    expect(turnOf(waits)).toBe(keeps ? NOW : at);
    // Also where a place was held meanwhile, and there is no room for them after all.
    const held = entered(decide(back, { ...match, place: { cohortId: 'winter' } }, at), 'provider', at);
    const again = stored(replyToOffer(held, 'offer-2', { reply: 'waitlist' }, at));
    expect(turnOf(again)).toBe(keeps ? NOW : at);
    const taken = entered(stored(undoDecision(held, 'review-2', at, amina)), 'review', at);
    const third = decide(taken, { ...match, place: 'waiting-list' }, at);
    expect(turnOf(third)).toBe(keeps ? NOW : at);
  });

  it('stands once the provider has accepted', () => {
    expect(undoDecision(accepted(), 'review-1', NOW, amina)).toEqual({ refused: 'not-now' });
  });
});

describe('a question', () => {
  const asked = entered(
    decide(quiet(inReview()), { decision: 'ask-for-more', to: 'referrer', question: 'When?' }),
    'information',
  );

  it('is taken back before it is answered', () => {
    const back = stored(undoDecision(quiet(asked), 'review-1', NOW, amina));
    valid(back);
    expect([back.stage, back.questions[0]?.withdrawnAt]).toEqual(['review', NOW]);
    expect(answers(back)).toEqual(['no-answer']);
    // Whoever was writing it is heard all the same, and nothing else changes.
    const late = stored(answerQuestion(back, 'information-1', 'On Monday', NOW));
    valid(late);
    expect(late.questions[0]).toMatchObject({ withdrawnAt: NOW, answer: 'On Monday', answeredAt: NOW });
    expect([late.stage, answers(late)]).toEqual(['review', ['no-answer']]);
    const declined = decide(back, { decision: 'decline', reason: 'duplicate' });
    expect(answerQuestion(declined, 'information-1', 'On Monday', NOW)).toEqual({ refused: 'not-now' });
  });

  it('stands once it is answered', () => {
    const answered = stored(answerQuestion(asked, 'information-1', 'On Monday', NOW));
    expect(undoDecision(answered, 'review-1', NOW, amina)).toEqual({ refused: 'not-now' });
  });
});

describe('an assignment', () => {
  it('is in the history with whom it was given to, each time', () => {
    const first = stored(assign(inReview(), amina, undefined, NOW, tom));
    const second = stored(assign(first, tom, 'amina', later(1), tom));
    const third = stored(assign(second, amina, 'tom', later(2), tom));
    valid(third);
    expect(third.history.slice(-3).map(({ event, name, whom }) => [event, name, whom])).toEqual([
      ['assigned', 'Tom Field', 'Amina Rahman'],
      ['taken', 'Tom Field', undefined],
      ['assigned', 'Tom Field', 'Amina Rahman'],
    ]);
  });

  it('is of whoever was faster, and tells the slower who has it', () => {
    const mine = stored(assign(inReview(), amina, undefined, NOW, amina));
    valid(mine);
    expect(mine.assignee).toEqual({ ...amina, since: NOW });
    expect(assign(mine, amina, undefined, NOW, amina)).toBe(mine);
    expect(assign(mine, tom, undefined, NOW, tom)).toEqual({
      refused: 'already-decided',
      recorded: 'Amina Rahman',
    });
    expect(stored(assign(mine, tom, 'amina', NOW, tom)).assignee?.name).toBe('Tom Field');
    const given = stored(assign(mine, undefined, 'amina', NOW, tom));
    valid(given);
    expect('assignee' in given).toBe(false);
  });

  it('comes with deciding what is nobody’s, and changes nobody else’s', () => {
    const decided = decide(inReview(), { decision: 'match', programmeId: 'hive-music' });
    expect(decided.assignee?.name).toBe('Amina Rahman');
    const toms = stored(assign(inReview(), tom, undefined, NOW, tom));
    expect(decide(toms, { decision: 'match', programmeId: 'hive-music' }).assignee?.name).toBe('Tom Field');
    const byLink = decideReview(
      inReview(),
      'review-1',
      { decision: 'match', programmeId: 'hive-music' },
      NOW,
    );
    expect(!isRefusal(byLink) && byLink.assignee).toBeUndefined();
  });
});

describe('a signpost', () => {
  it('is a record of its own while the referral goes on, once', () => {
    const told = stored(addSignpost(inReview(), 'The drop-in', NOW, amina));
    valid(told);
    expect(told.stage).toBe('review');
    expect(told.signposts).toEqual([{ number: 1, at: NOW, to: 'The drop-in', by: amina }]);
    expect(addSignpost(told, 'The drop-in', later(5), tom)).toBe(told);
    expect(stored(addSignpost(told, 'The choir', NOW, amina)).signposts).toHaveLength(2);
  });

  it('that ends the referral is recorded too', () => {
    const ended = decide(inReview(), { decision: 'signpost', signpostedTo: 'The drop-in' });
    valid(ended);
    expect(ended.signposts).toMatchObject([{ to: 'The drop-in', by: amina }]);
  });

  it('goes with the decision when that is taken back, or gives way to the person who leaves; others stay', () => {
    const before = stored(addSignpost(quiet(inReview()), 'The choir', NOW, amina));
    const ended = decide(before, { decision: 'signpost', signpostedTo: 'The drop-in' }, later(1));
    expect(signpostsThatStand(ended).map(({ to }) => to)).toEqual(['The choir', 'The drop-in']);
    const back = stored(undoDecision(ended, 'review-1', later(2), amina));
    const left = stored(leave(ended, 'person', later(2)));
    for (const referral of [asOthersSee(ended), back, left]) {
      valid(referral);
      expect(signpostsThatStand(referral).map(({ to }) => to)).toEqual(['The choir']);
    }
    expect(back.signposts?.[1]).toMatchObject({ to: 'The drop-in', at: later(1), takenBackAt: later(2) });
    // Whoever did tell them records that anew.
    const told = stored(addSignpost(back, 'The drop-in', later(3), amina));
    expect(signpostsThatStand(told)).toHaveLength(2);
  });
});

describe('somebody who was told that they are on a waiting list, and is not any more,', () => {
  const at = momentAfter(NOW, { days: 20 });
  const waits = (referral = offered()) =>
    entered(stored(replyToOffer(referral, 'offer-1', { reply: 'waitlist' }, NOW)), 'place');
  const sent = (message: 'waitlisted' | 'offer-accepted', notSent?: true) => ({
    sent: [{ at: NOW, message, to: 'person' as const, ...(notSent ? { notSent } : {}) }],
  });
  const told = { ...quiet(waits()), ...sent('waitlisted') };
  const ways: [string, (listed: Referral) => Outcome][] = [
    ['declines', (listed) => declined(listed, 'no-capacity', at)],
    ['keeps silent', (listed) => releaseOffer(listed, at)],
  ];
  const news = (outcome: Outcome) => emailsTo(stored(outcome)).filter((mail) => mail.includes('list-ended'));
  const reached = {
    number: 1,
    at: momentAfter(NOW, { days: 2 }),
    channel: 'phone',
    outcome: 'reached',
  } as const;
  const unwritten = (referral: Referral): Referral => ({
    ...referral,
    person: { ...referral.person, contact: { ...referral.person.contact, mayEmail: false } },
  });

  it.each(ways)('hears so once, where the provider %s', (_, ends) => {
    for (const listed of [told, waits()]) {
      const off = stored(ends(listed));
      valid(off);
      expect(news(off)).toEqual(['list-ended → person']);
      expect(off.undelivered).toBeUndefined();
      expect(off.outbox.find(({ key }) => key.includes('list-ended'))).toMatchObject({ link: 'person' });
      // Another offer that nobody put on a list is no news of one.
      const again = offered(entered(quiet(off), 'review', at));
      expect(news(releaseOffer(again, at))).toEqual([]);
    }
    const called = callFromWaitingList(told, { offer: 1, cohortId: 'winter' }, at);
    expect(news(ends(stored(called)))).toEqual(['list-ended → person']);
  });

  it.each(ways)(
    'is told by the link worker where email does not reach them, where the provider %s',
    (_, ends) => {
      const spoken = unwritten({ ...quiet(waits()), contacts: [{ ...reached, by: amina }] });
      for (const listed of [unwritten(told), spoken]) {
        const off = stored(ends(listed));
        valid(off);
        expect(news(off)).toEqual(['list-ended-by-hand → link-worker']);
        expect(off.undelivered).toMatchObject([{ why: 'no-address', missed: [{ message: 'list-ended' }] }]);
      }
    },
  );

  it.each(ways)('hears nothing where they never were told of a list, and the provider %s', (_, ends) => {
    const before = { ...reached, at: momentAfter(NOW, { minutes: -60 }), by: amina };
    for (const listed of [
      offered(),
      quiet(waits()),
      unwritten(quiet(waits())),
      unwritten({ ...quiet(waits()), contacts: [before] }),
      { ...quiet(waits()), ...sent('waitlisted', true) },
      { ...quiet(waits()), ...sent('offer-accepted') },
    ]) {
      const off = stored(ends(listed));
      expect([news(off), off.undelivered]).toEqual([[], undefined]);
    }
  });
});
