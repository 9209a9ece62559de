/** Link workers answer what a provider asks before they reply to an offer. */
import { openOfferQuestion } from '../../workflows/change.ts';
import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { whyNotForProvider } from '../../workflows/naming.ts';
import { answerAboutOffer } from '../../workflows/offer-questions.ts';
import type { Referral } from '../../workflows/referral.ts';
import { answerBy } from '../../workflows/steps.ts';
import { type Case, forOwnCase } from '../shared/case-access.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { siteFor, workspace } from '../shared/session.ts';
import { audit, decide, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { questionsPage } from './pages/views.ts';

const roles = ['link-worker', 'coordinator'] as const;

export const handler = workspace({
  'GET /referrals/{reference}/questions': { roles, answer: forOwnCase((visit, found) => show(visit, found)) },
  'POST /referrals/{reference}/questions': { roles, answer: forOwnCase(answer) },
});

/** `errors` with what was typed, where it was not taken. */
async function show(visit: Visit, found: Case, errors?: FieldErrors, why?: string): Promise<PageResult> {
  await audit(visit, found, 'offer-questions');
  const { referral, who } = found;
  return questionsPage({
    ...siteFor(who),
    reference: referral.reference,
    person: referral.person,
    offers: referral.offers,
    nameOf: (programmeId) => findProgramme(programmeId)?.name,
    open: openOfferQuestion(referral),
    by: answerBy(referral),
    answered: visit.query.done === 'answered',
    form: errors && { values: visit.fields, errors },
    late: why === undefined ? undefined : { why, typed: clean(visit.fields.answer) },
  });
}

async function answer(visit: Visit, found: Case): Promise<PageResult> {
  const { fields, now } = visit;
  const { person, reference } = found.referral;
  const [offer, number] = [Number(fields.offer), Number(fields.number)];
  const text = clean(fields.answer);
  const error = whyNoAnswer(text, person, fields.namesNobody === 'yes');
  if (error !== undefined) return show(visit, found, { answer: error });
  const by = found.who.name.slice(0, LIMITS.line);
  // What was asked stands beside the newest offer, wherever else the case is.
  const opened = { ...found, id: `offer-${offer}` };
  const decided = await decide(visit, opened, 'answer', { number, text }, (referral) =>
    answerAboutOffer(referral, { offer, number, answer: text }, now, by),
  );
  if (decided.state === 'stands') return redirect(`/referrals/${reference}/questions?done=answered`);
  const newest = { ...found, referral: decided.referral };
  return show(visit, newest, undefined, whyTooLate(decided.referral, offer, number));
}

function whyTooLate({ offers }: Referral, offer: number, number: number): string {
  const before = offers.find((each) => each.number === offer)?.questions?.[number - 1];
  return before?.answer === undefined
    ? 'The offer is not open any more'
    : `${before.by ?? 'Somebody else'} has answered this question since you opened the page`;
}

function whyNoAnswer(text: string, person: Referral['person'], namesNobody: boolean): string | undefined {
  return text === '' ? 'Enter your answer' : whyNotForProvider(text, person, namesNobody);
}
