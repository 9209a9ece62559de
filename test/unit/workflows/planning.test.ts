/** Which session is somebody's next one, when they are reminded of it, and what they said of it, whatever happens to their group's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDue } from '../../../functions/shared/record.ts';
import { isRefusal, nextExecution } from '../../../workflows/change.ts';
import {
  type CohortOutcome,
  cancelSession,
  inOrder,
  recordGroupRegister,
  restoreSession,
} from '../../../workflows/cohort.ts';
import type { CohortRecord } from '../../../workflows/cohort-record.ts';
import { excuse } from '../../../workflows/excuse.ts';
import { nextToCome, plannedSession, sessionsFrom } from '../../../workflows/planning.ts';
import { learnOfSession, openWelfare } from '../../../workflows/programme.ts';
import { type Referral, referralSchema } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { cancelComing, holdAfterAll, moveSession } from '../../../workflows/session-change.ts';
import { sessionReminderAt } from '../../../workflows/session-reminder.ts';
import { isDue, after as later, londonDate, londonTime } from '../../../workflows/time.ts';
import { decideWelfare } from '../../../workflows/welfare.ts';
import { accepted, cohortFor, entered, FIRST_SESSION, NOW } from './builders.ts';

const silent = <R extends Referral>(referral: R): R => ({ ...referral, outbox: [] });
const days = (count: number, from = FIRST_SESSION) => later(from, { days: count });

/** What says that a session is cancelled or was not held, and what that it is held after all. */
const OFF: ReadonlySet<string> = new Set(['session-cancelled', 'session-added']);
const ON: ReadonlySet<string> = new Set(['session-restored', 'session-not-needed']);

/** One person and their group, living on: what is due is done when it is, what the group tells arrives when it is delivered. */
class Life {
  referral: Referral = silent(accepted());
  cohort: CohortRecord = cohortFor(this.referral);
  now = NOW;
  /** The sessions of which they were reminded, each as its number and time, with when. */
  reminded: { of: string; at: string; sequence: number }[] = [];
  /** The emails that told them of a session, and the number of each whose last one said that it is cancelled, or was not held. */
  told: string[] = [];
  saidOff = new Set<number>();
  /** The numbers of sessions for which the link worker heard that the register is missing. */
  missing: number[] = [];

  get id() {
    return this.referral.id;
  }

  /** Its execution is slow: it has not come back yet. */
  isSlow = false;

  /** What came of a change of the referral: its execution goes on at once, unless it is slow. */
  take(changed: Referral) {
    for (const entry of changed.outbox) {
      if (entry.kind !== 'email') continue;
      const of = /session-(\d+)-(\d.*)$/.exec(entry.key);
      const sequence = this.sequenceOf(Number(of?.[1]));
      if (entry.message === 'session-reminder') {
        this.reminded.push({ of: of?.[0] ?? '', at: this.now, sequence });
      }
      const change = /-session-(\d+)-(change|register)-\d+$/.exec(entry.key);
      if (change) this.told.push(entry.key);
      if (OFF.has(entry.message)) this.saidOff.add(Number(change?.[1]));
      if (ON.has(entry.message)) this.saidOff.delete(Number(change?.[1]));
      if (entry.message === 'register-missing') {
        this.missing.push(Number(/:session-(\d+)-/.exec(entry.key)?.[1]));
      }
    }
    this.referral = silent(changed);
    if (!this.isSlow) this.goOn();
  }

  goOn() {
    for (let hops = 0; hops < 5 && this.referral.stage === 'programme' && !this.referral.waiting; hops++) {
      const step = openWelfare(this.referral.programme) ? 'welfare' : 'session';
      this.referral = silent(entered(this.referral, step, this.now, this.cohort));
    }
  }

  /** Until a moment, with everything that is due before it. */
  liveUntil(until: string) {
    for (let tries = 0; tries < 1_000; tries++) {
      const due = this.referral.stage === 'programme' ? nextDue(this.referral) : undefined;
      if (due === undefined || due > until) break;
      if (due > this.now) this.now = due;
      const acted = actOnDue(this.referral, this.now);
      if (!acted) throw new Error(`nothing is done of what is due at ${due}`);
      this.take(acted);
    }
    if (until > this.now) this.now = until;
  }

  /** The group changes; who is in it does not hear yet. */
  change(outcome: CohortOutcome): boolean {
    if ('refused' in outcome) return false;
    this.cohort = { ...outcome, outbox: outcome.outbox.filter(({ kind }) => kind === 'tell') };
    return true;
  }

