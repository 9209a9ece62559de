/**
 * The places of a programme's cohorts and those who wait for one: a ledger for each programme, changed by writes that are conditional on its
 * version. Whoever offers a place takes it here first, so there are never more promises than places. What a referral says is what is right:
 * every entry can be settled by it again, and a place that no referral stands for is free for the next who waits.
 */
import * as z from 'zod/mini';
import type { Refusal } from './change.ts';
import type { Programme } from './directory.ts';
import type { Offer, Referral } from './referral.ts';
import { after, isDue, londonInstant, type Span, sameTimeWeeksLater } from './time.ts';

const instant = z.iso.datetime();
const referralId = z.string().check(z.regex(/^[a-f0-9]{32}$/));

/** Who needs it more comes first: 0 is somebody in danger, 1 a known risk, 2 everybody else. */
const need = z.union([z.literal(0), z.literal(1), z.literal(2)]);
export type Need = z.infer<typeof need>;

const place = z.object({
  referralId,
  offer: z.int().check(z.positive()),
  cohortId: z.string(),
  /** Held for an offer that is open; taken once the provider accepted. */
  state: z.enum(['held', 'taken']),
  since: instant,
  /** Taken by somebody who takes part in the sessions from then on. */
  joinedAt: z.optional(instant),
  /** Held before the referral says so: it is settled by what the referral says, at this time at the latest. */
  settleAt: z.optional(instant),
  /** They waited and are next: the referral is still to be told, if it has not been. */
  called: z.optional(z.literal(true)),
});
export type PlaceEntry = z.infer<typeof place>;

const waiting = z.object({ referralId, offer: z.int().check(z.positive()), need, since: instant });
export type Waiting = z.infer<typeof waiting>;

export const placesSchema = z.object({
  schemaVersion: z.literal(1),
  programmeId: z.string(),
  version: z.int().check(z.nonnegative()),
  updatedAt: instant,
  cohorts: z.array(
    z.object({
      id: z.string(),
      startsOn: z.iso.date(),
      capacity: z.int().check(z.nonnegative()),
      /** Nobody joins any more from then on. */
      joinUntil: instant,
    }),
  ),
  places: z.array(place),
  waiting: z.array(waiting),
});
export type Places = z.infer<typeof placesSchema>;

/** For so long a place is held for somebody whose referral does not say so yet: longer than any function runs. */
const HELD_UNSETTLED: Span = { minutes: 15 };

/** People join a cohort until so many of its sessions are over: those of assessment, and no more [check]. */
export const JOIN_WITHIN_SESSIONS = 6;

/** The ledger of a programme for which there is none yet. */
export function noPlaces(programmeId: string, now: string): Places {
  return { schemaVersion: 1, programmeId, version: 0, updatedAt: now, cohorts: [], places: [], waiting: [] };
}

/**
 * The cohorts and their capacity as the directory says. `only`: add those that are not known yet, and leave the others as they are, since the copy
 * of the directory at hand may be a minute old. Capacity is never less than the places that are promised: nobody is sent away for a number.
 */
export function withCohorts(places: Places, programme: Programme, only: 'new' | 'all'): Places {
  const said = (programme.cohorts ?? []).map(({ id, startsOn, capacity }) => {
    const known = places.cohorts.find((cohort) => cohort.id === id);
    if (known && only === 'new') return known;
    return {
      id,
      startsOn,
      capacity: Math.max(capacity, promised(places, id)),
      joinUntil: joinUntil(programme, startsOn),
    };
  });
  const gone = places.cohorts.filter(({ id }) => !said.some((cohort) => cohort.id === id));
  const kept =
    only === 'new'
      ? gone
      : gone.flatMap((cohort) => {
          const taken = promised(places, cohort.id);
          return taken > 0 ? [{ ...cohort, capacity: taken }] : [];
        });
  const cohorts = [...said, ...kept];
  return JSON.stringify(cohorts) === JSON.stringify(places.cohorts) ? places : { ...places, cohorts };
}

