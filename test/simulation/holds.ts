/** What must hold of a service at every moment, whatever goes wrong, and when it has come to rest. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { nextDue } from '../../functions/shared/record.ts';
import { isSameMail } from '../../workflows/change.ts';
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import { openConcern } from '../../workflows/concerns.ts';
import type { OutboxEntry } from '../../workflows/outbox-entry.ts';
import { emailOf } from '../../workflows/person.ts';
import { inLine, type Places, promised, standingOf } from '../../workflows/places.ts';
import type { Referral } from '../../workflows/referral.ts';
import { keyAmongOpen } from '../../workflows/worklist.ts';
import type { Cloud } from './aws.ts';
import type { Level } from './faults-of-aws.ts';
import { stateFor } from './standing.ts';

/** Parts of what people said of themselves: none of them is anywhere but in the table and on pages. */
export const CANARIES = ['Zebulon', 'Quixmire', 'Larkspur', 'zq-person', '900982', '943476'] as const;
const CANARY = new RegExp(CANARIES.join('|'), 'i');

type Item = Record<string, unknown>;

/** What is checked at every write. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`does not hold: ${what}`);
}
type Email = Extract<OutboxEntry, { kind: 'email' }>;

/** How often an email goes out for each time that it was caused. */
const MOST_SENT: Record<Level, number> = {
  none: 1,
  single: 2,
  few: Number.POSITIVE_INFINITY,
  many: Number.POSITIVE_INFINITY,
};

/** Events that take the place of the last entry of the history (saidAgain in change.ts). */
const LAST_MAY_CHANGE = 1;

export class Watch {
  /** Distinct states that were reached. */
  readonly states = new Set<string>();
  readonly #cloud: Cloud;
  readonly #level: Level;
  readonly #keys = new Map<string, Set<string>>();
  /** How often each email was caused: put into the outbox where it was not. */
  readonly #caused = new Map<string, number>();
  readonly #tokens = new Map<string, string>();
  readonly #sent = new Map<string, number>();
  #mailsSeen = 0;
  #answersSeen = 0;
  readonly #changed = new Set<string>();

  constructor(cloud: Cloud, level: Level) {
    this.#cloud = cloud;
    this.#level = level;
    cloud.written = (item, before) => this.#written(item, before);
  }

  /** Every partition whose key begins so, in the order in which they were first written. */
  keys(prefix: string): string[] {
    return [...(this.#keys.get(prefix) ?? [])];
  }

  /** A page that was answered. */
  answered(name: string, status: number, body: string): void {
    const isFine = status >= 200 && status < 500;
    if (this.#level === 'none')
      expect(isFine, `${name} was answered ${status}: ${body.slice(0, 200)}`).toBe(true);
  }

  /** Every write is checked against what was there. */
  #written(item: Item, before: Item | undefined): void {
    const pk = String(item.pk);
    const prefix = `${pk.split('#')[0]}#`;
    let keys = this.#keys.get(prefix);
    if (!keys) {
      keys = new Set();
      this.#keys.set(prefix, keys);
    }
    keys.add(pk);
    switch (item.sk) {
      case 'REFERRAL':
        this.#referral(item, before);
        return;
      case 'PLACES':
        checkLedger(item as unknown as Places, before as unknown as Places | undefined);
        return;
      case 'COHORT':
        this.#cohort(item as unknown as CohortRecord, before as unknown as CohortRecord | undefined);
        return;
    }
  }

  #referral(item: Item, before: Item | undefined): void {
    const next = item as unknown as Referral;
    const last = before as unknown as Referral | undefined;
    this.#changed.add(next.id);
    this.#noteState(next);
    this.#noteCaused(next, last);
    const at = `${next.reference} version ${next.version}`;
    this.#cloud.log.push(
      `  ${at}: ${next.stage}${next.waiting ? ` waits at ${next.waiting.step}` : ''}, ${next.history.at(-1)?.event} ${next.history.at(-1)?.detail ?? ''}; ${next.outbox.map(({ key, attempts }) => `${key}*${attempts}`).join(' ')}`,
    );
    must(next.version === (last ? last.version + 1 : 0), `${at}: nothing is written over`);
    if (next.stage !== 'closed') {
      must(next.due !== undefined, `${at}: what happens if nobody acts`);
      must(keyAmongOpen(next) !== undefined, `${at}: who must act`);
    }
    must(item.dueAt === nextDue(next), `${at}: the due index`);
    checkEnding(next, at);
    if (!last) return;
    const kept = last.history.slice(0, last.history.length - LAST_MAY_CHANGE);
    must(isDeepStrictEqual(next.history.slice(0, kept.length), kept), `${at}: history is kept`);
    must(next.history.length >= last.history.length, `${at}: history only grows`);
    if (next.stage !== last.stage) {
      expect(next.history, `${at}: ${last.stage} became ${next.stage} without a word`).not.toEqual(
        last.history,
      );
      expect(FOLLOWS[last.stage], `${at}: ${last.stage} became ${next.stage}`).toContain(next.stage);
    }
    for (const [id, { recorded, undoneAt }] of Object.entries(last.links)) {
      if (recorded)
        must(isDeepStrictEqual(next.links[id]?.recorded, recorded), `${at}: the decision of ${id} stays`);
      if (undoneAt) must(next.links[id]?.undoneAt === undoneAt, `${at}: the undoing of ${id} stays`);
    }
    this.#checkRemoved(last, next, at);
  }

