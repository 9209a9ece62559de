/** What the person says on their own page, and what follows: concerns, feedback, "I can't make this one", reminders and check-ins. */
import { describe, expect, it } from 'vitest';
import { nextDue } from '../../../functions/shared/record.ts';
import { answerCheckIn, checkIn, isWaiting, keepsPlace, nextCheckIn } from '../../../workflows/check-in.ts';
import { cancelSession, changeSession, inOrder } from '../../../workflows/cohort.ts';
import {
  concernDue,
  hasOpenRisk,
  openConcern,
  raiseConcern,
  settleConcern,
  tellUntilSettled,
} from '../../../workflows/concerns.ts';
import { reachOf } from '../../../workflows/contacts.ts';
import { correctDetails } from '../../../workflows/corrections.ts';
import { excuse } from '../../../workflows/excuse.ts';
import { aboutsOf, type Told, tellUs } from '../../../workflows/feedback.ts';
import { leave } from '../../../workflows/leaving.ts';
import { missedInARow } from '../../../workflows/missed.ts';
import { callFromWaitingList, replyToOffer } from '../../../workflows/offer.ts';
import { nextToCome } from '../../../workflows/planning.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import {
  type In,
  MOST_CONCERNS,
  MOST_FEEDBACK,
  type Referral,
  referralSchema,
} from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { decideReview } from '../../../workflows/review.ts';
import { remindedBy, sendSessionReminder } from '../../../workflows/session-reminder.ts';
import { after as later } from '../../../workflows/time.ts';
import { decideWelfare } from '../../../workflows/welfare.ts';
import { keyAmongOpen, placeInWorklist } from '../../../workflows/worklist.ts';
import {
  AMINA,
  acceptance,
  accepted,
  cohortFor,
  emailsTo,
  entered,
  FIRST_SESSION,
  inReview,
  NOW,
  offered,
  recorded,
  register,
  stored,
  storedCohort,
  submitted,
  TOM,
  validFields,
} from './builders.ts';

const days = (count: number) => later(NOW, { days: count });
const silent = <R extends Referral>(referral: R): R => ({ ...referral, outbox: [] });
const told = (key: string, more: Partial<Told> = {}): Told => ({ key, about: 'other', ...more });
const withContact = (referral: Referral, contact: Referral['person']['contact']): Referral => ({
  ...referral,
  person: { ...referral.person, contact },
});

describe('feedback', () => {
  const referral = silent(inReview());

  it('is kept once for each form, tells the link workers, and waits for nobody', () => {
    const once = stored(tellUs(referral, told('a', { rating: 'good' }), NOW));
    expect(once.feedback).toEqual([{ key: 'a', at: NOW, about: 'other', rating: 'good' }]);
    expect(emailsTo(once)).toEqual(['feedback → link-worker']);
    expect(tellUs(once, told('a', { rating: 'good' }), days(1))).toBe(once);
    expect(placeInWorklist(once)).toEqual(placeInWorklist(referral));
    expect(stored(tellUs(once, told('b'), days(1))).feedback).toHaveLength(2);
  });

  it('is about the last session that was held, and the programme', () => {
    expect(aboutsOf(referral)).toEqual(['other']);
    expect(aboutsOf(accepted())).toEqual(['programme', 'other']);
    expect(aboutsOf(register(register(accepted(), '5'), '3'))).toEqual(['session-2', 'programme', 'other']);
  });

  it('takes no more room than a referral has, and stays of its schema', () => {
    let full: Referral = referral;
    for (let n = 0; n < MOST_FEEDBACK + 5; n++) full = stored(tellUs(full, told(`key-${n}`), days(n)));
    expect(full.feedback).toHaveLength(MOST_FEEDBACK);
    expect(full.feedback?.at(-1)?.key).toBe(`key-${MOST_FEEDBACK + 4}`);
    expect(referralSchema.safeParse(silent(full)).success).toBe(true);
  });
});

