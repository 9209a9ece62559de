import { describe, expect, it } from 'vitest';
import { oddStarts } from '../../../workflows/cohort-start.ts';

const THURSDAY = 4;
const SATURDAY = 6;
/** On a Thursday, as its sessions are. */
const cohort = { id: 'january', startsOn: '2027-01-07', capacity: 10 };

function choir(weekday: number, ...cohorts: (typeof cohort & { time?: string })[]) {
  return { sessions: { count: 12, weekday, time: '18:00', minutes: 60, place: 'Example Hall' }, cohorts };
}

describe('a cohort that starts on a day on which nobody expects it', () => {
  it.each([
    ['another day than the programme is on', choir(SATURDAY, cohort), 'weekday'],
    ['a bank holiday', choir(1, { ...cohort, startsOn: '2026-12-28' }), 'bank-holiday'],
  ])('is said: %s', (_, programme, why) => {
    const [{ startsOn }] = programme.cohorts as [typeof cohort];
    expect(oddStarts(programme, undefined, '2026-11-26T12:00:00.000Z')).toEqual([{ startsOn, why }]);
  });

  it('is not said where the entry says the same already', () => {
    const as = choir(SATURDAY, cohort);
    expect(oddStarts(as, as, '2026-11-26T12:00:00.000Z')).toEqual([]);
  });

  const atNoon = { ...cohort, time: '12:00' };
  it.each([
    ['the morning before it starts', cohort, '2027-01-07T09:00:00.000Z', 1],
    ['the evening after it has started', cohort, '2027-01-07T19:00:23.304Z', 0],
    [
      'the afternoon, when it starts at noon and the programme in the evening',
      atNoon,
      '2027-01-07T13:00:00.000Z',
      0,
    ],
    ['the day after', cohort, '2027-01-08T00:30:00.000Z', 0],
  ])('is said until it has started: %s', (_, group, now, times) => {
    expect(oddStarts(choir(SATURDAY, group), choir(THURSDAY, group), now)).toHaveLength(times);
  });
});
