/**
 * What programmes are compared by, and how much each thing counts: data, for a service to change without touching a rule. The reasons are
 * in docs/adr/0014.
 */
import type { CommunicationNeed } from './request.ts';

type Rule = {
  /** What a programme loses when the criterion is not met; half of it when nobody knows. */
  weight: number;
  /** Whoever does not meet it is not eligible: the programme's own rule, told when the referral comes in. */
  hard?: true;
  /** Where it is not met, the programme is offered only after the link worker has confirmed it. Every hard rule is so too. */
  confirm?: true;
  /** Where it is not met, the programme stands below every other one that the person is eligible for. */
  below?: true;
};

/** In the order in which they are shown. The hard ones weigh the same: it counts how many of them are not met. */
export const MATCHING_POLICY = {
  age: { weight: 10, hard: true },
  area: { weight: 10, hard: true },
  accepting: { weight: 10, hard: true },
  access: { weight: 6, confirm: true },
  need: { weight: 5 },
  language: { weight: 5 },
  earlier: { weight: 5, below: true },
  time: { weight: 3 },
  cost: { weight: 3 },
  places: { weight: 2 },
  wait: { weight: 2 },
  distance: { weight: 2 },
  entry: { weight: 1 },
} as const satisfies Record<string, Rule>;

export type CriterionName = keyof typeof MATCHING_POLICY;
/** The programme's own rules. */
export type EligibilityRule = {
  [Name in CriterionName]: (typeof MATCHING_POLICY)[Name] extends { hard: true } ? Name : never;
}[CriterionName];

/** The rule of a criterion. */
export function ruleOf(name: CriterionName): Rule {
  return MATCHING_POLICY[name];
}

/** Where met ends. */
export const MATCHING_LIMITS = {
  /** A wait is short up to so many days, */
  shortWaitDays: 42,
  /** and is measured well enough to say so from so many people on. */
  measuredPeople: 3,
  /** A place is near up to so many kilometres, as the crow flies between the middles of two postcode districts. */
  nearKilometres: 5,
  /** An entry is fresh for so many days after somebody confirmed it. */
  freshDays: 365,
} as const;

/** What a place itself has to meet. Interpreters are the language's matter, and how to phone somebody is not the place's. */
export const NEEDS_OF_A_PLACE = [
  'sign-language',
  'speaks-for-them',
  'lip-reading',
  'more-time',
  'easy-read',
  'large-print',
  'braille',
  'audio',
  'step-free',
] as const satisfies readonly CommunicationNeed[];
