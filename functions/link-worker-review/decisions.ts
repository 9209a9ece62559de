/** What the forms of link workers say: a decision, or what is missing. */
import { clean } from '../../workflows/checks.ts';
import { reachOf } from '../../workflows/contacts.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { needsConfirming } from '../../workflows/matching.ts';
import type { WelfareDecision } from '../../workflows/programme.ts';
import { LIMITS, type Referral } from '../../workflows/referral.ts';
import { DECLINE_REASONS, type ReviewDecision } from '../../workflows/review.ts';
import { allProgrammes } from '../shared/directory/directory.ts';
import { measuredWaits } from '../shared/directory/waits.ts';
import { environment } from '../shared/environment.ts';
import { whyNotUnreached } from '../shared/pages/contacts.ts';
import { readWhom } from './asking.ts';
import { rankFor, readChoice } from './ranking.ts';

/** The decision that a form holds, or what is missing. */
export async function readReview(
  fields: Fields,
  referral: Referral,
  now: string,
): Promise<{ decision: ReviewDecision } | { errors: FieldErrors }> {
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
      if (!reason) return { errors: { declineReason: 'Select why the referral is declined' } };
      const error = reason === 'could-not-reach' ? whyNotUnreached(reachOf(referral, now)) : undefined;
      return error ? { errors: { declineReason: error } } : { decision: { decision: 'decline', reason } };
    }
    default:
      return { errors: { decision: 'Select what happens next' } };
  }
}

/** A choice is checked against the ranking as it is now, which has to be the one that was seen. */
async function readMatch(fields: Fields, referral: Referral, now: string) {
  const waits = await measuredWaits(environment('page').TABLE_NAME);
  const ranked = rankFor(allProgrammes(), referral, waits, now);
  const chosen = ranked.find(({ programme }) => programme.id === fields.programmeId);
  if (!chosen) return { errors: { programmeId: 'Select a programme' } };
  const reason = clean(fields.rankingReason);
  const { againstRanking, errors } = readChoice(fields, referral, ranked, chosen, reason);
  const summary = clean(fields.summary);
  if (summary.length > LIMITS.text) errors.summary = `Use ${LIMITS.text} characters or fewer`;
  const riskSummary = referral.request.risks.known ? clean(fields.riskSummary) : undefined;
  if (riskSummary !== undefined) {
    Object.assign(
      errors,
      textError('riskSummary', riskSummary, 'Enter what the provider must know of the risks'),
    );
  }
  if (needsConfirming(chosen) && fields.matchAnyway !== 'yes') {
    errors.matchAnyway =
      'A criterion of this programme is not met: select another one, or confirm that you offer it all the same';
  }
  if (Object.keys(errors).length) return { errors };
  const decision: ReviewDecision = {
    decision: 'match',
    programmeId: chosen.programme.id,
    ...(againstRanking === undefined ? {} : { againstRanking }),
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

export function readWelfare(fields: Fields): { decision: WelfareDecision } | { errors: FieldErrors } {
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