  #noteCaused({ id, outbox }: Referral, last: Referral | undefined): void {
    const before = new Map(last?.outbox.map(({ key, attempts }) => [key, attempts]));
    for (const { key, kind, attempts } of outbox) {
      // What was done, and is to be done again, takes the place of what it was.
      const isNew = !before.has(key) || (attempts === 0 && (before.get(key) ?? 0) > 0);
      if (kind !== 'email' || !isNew) continue;
      this.#caused.set(`${id}:${key}`, (this.#caused.get(`${id}:${key}`) ?? 0) + 1);
    }
  }

  /** Whatever was claimed is taken away once it is done, and no sooner. */
  #checkRemoved(last: Referral, next: Referral, at: string): void {
    const left = new Set(next.outbox.map(({ key }) => key));
    for (const entry of last.outbox) {
      if (left.has(entry.key) || entry.attempts === 0) continue;
      const key = `${next.id}:${entry.key}`;
      if (entry.kind === 'email') {
        const sent = this.#cloud.mails.some((mail) => mail.key === key);
        expect(
          sent || this.#needsNone(last, next, entry),
          `${at}: ${entry.key} was taken away and not sent`,
        ).toBe(true);
      } else if (entry.kind === 'answer') {
        const answered = this.#cloud.machine.answers.some(({ token }) => token === entry.token);
        // Another execution, which starts where the referral is, needs no answer of the one before.
        const isReplaced = next.execution.name !== last.execution.name;
        expect(answered || isReplaced, `${at}: ${entry.key} was taken away and not answered`).toBe(true);
      } else if (entry.kind === 'start' && next.execution.name === entry.execution) {
        const known = this.#cloud.started.has(entry.execution);
        expect(known, `${at}: ${entry.key} was taken away and not started`).toBe(true);
      }
    }
  }

  #needsNone({ links, person, referrer }: Referral, next: Referral, { to, link, message }: Email): boolean {
    // Somebody has seen to it.
    if (message === 'concern-waiting' && !openConcern(next)) return true;
    // It goes to another address in place of this one.
    if (next.outbox.some((each) => each.attempts === 0 && isSameMail(each, { message, to, link })))
      return true;
    const of = link === undefined ? undefined : links[link];
    if (of?.revokedAt !== undefined || of?.recorded !== undefined || message === 'session-reminder')
      return true;
    if (to === 'person') return emailOf(person) === undefined;
    if (to === 'referrer') return referrer.email === undefined || referrer.kind === 'self';
    return to === 'gp-practice' && person.gpPracticeEmail === undefined;
  }

  #cohort(next: CohortRecord, last: CohortRecord | undefined): void {
    const at = `the group ${next.reference} version ${next.version}`;
    expect(next.version, `${at}: nothing is written over`).toBe((last?.version ?? 0) + 1);
    const numbers = next.sessions.map(({ number }) => number);
    expect(new Set(numbers).size, `${at}: sessions twice`).toBe(numbers.length);
    for (const session of last?.sessions ?? []) {
      const now = next.sessions.find(({ number }) => number === session.number);
      if (session.status === 'held') expect(now?.status, `${at}: session ${session.number}`).toBe('held');
    }
  }

  /** At every moment when nobody is at anything. */
  check(): void {
    const { mails, machine } = this.#cloud;
    for (; this.#mailsSeen < mails.length; this.#mailsSeen++) {
      const mail = mails[this.#mailsSeen];
      if (!mail) break;
      const times = (this.#sent.get(mail.key) ?? 0) + 1;
      this.#sent.set(mail.key, times);
      const ofReferral = /^[a-f0-9]{32}:email:/.test(mail.key);
      const caused = ofReferral ? (this.#caused.get(mail.key) ?? 0) : 1;
      expect(caused, `${mail.key} has a cause`).toBeGreaterThan(0);
      const most = MOST_SENT[this.#level] * caused;
      expect(times, `${mail.key} was sent so often`).toBeLessThanOrEqual(most);
    }
    for (; this.#answersSeen < machine.answers.length; this.#answersSeen++) {
      const { token, answer } = machine.answers[this.#answersSeen] ?? { token: '', answer: '' };
      expect(answer, `the answer to ${token}`).toBe(this.#tokens.get(token) ?? answer);
      this.#tokens.set(token, answer);
    }
    for (const text of this.#cloud.exposed) {
      if (CANARY.test(text)) expect.fail(`personal data where it must not be: ${text.slice(0, 500)}`);
    }
    this.#cloud.exposed.clear();
    for (const id of this.#changed) {
      expect(this.#cloud.table.get({ pk: `REFERRAL#${id}`, sk: 'REFERRAL' }), `${id} is gone`).toBeDefined();
    }
    this.#changed.clear();
  }

  /** Stage, where the execution is, what is due, and what the outbox holds and how often that was tried. */
  #noteState(referral: Referral): void {
    const { stage, waiting, outbox, due, execution, offers } = referral;
    const running = this.#cloud.machine.executions.get(execution.name);
    const kinds = [...new Set(outbox.map(({ kind, attempts }) => `${kind}*${Math.min(attempts, 2)}`))].sort();
    this.states.add(
      [
        ...[
          stage,
          'hold' in referral ? 'hold' : '',
          waiting?.step ?? 'on the way',
          running?.ended ?? running?.state ?? 'none',
        ],
        ...[due?.step, Math.min(due?.count ?? 0, 3), offers.at(-1)?.waitlistedAt ? 'listed' : '', ...kinds],
      ].join(' '),
    );
  }

  /** When nothing goes wrong any more and everybody has answered. `known`: whoever was told that it is recorded. */
  checkAtRest(
    referrals: readonly Referral[],
    ledgers: readonly Places[],
    cohorts: readonly CohortRecord[],
    known: ReadonlySet<string>,
  ): void {
    const { machine, now, table, mails } = this.#cloud;
    for (const id of known)
      expect(
        referrals.some((referral) => referral.id === id),
        `${id} is gone`,
      ).toBe(true);
    for (const referral of referrals) {
      const { reference, id, stage, outbox, execution } = referral;
      expect(stage, `${reference} has an end`).toBe('closed');
      expect(
        outbox.filter(({ notBefore }) => notBefore <= now),
        `the outbox of ${reference}`,
      ).toEqual([]);
      const mine = machine.running().filter((each) => each.referralId === id);
      expect(
        mine.map(({ state }) => state),
        `executions of ${reference} ${stateFor(referral)}`,
      ).toEqual([]);
      expect(machine.executions.get(execution.name)?.ended, `the execution of ${reference}`).toBe('ended');
      const told = mails.some(
        ({ key }) => key.startsWith(`${id}:email:letter-`) || key.startsWith(`${id}:email:`),
      );
      expect(told, `somebody was told of ${reference}`).toBe(true);
    }
    for (const ledger of ledgers) {
      for (const referral of referrals) {
        const mine = ledger.places.filter(({ referralId }) => referralId === referral.id);
        const standing = standingOf(referral, ledger.programmeId);
        expect(
          mine.map(({ state }) => state),
          `places of ${referral.reference}`,
        ).toEqual(standing.state === 'none' || standing.state === 'waiting' ? [] : [standing.state]);
      }
      expect(ledger.waiting, 'who waits').toEqual([]);
    }
    for (const cohort of cohorts) for (const referral of referrals) checkRegisters(cohort, referral);
    for (const { reference, outbox } of cohorts) {
      expect(
        outbox.filter(({ notBefore }) => notBefore <= now),
        `the outbox of ${reference}`,
      ).toEqual([]);
    }
    expect(table.partition('due', 'parked'), 'what is parked').toEqual([]);
  }
}

/** What may come after each stage, by one change. */
const FOLLOWS: Record<Referral['stage'], readonly Referral['stage'][]> = {
  intake: ['review', 'closing'],
  review: ['information', 'offer', 'closing'],
  information: ['review', 'closing'],
  offer: ['programme', 'review', 'closing'],
  programme: ['review', 'closing'],
  closing: ['closed', 'review'],
  closed: [],
};

/** At an end every session was held, or it says why not. */
function checkEnding(referral: Referral, at: string): void {
  if (referral.stage !== 'closing' && referral.stage !== 'closed') return;
  const { ending, programme } = referral;
  if (ending.kind !== 'completed') return;
  expect(programme, `${at}: completed what?`).toBeDefined();
  if (ending.reason !== undefined) return;
  const held = programme?.sessions.filter(({ status }) => status === 'held') ?? [];
  expect(held.length, `${at}: sessions held`).toBe(programme?.planned);
}

/** What a register says of somebody, their referral says. */
function checkRegisters(
  { programmeId, cohortId, sessions, reference }: CohortRecord,
  referral: Referral,
): void {
  const mine = [referral.programme, ...(referral.earlierProgrammes ?? [])].find(
    (each) => each?.programmeId === programmeId && each.cohortId === cohortId,
  );
  for (const { number, register, startsAt } of sessions) {
    const entry = register?.entries[referral.id];
    if (!entry || !mine || startsAt <= (mine.joinedAt ?? '')) continue;
    const known = mine.sessions.find((session) => session.number === number);
    const ended = 'ending' in referral && referral.ending.decidedAt <= startsAt;
    if (ended || mine !== referral.programme) continue;
    expect(known?.attendance, `session ${number} of ${reference} for ${referral.reference}`).toBe(
      entry.attendance,
    );
  }
}

/** Nothing is promised that is not there, and nobody has two places. */
function checkLedger(next: Places, last: Places | undefined): void {
  const at = `ledger version ${next.version}`;
  expect(next.version, `${at}: nothing is written over`).toBe(last ? last.version + 1 : 1);
  for (const { id, capacity } of next.cohorts) {
    const [before, now] = [last ? promised(last, id) : 0, promised(next, id)];
    expect(now <= capacity || now <= before, `${at}: ${now} of ${capacity} in ${id}`).toBe(true);
  }
  const ids = [...next.places, ...next.waiting].map(({ referralId }) => referralId);
  expect(new Set(ids).size, `${at}: somebody is there twice`).toBe(ids.length);
  const calledBefore = new Set(
    last?.places.filter(({ called }) => called).map(({ referralId }) => referralId),
  );
  for (const { referralId, cohortId, called } of next.places) {
    const mine = last?.waiting.find((each) => each.referralId === referralId);
    if (!called || !mine || calledBefore.has(referralId)) continue;
    for (const other of next.waiting.filter(({ notIn = [] }) => !notIn.includes(cohortId))) {
      expect(inLine({ waiting: [other, mine] })[0], `${at}: who is ahead still waits`).toBe(mine);
    }
  }
}
