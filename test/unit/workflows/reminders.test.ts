import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextContact, recordContact } from '../../../workflows/contacts.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { useFigures } from '../../../workflows/reminder-policy.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { decideReview } from '../../../workflows/review.ts';
import { londonDate, after as momentAfter } from '../../../workflows/time.ts';
import {
  AMINA,
  accepted,
  answers,
  emailsTo,
  entered,
  inReview,
  NOW,
  offered,
  register,
  stored,
  submitted,
  validFields,
} from './builders.ts';

/** Acts on each due time in turn, `times` times; returns the referral after each, with only what that sweep queued. */
function sweeps(referral: Referral, times: number): Referral[] {
  const results: Referral[] = [];
  let current = referral;
  for (let i = 0; i < times; i++) {
    const at = current.due?.at ?? '';
    const acted = actOnDue({ ...current, outbox: [] }, at);
    if (!acted) throw new Error('nothing was due');
    results.push(acted);
    current = acted;
  }
  return results;
}

const said = (results: Referral[]) =>
  results.map((referral) => [...emailsTo(referral), ...answers(referral)]);

describe('the sweep', () => {
  it('does nothing before the time', () => {
    const referral = inReview();
    expect(actOnDue(referral, momentAfter(referral.due?.at ?? '', { minutes: -1 }))).toBeUndefined();
  });

  it('reminds the link worker, then tells the coordinator, and never stops', () => {
    const results = sweeps(inReview(), 5);
    expect(said(results)).toEqual([
      ['review-reminder → link-worker'],
      ['review-reminder → link-worker'],
      ['review-escalation → coordinator', 'review-reminder → link-worker'],
      ['review-escalation → coordinator', 'review-reminder → link-worker'],
      ['review-escalation → coordinator', 'review-reminder → link-worker'],
    ]);
    expect(results.map((referral) => referral.due?.at)).toEqual([
      '2026-11-26T09:00:00.000Z',
      '2026-11-30T09:00:00.000Z',
      '2026-12-07T09:00:00.000Z',
      '2026-12-14T09:00:00.000Z',
      '2026-12-21T09:00:00.000Z',
    ]);
  });

  it('reminds a silent provider twice, then gives the referral back to the link worker', () => {
    const results = sweeps(offered(), 3);
    expect(said(results)).toEqual([
      ['offer-reminder → provider'],
      ['offer-reminder → provider'],
      ['offer-withdrawn → provider', 'silence'],
    ]);
    const released = results[2] as Referral;
    expect(released.stage).toBe('review');
    expect(released.links['offer-1']?.revokedAt).toBe('2026-12-07T09:00:00.000Z');
  });

  it('asks a provider with a waiting list again, and gives the referral back when they have forgotten it', () => {
    const listed = entered(stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW)), 'place');
    const results = sweeps(listed, 3);
    expect(said(results)).toEqual([
      ['place-check → provider', 'check-in → person'],
      ['place-check → provider', 'check-in → person'],
      ['offer-withdrawn → provider', 'check-in → person', 'silence'],
    ]);
    const asked = results[1] as Referral;
    const still = stored(replyToOffer(asked, 'offer-1', { reply: 'waitlist' }, NOW));
    expect(still.due).toEqual({ at: momentAfter(NOW, { days: 28 }), step: 'place', count: 0 });
  });

  it('tells the link worker of somebody who waits by our own list, and never gives them up', () => {
    const match = { decision: 'match', programmeId: 'hive-music', place: 'waiting-list' } as const;
    const waiting = entered(
      entered(stored(decideReview(inReview(), 'review-1', match, NOW)), 'provider'),
      'place',
    );
    const results = sweeps({ ...waiting, sent: [] }, 5);
    expect(results.map(({ stage }) => stage)).toEqual(['offer', 'offer', 'offer', 'offer', 'offer']);
    const told = said(results).map((mails) => mails.filter((mail) => !mail.includes('check-in')));
    expect(told).toEqual([[], ...Array.from({ length: 4 }, () => ['still-waiting → link-worker'])]);
  });

  it('does not ask a provider for a place in a group who said that it has no room: they could not accept', () => {
    const match = {
      decision: 'match',
      programmeId: 'hive-music',
      place: { cohortId: '2027-01-12' },
    } as const;
    const offer = entered(stored(decideReview(inReview(), 'review-1', match, NOW)), 'provider');
    const listed = entered(stored(replyToOffer(offer, 'offer-1', { reply: 'waitlist' }, NOW)), 'place');
    const told = said(sweeps({ ...listed, sent: [] }, 4)).flat();
    expect(told.filter((mail) => !mail.includes('check-in'))).toEqual(
      Array.from({ length: 3 }, () => 'still-waiting → link-worker'),
    );
  });

  it('reminds the person the day before, then tells the link worker if nobody records whether they came', () => {
    const results = sweeps(accepted(), 2);
    expect(said(results)).toEqual([
      ['session-reminder → person'],
      // It goes on with the next session.
      ['register-missing → link-worker', 'held'],
    ]);
    expect(accepted().due?.at).toBe('2026-11-30T16:00:00.000Z');
    expect(results[0]?.due?.at).toBe('2026-12-05T17:30:00.000Z');
  });

  it('does not send a reminder of a session that has begun', () => {
    const acted = actOnDue({ ...accepted(), outbox: [] }, '2026-12-01T16:30:00.000Z') as Referral;
    expect(emailsTo(acted)).toEqual([]);
    expect(acted.due?.step).toBe('register-missing');
  });

  it('chases a welfare contact and escalates it', () => {
    const missed = entered(register(register(accepted(), '3'), '3'), 'welfare', '2026-12-08T18:30:00.000Z');
    expect(said(sweeps(missed, 2))).toEqual([
      ['welfare-reminder → link-worker'],
      // The group goes on, and expects them on the day after.
      ['session-reminder → person', 'welfare-escalation → coordinator', 'welfare-reminder → link-worker'],
    ]);
  });

  it('restarts a workflow that asked nobody, and tells the coordinator when that does not help', () => {
    const results = sweeps(submitted(), 4);
    expect(results.map((referral) => referral.execution.number)).toEqual([2, 3, 4, 5]);
    expect(emailsTo(results[3] as Referral)).toContain('alert-coordinator → coordinator');
    expect(results[3]?.due?.step).toBe('workflow');
  });

  it('restarts the workflow of someone who was asked but whom no execution waits for', () => {
    const { waiting: _lost, ...lost } = inReview();
    const acted = actOnDue({ ...(lost as Referral), outbox: [] }, lost.due?.at ?? '') as Referral;
    expect(acted.outbox.map((entry) => entry.kind)).toEqual(['start']);
  });

  it('renews an execution before its year is over', () => {
    const referral = inReview();
    const old = { ...referral, execution: { ...referral.execution, startedAt: '2026-01-01T00:00:00.000Z' } };
    const acted = actOnDue({ ...old, outbox: [] }, old.due?.at ?? '') as Referral;
    expect(acted.execution.number).toBe(2);
    expect(acted.due?.step).toBe('review');
  });

  describe('sends each reminder as a mail of its own, since mail programs take one with the same cause for the one before', () => {
    type Step = 'sweep' | 'reached' | 'try' | 'still-waiting';
    const keysOf = ({ outbox }: Referral) =>
      outbox.flatMap(({ kind, key }) => (kind === 'email' ? [key] : []));
    const clean = (referral: Referral): Referral => ({ ...referral, outbox: [] });

    /** What one step sends, and the referral after it, and when that is. */
    function next(referral: Referral, step: Step, now: string): [Referral, string] {
      if (step === 'sweep') {
        const at = [referral.due?.at ?? '', now].sort().at(-1) ?? '';
        const acted = actOnDue(clean(referral), at) ?? referral;
        // Done again after a crash, also later, it is the same mail.
        const again = actOnDue(clean(referral), momentAfter(at, { minutes: 7 })) ?? referral;
        expect(keysOf(again)).toEqual(keysOf(acted));
        return [acted, at];
      }
      const at = momentAfter(now, { hours: 1 });
      if (step === 'still-waiting') {
        return [stored(replyToOffer(clean(referral), 'offer-1', { reply: 'waitlist' }, at)), at];
      }
      const attempt = {
        ...({ channel: 'phone', outcome: step === 'reached' ? 'reached' : 'no-answer' } as const),
        ...(step === 'try' ? { next: londonDate(momentAfter(at, { days: 3 })) } : {}),
      };
      return [stored(recordContact(clean(referral), nextContact(referral), attempt, AMINA, at)), at];
    }

    const inDanger = () => entered(submitted({ ...validFields, danger: 'yes' }), 'review');
    const missed = () =>
      entered(register(register(accepted(), '3'), '3'), 'welfare', '2026-12-08T18:30:00.000Z');
    const listed = () =>
      entered(stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW)), 'place');
    it.each<[string, () => Referral, readonly Step[]]>([
      ['a review', inReview, ['sweep', 'try', 'reached']],
      ['somebody in danger', inDanger, ['sweep', 'try', 'reached']],
      ['a welfare contact', missed, ['sweep', 'try', 'reached']],
      ['a place', listed, ['sweep', 'still-waiting']],
    ])('of %s, in whatever order', (_, begin, steps) => {
      fc.assert(
        fc.property(fc.array(fc.constantFrom(...steps), { minLength: 2, maxLength: 8 }), (order) => {
          let [referral, now] = [begin(), momentAfter(NOW, { days: 20 })];
          const { stage } = referral;
          const sent: string[] = [];
          for (const step of order) {
            // What was given up on is not waited for any more.
            if (referral.stage !== stage || !referral.waiting) break;
            [referral, now] = next(referral, step, now);
            sent.push(...keysOf(referral));
          }
          expect(new Set(sent).size, sent.join(', ')).toBe(sent.length);
        }),
      );
    });
  });

  it('keeps the figures of the service', () => {
    useFigures({ review: '5wd 1wd 2wd 5wd' });
    expect(inReview().due?.at).toBe('2026-11-30T09:00:00.000Z');
    useFigures({});
    expect(inReview().due?.at).toBe('2026-11-25T09:00:00.000Z');
  });
});