describe('a concern', () => {
  const referral = silent(accepted());
  const worried = stored(tellUs(referral, told('a', { concern: 'contact' }), NOW));
  const unsafe = stored(tellUs(referral, told('a', { concern: 'unsafe' }), NOW));

  it('tells the link workers now, by one email, and the coordinator if nobody sees to it', () => {
    expect(emailsTo(worried)).toEqual(['concern → link-worker', 'concern-waiting → coordinator']);
    expect(worried.outbox.map(({ notBefore }) => notBefore)).toEqual([NOW, later(NOW, { workingDays: 1 })]);
    expect(emailsTo(unsafe)).toEqual([
      'concern-urgent → link-worker',
      'concern-urgent → coordinator',
      'concern-waiting → coordinator',
    ]);
    expect(unsafe.outbox.at(-1)?.notBefore).toBe(later(NOW, { hours: 1 }));
  });

  it('comes first in the worklist: who does not feel safe as danger', () => {
    expect(placeInWorklist(referral)).toBeUndefined();
    expect(placeInWorklist(worried)).toMatchObject({ task: 'concern', urgency: 'risk', isTry: false });
    expect(placeInWorklist(unsafe)).toMatchObject({
      task: 'concern',
      urgency: 'danger',
      by: later(NOW, { hours: 1 }),
    });
  });

  it('is not raised twice while one of its kind is open, but is told again each time that it is said', () => {
    const again = stored(tellUs(silent(worried), told('b', { concern: 'contact' }), days(1)));
    expect(again.concerns).toHaveLength(1);
    expect(emailsTo(again)).toEqual(['concern → link-worker']);
    const stillUnsafe = stored(tellUs(unsafe, told('b', { concern: 'unsafe' }), days(1)));
    expect(stillUnsafe.concerns).toHaveLength(1);
    expect(emailsTo(stillUnsafe)).toEqual([
      ...emailsTo(unsafe),
      'concern-urgent → link-worker',
      'concern-urgent → coordinator',
    ]);
    expect(tellUs(stillUnsafe, told('b', { concern: 'unsafe' }), days(1))).toBe(stillUnsafe);
    const graver = stored(tellUs(again, told('c', { concern: 'unsafe' }), days(1)));
    expect(graver.concerns?.map(({ kind }) => kind)).toEqual(['contact', 'unsafe']);
    expect(openConcern(graver)?.kind).toBe('unsafe');
  });

  it('is over when somebody says that they saw to it: once, and nobody else is told that it waits', () => {
    const settled = stored(settleConcern(unsafe, 1, AMINA, days(1)));
    expect(openConcern(settled)).toBeUndefined();
    expect(emailsTo(settled)).not.toContain('concern-waiting → coordinator');
    expect(settled.assignee?.id).toBe(AMINA.id);
    expect(placeInWorklist(settled)).toBeUndefined();
    expect(settleConcern(settled, 1, AMINA, days(2))).toBe(settled);
    expect(settleConcern(settled, 1, TOM, days(2))).toEqual({
      refused: 'already-decided',
      recorded: AMINA.name,
    });
    expect(settleConcern(settled, 2, TOM, days(2))).toEqual({ refused: 'not-now' });
    expect(stored(tellUs(settled, told('d', { concern: 'unsafe' }), days(3))).concerns).toHaveLength(2);
  });

  it('is told to the coordinator again and again until somebody has seen to it, also after the end', () => {
    expect(tellUntilSettled(unsafe, NOW)).toBe(unsafe);
    const again = tellUntilSettled(silent(unsafe), days(1));
    expect(emailsTo(again)).toEqual(['concern-waiting → coordinator']);
    expect(again.outbox[0]?.notBefore).toBe(later(days(1), { hours: 4 }));
    // A mail of its own each time.
    const third = tellUntilSettled(silent(again), days(2));
    expect(third.outbox[0]?.key).not.toBe(again.outbox[0]?.key);
    expect(tellUntilSettled(third, days(3))).toBe(third);
    const both = silent(raiseConcern(unsafe, 'contact', NOW));
    expect(tellUntilSettled(both, NOW).outbox.map(({ notBefore }) => notBefore)).toEqual([
      later(NOW, { hours: 4 }),
      later(NOW, { workingDays: 1 }),
    ]);
    const settled = stored(settleConcern(again, 1, AMINA, days(2)));
    expect(emailsTo(settled)).toEqual([]);
    expect(tellUntilSettled(settled, days(2))).toBe(settled);
  });

  it('is an open risk: nobody is closed as not reached meanwhile', () => {
    expect([referral, worried].map(hasOpenRisk)).toEqual([false, true]);
    expect(reachOf(worried, days(60)).state).toBe('risk-open');
  });

  it('stays in the worklist when the referral has ended', () => {
    const ended = {
      ...unsafe,
      stage: 'closed',
      ending: { kind: 'completed', decidedAt: NOW },
      closedAt: NOW,
    };
    const closed = referralSchema.parse(ended);
    expect(placeInWorklist(closed)).toMatchObject({ task: 'concern', urgency: 'danger' });
    expect(keyAmongOpen(closed)).toMatch(/^0#/);
    const seen = stored(settleConcern(closed, 1, AMINA, days(1)));
    expect([keyAmongOpen(seen), seen.assignee]).toEqual([undefined, undefined]);
  });

  it('goes from the referral only when it is settled, however many there are', () => {
    let full: Referral = referral;
    for (let n = 1; n <= MOST_CONCERNS + 3; n++) {
      full = stored(settleConcern(silent(raiseConcern(full, 'contact', days(n))), n, AMINA, days(n)));
    }
    const open = raiseConcern(raiseConcern(full, 'unsafe', days(99)), 'contact', days(99));
    expect(open.concerns).toHaveLength(MOST_CONCERNS);
    expect(open.concerns?.filter(({ settledAt }) => !settledAt)).toHaveLength(2);
    expect(referralSchema.safeParse(silent(open)).success).toBe(true);
  });
});

describe('who leaves', () => {
  const withRisk = () => submitted({ ...validFields, risks: 'known', risksDetail: 'Falls' });
  const left = (referral: Referral) => stored(leave(silent(referral), 'person', days(1)));

  it('while a risk is open stays in the worklist until somebody has seen to it', () => {
    const gone = left(entered(withRisk(), 'review'));
    expect(placeInWorklist(gone)).toMatchObject({ task: 'concern', urgency: 'risk' });
    // One email now, which says it all; and the coordinator's, if nobody does.
    expect(emailsTo(gone)).toEqual(['concern-waiting → coordinator', 'person-left → link-worker']);
  });

  it('without one leaves nothing behind but the word that they left', () => {
    const gone = left(inReview());
    expect([placeInWorklist(gone), gone.concerns]).toEqual([undefined, undefined]);
    expect(emailsTo(gone)).toEqual(['person-left → link-worker']);
  });
});

describe('who cannot come to the next session', () => {
  const referral = silent(accepted());

  it('says so and takes it back, as often as they like, until it begins', () => {
    const away = stored(excuse(referral, 1, false, NOW));
    expect(nextToCome(away, NOW)?.excusedAt).toBe(NOW);
    expect(excuse(away, 1, false, days(1))).toBe(away);
    const back = stored(excuse(away, 1, true, days(1)));
    expect(back.programme).toEqual(referral.programme);
    expect(excuse(back, 1, true, days(1))).toBe(back);
    expect(back.history.at(-1)).toEqual({ at: days(1), by: 'person', event: 'comes-after-all' });
    expect(back.history).toHaveLength(referral.history.length + 1);
  });

  it('takes no more room for saying so a thousand times', () => {
    let said: Referral = referral;
    for (let n = 0; n < 1_000; n++) said = stored(excuse(said, 1, n % 2 === 1, later(NOW, { minutes: n })));
    expect(said.history).toHaveLength(referral.history.length + 1);
    expect(JSON.stringify(said).length - JSON.stringify(referral).length).toBeLessThan(200);
  });

  it('is too late when it has begun, and where it is another session or there is none', () => {
    for (const comes of [true, false]) {
      expect(excuse(referral, 1, comes, FIRST_SESSION)).toEqual({ refused: 'not-now' });
      expect(excuse(referral, 2, comes, NOW)).toEqual({ refused: 'not-now' });
      expect(excuse(inReview(), 1, comes, NOW)).toEqual({ refused: 'not-now' });
    }
  });

  it('can say so of the next of their group while a link worker is asked how they are', () => {
    const missed = silent(register(register(referral, '3'), '3'));
    const now = missed.updatedAt;
    const group = cohortFor(missed);
    expect(missed.programme?.welfare).toHaveLength(1);
    expect(nextToCome(missed, now, group)).toMatchObject({ number: 3, status: 'planned' });
    const away = stored(excuse(missed, 3, false, now, group));
    const marked = away.programme?.sessions.filter(({ excusedAt }) => excusedAt !== undefined);
    expect(marked).toMatchObject([{ number: 3, excusedAt: now }]);
    expect(excuse(away, 3, false, now, group)).toBe(away);
    // What is due stays the link worker's contact, and the register starts from what they said.
    expect(away.due).toEqual(missed.due);
    const third = register(away, '2');
    expect(third.programme?.sessions[2]).toMatchObject({ attendance: '2', excusedAt: now });
    expect(third.programme?.welfare).toHaveLength(1);
    const comes = stored(excuse(away, 3, true, now, group));
    expect(nextToCome(comes, now, group)).toMatchObject({ number: 3 });
    // Who goes on afterwards waits for that session.
    const goesOn = stored(decideWelfare(away, 'welfare-1', { outcome: 'continue' }, now));
    expect(entered(goesOn, 'session', now, group).programme?.sessions).toHaveLength(3);
  });

  it('keeps it when the register is recorded; code 2 is neither missed nor breaks a row', () => {
    const away = register(stored(excuse(referral, 1, false, NOW)), '2');
    expect(away.programme?.sessions[0]).toMatchObject({ attendance: '2', excusedAt: NOW });
    if (!away.programme) throw new Error('no programme');
    expect(missedInARow(away.programme)).toBe(0);
    const rows = [
      [['3', '2', '3'], 2],
      [['3', '2'], 1],
      [['3', '5', '2', '7'], 1],
    ] as const;
    for (const [codes, missed] of rows) {
      const sessions = codes.map((attendance, i) => ({
        ...{ number: i + 1, startsAt: NOW, endsAt: NOW, status: 'held' as const, attendance },
      }));
      expect(missedInARow({ ...away.programme, sessions })).toBe(missed);
    }
  });

  it('may come after all where it is moved to another time, and not where only the place is another', () => {
    const away = stored(excuse(referral, 1, false, NOW));
    const cohort = cohortFor(away);
    const change = (startsAt: string) => ({
      ...cohort,
      sessions: cohort.sessions.map((each) =>
        each.number === 1
          ? { ...each, startsAt, endsAt: later(startsAt, { minutes: 90 }), sequence: 1 }
          : each,
      ),
    });
    const excusedAfter = (startsAt: string) =>
      stored(learnOfSession(away, change(startsAt), 1, days(1))).programme?.sessions[0]?.excusedAt;
    expect(excusedAfter(FIRST_SESSION)).toBe(NOW);
    expect(excusedAfter(later(FIRST_SESSION, { days: 1 }))).toBeUndefined();
  });

  it('is not reminded of it', () => {
    const session = nextToCome(referral, NOW);
    if (!session) throw new Error('no session');
    const away = { ...session, excusedAt: NOW };
    expect(sendSessionReminder(referral, away, NOW)).toBe(referral);
  });
});

describe('the reminder of a session', () => {
  const referral = silent(accepted());
  const [session] = referral.programme?.sessions ?? [];
  if (!session) throw new Error('no session');
  const email = 'roisin@example.com';

  it.each([
    [{ email }, 'email'],
    [{ email, contact: { reminders: 'email' as const } }, 'email'],
    [{ email, contact: { reminders: 'team' as const } }, 'team'],
    [{ email, contact: { reminders: 'none' as const } }, 'none'],
    [{ email, contact: { mayEmail: false } }, 'team'],
    [{ email, contact: { mayEmail: false, reminders: 'email' as const } }, 'team'],
    [{ contact: { preferred: 'text' as const } }, 'team'],
    [{ contact: { reminders: 'none' as const } }, 'none'],
  ])('of somebody with %o is by %s', (person, way) => {
    const { email: _address, contact: _chosen, ...known } = referral.person;
    expect(remindedBy({ person: { ...known, ...person } })).toBe(way);
  });

  it('is an email, or a task for the team, or nothing; and nothing once the session has begun', () => {
    const emails = (person: Referral, now = NOW) => emailsTo(sendSessionReminder(person, session, now));
    expect(emails(referral)).toEqual(['session-reminder → person']);
    expect(emails(withContact(referral, { reminders: 'team' }))).toEqual(['reminder-by-hand → link-worker']);
    expect(emails(withContact(referral, { reminders: 'none' }))).toEqual([]);
    expect(emails(withContact(referral, { reminders: 'team' }), FIRST_SESSION)).toEqual([]);
  });

  it('is asked of the team while they work, from when they are to do it, and comes by email again when it is not', () => {
    const offer = offered();
    const monday = '2026-12-07T10:00:00.000Z';
    const placed = stored(replyToOffer(offer, 'offer-1', acceptance(offer, monday), NOW));
    const planned = silent(entered(placed, 'session'));
    const [friday, sunday] = ['2026-12-04T08:00:00.000Z', later(monday, { days: -1 })];
    expect(planned.due).toMatchObject({ at: sunday, step: 'session-reminder' });
    const choose = (from: Referral, reminders: 'team' | 'email', now: string) => {
      const person = { ...from.person, contact: { ...from.person.contact, reminders } };
      return silent(stored(correctDetails(from, person, from.personKeys ?? { details: '' }, now)));
    };
    const byTeam = choose(planned, 'team', days(1));
    expect(byTeam.due?.at).toBe(friday);
    expect(choose(byTeam, 'email', days(2)).due?.at).toBe(sunday);
    const asked = actOnDue(byTeam, friday);
    if (!asked) throw new Error('nobody was asked');
    expect(emailsTo(asked)).toEqual(['reminder-by-hand → link-worker']);
    // They are told once, whatever they choose then.
    const chosen = choose(silent(asked), 'email', later(friday, { hours: 2 }));
    expect(chosen.due?.step).toBe('register-missing');
    expect(actOnDue(chosen, sunday)).toBeUndefined();
    // Chosen at the weekend, it is asked of them before the session.
    expect(choose(planned, 'team', later(sunday, { hours: -20 })).due?.at).toBe('2026-12-07T08:00:00.000Z');
  });

  it('is caused by the sweep the day before', () => {
    const by = withContact(referral, { reminders: 'team' });
    const acted = actOnDue(by, later(FIRST_SESSION, { days: -1 }));
    expect(acted && emailsTo(acted)).toEqual(['reminder-by-hand → link-worker']);
    expect(acted?.history.at(-1)?.event).toBe('reminder-by-hand');
  });

  it('goes on while a link worker is asked how they are: of the next session of their group, once', () => {
    const missed = silent(register(register(accepted(), '3'), '3'));
    const asked = silent(entered(missed, 'welfare', later(FIRST_SESSION, { days: 12 })));
    const third = later(FIRST_SESSION, { days: 14 });
    const dayBefore = later(third, { days: -1 });
    expect(asked.due?.step).toBe('welfare');
    expect(nextDue(asked)).toBe(dayBefore);
    const reminded = actOnDue(asked, dayBefore);
    if (!reminded) throw new Error('not reminded');
    expect(reminded.outbox).toMatchObject([{ message: 'session-reminder', to: 'person', by: third }]);
    expect(reminded.due).toMatchObject({ step: 'welfare' });
    expect(actOnDue(silent(reminded), later(dayBefore, { minutes: 5 }))).toBeUndefined();
    // By their team, where they cannot be written to; and not of what they cannot come to.
    const unwritten = { ...asked, person: { ...asked.person, contact: { mayEmail: false } } };
    const byTeam = actOnDue(unwritten, dayBefore);
    expect(byTeam && emailsTo(byTeam)).toContain('reminder-by-hand → link-worker');
    const away = actOnDue(stored(excuse(asked, 3, false, NOW)), dayBefore);
    expect(away && emailsTo(away)).not.toContain('session-reminder → person');
    // Once the contact is recorded they are reminded as ever, and not twice.
    const goesOn = (from: Referral, now: string) =>
      entered(stored(decideWelfare(from, 'welfare-1', { outcome: 'continue' }, now)), 'session', now);
    const soon = goesOn(asked, later(dayBefore, { minutes: -5 }));
    expect([soon.due, nextDue(silent(soon))]).toEqual([
      { at: dayBefore, step: 'session-reminder', count: 0 },
      dayBefore,
    ]);
    expect(goesOn(reminded, later(dayBefore, { minutes: 5 })).due?.step).toBe('register-missing');
    // The one after it is reminded of in its turn.
    const { outcome } = recorded(silent(reminded), '5', 3);
    expect(nextDue(silent(stored(outcome)))).toBeDefined();
    expect(stored(outcome).programme?.sessions[3]).toMatchObject({
      ...{ number: 4, status: 'planned', remindAt: later(dayBefore, { days: 7 }) },
    });
  });

  it('is as the person chose it, which is a correction of which the link workers hear', () => {
    const { person, personKeys = { details: '' } } = referral;
    const contact = { ...person.contact, reminders: 'none' as const };
    const corrected = stored(correctDetails(referral, { ...person, contact }, personKeys, NOW));
    expect(remindedBy(corrected)).toBe('none');
    expect(corrected.corrections?.at(-1)?.fields).toEqual(['contact']);
    expect(emailsTo(corrected)).toEqual(['details-corrected → link-worker']);
  });
});

describe('whoever leaves while they wait for a place', () => {
  const waiting = silent(
    stored(
      decideReview(
        inReview(),
        'review-1',
        { decision: 'match', programmeId: 'hive-music', place: 'waiting-list' },
        NOW,
      ),
    ),
  );
  const toProvider = (referral: Referral) =>
    emailsTo(stored(leave(referral, 'person', days(3)))).filter((sent) => sent.endsWith('provider'));

  it('is no news to a provider who has not heard of them, and is to one who was asked', () => {
    expect(waiting.offers.at(-1)?.askedAt).toBeUndefined();
    expect(toProvider(waiting)).toEqual([]);
    const next = { offer: 1, cohortId: 'spring' };
    const called = silent(stored(callFromWaitingList(waiting, next, days(1))));
    for (const asked of [called, silent(offered()), silent(accepted())]) {
      expect(toProvider(asked)).toEqual(['offer-withdrawn → provider']);
    }
  });
});

it('a provider who says a thousand times that somebody still waits adds one line', () => {
  const listed = stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW));
  let waits: Referral = listed;
  for (let n = 1; n <= 1_000; n++) {
    waits = stored(replyToOffer(waits, 'offer-1', { reply: 'waitlist' }, later(NOW, { minutes: n })));
  }
  expect(waits.history).toHaveLength(listed.history.length + 1);
  expect(waits.history.at(-1)).toMatchObject({ at: later(NOW, { minutes: 1_000 }), by: 'provider' });
});

