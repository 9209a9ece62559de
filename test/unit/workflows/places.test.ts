/** The ledger of a programme's places, by rules alone: whatever is asked of it in whatever order, it promises no more than there is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import {
  cancelSession,
  changeSession,
  inOrder,
  newCohort,
  planOf,
  restoreSession,
} from '../../../workflows/cohort.ts';
import { raiseConcern, settleConcern } from '../../../workflows/concerns.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { callFromWaitingList, releaseOffer, replyToOffer } from '../../../workflows/offer.ts';
import {
  brokenPromises,
  callNext,
  freeIn,
  hasGroup,
  hold,
  inLine,
  joinableIn,
  type Need,
  NOTHING,
  nextFree,
  noPlaces,
  offeredAgain,
  outlookOf,
  type Places,
  placeOf,
  placesSchema,
  promised,
  type Standing,
  settle,
  standingOf,
  summaryOf,
  unsettled,
  type Waiting,
  withCohorts,
  withSessions,
} from '../../../workflows/places.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { after as later } from '../../../workflows/time.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import { emailsTo, entered, inReview, stored, storedCohort } from './builders.ts';

const NOW = '2026-11-23T09:00:00.000Z';
const HIVE = findProgramme('hive-music') as Programme;

/** A programme with groups of so many places, by the days on which they start. */
function programmeOf(groups: Record<string, number>): Programme {
  const cohorts = Object.entries(groups).map(([startsOn, capacity]) => ({
    ...{ id: startsOn, startsOn, capacity },
  }));
  return { ...HIVE, cohorts };
}

const [FIRST, SECOND, THIRD] = ['2027-01-12', '2027-04-13', '2027-07-13'] as const;
const idOf = (who: number) => who.toString(16).padStart(32, '0');
const ledger = (groups: Record<string, number>) =>
  withCohorts(noPlaces('hive-music', NOW), programmeOf(groups), 'changed', NOW);
const held = (outcome: ReturnType<typeof hold>): Places => {
  if ('refused' in outcome) throw new Error(`refused: ${outcome.refused}`);
  return outcome;
};
const waiting = (who: number, need: Need, since: string): [string, Standing] => [
  idOf(who),
  { state: 'waiting', offers: 1, offer: 1, need, since },
];

