/**
 * What link workers have before them, and in which order. First what waits for them: whoever is in danger, then known risks, then everybody
 * else, each by due time. Then what waits for others, by where it is.
 */
import { openOfferQuestion } from './change.ts';
import { concernDue, hasOpenRisk, openConcern, toSeeTo } from './concerns.ts';
import { dangerStands } from './danger.ts';
import { openWelfare } from './programme.ts';
import type { Referral } from './referral.ts';
import { answerWithin } from './reminder-policy.ts';
import { answerBy } from './steps.ts';
import { ANY_TEAM } from './teams.ts';
import { after, isDue, londonDate } from './time.ts';
import { openUndelivered, undeliveredDue } from './undelivered.ts';

/** Why somebody is where they are in the list; the first comes first. */
export const URGENCIES = ['danger', 'risk', 'none'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** What a link worker is to do. */
export type Task = 'review' | 'reach' | 'welfare' | 'concern' | 'colleague-note' | 'question' | 'undelivered';

/** A referral's place in the worklist of its team. */
export type Place = {
  team: string;
  task: Task;
  urgency: Urgency;
  /** By when it is to be done, or when they are to be tried again. */
  by: string;
  /** Whoever tried to reach them last planned to try again then. */
  isTry: boolean;
  /** Sorts by urgency, then due time; the id makes it one of a kind. */
  key: string;
};

/** Where a referral stands among what waits for its team; undefined while it waits for nobody of the team. */
export function placeInWorklist(referral: Referral): Place | undefined {
  const task = taskOf(referral);
  if (!task) return undefined;
  const urgency = urgencyOf(referral);
  const tryAt = toSeeTo(referral) ? undefined : referral.due?.tryAt;
  const by = dueOf(referral, task);
  return {
    team: referral.team ?? ANY_TEAM,
    task,
    urgency,
    by,
    isTry: tryAt !== undefined,
    key: `${urgencyKey(urgency)}${by}#${referral.id}`,
  };
}

/** Whether its time has passed; of a next try, whose time is the morning, whether its day has. */
export function isOverdue({ by, isTry }: Pick<Place, 'by' | 'isTry'>, now: string): boolean {
  return isTry ? londonDate(by) < londonDate(now) : isDue(by, now);
}

/** Where open referrals are that wait for others. */
export const ELSEWHERE = ['hold', 'information', 'offer', 'programme', 'closing'] as const;
export type Elsewhere = (typeof ELSEWHERE)[number];

/** Everything that waits for link workers has a key before this; whatever waits for others has one after it. */
export const WAITING_BEFORE = '9#';

/** What the keys begin with of all that is at one place elsewhere. */
export function elsewhereKey(where: Elsewhere): string {
  return `${WAITING_BEFORE}${where}#`;
}

/** Where an open referral is that does not wait for its team now; undefined where it does, and once it is closed. */
export function elsewhere(referral: Referral): Elsewhere | undefined {
  if (referral.stage === 'closed' || taskOf(referral)) return undefined;
  // Whatever else is in review waits for the team.
  return referral.stage === 'intake' || referral.stage === 'review' ? 'hold' : referral.stage;
}

/**
 * The key of an open referral among all of its team or of its link worker: what waits for them first. Undefined once it is closed and nobody
 * waits to be contacted.
 */
export function keyAmongOpen(referral: Referral): string | undefined {
  const where = elsewhere(referral);
  if (where === undefined) return placeInWorklist(referral)?.key;
  return `${elsewhereKey(where)}${referral.due?.at ?? referral.updatedAt}#${referral.id}`;
}

/** Whose caseload: a team's link worker, by the issuer's name for the account, or nobody's yet. */
export function caseloadOf(team: string, memberId = ''): string {
  return `${team}#${memberId}`;
}

/** What the keys of one urgency begin with. */
export function urgencyKey(urgency: Urgency): string {
  return `${URGENCIES.indexOf(urgency)}#`;
}

function taskOf(referral: Referral): Task | undefined {
  if (openConcern(referral)) return 'concern';
  return toSeeTo(referral) ? 'colleague-note' : otherTaskOf(referral);
}

/** What is to be done besides concerns and notes of colleagues. */
function otherTaskOf(referral: Referral): Task | undefined {
  if (referral.stage === 'intake') return 'review';
  if (referral.stage === 'review' && !referral.hold) return 'review';
  if (referral.stage === 'information' && dangerStands(referral)) return 'reach';
  if (openOfferQuestion(referral)) return 'question';
  if (referral.stage === 'programme' && openWelfare(referral.programme)) return 'welfare';
  return openUndelivered(referral).length > 0 ? 'undelivered' : undefined;
}

/** By when a task of theirs is to be done. What the team was to do earlier becomes no later by a note that is to be read. */
function dueOf(referral: Referral, task: Task): string {
  const first = toSeeTo(referral);
  if (first && task === 'concern') return concernDue(first);
  if (first && task === 'colleague-note') {
    const [by, other] = [concernDue(first), otherTaskOf(referral)];
    const before = other && dueOf(referral, other);
    return before !== undefined && before < by ? before : by;
  }
  const [unreached] = task === 'undelivered' ? openUndelivered(referral) : [];
  if (unreached) return undeliveredDue(unreached);
  if (task === 'reach') return reachedBy(referral);
  return referral.due?.tryAt ?? answerBy(referral) ?? referral.due?.at ?? referral.updatedAt;
}

/** By when somebody is to have spoken with whoever may be in danger: no question that is asked meanwhile puts it off. */
function reachedBy({ links, reviews, createdAt }: Referral): string {
  return after(links[`review-${reviews}`]?.before?.askedAt ?? createdAt, answerWithin('urgent-review'));
}

/**
 * How urgent it is, here and in the line for a place (places.ts). Danger is what the referral says, as long as that stands (danger.ts): later it is a
 * known risk. It is also what the person says, until somebody has seen to it; whatever else they are to be contacted about is a risk.
 */
export function urgencyOf(referral: Referral): Urgency {
  if (openConcern(referral)?.kind === 'unsafe' || dangerStands(referral)) return 'danger';
  const isContacted = referral.stage === 'programme' && openWelfare(referral.programme) !== undefined;
  return hasOpenRisk(referral) || isContacted ? 'risk' : 'none';
}
