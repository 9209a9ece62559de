/**
 * Groups that run follow their entry in the directory: another weekday, time, length, place or break moves the sessions that are to come. Which ones
 * is known before anything is done, so that whoever edits the entry sees it first.
 */
import { inOrder, ruleOf, withRule } from './cohort.ts';
import type { CohortRecord, CohortSession } from './cohort-record.ts';
import { type Programme, sessionsFor } from './directory.ts';
import { againstDay, type Rule, type Slot, slotsFrom } from './schedule.ts';
import { after, isDue, londonDate, londonInstant, londonTime, weekdayOf } from './time.ts';

/** What an entry says of its groups' sessions. */
type Entry = Pick<Programme, 'sessions' | 'cohorts'>;

/** A session that is to come, as it is and as it will be; `elsewhere`: its place is another. */
export type Moved = { number: number; before: Slot; after: Slot; elsewhere: boolean };

/** What a change of an entry does to one of its groups: which sessions are at another time or place. */
export function movedBy(cohort: CohortRecord, before: Entry, entry: Entry, now: string): Moved[] {
  return changesOf(cohort, before, entry, now).map(({ session, slot, elsewhere }) => ({
    ...{ number: session.number, before: slotOf(session), after: slot, elsewhere },
  }));
}

/**
 * The group as the entry says now, where that differs from what it said before. Sessions that its facilitator has put at another time stay
 * where they are, and so does whatever has begun. The same again changes nothing.
 */
export function followEntry(cohort: CohortRecord, before: Entry, entry: Entry, now: string): CohortRecord {
  const rule = newRule(cohort, before, entry, now);
  const changes = changesOf(cohort, before, entry, now);
  const { place } = sessionsFor(entry, cohort.cohortId);
  const isKnown = rule && isSame(rule, ruleOf(cohort)) && place === placeOf(cohort, before);
  if (!rule || (changes.length === 0 && isKnown)) return cohort;
  const sessions = changes.map(({ session, slot }) => ({ ...session, ...slot }));
  return withRule(cohort, { ...rule, place }, sessions, now);
}

/**
 * Whether an entry has a group that has begun start after its last session: that is the next run of the programme, which is a group of its own. The record of
 * this one would bring back its sessions and their registers.
 */
export function startsAnew(cohort: CohortRecord, { cohorts = [] }: Entry, now: string): boolean {
  const mine = cohorts.find(({ id }) => id === cohort.cohortId);
  const last = inOrder(cohort).findLast(({ status }) => status !== 'cancelled');
  const hasBegun = cohort.sessions.some(({ startsAt }) => isDue(startsAt, now));
  return mine !== undefined && last !== undefined && hasBegun && mine.startsOn > londonDate(last.startsAt);
}

function placeOf({ place, cohortId }: CohortRecord, before: Entry): string {
  return place ?? sessionsFor(before, cohortId).place;
}

type Change = { session: CohortSession; slot: Slot; elsewhere: boolean };

function changesOf(cohort: CohortRecord, before: Entry, entry: Entry, now: string): Change[] {
  const rule = newRule(cohort, before, entry, now);
  if (!rule) return [];
  const slots = isSame(rule, ruleOf(cohort)) ? new Map<number, Slot>() : slotsFor(cohort, rule, now);
  const isElsewhere = placeOf(cohort, before) !== sessionsFor(entry, cohort.cohortId).place;
  return toCome(cohort, now).flatMap((session) => {
    const slot = slots.get(session.number) ?? slotOf(session);
    const elsewhere = isElsewhere && session.place === undefined;
    const isMoved = slot.startsAt !== session.startsAt || slot.endsAt !== session.endsAt;
    return isMoved || elsewhere ? [{ session, slot, elsewhere }] : [];
  });
}

function toCome({ sessions }: CohortRecord, now: string): CohortSession[] {
  return sessions
    .filter(({ status, startsAt }) => status === 'planned' && !isDue(startsAt, now))
    .sort((a, b) => a.number - b.number);
}