  /** They hear of what changed, in an order. */
  hear(pick = 0) {
    while (this.cohort.outbox.length > 0) {
      const { outbox } = this.cohort;
      const told = outbox[pick % outbox.length];
      this.cohort = { ...this.cohort, outbox: outbox.filter((each) => each !== told) };
      const learned = learnOfSession(this.referral, this.cohort, told?.session ?? 0, this.now);
      if (!isRefusal(learned)) this.take(learned);
    }
  }

  changed(outcome: CohortOutcome) {
    if (!this.change(outcome)) throw new Error('refused');
    this.hear();
  }

  move(number: number, startsAt: string) {
    const basedOn = this.sequenceOf(number);
    const [date, time] = [londonDate(startsAt), londonTime(startsAt)];
    return moveSession(this.cohort, number, { date, time, anyDay: true, basedOn }, this.now);
  }

  came(number: number, attendance: '2' | '3' | '5' | '7') {
    const entries = { [this.id]: { attendance } };
    return recordGroupRegister(this.cohort, number, { held: true, entries }, this.now);
  }

  says(number: number, comes = false) {
    const said = excuse(this.referral, number, comes, this.now, this.cohort);
    if (!isRefusal(said)) this.referral = silent(said);
    return !isRefusal(said);
  }

  sequenceOf(number: number) {
    return this.cohort.sessions.find((each) => each.number === number)?.sequence ?? 0;
  }

  get sessions() {
    return this.referral.programme?.sessions ?? [];
  }

  get planned() {
    return this.sessions.filter(({ status }) => status === 'planned').map(({ number }) => number);
  }

  get marked() {
    return this.sessions.filter(({ excusedAt }) => excusedAt !== undefined).map(({ number }) => number);
  }

  get next() {
    return nextToCome(this.referral, this.now, this.cohort)?.number;
  }

  get remindedOf() {
    return this.reminded.map(({ of, at }) => `${of.split('-')[1]} on ${londonDate(at)}`);
  }
}

describe('the next session', () => {
  it('is the one before a far one whose cancellation was taken back', () => {
    const life = new Life();
    life.changed(cancelSession(life.cohort, 4, NOW));
    life.changed(restoreSession(life.cohort, 4, 1, NOW));
    expect([life.planned, life.next]).toEqual([[1], 1]);
    life.liveUntil(days(1));
    life.changed(life.came(1, '5'));
    life.liveUntil(days(8));
    expect(life.remindedOf).toEqual(['1 on 2026-11-30', '2 on 2026-12-07']);
  });

  it('is the second where the first was moved behind others, and what they say is of that', () => {
    const life = new Life();
    life.changed(life.move(1, days(16)));
    expect([life.planned, life.next]).toEqual([[2], 2]);
    expect([life.says(1), life.says(2), life.marked]).toEqual([false, true, [2]]);
    life.liveUntil(days(7));
    expect(life.says(2, true)).toBe(false);
    life.liveUntil(days(8));
    life.changed(life.came(2, '2'));
    life.liveUntil(days(15));
    life.changed(life.came(3, '5'));
    life.liveUntil(days(17));
    expect(life.remindedOf).toEqual(['3 on 2026-12-14', '1 on 2026-12-16']);
  });

  it('is a later one that was moved in front of it', () => {
    const life = new Life();
    life.changed(life.move(3, days(-3)));
    expect([life.planned, life.next]).toEqual([[3, 1], 3]);
    life.liveUntil(days(-2));
    life.changed(life.came(3, '5'));
    life.liveUntil(days(0));
    expect(life.remindedOf).toEqual(['3 on 2026-11-27', '1 on 2026-11-30']);
  });

  it('is reminded of, and theirs to say that they cannot come to, while the register of the one before is late', () => {
    const life = new Life();
    life.changed(life.move(2, days(2)));
    life.liveUntil(days(1.5));
    expect(life.remindedOf).toEqual(['1 on 2026-11-30', '2 on 2026-12-02']);
    expect([life.next, life.says(2), life.marked]).toEqual([2, true, [2]]);
    life.liveUntil(days(5));
    expect(life.missing).toEqual([1]);
    // It is waited for in its turn, and so is the one after.
    life.liveUntil(days(7));
    expect(life.missing).toEqual([1, 2]);
    life.liveUntil(days(14));
    expect(life.remindedOf.at(-1)).toBe('3 on 2026-12-14');
  });

  it('is one that was not planned yet: the mark is in the register, and the reminder comes should they come after all', () => {
    const life = new Life();
    life.liveUntil(days(1));
    expect([life.next, life.says(2), life.marked]).toEqual([2, true, [2]]);
    life.changed(life.came(1, '5'));
    expect(plannedSession({ sessions: life.sessions })?.number).toBe(2);
    expect(life.says(2, true)).toBe(true);
    life.liveUntil(days(7));
    expect(life.remindedOf).toEqual(['1 on 2026-11-30', '2 on 2026-12-07']);
    expect(life.missing).toEqual([]);
  });

  it('is reminded of while a link worker is asked to contact them, also where no register comes', () => {
    const life = new Life();
    for (const number of [1, 2]) {
      life.liveUntil(days(7 * number - 6));
      life.changed(life.came(number, '3'));
    }
    expect(life.referral.waiting?.step).toBe('welfare');
    life.liveUntil(days(35));
    expect(life.remindedOf.slice(2)).toEqual([
      '3 on 2026-12-14',
      '4 on 2026-12-21',
      '5 on 2026-12-28',
      '6 on 2027-01-04',
    ]);
  });

  it('is not the end while they are still to hear that one is held after all', () => {
    const life = new Life();
    for (let number = 1; number <= 11; number++) {
      life.liveUntil(days(7 * number - 6));
      life.changed(life.came(number, '5'));
    }
    life.isSlow = true;
    life.changed(cancelSession(life.cohort, 12, life.now));
    life.change(restoreSession(life.cohort, 12, 1, life.now));
    life.goOn();
    expect([life.referral.stage, life.planned]).toEqual(['programme', []]);
    life.hear(1);
    expect([life.referral.stage, life.planned, life.next]).toEqual(['programme', [12], 12]);
  });
});

