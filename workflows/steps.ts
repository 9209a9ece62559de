/**
 * The waiting steps of the state machine, seen from the referral. A step that is entered either waits (its token is recorded
 * and somebody is asked) or, when the referral is already past it, is answered at once with what was decided. That is
 * what lets any execution be rebuilt from the table.
 */
import { askForReview, reviewStep } from './ask-for-review.ts';
import {
  addLink,
  answerToken,
  dueAfter,
  email,
  happened,
  type Outcome,
  offerRunsFrom,
  openOfferQuestion,
  stopExecution,
} from './change.ts';
import type { CohortRecord } from './cohort-record.ts';
import { dangerStands } from './danger.ts';
import {
  planAhead,
  plannedSession,
  sessionsFrom,
  unrecordedSessions,
  waitForSession,
  withPending,
} from './planning.ts';
import { completeOrAsk, openWelfare } from './programme.ts';
import type { Ending, In, Referral, Step } from './referral.ts';
import { answerWithin, UNDO_MINUTES } from './reminder-policy.ts';
import { after, isDue } from './time.ts';

type Schedule = Pick<CohortRecord, 'sessions'>;

/** What the state machine hands to a waiting step. */
export type Arrival = { token: string; execution: string };

/**
 * Enters a waiting step. An execution that is not the referral's own any more is stopped. Refused with `already-decided` when nothing
 * needs to change (the same token again). `cohort`: whose sessions a person takes part in, for the step that waits for one.
 */
export function enterStep(
  referral: Referral,
  step: Step,
  arrival: Arrival,
  now: string,
  cohort?: Schedule,
): Outcome {
  if (arrival.execution !== referral.execution.name) return stopExecution(referral, now, arrival.execution);
  const answer = answerOf(referral, step);
  if (answer !== undefined)
    return answerToken(referral, answerAt(referral, now), arrival.token, step, answer);
  if (referral.waiting?.token === arrival.token) return { refused: 'already-decided' };
  const waiting = { ...referral, waiting: { step, token: arrival.token, since: now } };
  return ask(waiting, step, now, cohort);
}

/** Letters cannot be called back: an ending that can still be undone is told to the execution no sooner than that. */
function answerAt(referral: Referral, now: string): string {
  if (!isEnded(referral) || !endedByReview(referral.ending)) return now;
  const until = after(referral.ending.decidedAt, { minutes: UNDO_MINUTES });
  return isDue(until, now) ? now : until;
}

/** The answer of a step that the referral is already past; undefined while the step must wait. */
export function answerOf(referral: Referral, step: Step): string | undefined {
  switch (step) {
    case 'review':
      return answerOfReview(referral);
    case 'information':
      if (referral.stage === 'information') return undefined;
      if (isEnded(referral)) return 'left';
      return referral.questions.at(-1)?.answer === undefined ? 'no-answer' : 'answered';
    case 'provider':
      return answerOfProvider(referral);
    case 'place':
      // Another provider has the offer by now, and has not been asked: the way there is by the review.
      if (referral.stage === 'offer') return referral.offers.at(-1)?.waitlistedAt ? undefined : 'withdrawn';
      return answerOfProvider(referral);
    case 'session':
      return answerOfSession(referral);
    case 'welfare':
      if (referral.stage === 'programme') return openWelfare(referral.programme) ? undefined : 'continue';
      if (!isEnded(referral)) return 'not-right';
      return referral.ending.kind === 'ended-early' ? 'close' : 'left';
  }
}

function answerOfReview(referral: Referral): string | undefined {
  switch (referral.stage) {
    case 'intake':
    case 'review':
      return undefined;
    case 'information':
      return 'ask-for-more';
    case 'offer':
    case 'programme':
      return 'match';
    default:
      return REVIEW_ANSWER[referral.ending.kind];
  }
}

/** A rebuilt execution takes the same road to the end as the first one did. */
const REVIEW_ANSWER: Record<Ending['kind'], string> = {
  declined: 'decline',
  signposted: 'signpost',
  withdrawn: 'left',
  completed: 'match',
  'ended-early': 'match',
};

function answerOfProvider(referral: Referral): string | undefined {
  const offer = referral.offers.at(-1);
  if (referral.stage === 'offer') return offer?.waitlistedAt ? 'waitlist' : undefined;
  if (referral.stage === 'programme') return 'accept';
  if (isEnded(referral)) return referral.programme ? 'accept' : 'left';
  return offer?.result === 'silence' || offer?.result === 'withdrawn' ? offer.result : 'decline';
}

function answerOfSession(referral: Referral): string | undefined {
  if (referral.stage === 'programme') {
    return openWelfare(referral.programme) ? 'missed-two-in-a-row' : undefined;
  }
  if (!isEnded(referral)) return 'not-right';
  return referral.ending.kind === 'completed' ? 'all-held' : 'left';
}

/** True of endings that a link worker's review decides, which can be undone for a while. */
export function endedByReview({ kind }: Ending): boolean {
  return kind === 'declined' || kind === 'signposted';
}

/** True once the ending is decided, whether or not everyone has heard. */
export function isEnded(referral: Referral): referral is In<'closing'> | In<'closed'> {
  return referral.stage === 'closing' || referral.stage === 'closed';
}

