/** Attempts to make contact: each recorded once, and what they add up to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Attempt,
  CONTACT_POLICY,
  outcomesOf,
  reachOf,
  recordContact,
  unanswered,
  weighed,
} from '../../../workflows/contacts.ts';
import { CONTACT_CHANNELS, type Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { decideWelfare } from '../../../workflows/welfare.ts';
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

const ENOUGH = [
  { ...call, day: 0 },
  { ...call, day: 2 },
  { ...text, day: 7 },
];
const DONE = days(14);

describe('an attempt', () => {
  it('is on the referral, and in its history with the name and in codes', () => {
    const { contacts, history } = tried([{ ...call, next: '2026-11-25', day: 0 }]);
    expect(contacts).toEqual([{ number: 1, at: NOW, ...call, next: '2026-11-25', by: AMINA }]);
    expect(history.at(-1)).toEqual({
      at: NOW,
      by: 'link-worker',
      event: 'contact-tried',
      detail: 'phone',
      name: 'Amina Rahman',
    });
  });

  it('sent twice is one; by somebody else, or another one, is refused', () => {
    const once = tried([{ ...call, day: 0 }]);
    const soon = later(NOW, { minutes: 2 });
    expect(recordContact(once, 1, call, AMINA, soon)).toBe(once);
    for (const [attempt, by, at] of [
      [call, TOM, soon],
      [text, AMINA, soon],
      [{ ...call, next: '2026-11-30' }, AMINA, soon],
      [call, AMINA, days(1)],
      [{ ...call, at: days(-1) }, AMINA, soon],
    ] as const) {
      expect(recordContact(once, 1, attempt, by, at)).toEqual({ refused: 'already-decided' });
    }
    expect(stored(recordContact(once, 2, call, TOM, soon)).contacts).toHaveLength(2);
  });

  it('that was earlier is the same only at the same time', () => {
    const earlier = { ...call, at: days(-1) };
    const once = tried([{ ...earlier, day: 0 }]);
    expect(recordContact(once, 1, earlier, AMINA, days(3))).toBe(once);
    const other = { ...call, at: later(days(-1), { minutes: 5 }) };
    expect(recordContact(once, 1, other, AMINA, days(3))).toEqual({ refused: 'already-decided' });
  });

  it('is not taken out of turn, nor once the referral is closed, nor more than are kept', () => {
    expect(recordContact(inReview(), 2, call, AMINA, NOW)).toEqual({ refused: 'not-now' });
    const declined = stored(
      decideReview(inReview(), 'review-1', { decision: 'decline', reason: 'duplicate' }, NOW),
    );
    expect(recordContact(declined, 1, call, AMINA, NOW)).toEqual({ refused: 'not-now' });
    const full = tried(Array.from({ length: 100 }, (_, day) => ({ ...call, day })));
    expect(recordContact(full, 101, call, AMINA, days(101))).toEqual({ refused: 'not-now' });
  });

  it('comes to what can come of it', () => {
    expect(outcomesOf('letter')).toEqual(['reached', 'sent', 'not-possible']);
    expect(outcomesOf('phone')).toEqual(['reached', 'no-answer', 'left-message', 'not-possible']);
    for (const channel of CONTACT_CHANNELS) expect(outcomesOf(channel)).toContain('reached');
  });
});

describe('whoever was tried', () => {
  const state = (attempts: Parameters<typeof tried>[0], at = DONE) => reachOf(tried(attempts), at).state;

  it('counts as not reached after three attempts on three days in two ways, over ten working days', () => {
    expect(state(ENOUGH)).toBe('unreached');
    expect(state(ENOUGH.slice(0, 2))).toBe('not-yet');
    expect(state(ENOUGH.map((attempt) => ({ ...attempt, ...call })))).toBe('not-yet');
    expect(state(ENOUGH.map((attempt) => ({ ...attempt, day: 0 })))).toBe('not-yet');
    expect(state(ENOUGH, later(DONE, { minutes: -1 }))).toBe('not-yet');
    expect(reachOf(tried(ENOUGH), days(8))).toEqual({
      state: 'not-yet',
      attempts: 3,
      days: 3,
      channels: 2,
      from: DONE,
    });
  });

  it('counts what was sent only once there was time to answer it', () => {
    const letter = { channel: 'letter', outcome: 'sent', day: 9 } as const;
    const atOnce = [
      { ...call, day: 0 },
      { ...call, day: 2 },
      { ...letter, day: 14 },
    ];
    const answered = later(days(14), { workingDays: CONTACT_POLICY.answerWorkingDays });
    // Nothing is missing but time.
    expect(reachOf(tried(atOnce), later(days(14), { minutes: 1 }))).toEqual({
      ...{ state: 'not-yet', attempts: 3, days: 3, channels: 2 },
      from: answered,
    });
    expect(state(atOnce, later(answered, { minutes: -1 }))).toBe('not-yet');
    expect(state(atOnce, answered)).toBe('unreached');
    // One that is not needed puts nothing off.
    expect(state([...ENOUGH, { ...letter, day: 13 }])).toBe('unreached');
  });

  it('counts once that a way is closed, by phone and text together: then it takes another', () => {
    const dead = { channel: 'phone', outcome: 'not-possible' } as const;
    const threeTimes = [
      { ...dead, day: 0 },
      { ...dead, day: 2 },
      { ...dead, channel: 'text' as const, day: 7 },
    ];
    const muchLater = days(60);
    expect(reachOf(tried(threeTimes), muchLater)).toMatchObject({
      state: 'not-yet',
      attempts: 1,
      days: 1,
      channels: 1,
    });
    // By letters, of which nobody knows an answer, or once there is no way that is not closed.
    const letter = { channel: 'letter', outcome: 'sent' } as const;
    expect(state([...threeTimes, { ...letter, day: 8 }], muchLater)).toBe('not-yet');
    expect(state([...threeTimes, { ...letter, day: 8 }, { ...letter, day: 12 }], muchLater)).toBe(
      'unreached',
    );
    const closed = (['phone', 'letter', 'email'] as const).map((channel, day) => ({ ...dead, channel, day }));
    expect(state(closed.slice(0, 2), muchLater)).toBe('not-yet');
    expect(state(closed, muchLater)).toBe('unreached');
  });

  it('is told of each attempt whether it counts', () => {
    const dead = { channel: 'phone', outcome: 'not-possible' } as const;
    const sent = tried([
      { ...dead, day: 0 },
      { ...dead, day: 1 },
      { ...text, day: 2 },
    ]);
    const from = later(days(2), { workingDays: CONTACT_POLICY.answerWorkingDays });
    expect(weighed(sent, days(2)).map(({ counts }) => counts)).toEqual(['yes', 'no', { from }]);
    expect(weighed(sent, from).map(({ counts }) => counts)).toEqual(['yes', 'no', 'yes']);
  });

  it('is never nearer to being closed by one more attempt that was not possible in a way that is closed', () => {
    const anyAttempt = fc.constantFrom(...CONTACT_CHANNELS).chain((channel) =>
      fc.record({
        channel: fc.constant(channel),
        outcome: fc.constantFrom(...outcomesOf(channel).filter((outcome) => outcome !== 'reached')),
        day: fc.integer({ min: 0, max: 30 }),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(anyAttempt, { maxLength: 8 }),
        fc.integer({ min: 0, max: 60 }),
        (attempts, day) => {
          const inOrder = attempts.toSorted((a, b) => a.day - b.day);
          const before = tried(inOrder);
          for (const { contact } of weighed(before, days(day))) {
            if (contact.outcome !== 'not-possible') continue;
            const again = { channel: contact.channel, outcome: 'not-possible', day: 31 } as const;
            expect(reachOf(tried([...inOrder, again]), days(day))).toEqual(reachOf(before, days(day)));
          }
          // Who waits counts sooner or later, if nothing else is missing.
          const reach = reachOf(before, days(day));
          if (reach.state === 'unreached') expect(reachOf(before, days(day + 1)).state).toBe('unreached');
        },
      ),
    );
  });

  it('counts by the days in London', () => {
    const late = '2026-06-10T22:30:00.000Z';
    const soonAfter = '2026-06-10T23:30:00.000Z';
    const at = (...times: string[]) => ({
      ...inReview(),
      createdAt: '2026-06-01T09:00:00.000Z',
      contacts: times.map((at, i) => ({ number: i + 1, at, ...call, by: AMINA })),
    });
    expect(reachOf(at(late, soonAfter), NOW)).toMatchObject({ days: 2 });
    expect(reachOf(at(late, '2026-06-10T22:45:00.000Z'), NOW)).toMatchObject({ days: 1 });
  });

  it('is not counted by attempts of before the referral arrived', () => {
    const before = { ...tried(ENOUGH), createdAt: days(3) };
    expect(reachOf(before, DONE).state).toBe('not-yet');
    expect(unanswered(before)).toEqual(unanswered(tried(ENOUGH)).filter(({ at }) => at > days(3)));
  });

  it('starts anew when they were reached, answered or did something themself', () => {
    const reached = [...ENOUGH, { channel: 'phone', outcome: 'reached', day: 8 } as const];
    expect(unanswered(tried(reached))).toEqual([]);
    expect(unanswered(tried([...reached, { ...call, day: 9 }]))).toHaveLength(1);
    const before = tried(ENOUGH);
    const heard = { at: days(8), by: 'person', event: 'details-corrected' } as const;
    expect(unanswered({ ...before, history: [...before.history, heard] })).toEqual([]);
    const question = { number: 1, to: 'person', question: 'Which days?', answeredAt: days(5) } as const;
    expect(unanswered({ ...before, questions: [question] })).toHaveLength(1);
    expect(unanswered({ ...before, questions: [{ ...question, to: 'referrer' }] })).toHaveLength(3);
  });

  it.each([{ risks: 'known', risksDetail: 'Panics in crowds' }, { danger: 'yes' }])(
    'is never closed while a risk is open: %o',
    (fields) => {
      const risky = tried(ENOUGH, entered(submitted({ ...validFields, ...fields } as never), 'review'));
      expect(reachOf(risky, DONE)).toEqual({ state: 'risk-open' });
      expect(
        decideReview(risky, 'review-1', { decision: 'decline', reason: 'could-not-reach' }, DONE),
      ).toEqual({ refused: 'not-now' });
    },
  );

  it('is declined as not reached only then, by whichever way the decision comes', () => {
    const decline = { decision: 'decline', reason: 'could-not-reach' } as const;
    expect(decideReview(inReview(), 'review-1', decline, DONE)).toEqual({ refused: 'not-now' });
    expect(decideReview(tried(ENOUGH), 'review-1', decline, days(8))).toEqual({ refused: 'not-now' });
    expect(stored(decideReview(tried(ENOUGH), 'review-1', decline, DONE))).toMatchObject({
      stage: 'closing',
      ending: { kind: 'declined', reason: 'could-not-reach' },
    });
  });
});

describe('a person who missed two sessions', () => {
  const unreached = { outcome: 'close', reason: 'could-not-reach' } as const;
  const OPENED = '2026-12-08T18:30:00.000Z';
  const since = (count: number) => later(OPENED, { days: count });
  const missed = (referral: Referral = inReview()) =>
    entered(register(register(accepted(offered(referral)), '3'), '3'), 'welfare', OPENED);
  /** Tried before they were to be contacted, and then on days since. */
  const triedSince = (days: readonly number[], referral = missed(tried(ENOUGH))) =>
    days.reduce((before, day, i) => {
      const attempt: Attempt = i === 0 ? text : call;
      return stored(recordContact(before, (before.contacts?.length ?? 0) + 1, attempt, AMINA, since(day)));
    }, referral);

  it('counts as not reached by what was tried since then', () => {
    expect(reachOf(missed(tried(ENOUGH)), since(20))).toMatchObject({ state: 'not-yet', attempts: 0 });
    const enough = triedSince([1, 2, 3]);
    expect(reachOf(enough, since(3))).toMatchObject({
      state: 'not-yet',
      attempts: 3,
      from: expect.any(String),
    });
    expect(reachOf(enough, since(20))).toEqual({ state: 'unreached', attempts: 3 });
  });

  it('is given up only then, and never while a risk is open', () => {
    const refused = { refused: 'not-now' };
    expect(decideWelfare(triedSince([1, 2]), 'welfare-1', unreached, since(20), AMINA)).toEqual(refused);
    const fields = { ...validFields, risks: 'known', risksDetail: 'Panics in crowds' };
    const risky = triedSince([1, 2, 3], missed(entered(submitted(fields), 'review')));
    expect(decideWelfare(risky, 'welfare-1', unreached, since(20), AMINA)).toEqual(refused);
    const ended = stored(decideWelfare(triedSince([1, 2, 3]), 'welfare-1', unreached, since(20), AMINA));
    expect(ended).toMatchObject({
      stage: 'closing',
      ending: { kind: 'ended-early', reason: 'could-not-reach' },
    });
    expect(ended.history.at(-1)).toMatchObject({ event: 'welfare-contact', name: 'Amina Rahman' });
  });

  it('ends the programme or goes on with it at any time, where they were spoken to', () => {
    for (const decision of [
      { outcome: 'close', reason: 'agreed' },
      { outcome: 'continue', note: 'Was ill' },
    ] as const) {
      const decided = stored(decideWelfare(missed(), 'welfare-1', decision, since(0), TOM));
      expect(decided.links['welfare-1']?.recorded?.decision).toBe(decision.outcome);
      expect(decided.assignee).toEqual({ ...TOM, since: since(0) });
      expect(decideWelfare(decided, 'welfare-1', unreached, since(20), AMINA)).toEqual({
        ...{ refused: 'already-decided', recorded: decision.outcome },
      });
    }
  });
});
