/** The summary for the GP practice: shown to be copied, and noted once when it was given. */
import { giveSummary } from '../../workflows/episode-code.ts';
import { gpSummary } from '../../workflows/gp-summary.ts';
import { MOST_SHOWN } from '../../workflows/measures.ts';
import { fullName } from '../../workflows/person.ts';
import { DECLINE_REASONS } from '../../workflows/review.ts';
import { isEnded } from '../../workflows/steps.ts';
import type { Case } from '../shared/case-access.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { instrumentsHere, measurementsOf } from '../shared/measures.ts';
import { communicationInWords, gpPracticeInWords } from '../shared/pages/person.ts';
import { declineReasonWords, nhsNumberInWords, referrerKindWords } from '../shared/pages/words.ts';
import { referrals } from '../shared/record.ts';
import { siteFor } from '../shared/session.ts';
import { audit, type PageResult, redirect, type Visit } from '../shared/web.ts';
import { memberOf } from './members.ts';
import { summaryPage } from './pages/summary-views.ts';
import { newestPlans } from './plan.ts';

export async function showSummary(visit: Visit, found: Case): Promise<PageResult> {
  await audit(visit, found, 'summary');
  const { referral, who } = found;
  const { TABLE_NAME, SERVICE_NAME, LINK_WORKER_ADDRESS, LICENSED_MEASURES } = environment('plan');
  const [[plan], measurements] = await Promise.all([
    newestPlans(referral.id, 1),
    measurementsOf(TABLE_NAME, referral, MOST_SHOWN),
  ]);
  const text = gpSummary(referral, {
    plan,
    measurements,
    instruments: instrumentsHere(LICENSED_MEASURES),
    programmeName: (id) => findProgramme(id)?.name ?? id,
    words: wordsOf(found),
    serviceName: SERVICE_NAME,
    contact: LINK_WORKER_ADDRESS,
    now: visit.now,
  });
  return summaryPage({ ...siteFor(who), referral, text });
}

function wordsOf({ referral }: Case) {
  const { person, referrer } = referral;
  const reason = isEnded(referral) ? referral.ending.reason : undefined;
  const known = DECLINE_REASONS.find((code) => code === reason);
  return {
    name: fullName(person),
    nhsNumber: person.nhsNumber && nhsNumberInWords(person.nhsNumber),
    communication: communicationInWords(person),
    gpPractice: gpPracticeInWords(person),
    referrer:
      referrer.kind === 'self'
        ? referrerKindWords.self
        : [referrer.name, referrer.role ?? referrerKindWords[referrer.kind], referrer.organisation]
            .filter(Boolean)
            .join(', '),
    declineReason: known && declineReasonWords[known],
  };
}

/** Notes that it was given. Whoever comes second is shown who noted it, and when. */
export async function noteGiven({ now }: Visit, found: Case): Promise<PageResult> {
  const { referral } = found;
  const changed = await referrals(environment('plan').TABLE_NAME).change(
    referral.id,
    now,
    (newest) => giveSummary(newest, memberOf(found).name, now),
    referral,
  );
  if (changed.state === 'stored') {
    note(Message.referralChanged, { referralId: referral.id, stage: changed.referral.stage });
  }
  return redirect(`/referrals/${referral.reference}/summary`);
}
