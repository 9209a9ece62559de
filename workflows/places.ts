/**
 * The places of a programme's cohorts and those who wait for one: a ledger for each programme, changed by writes that are conditional on its
 * version. Whoever offers a place takes it here first, so there are never more promises than places. What a referral says is what is right:
 * every entry can be settled by it again, and a place that no referral stands for is free for the next who waits.
 */
import * as z from 'zod/mini';
import type { Refusal } from './change.ts';
import type { CohortRecord } from './cohort-record.ts';
import { type Cohort, isOffered, MOST_PLACES, type Programme } from './directory.ts';
import { joinedUntil, plannedUntil } from './joining.ts';
import type { Referral } from './referral.ts';
import { after, isDue, type Span } from './time.ts';
import { URGENCIES, urgencyOf } from './worklist.ts';

const instant = z.iso.datetime();
const referralId = z.string().check(z.regex(/^[a-f0-9]{32}$/));

/** Who needs it more comes first: by the worklist's urgency, 0 is somebody in danger, 1 a known risk or an open concern, 2 everybody else. */
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
  /** Where its provider had no room for them before, kept in case they have none here either. */
  notIn: z.optional(z.array(z.string())),
});
export type PlaceEntry = z.infer<typeof place>;

const waiting = z.object({
  referralId,
  offer: z.int().check(z.positive()),
  need,
  since: instant,
  /** The cohort that was chosen for them: they are called to no other while it can be joined. */
  chosen: z.optional(z.string()),
  /** The cohorts in which the provider said that there is no room for them: they are not called there until something has changed. */
  notIn: z.optional(z.array(z.string())),
});
export type Waiting = z.infer<typeof waiting>;

const count = z.int().check(z.nonnegative());
const group = z.object({
  id: z.string(),
  startsOn: z.iso.date(),
  /** How many places the directory says there are; none once it has the cohort no more. */
  said: count,
  /** How many are given out at most: fewer than said where the provider found no room. Promises that were made before stand all the same. */
  capacity: count,
  /** Nobody joins any more from then on. */
  joinUntil: instant,
  /** Its own sessions say until when, since somebody was accepted into it: the directory does not know what was cancelled or moved. */
  ofSessions: z.optional(z.literal(true)),
});
type Group = z.infer<typeof group>;

export const placesSchema = z.object({
  schemaVersion: z.literal(1),
  programmeId: z.string(),
  version: count,
  updatedAt: instant,
  cohorts: z.array(group),
  places: z.array(place),
  waiting: z.array(waiting),
});
export type Places = z.infer<typeof placesSchema>;

/** For so long a place is held for somebody whose referral does not say so yet: longer than any function runs. */
const HELD_UNSETTLED: Span = { minutes: 15 };

/** The ledger of a programme for which there is none yet. */
export function noPlaces(programmeId: string, now: string): Places {
  return { schemaVersion: 1, programmeId, version: 0, updatedAt: now, cohorts: [], places: [], waiting: [] };
}

/**
 * The cohorts and their places as the directory says. `which`: `changed` leaves what the provider said of those of which the directory says the same
 * number as before; `new` adds those that are not known yet and leaves the others, since the copy of the directory at hand may be a minute old.
 * Fewer places than are promised take none away; they give no further one.
 */
