/**
 * What happens when nobody acts: data, read by the reminder sweep. Each step has its reminders in order; when they are used up
 * the last one repeats. Nobody's silence ends a referral: it always comes back to a link worker or a coordinator. Whom each is sent to is
 * in reminders.ts.
 *
 * The figures are defaults of practice, which a service may set: Joy declines after two weeks of a provider's silence;
 * others give two working days and two of grace (see the field's sources in docs/adr/0004-reminder-policy.md).
 */
import type { ConcernKind, DueStep } from './referral.ts';
import { type Span, spanOf } from './time.ts';

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

/** Wait so long, then do `action`. Lengths are text, as a service's settings write them: 15m, 1h, 28d, and 2wd for working days. */
type Row = readonly [wait: string, action: ReminderAction];

export const reminderPolicy: Record<DueStep, readonly Row[]> = {
  workflow: [
    ['15m', 'restart'],
    ['15m', 'restart'],
    ['1h', 'restart'],
    ['6h', 'escalate'],
  ],
  review: [
    ['2wd', 'remind'],
    ['1wd', 'remind'],
    ['2wd', 'escalate'],
    ['5wd', 'escalate'],
  ],
  // Somebody said that a person is in danger now. Those who work at this hour hear soon; who does not, in the morning.
  'urgent-review': [
    ['1h', 'remind'],
    ['1h', 'escalate'],
    ['4h', 'escalate'],
    ['1wd', 'escalate'],
  ],
  // At the end of the hold itself.
  hold: [['0m', 'resume']],
  information: [
    ['5wd', 'remind'],
    ['5wd', 'release'],
  ],
  offer: [
    ['3wd', 'remind'],
    ['3wd', 'remind'],
    ['4wd', 'release'],
  ],
  // A provider asks something before they reply, and does nothing until they know.
  'offer-question': [
    ['1wd', 'remind'],
    ['1wd', 'remind'],
    ['1wd', 'escalate'],
    ['5wd', 'escalate'],
  ],
  // Who says "still waiting" starts again; who says nothing to two questions has forgotten the person.
  place: [
    ['28d', 'remind'],
    ['28d', 'remind'],
    ['28d', 'release'],
  ],
  // At a time of its own: see FIGURES.
  'session-reminder': [['0m', 'ask']],
  // Of a whole group, asked for at the session's end (cohort.ts).
  register: [
    ['1wd', 'remind'],
    ['2wd', 'remind'],
    ['2wd', 'escalate'],
    ['5wd', 'escalate'],
  ],
  // The link worker hears of each person whose session nobody recorded.
  'register-missing': [
    // Before the next one of a weekly group is reminded of.
    ['4d', 'escalate'],
    ['5wd', 'escalate'],
  ],
  welfare: [
    ['2wd', 'remind'],
    ['2wd', 'escalate'],
    ['5wd', 'escalate'],
  ],
  // Some three months after a programme [check], once: whoever does not answer is left in peace.
  'follow-up': [['91d', 'ask']],
};

/**
 * Lengths that are no reminders of a step. Of a concern: by when a link worker is to see to it, when the coordinator hears that nobody has; and how
 * long after each time they hear it again [check].
 */
const OTHERS = {
  /** Before a session, the person is reminded of it. */
  session: ['24h'],
  /**
   * Who waits is asked how they are after so long without a word [check]: somewhat less than four weeks, since it is looked at when something else is
   * due, and providers are asked for places every four weeks.
   */
  'check-in': ['26d'],
  unsafe: ['1h', '4h'],
  'left-at-risk': ['1wd', '1wd'],
  contact: ['1wd', '1wd'],
} as const satisfies Record<string, readonly string[]> &
  Record<Exclude<ConcernKind, 'colleague-note'>, readonly string[]>;
type Other = keyof typeof OTHERS;

/** What a service may set of all this, each with its lengths in order, as one text. */
export type Figure = Exclude<DueStep, 'hold' | 'session-reminder'> | Other;
export type Figures = Partial<Record<Figure, string>>;

/** What is in force where a service sets nothing. */
export const FIGURES = Object.fromEntries([
  ...Object.entries(reminderPolicy).map(([step, rows]) => [step, rows.map(([wait]) => wait).join(' ')]),
  ...Object.entries(OTHERS).map(([name, waits]) => [name, waits.join(' ')]),
]) as Record<Figure | DueStep, string>;

let figures: Figures = {};

/** Puts a service's own figures in force, in place of those above. Called once, when a function starts. */
export function useFigures(own: Figures): void {
  figures = own;
}

/** Length number `index` of a figure; beyond the last, the last one again. */
export function figure(name: Figure | DueStep, index = 0): Span {
  const waits = ((figures as Partial<Record<string, string>>)[name] ?? FIGURES[name]).split(' ');
  return spanOf(waits[Math.min(index, waits.length - 1)] ?? '');
}

/** For how long a decision that ends a referral can be taken back before anybody hears of it. */
export const UNDO_MINUTES = 10;

/** The longest time that a referral may be put on hold at once: nobody is forgotten. */
export const HOLD_DAYS = 90;

/** What follows when somebody misses sessions: a kind message to them, a welfare contact by a link worker, and a decision whether they go on. */
export type MissedAction = 'message' | 'welfare' | 'decision';

/** By how many were missed in a row; whatever is beyond the last is the last again [check]. Nothing closes by itself. */
export const MISSED_POLICY: readonly { inARow: number; follows: MissedAction }[] = [
  { inARow: 1, follows: 'message' },
  { inARow: 2, follows: 'welfare' },
  { inARow: 3, follows: 'decision' },
];

/**
 * Who says that they cannot come misses nothing, however often; after so many sessions in a row a link worker asks them whether it still suits them, and
 * again after as many more [check].
 */
export const EXCUSED_IN_A_ROW = 3;

/**
 * Who was accepted less than so long before a session began may come, and has missed nothing if not [check]: the word that they have a place may not have
 * reached them, and a day is what the reminder of every other session gives.
 */
export const SHORT_NOTICE: Span = { hours: 24 };

/** What follows when so many sessions were missed in a row; undefined when none was. */
export function afterMissing(inARow: number): MissedAction | undefined {
  return MISSED_POLICY.findLast((step) => step.inARow <= inARow)?.follows;
}

/** An execution lives a year at most; one older than this is started anew at the next reminder. */
export const EXECUTION_DAYS = 300;

/** What is done at reminder number `count` (from 0) of a step, and how long after the one before; beyond the last, the last one again. */
export function reminder(step: DueStep, count: number): { after: Span; action: ReminderAction } {
  const rows = reminderPolicy[step];
  const [, action] = rows[Math.min(count, rows.length - 1)] as Row;
  return { after: figure(step, count), action };
}

/** How long someone has to act on what they were asked, before the first reminder. */
export function answerWithin(step: DueStep): Span {
  return figure(step);
}