describe('what they said of a session', () => {
  it('stands where its cancellation is taken back, and not once it was at another time', () => {
    const life = new Life();
    life.says(1);
    life.changed(cancelSession(life.cohort, 1, NOW));
    expect(life.next).toBe(2);
    life.changed(restoreSession(life.cohort, 1, 1, NOW));
    expect([life.planned, life.marked]).toEqual([[1], [1]]);
    life.changed(life.move(1, days(1)));
    expect([life.planned, life.marked]).toEqual([[1], []]);
  });

  it('stands of the next one where the one before it is held after all', () => {
    const life = new Life();
    life.changed(cancelSession(life.cohort, 1, NOW));
    life.says(2);
    life.changed(restoreSession(life.cohort, 1, 1, NOW));
    expect([life.planned, life.marked, life.next]).toEqual([[1, 2], [2], 1]);
    life.liveUntil(days(1));
    life.changed(life.came(1, '5'));
    life.liveUntil(days(8));
    life.changed(life.came(2, '2'));
    life.liveUntil(days(14));
    expect(life.remindedOf).toEqual(['1 on 2026-11-30', '3 on 2026-12-14']);
  });
});

describe('whatever happens to their group', () => {
  type Step = { what: string; which: number; hours: number; tell: number; isSlow: boolean };
  const step: fc.Arbitrary<Step> = fc.record({
    what: fc.constantFrom(
      ...['wait', 'wait', 'wait', 'wait', 'register', 'register', 'register', 'correct', 'not-held'],
      ...['cancel', 'restore', 'move', 'cannot-come', 'comes', 'contact', 'rebuild'],
    ),
    which: fc.nat({ max: 40 }),
    hours: fc.integer({ min: 1, max: 90 }),
    tell: fc.nat({ max: 3 }),
    isSlow: fc.boolean(),
  });
  const codes = ['5', '5', '5', '3', '2', '7'] as const;

  /** Each step, as far as it is possible then; true where it said something of a session. */
  function act(life: Life, { what, which, hours }: Step) {
    const { cohort, now } = life;
    const pick = <T>(all: readonly T[]): T | undefined => all[which % (all.length || 1)];
    const of = (isOne: (session: CohortRecord['sessions'][number]) => boolean) =>
      pick(inOrder(cohort).filter(isOne))?.number ?? 0;
    const begun = of(({ status, endsAt }) => status === 'planned' && endsAt <= now);
    const coming = of(({ status, startsAt }) => status === 'planned' && startsAt > now);
    const code = pick(codes) ?? '5';
    switch (what) {
      case 'register':
        return life.change(life.came(begun, code));
      case 'correct':
        return life.change(
          life.came(
            of(({ status }) => status === 'held'),
            code,
          ),
        );
      case 'not-held':
        return life.change(recordGroupRegister(cohort, begun, { held: false }, now));
      case 'cancel':
        return life.change(cancelComing(cohort, coming, life.sequenceOf(coming), now));
      case 'restore': {
        const number = of(({ status }) => status === 'cancelled');
        return life.change(
          holdAfterAll(cohort, number, { basedOn: life.sequenceOf(number), anyDay: true }, now),
        );
      }
      case 'move': {
        const { startsAt = now } = cohort.sessions.find(({ number }) => number === coming) ?? {};
        return life.change(life.move(coming, later(startsAt, { hours: 6 * (hours - 45) })));
      }
      case 'contact': {
        const open = life.referral.programme && openWelfare(life.referral.programme);
        const goOn = { outcome: 'continue', note: 'Was ill' } as const;
        const on = open && decideWelfare(life.referral, `welfare-${open.number}`, goOn, now);
        return on !== undefined && !isRefusal(on) && life.take(on);
      }
      case 'rebuild':
        return life.referral.stage === 'programme' && life.take(nextExecution(life.referral, now));
      default:
        return false;
    }
  }

  /** Every session that is left is held, and they come to each; whoever is to contact them does. */
  function liveOn(life: Life) {
    life.isSlow = false;
    life.goOn();
    life.hear();
    const contacted = () => act(life, { what: 'contact', which: 0, hours: 0, tell: 0, isSlow: false });
    for (let left = 60; left > 0 && life.referral.stage === 'programme'; left--) {
      const next = inOrder(life.cohort).find(({ status }) => status === 'planned');
      if (next) {
        life.liveUntil(later(next.endsAt, { hours: 1 }));
        life.change(life.came(next.number, '5'));
        life.hear();
      }
      contacted();
    }
  }

  /** Of a session that is to come they were reminded, are to be, or have said that they cannot come. */
  function isReminded(life: Life, number: number) {
    const mine = life.sessions.find((each) => each.number === number);
    if (!mine) return false;
    if (mine.excusedAt !== undefined || mine.remindAt !== undefined) return true;
    const waited = plannedSession({ sessions: life.sessions });
    if (waited === mine && life.referral.due?.step === 'session-reminder') return true;
    return life.reminded.some(({ of }) => of === `session-${number}-${mine.startsAt}`);
  }

  it('plans the earliest that is to come and reminds of it, once; keeps what they said; knows what the registers say; and ends after twelve', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const life = new Life();
        /** What they said, by number and time. */
        const said = new Map<string, boolean>();
        const keyOf = (number: number) =>
          `${number} ${life.cohort.sessions.find((each) => each.number === number)?.startsAt}`;
        for (const each of steps) {
          life.isSlow = each.isSlow;
          if (each.what === 'wait') life.liveUntil(later(life.now, { hours: each.hours }));
          else if (each.what === 'cannot-come' || each.what === 'comes') {
            const number = life.next;
            const comes = each.what === 'comes';
            if (number !== undefined && life.says(number, comes)) said.set(keyOf(number), !comes);
          } else act(life, each);
          // Now and then several things have happened before they hear, in any order.
          if (each.tell > 0) life.hear(each.tell);
          if (life.cohort.outbox.length > 0 || life.isSlow) continue;
          life.goOn();
          const { referral, cohort, now } = life;
          if (referral.stage !== 'programme') break;
          expect(referralSchema.safeParse(referral).error).toBeUndefined();
          expect(referral.waiting).toBeDefined();
          expect(referral.due).toBeDefined();
          const [next] = sessionsFrom(cohort, now);
          expect(life.next).toBe(next?.number);
          if (next && !openWelfare(referral.programme)) {
            const mine = life.sessions.filter(
              ({ status, startsAt }) => status === 'planned' && startsAt > now,
            );
            // While a register is missing the next one is planned in time for its reminder.
            const waits = isDue(plannedSession({ sessions: life.sessions })?.startsAt ?? now, now);
            if (mine.length > 0 || !waits || sessionReminderAt(next, now, referral).late) {
              expect([mine[0]?.number, mine[0]?.startsAt]).toEqual([next.number, next.startsAt]);
              // Who has just said that they come after all knows of it.
              expect(isReminded(life, next.number) || said.get(keyOf(next.number)) === false).toBe(true);
            }
          }
          const once = life.reminded.map(({ of, sequence }) => `${of} ${sequence}`);
          expect(new Set(once).size).toBe(once.length);
          expect(new Set(life.told).size).toBe(life.told.length);
          for (const session of cohort.sessions) {
            // Everybody is told of each that is cancelled or was not held, and of each that is held after all.
            const isOff = session.status === 'cancelled' && !session.notNeeded;
            expect([session.number, life.saidOff.has(session.number)]).toEqual([session.number, isOff]);
            const mine = life.sessions.find(({ number }) => number === session.number);
            if (session.status === 'held')
              expect(mine?.attendance).toBe(session.register?.entries[life.id]?.attendance);
            if (session.status === 'cancelled') expect(mine?.status ?? 'cancelled').toBe('cancelled');
            if (session.status === 'planned' && said.get(keyOf(session.number))) {
              expect(mine?.excusedAt).toBeDefined();
            }
          }
        }
        liveOn(life);
        expect(life.referral.stage).toBe('closing');
        expect(life.sessions.filter(({ status }) => status === 'held')).toHaveLength(12);
      }),
      { numRuns: 300 },
    );
  });
});
