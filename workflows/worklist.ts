/** What waits for the link workers, and in which order: whoever is in danger, then known risks, then everybody else; each by due time. */
import { openWelfare } from './programme.ts';
import type { Referral } from './referral.ts';
import { answerBy } from './steps.ts';

/** Why somebody is where they are in the list; the first comes first. */
export const URGENCIES = ['danger', 'risk', 'none'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** What a link worker is to do. */
export type Task = 'review' | 'welfare';

/** A referral's place in the worklist of its team. */
export type Place = {
  team: string;
  task: Task;
  urgency: Urgency;
  /** By when it is to be done. */
  by: string;
  /** Sorts by urgency, then due time; the id makes it one of a kind. */
  key: string;
};

/** The team of those whom no team's area names. */
export const ANY_TEAM = 'all';

/** Where a referral stands in the worklist; undefined while it waits for nobody of the team. */
export function placeInWorklist(referral: Referral): Place | undefined {
  const task = taskOf(referral);
  if (!task) return undefined;
  const urgency = urgencyOf(referral, task);
  const by = answerBy(referral) ?? referral.due?.at ?? referral.updatedAt;
  return {
    team: referral.team ?? ANY_TEAM,
    task,
    urgency,
    by,
    key: `${urgencyKey(urgency)}${by}#${referral.id}`,
  };
}

/** Comes after every urgency: in somebody's caseload, and waiting for nobody of the team now. */
const NOT_WAITING = '9#';

/** All that waits in a caseload has a key before this. */
export const WAITING_BEFORE = NOT_WAITING;

/** Whose caseload: a team's link worker, by the issuer's name for the account, or nobody's yet. */
export function caseloadOf(team: string, memberId = ''): string {
  return `${team}#${memberId}`;
}

/** Where an open referral stands in the caseload of whoever looks after it; undefined once it is closed. */
export function placeInCaseload(referral: Referral): { of: string; key: string } | undefined {
  if (referral.stage === 'closed') return undefined;
  return {
    of: caseloadOf(referral.team ?? ANY_TEAM, referral.assignee?.id),
    key:
      placeInWorklist(referral)?.key ??
      `${NOT_WAITING}${referral.due?.at ?? referral.updatedAt}#${referral.id}`,
  };
}

/** What the keys of one urgency begin with. */
export function urgencyKey(urgency: Urgency): string {
  return `${URGENCIES.indexOf(urgency)}#`;
}

function taskOf(referral: Referral): Task | undefined {
  if (referral.stage === 'intake' || referral.stage === 'review') return 'review';
  return referral.stage === 'programme' && openWelfare(referral.programme) ? 'welfare' : undefined;
}

/** Danger is what the referral says when it comes in: once a link worker has decided, it is a known risk. */
function urgencyOf({ request, reviews }: Referral, task: Task): Urgency {
  if (request.danger) return task === 'review' && reviews <= 1 ? 'danger' : 'risk';
  return request.risks.known || task === 'welfare' ? 'risk' : 'none';
}
