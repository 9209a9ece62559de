/** What a link worker chooses from: the directory's programmes, ranked for one person by everything that is known. */
import { createHash } from 'node:crypto';
import type { Programme } from '../../workflows/directory.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { needsConfirming, type Ranked, rankEverything, recommended } from '../../workflows/matching.ts';
import {
  type Joinable,
  joinableIn,
  type Outlook,
  outlookOf,
  type PlacesSummary,
} from '../../workflows/places.ts';
import type { Offer, Referral } from '../../workflows/referral.ts';
import type { Wait } from '../../workflows/waits.ts';
import { districts } from '../shared/directory/districts.ts';
import { placesOfAll } from '../shared/directory/places.ts';
import { measuredWaits } from '../shared/directory/waits.ts';

/** Of one referral, what programmes are ranked by. */
export type Seeker = Pick<Referral, 'person' | 'preferences'> & { offers: readonly Offer[] };

/** What was measured or counted of the programmes, by their ids. */
export type Counted = { waits: ReadonlyMap<string, Wait>; places: ReadonlyMap<string, PlacesSummary> };

/** Two requests, however many programmes there are. */
export async function countedOfAll(table: string): Promise<Counted> {
  const [waits, places] = await Promise.all([measuredWaits(table), placesOfAll(table)]);
  return { waits, places };
}

/** The ranking, as the page shows it and as a decision is checked against it, each with what they would get there. */
export function rankFor(
  programmes: readonly Programme[],
  { person, preferences, offers }: Seeker,
  { waits, places: summaries }: Counted,
  now: string,
): Choice[] {
  const outlooks = programmes.flatMap((programme) => {
    const outlook = outlookOf(programme, summaries.get(programme.id), now);
    return outlook ? [[programme.id, outlook] as const] : [];
  });
  const places = new Map(outlooks);
  const groups = new Map(
    programmes.map((programme) => [programme.id, joinableIn(programme, summaries.get(programme.id), now)]),
  );
  const known = { preferences, offers, waits, places, groups, districts };
  return rankEverything(programmes, person, known, now).map((match) => {
    const { id } = match.programme;
    return { ...match, outlook: places.get(id), groups: groups.get(id) ?? [] };
  });
}

/** A programme in its place. `outlook`: of its places, where it has cohorts; `groups`: those that can be joined. */
export type Choice = Ranked & { outlook: Outlook | undefined; groups: readonly Joinable[] };

/** What a form says where one group of a programme is chosen; where any of them will do, it says the programme's id. */
export function groupValue(programmeId: string, cohortId: string): string {
  return `${programmeId}/${cohortId}`;
}

/** What a form chose. `cohortId`: the group that was chosen, known or not; undefined where any will do. */
export function chosenIn(
  choices: readonly Choice[],
  value = '',
): { choice: Choice; cohortId?: string | undefined; group?: Joinable | undefined } | undefined {
  const [programmeId, cohortId] = value.split('/', 2);
  const choice = choices.find(({ programme }) => programme.id === programmeId);
  return choice && { choice, cohortId, group: choice.groups.find(({ id }) => id === cohortId) };
}

/** The choices of which a page says that whoever is matched waits, as its form carries them. */
export function seenFull(choices: readonly Choice[]): string {
  return choices
    .flatMap(({ programme: { id }, outlook, groups }) => [
      ...(outlook?.next === 'waiting-list' ? [id] : []),
      ...groups.filter(({ free }) => free === 0).map((group) => groupValue(id, group.id)),
    ])
    .join(' ');
}

/** Tells a ranking from another one: what a page carries, so that a decision is about the ranking that was seen. */
export function rankingKey(ranked: readonly Ranked[]): string {
  const seen = ranked.map((match) => [match.programme.id, match.rank, needsConfirming(match)]);
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 16);
}

/** Said where a choice was made by another ranking than there is now. */
export const RANKED_ANEW =
  'The programmes have been ranked anew since you opened this page: look at them again, then choose';

/** Said for the link worker where the programme is the one that the person asked for. */
const ASKED_FOR = 'It is what they asked for';

/**
 * What to record of a choice against the ranking: nothing where no other programme is better, otherwise the rank and why. `errors`: what
 * is missing. Once it is decided, what was recorded is what the ranking was.
 */
export function readChoice(
  fields: Fields,
  { stage, request, offers }: Pick<Referral, 'stage' | 'request' | 'offers'>,
  ranked: readonly Ranked[],
  chosen: Ranked,
  reason: string,
): { againstRanking?: Offer['againstRanking']; errors: FieldErrors } {
  const { id } = chosen.programme;
  const given = reason || (request.programmeId === id ? ASKED_FOR : '');
  if (stage !== 'review') {
    const recorded = offers.findLast(({ programmeId }) => programmeId === id)?.againstRanking;
    return { ...(recorded ? { againstRanking: { rank: recorded.rank, reason: given } } : {}), errors: {} };
  }
  if (fields.ranking !== rankingKey(ranked)) {
    return { errors: { programmeId: RANKED_ANEW } };
  }
  // Where nobody is eligible for any, the first is still better than the last.
  const best = recommended(ranked) ?? ranked[0];
  if (!best || chosen.rank <= best.rank) return { errors: {} };
  if (given.length > LIMITS.text) {
    return { errors: { rankingReason: `Use ${LIMITS.text} characters or fewer` } };
  }
  return given === ''
    ? { errors: { rankingReason: `Enter why you choose this one: ${best.programme.name} ranks first` } }
    : { againstRanking: { rank: chosen.rank, reason: given }, errors: {} };
}
