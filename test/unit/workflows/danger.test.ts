/** Somebody is in danger, says the referral: until when that is what comes first, and what it is from then on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordContact } from '../../../workflows/contacts.ts';
import { dangerStands } from '../../../workflows/danger.ts';
import { answerQuestion } from '../../../workflows/information.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import type { In, Referral } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { decideReview, type ReviewDecision } from '../../../workflows/review.ts';
import { answerBy, answerOf } from '../../../workflows/steps.ts';
import { after as momentAfter } from '../../../workflows/time.ts';
import { undoable, undoDecision } from '../../../workflows/undo.ts';
import { elsewhere, placeInWorklist, urgencyOf } from '../../../workflows/worklist.ts';
import {
  AMINA,
  accepted,
  emailsTo,
  entered,
  NOW,
  offered,
  register,
  stored,
  submitted,
  validFields,
} from './builders.ts';

const later = (minutes: number) => momentAfter(NOW, { minutes });
const inDanger = () => entered(submitted({ ...validFields, danger: 'yes' }), 'review');
const decide = (referral: Referral, decision: ReviewDecision, at = NOW) =>
  decideReview(referral, `review-${referral.reviews}`, decision, at, AMINA);
const contacted = (referral: Referral, outcome: 'reached' | 'no-answer', at = NOW) =>
  stored(recordContact(referral, 1, { channel: 'phone', outcome }, AMINA, at));
const HOLD = { decision: 'hold', until: momentAfter(NOW, { days: 30 }), reason: 'person-asked' } as const;
const MATCH = { decision: 'match', programmeId: 'hive-music' } as const;
const DECLINE = { decision: 'decline', reason: 'duplicate' } as const;

/** What is seen of it: above all others, due in an hour, with reminders as urgent. */
const urgent = (referral: Referral, since = NOW) => {
  expect(placeInWorklist(referral)).toMatchObject({
    urgency: 'danger',
    by: momentAfter(since, { hours: 1 }),
  });
  expect(referral.due).toMatchObject({
    step: 'urgent-review',
    at: momentAfter(since, { hours: 1 }),
    count: 0,
  });
};

