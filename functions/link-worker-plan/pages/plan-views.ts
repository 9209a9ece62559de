/** The plan to be read, with its versions, and the form that changes it. */

import type { FieldErrors } from '../../../workflows/form.ts';
import { statusInWords } from '../../../workflows/gp-summary.ts';
import {
  ACTION_STATUSES,
  type Action,
  type ActionStatus,
  MOST_ACTIONS,
  MOST_GOALS,
  type Plan,
  type PlanContent,
} from '../../../workflows/plan.ts';
import { actionFields, type Draft, fieldsOfDraft, goalFields } from '../../../workflows/plan-form.ts';
import { isOpen } from '../../../workflows/plan-review.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { dateInWords, inWords, londonDate } from '../../../workflows/time.ts';
import { flaggedInWords, personInWords } from '../../shared/pages/case.ts';
import { page, type Site } from '../../shared/pages/page.ts';
import plan from './plan.njk';
import planForm from './plan-form.njk';

type About = Site & { referral: Referral; now: string };

export type PlanView = About & {
  shown: Plan;
  /** The newest versions, the newest first. */
  known: readonly Plan[];
};

/** A version of a plan, as it is read. */
export function planPage({ referral, now, shown, known, ...site }: PlanView) {
  const isNewest = shown.version === known[0]?.version;
  const oldest = known.at(-1)?.version ?? 1;
  return page(site, {
    title: 'Their plan',
    template: plan,
    context: {
      ...aboutInWords(referral, now),
      shown: versionInWords(shown, now),
      newest: !isNewest,
      versions: known.map((each) => ({ ...whoAndWhen(each), current: each.version === shown.version })),
      // Those that are not listed are reached one by one.
      before: shown.version <= oldest && shown.version > 1 ? shown.version - 1 : undefined,
    },
  });
}

export type PlanFormView = About & {
  draft: Draft;
  /** The version that it is written on top of; 0: there is none. */
  base: number;
  errors?: FieldErrors;
  /** What somebody else saved meanwhile. */
  overtakenBy?: Plan;
};

/** The form of a plan, with what was typed so far. */
export function planFormPage({ referral, now, draft, base, errors, overtakenBy, ...site }: PlanFormView) {
  const goals = draft.goals.map(({ actions }, g) => ({
    number: g + 1,
    names: goalFields(g + 1),
    actions: actions.map((_, a) => ({ number: a + 1, names: actionFields(g + 1, a + 1) })),
    nextAction: actions.length < MOST_ACTIONS ? actionFields(g + 1, actions.length + 1).what : undefined,
  }));
  return page(site, {
    title: base === 0 ? 'Make a plan' : 'Change the plan',
    template: planForm,
    ...(overtakenBy ? { statusCode: 409 } : {}),
    context: {
      ...aboutInWords(referral, now),
      address: `/referrals/${referral.reference}/plan`,
      base,
      goals,
      nextGoal: goals.length < MOST_GOALS ? goalFields(goals.length + 1).goal : undefined,
      statusItems: ACTION_STATUSES.map((value) => ({ value, text: capitalized(statusInWords(value)) })),
      overtakenBy: overtakenBy && versionInWords(overtakenBy, now),
    },
    form: { values: fieldsOfDraft(draft), ...(errors ? { errors } : {}) },
    fields: [
      ...['strengths', 'needs'],
      ...goals.flatMap(({ names, actions }) => [
        ...[names.goal, names.importance],
        ...actions.flatMap((action) => Object.values(action.names)),
        names.outcome,
      ]),
    ],
  });
}

function aboutInWords(referral: Referral, now: string) {
  return {
    reference: referral.reference,
    person: personInWords(referral, now),
    flagged: flaggedInWords({ ...referral, now }),
  };
}

function whoAndWhen({ version, by, at }: Plan) {
  return { version, by: by.name, at: inWords(at) };
}

function versionInWords(shown: Plan, now: string) {
  return { ...whoAndWhen(shown), ...contentInWords(shown, now) };
}

const STATUS_COLOURS: Record<ActionStatus, string> = {
  planned: 'grey',
  'under-way': 'blue',
  done: 'green',
  stopped: 'yellow',
};

function contentInWords({ strengths, needs, goals }: PlanContent, now: string) {
  return {
    strengths,
    needs,
    goals: goals.map((goal) => ({
      ...goal,
      actions: goal.actions.map((action) => ({
        what: action.what,
        detail: detailOf(action),
        status: capitalized(statusInWords(action.status)),
        colour: STATUS_COLOURS[action.status],
        due: isOpen(action) && action.reviewOn !== undefined && action.reviewOn <= londonDate(now),
      })),
    })),
  };
}

function detailOf({ confidence, reviewOn }: Action): string {
  return [
    ...(confidence === undefined ? [] : [`Confidence ${confidence} of 10`]),
    ...(reviewOn === undefined ? [] : [`look at it again on ${dateInWords(`${reviewOn}T12:00:00Z`)}`]),
  ]
    .join(', ')
    .replace(/^l/, 'L');
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
