/**
 * Groups that run follow their entry in the directory: another weekday, time, length, place or break moves the sessions that are to come. Which ones
 * is known before anything is done, so that whoever edits the entry sees it first.
 */
import { type CohortRecord, type CohortSession, inOrder, ruleOf, withRule } from './cohort.ts';
import { type Programme, sessionsFor } from './directory.ts';
import { type Rule, type Slot, slotsFrom } from './schedule.ts';
import { minutesOf } from './session-change.ts';
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
 * The group as the entry says now, where that differs from what it said before. Sessions that its facilitator has moved to another weekday or hour stay
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

function placeOf({ place, cohortId }: CohortRecord, before: Entry): string {
  return place ?? sessionsFor(before, cohortId).place;
}

type Change = { session: CohortSession; slot: Slot; elsewhere: boolean };

function changesOf(cohort: CohortRecord, before: Entry, entry: Entry, now: string): Change[] {
  const rule = newRule(cohort, before, entry, now);
  if (!rule) return [];
  const known = ruleOf(cohort);
  // One that is cancelled has its week all the same: it is held after the last.
  const coming = cohort.sessions
    .filter(({ status, startsAt }) => status !== 'held' && !isDue(startsAt, now))
    .sort((a, b) => a.number - b.number);
  const slots = isSame(rule, known) ? coming.map(slotOf) : slotsFor(coming, cohort, rule, now);
  const isElsewhere = placeOf(cohort, before) !== sessionsFor(entry, cohort.cohortId).place;
  return coming.flatMap((session, i) => {
    const slot = isRegular(session, known) ? (slots[i] ?? slotOf(session)) : slotOf(session);
    const elsewhere = isElsewhere && session.place === undefined;
    const isMoved = slot.startsAt !== session.startsAt || slot.endsAt !== session.endsAt;
    return session.status === 'planned' && (isMoved || elsewhere) ? [{ session, slot, elsewhere }] : [];
  });
}

/**
 * When each session to come would be by a new rule. One that stays where it is has its week all the same, or the time at which it stands, where that is one of
 * the rule's: no other comes there.
 */
function slotsFor(coming: readonly CohortSession[], cohort: CohortRecord, rule: Rule, now: string): Slot[] {
  const known = ruleOf(cohort);
  const stands = new Set(coming.filter((each) => !isRegular(each, known)).map(({ startsAt }) => startsAt));
  const all = slotsFrom(rule, weekToCome(cohort, now), coming.length + stands.size);
  const isSlot = new Set(all.map(({ startsAt }) => startsAt));
  const free = all.filter(({ startsAt }) => !stands.has(startsAt));
  return coming.map((session) =>
    stands.has(session.startsAt) && isSlot.has(session.startsAt)
      ? slotOf(session)
      : (free.shift() ?? slotOf(session)),
  );
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

/** The sessions to come begin in the week after the last one that has begun, and not before now. */
function weekToCome({ sessions }: CohortRecord, now: string): string {
  const last = inOrder({ sessions }).findLast(
    ({ status, startsAt }) => status !== 'cancelled' && isDue(startsAt, now),
  );
  const soon = after(now, { minutes: 1 });
  if (!last) return soon;
  const monday = onWeekday(londonDate(last.startsAt), 1);
  const next = londonInstant(londonDate(after(londonInstant(monday, '12:00'), { days: 7 })), '00:00');
  return next > soon ? next : soon;
}

/** Whether a session is when the rule says, and was not moved by its facilitator. */
function isRegular(session: CohortSession, { firstAt, minutes }: Rule): boolean {
  return (
    weekdayOf(londonDate(session.startsAt)) === weekdayOf(londonDate(firstAt)) &&
    londonTime(session.startsAt) === londonTime(firstAt) &&
    minutesOf(session) === minutes
  );
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
