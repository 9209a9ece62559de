/** What a provider asks before they reply to an offer, and what the link worker answers. Each side reads what the other wrote, as it was written. */
import {
  dueAfter,
  email,
  happened,
  type Outcome,
  openOffer,
  openOfferQuestion,
  waitsOnList,
} from './change.ts';
import { MOST_OFFER_QUESTIONS, type Offer, type OfferQuestion, type Referral } from './referral.ts';
import { answerWithin } from './reminder-policy.ts';
import { after } from './time.ts';

/** The number that a provider's next question has; undefined while one waits for an answer, and when there were too many. */
export function nextQuestion({ questions = [] }: Offer): number | undefined {
  const last = questions.at(-1);
  const waits = last !== undefined && last.answer === undefined;
  return waits || questions.length >= MOST_OFFER_QUESTIONS ? undefined : questions.length + 1;
}

/**
 * The provider asks the link worker something. While it is open the provider is not reminded and the offer is not released: it is the link
 * worker's turn. The same question again changes nothing; another one under the same number is refused: somebody else was faster.
 */
export function askAboutOffer(
  referral: Referral,
  linkId: string,
  { number, text }: { number: number; text: string },
  now: string,
): Outcome {
  const offer = openOffer(referral);
  if (!offer || linkId !== `offer-${offer.number}`) return { refused: 'not-now' };
  const { questions = [] } = offer;
  if (questions.some((each) => each.number === number)) {
    return questions[number - 1]?.text === text ? referral : { refused: 'already-decided' };
  }
  if (number !== nextQuestion(offer)) return { refused: 'not-now' };
  const asked = withQuestions(referral, offer, [...questions, { number, text, askedAt: now }]);
  const told = email(asked, now, {
    message: 'offer-question',
    to: 'link-worker',
    cause: `${linkId}.${number}`,
    link: linkId,
    by: after(now, answerWithin('offer-question')),
  });
  return dueAfter(happened(told, now, 'provider', 'offer-question-asked'), now, 'offer');
}

/** Whom an answer is from, and to which question of which offer. */
export type OfferAnswer = { offer: number; number: number; answer: string };

/**
 * The link worker answers. The provider gets a fresh link, and from now on the time to reply that they had at first. The same answer again
 * changes nothing; another one is refused: somebody else was faster.
 */
export function answerAboutOffer(
  referral: Referral,
  { offer: ofOffer, number, answer }: OfferAnswer,
  now: string,
  by: string,
): Outcome {
  const before = referral.offers.find((each) => each.number === ofOffer)?.questions?.[number - 1];
  if (before?.answer !== undefined) {
    return before.answer === answer ? referral : { refused: 'already-decided' };
  }
  const offer = openOffer(referral);
  const open = openOfferQuestion(referral);
  if (!offer || offer.number !== ofOffer || open?.number !== number) return { refused: 'not-now' };
  const questions = (offer.questions ?? []).map((each) =>
    each.number === number ? { ...each, answer, answeredAt: now, by } : each,
  );
  const link = `offer-${offer.number}`;
  const waits = waitsOnList(offer);
  const told = email(withQuestions(referral, offer, questions), now, {
    message: 'offer-answered',
    to: 'provider',
    cause: `${link}.${number}`,
    link,
    ...(waits ? {} : { by: after(now, answerWithin('offer')) }),
  });
  const noted = happened(told, now, 'link-worker', 'offer-question-answered', undefined, by);
  return dueAfter(noted, now, waits ? 'place' : 'offer');
}

function withQuestions(referral: Referral, offer: Offer, questions: OfferQuestion[]): Referral {
  return { ...referral, offers: [...referral.offers.slice(0, -1), { ...offer, questions }] };
}
