import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { dueAfter } from '../../../workflows/change.ts';
import { afterNight, afterQuiet, isQuiet, useQuietHours } from '../../../workflows/quiet.ts';
import { DUE_STEPS, type DueStep, type Referral } from '../../../workflows/referral.ts';
import { FIGURES, figure, reminder, reminderPolicy, useFigures } from '../../../workflows/reminder-policy.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { sessionReminderAt } from '../../../workflows/session-reminder.ts';
import { after as later, londonTime, spanOf } from '../../../workflows/time.ts';
import { accepted, emailsTo, inReview, offered, submitted } from './builders.ts';

afterEach(() => {
  useFigures({});
  useQuietHours();
});

/** Any minute of four years, with their changes of the clock and their bank holidays. */
const moment = fc
  .integer({ min: Date.UTC(2025, 0, 1) / 60_000, max: Date.UTC(2029, 0, 1) / 60_000 })
  .map((minutes) => new Date(minutes * 60_000).toISOString());

const byEmail: Pick<Referral, 'person'> = inReview();
const byTeam: Pick<Referral, 'person'> = {
  person: { ...byEmail.person, contact: { reminders: 'team' } },
};

const step = fc.constantFrom(...DUE_STEPS);
const count = fc.integer({ min: 0, max: 12 });
/** At the end of a hold, and at the time of a session: they come at times of their own. */
const OF_THEIR_OWN: readonly DueStep[] = ['hold', 'session-reminder'];
/** Whose reminders leave the service. A register is one of a group, which the cohort's own tests look at. */
const OUTSIDE: readonly DueStep[] = ['information', 'offer', 'place', 'follow-up'];

/** Any length that a service may set. */
const wait = fc.oneof(
  fc.integer({ min: 1, max: 5000 }).map((n) => `${n}m`),
  fc.integer({ min: 1, max: 500 }).map((n) => `${n}h`),
  fc.integer({ min: 1, max: 90 }).map((n) => `${n}d`),
  fc.integer({ min: 1, max: 30 }).map((n) => `${n}wd`),
);
const quietHours = fc.record({
  from: fc.constantFrom('18:00', '20:00', '23:30', '00:00'),
  until: fc.constantFrom('00:00', '06:30', '08:00', '09:00'),
  weekends: fc.boolean(),
});