describe('a place', () => {
  const who = { referralId: idOf(1), offer: 1 };

  it('is held once for an offer, in the first group that has one, and held on when it is asked for again', () => {
    const one = held(hold(ledger({ [FIRST]: 1, [SECOND]: 1 }), who, NOW));
    expect(placeOf(one, idOf(1))).toMatchObject({ cohortId: FIRST, state: 'held' });
    expect(hold(one, who, NOW)).toBe(one);
    const longer = held(hold(one, who, later(NOW, { minutes: 14 })));
    expect(unsettled(longer, later(NOW, { minutes: 16 }))).toEqual([]);
    const two = held(hold(one, { ...who, referralId: idOf(2) }, NOW));
    expect(placeOf(two, idOf(2))?.cohortId).toBe(SECOND);
    expect(hold(two, { ...who, referralId: idOf(3) }, NOW)).toEqual({ refused: 'not-now' });
  });

  it('is kept for a decision that is on its way, and free again when none came', () => {
    const one = held(hold(ledger({ [FIRST]: 1 }), who, NOW));
    const nothing: Standing = { state: 'none', offers: 0 };
    expect(settle(one, idOf(1), nothing, later(NOW, { minutes: 5 }))).toBe(one);
    expect(settle(one, idOf(1), nothing, later(NOW, { minutes: 15 })).places).toEqual([]);
    // Another decision was taken: that offer is of another programme.
    expect(settle(one, idOf(1), { state: 'none', offers: 1 }, NOW).places).toEqual([]);
    expect(settle(one, idOf(1), NOTHING, NOW).places).toEqual([]);
  });

  it('is not held past those who wait, nor for an offer that is made or waits already', () => {
    const busy = settle(ledger({ [FIRST]: 1 }), ...waiting(9, 2, NOW), NOW);
    expect(hold(busy, who, NOW)).toEqual({ refused: 'not-now' });
    expect(hold(busy, { referralId: idOf(9), offer: 1 }, NOW)).toEqual({ refused: 'not-now' });
    const taken: Standing = { state: 'taken', offers: 2, offer: 2, cohortId: FIRST };
    const gone = settle(ledger({ [FIRST]: 3 }), idOf(1), taken, NOW);
    expect(hold(gone, who, NOW)).toEqual({ refused: 'not-now' });
  });

  it('that the provider has not is one fewer, once, and again only when they say so again', () => {
    const at = (minutes: number) => later(NOW, { minutes });
    const taken: Standing = { state: 'taken', offers: 1, offer: 1, cohortId: FIRST };
    const two = settle(held(hold(ledger({ [FIRST]: 3 }), who, at(1))), idOf(2), taken, at(1));
    const full = { offer: 1, cohortId: FIRST, at: at(2) };
    const says: Standing = { state: 'waiting', offers: 1, offer: 1, need: 2, since: at(2), full };
    const shrunk = callNext(settle(two, idOf(1), says, at(3)), at(3));
    // The other free place is another's: nobody else lost theirs.
    expect([freeIn(shrunk, FIRST), shrunk.waiting.length]).toEqual([1, 1]);
    const third = held(hold(shrunk, { referralId: idOf(3), offer: 1 }, at(3)));
    expect(placeOf(third, idOf(3))?.cohortId).toBe(FIRST);
    expect(settle(shrunk, idOf(1), says, at(4))).toBe(shrunk);
    // The directory says that there is room: what the provider said before is said no more.
    // Saving the entry as it is says nothing new.
    expect(withCohorts(shrunk, programmeOf({ [FIRST]: 3 }), 'changed', at(5))).toBe(shrunk);
    const again = callNext(offeredAgain(shrunk, FIRST), at(5));
    expect(placeOf(again, idOf(1))).toMatchObject({ called: true, cohortId: FIRST });
    expect(settle(again, idOf(1), says, at(6))).toBe(again);
    const saysAgain = { ...says, full: { ...full, at: at(7) } };
    const fewer = callNext(settle(again, idOf(1), saysAgain, at(8)), at(8));
    expect([freeIn(fewer, FIRST), fewer.cohorts[0]?.capacity]).toEqual([1, 2]);
  });

  it('is offered there again to whom it was refused once another has given one back, or the directory says another number', () => {
    const at = (minutes: number) => later(NOW, { minutes });
    const taken: Standing = { state: 'taken', offers: 1, offer: 1, cohortId: FIRST };
    const two = settle(held(hold(ledger({ [FIRST]: 3 }), who, at(1))), idOf(2), taken, at(1));
    const full = { offer: 1, cohortId: FIRST, at: at(2) };
    const says: Standing = { state: 'waiting', offers: 1, offer: 1, need: 2, since: at(2), full };
    const waits = callNext(settle(two, idOf(1), says, at(3)), at(3));
    expect(waits.waiting).toMatchObject([{ referralId: idOf(1), notIn: [FIRST] }]);
    placesSchema.parse(waits);
    const left = callNext(settle(waits, idOf(2), NOTHING, at(4)), at(4));
    expect(placeOf(left, idOf(1))).toMatchObject({ called: true, cohortId: FIRST });
    const more = callNext(withCohorts(waits, programmeOf({ [FIRST]: 4 }), 'changed', at(4)), at(4));
    expect(placeOf(more, idOf(1))).toMatchObject({ called: true, cohortId: FIRST });
  });

  it('that is none in one group either is looked for in the next, and then in neither', () => {
    const at = (minutes: number) => later(NOW, { minutes });
    let places = held(hold(ledger({ [FIRST]: 3, [SECOND]: 2 }), who, at(1)));
    const noRoomIn = (cohortId: string, minute: number): Standing => ({
      ...{ state: 'waiting', offers: 1, offer: 1, need: 2, since: at(2) },
      full: { offer: 1, cohortId, at: at(minute) },
    });
    places = callNext(settle(places, idOf(1), noRoomIn(FIRST, 2), at(3)), at(3));
    expect(placeOf(places, idOf(1))).toMatchObject({ called: true, cohortId: SECOND, notIn: [FIRST] });
    const offered: Standing = { state: 'held', offers: 1, offer: 1, cohortId: SECOND };
    places = settle(places, idOf(1), offered, at(4));
    places = callNext(settle(places, idOf(1), noRoomIn(SECOND, 5), at(6)), at(6));
    expect([places.places, places.waiting[0]?.notIn]).toEqual([[], [FIRST, SECOND]]);
    expect([freeIn(places, FIRST), freeIn(places, SECOND)]).toEqual([2, 1]);
    // Whoever comes now is not held up by somebody for whom there is no room there.
    expect(outlookOf(programmeOf({ [FIRST]: 3, [SECOND]: 2 }), summaryOf(places), at(7))).toEqual({
      ...{ next: 'place', cohortId: FIRST, startsOn: FIRST, free: 2 },
    });
    const other = held(hold(places, { referralId: idOf(2), offer: 1 }, at(7)));
    expect(placeOf(other, idOf(2))?.cohortId).toBe(FIRST);
  });
});

