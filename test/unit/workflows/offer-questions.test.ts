import { describe, expect, it } from 'vitest';
import { openOfferQuestion } from '../../../workflows/change.ts';
import { callFromWaitingList, replyToOffer } from '../../../workflows/offer.ts';
import { answerAboutOffer, askAboutOffer, nextQuestion } from '../../../workflows/offer-questions.ts';
import { MOST_OFFER_QUESTIONS, type Referral, referralSchema } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { answerBy } from '../../../workflows/steps.ts';
import { after as later } from '../../../workflows/time.ts';
import { undoDecision } from '../../../workflows/undo.ts';
import { elsewhere, placeInWorklist } from '../../../workflows/worklist.ts';
import { acceptance, emailsTo, entered, NOW, offered, stored } from './builders.ts';

const LATER = later(NOW, { hours: 5 });
const quiet = (referral: Referral): Referral => ({ ...referral, outbox: [] });
const valid = (referral: Referral) => expect(referralSchema.safeParse(referral).error).toBeUndefined();
const ask = (referral: Referral, text = 'Can she climb stairs?', number = 1, now = NOW) =>
  askAboutOffer(referral, 'offer-1', { number, text }, now);
const answer = (referral: Referral, text = 'Yes, slowly.', number = 1, now = LATER) =>
  answerAboutOffer(referral, { offer: 1, number, answer: text }, now, 'Amina');
const asked = () => stored(ask(quiet(offered())));
const listed = () => {
  const waits = stored(replyToOffer(quiet(offered()), 'offer-1', { reply: 'waitlist' }, NOW));
  return quiet(entered(waits, 'place'));
};

/** Everything that is due for so many days, as the sweep would do it. */
function silence(referral: Referral, days: number, from = NOW): { referral: Referral; sent: string[] } {
  const until = later(from, { days });
  const sent: string[] = [];
  let current = quiet(referral);
  while (current.due && current.due.at <= until) {
    current = actOnDue(current, current.due.at) as Referral;
    // How people are while they wait is asked all the same.
    sent.push(...emailsTo(current).filter((mail) => !mail.startsWith('check-in')));
    current = quiet(current);
  }
  return { referral: current, sent };
}

describe('a question about an offer', () => {
  it('asks the link worker, and is what the team has before it', () => {
    const referral = asked();
    valid(referral);
    expect(emailsTo(referral)).toEqual(['offer-question → link-worker']);
    expect(placeInWorklist(referral)).toMatchObject({ task: 'question', urgency: 'none' });
    expect(elsewhere(referral)).toBeUndefined();
    expect(answerBy(referral)).toBe(later(NOW, { workingDays: 1 }));
    expect(nextQuestion(referral.offers[0] as never)).toBeUndefined();
  });

  it('stops the provider’s time: only the link workers and the coordinator are reminded, however long it takes', () => {
    const { referral, sent } = silence(asked(), 120);
    expect(referral.stage).toBe('offer');
    expect(new Set(sent)).toEqual(
      new Set(['offer-question-reminder → link-worker', 'offer-question-escalation → coordinator']),
    );
    expect(sent.filter((mail) => mail.endsWith('coordinator')).length).toBeGreaterThan(5);
  });

  it('stops it also on the waiting list, when a place is found meanwhile, and when the execution is rebuilt', () => {
    const waits = stored(ask(listed()));
    expect(waits.due?.step).toBe('offer-question');
    const called = stored(callFromWaitingList(waits, { offer: 1, cohortId: 'spring' }, LATER));
    expect(called.due?.step).toBe('offer-question');
    const rebuilt = entered({ ...asked(), due: { at: NOW, step: 'workflow', count: 0 } }, 'provider');
    expect(rebuilt.due?.step).toBe('offer-question');
    const still = stored(replyToOffer(waits, 'offer-1', { reply: 'waitlist' }, LATER));
    expect(still.due?.step).toBe('offer-question');
  });

  it('once, and one at a time', () => {
    const once = asked();
    expect(ask(once, undefined, 1, LATER)).toBe(once);
    expect(ask(once, 'Another one?')).toEqual({ refused: 'already-decided' });
    expect(ask(once, 'Another one?', 2)).toEqual({ refused: 'not-now' });
    expect(ask(offered(), 'Skipped?', 2)).toEqual({ refused: 'not-now' });
    expect(askAboutOffer(offered(), 'offer-2', { number: 1, text: 'Whose?' }, NOW)).toEqual({
      refused: 'not-now',
    });
  });

  it('cannot go on for ever', () => {
    let referral = quiet(offered());
    for (let number = 1; number <= MOST_OFFER_QUESTIONS; number++) {
      referral = stored(answer(stored(ask(referral, `Question ${number}`, number)), 'Yes', number));
    }
    valid(referral);
    expect(ask(referral, 'And?', MOST_OFFER_QUESTIONS + 1)).toEqual({ refused: 'not-now' });
  });

  it('does not keep the provider from replying, nor the link worker from taking the offer back', () => {
    const accepted = stored(replyToOffer(asked(), 'offer-1', acceptance(offered()), LATER));
    expect([accepted.stage, openOfferQuestion(accepted)]).toEqual(['programme', undefined]);
    const back = stored(undoDecision(asked(), 'review-1', LATER));
    expect([back.stage, back.links['offer-1']?.revokedAt]).toEqual(['review', LATER]);
    expect(ask(back, 'Too late?')).toEqual({ refused: 'not-now' });
    expect(answer(back)).toEqual({ refused: 'not-now' });
  });
});

describe('the answer', () => {
  it('goes to the provider with a fresh link, who has the whole time to reply from then on', () => {
    const referral = stored(answer(quiet(asked())));
    valid(referral);
    expect(referral.outbox).toMatchObject([
      { message: 'offer-answered', to: 'provider', link: 'offer-1', programmeId: 'hive-music' },
    ]);
    expect(referral.history.at(-1)).toMatchObject({ event: 'offer-question-answered', name: 'Amina' });
    expect(answerBy(referral)).toBe(later(LATER, { workingDays: 3 }));
    expect(placeInWorklist(referral)).toBeUndefined();
    const { referral: released, sent } = silence(referral, 40);
    expect(sent.slice(0, 2)).toEqual(['offer-reminder → provider', 'offer-reminder → provider']);
    expect(released.offers[0]?.result).toBe('silence');
  });

  it('on the waiting list leaves the person there', () => {
    const referral = stored(answer(stored(ask(listed()))));
    expect(referral.due).toMatchObject({ step: 'place', count: 0 });
  });

  it('is given once', () => {
    const referral = stored(answer(asked()));
    expect(answer(referral)).toBe(referral);
    expect(answer(referral, 'No.')).toEqual({ refused: 'already-decided' });
    expect(answer(referral, 'To what?', 2)).toEqual({ refused: 'not-now' });
  });

  it('reminders of another round are other emails', () => {
    const keys = (referral: Referral) =>
      actOnDue(quiet(referral), referral.due?.at ?? '')?.outbox.map(({ key }) => key);
    const one = asked();
    const two = stored(ask(stored(answer(one)), 'And lifts?', 2, LATER));
    expect(keys(one)).not.toEqual(keys(two));
  });
});
