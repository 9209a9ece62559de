/** What is learned of addresses, in any order, and what a referral does about whom email does not reach. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learn, lift, type MailEvent, newAddress } from '../../../workflows/addresses.ts';
import { checkIn } from '../../../workflows/check-in.ts';
import { close } from '../../../workflows/closing.ts';
import { cancelSession, changeSession } from '../../../workflows/cohort.ts';
import { nextContact, recordContact } from '../../../workflows/contacts.ts';
import { correctAddress, correctDetails } from '../../../workflows/corrections.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import { learnOfSession } from '../../../workflows/programme.ts';
import type { MissedEmail, Referral } from '../../../workflows/referral.ts';
import { referralSchema } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { decideReview } from '../../../workflows/review.ts';
import { remindedBy } from '../../../workflows/session-reminder.ts';
import { after as later } from '../../../workflows/time.ts';
import {
  noteUndelivered,
  openUndelivered,
  settleUndelivered,
  undeliveredDue,
} from '../../../workflows/undelivered.ts';
import { elsewhere, keyAmongOpen, placeInWorklist } from '../../../workflows/worklist.ts';
import {
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
  stored,
  storedCohort,
  submitted,
  validFields,
} from './builders.ts';

const day = (days: number) => later(NOW, { days });
const event = (kind: MailEvent['kind'], id: string = kind, days = 0): MailEvent => ({
  ...{ id, kind, at: day(days), sentAt: day(days) },
});
const learned = (...events: MailEvent[]) => events.reduce(learn, newAddress(NOW));

describe('an address', () => {
  it.each([
    ['permanent', 'bounced'],
    ['complaint', 'complained'],
    ['reject', 'rejected'],
  ] as const)('of which %s comes back is used no more: %s', (kind, why) => {
    expect(learned(event(kind)).dead).toEqual({ why, at: NOW });
  });

  it('may be full or slow twice, and is used no more after the third time within thirty days', () => {
    const twice = learned(event('passing', 'a'), event('passing', 'b', 1));
    expect(twice.dead).toBeUndefined();
    expect(learn(twice, event('passing', 'c', 29)).dead).toEqual({ why: 'bounced', at: day(29) });
    expect(learn(twice, event('passing', 'c', 32)).dead).toBeUndefined();
    expect(learn(twice, event('passing', 'b', 1))).toBe(twice);
  });

  it('that delivers late is remembered, and used', () => {
    const late = learned(event('delay'));
    expect([late.delayedAt, late.dead]).toEqual([NOW, undefined]);
    expect(learn(late, event('delay'))).toBe(late);
  });

  it('is as dead in whatever order, and however often, its bounces come', () => {
    const some = fc.array(
      fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), days: fc.constantFrom(0, 3, 9) }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(some, fc.infiniteStream(fc.nat()), (bounces, random) => {
        const events = [...new Map(bounces.map((b) => [b.id, event('passing', b.id, b.days)])).values()];
        const shuffled = [...events, ...events]
          .map((each) => ({ each, at: random.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each);
        expect(learned(...shuffled).dead !== undefined).toBe(events.length >= 3);
      }),
    );
  });

  it('works again once somebody says so: what was sent before that says nothing any more, what is sent after it does', () => {
    const works = lift(learned(event('permanent')), day(1));
    expect(works.dead).toBeUndefined();
    expect(learn(works, event('permanent', 'late', 0))).toBe(works);
    expect(learn(works, event('permanent', 'new', 2)).dead).toBeDefined();
  });
});

const missed: MissedEmail = {
  ...{ id: 'ses-1', message: 'acknowledgement-person', to: 'person', link: 'person' },
};
const by = { id: 'amina', name: 'Amina Rahman' };
const clean = (referral: Referral): Referral => ({ ...referral, outbox: [] });
const note = (
  referral: Referral,
  over: Partial<MissedEmail> = {},
  why: 'bounced' | 'complained' = 'bounced',
) => noteUndelivered(referral, { to: over.to ?? 'person', why, missed: { ...missed, ...over } }, NOW);
const keys = ({ outbox }: Referral) => outbox.map(({ key }) => key);

describe('a referral whose email does not arrive', () => {
  it('tells the link workers at once, and the coordinator if nobody sees to it', () => {
    const noted = note(clean(offered()));
    expect(referralSchema.safeParse(noted).error).toBeUndefined();
    expect(noted.outbox).toEqual([
      expect.objectContaining({ message: 'undelivered', to: 'link-worker', notBefore: NOW }),
      expect.objectContaining({
        ...{ message: 'undelivered-waiting', to: 'coordinator', notBefore: later(NOW, { workingDays: 2 }) },
      }),
    ]);
    const place = placeInWorklist(noted);
    expect(place).toMatchObject({ task: 'undelivered', by: undeliveredDue({ at: NOW }), urgency: 'none' });
    expect(elsewhere(noted)).toBeUndefined();
    expect(placeInWorklist(offered())).toBeUndefined();
  });

  it('waits behind what else the link workers have to do for it, and after its end too', () => {
    expect(placeInWorklist(note(clean(inReview())))?.task).toBe('review');
    const hold = { decision: 'hold', until: later(NOW, { days: 60 }), reason: 'person-asked' } as const;
    const onHold = stored(decideReview(inReview(), 'review-1', hold, NOW));
    expect([placeInWorklist(onHold), elsewhere(onHold)]).toEqual([undefined, 'hold']);
    expect([placeInWorklist(note(onHold))?.task, elsewhere(note(onHold))]).toEqual([
      'undelivered',
      undefined,
    ]);
    const closed = { ...clean(offered()), stage: 'closed' } as unknown as Referral;
    expect(keyAmongOpen(closed)).toBeUndefined();
    expect(keyAmongOpen(note(closed))).toBeDefined();
  });

  it('says each recipient once, and each email once, also when that was seen to before', () => {
    const noted = note(clean(offered()));
    expect(note(noted)).toBe(noted);
    const two = note(noted, { id: 'ses-2', message: 'waitlisted' });
    expect(openUndelivered(two)).toHaveLength(1);
    expect(openUndelivered(two)[0]?.missed).toHaveLength(2);
    expect(keys(two)).toEqual(keys(noted));
    const settled = stored(settleUndelivered(two, 1, by, false, NOW));
    expect(note(settled)).toBe(settled);
    expect(openUndelivered(note(settled, { id: 'ses-3' }))).toHaveLength(1);
    expect(openUndelivered(note(noted, { id: 'ses-4', to: 'gp-practice' }))).toHaveLength(2);
  });

  it('is seen to once; nobody is told that it waits any more', () => {
    const settled = stored(settleUndelivered(note(clean(offered())), 1, by, false, NOW));
    expect(keys(settled)).toEqual([]);
    expect(settled.assignee?.id).toBe('amina');
    expect(settleUndelivered(settled, 1, by, false, NOW)).toBe(settled);
    expect(settleUndelivered(settled, 1, { id: 'tom', name: 'Tom' }, false, NOW)).toEqual({
      ...{ refused: 'already-decided', recorded: 'Amina Rahman' },
    });
    expect(settleUndelivered(settled, 7, by, false, NOW)).toEqual({ refused: 'not-now' });
  });

  it('sends what is still needed to an address that was put right, with a fresh link, and nothing else', () => {
    const noted = note(note(clean(offered())), { id: 'ses-2', message: 'session-reminder' });
    const right = correctAddress(noted, { to: 'person', address: 'new@example.com' }, by, NOW);
    expect(right.person).toMatchObject({ email: 'new@example.com', contact: { mayEmail: true } });
    expect(openUndelivered(right)).toEqual([]);
    expect(right.corrections?.at(-1)?.before.email).toBe('roisin@example.com');
    expect(
      right.outbox.map((entry) => (entry.kind === 'email' ? `${entry.message} ${entry.to}` : '')),
    ).toEqual(['details-corrected person', 'acknowledgement-person person']);
    expect(right.history.filter((entry) => entry.by === 'person')).toEqual(
      noted.history.filter((entry) => entry.by === 'person'),
    );
  });

  it('is put right by the person, too', () => {
    const noted = note(clean(offered()));
    const person = { ...noted.person, email: 'mine@example.com' };
    const right = stored(correctDetails(noted, person, noted.personKeys ?? { details: '' }, NOW));
    expect(openUndelivered(right)).toEqual([]);
    expect(keys(right)).toContain('email:acknowledgement-person:person:again-1-person');
  });

  it.each([
    ['referrer', 'letter-referrer', (r: Referral) => r.referrer.email],
    ['gp-practice', 'letter-gp', (r: Referral) => r.person.gpPracticeEmail],
  ] as const)('is put right for the %s', (to, message, address) => {
    const noted = note(clean(offered()), { to, message, link: 'letters' });
    const right = correctAddress(noted, { to, address: 'right@example.com' }, by, NOW);
    expect(address(right)).toBe('right@example.com');
    expect(keys(right)).toEqual([`email:${message}:${to}:again-1-letters`]);
  });

  it('knows that who refers themself is the person', () => {
    const self = submitted({ ...validFields, referrerKind: 'self', referrerName: '', referrerEmail: '' });
    expect(openUndelivered(note(clean(self), { to: 'referrer' }))[0]?.to).toBe('person');
  });

  it('writes no more to a person who says that email is unwanted', () => {
    expect(note(clean(offered()), {}, 'complained').person.contact?.mayEmail).toBe(false);
    expect(note(clean(offered())).person).toEqual(offered().person);
    expect(note(clean(offered()), { to: 'gp-practice' }, 'complained').person).toEqual(offered().person);
  });

  it('sends an offer again only where somebody says that the provider’s address was put right', () => {
    const noted = note(clean(offered()), { to: 'provider', message: 'offer', link: 'offer-1' });
    expect(keys(stored(settleUndelivered(noted, 1, by, true, NOW)))).toEqual([
      'email:offer:provider:again-1-offer-1',
    ]);
    expect(keys(stored(settleUndelivered(noted, 1, by, false, NOW)))).toEqual([]);
  });
});

describe('a person to whom nothing can be written', () => {
  const silent = (): Referral => {
    const offer = offered();
    const { email: _none, ...person } = offer.person;
    const reply = acceptance(offer, FIRST_SESSION);
    return entered(stored(replyToOffer(clean({ ...offer, person }), 'offer-1', reply, NOW)), 'session');
  };
  const cancelled = (referral: Referral, now: string) => {
    const cohort = storedCohort(cancelSession(cohortFor(referral), 1, now));
    return stored(learnOfSession(clean(referral), cohort, 1, now));
  };
  const before = later(FIRST_SESSION, { days: -1 });
  const reached = (referral: Referral, now: string) =>
    stored(recordContact(referral, nextContact(referral), { channel: 'phone', outcome: 'reached' }, by, now));

  it('has a place: the team is asked to tell them, it stays in the worklist, and the coordinator hears if nobody does', () => {
    const referral = silent();
    expect(referralSchema.safeParse(referral).error).toBeUndefined();
    const asked = referral.outbox.find(({ key }) => key.includes('offer-accepted-by-hand'));
    expect(asked).toMatchObject({ to: 'link-worker', by: FIRST_SESSION });
    expect(emailsTo(referral)).not.toContain('offer-accepted → person');
    expect(emailsTo(referral)).not.toContain('offer-accepted → link-worker');
    expect(placeInWorklist(referral)).toMatchObject({
      ...{ task: 'undelivered', by: later(NOW, { workingDays: 2 }) },
    });
    expect(referral.outbox.find(({ key }) => key.includes('undelivered-waiting'))).toMatchObject({
      ...{ to: 'coordinator', notBefore: later(NOW, { workingDays: 2 }) },
    });
  });

  it('is told of each change, before the session begins; two changes are one task', () => {
    const told = reached(silent(), NOW);
    expect(placeInWorklist(told)).toBeUndefined();
    const once = cancelled(told, before);
    expect(placeInWorklist(once)).toMatchObject({ task: 'undelivered', by: FIRST_SESSION });
    const open = openUndelivered(cancelled(silent(), before));
    expect(open.map(({ missed: all }) => all.map(({ message }) => message))).toEqual([
      ['offer-accepted', 'session-cancelled'],
    ]);
  });

  it('has been told once somebody has spoken with them since, and by no earlier contact', () => {
    const waits = cancelled(reached(silent(), NOW), before);
    const earlier = { channel: 'phone', outcome: 'reached', at: later(before, { hours: -2 }) } as const;
    const tried = stored(recordContact(waits, nextContact(waits), earlier, by, before));
    expect(placeInWorklist(tried)?.task).toBe('undelivered');
    const silence = { channel: 'phone', outcome: 'no-answer' } as const;
    expect(placeInWorklist(stored(recordContact(waits, nextContact(waits), silence, by, before)))?.task).toBe(
      'undelivered',
    );
    const told = reached(waits, before);
    expect([openUndelivered(told), placeInWorklist(told)]).toEqual([[], undefined]);
    expect(keys(told).filter((key) => key.includes('undelivered-waiting'))).toEqual([]);
    expect(told.history.at(-1)).toMatchObject({ event: 'told-by-hand', name: by.name });
  });

  it('is told nothing of sessions any more once it has ended', () => {
    const left = { ...silent(), stage: 'closing', ending: { kind: 'withdrawn', decidedAt: NOW } };
    const closed = stored(close(left as unknown as Referral, later(NOW, { hours: 1 })));
    expect([openUndelivered(closed), keyAmongOpen(closed)]).toEqual([[], undefined]);
    expect(keys(closed).filter((key) => key.includes('undelivered-waiting'))).toEqual([]);
  });
});

describe('a person in a programme whom email does not reach', () => {
  const bounced = (from = accepted()) => clean(note(clean(from), { message: 'offer-accepted' }));
  const right = (from: Referral, now = NOW) =>
    clean(correctAddress(from, { to: 'person', address: 'new@example.com' }, by, now));

  it('is told of each change by a link worker, who is asked once for each, and by email again once the address is right', () => {
    const referral = bounced();
    const cancelled = storedCohort(cancelSession(cohortFor(referral), 1, NOW));
    const told = stored(learnOfSession(referral, cancelled, 1, NOW));
    expect(emailsTo(told)).toEqual(['session-cancelled-by-hand → link-worker']);
    expect(learnOfSession(told, cancelled, 1, NOW)).toMatchObject({ refused: 'already-decided' });
    const moveTo = { startsAt: later(FIRST_SESSION, { days: 9 }), minutes: 90 };
    const moved = storedCohort(changeSession(cancelled, 2, moveTo, NOW));
    expect(emailsTo(stored(learnOfSession(clean(told), moved, 2, NOW)))).toEqual([
      'session-moved-by-hand → link-worker',
    ]);
    expect(emailsTo(stored(learnOfSession(right(told), moved, 2, NOW)))).toEqual(['session-moved → person']);
    const seenTo = clean(stored(settleUndelivered(told, 1, by, true, NOW)));
    expect(emailsTo(stored(learnOfSession(seenTo, moved, 2, NOW)))).toEqual(['session-moved → person']);
    expect(emailsTo(stored(recorded(referral, '3').outcome))).toEqual([
      'session-missed-by-hand → link-worker',
    ]);
  });

  it('is reminded by the team while they work, of what was planned before, too', () => {
    const offer = offered();
    const monday = '2026-12-07T10:00:00.000Z';
    const placed = entered(stored(replyToOffer(offer, 'offer-1', acceptance(offer, monday), NOW)), 'session');
    const [friday, sunday] = ['2026-12-04T08:00:00.000Z', '2026-12-06T10:00:00.000Z'];
    expect([remindedBy(placed), placed.due?.at]).toEqual(['email', sunday]);
    const referral = bounced(placed);
    expect([remindedBy(referral), referral.due?.at]).toEqual(['team', friday]);
    const reminded = actOnDue(referral, friday);
    expect(reminded && emailsTo(reminded)).toEqual(['reminder-by-hand → link-worker']);
    for (const again of [right(referral), stored(settleUndelivered(referral, 1, by, true, NOW))]) {
      expect([remindedBy(again), again.due?.at]).toEqual(['email', sunday]);
    }
    // Whoever is reminded already is not again.
    const soon = later(friday, { hours: 1 });
    expect(reminded && right(reminded, soon).due?.step).toBe('register-missing');
    const none = { ...referral, person: { ...referral.person, contact: { reminders: 'none' as const } } };
    expect(remindedBy(none)).toBe('none');
  });

  it('is asked how they are by a link worker while they wait', () => {
    const waits = note(clean(offered()));
    expect(emailsTo(checkIn(clean(waits), day(40)))).toEqual(['check-in-by-hand → link-worker']);
    expect(emailsTo(checkIn(right(waits), day(40)))).toEqual(['check-in → person']);
    // Whom else email does not reach is not the person.
    expect(emailsTo(checkIn(clean(note(clean(offered()), { to: 'referrer' })), day(40)))).toEqual([
      'check-in → person',
    ]);
  });
});
