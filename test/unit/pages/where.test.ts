/** Where a referral is and why it waits, in the words that every list shares. */
import { describe, expect, it } from 'vitest';
import { whyOf } from '../../../functions/shared/pages/task.ts';
import { stageInWords } from '../../../functions/shared/pages/words.ts';
import { answerQuestion } from '../../../workflows/information.ts';
import { replyToOffer } from '../../../workflows/offer.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { decideReview } from '../../../workflows/review.ts';
import { entered, inReview, NOW, offered, stored } from '../workflows/builders.ts';

const ask = { decision: 'ask-for-more', to: 'referrer', question: 'When?' } as const;
const hold = { decision: 'hold', until: '2027-02-10T08:00:00.000Z', reason: 'person-asked' } as const;
const decided = (referral: Referral, decision: Parameters<typeof decideReview>[2]) =>
  stored(decideReview(referral, `review-${referral.reviews}`, decision, NOW));

describe('why a referral waits for a review', () => {
  const answered = () =>
    stored(
      answerQuestion(
        entered(decided(inReview(), ask), 'information'),
        'information-1',
        'In the afternoon',
        NOW,
      ),
    );

  it('is that a question was answered until something else is decided, and not when it comes back from a provider', () => {
    const back = answered();
    expect([back, entered(back, 'review')].map((each) => whyOf(each).answered)).toEqual([true, true]);
    const declined = stored(
      replyToOffer(
        offered(entered(back, 'review')),
        'offer-1',
        { reply: 'decline', reason: 'no-capacity' },
        NOW,
      ),
    );
    expect([declined, entered(declined, 'review')].map((each) => whyOf(each).answered)).toEqual([
      false,
      false,
    ]);
    expect(whyOf(decided(entered(answered(), 'review'), hold)).answered).toBe(false);
  });
});

describe('where a referral is', () => {
  it('is on hold until a day, or on a list, for whoever nobody was asked about, too', () => {
    expect(stageInWords(inReview())).toBe('It waits for a review');
    expect(stageInWords(decided(inReview(), hold))).toBe('It is on hold until 10 February 2027');
    expect(stageInWords(offered())).toBe('It is offered to a provider');
    const waits = stored(replyToOffer(offered(), 'offer-1', { reply: 'waitlist' }, NOW));
    expect(stageInWords(waits)).toBe('It is on a waiting list');
  });
});
