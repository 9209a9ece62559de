/**
 * Attempts to make contact, and when somebody counts as not reached: after several attempts on different days and in different ways that
 * nobody answered. While a risk is open nobody counts as that, however often they were tried.
 */
import { takenBy } from './assignment.ts';
import { dueAfter, happened, type Outcome } from './change.ts';
import { hasOpenRisk } from './concerns.ts';
import { dangerStands } from './danger.ts';
import { planNextTry } from './next-try.ts';
import { openWelfare } from './programme.ts';
import {
  CONTACT_OUTCOMES,
  type Contact,
  type ContactChannel,
  type ContactOutcome,
  MOST_CONTACTS,
  type Referral,
  type TeamMember,
} from './referral.ts';
import { isEnded } from './steps.ts';
import { after, isDue, londonDate } from './time.ts';
import { toldByHand } from './undelivered.ts';

/**
 * How much has to be tried before a referral may be closed with a letter, as data: a default of practice, to be set by each service. So
 * many attempts, on so many days, in so many ways, and so many working days from the first of them on. Whoever was written to has
 * `answerWorkingDays` to answer [check].
 */
export const CONTACT_POLICY = {
  attempts: 3,
  days: 3,
  channels: 2,
  workingDays: 10,
  answerWorkingDays: 5,
} as const;

/** What came of an attempt can only be some of the outcomes: nobody leaves a message by letter. */
export function outcomesOf(channel: ContactChannel): readonly ContactOutcome[] {
  const written = channel === 'text' || channel === 'email' || channel === 'letter';
  const never: readonly ContactOutcome[] = written ? ['no-answer', 'left-message'] : ['sent'];
  return CONTACT_OUTCOMES.filter((outcome) => !never.includes(outcome));
}

/** An attempt as somebody enters it. */
export type Attempt = {
  channel: ContactChannel;
  outcome: ContactOutcome;
  /** When it was; absent when it was just now. */
  at?: string;
  /** The day when it is tried again (YYYY-MM-DD). */
  next?: string;
};

/** The number of the next attempt: whoever sends a form says which one they saw. */
export function nextContact({ contacts = [] }: Pick<Referral, 'contacts'>): number {
  return contacts.length + 1;
}

/**
 * Whether a day for the next try can be planned: only while the person waits to be contacted, so that they are before the team until then. Anywhere else nothing
 * would remind anybody of that day, also where a concern is open, which is over as soon as somebody has seen to it; for that there are the actions of a plan
 * (plan-review.ts).
 */
export function mayPlanTry(referral: Referral): boolean {
  switch (referral.stage) {
    case 'intake':
      return true;
    case 'review':
      return referral.hold === undefined;
    case 'information':
      return dangerStands(referral);
    case 'programme':
      return openWelfare(referral.programme) !== undefined;
    default:
      return false;
  }
}

/** Sent again after this, "just now" is another attempt. */
const SAME_NOW = { minutes: 10 } as const;

/**
 * Records attempt number `number`, and takes the referral if it is nobody's. While the team is waited for, whoever is to do it is reminded
 * next on the day of the next try. The same one sent again changes nothing; where somebody else's has that number, it is refused as
 * `already-decided`, and as `not-now` once the referral is closed or has as many as are kept, or where no next try
 * can be planned after it.
 */
export function recordContact(
  referral: Referral,
  number: number,
  attempt: Attempt,
  by: TeamMember,
  now: string,
): Outcome {
  const { contacts = [] } = referral;
  const before = contacts[number - 1];
  if (before) return isSame(before, attempt, by, now) ? referral : { refused: 'already-decided' };
  if (number !== nextContact(referral) || isEnded(referral) || contacts.length >= MOST_CONTACTS) {
    return { refused: 'not-now' };
  }
  const { channel, outcome, at = now, next } = attempt;
  const contact: Contact = { number, at, channel, outcome, by, ...(next === undefined ? {} : { next }) };
  const event = outcome === 'reached' ? 'contact-reached' : 'contact-tried';
  const recorded = {
    ...happened(referral, now, 'link-worker', event, channel, by.name),
    contacts: [...contacts, contact],
  };
  const told = outcome === 'reached' ? toldByHand(recorded, at, by, now) : recorded;
  const calm = calmed(takenBy(told, by, now), now);
  // The attempt itself may end what kept them before the team.
  if (next !== undefined && !mayPlanTry(calm)) return { refused: 'not-now' };
  return planNextTry(calm, next, now);
}

/** Somebody has spoken with whoever may have been in danger: the review, or the answer to a question, is due as any other. */
function calmed(referral: Referral, now: string): Referral {
  const isOver = referral.due?.step === 'urgent-review' && !dangerStands(referral);
  if (!isOver) return referral;
  return dueAfter(referral, now, referral.stage === 'information' ? 'information' : 'review');
}

