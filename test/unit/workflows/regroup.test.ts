/** Groups that run follow their entry in the directory: what moves, what stays, and who is told how often. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import {
  type CohortOutcome,
  cancelSession,
  changeSession,
  inOrder,
  newCohort,
  planOf,
  recordGroupRegister,
  ruleOf,
  welcome,
} from '../../../workflows/cohort.ts';
import { type CohortRecord, cohortRecordSchema } from '../../../workflows/cohort-record.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import type { In } from '../../../workflows/referral.ts';
import { followEntry, movedBy, startsAnew } from '../../../workflows/regroup.ts';
import { holdAfterAll, moveSession } from '../../../workflows/session-change.ts';
import { inWords, after as later, londonDate, londonTime, weekdayOf } from '../../../workflows/time.ts';
import { accepted, emailsTo, ID, NOW, stored, storedCohort } from './builders.ts';

const HIVE = findProgramme('hive-music') as Programme;
const GROUP = { id: '2027-01-12', startsOn: '2027-01-12', capacity: 8 };
const BEFORE: Programme = {
  ...HIVE,
  sessions: { ...HIVE.sessions, count: 12, minutes: 90, weekday: 2, time: '16:00', place: 'The hall' },
  cohorts: [GROUP],
};
/** Edits that once brought two sessions to one time: the group came back to where one had been left standing. */
const BACK_AND_FORTH = [
  { weekday: 1, time: '01:30', breaks: [{ from: '2027-01-10', to: '2027-01-19' }], cancel: null, days: 12 },
  { weekday: 1, time: '01:30', breaks: [{ from: '2027-01-17', to: '2027-01-26' }], cancel: null, days: 12 },
  { weekday: 2, time: '01:30', breaks: [], cancel: null, days: 13 },
  { weekday: 7, time: '16:00', breaks: [], cancel: 6, days: 17 },
  { weekday: 7, time: '01:30', breaks: [], cancel: null, days: 8 },
  { weekday: 7, time: '01:30', minutes: 90, breaks: [], cancel: null, days: 0 },
].map((each) => ({ minutes: 60, place: 'The hall', restore: null, move: null, ...each }));
/** After the third session. */
const WEEK_3 = '2027-01-26T19:00:00.000Z';

function group(programme = BEFORE): CohortRecord {
  const plan = planOf(programme, GROUP.id);
  if (!plan) throw new Error('no plan');
  const made = newCohort(plan, { id: ID, reference: 'GR-7K4M-2Q9X', now: NOW });
  return { ...welcome(made, NOW), outbox: [] };
}
const entry = (sessions: Partial<Programme['sessions']>, cohort: object = {}): Programme => ({
  ...{ ...BEFORE, sessions: { ...BEFORE.sessions, ...sessions } },
  cohorts: [{ ...GROUP, ...cohort }],
});
const whenOf = ({ sessions }: Pick<CohortRecord, 'sessions'>) =>
  inOrder({ sessions })
    .filter(({ status }) => status !== 'cancelled')
    .map(({ startsAt }) => `${londonDate(startsAt)} ${londonTime(startsAt)}`);
const slotIn = ({ startsAt, endsAt }: { startsAt: string; endsAt: string }) => [startsAt, endsAt];
const mondayOf = (at: string) => londonDate(later(at, { days: 1 - weekdayOf(londonDate(at)) }));
const ifStored = (outcome: CohortOutcome, cohort: CohortRecord) => ('refused' in outcome ? cohort : outcome);
const mails = ({ outbox }: CohortRecord) =>
  outbox.flatMap((each) => (each.kind === 'email' ? [`${each.message} ${each.session}`] : []));