describe('a group that was chosen for somebody', () => {
  const who = { referralId: idOf(1), offer: 1 };
  const both = ledger({ [FIRST]: 1, [SECOND]: 1 });
  const at = (minutes: number) => later(NOW, { minutes });
  const waits: Standing = { state: 'waiting', offers: 1, offer: 1, need: 2, since: NOW, chosen: SECOND };

  it('is the one in which a place is held, and no other', () => {
    const one = held(hold(both, { ...who, chosen: SECOND }, NOW));
    expect(placeOf(one, idOf(1))?.cohortId).toBe(SECOND);
    expect(hold(one, { ...who, chosen: SECOND }, NOW)).toBe(one);
    expect(hold(one, { referralId: idOf(2), offer: 1, chosen: SECOND }, NOW)).toEqual({ refused: 'not-now' });
    // The other group is there for whoever takes any.
    expect(placeOf(held(hold(one, { referralId: idOf(2), offer: 1 }, NOW)), idOf(2))?.cohortId).toBe(FIRST);
    // A decision of a moment before may be on its way: nobody is promised two places.
    expect(hold(one, { ...who, chosen: FIRST }, NOW)).toEqual({ refused: 'not-now' });
    expect(hold(both, { ...who, chosen: 'never-was' }, NOW)).toEqual({ refused: 'not-now' });
  });

  it('is the one for which they wait, past others for whom any will do, and who comes after them waits for it too', () => {
    const full = held(hold(both, { referralId: idOf(2), offer: 1, chosen: SECOND }, NOW));
    const line = callNext(settle(full, idOf(1), waits, at(1)), at(1));
    expect(line.waiting).toMatchObject([{ referralId: idOf(1), chosen: SECOND }]);
    expect([freeIn(line, FIRST), freeIn(line, SECOND)]).toEqual([1, 0]);
    placesSchema.parse(line);
    const programme = programmeOf({ [FIRST]: 1, [SECOND]: 1 });
    expect(joinableIn(programme, summaryOf(line), at(2))).toEqual([
      { id: FIRST, startsOn: FIRST, free: 1 },
      { id: SECOND, startsOn: SECOND, free: 0 },
    ]);
    expect(outlookOf(programme, summaryOf(line), at(2), SECOND)).toMatchObject({ next: 'waiting-list' });
    // Nobody is ahead in the other group.
    const third = held(hold(line, { referralId: idOf(3), offer: 1 }, at(2)));
    expect(placeOf(third, idOf(3))?.cohortId).toBe(FIRST);
    const left = callNext(settle(third, idOf(2), NOTHING, at(3)), at(3));
    expect(placeOf(left, idOf(1))).toMatchObject({ called: true, cohortId: SECOND });
    expect(settle(left, idOf(1), { ...waits, since: at(9) }, at(4))).toBe(left);
  });

  it.each([
    [
      'once nobody can join it any more',
      both,
      '2027-08-01T09:00:00.000Z',
      { [FIRST]: 1, [SECOND]: 1, [THIRD]: 1 },
      THIRD,
    ],
    ['once the directory has it no more', both, at(5), { [FIRST]: 1 }, FIRST],
  ])('is forgotten, and any other will do: %s', (_, places, then, groups, cohortId) => {
    const line = settle(
      held(hold(places, { ...who, referralId: idOf(2), chosen: SECOND }, NOW)),
      idOf(1),
      waits,
      NOW,
    );
    const after = callNext(withCohorts(line, programmeOf(groups), 'changed', then), then);
    expect(placeOf(after, idOf(1))).toMatchObject({ called: true, cohortId });
  });
});

