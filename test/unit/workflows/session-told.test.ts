/** What those who take part are told of a session that is not held, or is held after all: each of it once, and nothing that is not so. */
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../workflows/change.ts';
import { cancelSession, recordGroupRegister, restoreSession } from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { holdAfterAll } from '../../../workflows/session-change.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import {
  accepted,
  cohortFor,
  emailsTo,
  entered,
  NOW,
  recorded,
  register,
  stored,
  storedCohort,
} from './builders.ts';

const silent = (referral: Referral): Referral => ({ ...referral, outbox: [] });
const byHand = (): Referral => {
  const { email: _none, ...person } = accepted().person;
  return { ...accepted(), person } as Referral;
};
const startOf = ({ sessions }: CohortRecord, number: number) => sessions[number - 1]?.startsAt ?? '';

/** What they are told of sessions, in an order; what they know already changes nothing. */
function told(referral: Referral, cohort: CohortRecord, numbers: readonly number[], now: string) {
  return numbers.reduce((before, number) => {
    const learned = learnOfSession(before, cohort, number, now);
    return isRefusal(learned) ? before : learned;
  }, silent(referral));
}

describe('a session that was not held', () => {
  it('is one more at the end, of which everybody is told, however often that is, also who wants no reminders', () => {
    let referral = accepted();
    const { person } = referral;
    referral = { ...referral, person: { ...person, contact: { ...person.contact, reminders: 'none' } } };
    for (let often = 1; often <= 3; often++) {
      const { outcome, cohort, now } = recorded(silent(referral), 'cancelled');
      expect(emailsTo(stored(outcome))).toEqual(['session-added → person']);
      expect(learnOfSession(stored(outcome), cohort, often, now)).toMatchObject({
        refused: 'already-decided',
      });
      referral = entered(stored(outcome), 'session', now, cohort);
      expect(referralSchema.safeParse(referral).error).toBeUndefined();
    }
  });

  it('is told by a link worker to whom email does not reach', () => {
    const { outcome } = recorded(silent(byHand()), 'cancelled');
    const [mail] = stored(outcome).outbox.filter(({ kind }) => kind === 'email');
    expect(mail).toMatchObject({ message: 'session-added-by-hand', to: 'link-worker' });
    expect(mail).not.toHaveProperty('by');
  });
});

describe('a session that was held after all', () => {
  /** The twelfth was said not to have been held, and they were reminded of the thirteenth. */
  function reminded(from = accepted()) {
    let referral = from;
    for (let i = 0; i < 11; i++) referral = register(referral, '5');
    const twelve = cohortFor(referral);
    const now = momentAfter(twelve.sessions[11]?.endsAt ?? '', { hours: 1 });
    const not = storedCohort(recordGroupRegister(twelve, 12, { held: false }, now));
    const waits = entered(told(referral, not, [12], now), 'session', now, not);
    const asked = actOnDue(silent(waits), waits.due?.at ?? '') ?? waits;
    const minute = momentAfter(startOf(not, 13), { minutes: -30 });
    return { referral: silent(asked), cohort: not, minute };
  }
  const heldAfterAll = (cohort: CohortRecord, now: string) =>
    storedCohort(holdAfterAll(cohort, 12, { basedOn: 1, anyDay: false }, now));

  it('takes away the one that was to come in its place: who was reminded of that is told, once', () => {
    const { referral, cohort, minute } = reminded();
    const back = heldAfterAll(cohort, minute);
    const entries = { [referral.id]: { attendance: '5' as const } };
    const held = storedCohort(recordGroupRegister(back, 12, { held: true, entries }, minute));
    // In whatever order they hear, and also where its register comes first.
    for (const now of [back, held]) {
      for (const numbers of [
        [12, 13],
        [13, 12],
        [13, 12, 13, 12],
        [5, 12],
      ]) {
        const done = told(referral, now, numbers, minute);
        expect(emailsTo(done).filter((mail) => mail.startsWith('session-'))).toEqual([
          'session-not-needed → person',
        ]);
        expect(done.programme?.sessions.map(({ number }) => number)).not.toContain(13);
      }
    }
  });

  it('has a link worker tell whom email does not reach, and says when that was to be', () => {
    const { referral, cohort, minute } = reminded(byHand());
    const done = told(referral, heldAfterAll(cohort, minute), [12, 13], minute);
    expect(done.outbox.filter(({ kind }) => kind === 'email')).toMatchObject([
      { message: 'session-not-needed-by-hand', to: 'link-worker', by: startOf(cohort, 13) },
    ]);
  });

  it('and is still to come is the only thing that they are told', () => {
    const cancelled = storedCohort(cancelSession(cohortFor(accepted()), 1, NOW));
    const without = told(accepted(), cancelled, [1], NOW);
    const back = storedCohort(restoreSession(cancelled, 1, 1, NOW));
    expect(emailsTo(told(without, back, [1, 13], NOW))).toEqual(['session-restored → person']);
  });
});

describe('what happens to a session twice', () => {
  it('is told by an email of its own each time', () => {
    const keys: string[] = [];
    let referral = accepted();
    let cohort = cohortFor(referral);
    const hear = (next: CohortRecord, now: string) => {
      cohort = next;
      referral = told(referral, cohort, [1], now);
      keys.push(...referral.outbox.flatMap(({ kind, key }) => (kind === 'email' ? [key] : [])));
    };
    for (const basedOn of [1, 3]) {
      hear(storedCohort(cancelSession(cohort, 1, NOW)), NOW);
      hear(storedCohort(restoreSession(cohort, 1, basedOn, NOW)), NOW);
    }
    hear(storedCohort(cancelSession(cohort, 1, NOW)), NOW);
    expect(keys).toHaveLength(5);
    expect(new Set(keys).size).toBe(5);

    const missed: string[] = [];
    referral = accepted();
    cohort = cohortFor(referral);
    const now = momentAfter(cohort.sessions[0]?.endsAt ?? '', { hours: 1 });
    for (const attendance of ['3', '5', '3'] as const) {
      const entries = { [referral.id]: { attendance } };
      hear(storedCohort(recordGroupRegister(cohort, 1, { held: true, entries }, now)), now);
      missed.push(...keys.filter((key) => key.startsWith('email:session-missed')));
      keys.length = 0;
    }
    expect(missed).toHaveLength(2);
    expect(new Set(missed).size).toBe(2);
  });
});
