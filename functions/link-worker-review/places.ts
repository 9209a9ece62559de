/** A place for somebody who is matched: held before it is offered, so that there are never more offers than places. */
import { dangerStands } from '../../workflows/danger.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { hold, type PlacesSummary, placeOf, summaryOf, withCohorts } from '../../workflows/places.ts';
import type { Referral } from '../../workflows/referral.ts';
import type { ReviewDecision } from '../../workflows/review.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { changePlaces } from '../shared/places.ts';

type Match = Extract<ReviewDecision, { decision: 'match' }>;

/**
 * The match with the place that is held for it; without, where the programme has no cohorts. Where there is none, they wait, if the page said so
 * before and nobody may be in danger; otherwise the link worker is asked again. `full`: how the programme's places are given out now.
 */
export async function withPlace(
  match: Match,
  referral: Referral,
  fields: Fields,
  now: string,
): Promise<{ match: Match } | { errors: FieldErrors; full: PlacesSummary }> {
  const { id: referralId, offers } = referral;
  const { programmeId, cohortId: chosen } = match;
  const programme = findProgramme(programmeId);
  if (!programme?.cohorts?.length) return { match };
  const who = { referralId, offer: offers.length + 1, chosen };
  const held = await changePlaces(environment('page').TABLE_NAME, programmeId, now, (places) =>
    hold(withCohorts(places, programme, 'new', now), who, now),
  );
  const place = held.state === 'stored' ? placeOf(held.item, referralId) : undefined;
  if (place) return { match: { ...match, place: { cohortId: place.cohortId } } };
  const full = summaryOf(held.item);
  if (dangerStands(referral)) return { errors: { programmeId: nobodyWaits(programme.name) }, full };
  return wasSeenFull(fields)
    ? { match: { ...match, place: 'waiting-list' } }
    : { errors: { programmeId: lastPlaceWent(programme.name) }, full };
}

/** Whether the page said that whoever is matched to what the form chose waits. */
export function wasSeenFull(fields: Fields): boolean {
  return (fields.seenFull ?? '').split(' ').includes(fields.programmeId ?? '');
}

/** Why a decision is not taken (speaksFirst). */
export const SPEAK_FIRST = 'Speak with them first, and record it: somebody may be in danger';

export function nobodyWaits(name: string): string {
  return `No place of ${name} is free, and somebody may be in danger. Speak with them first, and record it, or choose another programme`;
}

export function lastPlaceWent(name: string): string {
  return `The last place of ${name} went while this page was open, and nothing is decided yet. Record the decision again to put them on its waiting list, or choose another programme`;
}
