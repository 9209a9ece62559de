/** What the forms of link workers say: a decision, or what is missing. */
import { clean, realDate } from '../../workflows/checks.ts';
import { hasOpenRisk, openConcern } from '../../workflows/concerns.ts';
import { reachOf } from '../../workflows/contacts.ts';
import { dangerStands } from '../../workflows/danger.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { toConfirm } from '../../workflows/matching.ts';
import { whyNotForProvider } from '../../workflows/naming.ts';
import { HOLD_REASONS, type Referral } from '../../workflows/referral.ts';
import { HOLD_DAYS } from '../../workflows/reminder-policy.ts';
import { DECLINE_REASONS, type ReviewDecision, speaksFirst } from '../../workflows/review.ts';
import { signpostsThatStand } from '../../workflows/signposts.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { after, dateInWords, londonDate, londonInstant } from '../../workflows/time.ts';
import { goesOnToTheEnd, mustSayWhy, type WelfareDecision } from '../../workflows/welfare.ts';
import { allProgrammes } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { whyNotUnreached } from '../shared/pages/contacts.ts';
import { readWhom } from './asking.ts';
import { lastPlaceWent, nobodyWaits, SPEAK_FIRST, wasSeenFull } from './places.ts';
import { isPreference } from './preferences.ts';
import { chosenIn, countedOfAll, rankFor, readChoice } from './ranking.ts';

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
      const decision: ReviewDecision = { decision: 'decline', reason };
      const unreached = reason === 'could-not-reach' ? whyNotUnreached(reachOf(referral, now)) : undefined;
      const error = speaksFirst(decision) && dangerStands(referral) ? SPEAK_FIRST : unreached;
      return error ? { errors: { declineReason: error } } : { decision };
    }
    case 'hold':
      return dangerStands(referral) ? { errors: { decision: SPEAK_FIRST } } : readHold(fields, now);
    case 'transfer': {
      const other = teamsToPassTo(referral).find(({ id }) => id === fields.team);
      return other
        ? { decision: { decision: 'transfer', team: other.id } }
        : { errors: { team: 'Select the team that looks after the person from now on' } };
    }
    default:
      return { errors: { decision: 'Select what happens next' } };
  }
}

/** The teams that a referral can be passed to: all but its own. */
export function teamsToPassTo({ team = ANY_TEAM }: Pick<Referral, 'team'>) {
  return environment('workspace').TEAMS.filter(({ id }) => id !== team);
}

function readHold(fields: Fields, now: string): { decision: ReviewDecision } | { errors: FieldErrors } {
  const reason = HOLD_REASONS.find((known) => known === fields.holdReason);
  const [day = '', month = '', year = ''] = ['day', 'month', 'year'].map((part) =>
    clean(fields[`holdUntil-${part}`]),
  );
  const date = realDate(day, month, year);
  const latest = londonDate(after(now, { days: HOLD_DAYS }));
  const errors: FieldErrors = {};
  if (date === undefined) errors.holdUntil = 'Enter the day when you look at it again, like 27 3 2027';
  else if (date <= londonDate(now)) errors.holdUntil = 'Enter a day after today';
  else if (date > latest) {
    errors.holdUntil = `Enter a day within ${HOLD_DAYS} days: by ${dateInWords(`${latest}T12:00:00Z`)}`;
  }
  if (!reason) errors.holdReason = 'Select why it waits';
  if (date === undefined || !reason || Object.keys(errors).length) return { errors };
  return { decision: { decision: 'hold', until: londonInstant(date, HOLD_ENDS_AT), reason } };
}

/** When whoever looks again begins the day, on the clock in London. */
const HOLD_ENDS_AT = '08:00';