describe('the reminder policy', () => {
  it('has a reminder at every step, after every count, and something that happens then', () => {
    for (const each of DUE_STEPS) {
      expect(reminderPolicy[each].length).toBeGreaterThan(0);
      // Nothing ends with silence: the last row asks, tells, releases, resumes or starts again, for ever.
      for (let n = 0; n < 20; n++) expect(reminder(each, n).action).toBeDefined();
    }
  });

  it('always has the next reminder later than now, and outside the service never in quiet hours', () => {
    fc.assert(
      fc.property(moment, step, count, quietHours, wait, (now, of, n, quiet, own) => {
        useQuietHours(quiet);
        useFigures({ [of]: own });
        const { due } = dueAfter(offered(), now, of, n);
        expect(due?.step).toBe(of);
        if (!OF_THEIR_OWN.includes(of)) expect((due?.at ?? '') > now).toBe(true);
        if (OUTSIDE.includes(of)) expect(isQuiet(due?.at ?? '')).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('reminds of a session before it begins, and at night only where there is no other time', () => {
    fc.assert(
      fc.property(moment, moment, (now, startsAt) => {
        fc.pre(now < startsAt);
        const { at } = sessionReminderAt({ startsAt }, now, byEmail);
        expect(at >= now && at < startsAt).toBe(true);
        expect(afterNight(at) === at || afterNight(at) >= startsAt).toBe(true);
      }),
      { numRuns: 500 },
    );
    // On the day before, whichever that is.
    const at = (startsAt: string) => sessionReminderAt({ startsAt }, '2026-11-20T09:00:00.000Z', byEmail).at;
    expect(at('2026-11-30T18:00:00.000Z')).toBe('2026-11-29T18:00:00.000Z');
    expect(at('2026-11-30T21:00:00.000Z')).toBe('2026-11-30T08:00:00.000Z');
  });

  it('asks the team to remind while they work, so that they still can: before a weekend or bank holidays for what is after them', () => {
    fc.assert(
      fc.property(moment, moment, fc.constantFrom('2h', '24h', '48h', '3d'), (now, startsAt, session) => {
        fc.pre(now < startsAt);
        useFigures({ session });
        const { at, late } = sessionReminderAt({ startsAt }, now, byTeam);
        expect(at >= now && at < startsAt).toBe(true);
        expect(isQuiet(at) && !(late && afterQuiet(at) >= startsAt)).toBe(false);
      }),
      { numRuns: 500 },
    );
    useFigures({});
    const at = (startsAt: string) => sessionReminderAt({ startsAt }, '2026-11-20T09:00:00.000Z', byTeam).at;
    // Of a Wednesday, on Tuesday; of a Monday, on Friday; of the Tuesday after Easter, on Maundy Thursday.
    expect(at('2026-12-09T10:00:00.000Z')).toBe('2026-12-08T08:00:00.000Z');
    expect(at('2026-12-07T10:00:00.000Z')).toBe('2026-12-04T08:00:00.000Z');
    expect(at('2027-03-30T09:00:00.000Z')).toBe('2027-03-25T08:00:00.000Z');
    // It is Saturday already: on Monday, if that is before it.
    const saturday = '2026-12-05T12:00:00.000Z';
    expect(sessionReminderAt({ startsAt: '2026-12-07T10:00:00.000Z' }, saturday, byTeam)).toEqual({
      ...{ at: '2026-12-07T08:00:00.000Z', late: true },
    });
    expect(sessionReminderAt({ startsAt: '2026-12-06T10:00:00.000Z' }, saturday, byTeam).at).toBe(saturday);
  });

  it('from any stage and at any time sends nothing in quiet hours to people outside, and never runs out', () => {
    const stages = [submitted(), inReview(), offered(), accepted()];
    fc.assert(
      fc.property(
        fc.constantFrom(...stages),
        fc.array(fc.integer({ min: 0, max: 9 * 1440 }), { maxLength: 6 }),
        (begun, delays) => {
          let referral: Referral = begun;
          for (const minutes of delays) {
            const now = later(referral.due?.at ?? '', { minutes });
            const acted = actOnDue({ ...referral, outbox: [] }, now);
            if (!acted) throw new Error('nothing was due');
            for (const entry of acted.outbox) {
              if (entry.kind !== 'email' || ['link-worker', 'coordinator'].includes(entry.to)) continue;
              if (entry.message === 'session-reminder') continue;
              expect(isQuiet(entry.notBefore)).toBe(false);
              expect(entry.notBefore >= now).toBe(true);
            }
            // However late the sweep is, each is reminded once.
            const mails = emailsTo(acted);
            expect(new Set(mails).size).toBe(mails.length);
            expect(acted.due === undefined).toBe(false);
            // A session's register is missing from its own end on, however late that is seen: told once, by the next sweep.
            expect((acted.due?.at ?? '') > now || acted.due?.step === 'register-missing').toBe(true);
            referral = acted;
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes the figures of a service, and keeps the others', () => {
    useFigures({ offer: '1d 2d 3d', 'check-in': '14d' });
    expect([0, 1, 2, 3].map((n) => figure('offer', n))).toEqual([
      { days: 1 },
      { days: 2 },
      { days: 3 },
      { days: 3 },
    ]);
    expect(figure('check-in')).toEqual({ days: 14 });
    expect(figure('review')).toEqual({ workingDays: 2 });
    for (const text of Object.values(FIGURES)) for (const each of text.split(' ')) spanOf(each);
    expect(() => spanOf('soon')).toThrow();
  });
});

describe('quiet hours', () => {
  it.each([
    ['2026-11-24T20:00:00.000Z', '2026-11-25T08:00:00.000Z'],
    ['2026-11-24T07:59:00.000Z', '2026-11-24T08:00:00.000Z'],
    ['2026-11-24T19:59:00.000Z', '2026-11-24T19:59:00.000Z'],
    // A weekend, in summer time.
    ['2026-07-03T19:30:00.000Z', '2026-07-06T07:00:00.000Z'],
    // Christmas 2026 is on a Friday, and Boxing Day is held on the Monday.
    ['2026-12-24T21:00:00.000Z', '2026-12-29T08:00:00.000Z'],
  ])('what is due at %s goes at %s', (at, goes) => {
    expect(afterQuiet(at)).toBe(goes);
  });

  it('are over at their end, which is the first moment that is not quiet', () => {
    fc.assert(
      fc.property(moment, quietHours, (at, quiet) => {
        useQuietHours(quiet);
        const end = afterQuiet(at);
        expect(isQuiet(end)).toBe(false);
        expect(end >= at).toBe(true);
        if (end !== at) {
          expect(isQuiet(later(end, { minutes: -1 }))).toBe(true);
          expect(londonTime(end)).toBe(quiet.until);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('can be none', () => {
    useQuietHours({ from: '00:00', until: '00:00', weekends: false });
    fc.assert(
      fc.property(moment, (at) => {
        expect(isQuiet(at)).toBe(false);
      }),
    );
  });
});
