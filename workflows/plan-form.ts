/** A plan as a form: fields that are numbered, rows that are added and taken away without saving, and what is wrong with them. */
import { clean, realDate } from './checks.ts';
import type { FieldErrors, Fields } from './form.ts';
import {
  ACTION_STATUSES,
  type Action,
  type Goal,
  MOST_ACTIONS,
  MOST_GOALS,
  PLAN_LIMITS,
  type PlanContent,
} from './plan.ts';
import { daysOf, isOpen } from './plan-review.ts';
import { londonDate } from './time.ts';

/** What was typed, row by row. */
export type Draft = { strengths: string; needs: string; goals: GoalRow[] };
type GoalRow = { goal: string; importance: string; outcome: string; actions: ActionRow[] };
type ActionRow = {
  what: string;
  confidence: string;
  status: string;
  day: string;
  month: string;
  year: string;
};

/** The names of a goal's fields; goals are numbered from 1. */
export function goalFields(goal: number) {
  return { goal: `goal-${goal}`, importance: `importance-${goal}`, outcome: `outcome-${goal}` };
}

/** The names of an action's fields. `review` is three fields, with -day, -month and -year behind. */
export function actionFields(goal: number, action: number) {
  const at = `${goal}-${action}`;
  return {
    what: `action-${at}`,
    confidence: `confidence-${at}`,
    status: `status-${at}`,
    review: `reviewOn-${at}`,
  };
}

const emptyAction = (): ActionRow => ({
  what: '',
  confidence: '',
  status: 'planned',
  day: '',
  month: '',
  year: '',
});
const emptyGoal = (): GoalRow => ({ goal: '', importance: '', outcome: '', actions: [emptyAction()] });

/** The draft that a form's fields hold. */
export function draftOf(fields: Fields): Draft {
  return {
    strengths: fields.strengths ?? '',
    needs: fields.needs ?? '',
    goals: numbered(MOST_GOALS, (g) => fields[goalFields(g).goal] !== undefined).map((g) => {
      const { goal, importance, outcome } = goalFields(g);
      const rows = numbered(MOST_ACTIONS, (a) => fields[actionFields(g, a).what] !== undefined);
      return {
        goal: fields[goal] ?? '',
        importance: fields[importance] ?? '',
        outcome: fields[outcome] ?? '',
        actions: rows.map((a) => {
          const { what, confidence, status, review } = actionFields(g, a);
          return {
            what: fields[what] ?? '',
            confidence: fields[confidence] ?? '',
            status: fields[status] ?? 'planned',
            day: fields[`${review}-day`] ?? '',
            month: fields[`${review}-month`] ?? '',
            year: fields[`${review}-year`] ?? '',
          };
        }),
      };
    }),
  };
}

function numbered(most: number, isThere: (number: number) => boolean): number[] {
  return Array.from({ length: most }, (_, i) => i + 1).filter(isThere);
}

/** The draft to begin with: what the plan says, or an empty goal. */
export function draftOfPlan(plan: PlanContent | undefined): Draft {
  if (!plan) return { strengths: '', needs: '', goals: [emptyGoal()] };
  return {
    strengths: plan.strengths ?? '',
    needs: plan.needs ?? '',
    goals: plan.goals.map(({ goal, importance, outcome, actions }) => ({
      goal,
      importance: importance === undefined ? '' : String(importance),
      outcome: outcome ?? '',
      actions: actions.map(({ what, confidence, status, reviewOn }) => {
        const [year = '', month = '', day = ''] =
          reviewOn?.split('-').map((part) => part.replace(/^0/, '')) ?? [];
        return {
          what,
          confidence: confidence === undefined ? '' : String(confidence),
          status,
          day,
          month,
          year,
        };
      }),
    })),
  };
}

/** The fields that show a draft. */
export function fieldsOfDraft({ strengths, needs, goals }: Draft): Record<string, string> {
  const fields: Record<string, string> = { strengths, needs };
  goals.forEach((row, g) => {
    const names = goalFields(g + 1);
    fields[names.goal] = row.goal;
    fields[names.importance] = row.importance;
    fields[names.outcome] = row.outcome;
    row.actions.forEach(({ what, confidence, status, day, month, year }, a) => {
      const of = actionFields(g + 1, a + 1);
      Object.assign(fields, {
        [of.what]: what,
        [of.confidence]: confidence,
        [of.status]: status,
        [`${of.review}-day`]: day,
        [`${of.review}-month`]: month,
        [`${of.review}-year`]: year,
      });
    });
  });
  return fields;
}

/** What a button of the form does: "add-goal", "remove-goal-2", "add-action-2", "remove-action-2-1". */
const EDIT = /^(add|remove)-(goal|action)(?:-(\d))?(?:-(\d))?$/;

