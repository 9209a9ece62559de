/** The rules of a group: its registers, its schedule, and when it is asked for what. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actOnCohortDue,
  type CohortOutcome,
  cancelSession,
  correctableUntil,
  type GroupRegister,
  inOrder,
  listOpensAt,
  newCohort,
  nextCohortDue,
  ordinalOf,
  recordGroupRegister,
  restorableUntil,
  restoreSession,
  welcome,
} from '../../../workflows/cohort.ts';
import { type CohortRecord, cohortRecordSchema } from '../../../workflows/cohort-record.ts';
import { cancelComing, holdAfterAll, moveSession } from '../../../workflows/session-change.ts';
import { londonInstant, after as momentAfter } from '../../../workflows/time.ts';
import { NOW, storedCohort } from './builders.ts';

const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];
const FIRST = londonInstant('2026-12-01', '16:00');

function group(more: Partial<Parameters<typeof newCohort>[0]> = {}): CohortRecord {
  const plan = {
    programmeId: 'hive-music',
    cohortId: 'winter',
    firstAt: FIRST,
    count: 12,
    minutes: 90,
    ...more,
  };
  const made = newCohort(plan, { id: '0'.repeat(32), reference: 'GR-7K4M-2Q9X', now: NOW });
  // Its facilitator hears once somebody is in it; one person's own has somebody from the beginning.
  expect(mails(made)).toEqual(more.own === undefined ? [] : ['group-page 1 → provider']);
  expect(mails(welcome(welcome(made, NOW), NOW))).toEqual(['group-page 1 → provider']);
  return { ...made, outbox: [] };
}

const session = (cohort: CohortRecord, number: number) => {
  const found = cohort.sessions.find((each) => each.number === number);
  if (!found) throw new Error(`no session ${number}`);
  return found;
};
const endOf = (cohort: CohortRecord, number: number) => session(cohort, number).endsAt;
const came = (
  entries: Record<string, '5' | '6' | '7' | '2' | '3'>,
  basedOn?: number | 'none',
): GroupRegister => ({
  held: true,
  entries: Object.fromEntries(Object.entries(entries).map(([id, attendance]) => [id, { attendance }])),
  ...(basedOn === undefined ? {} : { basedOn }),
});
const told = ({ outbox }: CohortRecord) => outbox.filter(({ kind }) => kind === 'tell').map(({ key }) => key);
const mails = ({ outbox }: CohortRecord) =>
  outbox.flatMap((entry) =>
    entry.kind === 'email' ? [`${entry.message} ${entry.session} → ${entry.to}`] : [],
  );
const refusal = (outcome: CohortOutcome) =>
  'refused' in outcome ? (outcome.recorded ?? outcome.refused) : 'none';

describe('a register', () => {
  it('is recorded once, however often it is sent, and tells of itself once', () => {
    const cohort = group();
    const now = momentAfter(endOf(cohort, 1), { hours: 1 });
    const once = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5', [B]: '3' }, 'none'), now));
    expect(session(once, 1)).toMatchObject({ status: 'held', register: { at: now, revision: 0 } });
    expect(told(once)).toEqual(['tell:1:register-0']);
    const again = recordGroupRegister(
      once,
      1,
      came({ [A]: '5', [B]: '3' }, 'none'),
      momentAfter(now, { hours: 1 }),
    );
    expect(again).toBe(once);
  });

  it('is refused before the session begins, and taken as soon as it has', () => {
    const cohort = group();
    expect(
      refusal(recordGroupRegister(cohort, 1, came({ [A]: '5' }), momentAfter(FIRST, { minutes: -1 }))),
    ).toBe('not-now');
    expect(session(storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }), FIRST)), 1).status).toBe(
      'held',
    );
    expect(refusal(recordGroupRegister(cohort, 99, came({ [A]: '5' }), FIRST))).toBe('not-now');
  });

  it('can be corrected until the next session starts, and is told again each time', () => {
    const cohort = group();
    const now = endOf(cohort, 1);
    const first = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5', [B]: '3' }), now));
    const until = correctableUntil(first, session(first, 1));
    expect(until).toBe(session(first, 2).startsAt);
    const corrected = storedCohort(
      recordGroupRegister(first, 1, came({ [B]: '6' }, 0), momentAfter(until, { minutes: -1 })),
    );
    expect(session(corrected, 1).register).toMatchObject({
      revision: 1,
      entries: { [A]: { attendance: '5' }, [B]: { attendance: '6' } },
    });
    expect(told(corrected)).toEqual(['tell:1:register-0', 'tell:1:register-1']);
    expect(refusal(recordGroupRegister(corrected, 1, came({ [B]: '5' }, 1), until))).toBe('held');
    // The same again is no correction, whenever it comes.
    expect(recordGroupRegister(corrected, 1, came({ [B]: '6' }, 1), momentAfter(until, { days: 9 }))).toBe(
      corrected,
    );
  });

  it('that comes late can be corrected for two days from when it first came, and no longer for being corrected', () => {
    const cohort = group();
    const late = momentAfter(session(cohort, 2).startsAt, { minutes: 5 });
    const first = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }, 'none'), late));
    expect(correctableUntil(first, session(first, 1))).toBe(momentAfter(late, { hours: 48 }));
    const soon = momentAfter(late, { hours: 47 });
    const once = storedCohort(recordGroupRegister(first, 1, came({ [A]: '6' }, 0), soon));
    const twice = storedCohort(recordGroupRegister(once, 1, came({ [A]: '3' }, 1), soon));
    expect(session(twice, 1).register).toMatchObject({ revision: 2, entries: { [A]: { attendance: '3' } } });
    const over = momentAfter(late, { hours: 48 });
    expect(refusal(recordGroupRegister(twice, 1, came({ [A]: '5' }, 2), over))).toBe('held');
    expect(cohortRecordSchema.parse(twice)).toEqual(twice);
  });

  it('that was corrected before it was noted when it first came is open until the next session', () => {
    const cohort = group();
    const late = momentAfter(session(cohort, 2).startsAt, { minutes: 5 });
    const once = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }), late));
    const { register, ...rest } = session(once, 1);
    const known = { at: late, revision: 1, entries: register?.entries ?? {} };
    expect(correctableUntil(once, { ...rest, register: known })).toBe(session(once, 2).startsAt);
  });

  it('of the last session can be corrected for two weeks', () => {
    const cohort = group({ count: 1 });
    const held = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }), endOf(cohort, 1)));
    const end = endOf(cohort, 1);
    expect(
      'refused' in recordGroupRegister(held, 1, came({ [A]: '6' }), momentAfter(end, { days: 13 })),
    ).toBe(false);
    expect(refusal(recordGroupRegister(held, 1, came({ [A]: '6' }), momentAfter(end, { days: 15 })))).toBe(
      'held',
    );
  });

  it('of somebody who had not seen the one before is not taken for a correction of it', () => {
    const cohort = group();
    const now = endOf(cohort, 1);
    const first = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }, 'none'), now));
    expect(refusal(recordGroupRegister(first, 1, came({ [A]: '3' }, 'none'), now))).toBe(
      'recorded-meanwhile',
    );
    const corrected = storedCohort(recordGroupRegister(first, 1, came({ [A]: '3' }, 0), now));
    expect(refusal(recordGroupRegister(corrected, 1, came({ [A]: '6' }, 0), now))).toBe('recorded-meanwhile');
  });

  it('says either that it was held or that it was not, and stays with that', () => {
    const cohort = group();
    const now = endOf(cohort, 1);
    const held = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }), now));
    expect(refusal(recordGroupRegister(held, 1, { held: false }, now))).toBe('held');
    const not = storedCohort(recordGroupRegister(cohort, 1, { held: false }, now));
    expect(refusal(recordGroupRegister(not, 1, came({ [A]: '5' }), now))).toBe('cancelled-by-provider');
    expect(recordGroupRegister(not, 1, { held: false }, now)).toBe(not);
  });

  it('comes out of order, and the one that is missing is asked for', () => {
    const cohort = group();
    const second = storedCohort(recordGroupRegister(cohort, 2, came({ [A]: '5' }), endOf(cohort, 2)));
    expect(second.due).toMatchObject({ session: 1, count: 0 });
    const both = storedCohort(recordGroupRegister(second, 1, came({ [A]: '3' }), endOf(cohort, 2)));
    expect(both.due).toMatchObject({ session: 3, at: endOf(cohort, 3) });
    expect(told(both)).toEqual(['tell:2:register-0', 'tell:1:register-0']);
  });
});

describe('a cancellation that is taken back', () => {
  const back = (cohort: CohortRecord, number: number, now = NOW) =>
    storedCohort(restoreSession(cohort, number, session(cohort, number).sequence, now));

  it('leaves as many sessions as there were, at their times, with revisions for calendars', () => {
    const cohort = group();
    const cancelled = storedCohort(cancelSession(cohort, 3, NOW));
    const restored = back(cancelled, 3);
    const kept = inOrder(restored).filter(({ status }) => status !== 'cancelled');
    expect(kept.map(({ startsAt }) => startsAt)).toEqual(inOrder(cohort).map(({ startsAt }) => startsAt));
    expect(session(restored, 3)).toMatchObject({ status: 'planned', sequence: 2 });
    expect(session(restored, 13)).toMatchObject({ status: 'cancelled', sequence: 1, notNeeded: true });
    expect(told(restored)).toEqual(['tell:3:cancelled', 'tell:3:changed-2', 'tell:13:not-needed']);
    expect(restoreSession(restored, 3, 1, NOW)).toBe(restored);
    // Cancelled once more, it is held later once more.
    const again = storedCohort(cancelSession(restored, 3, NOW));
    expect([session(again, 14).startsAt, session(again, 14).insteadOf]).toEqual([
      session(cancelled, 13).startsAt,
      3,
    ]);
    expect(restorableUntil(again, 3, NOW)).toBe(session(again, 4).startsAt);
  });

  it('follows what was in its place, where that was cancelled too', () => {
    const both = storedCohort(cancelSession(storedCohort(cancelSession(group(), 3, NOW)), 13, NOW));
    const restored = back(both, 3);
    expect(session(restored, 13)).toMatchObject({ status: 'cancelled' });
    expect(session(restored, 14)).toMatchObject({ status: 'cancelled', notNeeded: true });
    expect(inOrder(restored).filter(({ status }) => status !== 'cancelled')).toHaveLength(12);
  });

  it('is one also of a session of which somebody said that it was not held, until the next one begins', () => {
    const cohort = group();
    const { endsAt } = session(cohort, 1);
    const now = momentAfter(endsAt, { hours: 1 });
    const not = storedCohort(recordGroupRegister(cohort, 1, { held: false }, now));
    const restored = back(not, 1, now);
    expect(restored.due).toMatchObject({ session: 1 });
    const held = storedCohort(recordGroupRegister(restored, 1, came({ [A]: '5' }), now));
    expect(session(held, 1).register?.entries[A]?.attendance).toBe('5');
    const late = session(not, 2).startsAt;
    expect(restorableUntil(not, 1, late)).toBeUndefined();
    expect(refusal(restoreSession(not, 1, 1, late))).toBe('cancelled');
    expect(refusal(restoreSession(not, 1, 0, now))).toBe('changed-meanwhile');
  });

  it('is one for as long as a late register could be corrected, where it was said late that it was not held', () => {
    const cohort = group();
    const hours = (count: number, from = endOf(cohort, 1)) => momentAfter(from, { hours: count });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 * 20 }), fc.integer({ min: 0, max: 60 }), (late, waited) => {
        const [saidAt, now] = [hours(late), hours(late + waited)];
        const not = storedCohort(recordGroupRegister(cohort, 1, { held: false }, saidAt));
        const late1 = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }), saidAt));
        const until = correctableUntil(late1, session(late1, 1));
        expect(restorableUntil(not, 1, now)).toBe(now < until ? until : undefined);
        const restored = restoreSession(not, 1, 1, now);
        if (now >= until) {
          expect(refusal(restored)).toBe('cancelled');
          return;
        }
        const held = storedCohort(recordGroupRegister(storedCohort(restored), 1, came({ [A]: '3' }), now));
        expect(inOrder(held).filter(({ status }) => status !== 'cancelled')).toHaveLength(12);
      }),
    );
  });

  it('is none once what came in its place has begun, however late it was said', () => {
    const cohort = group();
    // A few hours before the thirteenth week’s session, which is then in its place.
    const said = momentAfter(endOf(cohort, 12), { hours: 164 });
    const not = storedCohort(recordGroupRegister(cohort, 12, { held: false }, said));
    const begins = session(not, 13).startsAt;
    expect(begins < momentAfter(said, { hours: 48 })).toBe(true);
    expect(restorableUntil(not, 12, said)).toBe(begins);
    expect(refusal(restoreSession(not, 12, 1, begins))).toBe('cancelled');
  });

  it('has no more time than before where it was cancelled before that was noted', () => {
    const late = momentAfter(session(group(), 2).startsAt, { minutes: 5 });
    const not = storedCohort(recordGroupRegister(group(), 1, { held: false }, late));
    const { cancelledAt: _unknown, ...before } = session(not, 1);
    const stored = { ...not, sessions: not.sessions.map((each) => (each.number === 1 ? before : each)) };
    expect(cohortRecordSchema.parse(stored)).toEqual(stored);
    expect(restorableUntil(stored, 1, late)).toBeUndefined();
  });
});

describe('cancellations in a row', () => {
  it('are told to the coordinator from the third on, and are no facilitator’s alone beyond the sixth', () => {
    let cohort = group();
    const heard: number[] = [];
    for (const number of [2, 3, 4, 5, 6, 7]) {
      const { sequence } = session(cohort, number);
      cohort = storedCohort(cancelComing({ ...cohort, outbox: [] }, number, sequence, NOW));
      if (mails(cohort).includes(`cancelled-often ${number} → coordinator`)) heard.push(number);
    }
    expect(heard).toEqual([4, 5, 6, 7]);
    expect(refusal(cancelComing(cohort, 8, 0, NOW))).toBe('too-many');
    // Elsewhere one more is one.
    expect(storedCohort(cancelComing(cohort, 10, 0, NOW)).sessions).toHaveLength(19);
    // That a session was not held can always be said.
    const now = momentAfter(session(cohort, 8).endsAt, { hours: 1 });
    expect(storedCohort(recordGroupRegister(cohort, 8, { held: false }, now)).sessions).toHaveLength(19);
  });
});

describe('a session that is cancelled', () => {
  it('is held later: as many are held as were planned, each with its number by time', () => {
    const cohort = group();
    const cancelled = storedCohort(cancelSession(cohort, 3, NOW));
    expect(session(cancelled, 3)).toMatchObject({ status: 'cancelled', sequence: 1 });
    const kept = inOrder(cancelled).filter(({ status }) => status !== 'cancelled');
    expect(kept).toHaveLength(12);
    expect(kept.at(-1)).toMatchObject({ number: 13, sequence: 0 });
    expect(ordinalOf(cancelled, 4)).toBe(3);
    expect(ordinalOf(cancelled, 13)).toBe(12);
    expect(cancelSession(cancelled, 3, momentAfter(NOW, { days: 1 }))).toBe(cancelled);
    expect(told(cancelled)).toEqual(['tell:3:cancelled']);
  });

  it('can be the one in place of another, as often as it takes', () => {
    let cohort = group({ count: 2 });
    for (const number of [2, 3, 4, 5]) cohort = storedCohort(cancelSession(cohort, number, NOW));
    const kept = inOrder(cohort).filter(({ status }) => status !== 'cancelled');
    expect(kept.map(({ number }) => number)).toEqual([1, 6]);
    const now = endOf(cohort, 6);
    const held = storedCohort(recordGroupRegister(cohort, 6, came({ [A]: '5' }), now));
    expect(session(held, 6).status).toBe('held');
    expect(refusal(cancelSession(held, 6, now))).toBe('held');
  });

  it('long after all the others is held in the future', () => {
    const cohort = group({ count: 1 });
    const now = momentAfter(endOf(cohort, 1), { days: 40 });
    const cancelled = storedCohort(cancelSession(cohort, 1, now));
    expect(session(cancelled, 2).startsAt > now).toBe(true);
  });

  it('is not held at the same time as a last one that was moved there', () => {
    const cohort = group({ count: 2 });
    const moved = storedCohort(moveSession(cohort, 2, change('2026-12-15', '15:30'), NOW));
    const cancelled = storedCohort(cancelSession(moved, 1, NOW));
    expect(session(cancelled, 3).startsAt).toBe('2026-12-22T16:00:00.000Z');
  });

  it('was the first: the weeks are counted all the same', () => {
    const cohort = storedCohort(cancelSession(group(), 1, NOW));
    expect(inOrder(cohort).filter(({ status }) => status === 'planned')).toHaveLength(12);
  });
});

const change = (
  date: string,
  time: string,
  basedOn = 0,
  more: { place?: string; anyDay?: boolean } = {},
) => ({
  date,
  time,
  basedOn,
  anyDay: false,
  ...more,
});

describe('a session that is moved', () => {
  it('is at the new time on the clock in London, as long as before, and moves no other', () => {
    const cohort = group();
    const moved = storedCohort(
      moveSession(cohort, 2, change('2026-12-09', '18:00', 0, { place: 'Room 2' }), NOW),
    );
    expect(session(moved, 2)).toMatchObject({
      startsAt: '2026-12-09T18:00:00.000Z',
      endsAt: '2026-12-09T19:30:00.000Z',
      place: 'Room 2',
      sequence: 1,
    });
    expect(moved.sessions.filter(({ number }) => number !== 2)).toEqual(
      cohort.sessions.filter(({ number }) => number !== 2),
    );
    expect(told(moved)).toEqual(['tell:2:changed-1']);
    expect(moveSession(moved, 2, change('2026-12-09', '18:00', 0, { place: 'Room 2' }), NOW)).toBe(moved);
    const back = storedCohort(moveSession(moved, 2, change('2026-12-08', '16:00', 1), NOW));
    expect(session(back, 2)).toMatchObject({ startsAt: session(cohort, 2).startsAt, sequence: 2 });
    expect('place' in session(back, 2)).toBe(false);
    expect(told(back)).toEqual(['tell:2:changed-1', 'tell:2:changed-2']);
  });

  it('in summer is an hour earlier in UTC than in winter', () => {
    const cohort = group({ firstAt: londonInstant('2027-03-23', '16:00') });
    const moved = storedCohort(moveSession(cohort, 2, change('2027-03-31', '16:00'), NOW));
    expect(session(moved, 1).startsAt).toBe('2027-03-23T16:00:00.000Z');
    expect(session(moved, 2).startsAt).toBe('2027-03-31T15:00:00.000Z');
  });

  it.each<[why: string, date: string, time: string]>([
    ['past', '2026-11-22', '16:00'],
    ['too-far', '2028-01-18', '16:00'],
    ['overlaps', '2026-12-15', '17:29'],
    ['overlaps', '2026-12-15', '14:31'],
    ['bank-holiday', '2026-12-28', '16:00'],
    ['break', '2026-12-19', '16:00'],
    ['no-such-time', '2027-03-28', '01:30'],
  ])('is not moved where that is %s (%s %s)', (why, date, time) => {
    const cohort = group({ breaks: [{ from: '2026-12-19', to: '2026-12-20' }] });
    expect(refusal(moveSession(cohort, 2, change(date, time), NOW))).toBe(why);
  });

  it('is moved beside another, onto a bank holiday or into a break for whoever says so, and to an hour that the clock has twice', () => {
    const cohort = group({ breaks: [{ from: '2026-12-19', to: '2026-12-20' }] });
    const said = { anyDay: true };
    for (const asked of [
      change('2026-12-15', '17:30'),
      change('2026-12-15', '14:30'),
      change('2026-12-28', '16:00', 0, said),
      change('2026-12-19', '16:00', 0, said),
      change('2027-10-31', '01:30'),
    ]) {
      expect(session(storedCohort(moveSession(cohort, 2, asked, NOW)), 2).sequence).toBe(1);
    }
    expect(refusal(moveSession(cohort, 2, change('2026-12-15', '16:00', 0, said), NOW))).toBe('overlaps');
  });

  it('is not moved once it has begun, is held or is cancelled, and not by whoever had not seen the last change', () => {
    const cohort = group();
    const to = change('2026-12-20', '16:00');
    expect(refusal(moveSession(cohort, 1, to, FIRST))).toBe('begun');
    const held = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }), FIRST));
    expect(refusal(moveSession(held, 1, to, FIRST))).toBe('held');
    const cancelled = storedCohort(cancelSession(cohort, 2, NOW));
    expect(refusal(moveSession(cancelled, 2, to, NOW))).toBe('cancelled');
    const moved = storedCohort(moveSession(cohort, 2, change('2026-12-09', '16:00'), NOW));
    expect(refusal(moveSession(moved, 2, to, NOW))).toBe('changed-meanwhile');
    expect(refusal(cancelComing(moved, 2, 0, NOW))).toBe('changed-meanwhile');
    expect(session(storedCohort(cancelComing(moved, 2, 1, NOW)), 2)).toMatchObject({
      status: 'cancelled',
      sequence: 2,
    });
    expect(refusal(cancelComing(cohort, 1, 0, FIRST))).toBe('begun');
    expect(cancelComing(cancelled, 2, 0, momentAfter(FIRST, { days: 90 }))).toBe(cancelled);
  });

  it('past its neighbour changes their order, and the next register is that of the earlier one', () => {
    const cohort = group();
    const moved = storedCohort(moveSession(cohort, 1, change('2026-12-10', '16:00'), NOW));
    expect(
      inOrder(moved)
        .map(({ number }) => number)
        .slice(0, 3),
    ).toEqual([2, 1, 3]);
    expect([ordinalOf(moved, 2), ordinalOf(moved, 1)]).toEqual([1, 2]);
    expect(moved.due).toMatchObject({ session: 2 });
    // The weeks of the programme stay as they were.
    const later = storedCohort(cancelSession(moved, 5, NOW));
    expect(session(later, 13).startsAt).toBe(momentAfter(session(cohort, 12).startsAt, { days: 7 }));
  });
});

describe('what is asked of the facilitator', () => {
  const sweep = (cohort: CohortRecord, attended = true) => {
    const at = cohort.due?.at ?? '';
    return actOnCohortDue(cohort, attended, at) ?? cohort;
  };

  it('is the register at the end of a session, then reminders, then the coordinator hears as well', () => {
    let cohort = group();
    expect(nextCohortDue(cohort)).toBe(endOf(cohort, 1));
    expect(actOnCohortDue(cohort, true, momentAfter(endOf(cohort, 1), { minutes: -1 }))).toBeUndefined();
    const steps: string[][] = [];
    for (let i = 0; i < 5; i++) {
      cohort = { ...sweep({ ...cohort, outbox: [] }) };
      steps.push(mails(cohort));
    }
    expect(steps).toEqual([
      ['register-request 1 → provider'],
      ['register-reminder 1 → provider'],
      ['register-reminder 1 → provider'],
      ['register-reminder 1 → provider', 'register-escalation 1 → coordinator'],
      // One that is missing holds up no other.
      ['register-request 2 → provider'],
    ]);
    const recorded = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }), cohort.due?.at ?? ''));
    expect(recorded.due).toMatchObject({ session: 2, count: 1 });
  });

  it('is every register, in its own time, however many are missing', () => {
    let cohort = group();
    const asked = new Set<string>();
    for (let i = 0; i < 200; i++) {
      cohort = sweep({ ...cohort, outbox: [] });
      for (const mail of mails(cohort)) asked.add(mail);
    }
    for (let number = 1; number <= 12; number++) {
      expect(asked).toContain(`register-request ${number} → provider`);
      expect(asked).toContain(`register-escalation ${number} → coordinator`);
    }
  });

  it('is nothing where nobody of ours takes part: the session counts as held', () => {
    const cohort = sweep(group(), false);
    expect(mails(cohort)).toEqual([]);
    expect(session(cohort, 1)).toMatchObject({ status: 'held' });
    expect(session(cohort, 1).register).toBeUndefined();
    expect(cohort.due).toMatchObject({ session: 2, count: 0 });
  });

  it('is nothing any more of one person’s own group once they are gone', () => {
    const cohort = sweep(group({ own: A }), false);
    expect(mails(cohort)).toEqual([]);
    expect(cohort.due).toBeUndefined();
    expect(session(cohort, 1).status).toBe('planned');
  });

  it('is the same session’s, at its new time, where it was moved before anybody was asked', () => {
    const moved = storedCohort(moveSession(group(), 1, change('2026-12-03', '16:00'), NOW));
    expect(moved.due).toEqual({ at: endOf(moved, 1), session: 1, count: 0 });
  });

  it('ends with the last session', () => {
    const cohort = group({ count: 1 });
    const held = storedCohort(recordGroupRegister(cohort, 1, came({ [A]: '5' }), endOf(cohort, 1)));
    expect(held.due).toBeUndefined();
  });
});

describe('whatever happens to a group', () => {
  it('leaves as many sessions as were planned, none at the same time as another, a register to be asked for, and a record that can be stored', () => {
    const step = fc.record({
      what: fc.constantFrom('record', 'cancel', 'restore', 'move', 'not-held', 'sweep', 'wait'),
      number: fc.integer({ min: 1, max: 16 }),
      time: fc.constantFrom('11:00', '15:00', '15:30', '17:00'),
      days: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let cohort = group({ count: 4 });
        let now = NOW;
        for (const { what, number, time, days } of steps) {
          const date = momentAfter(now, { days }).slice(0, 10);
          const sequence = cohort.sessions.find((each) => each.number === number)?.sequence ?? 0;
          const outcome: CohortOutcome | undefined =
            what === 'record'
              ? recordGroupRegister(cohort, number, came({ [A]: '5' }), now)
              : what === 'cancel'
                ? cancelComing(cohort, number, sequence, now)
                : what === 'restore'
                  ? holdAfterAll(cohort, number, { basedOn: sequence, anyDay: true }, now)
                  : what === 'not-held'
                    ? recordGroupRegister(cohort, number, { held: false }, now)
                    : what === 'move'
                      ? moveSession(cohort, number, change(date, time, sequence, { anyDay: true }), now)
                      : what === 'sweep'
                        ? actOnCohortDue(cohort, true, now)
                        : undefined;
          if (what === 'wait') now = momentAfter(now, { days });
          if (!outcome || 'refused' in outcome) continue;
          for (const before of cohort.sessions) {
            const same = outcome.sessions.find((each) => each.number === before.number);
            expect(same && same.sequence >= before.sequence).toBe(true);
            if (before.status !== 'planned' && what !== 'restore') expect(same?.status).toBe(before.status);
          }
          cohort = outcome;
        }
        cohortRecordSchema.parse(cohort);
        const kept = inOrder(cohort).filter(({ status }) => status !== 'cancelled');
        expect(kept).toHaveLength(4);
        for (const [i, each] of kept.entries()) {
          if (i > 0) expect(each.startsAt >= (kept[i - 1]?.endsAt ?? '')).toBe(true);
        }
        const next = kept
          .filter(({ status }) => status === 'planned')
          .map(({ endsAt, asked }) => asked?.next ?? endsAt)
          .sort()[0];
        expect(cohort.due?.at).toBe(next);
        expect(new Set(cohort.outbox.map(({ key }) => key)).size).toBe(cohort.outbox.length);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the list of names', () => {
  it.each([
    ['2026-12-01T16:00:00.000Z', '2026-11-30T00:00:00.000Z'],
    // On Friday for a Monday, and before Easter for the Tuesday after it, when London is an hour ahead.
    ['2026-11-30T16:00:00.000Z', '2026-11-27T00:00:00.000Z'],
    ['2027-03-30T15:00:00.000Z', '2027-03-25T00:00:00.000Z'],
  ])('of the session at %s opens at %s', (startsAt, opens) => {
    expect(listOpensAt({ startsAt })).toBe(opens);
  });
});