describe('groups', () => {
  it('come from the directory; one that it has no more gives nobody a place, and keeps those who have one', () => {
    const one = held(hold(ledger({ [FIRST]: 2 }), { referralId: idOf(1), offer: 1 }, NOW));
    const without = withCohorts(one, programmeOf({ [SECOND]: 1 }), 'changed', NOW);
    expect(placeOf(without, idOf(1))?.cohortId).toBe(FIRST);
    expect(nextFree(without, NOW)).toBe(SECOND);
    // An older copy of the directory does not bring it back.
    const older = withCohorts(without, programmeOf({ [FIRST]: 2 }), 'new', NOW);
    expect([freeIn(older, FIRST), freeIn(older, SECOND)]).toEqual([0, 1]);
    const empty = settle(without, idOf(1), NOTHING, NOW);
    expect(freeIn(empty, FIRST)).toBe(0);
    const nextYear = '2028-01-01T00:00:00.000Z';
    const ids = withCohorts(empty, programmeOf({ [SECOND]: 1 }), 'changed', nextYear).cohorts.map(
      ({ id }) => id,
    );
    expect(ids).toEqual([SECOND]);
  });

  it('of a programme that has ended keep their people, and give nobody a place until it goes on', () => {
    const at = (minutes: number) => later(NOW, { minutes });
    const one = held(hold(ledger({ [FIRST]: 1, [SECOND]: 1 }), { referralId: idOf(1), offer: 1 }, NOW));
    const ended: Programme = {
      ...programmeOf({ [FIRST]: 1, [SECOND]: 1 }),
      status: 'defunct',
      accepting: false,
    };
    const over = settle(withCohorts(one, ended, 'changed', at(1)), ...waiting(2, 2, NOW), at(1));
    expect([hasGroup(one), hasGroup(over)]).toEqual([true, false]);
    const left = callNext(settle(over, idOf(1), NOTHING, at(2)), at(2));
    expect([left.places, left.waiting.length]).toEqual([[], 1]);
    // A copy of the directory from before calls nobody either; who takes no referrals for a while goes on with those who wait.
    const stale = withCohorts(left, programmeOf({ [FIRST]: 1, [SECOND]: 1 }), 'new', at(3));
    expect(callNext(stale, at(3)).places).toEqual([]);
    const pausing: Programme = { ...ended, status: 'temporarily closed' };
    const again = callNext(withCohorts(left, pausing, 'changed', at(4)), at(4));
    expect(placeOf(again, idOf(2))).toMatchObject({ called: true, cohortId: FIRST });
  });

  it('keep what the provider said of them while the directory says the same', () => {
    const programme = programmeOf({ [FIRST]: 4 });
    const one = ledger({ [FIRST]: 4 });
    const full = { ...one, cohorts: one.cohorts.map((each) => ({ ...each, capacity: 2 })) };
    expect(withCohorts(full, programme, 'changed', NOW)).toBe(full);
    expect(withCohorts(full, programme, 'new', NOW)).toBe(full);
    expect(freeIn(offeredAgain(full, FIRST), FIRST)).toBe(4);
    expect(freeIn(withCohorts(full, programmeOf({ [FIRST]: 5 }), 'changed', NOW), FIRST)).toBe(5);
  });

  it('are joined until their sixth session, which comes later where there are breaks', () => {
    const [plain] = ledger({ [FIRST]: 1 }).cohorts;
    expect(plain?.joinUntil.slice(0, 10)).toBe('2027-02-16');
    const programme = programmeOf({ [FIRST]: 1 });
    const [cohort] = programme.cohorts ?? [];
    if (!cohort) throw new Error('no cohort');
    const broken = { ...cohort, breaks: [{ from: '2027-02-09', to: '2027-02-16' }] };
    const places = withCohorts(
      noPlaces('hive-music', NOW),
      { ...programme, cohorts: [broken] },
      'changed',
      NOW,
    );
    expect(places.cohorts[0]?.joinUntil.slice(0, 10)).toBe('2027-03-02');
    expect(nextFree(places, '2027-03-01T09:00:00.000Z')).toBe(FIRST);
    expect(nextFree(places, '2027-03-03T09:00:00.000Z')).toBeUndefined();
  });

  describe('that run', () => {
    const programme = programmeOf({ [FIRST]: 1 });
    const run = (count = 12) => {
      const plan = planOf({ ...programme, sessions: { ...programme.sessions, count } }, FIRST);
      if (!plan) throw new Error('no group');
      return newCohort(plan, { id: idOf(9), reference: 'GR-7K4M-2Q9X', now: NOW });
    };

    it('are joined as their own sessions are, also once the directory is read again: a place goes to whoever waits', () => {
      const planned = ledger({ [FIRST]: 1 });
      expect(withSessions(planned, run()).cohorts[0]?.joinUntil).toBe(planned.cohorts[0]?.joinUntil);
      const off = [1, 2, 3, 4, 5, 6].reduce((group, n) => storedCohort(cancelSession(group, n, NOW)), run());
      const over = later('2027-02-16T16:00:00.000Z', { minutes: 1 });
      const line = settle(planned, ...waiting(1, 2, NOW), NOW);
      expect(callNext(line, over).places).toEqual([]);
      const told = withSessions(line, off);
      expect(told.cohorts[0]?.joinUntil).toBe(
        inOrder(off).filter((each) => each.status === 'planned')[5]?.startsAt,
      );
      expect(withSessions(told, off)).toBe(told);
      expect(placesSchema.parse(told)).toEqual(told);
      for (const which of ['new', 'changed'] as const) {
        const read = withCohorts(told, programme, which, over);
        expect(read).toBe(told);
        expect(callNext(read, over).places).toMatchObject([{ referralId: idOf(1), cohortId: FIRST }]);
        expect(joinableIn(programme, summaryOf(read), over).map(({ id }) => id)).toEqual([FIRST]);
      }
      const more = withCohorts(told, programmeOf({ [FIRST]: 2 }), 'changed', over);
      expect(more.cohorts[0]).toMatchObject({ said: 2, joinUntil: told.cohorts[0]?.joinUntil });
      // Of a group that the ledger does not know nothing is said.
      expect(withSessions(planned, { ...off, cohortId: 'other' })).toBe(planned);
    });

    it('leave half of their sessions to whoever joins last, whatever was cancelled, held after all or moved', () => {
      const change = fc.record({
        how: fc.constantFrom('cancel' as const, 'restore' as const, 'move' as const),
        number: fc.integer({ min: 1, max: 24 }),
        days: fc.integer({ min: 1, max: 120 }),
      });
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 12 }),
          fc.array(change, { maxLength: 20 }),
          (count, changes) => {
            let group = run(count);
            for (const { how, number, days } of changes) {
              const { startsAt = NOW, sequence = 0 } =
                group.sessions.find((each) => each.number === number) ?? {};
              const outcome =
                how === 'cancel'
                  ? cancelSession(group, number, NOW)
                  : how === 'restore'
                    ? restoreSession(group, number, sequence, NOW)
                    : changeSession(group, number, { startsAt: later(startsAt, { days }), minutes: 60 }, NOW);
              if (!('refused' in outcome)) group = outcome;
            }
            const { joinUntil = '' } = withSessions(ledger({ [FIRST]: 1 }), group).cohorts[0] ?? {};
            const kept = group.sessions.filter(({ status }) => status !== 'cancelled');
            expect(kept).toHaveLength(count);
            const missed = kept.filter(({ startsAt }) => startsAt < joinUntil).length;
            expect(missed).toBeLessThanOrEqual(Math.min(5, count / 2));
          },
        ),
        { numRuns: 200 },
      );
    });
  });

  it('of few sessions are joined while at most half of them are over, and so that one is left', () => {
    const until = (count: number) => {
      const programme = programmeOf({ [FIRST]: 1 });
      const short = { ...programme, sessions: { ...programme.sessions, count } };
      return withCohorts(noPlaces('hive-music', NOW), short, 'changed', NOW).cohorts[0]?.joinUntil.slice(
        0,
        10,
      );
    };
    expect([1, 2, 3, 4, 6].map(until)).toEqual([
      '2027-01-12',
      '2027-01-12',
      '2027-01-12',
      '2027-01-19',
      '2027-01-26',
    ]);
    expect([12, 20].map(until)).toEqual(['2027-02-16', '2027-02-16']);
  });

  it('of fewer places than are promised are named, with how many', () => {
    const one = held(hold(ledger({ [FIRST]: 2 }), { referralId: idOf(1), offer: 1 }, NOW));
    const two = summaryOf(held(hold(one, { referralId: idOf(2), offer: 1 }, NOW)));
    expect(brokenPromises(two, programmeOf({ [FIRST]: 2 }))).toEqual([]);
    expect(brokenPromises(two, programmeOf({ [FIRST]: 1 }))).toEqual([
      { id: FIRST, promised: 2, gone: false },
    ]);
    expect(brokenPromises(two, programmeOf({ [SECOND]: 9 }))).toEqual([
      { id: FIRST, promised: 2, gone: true },
    ]);
  });

  it('are told in numbers of what somebody would get', () => {
    const programme = programmeOf({ [FIRST]: 1, [SECOND]: 3 });
    expect(outlookOf(HIVE, undefined, NOW)).toBeUndefined();
    expect(outlookOf(programme, undefined, NOW)).toEqual({
      ...{ next: 'place', cohortId: FIRST, startsOn: FIRST, free: 1 },
    });
    const one = held(hold(ledger({ [FIRST]: 1 }), { referralId: idOf(1), offer: 1 }, NOW));
    expect(outlookOf(programme, summaryOf(one), NOW)).toEqual({
      ...{ next: 'place', cohortId: SECOND, startsOn: SECOND, free: 3 },
    });
    const alone = programmeOf({ [FIRST]: 1 });
    expect(outlookOf(alone, summaryOf(one), NOW)).toEqual({ next: 'waiting-list', waiting: 0, open: true });
    const line = settle(one, ...waiting(2, 2, NOW), NOW);
    expect(outlookOf(alone, summaryOf(line), NOW)).toMatchObject({ waiting: 1 });
    // Whoever waits comes first.
    expect(outlookOf(programme, summaryOf(line), NOW)).toMatchObject({ next: 'waiting-list' });
    const over = '2028-01-01T00:00:00.000Z';
    expect(outlookOf(alone, undefined, over)).toEqual({ next: 'waiting-list', waiting: 0, open: false });
  });
});