/** A choice is checked against the ranking as it is now, which has to be the one that was seen. */
async function readMatch(fields: Fields, referral: Referral, now: string) {
  const counted = await countedOfAll(environment('page').TABLE_NAME);
  const ranked = rankFor(allProgrammes(), referral, counted, now);
  const found = chosenIn(ranked, fields.programmeId);
  if (!found) return { errors: { programmeId: 'Select a programme' } };
  const { choice: chosen, cohortId, group } = found;
  const reason = clean(fields.rankingReason);
  const { againstRanking, errors } = readChoice(fields, referral, ranked, chosen, reason);
  if (referral.stage === 'review') {
    const waits = group ? group.free === 0 : chosen.outlook?.next === 'waiting-list';
    if (cohortId !== undefined && !group) {
      errors.programmeId = `Nobody can join this group of ${chosen.programme.name} any more: choose again`;
    } else if (waits && dangerStands(referral)) errors.programmeId = nobodyWaits(chosen.programme.name);
    else if (waits && !wasSeenFull(fields)) errors.programmeId = lastPlaceWent(chosen.programme.name);
  }
  const summary = clean(fields.summary);
  const riskSummary = hasOpenRisk(referral) ? clean(fields.riskSummary) : undefined;
  const whyNot = (text: string) => whyNotForProvider(text, referral.person, fields.namesNobody === 'yes');
  for (const [name, text] of Object.entries({ summary, riskSummary })) {
    const why = text === undefined || referral.stage !== 'review' ? undefined : whyNot(text);
    if (why !== undefined) errors[name] = why;
  }
  if (riskSummary === '') errors.riskSummary = 'Enter what the provider must know of the risks';
  // Once it is decided, what was confirmed is what was not met then.
  const recorded = referral.offers.findLast(({ programmeId }) => programmeId === chosen.programme.id);
  const confirmed = referral.stage === 'review' ? toConfirm(chosen) : (recorded?.confirmed ?? []);
  if (confirmed.length > 0 && fields.matchAnyway !== 'yes') {
    errors.matchAnyway =
      'A criterion of this programme is not met: select another one, or confirm that you offer it all the same';
  }
  if (Object.keys(errors).length) return { errors };
  const decision: ReviewDecision = {
    decision: 'match',
    programmeId: chosen.programme.id,
    ...(cohortId === undefined ? {} : { cohortId }),
    ...(againstRanking === undefined ? {} : { againstRanking }),
    ...(confirmed.length === 0 ? {} : { confirmed }),
    ...(summary === '' ? {} : { summary }),
    ...(riskSummary === undefined ? {} : { riskSummary }),
  };
  return { decision };
}

/** What each decision has of the form, besides what it records only sometimes. */
const FIELDS_OF: Record<ReviewDecision['decision'], RegExp> = {
  match: /^(programmeId|rankingReason|summary|namesNobody|matchAnyway)$/,
  'ask-for-more': /^(askWhom|question)$/,
  signpost: /^signpostedTo$/,
  decline: /^declineReason$/,
  hold: /^hold(Until-|Reason$)/,
  transfer: /^team$/,
};

/** What is typed for one decision and for another. */
const TYPED = ['signpost', 'rankingReason', 'summary', 'riskSummary', 'question', 'signpostedTo'];

/**
 * Which fields of a review are done with once a decision stands: those that it recorded, the ticks, which are saved before, and words that the page itself
 * had brought. All of them where nothing else was typed: what was only chosen is soon chosen again. `referral`: as it is now.
 */
export function doneWith(
  decision: ReviewDecision,
  fields: Fields,
  referral: Referral,
): (name: string) => boolean {
  const before = referral.offers.at(-1);
  const isRecorded: Record<string, boolean> = {
    signpost: isTold(fields, referral),
    summary: clean(fields.summary) === before?.summary,
    riskSummary: 'riskSummary' in decision || clean(fields.riskSummary) === before?.riskSummary,
  };
  const isDone = (name: string) =>
    name === 'decision' ||
    isPreference(name) ||
    FIELDS_OF[decision.decision].test(name) ||
    isRecorded[name] === true;
  return TYPED.some((name) => clean(fields[name]) !== '' && !isDone(name)) ? isDone : () => true;
}

/** Whether the service that a form names is among those that the person was told about. */
export function isTold({ signpost }: Fields, referral: Referral): boolean {
  return signpostsThatStand(referral).some(({ to }) => to === clean(signpost));
}

/** What came of a welfare contact, as the form says it. */
const WELFARE_OUTCOMES: Record<string, WelfareDecision> = {
  continue: { outcome: 'continue' },
  close: { outcome: 'close', reason: 'agreed' },
  'could-not-reach': { outcome: 'close', reason: 'could-not-reach' },
};

export function readWelfare(
  fields: Fields,
  referral: Referral,
  now: string,
): { decision: WelfareDecision } | { errors: FieldErrors } {
  const note = clean(fields.note);
  const chosen = fields.outcome ?? '';
  const decision = Object.hasOwn(WELFARE_OUTCOMES, chosen) ? WELFARE_OUTCOMES[chosen] : undefined;
  const errors: FieldErrors = {};
  const unreached = chosen === 'could-not-reach' ? whyNotUnreached(reachOf(referral, now)) : undefined;
  if (!decision) errors.outcome = 'Select what came of your contact';
  else if (unreached !== undefined) errors.outcome = unreached;
  const { programme } = referral;
  if (decision?.outcome === 'continue' && programme) {
    if (goesOnToTheEnd(programme) && openConcern(referral)) {
      errors.outcome =
        'Somebody has to see first to what they said: record that beside the notes, then the programme can end';
    }
    if (mustSayWhy(programme) && note === '') errors.note = 'Enter why they go on, as you agreed with them';
  }
  if (note.length > LIMITS.text) errors.note = `Use ${LIMITS.text} characters or fewer`;
  if (!decision || Object.keys(errors).length) return { errors };
  return { decision: note === '' ? decision : { ...decision, note } };
}

function textError(name: string, value: string, missing: string): FieldErrors {
  if (value === '') return { [name]: missing };
  return value.length > LIMITS.text ? { [name]: `Use ${LIMITS.text} characters or fewer` } : {};
}