describe('who waits for long', () => {
  const waitlisted = () => {
    const offer = offered();
    const listed = stored(replyToOffer(offer, 'offer-1', { reply: 'waitlist' }, NOW));
    return {
      ...silent(entered(listed, 'place')),
      sent: [{ at: NOW, message: 'waitlisted', to: 'person' }],
    } as Referral;
  };
  const asked = (referral: Referral, now: string) => emailsTo(checkIn(silent(referral), now));

  it('is asked how they are when they have heard nothing for as long as the policy says', () => {
    for (const referral of [inReview(), waitlisted()]) {
      expect(asked(referral, days(25))).toEqual([]);
      expect(asked(referral, days(26))).toEqual(['check-in → person']);
      const once = checkIn(referral, days(26));
      expect(once.checkIn).toEqual({ number: 1, askedAt: days(26) });
      expect(asked(once, days(40))).toEqual([]);
      expect(asked(once, days(52))).toEqual(['check-in → person']);
    }
  });

  it('is asked by the sweep, whatever else is due then', () => {
    const listed = waitlisted();
    const acted = actOnDue(listed, listed.due?.at ?? NOW);
    expect(listed.due).toMatchObject({ at: days(28), step: 'place' });
    expect(acted && emailsTo(acted)).toEqual(['place-check → provider', 'check-in → person']);
    let review: Referral = inReview();
    const sent: string[] = [];
    while ((review.due?.at ?? '') < days(60)) {
      const acted = actOnDue(silent(review), review.due?.at ?? NOW);
      if (!acted) throw new Error('nothing due');
      sent.push(...emailsTo(acted).filter((email) => email.endsWith('→ person')));
      review = acted;
    }
    expect(sent).toEqual(['check-in → person', 'check-in → person']);
  });

  it('is asked while they wait for a first session that is months away, and no more once it comes', () => {
    const first = later(NOW, { days: 100 });
    const joined = stored(replyToOffer(offered(), 'offer-1', acceptance(offered(), first), NOW));
    let waits: Referral = silent(entered(joined, 'session', NOW));
    const sent: string[] = [];
    for (let now = nextDue(waits); now !== undefined && now < first; now = nextDue(waits)) {
      const acted = actOnDue(waits, now);
      if (!acted) throw new Error('nothing due');
      sent.push(...emailsTo(acted));
      waits = silent(acted);
    }
    expect(sent).toEqual([
      ...['check-in → person', 'check-in → person', 'check-in → person'],
      'session-reminder → person',
    ]);
    expect(nextCheckIn(accepted())).toBeUndefined();
  });

  it.each([
    ['postponed', 'move' as const],
    ['whose sessions are cancelled', 'cancel' as const],
  ])('is asked while they wait for a group %s', (_, how) => {
    let waits: Referral = silent(accepted());
    let group = cohortFor(waits);
    const sixth = inOrder(group)[5]?.startsAt ?? NOW;
    const numbers = inOrder(group).map(({ number }) => number);
    for (const number of how === 'move' ? numbers.toReversed() : numbers) {
      const { startsAt = NOW } = group.sessions.find((each) => each.number === number) ?? {};
      group = storedCohort(
        how === 'move'
          ? changeSession(group, number, { startsAt: later(startsAt, { days: 84 }), minutes: 90 }, NOW)
          : cancelSession(group, number, NOW),
      );
    }
    for (const { number } of inOrder(group)) {
      const learned = learnOfSession(waits, group, number, NOW);
      if (!('refused' in learned)) waits = learned;
    }
    if (how === 'cancel') waits = entered(silent(waits), 'session', NOW, group);
    const first = inOrder(group).find(({ status }) => status === 'planned')?.startsAt ?? NOW;
    expect(first > sixth).toBe(true);
    waits = { ...silent(waits), sent: [{ at: NOW, message: 'session-moved', to: 'person' }] } as Referral;
    const sent: string[] = [];
    for (let now = nextDue(waits); now !== undefined && now < first; now = nextDue(waits)) {
      const acted = actOnDue(waits, now);
      if (!acted) throw new Error('nothing due');
      sent.push(...emailsTo(acted));
      waits = silent(acted);
    }
    expect(sent.slice(0, 2)).toEqual(['check-in → person', 'check-in → person']);
    expect(sent.at(-1)).toBe('session-reminder → person');
    expect(isWaiting(waits)).toBe(true);
    // Who may have been at a first session waits for none: only its register is missing.
    const { programme } = waits as In<'programme'>;
    const [one, ...others] = programme.sessions.filter(({ status }) => status === 'planned');
    if (!one) throw new Error('nothing is planned');
    const early = { ...one, startsAt: days(7), endsAt: days(7), unrecordedAt: days(11) };
    const unrecorded = {
      ...waits,
      programme: { ...programme, sessions: [early, one, ...others] },
    } as Referral;
    expect([isWaiting(unrecorded), nextCheckIn(unrecorded)]).toEqual([false, undefined]);
  });

  it('is not asked where there was a word meanwhile, where they wait for nobody, or where somebody sees to them', () => {
    const referral = inReview();
    const at = days(10);
    const contact = { number: 1, at, channel: 'phone', outcome: 'reached', by: AMINA } as const;
    expect(asked({ ...referral, contacts: [contact] }, days(30))).toEqual([]);
    expect(asked({ ...referral, contacts: [contact] }, days(36))).toEqual(['check-in → person']);
    expect(asked(stored(tellUs(referral, told('a'), at)), days(30))).toEqual([]);
    expect(asked(raiseConcern(referral, 'contact', NOW), days(99))).toEqual([]);
    expect(asked(accepted(), days(99))).toEqual([]);
    const hold = { until: days(80), reason: 'person-asked', since: NOW } as const;
    expect(asked({ ...referral, hold } as Referral, days(60))).toEqual([]);
  });

  it('keeps a place where there is one: on a list, held, or before a first session, and in no review', () => {
    const far = acceptance(offered(), later(NOW, { days: 100 }));
    const starts = entered(stored(replyToOffer(offered(), 'offer-1', far, NOW)), 'session', NOW);
    const declined = stored(
      replyToOffer(waitlisted(), 'offer-1', { reply: 'decline', reason: 'no-capacity' }, days(20)),
    );
    expect([waitlisted(), starts].map(keepsPlace)).toEqual([true, true]);
    expect([inReview(), offered(), declined].map(keepsPlace)).toEqual([false, false, false]);
  });

  it('is the link workers’ to ask where we have no address', () => {
    const referral = withContact(inReview(), { mayEmail: false });
    expect(asked(referral, days(26))).toEqual(['check-in-by-hand → link-worker']);
  });

  it('answers, more than once and also unasked, as long as they wait', () => {
    const referral = checkIn(inReview(), days(26));
    const still = stored(answerCheckIn(referral, 'still-want', days(27)));
    expect(still.checkIn).toMatchObject({ number: 1, answer: 'still-want', answeredAt: days(27) });
    expect(answerCheckIn(still, 'still-want', days(28))).toBe(still);
    expect(stored(answerCheckIn(still, 'worried', days(28))).checkIn?.answer).toBe('worried');
    expect(answerCheckIn(accepted(), 'still-want', NOW)).toEqual({ refused: 'not-now' });
    expect(referralSchema.safeParse(stored(answerCheckIn(inReview(), 'still-want', NOW))).success).toBe(true);
  });
});

it('a concern is due in time', () => {
  expect(concernDue({ number: 1, at: NOW, kind: 'unsafe' })).toBe('2026-11-23T10:00:00.000Z');
});
