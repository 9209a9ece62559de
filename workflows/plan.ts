/**
 * The plan that a person and their link worker make: strengths, needs, goals with how important each is, actions with how confident the
 * person is, status and a day to look at it again, and what came of each goal. Parts, order and scales are those of PRSB's Social
 * Prescribing Standard v1.1. Every saved plan is a version of its own, written once: its number is what keeps two writers apart.
 */
import * as z from 'zod/mini';
import { teamMember } from './referral.ts';

/** How much a plan holds: what two people can keep in mind, and what fits into one form. */
export const MOST_GOALS = 5;
export const MOST_ACTIONS = 5;
/** In characters. */
export const PLAN_LIMITS = { text: 2000, line: 300, outcome: 1000 } as const;

const words = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));
/** PRSB's scale, both of importance and of confidence: 1 is not at all, 10 is as much as can be. */
const oneToTen = z.int().check(z.minimum(1), z.maximum(10));

/** How far an action is. */
export const ACTION_STATUSES = ['planned', 'under-way', 'done', 'stopped'] as const;
export type ActionStatus = (typeof ACTION_STATUSES)[number];

const actionSchema = z.object({
  what: words(PLAN_LIMITS.line),
  confidence: z.optional(oneToTen),
  status: z.enum(ACTION_STATUSES),
  reviewOn: z.optional(z.iso.date()),
});
export type Action = z.infer<typeof actionSchema>;

const goalSchema = z.object({
  goal: words(PLAN_LIMITS.line),
  importance: z.optional(oneToTen),
  actions: z.array(actionSchema).check(z.maxLength(MOST_ACTIONS)),
  outcome: z.optional(words(PLAN_LIMITS.outcome)),
});
export type Goal = z.infer<typeof goalSchema>;

const contentSchema = z.object({
  strengths: z.optional(words(PLAN_LIMITS.text)),
  needs: z.optional(words(PLAN_LIMITS.text)),
  goals: z.array(goalSchema).check(z.maxLength(MOST_GOALS)),
});
/** What a plan says. */
export type PlanContent = z.infer<typeof contentSchema>;

/** One version of a plan, as it is stored. */
export const planSchema = z.extend(contentSchema, {
  version: z.int().check(z.positive()),
  at: z.iso.datetime(),
  by: teamMember,
});
export type Plan = z.infer<typeof planSchema>;

/** How many versions a page lists; the older ones are reached from one to the one before. */
export const VERSIONS_SHOWN = 20;

/** The key of a version, which sorts as numbers do. */
export function versionKey(version: number): string {
  return String(version).padStart(6, '0');
}

/**
 * What is to happen with a plan that was written on top of version `base` (0: there was none), when `known` are the newest versions, the
 * newest first: it is written as the next one; or it says nothing new (it is there already: sent twice, or not changed); or somebody else
 * saved meanwhile.
 */
export function nextVersion(
  content: PlanContent,
  base: number,
  known: readonly Plan[],
): { state: 'next'; version: number } | { state: 'same' } | { state: 'overtaken'; by: Plan } {
  const [newest] = known;
  if (!newest) return { state: 'next', version: 1 };
  const saved = known.find(({ version }) => version === base + 1);
  if (saysTheSame(content, newest) || (saved && saysTheSame(content, saved))) return { state: 'same' };
  return newest.version > base
    ? { state: 'overtaken', by: newest }
    : { state: 'next', version: newest.version + 1 };
}

/** Whether two plans say the same, whoever saved them when. */
export function saysTheSame(one: PlanContent, other: PlanContent): boolean {
  return JSON.stringify(contentSchema.parse(one)) === JSON.stringify(contentSchema.parse(other));
}
