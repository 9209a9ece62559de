/** What link workers read of a referral: to review it, to contact the person, or to look. Each look is in the audit. */
import type { FieldErrors } from '../../workflows/form.ts';
import { isEnded } from '../../workflows/steps.ts';
import { allProgrammes, findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { referrals } from '../shared/record.ts';
import { siteFor } from '../shared/session.ts';
import { audit, type Opened, site, type Visit } from '../shared/web.ts';
import { casePage, type Duplicate, reviewPage, welfarePage } from './pages/views.ts';

/** The case without a form: for a link worker who has decided, or who only needs to look. */
export async function showCase(visit: Visit, opened: Opened) {
  await audit(visit, opened);
  const { referral } = opened;
  const { stage, questions, offers, programme } = referral;
  return casePage({
    ...caseOf(visit, opened),
    duplicates: await duplicatesOf(visit, opened),
    stage,
    questions,
    offers,
    programme,
    ending: isEnded(referral) ? referral.ending : undefined,
  });
}

/** What every page about a referral shows. */
function caseOf({ now }: Visit, { referral, who }: Opened) {
  const { reference, createdAt, person, corrections, referrer, request, history } = referral;
  const programmes = allProgrammes();
  return {
    ...(who ? siteFor(who) : site()),
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

export async function showReview(visit: Visit, opened: Opened, errors?: FieldErrors) {
  await audit(visit, opened);
  const { questions, offers } = opened.referral;
  return reviewPage({
    ...caseOf(visit, opened),
    duplicates: await duplicatesOf(visit, opened),
    questions,
    offers,
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

export async function showWelfare(visit: Visit, opened: Opened, errors?: FieldErrors) {
  await audit(visit, opened);
  const { programme } = opened.referral;
  return welfarePage({
    ...caseOf(visit, opened),
    programme: findProgramme(programme?.programmeId),
    sessions: programme?.sessions ?? [],
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}