/**
 * When each session that follows the rule is by a new one, by its number: in their order, from now on, in weeks that are theirs. The week of one that is
 * cancelled, has begun or was put at another time is no other's, and none comes where one stays.
 */
function slotsFor(cohort: CohortRecord, rule: Rule, now: string): Map<number, Slot> {
  const known = ruleOf(cohort);
  const follow = toCome(cohort, now).filter((session) => isRegular(session, known));
  const others = cohort.sessions.filter((session) => !session.notNeeded && !follow.includes(session));
  const weeks = new Set(others.map(({ plannedAt, startsAt }) => weekOf(plannedAt ?? startsAt)));
  if (wasLeftOut(known, now)) weeks.add(weekOf(now));
  const stay = others.filter(({ status }) => status !== 'cancelled');
  const all = slotsFrom(rule, after(now, { minutes: 1 }), follow.length + weeks.size + stay.length);
  const free = all
    .filter(({ startsAt }) => !weeks.has(weekOf(startsAt)))
    .filter((slot) => !stay.some((each) => each.startsAt < slot.endsAt && each.endsAt > slot.startsAt));
  return new Map(follow.map(({ number }, i) => [number, free[i] as Slot]));
}

/** Whether the rule had no session this week, on a day that is over. */
function wasLeftOut({ firstAt, breaks }: Rule, now: string): boolean {
  const day = onWeekday(londonDate(now), weekdayOf(londonDate(firstAt)));
  return againstDay(day, breaks) !== undefined && isDue(londonInstant(day, londonTime(firstAt)), now);
}

/** What the group is to follow; undefined where the entry does not say. */
function newRule(cohort: CohortRecord, before: Entry, entry: Entry, now: string): Rule | undefined {
  const mine = entry.cohorts?.find(({ id }) => id === cohort.cohortId);
  const [then, said] = [sessionsFor(before, cohort.cohortId), sessionsFor(entry, cohort.cohortId)];
  const earlier = before.cohorts?.find(({ id }) => id === cohort.cohortId);
  if (!mine || !earlier) return undefined;
  const known = ruleOf(cohort);
  const { minutes, time, weekday } = said;
  const isOther =
    then.time !== time ||
    then.weekday !== weekday ||
    then.minutes !== minutes ||
    earlier.startsOn !== mine.startsOn ||
    JSON.stringify(earlier.breaks ?? []) !== JSON.stringify(mine.breaks ?? []);
  if (!isOther) return known;
  const first = earlier.startsOn === mine.startsOn ? londonDate(known.firstAt) : mine.startsOn;
  const hasBegun = cohort.sessions.some(({ startsAt }) => isDue(startsAt, now));
  // Before it begins the day on which it starts says it all.
  const date = hasBegun && weekdayOf(first) === then.weekday ? onWeekday(first, weekday) : first;
  return { firstAt: londonInstant(date, time), minutes, breaks: mine.breaks ?? [] };
}

/** Whether a session is when the rule says, and was not put there by its facilitator. */
function isRegular({ startsAt, plannedAt }: CohortSession, { firstAt }: Rule): boolean {
  return (
    plannedAt === undefined &&
    weekdayOf(londonDate(startsAt)) === weekdayOf(londonDate(firstAt)) &&
    londonTime(startsAt) === londonTime(firstAt)
  );
}

/** The Monday of its week. */
function weekOf(at: string): string {
  return onWeekday(londonDate(at), 1);
}

/** The day of the same week that is this weekday. */
function onWeekday(date: string, weekday: number): string {
  const at = Date.parse(`${date}T00:00:00Z`) + (weekday - weekdayOf(date)) * 86_400_000;
  return new Date(at).toISOString().slice(0, 10);
}

function slotOf({ startsAt, endsAt }: CohortSession): Slot {
  return { startsAt, endsAt };
}

function isSame(a: Rule, b: Rule): boolean {
  return (
    JSON.stringify([a.firstAt, a.minutes, a.breaks]) === JSON.stringify([b.firstAt, b.minutes, b.breaks])
  );
}
