/** The reply to an offer, as the form says it. */
import { openOffer } from '../../workflows/change.ts';
import { clean, realDate, timeIn } from '../../workflows/checks.ts';
import type { Programme } from '../../workflows/directory.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { OFFER_DECLINE_REASONS, type OfferReply } from '../../workflows/offer.ts';
import { ownCohortId, type Referral } from '../../workflows/referral.ts';
import { againstDay } from '../../workflows/schedule.ts';
import { isDue, londonDate, londonInstant } from '../../workflows/time.ts';
import { againstDayWords } from '../shared/pages/words.ts';
import type { Group } from './pages/views.ts';

/** Whether people join groups whose places we know: then a place is held before anybody accepts. */
export function inGroups({ cohorts }: Programme): boolean {
  return (cohorts ?? []).length > 0;
}

const PLACE_FOUND = 'A place has been found since you opened this page: look at it, then send your reply';
const OTHER_PLACE =
  'The place is in another group than when you opened this page: look at it, then send your reply';

/** The reply that the form says, or what is wrong with it. `group`: the one in which a place is held. */
export function readReply(
  fields: Fields,
  referral: Referral,
  programme: Programme,
  group: Group | undefined,
  now: string,
): { reply: OfferReply } | { errors: FieldErrors } {
  const { id, offers } = referral;
  // What a page says that knew of no place, or of another one, is no word about the one that is held now. What was recorded stands.
  const shown = openOffer(referral) ? fields.place : undefined;
  const isNews = group !== undefined && shown !== undefined && shown !== group.cohortId;
  const placeFound = { errors: { reply: shown === '' ? PLACE_FOUND : OTHER_PLACE } };
  switch (fields.reply) {
    case 'waitlist':
      return isNews ? placeFound : { reply: { reply: 'waitlist' } };
    case 'decline': {
      const reason = OFFER_DECLINE_REASONS.find((known) => known === fields.declineReason);
      if (isNews && reason === 'no-capacity') return placeFound;
      return reason
        ? { reply: { reply: 'decline', reason } }
        : { errors: { declineReason: 'Select why you decline' } };
    }
    case 'accept': {
      if (isNews) return placeFound;
      const { count: sessions, minutes: sessionMinutes, assessments, place } = programme.sessions;
      const more = { sessionMinutes, ...(assessments === undefined ? {} : { assessments }) };
      if (!group && inGroups(programme)) {
        return {
          errors: { reply: 'No place is free that we know of: decline, or keep them on the waiting list' },
        };
      }
      if (group) {
        const { cohortId } = group;
        const [firstSessionAt] = group.sessions;
        if (firstSessionAt === undefined) {
          return {
            errors: { reply: 'The group has no session left: decline, or keep them on the waiting list' },
          };
        }
        const left = group.sessions.length;
        return { reply: { reply: 'accept', cohortId, firstSessionAt, sessions: left, ...more } };
      }
      const cohortId = ownCohortId(id, offers.length);
      const first = readFirstSession(fields, now);
      return 'errors' in first
        ? first
        : { reply: { reply: 'accept', cohortId, firstSessionAt: first.at, sessions, place, ...more } };
    }
    default:
      return { errors: { reply: 'Select your reply' } };
  }
}

/** A year ahead is the furthest that a first session can be. */
const FURTHEST_DAYS = 366;

function readFirstSession(fields: Fields, now: string): { at: string } | { errors: FieldErrors } {
  const [day, month, year] = ['day', 'month', 'year'].map(
    (part) => fields[`firstSessionDate-${part}`]?.trim() ?? '',
  );
  const date = realDate(day ?? '', month ?? '', year ?? '');
  const time = timeIn(clean(fields.firstSessionTime));
  const errors: FieldErrors = {};
  if (date === undefined) errors.firstSessionDate = 'Enter a real date for the first session, like 15 1 2027';
  else if (date < londonDate(now)) errors.firstSessionDate = 'The first session must be today or later';
  if (!time) errors.firstSessionTime = 'Enter a time on the 24-hour clock, like 16:00';
  if (date === undefined || !time || Object.keys(errors).length) return { errors };
  const at = londonInstant(date, time);
  // Nobody could come to it.
  if (isDue(at, now))
    return { errors: { firstSessionTime: 'That time is over: enter a later one, or another day' } };
  const days = (Date.parse(at) - Date.parse(now)) / 86_400_000;
  if (days > FURTHEST_DAYS)
    return { errors: { firstSessionDate: 'The first session must be within a year' } };
  const against = fields.anyDay === 'yes' ? undefined : againstDay(date);
  if (against !== undefined) return { errors: { anyDay: againstDayWords[against] } };
  return { at };
}
