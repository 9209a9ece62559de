/** The link worker: reviews a referral, and contacts a person who missed two sessions. Both by a link from the email. */
import { clean, type FieldErrors, type Fields } from '../../workflows/intake.ts';
import { ageBand, matchProgramme } from '../../workflows/matching.ts';
import { decideWelfare, type WelfareDecision } from '../../workflows/programme.ts';
import type { Referral } from '../../workflows/referral.ts';
import { DECLINE_REASONS, decideReview, type ReviewDecision } from '../../workflows/review.ts';
import { answerBy } from '../../workflows/steps.ts';
import { allProgrammes, findProgramme } from '../shared/directory/directory.ts';
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
import {
  reviewDoorPage,
  reviewPage,
  reviewRecordedPage,
  welfareDoorPage,
  welfarePage,
  welfareRecordedPage,
} from './pages/views.ts';

const MAXIMUM_TEXT = 4000;

export const handler = pages({
  'GET /review/{link}': async (visit) => {
    const opened = await openLink(visit, 'review');
    const { referral, link } = opened;
    if (link.recorded)
      return reviewRecordedPage({ ...site(), reference: referral.reference, ...link.recorded });
    return reviewDoorPage({
      ...site(),
      reference: referral.reference,
      ageBand: ageBand(referral.person.dateOfBirth, visit.now),
      since: referral.createdAt,
      by: answerBy(referral),
    });
  },
  'POST /review/{link}': async (visit) => {
    const opened = await openLink(visit, 'review');
    if (visit.fields.action !== 'decide') return openReview(visit, opened);
    const read = readReview(visit.fields, opened.referral, visit.now);
    if ('errors' in read) return showReview(visit, opened, read.errors);
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
    if (link.recorded)
      return welfareRecordedPage({ ...site(), reference: referral.reference, ...link.recorded });
    return welfareDoorPage({ ...site(), reference: referral.reference, by: answerBy(referral) });
  },
  'POST /welfare/{link}': async (visit) => {
    const opened = await openLink(visit, 'welfare');
    if (visit.fields.action !== 'decide') return openWelfare(visit, opened);
    const read = readWelfare(visit.fields);
    if ('errors' in read) return showWelfare(visit, opened, read.errors);
    const decided = await decide(visit, opened, read.decision.outcome, read.decision, (referral) =>
      decideWelfare(referral, opened.id, read.decision, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/welfare/${visit.path.link}`)
      : conflict(opened, 'welfare', decided);
  },
});

async function openReview(visit: Visit, opened: Opened) {
  await audit(visit, opened);
  const { referral, link } = opened;
  if (link.recorded)
    return reviewRecordedPage({ ...site(), reference: referral.reference, ...link.recorded });
  return showReview(visit, opened);
}

function showReview({ now, fields }: Visit, { referral }: Opened, errors?: FieldErrors) {
  const { reference, person, referrer, request, history, createdAt, questions, offers } = referral;
  return reviewPage({
    ...site(),
    reference,
    person,
    referrer,
    request,
    history,
    createdAt,
    questions,
    offers,
    programmes: allProgrammes(),
    now,
    ...(errors ? { form: { values: fields, errors } } : {}),
  });
}

async function openWelfare(visit: Visit, opened: Opened) {
  await audit(visit, opened);
  const { referral, link } = opened;
  if (link.recorded)
    return welfareRecordedPage({ ...site(), reference: referral.reference, ...link.recorded });
  return showWelfare(visit, opened);
}

function showWelfare({ now, fields }: Visit, { referral }: Opened, errors?: FieldErrors) {
  const { reference, person, referrer, request, history, programme } = referral;
  return welfarePage({
    ...site(),
    reference,
    person,
    referrer,
    request,
    history,
    programmes: allProgrammes(),
    programme: findProgramme(programme?.programmeId),
    sessions: programme?.sessions ?? [],
    now,
    ...(errors ? { form: { values: fields, errors } } : {}),
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
      const to = fields.askWhom === 'person' ? 'person' : 'referrer';
      const errors: FieldErrors = {};
      if (fields.askWhom !== 'person' && fields.askWhom !== 'referrer') errors.askWhom = 'Select whom to ask';
      else if (to === 'person' && referral.person.email === undefined) {
        errors.askWhom = 'We have no email address of the person: ask the referrer, or call the person';
      }
      Object.assign(errors, textError('question', question, 'Enter what you want to ask'));
      return Object.keys(errors).length
        ? { errors }
        : { decision: { decision: 'ask-for-more', to, question } };
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
  if (summary.length > MAXIMUM_TEXT) errors.summary = `Use ${MAXIMUM_TEXT} characters or fewer`;
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
  };
  return { decision };
}

function readWelfare(fields: Fields): { decision: WelfareDecision } | { errors: FieldErrors } {
  const note = clean(fields.note);
  const errors: FieldErrors = {};
  if (fields.outcome !== 'continue' && fields.outcome !== 'close') errors.outcome = 'Select what you agreed';
  if (note.length > MAXIMUM_TEXT) errors.note = `Use ${MAXIMUM_TEXT} characters or fewer`;
  if (Object.keys(errors).length) return { errors };
  const noted = note === '' ? {} : { note };
  return fields.outcome === 'close'
    ? { decision: { outcome: 'close', reason: 'agreed', ...noted } }
    : { decision: { outcome: 'continue', ...noted } };
}

function textError(name: string, value: string, missing: string): FieldErrors {
  if (value === '') return { [name]: missing };
  return value.length > MAXIMUM_TEXT ? { [name]: `Use ${MAXIMUM_TEXT} characters or fewer` } : {};
}