function joinUntil({ sessions }: Programme, startsOn: string): string {
  const weeks = Math.min(JOIN_WITHIN_SESSIONS, sessions.count) - 1;
  return sameTimeWeeksLater(londonInstant(startsOn, sessions.time), weeks);
}

/** How many places of a cohort are held or taken. */
export function promised({ places }: Pick<Places, 'places'>, cohortId: string): number {
  return places.filter((entry) => entry.cohortId === cohortId).length;
}

/** How many places of a cohort are free; none where it is not known. */
export function freeIn(places: Pick<Places, 'cohorts' | 'places'>, cohortId: string): number {
  const cohort = places.cohorts.find(({ id }) => id === cohortId);
  return cohort ? Math.max(0, cohort.capacity - promised(places, cohortId)) : 0;
}

/** The cohort in which somebody who is next would get a place: the first to start that can still be joined and has one free. */
export function nextFree(places: Pick<Places, 'cohorts' | 'places'>, now: string): string | undefined {
  return [...places.cohorts]
    .sort((a, b) => a.startsOn.localeCompare(b.startsOn) || a.id.localeCompare(b.id))
    .find(({ id, joinUntil }) => !isDue(joinUntil, now) && freeIn(places, id) > 0)?.id;
}

/** Those who wait, in the order in which they get a place: by need, then by how long they have waited. */
export function inLine({ waiting }: Pick<Places, 'waiting'>): Waiting[] {
  return [...waiting].sort(
    (a, b) => a.need - b.need || a.since.localeCompare(b.since) || a.referralId.localeCompare(b.referralId),
  );
}

/** How much somebody needs it, by what the referral says. */
export function needOf({ request }: Pick<Referral, 'request'>): Need {
  if (request.danger) return 0;
  return request.risks.known ? 1 : 2;
}

/** Whom a place is for. */
export type For = Pick<PlaceEntry, 'referralId' | 'offer'>;

/**
 * Holds a place for an offer that is about to be made. Refused with `not-now` where none is free, or where others wait: they come first.
 * Held for the same offer already: nothing changes.
 */
export function hold(places: Places, who: For, now: string): Places | Refusal {
  if (places.places.some((entry) => isOf(entry, who))) return places;
  const cohortId = places.waiting.length > 0 ? undefined : nextFree(places, now);
  if (cohortId === undefined) return { refused: 'not-now' };
  const entry: PlaceEntry = {
    ...who,
    cohortId,
    state: 'held',
    since: now,
    settleAt: after(now, HELD_UNSETTLED),
  };
  return { ...places, places: [...without(places.places, who.referralId), entry] };
}

/** What a referral stands for in the ledger of a programme. */
export type Standing =
  | { state: 'none'; full?: string }
  | { state: 'waiting'; offer: number; since: string; need: Need; full?: string }
  | { state: 'held' | 'taken'; offer: number; cohortId: string; joinedAt?: string };

/**
 * What a referral stands for in a programme's ledger, by its newest offer of it. `full`: the provider found no room in that cohort, whatever its
 * capacity says.
 */
export function standingOf(referral: Referral, programmeId: string): Standing {
  const offer = referral.offers.findLast((each) => each.programmeId === programmeId);
  if (!offer) return { state: 'none' };
  const isNewest = offer === referral.offers.at(-1);
  const full = offer.fullCohortId === undefined ? {} : { full: offer.fullCohortId };
  if (offer.result === undefined && isNewest && referral.stage === 'offer') {
    if (offer.cohortId !== undefined) return { state: 'held', offer: offer.number, cohortId: offer.cohortId };
    return offer.waitlistedAt === undefined
      ? { state: 'none', ...full }
      : { state: 'waiting', offer: offer.number, since: offer.waitlistedAt, need: needOf(referral), ...full };
  }
  const joined = offer.result === 'accepted' && isNewest && referral.stage === 'programme';
  if (joined && offer.cohortId !== undefined) {
    const { joinedAt } = referral.programme;
    return {
      state: 'taken',
      offer: offer.number,
      cohortId: offer.cohortId,
      ...(joinedAt === undefined ? {} : { joinedAt }),
    };
  }
  return { state: 'none', ...full };
}

