/**
 * What happens when nobody acts: data, read by the reminder sweep. Each step has its reminders in order; when they are used up
 * the last one repeats. Nobody's silence ends a referral: it always comes back to a link worker or a coordinator.
 *
 * The figures are defaults of practice, to be configured per service: Joy declines after two weeks of a provider's silence;
 * others give two working days and two of grace (see the field's sources in docs/adr/0004-reminder-policy.md).
 */
import type { ConcernKind, DueStep } from './referral.ts';
import type { Span } from './time.ts';

export type ReminderAction =
  /** Ask the same people again, with a fresh link. */
  | 'remind'
  /** Ask for the first time: its time has come. */
  | 'ask'
  /** Tell who is responsible for those who did not act. */
  | 'escalate'
  /** Stop waiting for this answer: the referral goes back to the link worker. */
  | 'release'
  /** The time to wait is over: put it to the link worker again. */
  | 'resume'
  /** The workflow should have asked by now: start its execution again. */
  | 'restart';

/** Wait `after`, then do `action`. */
export type Reminder = { after: Span; action: ReminderAction };

export const reminderPolicy: Record<DueStep, readonly Reminder[]> = {
  workflow: [
    { after: { minutes: 15 }, action: 'restart' },
    { after: { minutes: 15 }, action: 'restart' },
    { after: { hours: 1 }, action: 'restart' },
    { after: { hours: 6 }, action: 'escalate' },
  ],
  review: [
    { after: { workingDays: 2 }, action: 'remind' },
    { after: { workingDays: 1 }, action: 'remind' },
    { after: { workingDays: 2 }, action: 'escalate' },
    { after: { workingDays: 5 }, action: 'escalate' },
  ],
  // Somebody said that a person is in danger now. Those who work at this hour hear soon; who does not, in the morning.
  'urgent-review': [
    { after: { hours: 1 }, action: 'remind' },
    { after: { hours: 1 }, action: 'escalate' },
    { after: { hours: 4 }, action: 'escalate' },
    { after: { workingDays: 1 }, action: 'escalate' },
  ],
  hold: [{ after: { minutes: 0 }, action: 'resume' }],
  information: [
    { after: { workingDays: 5 }, action: 'remind' },
    { after: { workingDays: 5 }, action: 'release' },
  ],
  offer: [
    { after: { workingDays: 3 }, action: 'remind' },
    { after: { workingDays: 3 }, action: 'remind' },
    { after: { workingDays: 4 }, action: 'release' },
  ],
  // A provider asks something before they reply, and does nothing until they know.
  'offer-question': [
    { after: { workingDays: 1 }, action: 'remind' },
    { after: { workingDays: 1 }, action: 'remind' },
    { after: { workingDays: 1 }, action: 'escalate' },
    { after: { workingDays: 5 }, action: 'escalate' },
  ],
  // Who says "still waiting" starts again; who says nothing to two questions has forgotten the person.
  place: [
    { after: { days: 28 }, action: 'remind' },
    { after: { days: 28 }, action: 'remind' },
    { after: { days: 28 }, action: 'release' },
  ],
  'session-reminder': [{ after: { minutes: 0 }, action: 'ask' }],
  // Of a whole group, asked for at the session's end (cohort.ts).
  register: [
    { after: { workingDays: 1 }, action: 'remind' },
    { after: { workingDays: 2 }, action: 'remind' },
    { after: { workingDays: 2 }, action: 'escalate' },
    { after: { workingDays: 5 }, action: 'escalate' },
  ],
  // The link worker hears of each person whose session nobody recorded.
  'register-missing': [
    // Before the next one of a weekly group is reminded of.
    { after: { days: 4 }, action: 'escalate' },
    { after: { workingDays: 5 }, action: 'escalate' },
  ],
  welfare: [
    { after: { workingDays: 2 }, action: 'remind' },
    { after: { workingDays: 2 }, action: 'escalate' },
    { after: { workingDays: 5 }, action: 'escalate' },
  ],
};

/** For how long a decision that ends a referral can be taken back before anybody hears of it. */
export const UNDO_MINUTES = 10;

/** The longest time that a referral may be put on hold at once: nobody is forgotten. */
export const HOLD_DAYS = 90;

/** How long before a session the person is reminded of it. */
export const SESSION_REMINDER_HOURS = 24;

/** What follows when somebody misses sessions: a kind message to them, a welfare contact by a link worker, and a decision whether they go on. */
export type MissedAction = 'message' | 'welfare' | 'decision';

/** By how many were missed in a row; whatever is beyond the last is the last again [check]. Nothing closes by itself. */
export const MISSED_POLICY: readonly { inARow: number; follows: MissedAction }[] = [
  { inARow: 1, follows: 'message' },
  { inARow: 2, follows: 'welfare' },
  { inARow: 3, follows: 'decision' },
];

/** What follows when so many sessions were missed in a row; undefined when none was. */
export function afterMissing(inARow: number): MissedAction | undefined {
  return MISSED_POLICY.findLast((step) => step.inARow <= inARow)?.follows;
}

/** By when a link worker is to see to a concern of the person; then the coordinator hears that nobody has [check]. */
export const CONCERN_POLICY: Record<ConcernKind, Span> = {
  unsafe: { hours: 1 },
  'left-at-risk': { workingDays: 1 },
  contact: { workingDays: 1 },
};

/** How long after that, and after each further time, the coordinator hears it again until somebody has seen to it [check]. */
export const CONCERN_AGAIN: Record<ConcernKind, Span> = {
  unsafe: { hours: 4 },
  'left-at-risk': { workingDays: 1 },
  contact: { workingDays: 1 },
};

/**
 * Who waits is asked how they are after so long without a word [check]: somewhat less than four weeks, since it is looked at when something else is
 * due, and providers are asked for places every four weeks.
 */
export const CHECK_IN: { silence: Span } = { silence: { days: 26 } };

/** An execution lives a year at most; one older than this is started anew at the next reminder. */
export const EXECUTION_DAYS = 300;

/** How many working days each of those who are asked has before the first reminder: what a service promises. */
export type ServiceLevels = Record<'review' | 'information' | 'offer' | 'register' | 'welfare', number>;

let serviceLevels: Partial<Record<DueStep, number>> = {};

/** Puts a service's own levels in force, in place of the defaults above. Called once, when a function starts. */
export function useServiceLevels(levels: ServiceLevels): void {
  serviceLevels = levels;
}

/** The reminder number `count` (from 0) of a step; beyond the last, the last one again. */
export function reminder(step: DueStep, count: number): Reminder {
  const reminders = reminderPolicy[step];
  const found = reminders[Math.min(count, reminders.length - 1)];
  if (!found) throw new Error(`no reminder policy for ${step}`);
  const workingDays = serviceLevels[step];
  return count === 0 && workingDays !== undefined ? { ...found, after: { workingDays } } : found;
}

/** How many working days someone has to act on what they were asked, before the first reminder. */
export function answerWithin(step: DueStep): Span {
  return reminder(step, 0).after;
}
