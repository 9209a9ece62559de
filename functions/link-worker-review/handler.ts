/** The link worker: reviews a referral, and contacts a person who missed two sessions. Both by a link from the email. */

import { CASE_LINK } from '../../workflows/change.ts';
import { clean } from '../../workflows/checks.ts';
import { readersOf } from '../../workflows/closing.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { ageBand, matchProgramme } from '../../workflows/matching.ts';
import { emailOf } from '../../workflows/person.ts';
import { decideWelfare, type WelfareDecision } from '../../workflows/programme.ts';
import { LIMITS, type Referral } from '../../workflows/referral.ts';
import { DECLINE_REASONS, decideReview, type ReviewDecision } from '../../workflows/review.ts';
import { answerBy, isEnded } from '../../workflows/steps.ts';
import { allProgrammes, findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { referrals } from '../shared/record.ts';
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
import { readWhom } from './asking.ts';
import {
  caseDoorPage,
  casePage,
  type Duplicate,
  reviewDoorPage,
  reviewPage,
  reviewRecordedPage,
  type WhatWasDecided,
  welfareDoorPage,
  welfarePage,
  welfareRecordedPage,
} from './pages/views.ts';

export const handler = pages({
  'GET /review/{link}': async (visit) => {
    const opened = await openLink(visit, 'review');
    const { referral, link, id } = opened;
    const { reference } = referral;
    if (id === CASE_LINK) return caseDoorPage({ ...site(), reference });
    if (link.recorded) {
      const { at, decision } = link.recorded;
      const letters = readersOf(referral);
      return reviewRecordedPage({
        ...site(),
        ...{ reference, at, decision, letters },
        what: whatWasDecided(opened, at),
      });
    }
    return reviewDoorPage({
      ...site(),
      reference,
      danger: referral.request.danger,
      ageBand: ageBand(referral.person.dateOfBirth, visit.now),
      since: referral.createdAt,
      by: answerBy(referral),
    });
  },
  'POST /review/{link}': async (visit) => {
    const opened = await openLink(visit, 'review');
    const readOnly = opened.id === CASE_LINK || opened.link.recorded !== undefined;
    if (opened.id === CASE_LINK || visit.fields.action !== 'decide') {
      return readOnly ? showCase(visit, opened) : showReview(visit, opened);
    }
    const read = readReview(visit.fields, opened.referral, visit.now);
    if ('errors' in read) return readOnly ? showCase(visit, opened) : showReview(visit, opened, read.errors);
    const { decision } = read;
    const decided = await decide(visit, opened, decision.decision, decision, (referral) =>
      decideReview(referral, opened.id, decision, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/review/${visit.path.link}`)
      : conflict(opened, 'review', decided);
  },
  'GET /welfare/{link}': async (visit) => {
    const { referral, link } = await openLink(visit, 'welfare');
    const { reference, person } = referral;
    if (!link.recorded) return welfareDoorPage({ ...site(), reference, by: answerBy(referral) });
    const reason = isEnded(referral) ? referral.ending.reason : undefined;
    const { at, decision } = link.recorded;
    const reminded = emailOf(person) !== undefined;
    const letters = readersOf(referral);
    return welfareRecordedPage({ ...site(), reference, at, decision, letters, reason, reminded });
  },
  'POST /welfare/{link}': async (visit) => {
    const opened = await openLink(visit, 'welfare');
    const readOnly = opened.link.recorded !== undefined;
    if (visit.fields.action !== 'decide') {
      return readOnly ? showCase(visit, opened) : showWelfare(visit, opened);
    }
    const read = readWelfare(visit.fields);
    if ('errors' in read) return readOnly ? showCase(visit, opened) : showWelfare(visit, opened, read.errors);
    const decided = await decide(visit, opened, read.decision.outcome, read.decision, (referral) =>
      decideWelfare(referral, opened.id, read.decision, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/welfare/${visit.path.link}`)
      : conflict(opened, 'welfare', decided);
  },
});

/** What a review decided, beyond its kind. Decision and offer, or ending, were stored at the same moment. */
function whatWasDecided({ referral }: Opened, at: string): WhatWasDecided {
  const offer = referral.offers.find(({ offeredAt }) => offeredAt === at);
  const question = referral.questions.find(({ askedAt }) => askedAt === undefined || askedAt >= at);
  const ending = isEnded(referral) && referral.ending.decidedAt === at ? referral.ending : undefined;
  return {
    programmeName: findProgramme(offer?.programmeId)?.name ?? offer?.programmeId,
    asked: question?.to,
    declineReason: DECLINE_REASONS.find((known) => known === ending?.reason),
  };
}

/** The case without a form: for a link worker who has decided, or who only needs to look. */
async function showCase(visit: Visit, opened: Opened) {
  await audit(visit, opened);
  const { referral } = opened;
  const { stage, questions, offers, programme } = referral;
  return casePage({
    ...caseOf(visit, referral),
    duplicates: await duplicatesOf(visit, opened),
    stage,
    questions,
    offers,
    programme,
    ending: isEnded(referral) ? referral.ending : undefined,
  });
}

/** What every page about a referral shows. */
function caseOf({ now }: Visit, referral: Referral) {
  const { reference, createdAt, person, corrections, referrer, request, history } = referral;
  const programmes = allProgrammes();
  return {
    ...site(),
    ...{ reference, createdAt, person, corrections, referrer, request, history, programmes, now },
  };
}

/** Other open referrals that may be of the same person, oldest first. That something of them is looked at is in their audit. */
async function duplicatesOf(visit: Visit, { referral, ...opened }: Opened): Promise<Duplicate[]> {
  const found = await referrals(environment('page').TABLE_NAME).samePerson(referral);
  const others = found.filter(({ stage }) => stage !== 'closed');
  const id = `${opened.id} of ${referral.reference}`;
  await Promise.all(others.map((other) => audit(visit, { ...opened, id, referral: other })));
  const { nhsNumber } = referral.personKeys ?? {};
  return others
    .map((other) => ({
      ...other,
      sameNhsNumber: nhsNumber !== undefined && other.personKeys?.nhsNumber === nhsNumber,
    }))
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

async function showReview(visit: Visit, opened: Opened, errors?: FieldErrors) {
  await audit(visit, opened);
  const { questions, offers } = opened.referral;
  return reviewPage({
    ...caseOf(visit, opened.referral),
    duplicates: await duplicatesOf(visit, opened),
    questions,
    offers,
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

async function showWelfare(visit: Visit, opened: Opened, errors?: FieldErrors) {
  await audit(visit, opened);
  const { programme } = opened.referral;
  return welfarePage({
    ...caseOf(visit, opened.referral),
    programme: findProgramme(programme?.programmeId),
    sessions: programme?.sessions ?? [],
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

/** The decision that a form holds, or what is missing. */
function readReview(
  fields: Fields,
  referral: Referral,
  now: string,
): { decision: ReviewDecision } | { errors: FieldErrors } {
  switch (fields.decision) {
    case 'match':
      return readMatch(fields, referral, now);
    case 'ask-for-more': {
      const question = clean(fields.question);
      const whom = readWhom(fields.askWhom, referral);
      const errors = textError('question', question, 'Enter what you want to ask');
      if ('error' in whom) return { errors: { ...errors, askWhom: whom.error } };
      return Object.keys(errors).length
        ? { errors }
        : { decision: { decision: 'ask-for-more', to: whom.to, question } };
    }
    case 'signpost': {
      const signpostedTo = clean(fields.signpostedTo);
      const errors = textError('signpostedTo', signpostedTo, 'Enter the service that you told them about');
      return Object.keys(errors).length ? { errors } : { decision: { decision: 'signpost', signpostedTo } };
    }
    case 'decline': {
      const reason = DECLINE_REASONS.find((known) => known === fields.declineReason);
      return reason
        ? { decision: { decision: 'decline', reason } }
        : { errors: { declineReason: 'Select why the referral is declined' } };
    }
    default:
      return { errors: { decision: 'Select what happens next' } };
  }
}

function readMatch(fields: Fields, referral: Referral, now: string) {
  const programme = findProgramme(fields.programmeId);
  if (!programme) return { errors: { programmeId: 'Select a programme' } };
  const summary = clean(fields.summary);
  const errors: FieldErrors = {};
  if (summary.length > LIMITS.text) errors.summary = `Use ${LIMITS.text} characters or fewer`;
  const riskSummary = referral.request.risks.known ? clean(fields.riskSummary) : undefined;
  if (riskSummary !== undefined) {
    Object.assign(
      errors,
      textError('riskSummary', riskSummary, 'Enter what the provider must know of the risks'),
    );
  }
  const { eligible } = matchProgramme(programme, referral.person, now);
  if (!eligible && fields.matchAnyway !== 'yes') {
    errors.matchAnyway =
      'A criterion of this programme is not met: select another one, or confirm that you offer it all the same';
  }
  if (Object.keys(errors).length) return { errors };
  const decision: ReviewDecision = {
    decision: 'match',
    programmeId: programme.id,
    ...(summary === '' ? {} : { summary }),
    ...(riskSummary === undefined ? {} : { riskSummary }),
  };
  return { decision };
}

/** What came of a welfare contact, as the form says it. */
const WELFARE_OUTCOMES: Record<string, WelfareDecision> = {
  continue: { outcome: 'continue' },
  close: { outcome: 'close', reason: 'agreed' },
  'could-not-reach': { outcome: 'close', reason: 'could-not-reach' },
};

function readWelfare(fields: Fields): { decision: WelfareDecision } | { errors: FieldErrors } {
  const note = clean(fields.note);
  const chosen = fields.outcome ?? '';
  const decision = Object.hasOwn(WELFARE_OUTCOMES, chosen) ? WELFARE_OUTCOMES[chosen] : undefined;
  const errors: FieldErrors = {};
  if (!decision) errors.outcome = 'Select what came of your contact';
  if (note.length > LIMITS.text) errors.note = `Use ${LIMITS.text} characters or fewer`;
  if (!decision || Object.keys(errors).length) return { errors };
  return { decision: note === '' ? decision : { ...decision, note } };
}

function textError(name: string, value: string, missing: string): FieldErrors {
  if (value === '') return { [name]: missing };
  return value.length > LIMITS.text ? { [name]: `Use ${LIMITS.text} characters or fewer` } : {};
}
