/** The referrer or the person answers a link worker's question, by a link from the email. */

import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { answerQuestion } from '../../workflows/information.ts';
import { answerBy } from '../../workflows/steps.ts';
import {
  audit,
  conflict,
  decide,
  type Opened,
  openLink,
  pages,
  redirect,
  site,
  type Visit,
} from '../shared/web.ts';
import { informationDoorPage, informationPage, informationRecordedPage } from './pages/views.ts';

export const handler = pages({
  'GET /information/{link}': async (visit) => {
    const { referral, link } = await openLink(visit, 'information');
    const { reference } = referral;
    return link.recorded
      ? informationRecordedPage({ ...site(), reference, at: link.recorded.at })
      : informationDoorPage({ ...site(), reference, by: answerBy(referral) });
  },
  'POST /information/{link}': async (visit) => {
    const opened = await openLink(visit, 'information');
    const { referral, link, id } = opened;
    const { reference } = referral;
    if (visit.fields.action !== 'answer') {
      return link.recorded
        ? informationRecordedPage({ ...site(), reference, at: link.recorded.at })
        : showQuestion(visit, opened);
    }
    const answer = clean(visit.fields.answer);
    if (answer === '') return showQuestion(visit, opened, 'Enter your answer');
    if (answer.length > LIMITS.text) {
      return showQuestion(visit, opened, `Use ${LIMITS.text} characters or fewer`);
    }
    const decided = await decide(visit, opened, 'answered', answer, (current) =>
      answerQuestion(current, id, answer, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/information/${visit.path.link}`)
      : conflict(opened, 'information', decided);
  },
});

async function showQuestion(visit: Visit, opened: Opened, error?: string) {
  await audit(visit, opened, 'question');
  const { referral, id } = opened;
  const asked = referral.questions.find(({ number }) => id === `information-${number}`);
  return informationPage({
    ...site(),
    reference: referral.reference,
    question: asked?.question ?? '',
    ...(error === undefined ? {} : { form: { values: visit.fields, errors: { answer: error } } }),
  });
}
