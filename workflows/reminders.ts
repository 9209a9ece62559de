/** What the sweep does with a referral whose time has come. Pure: the policy is data, the time is an argument. */

import { causeOf, dueAfter, email, happened, isRefusal, nextExecution } from './change.ts';
import { checkIn, nextCheckIn } from './check-in.ts';
import { giveUpOnInformation } from './information.ts';
import { askForFollowUp } from './measure-times.ts';
import { askForPlace, releaseOffer, waitsByOurList } from './offer.ts';
import type { MessageKind, Recipient } from './outbox-entry.ts';
import { plannedSession, unrecordedSessions, withOne, withPending } from './planning.ts';
import { goOnUnrecorded } from './programme.ts';
import { afterQuiet, isQuiet } from './quiet.ts';
import type { DueStep, Referral } from './referral.ts';
import { answerWithin, EXECUTION_DAYS, figure, type ReminderAction, reminder } from './reminder-policy.ts';
import { resume } from './review.ts';
import { sendSessionReminder } from './session-reminder.ts';
import { after, isDue } from './time.ts';

type Due = NonNullable<Referral['due']>;

/** The referral after what was due at `now`; undefined when nothing is due. */
export function actOnDue(referral: Referral, now: string): Referral | undefined {
  const reminded = remindMeanwhile(askMeanwhile(referral, now), now);
  const acted = actOnStep(reminded, now);
  return acted ?? (reminded === referral ? undefined : reminded);
}

function actOnStep(referral: Referral, now: string): Referral | undefined {
  const { due } = referral;
  if (!due || !isDue(due.at, now)) return undefined;
  if (referral.stage === 'closed') return quietly(referral, askForFollowUp(referral, now), now);
  const stuck = due.step !== 'workflow' && !referral.waiting;
  const known: Due = stuck ? { at: now, step: 'workflow', count: 0 } : due;
  const acted = act(
    stuck ? withPending(referral) : referral,
    known,
    reminder(known.step, known.count).action,
    now,
  );
  return quietly(referral, renewOldExecution(checkIn(acted, now), now), now);
}

/** What a late sweep does in quiet hours reaches people outside the service at their end. A session does not wait. */
function quietly(before: Referral, acted: Referral, now: string): Referral {
  if (!isQuiet(now)) return acted;
  const known = new Set(before.outbox.map(({ key }) => key));
  const notBefore = afterQuiet(now);
  const outbox = acted.outbox.map((entry) =>
    entry.kind === 'email' &&
    !STAFF.has(entry.to) &&
    entry.message !== 'session-reminder' &&
    !known.has(entry.key)
      ? { ...entry, notBefore }
      : entry,
  );
  return { ...acted, outbox };
}

const STAFF: ReadonlySet<Recipient> = new Set(['link-worker', 'coordinator']);

function act(referral: Referral, due: Due, action: ReminderAction, now: string): Referral {
  // While somebody may be in danger it is the team that is reminded: whoever was asked is given up on with it.
  if (due.step === 'urgent-review' && isUnanswered(referral, now)) return release(referral, due, now);
  switch (action) {
    case 'restart':
      return again(happened(nextExecution(referral, now), now, 'sweep', 'execution-restarted'), now, due);
    case 'ask':
      return remindOfSession(referral, now);
    case 'release':
      // Whoever waits by our own list has been forgotten by nobody.
      if (due.step === 'place' && waitsByOurList(referral.offers.at(-1))) return remind(referral, due, now);
      return release(referral, due, now);
    case 'resume':
      return resume(referral, now);
    case 'remind':
      return remind(referral, due, now);
    case 'escalate':
      return escalate(referral, due, now);
  }
}

/** The message and the link of each step's reminder and escalation. */
type Messages = { reminder?: MessageKind; escalation?: MessageKind; escalateTo?: Recipient };

const MESSAGES: Partial<Record<DueStep, Messages>> = {
  workflow: { escalation: 'alert-coordinator', escalateTo: 'coordinator' },
  review: { reminder: 'review-reminder', escalation: 'review-escalation', escalateTo: 'coordinator' },
  'urgent-review': {
    reminder: 'review-reminder',
    escalation: 'review-escalation',
    escalateTo: 'coordinator',
  },
  information: { reminder: 'information-reminder' },
  offer: { reminder: 'offer-reminder' },
  'offer-question': {
    reminder: 'offer-question-reminder',
    escalation: 'offer-question-escalation',
    escalateTo: 'coordinator',
  },
  welfare: { reminder: 'welfare-reminder', escalation: 'welfare-escalation', escalateTo: 'coordinator' },
};

/** Somebody may be in danger, and a question is to be answered: it is decided, and they are to be spoken with all the same. */
const IN_DANGER: Messages = {
  reminder: 'danger-reminder',
  escalation: 'danger-escalation',
  escalateTo: 'coordinator',
};

function messagesOf({ stage }: Referral, step: DueStep): Messages {
  return step === 'urgent-review' && stage === 'information' ? IN_DANGER : (MESSAGES[step] ?? {});
}

function remind(referral: Referral, due: Due, now: string): Referral {
  if (due.step === 'place') return askForPlace(referral, now, due);
  const target = askedNow(referral, due.step);
  const message = messagesOf(referral, due.step).reminder;
  if (!target || !message) return again(referral, now, due);
  const reminded = email(referral, now, {
    message,
    to: target.to,
    cause: causeOf(target.cause ?? target.link, due),
    link: target.link,
    by: after(now, answerWithin(due.step)),
  });
  return again(happened(reminded, now, 'sweep', message), now, due);
}