export function withCohorts(
  places: Places,
  programme: Programme,
  which: 'new' | 'changed',
  now: string,
): Places {
  const groups = (programme.cohorts ?? []).map((cohort) => {
    const said = groupOf(programme, cohort);
    // What has ended keeps its people and calls nobody.
    const group = isOffered(programme) ? said : { ...said, said: 0, capacity: 0 };
    const known = places.cohorts.find(({ id }) => id === group.id);
    if (!known) return group;
    if (which === 'new') return known;
    const capacity = known.said === group.said ? known.capacity : group.capacity;
    const { joinUntil, ofSessions } = known;
    return { ...group, capacity, ...(ofSessions ? { joinUntil, ofSessions } : {}) };
  });
  const gone = places.cohorts
    .filter(({ id }) => !groups.some((each) => each.id === id))
    .filter(({ id, joinUntil }) => !isDue(joinUntil, now) || promised(places, id) > 0);
  // Kept without places until nobody could join it any more: an older copy of the directory must not bring it back.
  const kept = which === 'new' ? gone : gone.map((each) => ({ ...each, said: 0, capacity: 0 }));
  const cohorts = [...groups, ...kept];
  if (same(cohorts, places.cohorts)) return places;
  const other = cohorts.filter(
    ({ id, capacity }) => places.cohorts.find((each) => each.id === id)?.capacity !== capacity,
  );
  return other.reduce((after, { id }) => withChance(after, id), { ...places, cohorts });
}

/** A group that runs can be joined as long as its sessions say, whatever was cancelled or moved. Nothing changes where that is known, or there is no such group. */
export function withSessions(places: Places, cohort: Pick<CohortRecord, 'cohortId' | 'sessions'>): Places {
  const joinUntil = joinedUntil(cohort);
  const known = places.cohorts.find(({ id }) => id === cohort.cohortId);
  const isKnown = known?.ofSessions && known.joinUntil === joinUntil;
  if (!known || isKnown || joinUntil === undefined) return places;
  const said: Group = { ...known, joinUntil, ofSessions: true };
  return { ...places, cohorts: places.cohorts.map((each) => (each === known ? said : each)) };
}

/** A coordinator knows better than what the provider said: there are as many places in a cohort as the directory says. */
export function offeredAgain(places: Places, cohortId: string): Places {
  const cohort = places.cohorts.find(({ id }) => id === cohortId);
  if (!cohort || cohort.capacity >= cohort.said) return places;
  const cohorts = places.cohorts.map((each) => (each === cohort ? { ...each, capacity: each.said } : each));
  return withChance({ ...places, cohorts }, cohortId);
}

/** Something has changed in a cohort: whoever waits and was told that it has no room for them may be called there again. */
function withChance(places: Places, cohortId: string): Places {
  const again = <E extends { notIn?: string[] | undefined }>(entry: E): E => {
    if (!entry.notIn?.includes(cohortId)) return entry;
    const { notIn, ...rest } = entry;
    return { ...(rest as E), ...notInAny(notIn.filter((id) => id !== cohortId)) };
  };
  return { ...places, places: places.places.map(again), waiting: places.waiting.map(again) };
}

function notInAny(cohortIds: readonly string[] = []): { notIn?: string[] } {
  return cohortIds.length === 0 ? {} : { notIn: [...new Set(cohortIds)].sort() };
}

function groupOf({ sessions }: Programme, cohort: Cohort): Group {
  const { id, startsOn, capacity } = cohort;
  const said = Math.min(capacity, MOST_PLACES);
  return { id, startsOn, said, capacity: said, joinUntil: plannedUntil(sessions, cohort) };
}

