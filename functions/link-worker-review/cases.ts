/** What link workers read of a referral: to review it, to contact the person, or to look. Each look is in the audit. */
import { openConcern } from '../../workflows/concerns.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import type { PlacesSummary } from '../../workflows/places.ts';
import { allHeld } from '../../workflows/programme.ts';
import type { Referral } from '../../workflows/referral.ts';
import { isEnded } from '../../workflows/steps.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { excusedBy, isCorrected, missedBy, mustSayWhy } from '../../workflows/welfare.ts';
import type { Case } from '../shared/case-access.ts';
import { everyProgramme, findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { mintNoteKey } from '../shared/notes.ts';
import { closeStepOf } from '../shared/pages/contacts.ts';
import { referrals } from '../shared/record.ts';
import { type SignedIn, siteFor } from '../shared/session.ts';
import { audit, type Visit } from '../shared/web.ts';
import { nextSessionOf } from './as-told.ts';
import { teamsToPassTo } from './decisions.ts';
import { happeningsOf } from './happenings.ts';
import { casePage, type Duplicate, reviewPage, welfarePage } from './pages/views.ts';
import { tickedIn, unsentOf } from './preferences.ts';
import { countedOfAll } from './ranking.ts';
import { colleagues } from './standing.ts';

/**
 * What a page says besides what there is. `left`: what was entered and is not saved, beside something that is, or all of it; `gone`: there is no form for
 * it any more.
 */
export type Saying = { errors?: FieldErrors | undefined; left?: 'other' | 'all' | 'gone' };

/** The case without a form: for a link worker who has decided, or who only needs to look. */
export async function showCase(
  visit: Visit,
  found: Case,
  { errors, left, noteSaved }: Saying & { noteSaved?: boolean } = {},
) {
  const { reason, who } = found;
  await audit(visit, found, 'overview');
  const { referral } = found;
  const { questions, offers, preferences, ethnicGroup, programme } = referral;
  return casePage({
    ...(await caseOf(visit, found)),
    duplicates: await duplicatesOf(visit, found),
    questions,
    offers,
    preferences,
    ethnicGroup,
    programme,
    ending: isEnded(referral) ? referral.ending : undefined,
    cover:
      reason !== undefined && worksWithReferrals(who)
        ? { reason, key: mintNoteKey(visit.now), saved: noteSaved === true }
        : undefined,
    left,
    unsent: left === 'gone' ? unsentOf(visit.fields) : undefined,
    ...(errors || left ? { form: { values: visit.fields, errors: errors ?? {} } } : {}),
  });
}

/** What every page about a referral shows. */
async function caseOf(visit: Visit, found: Case) {
  const { now } = visit;
  const { referral, who, reason } = found;
  const { reference, createdAt, person, corrections, concerns, undelivered, referrer, request, history } =
    referral;
  const { summaryGivenAt, stage, contacts, earlierProgrammes } = referral;
  // Also those that have ended, which it may name.
  const programmes = everyProgramme();
  return {
    ...siteFor(who),
    happened: { ...referral, ...(await happeningsOf(environment('page').TABLE_NAME, referral)) },
    // The other pages of a referral are for those who work with it; another team's is opened to be read, and for a note.
    ...(reason === undefined && worksWithReferrals(who)
      ? {
          nav: true,
          close: closeStepOf(referral, now),
          standing: { referral, who, colleagues: await colleagues(visit, found), now },
          asTold: { referral, next: await nextSessionOf(referral, now) },
        }
      : {}),
    ...{ reference, createdAt, person, corrections, concerns, undelivered, referrer, request, history },
    ...{ stage, hold: holdOf(referral), contacts, earlierProgrammes },
    ...{ summaryGivenAt, programmes, now },
  };
}

function holdOf(referral: Referral) {
  return referral.stage === 'review' ? referral.hold : undefined;
}

function worksWithReferrals({ roles }: SignedIn): boolean {
  return roles.includes('link-worker') || roles.includes('coordinator');
}

/**
 * Other open referrals that may be of the same person, oldest first. Of one's own teams' with what they are for, and that it was looked at is in
 * their audit; of other teams' only that there are some.
 */
async function duplicatesOf(visit: Visit, { referral, ...found }: Case): Promise<Duplicate[]> {
  const same = await referrals(environment('page').TABLE_NAME).samePerson(referral);
  const others = same.filter(({ stage }) => stage !== 'closed');
  const isOurs = ({ team = ANY_TEAM }: Referral) => found.who.teams.includes(team);
  const id = `${found.id} of ${referral.reference}`;
  await Promise.all(
    others.filter(isOurs).map((other) => audit(visit, { ...found, id, referral: other }, 'duplicate')),
  );
  const { nhsNumber } = referral.personKeys ?? {};
  return others
    .map((other): Duplicate => {
      const { reference, createdAt, stage, referrer, request, offers, personKeys } = other;
      const sameNhsNumber = nhsNumber !== undefined && personKeys?.nhsNumber === nhsNumber;
      const ours = isOurs(other) ? { referrer, request, offers, sameNhsNumber } : undefined;
      return { reference, createdAt, stage, hold: holdOf(other), ours };
    })
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

/**
 * The review, with all that was typed on it. `errors` are of the decision; `full`: of a programme whose last place has just gone; `late`: somebody else
 * was faster to save what they are looking for.
 */
export async function showReview(
  visit: Visit,
  found: Case,
  { errors, left, full, late }: Saying & { full?: PlacesSummary | undefined; late?: boolean } = {},
) {
  await audit(visit, found, 'overview');
  const counted = await countedOfAll(environment('page').TABLE_NAME);
  const places = full ? new Map([...counted.places, [full.programmeId, full]]) : counted.places;
  const { questions, offers, preferences, ethnicGroup } = found.referral;
  return reviewPage({
    ...(await caseOf(visit, found)),
    duplicates: await duplicatesOf(visit, found),
    questions,
    offers,
    review: found.id,
    otherTeams: teamsToPassTo(found.referral),
    ...{ preferences, ethnicGroup, counted: { ...counted, places } },
    ...{ ticked: tickedIn(visit.fields), late, left },
    // Only forms have fields.
    ...(Object.keys(visit.fields).length > 0 ? { form: { values: visit.fields, errors: errors ?? {} } } : {}),
  });
}

/** The contact with a person who missed sessions, or who may not be safe. `errors` are of what came of it. */
export async function showWelfare(visit: Visit, found: Case, { errors, left }: Saying = {}) {
  await audit(visit, found, 'overview');
  const { programme } = found.referral;
  return welfarePage({
    ...(await caseOf(visit, found)),
    programme: findProgramme(programme?.programmeId),
    sessions: programme?.sessions ?? [],
    contact: found.id,
    missed: programme && missedBy(programme),
    excused: programme && excusedBy(programme),
    isOver: programme !== undefined && allHeld(programme),
    corrected: programme !== undefined && isCorrected(programme),
    mustSayWhy: programme !== undefined && mustSayWhy(programme),
    concerned: openConcern(found.referral) !== undefined,
    left,
    ...(errors || left ? { form: { values: visit.fields, errors: errors ?? {} } } : {}),
  });
}