function escalate(referral: Referral, due: Due, now: string): Referral {
  if (due.step === 'register-missing') return tellOfMissingRegister(referral, due, now);
  const { escalation, escalateTo, reminder: reminding } = messagesOf(referral, due.step);
  if (!escalation || !escalateTo) return again(referral, now, due);
  const target = askedNow(referral, due.step);
  const told = email(referral, now, {
    message: escalation,
    to: escalateTo,
    cause: causeOf(target?.cause ?? target?.link ?? referral.execution.name, due),
  });
  const alsoAsked =
    target && reminding
      ? email(told, now, {
          message: reminding,
          to: target.to,
          cause: causeOf(target.cause ?? target.link, due),
          link: target.link,
        })
      : told;
  const next = again(happened(alsoAsked, now, 'sweep', escalation), now, due);
  return due.step === 'workflow'
    ? { ...nextExecution(next, now), ...(next.due ? { due: next.due } : {}) }
    : next;
}

/** The link worker hears, and the programme goes on with the next session; where there is none, it is waited for and told again. */
function tellOfMissingRegister(referral: Referral, due: Due, now: string): Referral {
  if (referral.stage !== 'programme') return again(referral, now, due);
  const session = plannedSession(referral.programme) ?? unrecordedSessions(referral.programme).at(-1);
  const told = email(happened(referral, now, 'sweep', 'register-missing'), now, {
    message: 'register-missing',
    to: 'link-worker',
    cause: causeOf(`session-${session?.number}`, due),
  });
  return plannedSession(referral.programme) ? goOnUnrecorded(told, now) : again(told, now, due);
}

/** Who was asked, and by which link. `cause` tells rounds of one link apart. */
function askedNow(
  referral: Referral,
  step: DueStep,
): { to: Recipient; link: string; cause?: string } | undefined {
  switch (step) {
    case 'review':
    case 'urgent-review':
      return { to: 'link-worker', link: `review-${referral.reviews}` };
    case 'information': {
      const question = referral.questions.at(-1);
      return question && { to: question.to, link: `information-${question.number}` };
    }
    case 'offer':
      return { to: 'provider', ...roundOfOffer(referral) };
    case 'offer-question':
      return { to: 'link-worker', ...roundOfOffer(referral) };
    case 'welfare':
      return { to: 'link-worker', link: `welfare-${referral.programme?.welfare.at(-1)?.number ?? 0}` };
    default:
      return undefined;
  }
}

/** After each question that was answered the provider is given time again. */
function roundOfOffer({ offers }: Referral): { link: string; cause: string } {
  const { number = 0, questions = [] } = offers.at(-1) ?? {};
  const link = `offer-${number}`;
  return { link, cause: questions.length === 0 ? link : `${link}.${questions.length}` };
}

/** The day before: the person is reminded. Later the link worker hears if nobody recorded whether they came. */
function remindOfSession(referral: Referral, now: string): Referral {
  const session = referral.programme && plannedSession(referral.programme);
  if (!session) return dueAfter(referral, now, 'workflow');
  return dueAfter(sendSessionReminder(referral, session, now), session.endsAt, 'register-missing');
}

/** Asks somebody who waits for their first session how they are, long before they are reminded of it. */
function askMeanwhile(referral: Referral, now: string): Referral {
  const at = nextCheckIn(referral);
  return at !== undefined && isDue(at, now) ? quietly(referral, checkIn(referral, now), now) : referral;
}

/** Reminds of a session that is to come while something else is waited for (programme.ts), once. */
function remindMeanwhile(referral: Referral, now: string): Referral {
  if (referral.stage !== 'programme') return referral;
  const session = referral.programme.sessions.find(
    ({ remindAt }) => remindAt !== undefined && isDue(remindAt, now),
  );
  if (!session) return referral;
  const { remindAt: _done, ...rest } = session;
  const noted = { ...referral, programme: withOne(referral.programme, rest) };
  return rest.status === 'planned' ? sendSessionReminder(noted, rest, now) : noted;
}

/** Whether whoever was asked a question has had as long as the policy gives anybody. */
function isUnanswered(referral: Referral, now: string): boolean {
  const askedAt = referral.stage === 'information' ? referral.questions.at(-1)?.askedAt : undefined;
  if (askedAt === undefined) return false;
  return isDue(after(after(askedAt, figure('information')), figure('information', 1)), now);
}

function release(referral: Referral, due: Due, now: string): Referral {
  const outcome =
    referral.stage === 'information' ? giveUpOnInformation(referral, now) : releaseOffer(referral, now);
  return isRefusal(outcome) ? again(referral, now, due) : outcome;
}

/** The next reminder of the same step, and of the same next try. */
function again(referral: Referral, now: string, { step, count, tryAt }: Due): Referral {
  const next = dueAfter(referral, now, step, count + 1);
  return next.due && tryAt !== undefined ? { ...next, due: { ...next.due, tryAt } } : next;
}

/** An execution may live a year: an old one is replaced while the referral waits, and nobody notices. */
function renewOldExecution(referral: Referral, now: string): Referral {
  const oldest = after(referral.execution.startedAt, { days: EXECUTION_DAYS });
  if (!referral.waiting || !isDue(oldest, now)) return referral;
  return nextExecution(referral, now);
}
