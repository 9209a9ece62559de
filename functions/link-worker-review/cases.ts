/** What link workers read of a referral: to review it, to contact the person, or to look. Each look is in the audit. */
import type { FieldErrors } from '../../workflows/form.ts';
import type { Preferences, Referral } from '../../workflows/referral.ts';
import { isEnded } from '../../workflows/steps.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { everyProgramme, findProgramme } from '../shared/directory/directory.ts';
import { measuredWaits } from '../shared/directory/waits.ts';
import { environment } from '../shared/environment.ts';
import { closeStepOf } from '../shared/pages/contacts.ts';
import { referrals } from '../shared/record.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { audit, type Opened, site, type Visit } from '../shared/web.ts';
import { teamsToPassTo } from './decisions.ts';
import { happeningsOf } from './happenings.ts';
import { casePage, type Duplicate, reviewPage, welfarePage } from './pages/views.ts';
import { colleagues } from './standing.ts';

/** The case without a form: for a link worker who has decided, or who only needs to look. */
export async function showCase(visit: Visit, opened: Opened, errors?: FieldErrors) {
  await audit(visit, opened, 'overview');
  const { referral } = opened;
  const { stage, questions, offers, preferences, programme } = referral;
  return casePage({
    ...(await caseOf(visit, opened)),
    duplicates: await duplicatesOf(visit, opened),
    stage,
    questions,
    offers,
    preferences,
    programme,
    ending: isEnded(referral) ? referral.ending : undefined,
    summaryGivenAt: referral.summaryGivenAt,
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

/** What every page about a referral shows. */
async function caseOf(visit: Visit, opened: Opened) {
  const { now } = visit;
  const { referral, who, reason } = opened;
  const { reference, createdAt, person, corrections, referrer, request, history } = referral;
  // Also those that have ended, which it may name.
  const programmes = everyProgramme();
  return {
    ...(who ? siteFor(who) : site()),
    happened: { ...referral, ...(await happeningsOf(environment('page').TABLE_NAME, referral)) },
    // The other pages of a referral are for those who work with it; another team's is opened to be read.
    ...(who && reason === undefined && worksWithReferrals(who)
      ? {
          nav: true,
          close: closeStepOf(referral, now),
          standing: { referral, who, colleagues: await colleagues(visit, opened), now },
        }
      : {}),
    ...{ reference, createdAt, person, corrections, referrer, request, history, programmes, now },
  };
}

function worksWithReferrals({ roles }: SignedIn): boolean {
  return roles.includes('link-worker') || roles.includes('coordinator');
}

/**
 * Other open referrals that may be of the same person, oldest first. Of one's own teams' with what they are for, and that it was looked at is in
 * their audit; of other teams' only that there are some.
 */
async function duplicatesOf(visit: Visit, { referral, ...opened }: Opened): Promise<Duplicate[]> {
  const found = await referrals(environment('page').TABLE_NAME).samePerson(referral);
  const others = found.filter(({ stage }) => stage !== 'closed');
  const teams = opened.who?.teams ?? [referral.team ?? ANY_TEAM];
  const isOurs = ({ team = ANY_TEAM }: Referral) => teams.includes(team);
  const id = `${opened.id} of ${referral.reference}`;
  await Promise.all(
    others.filter(isOurs).map((other) => audit(visit, { ...opened, id, referral: other }, 'duplicate')),
  );
  const { nhsNumber } = referral.personKeys ?? {};
  return others
    .map((other): Duplicate => {
      const { reference, createdAt, stage, referrer, request, offers, personKeys } = other;
      const sameNhsNumber = nhsNumber !== undefined && personKeys?.nhsNumber === nhsNumber;
      const ours = isOurs(other) ? { referrer, request, offers, sameNhsNumber } : undefined;
      return { reference, createdAt, stage, ours };
    })
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

/** The review. `errors` are of the decision; `latePreferences`: what somebody ticked who was not the fastest. */
export async function showReview(
  visit: Visit,
  opened: Opened,
  errors?: FieldErrors,
  latePreferences?: Preferences,
) {
  await audit(visit, opened, 'overview');
  const { questions, offers, preferences } = opened.referral;
  return reviewPage({
    ...(await caseOf(visit, opened)),
    duplicates: await duplicatesOf(visit, opened),
    questions,
    offers,
    review: opened.id,
    otherTeams: teamsToPassTo(opened.referral),
    ...{ preferences, latePreferences, waits: await measuredWaits(environment('page').TABLE_NAME) },
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

/** The contact with a person who missed two sessions. `errors` are of what came of it. */
export async function showWelfare(visit: Visit, opened: Opened, errors?: FieldErrors) {
  await audit(visit, opened, 'overview');
  const { programme } = opened.referral;
  return welfarePage({
    ...(await caseOf(visit, opened)),
    programme: findProgramme(programme?.programmeId),
    sessions: programme?.sessions ?? [],
    contact: opened.id,
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}