/** Asks a human, once for each cause, and sets when to remind them. */
function ask(referral: Referral, step: Step, now: string, cohort: Schedule | undefined): Referral {
  switch (step) {
    case 'review':
      return askForReview(referral, now);
    case 'information':
      return askForInformation(referral, now);
    case 'provider':
      return askProvider(referral, now);
    case 'place':
      // Of whom a place is held, the provider is asked as of any other offer.
      return keepDue(referral, now, referral.offers.at(-1)?.calledAt ? 'offer' : 'place');
    case 'session':
      if (referral.stage !== 'programme') return referral;
      if (!cohort) throw new Error('a session is of a cohort');
      return askForSession(referral, cohort, now);
    case 'welfare':
      return referral.stage === 'programme' ? askForWelfareContact(referral, now) : referral;
  }
}

function askForInformation(referral: Referral, now: string): Referral {
  const question = referral.questions.at(-1);
  // Until somebody has spoken with whoever may be in danger it is the team that is reminded.
  const next = dangerStands(referral) ? 'urgent-review' : 'information';
  if (!question || question.askedAt) return keepDue(referral, now, next);
  const id = `information-${question.number}`;
  const asked = {
    ...addLink(referral, id, 'information'),
    questions: [...referral.questions.slice(0, -1), { ...question, askedAt: now }],
  };
  const mailed = email(asked, now, {
    message: 'information-request',
    to: question.to,
    cause: id,
    link: id,
    by: after(now, answerWithin('information')),
  });
  return dueAfter(happened(mailed, now, 'workflow', 'information-requested'), now, next);
}

function askProvider(referral: Referral, now: string): Referral {
  const offer = referral.offers.at(-1);
  if (!offer || offer.askedAt) return keepDue(referral, now, 'offer');
  const id = `offer-${offer.number}`;
  const asked = {
    ...addLink(referral, id, 'offer'),
    offers: [...referral.offers.slice(0, -1), { ...offer, askedAt: now }],
  };
  const mailed = email(asked, now, {
    message: 'offer',
    to: 'provider',
    cause: id,
    link: id,
    by: after(now, answerWithin('offer')),
  });
  return dueAfter(happened(mailed, now, 'workflow', 'offer-sent'), now, 'offer');
}

/** Plans the next session; the person is reminded the day before. With no session left, the programme is over. */
function askForSession(referral: In<'programme'>, cohort: Schedule, now: string): Referral {
  const planned = planAhead(withPending(referral), cohort, now);
  if (plannedSession(planned.programme)) return waitForSession(planned, now, referral);
  // Their registers are still asked for: what became of the last sessions is part of how it ended. And they are about to hear of one that is held after all.
  const isWaitedFor =
    unrecordedSessions(planned.programme).length > 0 || sessionsFrom(cohort, now).length > 0;
  if (!isWaitedFor) return completeOrAsk(planned, now, 'no-session-left');
  const isAsked = referral.due !== undefined && referral.due.step !== 'workflow';
  return isAsked ? planned : dueAfter(planned, now, 'register-missing', 1);
}

function askForWelfareContact(referral: In<'programme'>, now: string): Referral {
  const open = openWelfare(referral.programme);
  if (!open || open.askedAt) return keepDue(referral, now, 'welfare');
  const id = `welfare-${open.number}`;
  const welfare = [...referral.programme.welfare.slice(0, -1), { ...open, askedAt: now }];
  const asked: In<'programme'> = {
    ...addLink(referral, id, 'welfare'),
    programme: { ...referral.programme, welfare },
  };
  const mailed = email(asked, now, {
    message: 'welfare-request',
    to: 'link-worker',
    cause: id,
    link: id,
    by: after(now, answerWithin('welfare')),
  });
  return dueAfter(happened(mailed, now, 'workflow', 'welfare-contact-requested'), now, 'welfare');
}

/** After a rebuild: who was asked already is not asked again, and their reminders go on from the first. */
function keepDue(
  referral: Referral,
  now: string,
  step: 'review' | 'urgent-review' | 'information' | 'offer' | 'place' | 'welfare',
) {
  return referral.due && referral.due.step !== 'workflow' ? referral : dueAfter(referral, now, step);
}

/**
 * By when the answer is expected that the referral waits for now: when it was asked for, or later, when the person is tried again. Undefined
 * when it waits for nobody's.
 */
export function answerBy(referral: Referral): string | undefined {
  const [by, tryAt] = [askedBy(referral), referral.due?.tryAt];
  return by !== undefined && tryAt !== undefined && tryAt > by ? tryAt : by;
}

function askedBy(referral: Referral): string | undefined {
  const from = (
    askedAt: string | undefined,
    step: 'review' | 'urgent-review' | 'information' | 'offer' | 'offer-question' | 'welfare',
  ) => (askedAt === undefined ? undefined : after(askedAt, answerWithin(step)));
  switch (referral.stage) {
    case 'review':
      return from(referral.askedAt, reviewStep(referral));
    case 'information':
      return from(referral.questions.at(-1)?.askedAt, 'information');
    case 'offer': {
      const open = openOfferQuestion(referral);
      const offer = referral.offers.at(-1);
      return open ? from(open.askedAt, 'offer-question') : from(offer && offerRunsFrom(offer), 'offer');
    }
    case 'programme':
      return from(openWelfare(referral.programme)?.askedAt, 'welfare');
    default:
      return undefined;
  }
}