function isSame(before: Contact, attempt: Attempt, by: TeamMember, now: string): boolean {
  return (
    before.by.id === by.id &&
    before.channel === attempt.channel &&
    before.outcome === attempt.outcome &&
    before.next === attempt.next &&
    (attempt.at === undefined ? !isDue(after(before.at, SAME_NOW), now) : before.at === attempt.at)
  );
}

/** What tells how often somebody was tried. */
type Tried = Pick<Referral, 'createdAt' | 'contacts' | 'history' | 'questions' | 'programme'>;

/**
 * The attempts since the person was last heard of, in the order in which they were made; where they are to be contacted because they
 * missed sessions, those since then. None counts from before the referral arrived: nobody was to be reached about it then.
 */
export function unanswered(referral: Tried): Contact[] {
  const asked = referral.programme && openWelfare(referral.programme)?.openedAt;
  const since = [lastHeardOf(referral) ?? '', asked ?? ''].sort().at(-1) ?? '';
  return (referral.contacts ?? [])
    .filter(({ outcome, at }) => outcome !== 'reached' && at >= referral.createdAt && at > since)
    .sort((a, b) => a.at.localeCompare(b.at));
}

/** When the person was last reached, answered a question, or did something on their own page. */
function lastHeardOf({ contacts = [], history, questions }: Tried): string | undefined {
  return [
    ...contacts.filter(({ outcome }) => outcome === 'reached').map(({ at }) => at),
    ...history.filter(({ by }) => by === 'person').map(({ at }) => at),
    ...questions.flatMap(({ to, answeredAt }) => (to === 'person' && answeredAt ? [answeredAt] : [])),
  ]
    .sort()
    .at(-1);
}

/** An attempt, and whether it counts as one that nobody answered: yes, no, or from a time on. */
export type Weighed = { contact: Contact; counts: 'yes' | 'no' | { from: string } };

/**
 * Whether each of the attempts since the person was last heard of counts. What was sent does once there was time to answer it. One that was not possible
 * could not be answered: it counts once, since it shows that this way is closed. So nobody is given up because one number does not work, and whoever
 * looks after somebody whom no way reaches is not kept from saying so.
 */
export function weighed(referral: Tried, now: string): Weighed[] {
  const tried = unanswered(referral);
  return tried.map((contact, i) => {
    const { outcome, channel, at } = contact;
    if (outcome === 'sent') {
      const from = after(at, { workingDays: CONTACT_POLICY.answerWorkingDays });
      return { contact, counts: isDue(from, now) ? 'yes' : { from } };
    }
    const isKnown =
      outcome === 'not-possible' &&
      tried
        .slice(0, i)
        .some((before) => before.outcome === 'not-possible' && wayOf(before.channel) === wayOf(channel));
    return { contact, counts: isKnown ? 'no' : 'yes' };
  });
}

/** Calls and texts go to the same number. */
function wayOf(channel: ContactChannel): ContactChannel {
  return channel === 'text' ? 'phone' : channel;
}

/** Whether somebody counts as not reached, and if not, what is missing. */
export type Reach =
  /** Known risks, or danger: nobody may be closed as not reached. */
  | { state: 'risk-open' }
  /** Counts of what was tried, also of what can still be answered; `from`: when enough time will have passed, if no more is tried. */
  | { state: 'not-yet'; attempts: number; days: number; channels: number; from: string | undefined }
  | { state: 'unreached'; attempts: number };

export function reachOf(referral: Tried & Pick<Referral, 'request' | 'concerns'>, now: string): Reach {
  if (hasOpenRisk(referral)) return { state: 'risk-open' };
  const all = weighed(referral, now).filter(({ counts }) => counts !== 'no');
  const [first] = all;
  const times = [now, ...all.flatMap(({ counts }) => (typeof counts === 'object' ? [counts.from] : []))];
  // The earliest time at which enough of them count.
  const answered = times.sort().find((time) => isEnough(sumOf(countingAt(all, time))));
  const long = first && after(first.contact.at, { workingDays: CONTACT_POLICY.workingDays });
  const from = [answered ?? '', long ?? ''].sort().at(-1) ?? '';
  if (answered !== undefined && isDue(from, now)) {
    return { state: 'unreached', attempts: countingAt(all, now).length };
  }
  return { state: 'not-yet', ...sumOf(all), from: from > now ? from : undefined };
}

function countingAt(all: readonly Weighed[], time: string): Weighed[] {
  return all.filter(({ counts }) => typeof counts !== 'object' || isDue(counts.from, time));
}

function sumOf(all: readonly Weighed[]) {
  return {
    attempts: all.length,
    days: new Set(all.map(({ contact }) => londonDate(contact.at))).size,
    channels: new Set(all.map(({ contact }) => contact.channel)).size,
  };
}

function isEnough({ attempts, days, channels }: ReturnType<typeof sumOf>): boolean {
  const policy = CONTACT_POLICY;
  return attempts >= policy.attempts && days >= policy.days && channels >= policy.channels;
}