/** The draft after a button was pressed; undefined when the button is none of those that add or remove. */
export function edited(draft: Draft, button: string | undefined): Draft | undefined {
  const [, verb, what, first, second] = EDIT.exec(button ?? '') ?? [];
  const [g, a] = [Number(first) - 1, Number(second) - 1];
  if (what === 'goal') {
    if (verb === 'remove') return { ...draft, goals: draft.goals.filter((_, i) => i !== g) };
    return draft.goals.length < MOST_GOALS ? { ...draft, goals: [...draft.goals, emptyGoal()] } : draft;
  }
  if (what !== 'action') return undefined;
  const goals = draft.goals.map((row, i) => {
    if (i !== g) return row;
    if (verb === 'remove') return { ...row, actions: row.actions.filter((_, j) => j !== a) };
    return row.actions.length < MOST_ACTIONS ? { ...row, actions: [...row.actions, emptyAction()] } : row;
  });
  return { ...draft, goals };
}

/**
 * What a draft says as a plan, or what is wrong, by field. Rows in which nothing was entered are left out. A day on which an action is to be looked at again is
 * to come at `now`, unless it stood in a version before: nobody would be written to.
 */
export function readPlan(
  draft: Draft,
  before: readonly PlanContent[],
  now: string,
): { content: PlanContent } | { errors: FieldErrors } {
  const errors: FieldErrors = {};
  const strengths = text('strengths', draft.strengths, PLAN_LIMITS.text, 'Strengths', errors);
  const needs = text('needs', draft.needs, PLAN_LIMITS.text, 'Needs', errors);
  const isTooLate = (day: string) => day <= londonDate(now) && !before.some((plan) => daysOf(plan).has(day));
  const goals = draft.goals.flatMap((row, i) => readGoal(row, i + 1, isTooLate, errors));
  const nothing = strengths === undefined && needs === undefined && goals.length === 0;
  if (nothing && Object.keys(errors).length === 0) errors.strengths = 'Enter strengths, needs or a goal';
  if (Object.keys(errors).length > 0) return { errors };
  return { content: { ...given({ strengths, needs }), goals } };
}

type TooLate = (day: string) => boolean;

function readGoal(row: GoalRow, g: number, isTooLate: TooLate, errors: FieldErrors): Goal[] {
  const names = goalFields(g);
  const which = `goal ${g}`;
  const actions = row.actions.flatMap((each, i) => readAction(each, g, i + 1, isTooLate, errors));
  const importance = oneToTen(names.importance, row.importance, `Importance of ${which}`, errors);
  const outcome = text(names.outcome, row.outcome, PLAN_LIMITS.outcome, `What came of ${which}`, errors);
  const goal = text(names.goal, row.goal, PLAN_LIMITS.line, `Goal ${g}`, errors);
  const empty = actions.length === 0 && isEmpty(row.goal, row.importance, row.outcome);
  if (goal === undefined && !empty) errors[names.goal] ??= `Enter ${which}, or remove it`;
  return goal === undefined ? [] : [{ goal, ...given({ importance, outcome }), actions }];
}

function readAction(row: ActionRow, g: number, a: number, isTooLate: TooLate, errors: FieldErrors): Action[] {
  const names = actionFields(g, a);
  const which = `action ${a} of goal ${g}`;
  const what = text(names.what, row.what, PLAN_LIMITS.line, `Action ${a} of goal ${g}`, errors);
  const confidence = oneToTen(names.confidence, row.confidence, `Confidence in ${which}`, errors);
  const reviewOn = day(names.review, row, which, errors);
  const status = ACTION_STATUSES.find((known) => known === row.status);
  if (!status) errors[names.status] = `Select how far ${which} is`;
  if (status && isOpen({ status }) && reviewOn !== undefined && isTooLate(reviewOn)) {
    errors[names.review] =
      `The day to look at ${which} again must be after today, so that we can write to the team that morning`;
  }
  const empty = isEmpty(row.what, row.confidence, row.day, row.month, row.year);
  if (what === undefined && !empty) errors[names.what] ??= `Enter ${which}, or remove it`;
  return what === undefined || !status ? [] : [{ what, status, ...given({ confidence, reviewOn }) }];
}

function isEmpty(...values: string[]): boolean {
  return values.every((value) => clean(value) === '');
}

function text(
  name: string,
  value: string,
  most: number,
  what: string,
  errors: FieldErrors,
): string | undefined {
  const cleaned = clean(value);
  if (cleaned.length > most)
    errors[name] = `${what} must be ${most.toLocaleString('en-GB')} characters or fewer`;
  return cleaned === '' ? undefined : cleaned;
}

function oneToTen(name: string, value: string, what: string, errors: FieldErrors): number | undefined {
  const cleaned = clean(value);
  if (cleaned === '') return undefined;
  if (/^([1-9]|10)$/.test(cleaned)) return Number(cleaned);
  errors[name] = `${what} must be a whole number from 1 to 10, or empty if you have not asked`;
  return undefined;
}

function day(name: string, row: ActionRow, which: string, errors: FieldErrors): string | undefined {
  if (isEmpty(row.day, row.month, row.year)) return undefined;
  const date = realDate(clean(row.day), clean(row.month), clean(row.year));
  if (date === undefined) {
    errors[name] = `The day to look at ${which} again must be a real date, like 27 3 2027, or empty`;
  }
  return date;
}

/** Without what is undefined. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