describe('the danger of a referral', () => {
  it('stands from when it comes in, and also when it was passed on, taken back or tried in vain', () => {
    expect(urgencyOf(submitted({ ...validFields, danger: 'yes' }))).toBe('danger');
    urgent(inDanger());
    const passed = stored(decide(inDanger(), { decision: 'transfer', team: 'camden' }, later(5)));
    urgent(passed, later(5));
    expect(emailsTo(passed).filter((mail) => mail.startsWith('review'))).toHaveLength(2);
    urgent(stored(undoDecision(stored(decide(inDanger(), DECLINE)), 'review-1', NOW, AMINA)));
    urgent(contacted(inDanger(), 'no-answer'));
  });

  it('stands while a question is asked, and afterwards', () => {
    const question = { decision: 'ask-for-more', to: 'referrer', question: 'Where are they?' } as const;
    const asked = entered(stored(decide(inDanger(), question)), 'information');
    expect([dangerStands(asked), urgencyOf(asked)]).toEqual([true, 'danger']);
    const answered = stored(answerQuestion(asked, 'information-1', 'At home', later(5)));
    expect(answerOf(answered, 'information')).toBe('answered');
    urgent(entered(answered, 'review', later(5)), later(5));
  });

  const QUESTION = { decision: 'ask-for-more', to: 'referrer', question: 'What is their number?' } as const;
  const emailsOf = ({ outbox }: Referral) =>
    outbox.flatMap((entry) => (entry.kind === 'email' ? [`${entry.message} → ${entry.to}`] : []));

  it('has the team speak with them while a question is asked, as soon as without one', () => {
    const decided = stored(decide(inDanger(), QUESTION, later(20)));
    const asked = entered(decided, 'information', later(21));
    const place = { task: 'reach', urgency: 'danger', by: momentAfter(NOW, { hours: 1 }) };
    for (const referral of [decided, asked]) {
      expect(placeInWorklist(referral)).toMatchObject(place);
      expect(elsewhere(referral)).toBeUndefined();
    }
    const told: string[] = [];
    const spans: number[] = [];
    let referral = asked;
    let before = later(21);
    for (let i = 0; i < 4; i++) {
      const at = referral.due?.at ?? '';
      spans.push((Date.parse(at) - Date.parse(before)) / 3_600_000);
      referral = actOnDue({ ...referral, outbox: [] }, at) ?? referral;
      told.push(emailsOf(referral).join(', '));
      expect(placeInWorklist(referral)).toMatchObject(place);
      before = at;
    }
    expect(spans).toEqual([1, 1, 4, 24]);
    const both = 'danger-escalation → coordinator, danger-reminder → link-worker';
    expect(told).toEqual(['danger-reminder → link-worker', both, both, both]);
    // Whoever was asked is given up on as of anybody else, and the review is as urgent.
    const late = momentAfter(later(21), { workingDays: 10 });
    const back = actOnDue({ ...referral, outbox: [] }, late) ?? referral;
    expect([back.stage, back.history.at(-1)?.event]).toEqual(['review', 'information-not-given']);
    urgent(entered(back, 'review', late), late);
  });

  it('has the question wait like any other once somebody has reached them', () => {
    const asked = entered(stored(decide(inDanger(), QUESTION)), 'information');
    const tried = contacted(asked, 'no-answer', later(10));
    expect([tried.due, placeInWorklist(tried)?.task]).toEqual([asked.due, 'reach']);
    const reached = contacted(asked, 'reached', later(20));
    expect([placeInWorklist(reached), elsewhere(reached)]).toEqual([undefined, 'information']);
    const at = momentAfter(later(20), { workingDays: 5 });
    expect(reached.due).toEqual({ at, step: 'information', count: 0 });
    expect(emailsOf(actOnDue({ ...reached, outbox: [] }, at) ?? reached)).toEqual([
      'information-reminder → referrer',
    ]);
    // An execution that is rebuilt meanwhile finds what is due.
    const { waiting: _void, due: _lost, ...rest } = asked;
    expect(entered(rest as Referral, 'information', later(30)).due?.step).toBe('urgent-review');
  });

  it('is a known risk once somebody has reached them, and the review is due like others', () => {
    const reached = contacted(inDanger(), 'reached', later(20));
    expect(dangerStands(reached)).toBe(false);
    const by = momentAfter(NOW, { workingDays: 2 });
    expect(placeInWorklist(reached)).toMatchObject({ urgency: 'risk', by });
    expect(answerBy(reached)).toBe(by);
    expect(reached.due).toEqual({ at: momentAfter(later(20), { workingDays: 2 }), step: 'review', count: 0 });
    const next = { channel: 'phone', outcome: 'reached', next: '2026-11-27' } as const;
    expect(stored(recordContact(inDanger(), 1, next, AMINA, NOW)).due).toMatchObject({
      tryAt: '2026-11-27T08:00:00.000Z',
    });
    // Whom somebody spoke with before the referral came in, nobody spoke with about it.
    const before = { channel: 'phone', outcome: 'reached', at: '2026-11-20T09:00:00.000Z' } as const;
    urgent(stored(recordContact(inDanger(), 1, before, AMINA, NOW)));
  });

  it('is a known risk with an offer, in a programme and at the end, and stands where an offer came to nothing', () => {
    const match = offered(inDanger());
    for (const referral of [match, accepted(match), stored(decide(inDanger(), DECLINE))]) {
      expect([dangerStands(referral), urgencyOf(referral)]).toEqual([false, 'risk']);
    }
    const no = { reply: 'decline', reason: 'no-capacity' } as const;
    const back = entered(stored(replyToOffer(match, 'offer-1', no, later(60))), 'review', later(60));
    urgent(back, later(60));
  });

  it('is over where they were in a programme that was not right for them: somebody has met them', () => {
    const { programme, ...rest } = register(accepted(offered(inDanger())), '5') as In<'programme'>;
    const back = { ...rest, stage: 'review', earlierProgrammes: [programme] } as unknown as Referral;
    expect([dangerStands(back), urgencyOf(back)]).toEqual([false, 'risk']);
  });

  it('is never put on hold', () => {
    expect(decide(inDanger(), HOLD)).toEqual({ refused: 'not-now' });
    expect(decide(contacted(inDanger(), 'no-answer'), HOLD)).toEqual({ refused: 'not-now' });
    expect(stored(decide(contacted(inDanger(), 'reached'), HOLD))).toHaveProperty('hold');
  });

  it('is never put on a waiting list, nor declined as if they had been asked', () => {
    const waits = { ...MATCH, place: 'waiting-list' } as const;
    const unwanted = { decision: 'decline', reason: 'person-does-not-want-it' } as const;
    for (const decision of [waits, unwanted]) {
      expect(decide(contacted(inDanger(), 'no-answer'), decision)).toEqual({ refused: 'not-now' });
      expect(stored(decide(contacted(inDanger(), 'reached'), decision)).stage).not.toBe('review');
    }
    expect(stored(decide(inDanger(), { ...MATCH, place: { cohortId: 'spring' } })).stage).toBe('offer');
  });

  it('is not lost by whatever is decided and taken back, as long as nobody has reached them', () => {
    const question = { decision: 'ask-for-more', to: 'person', question: '?' } as const;
    const decisions = [MATCH, DECLINE, question, { decision: 'transfer', team: 'camden' } as const];
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 5 }), fc.boolean(), (order, reminded) => {
        let referral = inDanger();
        let at = NOW;
        for (const i of order) {
          at = momentAfter(at, { minutes: 3 });
          const decision = decisions[i] as ReviewDecision;
          const link = `review-${referral.reviews}`;
          referral = stored(decide(referral, decision, at));
          if (referral.stage === 'information' && reminded) referral = entered(referral, 'information', at);
          if (dangerStands(referral)) expect(placeInWorklist(referral)?.urgency).toBe('danger');
          at = momentAfter(at, { minutes: 3 });
          if (decision.decision !== 'transfer' || undoable(referral, at)?.link === link) {
            referral = stored(undoDecision(referral, link, at, AMINA));
          }
          // What was to go out has gone out.
          referral = { ...referral, outbox: referral.outbox.filter(({ notBefore }) => notBefore > at) };
          if (answerOf(referral, 'review') === undefined && !referral.waiting) {
            referral = entered(referral, 'review', at);
          }
          if (reminded) referral = actOnDue(referral, at) ?? referral;
        }
        expect(placeInWorklist(referral)).toMatchObject({ task: 'review', urgency: 'danger' });
        expect(referral.due?.step).toBe('urgent-review');
        const dueBy = placeInWorklist(referral)?.by ?? '';
        expect(dueBy <= momentAfter(at, { hours: 1 })).toBe(true);
      }),
    );
  });
});
