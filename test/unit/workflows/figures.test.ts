import { describe, expect, it } from 'vitest';
import { close } from '../../../workflows/closing.ts';
import { figuresOf, standingOf, waitsSince } from '../../../workflows/figures.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import { accepted, inReview, NOW, offered, recorded, stored, submitted } from './builders.ts';

describe('what is measured of a write', () => {
  it('a new referral, by who sent it', () => {
    expect(figuresOf(undefined, submitted())).toEqual([
      { metric: 'ReferralsReceived', value: 1, by: { from: 'professional' } },
    ]);
  });

  it('nothing where nothing of it has happened', () => {
    const referral = accepted();
    expect(figuresOf(referral, { ...referral, updatedAt: later(NOW, { days: 1 }) })).toEqual([]);
  });

  it('the hours to the first offer, and not to the next', () => {
    const before = inReview();
    const at = later(NOW, { hours: 30 });
    const match = { decision: 'match', programmeId: 'hive-music' } as const;
    const after1 = stored(decideReview(before, `review-${before.reviews}`, match, at));
    expect(figuresOf(before, after1)).toContainEqual({ metric: 'HoursToOffer', value: 30, by: {} });
    const again = {
      ...after1,
      offers: [...after1.offers, { ...(after1.offers[0] as Referral['offers'][number]), number: 2 }],
    };
    expect(figuresOf(after1, again)).toEqual([]);
  });

  it('how long a provider took to reply, by the reply, and nothing of an offer that was taken back', () => {
    const before = offered();
    const at = later(NOW, { hours: 5 });
    const reply = { reply: 'decline', reason: 'no-capacity' } as const;
    const declined = stored(replyToOffer(before, 'offer-1', reply, at));
    expect(figuresOf(before, declined)).toEqual([
      { metric: 'ProviderReplyHours', value: 5, by: { reply: 'declined' } },
    ]);
    const withdrawn = before.offers.map((offer) => ({
      ...offer,
      result: 'withdrawn' as const,
      repliedAt: at,
    }));
    expect(figuresOf(before, { ...before, offers: withdrawn } as Referral)).toEqual([]);
  });

  it('attendance once for each session, and the hours until the first that the person came to', () => {
    const joined = accepted();
    const missed = recorded(joined, '3');
    const first = stored(missed.outcome);
    expect(figuresOf(joined, first)).toContainEqual({
      metric: 'Attendance',
      value: 1,
      by: { attendance: '3' },
    });
    expect(figuresOf(joined, first).map(({ metric }) => metric)).not.toContain('HoursToFirstSession');
    const corrected = stored(recorded(first, '5', 1).outcome);
    expect(figuresOf(first, corrected).map(({ metric }) => metric)).toEqual(['HoursToFirstSession']);
    const came = stored(recorded(joined, '5').outcome);
    const hours = (Date.parse('2026-12-01T16:00:00.000Z') - Date.parse(NOW)) / 3_600_000;
    expect(figuresOf(joined, came)).toContainEqual({ metric: 'HoursToFirstSession', value: hours, by: {} });
  });

  it('an ending once, by its kind, as the person decides it and not as it is closed', () => {
    const before = inReview();
    const left = { kind: 'withdrawn', decidedAt: NOW } as const;
    const closing = { ...before, stage: 'closing', ending: left } as Referral;
    const ended = [{ metric: 'Endings', value: 1, by: { ending: 'withdrawn' } }];
    expect(figuresOf(before, closing)).toEqual(ended);
    expect(figuresOf(closing, { ...closing, stage: 'closed', closedAt: NOW } as Referral)).toEqual([]);
    expect(figuresOf(before, { ...closing, stage: 'closed', closedAt: NOW } as Referral)).toEqual(ended);
  });
});

describe('an ending that a review decides', () => {
  it('counts when it is closed, and not when it is decided: until then it can be taken back', () => {
    const decline = { decision: 'decline', reason: 'duplicate' } as const;
    const before = inReview();
    const declined = stored(decideReview(before, 'review-1', decline, NOW));
    expect(figuresOf(before, declined)).toEqual([]);
    const back = stored(undoDecision(declined, 'review-1', later(NOW, { minutes: 1 })));
    expect(figuresOf(declined, back)).toEqual([]);
    const closed = stored(close(declined, later(NOW, { minutes: 11 })));
    expect(figuresOf(declined, closed)).toEqual([
      { metric: 'Endings', value: 1, by: { ending: 'declined' } },
    ]);
  });
});

describe('where a referral stands', () => {
  it.each([
    ['intake', submitted()],
    ['review', inReview()],
    ['offer', offered()],
    ['programme', accepted()],
  ] as const)('in %s, since it came there', (at, referral) => {
    expect(standingOf(referral)).toEqual({ at, since: NOW });
  });

  it('on hold since it was agreed, and nowhere once it is closed', () => {
    const since = later(NOW, { days: 3 });
    const hold = { until: later(NOW, { days: 9 }), reason: 'person-asked', since } as const;
    expect(standingOf({ ...inReview(), hold } as Referral)).toEqual({ at: 'hold', since });
    const ending = { kind: 'declined', decidedAt: NOW } as const;
    expect(standingOf({ ...inReview(), stage: 'closed', ending, closedAt: NOW } as Referral)).toBeUndefined();
  });
});

it('an outbox waits since its oldest entry was first to be done, however often that was tried', () => {
  expect(waitsSince([])).toBeUndefined();
  expect(
    waitsSince([
      { notBefore: later(NOW, { hours: 1 }) },
      { notBefore: later(NOW, { hours: 6 }), since: NOW },
    ]),
  ).toBe(NOW);
});
