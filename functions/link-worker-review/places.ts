/** A place for somebody who is matched: held before it is offered, so that there are never more offers than places. */
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
 * before; otherwise the link worker is asked again. `full`: how the programme's places are given out now.
 */
export async function withPlace(
  match: Match,
  { id: referralId, offers }: Referral,
  fields: Fields,
  now: string,
): Promise<{ match: Match } | { errors: FieldErrors; full: PlacesSummary }> {
  const { programmeId, cohortId: chosen } = match;
  const programme = findProgramme(programmeId);
  if (!programme?.cohorts?.length) return { match };
  const who = { referralId, offer: offers.length + 1, chosen };
  const held = await changePlaces(environment('page').TABLE_NAME, programmeId, now, (places) =>
    hold(withCohorts(places, programme, 'new', now), who, now),
  );
  const place = held.state === 'stored' ? placeOf(held.item, referralId) : undefined;
  if (place) return { match: { ...match, place: { cohortId: place.cohortId } } };
  return wasSeenFull(fields)
    ? { match: { ...match, place: 'waiting-list' } }
    : { errors: { programmeId: lastPlaceWent(programme.name) }, full: summaryOf(held.item) };
}

/** Whether the page said that whoever is matched to what the form chose waits. */
export function wasSeenFull(fields: Fields): boolean {
  return (fields.seenFull ?? '').split(' ').includes(fields.programmeId ?? '');
}

export function lastPlaceWent(name: string): string {
  return `The last place of ${name} went while this page was open, and nothing is decided yet. Record the decision again to put them on its waiting list, or choose another programme`;
}
