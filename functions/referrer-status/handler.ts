/** The referrer: sees where the referral is, and nothing of the person. */
import { openOffer, waitsOnList } from '../../workflows/change.ts';
import { mayKnow } from '../../workflows/closing.ts';
import { dangerStands } from '../../workflows/danger.ts';
import { asOthersSee, holdOf } from '../../workflows/held-back.ts';
import { answerBy, isEnded } from '../../workflows/steps.ts';
import { openLink, pages, site } from '../shared/web.ts';
import { statusPage } from './pages/views.ts';

export const handler = pages({
  'GET /status/{link}': async (visit) => {
    const referral = asOthersSee((await openLink(visit, 'status')).referral);
    const { reference, stage, questions, referrer } = referral;
    return statusPage({
      ...site(),
      reference,
      // As in their letter.
      audience: mayKnow('referrer', referrer).ending ? 'referrer' : 'family-or-friend',
      stage,
      waitlisted: waitsOnList(openOffer(referral)),
      askedYou: questions.at(-1)?.to === 'referrer',
      ending: isEnded(referral) ? referral.ending.kind : undefined,
      by: stage === 'programme' ? undefined : answerBy(referral),
      urgent: dangerStands(referral),
      heldUntil: holdOf(referral)?.until,
    });
  },
});