/** Brings the ledger to what a referral stands for. A place that its provider said is not there is taken off the capacity. */
export function settle(places: Places, id: string, standing: Standing, now: string): Places {
  const entry = places.places.find((each) => each.referralId === id);
  const others = without(places.places, id);
  const line = places.waiting.filter((each) => each.referralId !== id);
  switch (standing.state) {
    case 'none':
    case 'waiting': {
      const waits = standing.state === 'waiting';
      // It is they who are next; the referral is told of it yet.
      if (entry?.called && waits && entry.offer === standing.offer) return places;
      const { since, need } = waits ? standing : { since: now, need: 2 as const };
      const next = waits ? [...line, { referralId: id, offer: standing.offer, need, since }] : line;
      const noRoom = entry !== undefined && standing.full === entry.cohortId;
      return changed(places, {
        ...places,
        places: others,
        waiting: next,
        cohorts: noRoom ? shrunk(places, entry.cohortId, others) : places.cohorts,
      });
    }
    default: {
      const { offer, cohortId, state, joinedAt } = standing;
      const same = entry?.offer === offer && entry.cohortId === cohortId;
      const settled: PlaceEntry = {
        referralId: id,
        offer,
        cohortId,
        state,
        since: same ? entry.since : now,
        ...(joinedAt === undefined ? {} : { joinedAt }),
      };
      return changed(places, { ...places, places: [...others, settled], waiting: line });
    }
  }
}

/** Whoever is next gets the places that are free, held for them until their referrals are told. */
export function callNext(places: Places, now: string): Places {
  const [next] = inLine(places);
  const cohortId = next && nextFree(places, now);
  if (!next || cohortId === undefined) return places;
  const { referralId, offer } = next;
  const called: PlaceEntry = {
    referralId,
    offer,
    cohortId,
    state: 'held',
    since: now,
    settleAt: now,
    called: true,
  };
  return callNext(
    {
      ...places,
      places: [...without(places.places, referralId), called],
      waiting: places.waiting.filter((each) => each !== next),
    },
    now,
  );
}

/** The entries that are still to be settled by their referrals at a moment. */
export function unsettled({ places }: Pick<Places, 'places'>, now: string): PlaceEntry[] {
  return places.filter(({ settleAt }) => settleAt !== undefined && isDue(settleAt, now));
}

/** When an entry is next to be settled; undefined when all are. */
export function nextSettling({ places }: Pick<Places, 'places'>): string | undefined {
  return places.flatMap(({ settleAt }) => settleAt ?? []).sort()[0];
}

function isOf(entry: PlaceEntry, who: For): boolean {
  return entry.referralId === who.referralId && entry.offer === who.offer;
}

function without(places: readonly PlaceEntry[], id: string): PlaceEntry[] {
  return places.filter((each) => each.referralId !== id);
}

function shrunk(places: Places, cohortId: string, others: readonly PlaceEntry[]): Places['cohorts'] {
  const left = others.filter((each) => each.cohortId === cohortId).length;
  return places.cohorts.map((each) =>
    each.id === cohortId ? { ...each, capacity: Math.min(each.capacity, left) } : each,
  );
}

/** The same ledger where nothing in it is another. */
function changed(before: Places, after: Places): Places {
  return JSON.stringify(canonical(before)) === JSON.stringify(canonical(after)) ? before : after;
}

function canonical({ cohorts, places, waiting }: Places) {
  const byId = (a: { referralId: string }, b: { referralId: string }) =>
    a.referralId.localeCompare(b.referralId);
  return { cohorts, places: [...places].sort(byId).map(inFixedOrder), waiting: [...waiting].sort(byId) };
}

function inFixedOrder({ referralId, offer, cohortId, state, since, joinedAt, settleAt, called }: PlaceEntry) {
  return [referralId, offer, cohortId, state, since, joinedAt, settleAt, called];
}

/** Whether the provider's words to an offer mean that there is no room where the directory says there is. */
export function saysFull(offer: Pick<Offer, 'cohortId'>): Pick<Offer, 'fullCohortId'> {
  return offer.cohortId === undefined ? {} : { fullCohortId: offer.cohortId };
}