/** Cohorts of which an entry says fewer places than are promised, or none at all, with how many are promised. */
export function brokenPromises(
  { cohorts: known }: Pick<PlacesSummary, 'cohorts'>,
  { cohorts = [] }: Pick<Programme, 'cohorts'>,
): { id: string; promised: number; gone: boolean }[] {
  return known.flatMap(({ id, held, taken }) => {
    const cohort = cohorts.find((each) => each.id === id);
    return held + taken > (cohort?.capacity ?? 0)
      ? [{ id, promised: held + taken, gone: cohort === undefined }]
      : [];
  });
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

/** Where somebody wants a place, and where there is none for them. */
type Wish = { chosen?: string | undefined; notIn?: readonly string[] | undefined };

/** The cohort in which somebody who is next would get a place: the first to start that is one for them, can still be joined and has one free. */
export function nextFree(
  places: Pick<Places, 'cohorts' | 'places'>,
  now: string,
  wish: Wish = {},
): string | undefined {
  const free = places.cohorts
    .filter(({ id }) => isFor(places, wish, id, now))
    .map((each) => ({ ...each, free: freeIn(places, each.id) }));
  return inOrder(free).find((each) => each.free > 0 && !isDue(each.joinUntil, now))?.id;
}

/** Whether a cohort is one for somebody. Once the one that was chosen for them can be joined no more, any is. */
function isFor(
  { cohorts }: Pick<Places, 'cohorts'>,
  { chosen, notIn = [] }: Wish,
  cohortId: string,
  now: string,
): boolean {
  if (notIn.includes(cohortId)) return false;
  return chosen === cohortId || !cohorts.some((each) => each.id === chosen && isOpen(each, now));
}

/** Whether a cohort can be joined, if a place is free in it. */
function isOpen({ said, joinUntil }: Pick<Group, 'said' | 'joinUntil'>, now: string): boolean {
  return said > 0 && !isDue(joinUntil, now);
}

/** Whether a programme has any group in which the directory says that there are places, now or later. */
export function hasGroup({ cohorts }: Pick<Places, 'cohorts'>): boolean {
  return cohorts.some(({ said }) => said > 0);
}

/** The cohorts for which somebody waits: whoever comes now comes after them. */
function waitedFor(places: Pick<Places, 'cohorts' | 'waiting'>, now: string): string[] {
  return places.cohorts
    .map(({ id }) => id)
    .filter((id) => places.waiting.some((each) => isFor(places, each, id, now)));
}

function inOrder<G extends Pick<Group, 'id' | 'startsOn'>>(groups: readonly G[]): G[] {
  return [...groups].sort((a, b) => a.startsOn.localeCompare(b.startsOn) || a.id.localeCompare(b.id));
}

/** Those who wait, in the order in which they get a place: by need, then by how long they have waited. */
export function inLine({ waiting }: Pick<Places, 'waiting'>): Waiting[] {
  return [...waiting].sort(
    (a, b) => a.need - b.need || a.since.localeCompare(b.since) || a.referralId.localeCompare(b.referralId),
  );
}

/** Whom a place is for. `chosen`: the cohort in which it has to be. */
export type For = Pick<PlaceEntry, 'referralId' | 'offer'> & { chosen?: string | undefined };

/**
 * Holds a place for an offer that is about to be made. Refused with `not-now` where none is free, where others wait, who come first, and where
 * the referral has been offered, or waits for one, already. Held for the same offer: it is held on, if it is in the cohort that was chosen.
 */
export function hold(places: Places, who: For, now: string): Places | Refusal {
  const { referralId, offer, chosen } = who;
  const entry = placeOf(places, referralId);
  const settleAt = after(now, HELD_UNSETTLED);
  if (entry?.offer === offer) {
    // What was decided a moment before, and did not come to be, may come to be yet.
    if (chosen !== undefined && chosen !== entry.cohortId) return { refused: 'not-now' };
    if (entry.called || entry.settleAt === undefined || entry.settleAt >= settleAt) return places;
    return { ...places, places: [...without(places.places, referralId), { ...entry, settleAt }] };
  }
  const wasOffered = [...places.places, ...places.waiting].some(
    (each) => each.referralId === referralId && each.offer >= offer,
  );
  // What was theirs is of an earlier offer, which is over.
  const others = givenBack(places, entry, {
    ...places,
    places: without(places.places, referralId),
    waiting: without(places.waiting, referralId),
  });
  const wish = { chosen, notIn: waitedFor(others, now) };
  const cohortId = wasOffered ? undefined : nextFree(others, now, wish);
  if (cohortId === undefined || (chosen ?? cohortId) !== cohortId) return { refused: 'not-now' };
  const held: PlaceEntry = { referralId, offer, cohortId, state: 'held', since: now, settleAt };
  return { ...others, places: [...others.places, held] };
}

/** The place of a referral, held or taken. */
export function placeOf({ places }: Pick<Places, 'places'>, id: string): PlaceEntry | undefined {
  return places.find(({ referralId }) => referralId === id);
}

/** What a referral stands for in the ledger of a programme. `offers`: how many offers, of whatever programme, it speaks of. */
export type Standing = { offers: number } & (
  | { state: 'none'; full?: Full }
  | { state: 'waiting'; offer: number; since: string; need: Need; chosen?: string; full?: Full }
  | { state: 'held' | 'taken'; offer: number; cohortId: string; joinedAt?: string }
);

/** The provider found no room in a cohort, whatever its capacity says. */
type Full = { offer: number; cohortId: string; at: string };

/** What a referral that is not there stands for. */
export const NOTHING: Standing = { state: 'none', offers: Number.POSITIVE_INFINITY };

/** What a referral stands for in a programme's ledger, by its newest offer of it. */
export function standingOf(referral: Referral, programmeId: string): Standing {
  const offers = referral.offers.length;
  const offer = referral.offers.findLast((each) => each.programmeId === programmeId);
  if (!offer) return { state: 'none', offers };
  const { number, cohortId, chosenCohortId: chosen, fullCohortId, fullAt, waitlistedAt } = offer;
  const isNewest = offer === referral.offers.at(-1);
  const full =
    fullCohortId === undefined || fullAt === undefined
      ? {}
      : { full: { offer: number, cohortId: fullCohortId, at: fullAt } };
  if (offer.result === undefined && isNewest && referral.stage === 'offer') {
    if (cohortId !== undefined) return { state: 'held', offers, offer: number, cohortId };
    const need = URGENCIES.indexOf(urgencyOf(referral)) as Need;
    return waitlistedAt === undefined
      ? { state: 'none', offers, ...full }
      : {
          ...{
            state: 'waiting',
            offers,
            offer: number,
            need,
            since: turnOf(referral, programmeId) ?? waitlistedAt,
          },
          ...(chosen === undefined ? {} : { chosen }),
          ...full,
        };
  }
  const joined = offer.result === 'accepted' && isNewest && referral.stage === 'programme';
  if (joined && cohortId !== undefined) {
    const { joinedAt } = referral.programme;
    return {
      ...{ state: 'taken', offers, offer: number, cohortId },
      ...(joinedAt === undefined ? {} : { joinedAt }),
    };
  }
  return { state: 'none', offers, ...full };
}

/**
 * Since when it has been somebody's turn for a programme: since it was first offered, where the offers before came to nothing for no reason of theirs. Its provider
 * did not answer or had no room, or the team took them back: that costs nobody their turn.
 */
function turnOf({ offers }: Pick<Referral, 'offers'>, programmeId: string): string | undefined {
  const all = offers.filter((offer) => offer.programmeId === programmeId);
  const ended = all.findLastIndex(
    ({ result, declineReason }) =>
      result === 'accepted' || (result === 'declined' && declineReason !== 'no-capacity'),
  );
  const times = all
    .slice(ended + 1)
    .flatMap(({ offeredAt, waitlistedAt = offeredAt }) => [offeredAt, waitlistedAt]);
  return times.sort()[0];
}

/**
 * Brings the ledger to what a referral stands for, which has to be read after the ledger. A place that its provider said is not there is taken off
 * the capacity, and whoever it was for is not called there again until another's is given back or the directory says another number.
 */
export function settle(places: Places, id: string, standing: Standing, now: string): Places {
  const entry = placeOf(places, id);
  const others = without(places.places, id);
  const line = without(places.waiting, id);
  const waited = places.waiting.find(({ referralId }) => referralId === id);
  switch (standing.state) {
    case 'none':
    case 'waiting': {
      const { full } = standing;
      const noRoom =
        entry !== undefined &&
        full?.offer === entry.offer &&
        full.cohortId === entry.cohortId &&
        full.at >= entry.since;
      if (entry && isOnItsWay(entry, standing, now) && !noRoom) return places;
      const known = [waited, entry].find((each) => each?.offer === full?.offer)?.notIn;
      const notIn = noRoom ? [...(known ?? []), entry.cohortId] : known;
      const next: Waiting[] =
        standing.state === 'waiting'
          ? [
              ...line,
              {
                ...{ referralId: id, offer: standing.offer, need: standing.need, since: standing.since },
                ...(standing.chosen === undefined ? {} : { chosen: standing.chosen }),
                ...notInAny(notIn),
              },
            ]
          : line;
      const then = { ...places, places: others, waiting: next };
      return changed(
        places,
        noRoom
          ? { ...then, cohorts: oneFewer(places, entry.cohortId, others) }
          : givenBack(places, entry, then),
      );
    }
    default: {
      const { offer, cohortId, state, joinedAt } = standing;
      const isSame = entry?.offer === offer && entry.cohortId === cohortId;
      const settled: PlaceEntry = {
        ...{ referralId: id, offer, cohortId, state, since: isSame ? entry.since : now },
        ...(joinedAt === undefined ? {} : { joinedAt }),
        ...(state === 'held' && isSame ? notInAny(entry.notIn) : {}),
      };
      const then = { ...places, places: [...others, settled], waiting: line };
      return changed(places, isSame ? then : givenBack(places, entry, then));
    }
  }
}

/** Whether the referral is still to say what a place is for: that it is offered, or that whoever waits is next. */
function isOnItsWay(
  { offer, called, settleAt }: PlaceEntry,
  standing: Extract<Standing, { state: 'none' | 'waiting' }>,
  now: string,
): boolean {
  if (called) return standing.state === 'waiting' && standing.offer === offer;
  return settleAt !== undefined && offer > standing.offers && !isDue(settleAt, now);
}

/** Whoever is next gets the places that are free, held for them until their referrals are told. */
export function callNext(places: Places, now: string): Places {
  let after = places;
  for (const { referralId, offer, notIn, chosen } of inLine(places)) {
    const cohortId = nextFree(after, now, { chosen, notIn });
    if (cohortId === undefined) continue;
    const place: PlaceEntry = {
      ...{ referralId, offer, cohortId, state: 'held', since: now, settleAt: now },
      ...{ called: true, ...notInAny(notIn) },
    };
    after = {
      ...after,
      places: [...without(after.places, referralId), place],
      waiting: without(after.waiting, referralId),
    };
  }
  return after;
}

/** The entries that are still to be settled by their referrals at a moment. */
export function unsettled({ places }: Pick<Places, 'places'>, now: string): PlaceEntry[] {
  return places.filter(({ settleAt }) => settleAt !== undefined && isDue(settleAt, now));
}

/** When an entry is next to be settled; undefined when all are. */
export function nextSettling({ places }: Pick<Places, 'places'>): string | undefined {
  return places.flatMap(({ settleAt }) => settleAt ?? []).sort()[0];
}

function without<E extends { referralId: string }>(entries: readonly E[], id: string): E[] {
  return entries.filter((each) => each.referralId !== id);
}

/** Without the place that is not there. Where fewer are given out than are promised, it is one of those that were too many. */
function oneFewer(places: Places, cohortId: string, others: readonly PlaceEntry[]): Places['cohorts'] {
  const left = promised({ places: [...others] }, cohortId);
  return places.cohorts.map((each) =>
    each.id === cohortId && each.capacity > left ? { ...each, capacity: each.capacity - 1 } : each,
  );
}

/** What follows where a place is another's now, or nobody's. */
function givenBack(before: Places, { cohortId }: Partial<PlaceEntry> = {}, after: Places): Places {
  const isFewer = cohortId !== undefined && promised(after, cohortId) < promised(before, cohortId);
  return isFewer ? withChance(after, cohortId) : after;
}

/** The same ledger where nothing in it is another. */
function changed(before: Places, after: Places): Places {
  return same(canonical(before), canonical(after)) ? before : after;
}

function canonical({ cohorts, places, waiting }: Places) {
  const byId = (a: { referralId: string }, b: { referralId: string }) =>
    a.referralId.localeCompare(b.referralId);
  return { cohorts, places: [...places].sort(byId).map(inFixedOrder), waiting: [...waiting].sort(byId) };
}

function inFixedOrder(entry: PlaceEntry) {
  const { referralId, offer, cohortId, state, since, joinedAt, settleAt, called, notIn } = entry;
  return [referralId, offer, cohortId, state, since, joinedAt, settleAt, called, notIn];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A ledger in numbers: what is kept beside the directory, for whoever chooses or looks. */
export const summarySchema = z.object({
  programmeId: z.string(),
  /** Of the ledger. */
  version: count,
  cohorts: z.array(
    z.extend(group, {
      held: count,
      taken: count,
      /** Whoever comes now comes after somebody who waits for it. Absent in what was written before that was noted: whoever waits, waits for all. */
      waitedFor: z.optional(z.boolean()),
    }),
  ),
  waiting: count,
});
export type PlacesSummary = z.infer<typeof summarySchema>;

/** The numbers of a ledger. */
export function summaryOf(ledger: Places): PlacesSummary {
  const { programmeId, version, updatedAt, cohorts, places, waiting } = ledger;
  const inDemand = waitedFor(ledger, updatedAt);
  const of = (id: string, state: PlaceEntry['state']) =>
    places.filter((each) => each.cohortId === id && each.state === state).length;
  return {
    ...{ programmeId, version, waiting: waiting.length },
    cohorts: cohorts.map((each) => ({
      ...{ ...each, held: of(each.id, 'held'), taken: of(each.id, 'taken') },
      waitedFor: inDemand.includes(each.id),
    })),
  };
}

/** A cohort that can be joined. `free`: the places that somebody would get who is matched to it now; none where others wait, who come first. */
export type Joinable = { id: string; startsOn: string; free: number };

/** What somebody would get who is matched now: a place in a group, or a place in the line. */
export type Outlook =
  | { next: 'place'; cohortId: string; startsOn: string; free: number }
  | { next: 'waiting-list'; waiting: number; open: boolean };

/** The cohorts that can be joined, the first to start first, as far as it is known, which may be a moment ago: `hold` decides. */
export function joinableIn(
  programme: Programme,
  summary: PlacesSummary | undefined,
  now: string,
): Joinable[] {
  const { cohorts: known = [], waiting = 0 } = summary ?? {};
  const groups = [
    ...known.map(({ waitedFor = waiting > 0, ...each }) => ({
      ...each,
      free: waitedFor ? 0 : Math.max(0, each.capacity - each.held - each.taken),
    })),
    ...(programme.cohorts ?? [])
      .filter(({ id }) => !known.some((each) => each.id === id))
      .map((cohort) => groupOf(programme, cohort))
      .map((each) => ({ ...each, free: waiting > 0 ? 0 : each.capacity })),
  ];
  return inOrder(groups.filter((each) => isOpen(each, now))).map(({ id, startsOn, free }) => ({
    ...{ id, startsOn, free },
  }));
}

/** What somebody would get who is matched now, in any of the cohorts that can be joined or in the one chosen. Undefined where the programme has no cohorts. */
export function outlookOf(
  programme: Programme,
  summary: PlacesSummary | undefined,
  now: string,
  chosen?: string,
): Outlook | undefined {
  if (!programme.cohorts?.length) return undefined;
  const groups = joinableIn(programme, summary, now).filter(({ id }) => (chosen ?? id) === id);
  const found = groups.find(({ free }) => free > 0);
  if (found) return { next: 'place', cohortId: found.id, startsOn: found.startsOn, free: found.free };
  return { next: 'waiting-list', waiting: summary?.waiting ?? 0, open: groups.length > 0 };
}