describe('what a referral stands for', () => {
  const keysOf = ({ outbox }: Referral) =>
    outbox.filter(({ kind }) => kind === 'places').map(({ key }) => key);
  const match = (place: 'waiting-list' | { cohortId: string }): Referral => {
    const decision = { decision: 'match', programmeId: 'hive-music', place } as const;
    return stored(decideReview(inReview(), 'review-1', decision, NOW));
  };

  it('follows its offer from the match to the programme', () => {
    expect(standingOf(inReview(), 'hive-music')).toEqual({ state: 'none', offers: 0 });
    const offered = entered(match({ cohortId: FIRST }), 'provider');
    expect(standingOf(offered, 'hive-music')).toMatchObject({ state: 'held', offer: 1, cohortId: FIRST });
    expect(standingOf(offered, 'example-crafts')).toEqual({ state: 'none', offers: 1 });
    const accept = { reply: 'accept', cohortId: FIRST, sessions: 12, sessionMinutes: 90 } as const;
    const first = { ...accept, firstSessionAt: '2027-01-12T16:00:00.000Z' };
    const joined = stored(replyToOffer(offered, 'offer-1', first, NOW));
    expect(standingOf(joined, 'hive-music')).toMatchObject({ state: 'taken', cohortId: FIRST });
    expect(standingOf(match('waiting-list'), 'hive-music')).toMatchObject({
      ...{ state: 'waiting', offer: 1, since: NOW, need: 2 },
    });
    const undone = stored(undoDecision(offered, 'review-1', NOW));
    expect(standingOf(undone, 'hive-music')).toEqual({ state: 'none', offers: 1 });
  });

  it('waits as urgently as it is in the worklist: by what is open now, and not by what was ticked long ago', () => {
    const needOf = (referral: Referral) => standingOf(referral, 'hive-music') as { need?: Need };
    const waits = match('waiting-list');
    const says = (request: object): Referral => ({ ...waits, request: { ...waits.request, ...request } });
    // Somebody has reviewed it: the danger of then is a known risk.
    expect(needOf(says({ danger: true }))).toMatchObject({ need: 1 });
    expect(needOf(says({ risks: { known: true, detail: 'Falls' } }))).toMatchObject({ need: 1 });
    const amina = { id: 'm-1', name: 'Amina Rahman' };
    for (const [kind, need] of [
      ['unsafe', 0],
      ['contact', 1],
    ] as const) {
      const raised = raiseConcern({ ...waits, outbox: [] }, kind, NOW);
      expect([needOf(raised), keysOf(raised)]).toMatchObject([
        { need },
        [expect.stringMatching(/^places:hive-music:/)],
      ]);
      const settled = stored(settleConcern({ ...raised, outbox: [] }, 1, amina, NOW));
      expect([needOf(settled), keysOf(settled)]).toMatchObject([
        { need: 2 },
        [expect.stringMatching(/^places:hive-music:/)],
      ]);
    }
    // Whoever has a place, or had one, waits in no line.
    const holds = entered(match({ cohortId: FIRST }), 'provider');
    for (const other of [holds, inReview()]) {
      expect(keysOf(raiseConcern({ ...other, outbox: [] }, 'unsafe', NOW))).toEqual([]);
    }
  });

  it('says which group was chosen, also after the provider had no room there', () => {
    const decision = { decision: 'match', programmeId: 'hive-music', cohortId: SECOND } as const;
    const decided = (place: 'waiting-list' | { cohortId: string }) =>
      stored(decideReview(inReview(), 'review-1', { ...decision, place }, NOW));
    const waits = { state: 'waiting', chosen: SECOND };
    expect(standingOf(decided('waiting-list'), 'hive-music')).toMatchObject(waits);
    const offered = entered(decided({ cohortId: SECOND }), 'provider');
    expect(standingOf(offered, 'hive-music')).toMatchObject({ state: 'held', cohortId: SECOND });
    const listed = stored(replyToOffer(offered, 'offer-1', { reply: 'waitlist' }, NOW));
    expect(standingOf(listed, 'hive-music')).toMatchObject(waits);
  });

  it('says where the provider had no room', () => {
    const offered = entered(match({ cohortId: FIRST }), 'provider');
    const full = { offer: 1, cohortId: FIRST, at: NOW };
    const listed = stored(replyToOffer(offered, 'offer-1', { reply: 'waitlist' }, NOW));
    expect(standingOf(listed, 'hive-music')).toMatchObject({ state: 'waiting', full });
    const no = { reply: 'decline', reason: 'no-capacity' } as const;
    const declined = stored(replyToOffer(offered, 'offer-1', no, NOW));
    expect(standingOf(declined, 'hive-music')).toEqual({ state: 'none', offers: 1, full });
    // By the directory there was a place: the coordinator finds out which is right, each time that it is said.
    for (const told of [listed, declined]) expect(emailsTo(told)).toContain('no-room → coordinator');
    const again = stored(replyToOffer({ ...listed, outbox: [] }, 'offer-1', { reply: 'waitlist' }, NOW));
    expect(emailsTo(again)).toEqual([]);
    const other = { reply: 'decline', reason: 'not-eligible' } as const;
    expect(emailsTo(stored(replyToOffer(offered, 'offer-1', other, NOW)))).not.toContain(
      'no-room → coordinator',
    );
  });

  it('keeps its turn when the provider says nothing: who is matched there again has waited since the first time', () => {
    const again = (from: Referral, programmeId: string): Referral => {
      const decision = { decision: 'match', programmeId, place: 'waiting-list' } as const;
      return stored(decideReview(entered(from, 'review'), 'review-2', decision, later(NOW, { days: 90 })));
    };
    const place = { offer: 1, cohortId: FIRST };
    const called = stored(callFromWaitingList(match('waiting-list'), place, later(NOW, { days: 60 })));
    const released = stored(releaseOffer(entered(called, 'provider'), later(NOW, { days: 80 })));
    expect(standingOf(again(released, 'hive-music'), 'hive-music')).toMatchObject({
      ...{ state: 'waiting', offer: 2, since: NOW },
    });
    expect(standingOf(again(released, 'example-crafts'), 'example-crafts')).toMatchObject({
      since: later(NOW, { days: 90 }),
    });
    // Who was refused waits anew.
    const no = { reply: 'decline', reason: 'not-eligible' } as const;
    const declined = stored(replyToOffer(entered(match('waiting-list'), 'provider'), 'offer-1', no, NOW));
    expect(standingOf(again(declined, 'hive-music'), 'hive-music')).toMatchObject({
      since: later(NOW, { days: 90 }),
    });
  });

  it('has its turn since it was first offered, whatever kept its provider from giving a place', () => {
    const at = (days: number) => later(NOW, { days });
    const offered = entered(match({ cohortId: FIRST }), 'provider');
    const decision = { decision: 'match', programmeId: 'hive-music', place: 'waiting-list' } as const;
    const listedAgain = (back: Referral) =>
      stored(decideReview(entered(back, 'review'), 'review-2', decision, at(15)));
    const noRoom = { reply: 'decline', reason: 'no-capacity' } as const;
    const since = { state: 'waiting', since: NOW };
    for (const referral of [
      // Silent for a fortnight.
      listedAgain(stored(releaseOffer(offered, at(14)))),
      listedAgain(stored(replyToOffer(offered, 'offer-1', noRoom, at(14)))),
      stored(replyToOffer(offered, 'offer-1', { reply: 'waitlist' }, at(13))),
    ]) {
      expect(standingOf(referral, 'hive-music')).toMatchObject(since);
      // The pages say when they were put on the list.
      expect(referral.offers.at(-1)?.waitlistedAt).not.toBe(NOW);
    }
  });

  it('is not a place that was given back in another tab', () => {
    const offered = entered(match({ cohortId: FIRST }), 'provider');
    const listed = stored(replyToOffer(offered, 'offer-1', { reply: 'waitlist' }, NOW));
    const accept = { reply: 'accept', cohortId: FIRST, sessions: 12, sessionMinutes: 90 } as const;
    const first = { ...accept, firstSessionAt: '2027-01-12T16:00:00.000Z' };
    expect(replyToOffer(listed, 'offer-1', first, NOW)).toEqual({ refused: 'not-now' });
  });
});

