/** The referrer or the person answers a link worker's question, by a link from the email. */

import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { answerQuestion } from '../../workflows/information.ts';
import { answerBy } from '../../workflows/steps.ts';
import { unsentIn } from '../shared/pages/unsent.ts';
import {
  audit,
  conflict,
  decide,
  type Opened,
  openLink,
  pages,
  redirect,
  refuseLink,
  site,
  type Visit,
} from '../shared/web.ts';
import { informationDoorPage, informationPage, informationRecordedPage } from './pages/views.ts';

export const handler = pages({
  'GET /information/{link}': async (visit) => {
    const { referral, link } = await openLink(visit, 'information', { revokedToo: true });
    const { reference } = referral;
    if (link.recorded) return informationRecordedPage({ ...site(), reference, at: link.recorded.at });
    if (link.revokedAt !== undefined) return refuseLink(visit, 'information', 'revoked');
    return informationDoorPage({ ...site(), reference, by: answerBy(referral) });
  },
  'POST /information/{link}': async (visit) => {
    const opened = await openLink(visit, 'information', { revokedToo: true });
    const { referral, link, id } = opened;
    const { reference } = referral;
    const isAnswer = visit.fields.action === 'answer';
    if (!isAnswer && link.recorded) {
      return informationRecordedPage({ ...site(), reference, at: link.recorded.at });
    }
    const answer = clean(visit.fields.answer);
    const error = isAnswer ? whyNoAnswer(answer) : undefined;
    if (!isAnswer || error !== undefined) {
      // Of a question that was taken back nothing is shown; an answer to it that somebody was writing is taken.
      if (link.revokedAt !== undefined) return refuseLink(visit, 'information', 'revoked');
      return showQuestion(visit, opened, error);
    }
    const decided = await decide(visit, opened, 'answered', answer, (current) =>
      answerQuestion(current, id, answer, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/information/${visit.path.link}`)
      : conflict(opened, 'information', decided, unsentIn(visit.fields));
  },
});

function whyNoAnswer(answer: string): string | undefined {
  if (answer === '') return 'Enter your answer';
  return answer.length > LIMITS.text ? `Use ${LIMITS.text} characters or fewer` : undefined;
}

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
