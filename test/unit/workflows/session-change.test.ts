/** A cancellation that is taken back, where something has changed since: it is at nobody else's time, and on an odd day only for whoever says so. */
import { describe, expect, it } from 'vitest';
import { findProgramme } from '../../../functions/shared/directory/directory.ts';
import {
  type CohortOutcome,
  cancelSession,
  inOrder,
  newCohort,
  recordGroupRegister,
} from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { followEntry } from '../../../workflows/regroup.ts';
import { holdAfterAll, moveSession } from '../../../workflows/session-change.ts';
import { londonInstant, after as momentAfter } from '../../../workflows/time.ts';
import { NOW, storedCohort } from './builders.ts';

const FIRST = londonInstant('2026-12-01', '16:00');

function group(): CohortRecord {
  const plan = { programmeId: 'hive-music', cohortId: 'winter', firstAt: FIRST, count: 12, minutes: 90 };
  const made = newCohort(plan, { id: '0'.repeat(32), reference: 'GR-7K4M-2Q9X', now: NOW });
  return { ...made, outbox: [] };
}
const session = (cohort: CohortRecord, number: number) => {
  const found = cohort.sessions.find((each) => each.number === number);
  if (!found) throw new Error(`no session ${number}`);
  return found;
};
const restore = (cohort: CohortRecord, number: number, anyDay = false, now = NOW) =>
  holdAfterAll(cohort, number, { basedOn: session(cohort, number).sequence, anyDay }, now);
const refusal = (outcome: CohortOutcome) =>
  'refused' in outcome ? (outcome.recorded ?? outcome.refused) : 'none';

describe('a session that is held after all', () => {
  it('is not where another one is by now, whoever says what; beside it, it is', () => {
    const cancelled = storedCohort(cancelSession(group(), 5, NOW));
    const asked = { date: session(cancelled, 5).startsAt.slice(0, 10), anyDay: true, basedOn: 0 };
    const overlapping = storedCohort(moveSession(cancelled, 6, { ...asked, time: '16:30' }, NOW));
    expect(refusal(restore(overlapping, 5))).toBe('overlaps');
    expect(refusal(restore(overlapping, 5, true))).toBe('overlaps');
    const beside = storedCohort(moveSession(cancelled, 6, { ...asked, time: '17:30' }, NOW));
    const held = storedCohort(restore(beside, 5));
    expect(inOrder(held).filter(({ status }) => status === 'planned')).toHaveLength(12);
    // It takes the place of the one that was to be held instead of it.
    expect(storedCohort(restore(cancelled, 5)).sessions.filter(({ notNeeded }) => notNeeded)).toHaveLength(1);
  });

  it('is on a bank holiday, or in a break that came since, only for whoever says so', () => {
    const onHoliday = storedCohort(
      moveSession(group(), 5, { date: '2026-12-28', time: '16:00', anyDay: true, basedOn: 0 }, NOW),
    );
    const cancelled = storedCohort(cancelSession(onHoliday, 5, NOW));
    expect(refusal(restore(cancelled, 5))).toBe('bank-holiday');
    expect(session(storedCohort(restore(cancelled, 5, true)), 5).status).toBe('planned');
    const other = storedCohort(cancelSession(group(), 3, NOW));
    const { startsAt } = session(other, 3);
    const day = startsAt.slice(0, 10);
    const inBreak = { ...other, breaks: [{ from: day, to: day }] };
    expect(refusal(restore(inBreak, 3))).toBe('break');
    expect(session(storedCohort(restore(inBreak, 3, true)), 3).status).toBe('planned');
  });

  it('is on another day, or at another hour, than its group by now only for whoever says so', () => {
    const hive = findProgramme('hive-music') as Programme;
    const entry = (more: Partial<Programme['sessions']>): Programme => ({
      ...hive,
      sessions: { ...hive.sessions, count: 12, minutes: 90, weekday: 2, time: '16:00', ...more },
      cohorts: [{ id: 'winter', startsOn: '2026-12-01', capacity: 8 }],
    });
    const cancelled = storedCohort(cancelSession(group(), 3, NOW));
    const now = momentAfter(FIRST, { hours: 3 });
    for (const more of [{ weekday: 4 }, { time: '18:00' }]) {
      const moved = followEntry(cancelled, entry({}), entry(more), now);
      expect(refusal(restore(moved, 3, false, now))).toBe('other-time');
      const held = storedCohort(restore(moved, 3, true, now));
      expect(session(held, 3)).toMatchObject({ status: 'planned', startsAt: session(cancelled, 3).startsAt });
    }
    // Whoever moved it to an odd day of a group that is when it was said that.
    const asked = { date: '2026-12-17', time: '11:00', anyDay: false, basedOn: 0 };
    const odd = storedCohort(cancelSession(storedCohort(moveSession(group(), 3, asked, NOW)), 3, NOW));
    expect(session(storedCohort(restore(odd, 3)), 3).startsAt).toBe('2026-12-17T11:00:00.000Z');
  });

  it('that has begun was held whatever the day is; once, and not for whoever had not seen the last change', () => {
    const cohort = group();
    const now = momentAfter(session(cohort, 1).endsAt, { hours: 1 });
    const not = storedCohort(recordGroupRegister(cohort, 1, { held: false }, now));
    const day = FIRST.slice(0, 10);
    const inBreak = { ...not, breaks: [{ from: day, to: day }] };
    const held = storedCohort(restore(inBreak, 1, false, now));
    expect(holdAfterAll(held, 1, { basedOn: 1, anyDay: false }, now)).toBe(held);
    expect(refusal(holdAfterAll(inBreak, 1, { basedOn: 0, anyDay: false }, now))).toBe('changed-meanwhile');
    expect(refusal(holdAfterAll(inBreak, 99, { basedOn: 0, anyDay: false }, now))).toBe('not-now');
  });
});