/** Something that happens to a ledger, or to one of the people whom it knows. */
const step = fc.record({
  what: fc.oneof(
    { weight: 4, arbitrary: fc.constant('match') },
    { weight: 6, arbitrary: fc.constantFrom('hold', 'decide', 'settle', 'tell') },
    { weight: 5, arbitrary: fc.constantFrom('lose', 'accept', 'no', 'leave', 'due') },
    { weight: 2, arbitrary: fc.constantFrom('full', 'still-full', 'capacity', 'again', 'sweep', 'later') },
  ),
  who: fc.nat(5),
  n: fc.nat(3),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A person as their referral would have it. */
type Somebody = {
  standing: Standing;
  need: Need;
  /** The group that was chosen for them with their newest offer. */
  chosen?: string | undefined;
  holds?: { place: string | 'waiting-list'; until: string };
};

/** Whether somebody waits for another group only, which can still be joined. */
function waitsElsewhere({ cohorts }: Places, { chosen }: Waiting, cohortId: string, now: string): boolean {
  const other = cohorts.find(({ id }) => id === chosen && id !== cohortId);
  return other !== undefined && other.said > 0 && other.joinUntil > now;
}

function chosenBy({ chosen }: { chosen?: string | undefined }): { chosen?: string } {
  return chosen === undefined ? {} : { chosen };
}

/** Somebody gave a place there back, or its capacity is another. */
function hasChanged(from: Places, to: Places, cohortId: string): boolean {
  const capacityIn = ({ cohorts }: Places) => cohorts.find(({ id }) => id === cohortId)?.capacity;
  const back = from.places.filter(
    (each) => each.cohortId === cohortId && placeOf(to, each.referralId)?.cohortId !== cohortId,
  );
  return back.length > 0 || capacityIn(from) !== capacityIn(to);
}

class Model {
  readonly people: Somebody[] = Array.from({ length: 6 }, (_, i) => ({
    standing: { state: 'none', offers: 0 },
    need: (i % 3) as Need,
  }));
  groups: Record<string, number> = { [FIRST]: 1, [SECOND]: 1 };
  now = NOW;
  places = ledger(this.groups);
  calls = 0;
  refusals = 0;

  /** Does it, and checks what must hold of every change. */
  do({ what, who, n }: Step): void {
    // Nobody does two things at once.
    this.now = later(this.now, { minutes: 1 });
    const person = this.people[who];
    if (!person) throw new Error('nobody');
    const { standing } = person;
    const { offers } = standing;
    const next = { offer: offers + 1, offers: offers + 1 };
    const left = (full?: { cohortId: string }): Standing => ({
      ...{ state: 'none', offers },
      ...(full ? { full: { offer: offers, cohortId: full.cohortId, at: this.now } } : {}),
    });
    switch (what) {
      case 'hold': {
        if (standing.state !== 'none') return;
        // The same double click chooses the same.
        if (!person.holds) person.chosen = [undefined, undefined, FIRST, SECOND][n];
        const { chosen } = person;
        const outcome = hold(this.places, { referralId: idOf(who), offer: next.offer, chosen }, this.now);
        const until = later(this.now, { minutes: 14 });
        if ('refused' in outcome) {
          this.refusals += 1;
          person.holds = { place: 'waiting-list', until };
          return;
        }
        this.#change(outcome);
        person.holds = { place: placeOf(outcome, idOf(who))?.cohortId ?? '', until };
        return;
      }
      case 'decide': {
        const { place, until } = person.holds ?? {};
        delete person.holds;
        // No function runs for longer.
        if (place === undefined || until === undefined || until < this.now) return;
        person.standing =
          place === 'waiting-list'
            ? { state: 'waiting', ...next, since: this.now, need: person.need, ...chosenBy(person) }
            : { state: 'held', ...next, cohortId: place };
        return;
      }
      case 'lose':
        // Another decision stood: here, an offer of another programme that came to nothing.
        if (!person.holds || standing.state !== 'none') return;
        delete person.holds;
        person.standing = { state: 'none', offers: n % 2 === 0 ? offers : offers + 1 };
        return;
      case 'match':
        for (const each of ['hold', 'decide', 'settle'] as const) this.do({ what: each, who, n });
        return;
      case 'accept':
        if (standing.state === 'held') person.standing = { ...standing, state: 'taken' };
        return;
      case 'no':
        if (standing.state === 'held') person.standing = left();
        return;
      case 'full':
        if (standing.state === 'held') person.standing = left(standing);
        return;
      case 'still-full':
        if (standing.state !== 'held') return;
        person.standing = {
          ...{ state: 'waiting', offers, offer: standing.offer, need: person.need, since: this.now },
          ...chosenBy(person),
          full: { offer: standing.offer, cohortId: standing.cohortId, at: this.now },
        };
        return;
      case 'leave':
        if (standing.state !== 'none') person.standing = left();
        return;
      case 'tell': {
        const entry = placeOf(this.places, idOf(who));
        const waits = standing.state === 'waiting' && entry?.called && entry.offer === standing.offer;
        if (waits) person.standing = { state: 'held', offers, offer: entry.offer, cohortId: entry.cohortId };
        return;
      }
      case 'settle':
        this.#settle(who);
        return;
      case 'due':
        for (const { referralId } of unsettled(this.places, this.now))
          this.#settle(Number(`0x${referralId}`));
        return;
      case 'again':
        this.#change(callNext(offeredAgain(this.places, n % 2 === 0 ? FIRST : SECOND), this.now));
        return;
      case 'capacity':
        this.groups = { ...this.groups, [n % 2 === 0 ? FIRST : SECOND]: 1 + (n >> 1) };
        this.#change(
          callNext(withCohorts(this.places, programmeOf(this.groups), 'changed', this.now), this.now),
        );
        return;
      case 'sweep':
        this.#change(
          callNext(withCohorts(this.places, programmeOf(this.groups), 'changed', this.now), this.now),
        );
        return;
      case 'later':
        this.now = later(this.now, { minutes: 15 });
    }
  }

  #settle(who: number): void {
    const { standing } = this.people[who] ?? { standing: NOTHING };
    const settled = settle(this.places, idOf(who), standing, this.now);
    expect(settle(settled, idOf(who), standing, this.now)).toBe(settled);
    this.#change(callNext(settled, this.now));
    // Whoever is next has been called.
    for (const each of this.places.waiting)
      expect(nextFree(this.places, this.now, each), 'waits, and there is a place').toBeUndefined();
  }

  #change(to: Places): void {
    const from = this.places;
    this.places = to;
    for (const { id, capacity } of to.cohorts) {
      const [before, now] = [promised(from, id), promised(to, id)];
      expect(now <= capacity || now <= before, `${id}: ${now} of ${capacity}, ${before} before`).toBe(true);
    }
    const ids = [...to.places, ...to.waiting].map(({ referralId }) => referralId);
    expect(new Set(ids).size).toBe(ids.length);
    this.#checkOrder(from, to);
  }

  /** Nobody is called before somebody who was ahead of them and is still waiting. */
  #checkOrder(from: Places, to: Places): void {
    const called = to.places.filter((each) => each.called && !from.places.includes(each));
    const wasCalled = (id: string) => from.places.some((each) => each.referralId === id && each.called);
    const news = called.filter(({ referralId }) => !wasCalled(referralId));
    this.calls += news.length;
    const ahead = (a: Waiting, b: Waiting) => inLine({ waiting: [a, b] })[0] === a;
    // The ledger may not know yet that somebody left and waits for another offer; who is put into the line and called at once is as they say.
    const entryOf = (id: string, offer: number): Waiting | undefined => {
      const { standing, need } = this.people[Number(`0x${id}`)] ?? {};
      const known = from.waiting.find((each) => each.referralId === id && each.offer === offer);
      return known || standing?.state !== 'waiting'
        ? known
        : {
            ...{ referralId: id, offer: standing.offer, since: standing.since, need: need ?? 2 },
            ...chosenBy({ chosen: standing.chosen }),
          };
    };
    for (const { referralId, cohortId, offer } of news) {
      const mine = entryOf(referralId, offer);
      const wasNotIn = from.waiting.find((each) => each.referralId === referralId)?.notIn ?? [];
      if (wasNotIn.includes(cohortId))
        expect(hasChanged(from, to, cohortId), 'had no room for them').toBe(true);
      if (!mine) continue;
      expect(waitsElsewhere(to, mine, cohortId, this.now), 'is called elsewhere').toBe(false);
      const others = to.waiting.filter(
        (each) => !each.notIn?.includes(cohortId) && !waitsElsewhere(to, each, cohortId, this.now),
      );
      for (const left of others) expect(ahead(left, mine), 'somebody ahead still waits').toBe(false);
    }
  }

  /** Lets everything come to rest. */
  rest(): void {
    placesSchema.parse(this.places);
    this.now = later(this.now, { minutes: 20 });
    for (const person of this.people) delete person.holds;
    for (let turn = 0; turn < 3; turn++) {
      for (const what of ['settle', 'tell', 'settle'] as const) {
        for (const who of this.people.keys()) this.do({ what, who, n: 0 });
      }
    }
  }
}

describe('any sequence', () => {
  it('promises no more than there is, keeps the order of the line, and comes to what the referrals say', () => {
    const seen = { calls: 0, refusals: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 120, size: 'max' }), (steps) => {
        const model = new Model();
        for (const each of steps) model.do(each);
        model.rest();
        seen.calls += model.calls;
        seen.refusals += model.refusals;
        for (const [who, { standing }] of model.people.entries()) {
          const entry = placeOf(model.places, idOf(who));
          const line = model.places.waiting.find(({ referralId }) => referralId === idOf(who));
          const is = entry ? entry.state : line ? 'waiting' : 'none';
          expect(is, `person ${who}`).toBe(standing.state);
          expect([entry?.called, entry?.settleAt]).toEqual([undefined, undefined]);
          if ('cohortId' in standing) expect(entry?.cohortId).toBe(standing.cohortId);
        }
      }),
      { numRuns: 200 },
    );
    // It has been tried.
    expect(seen.calls).toBeGreaterThan(100);
    expect(seen.refusals).toBeGreaterThan(100);
  });
});