describe('a group that runs', () => {
  it('moves its sessions to come to another weekday and time, also past a change of the clocks', () => {
    const cohort = group();
    const other = entry({ weekday: 4, time: '17:30' });
    const moved = followEntry(cohort, BEFORE, other, WEEK_3);
    cohortRecordSchema.parse(moved);
    expect(whenOf(moved)).toEqual([
      ...['2027-01-12 16:00', '2027-01-19 16:00', '2027-01-26 16:00'],
      ...['2027-02-04 17:30', '2027-02-11 17:30', '2027-02-18 17:30', '2027-02-25 17:30'],
      ...['2027-03-04 17:30', '2027-03-11 17:30', '2027-03-18 17:30', '2027-03-25 17:30', '2027-04-01 17:30'],
    ]);
    expect(moved.sessions.map(({ sequence }) => sequence)).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(mails(moved)).toEqual(['sessions-changed 4']);
    expect(movedBy(cohort, BEFORE, other, WEEK_3)).toHaveLength(9);
    // The same form again, and what the sweep does not know.
    expect(followEntry(moved, BEFORE, other, later(WEEK_3, { minutes: 1 }))).toBe(moved);
    expect(followEntry(moved, other, other, later(WEEK_3, { minutes: 1 }))).toBe(moved);
    // Whatever is cancelled from then on is held on the new day.
    const cancelled = storedCohort(cancelSession(moved, 5, WEEK_3));
    expect(whenOf(cancelled).at(-1)).toBe('2027-04-08 17:30');
  });

  it('that has a time and a place of its own keeps them when the programme has others, and follows its own', () => {
    const own = { time: '18:30', place: 'The barn' };
    const before = entry({}, own);
    const cohort = group(before);
    expect(whenOf(cohort)[0]).toBe('2027-01-12 18:30');
    const programme = entry({ time: '10:00', place: 'The school' }, own);
    expect(followEntry(cohort, before, programme, WEEK_3)).toBe(cohort);
    const later = entry({}, { time: '19:00', place: 'The shed' });
    const moved = followEntry(cohort, before, later, WEEK_3);
    expect(whenOf(moved).slice(2, 4)).toEqual(['2027-01-26 18:30', '2027-02-02 19:00']);
    expect([moved.place, movedBy(cohort, before, later, WEEK_3)[0]?.elsewhere]).toEqual(['The shed', true]);
    // Without one of its own it is when and where the others are.
    expect(whenOf(followEntry(cohort, before, BEFORE, WEEK_3))[3]).toBe('2027-02-02 16:00');
  });

  it('leaves out a new break, and takes one back, so that as many sessions are held', () => {
    const breaks = [{ from: '2027-02-15', to: '2027-02-21' }];
    const without = followEntry(group(), BEFORE, entry({}, { breaks }), WEEK_3);
    expect(whenOf(without)).toHaveLength(12);
    expect(whenOf(without)).not.toContain('2027-02-16 16:00');
    expect(whenOf(without).at(-1)).toBe('2027-04-06 16:00');
    expect(without.sessions.map(({ sequence }) => sequence).join('')).toBe('000001111111');
    const again = followEntry(without, entry({}, { breaks }), BEFORE, later(WEEK_3, { days: 1 }));
    expect(whenOf(again)).toEqual(whenOf(group()));
  });

  it('leaves what its facilitator has moved or cancelled, and whatever has begun', () => {
    const change = { startsAt: '2027-02-05T10:00:00.000Z', minutes: 60, place: 'The park' };
    const byHand = storedCohort(changeSession(group(), 4, change, WEEK_3));
    const cancelled = storedCohort(cancelSession(byHand, 6, WEEK_3));
    const moved = followEntry(cancelled, BEFORE, entry({ time: '18:00', place: 'The barn' }), WEEK_3);
    const [three, four, , six, seven] = moved.sessions.slice(2);
    expect([three?.sequence, four?.startsAt, four?.place]).toEqual([0, change.startsAt, 'The park']);
    expect(six).toEqual(cancelled.sessions[5]);
    expect(seven && inWords(seven.startsAt)).toContain('23 February 2027 at 6:00 pm');
    expect(whenOf(moved).at(-1)).toBe('2027-04-06 18:00');
    // During a session it goes on as it is.
    const during = movedBy(group(), BEFORE, entry({ time: '18:00' }), '2027-02-02T16:30:00.000Z');
    expect(during.map(({ number }) => number)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('leaves one that was put after the last where it is, and the week that it left empty', () => {
    const to = { date: '2027-04-06', time: '16:00', anyDay: true, basedOn: 0 };
    const moved = storedCohort(moveSession(group(), 6, to, NOW));
    expect(moved.sessions[5]?.plannedAt).toBe('2027-02-16T16:00:00.000Z');
    const rest = whenOf(moved).slice(3, -1);
    for (const more of [{ time: '16:30' }, { minutes: 120 }]) {
      const followed = followEntry(moved, BEFORE, entry(more), WEEK_3);
      expect(followed.sessions[5]).toEqual(moved.sessions[5]);
      const { time = '16:00' } = more as { time?: string };
      expect(whenOf(followed).slice(3, -1)).toEqual(rest.map((when) => when.replace('16:00', time)));
    }
    // Nor does what a break pushes on go there, or where that one is now.
    const breaks = [{ from: '2027-02-08', to: '2027-02-12' }];
    const pushed = followEntry(moved, BEFORE, entry({}, { breaks }), WEEK_3);
    expect(whenOf(pushed).slice(3)).toEqual(
      [
        ...['2027-02-02', '2027-02-23', '2027-03-02', '2027-03-09', '2027-03-16', '2027-03-23', '2027-03-30'],
        ...['2027-04-06', '2027-04-13'],
      ].map((day) => `${day} 16:00`),
    );
    // Put back, it is as any other.
    const back = storedCohort(moveSession(moved, 6, { ...to, date: '2027-02-16', basedOn: 1 }, NOW));
    expect(whenOf(followEntry(back, BEFORE, entry({ time: '16:30' }), WEEK_3))[5]).toBe('2027-02-16 16:30');
  });

  it('has nobody come sooner for a session that was not held this week, or could not be', () => {
    const later = '2027-02-02T17:40:00.000Z';
    const not = storedCohort(recordGroupRegister(group(), 4, { held: false }, later));
    const moved = followEntry(not, BEFORE, entry({ weekday: 4 }), '2027-02-03T09:00:00.000Z');
    expect(whenOf(moved).slice(3, 5)).toEqual(['2027-02-11 16:00', '2027-02-18 16:00']);
    expect(whenOf(moved)).toHaveLength(12);
    const breaks = [{ from: '2027-02-01', to: '2027-02-05' }];
    const before = entry({}, { breaks });
    const paused = followEntry(
      group(before),
      before,
      entry({ weekday: 4 }, { breaks: [] }),
      '2027-02-03T09:00:00.000Z',
    );
    expect(whenOf(paused)[3]).toBe('2027-02-11 16:00');
  });

  it('has no week for a session that is not needed', () => {
    const now = '2027-01-25T09:00:00.000Z';
    const cancelled = storedCohort(cancelSession(group(), 5, now));
    const restored = storedCohort(holdAfterAll(cancelled, 5, { basedOn: 1, anyDay: false }, now));
    const again = storedCohort(cancelSession(restored, 7, now));
    expect(whenOf(again).at(-1)).toBe('2027-04-06 16:00');
    const moved = followEntry(again, BEFORE, entry({ weekday: 4 }), WEEK_3);
    expect(whenOf(moved).at(-1)).toBe('2027-04-08 16:00');
    expect(whenOf(moved)).toHaveLength(12);
  });

  it('goes back to its weeks where the entry does, on the day on which it was wrong', () => {
    const thursdays = { ...entry({ weekday: 4 }, { startsOn: '2027-01-14' }) };
    const cohort = group(thursdays);
    const wednesday = '2027-02-03T09:00:00.000Z';
    const tuesdays = entry({}, { startsOn: '2027-01-14' });
    const wrong = followEntry(cohort, thursdays, tuesdays, wednesday);
    expect(whenOf(wrong)[3]).toBe('2027-02-09 16:00');
    const right = followEntry(wrong, tuesdays, thursdays, later(wednesday, { hours: 1 }));
    expect(whenOf(right)).toEqual(whenOf(cohort));
  });

  it('is told of another place, once, and of nothing that is no change of its sessions', () => {
    const there = entry({ place: 'The barn' });
    const moved = followEntry(group(), BEFORE, there, WEEK_3);
    expect(movedBy(group(), BEFORE, there, WEEK_3)[0]).toMatchObject({ number: 4, elsewhere: true });
    expect(whenOf(moved)).toEqual(whenOf(group()));
    expect(moved.sessions.map(({ sequence }) => sequence).join('')).toBe('000111111111');
    expect(followEntry(moved, BEFORE, there, later(WEEK_3, { minutes: 5 }))).toBe(moved);
    const same = group();
    expect(followEntry(same, BEFORE, entry({ count: 6, bring: 'A drum' }), WEEK_3)).toBe(same);
    expect(followEntry(same, BEFORE, { ...BEFORE, cohorts: [] }, WEEK_3)).toBe(same);
  });

  it('starts on another day where it has not begun, whatever weekday the others have', () => {
    const moved = followEntry(group(), BEFORE, entry({ weekday: 4 }, { startsOn: '2027-01-13' }), NOW);
    expect(whenOf(moved).slice(0, 2)).toEqual(['2027-01-13 16:00', '2027-01-20 16:00']);
  });

  it('has its next run as a group of its own, and none where it has not begun', () => {
    const next = (startsOn: string) => entry({}, { startsOn });
    const [last, after] = ['2027-03-30', '2027-03-31'];
    for (const now of [WEEK_3, '2027-06-01T09:00:00.000Z']) {
      expect([last, after].map((day) => startsAnew(group(), next(day), now))).toEqual([false, true]);
      expect(startsAnew(group(), BEFORE, now)).toBe(false);
      expect(startsAnew(group(), { ...BEFORE, cohorts: [] }, now)).toBe(false);
    }
    expect(startsAnew(group(), next(after), NOW)).toBe(false);
  });

  it('has each person told once of all that moves', () => {
    const cohortId = GROUP.id;
    const referral = { ...accepted() } as In<'programme'>;
    const joined = {
      ...referral,
      programme: { ...referral.programme, cohortId, joinedAt: NOW, sessions: [] },
    };
    const moved = followEntry(group(), BEFORE, entry({ time: '18:00' }), WEEK_3);
    const told = moved.outbox.filter(({ kind }) => kind === 'tell').map(({ session }) => session);
    expect(told).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const done = told.reduce(
      (person, number) => stored(learnOfSession(person, moved, number, WEEK_3)) as In<'programme'>,
      { ...joined, outbox: [] } as In<'programme'>,
    );
    expect(emailsTo(done)).toEqual(['session-moved → person']);
    expect(learnOfSession(done, moved, 4, WEEK_3)).toMatchObject({ refused: 'already-decided' });
    // Moved once more by its facilitator, it is a change of its own.
    const change = { startsAt: '2027-02-05T10:00:00.000Z', minutes: 60 };
    const byHand = storedCohort(changeSession(moved, 7, change, WEEK_3));
    const again = stored(learnOfSession({ ...done, outbox: [] }, byHand, 7, WEEK_3));
    expect(emailsTo(again)).toEqual(['session-moved → person']);
  });

  it('keeps as many sessions, at times of their own, through any edits of its entry', () => {
    const edit = fc.record({
      weekday: fc.integer({ min: 1, max: 7 }),
      time: fc.constantFrom<string>('01:30', '09:00', '16:00', '23:30'),
      minutes: fc.constantFrom<number>(60, 90),
      place: fc.constantFrom<string>('The hall', 'The barn'),
      breaks: fc.array(
        fc.integer({ min: 0, max: 150 }).map((day) => {
          const from = londonDate(later('2027-01-10T12:00:00.000Z', { days: day }));
          return { from, to: londonDate(later(`${from}T12:00:00.000Z`, { days: 9 })) };
        }),
        { maxLength: 3 },
      ),
      cancel: fc.option(fc.nat(15)),
      restore: fc.option(fc.nat(15)),
      move: fc.option(
        fc.record({
          ...{ index: fc.nat(15), days: fc.integer({ min: -20, max: 60 }) },
          time: fc.constantFrom<string>('09:30', '16:00', '17:00', '23:45'),
        }),
      ),
      days: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        let [cohort, known, now] = [group(), BEFORE, '2027-01-11T09:00:00.000Z'];
        for (const { breaks, cancel, restore, move, days, ...sessions } of edits) {
          const next = entry(sessions, { breaks });
          const moves = movedBy(cohort, known, next, now);
          const followed = followEntry(cohort, known, next, now);
          expect(followEntry(followed, known, next, now)).toBe(followed);
          for (const session of followed.sessions) {
            const was = cohort.sessions.find(({ number }) => number === session.number);
            const move = moves.find(({ number }) => number === session.number);
            expect(session.sequence).toBe((was?.sequence ?? 0) + (move ? 1 : 0));
            if (was && was.startsAt <= now) expect(session).toEqual(was);
            else if (session.status === 'planned') expect(session.startsAt > now).toBe(true);
            // What its facilitator put there stays, and the week that they left is nobody else's.
            if (was?.plannedAt !== undefined) expect(slotIn(session)).toEqual(slotIn(was));
            const left = session.status === 'cancelled' || session.plannedAt !== undefined;
            const week =
              left && !session.notNeeded ? mondayOf(session.plannedAt ?? session.startsAt) : undefined;
            const came = moves.filter(({ before, after }) => before.startsAt !== after.startsAt);
            expect(came.map(({ after }) => mondayOf(after.startsAt))).not.toContain(week);
          }
          const held = whenOf(followed);
          expect([held.length, new Set(held).size]).toEqual([12, 12]);
          const kept = inOrder(followed).filter(({ status }) => status !== 'cancelled');
          for (const [i, { startsAt }] of kept.entries()) {
            expect(startsAt >= (kept[i - 1]?.endsAt ?? '')).toBe(true);
          }
          expect(moves.length === 0 || ruleOf(followed).minutes === sessions.minutes).toBe(true);
          cohortRecordSchema.parse(followed);
          [cohort, known] = [followed, next];
          const session = cancel === null ? undefined : cohort.sessions[cancel];
          if (session && session.startsAt > now)
            cohort = storedCohort(cancelSession(cohort, session.number, now));
          const back = restore === null ? undefined : cohort.sessions[restore];
          const asked = { basedOn: back?.sequence ?? 0, anyDay: true };
          if (back) cohort = ifStored(holdAfterAll(cohort, back.number, asked, now), cohort);
          const byHand = move === null ? undefined : cohort.sessions[move.index];
          if (move && byHand) {
            const date = londonDate(later(byHand.startsAt, { days: move.days }));
            const to = { date, time: move.time, anyDay: true, basedOn: byHand.sequence };
            cohort = ifStored(moveSession(cohort, byHand.number, to, now), cohort);
          }
          now = later(now, { days });
        }
      }),
      { numRuns: 100, examples: [[BACK_AND_FORTH]] },
    );
  });
});
