/** Who is eligible for what, criterion by criterion, and the order in which programmes are offered to the link worker. */
import { GP_PRACTICE, NO_FIXED_ADDRESS, postcodeDistrict } from './checks.ts';
import { type Criterion, type CriterionResult, criteriaOf, type Known } from './criteria.ts';
import type { Programme } from './directory.ts';
import { type CriterionName, type EligibilityRule, ruleOf } from './matching-policy.ts';
import { joinableIn } from './places.ts';
import type { Person } from './request.ts';
import { ageOn, londonDate, londonInstant } from './time.ts';

/** A programme for one person. Eligible means that none of its own rules is known not to be met. */
export type Match<Name extends CriterionName = CriterionName> = {
  programme: Programme;
  criteria: Criterion<Name>[];
  eligible: boolean;
};

/** A match in its place: as many are better, and one. Programmes that nothing but their names tells apart share a rank. */
export type Ranked = Match & { rank: number };

/** The programmes by their own rules alone, best match first: what there is when a referral comes in. */
export function rankProgrammes(
  programmes: readonly Programme[],
  person: Person,
  now: string,
): Match<EligibilityRule>[] {
  return programmes.map((programme) => matchProgramme(programme, person, now)).sort(byRank);
}

/** One programme's own rules for one person. */
export function matchProgramme(programme: Programme, person: Person, now: string): Match<EligibilityRule> {
  const criteria = [age(programme, person, now), area(programme, person), accepting(programme)];
  return { programme, criteria, eligible: criteria.every((criterion) => criterion.result !== 'not-met') };
}

/** The programmes by everything that is known, best match first, each with its place: what a link worker chooses from. */
export function rankEverything(
  programmes: readonly Programme[],
  person: Person,
  known: Known,
  now: string,
): Ranked[] {
  const matches = programmes
    .map((programme): Match => {
      const { criteria, eligible } = matchProgramme(programme, person, now);
      return { programme, criteria: [...criteria, ...criteriaOf(programme, person, known, now)], eligible };
    })
    .sort(byRank);
  return matches.map((match) => {
    const better = matches.findIndex((other) => byMerit(other, match) === 0);
    return { ...match, rank: better + 1 };
  });
}

/** The programme that the ranking recommends; none where nobody is eligible for any. */
export function recommended(ranked: readonly Ranked[]): Ranked | undefined {
  return ranked.find(({ eligible }) => eligible);
}

/** Whether a match is offered only after the link worker has confirmed it. */
export function needsConfirming(match: Match): boolean {
  return toConfirm(match).length > 0;
}

/** What is not met of a match that a link worker has to confirm. */
export function toConfirm({ criteria }: Match): CriterionName[] {
  return criteria.flatMap(({ name, result }) => {
    const { hard, confirm } = ruleOf(name);
    return result === 'not-met' && (hard === true || confirm === true) ? [name] : [];
  });
}

/**
 * Fewest of their own rules not met, those that were not tried in vain, real entries before examples, least lost by the weights of the policy; then those made for fewer
 * people (a narrower age range, an area) before those for everybody, then by name.
 */
export function byRank(a: Match, b: Match): number {
  return (
    byMerit(a, b) ||
    restrictions(b.programme) - restrictions(a.programme) ||
    a.programme.name.localeCompare(b.programme.name) ||
    a.programme.id.localeCompare(b.programme.id)
  );
}

/** What makes one better than another; the rest only makes an order of it. */
function byMerit(a: Match, b: Match): number {
  return (
    notMet(a, 'hard') - notMet(b, 'hard') ||
    notMet(a, 'below') - notMet(b, 'below') ||
    Number(a.programme.example) - Number(b.programme.example) ||
    lost(a) - lost(b)
  );
}

/** How many criteria of a kind are not met. */
function notMet({ criteria }: Match, kind: 'hard' | 'below'): number {
  return criteria.filter(({ name, result }) => result === 'not-met' && ruleOf(name)[kind]).length;
}

/** In half points, so that it stays whole. */
const LOST: Record<CriterionResult, number> = { met: 0, unknown: 1, 'not-met': 2 };

function lost({ criteria }: Match): number {
  return criteria.reduce((sum, { name, result }) => sum + ruleOf(name).weight * LOST[result], 0);
}

/** In how many ways a programme is for some people and not for all. */
function restrictions({ eligibility }: Programme): number {
  return [eligibility.minimumAge, eligibility.maximumAge, eligibility.area].filter(
    (rule) => rule !== undefined,
  ).length;
}

/** The ages that a programme is for, in words after "aged": "16 to 24"; undefined when it is for every age. */
export function ageRange({ minimumAge, maximumAge }: Programme['eligibility']): string | undefined {
  if (minimumAge === undefined) return maximumAge === undefined ? undefined : `${maximumAge} or under`;
  return maximumAge === undefined ? `${minimumAge} or over` : `${minimumAge} to ${maximumAge}`;
}

/** Age counts on the day when the programme, or the first of its groups that can be joined, next starts, where the directory knows it. */
function age(programme: Programme, person: Person, now: string): Criterion<'age'> {
  const { eligibility, sessions } = programme;
  const { minimumAge, maximumAge } = eligibility;
  const next = joinableIn(programme, undefined, now)[0]?.startsOn ?? sessions.startsOn;
  const starts = next !== undefined && next > londonDate(now) ? next : undefined;
  const years = ageOn(person.dateOfBirth, starts === undefined ? now : londonInstant(starts, sessions.time));
  const range = ageRange(eligibility);
  if (range === undefined) return { name: 'age', result: 'met', explanation: 'For any age' };
  const met = years >= (minimumAge ?? 0) && years <= (maximumAge ?? Number.POSITIVE_INFINITY);
  return {
    name: 'age',
    result: met ? 'met' : 'not-met',
    explanation: `For people aged ${range}; this person ${starts === undefined ? `is ${years}` : `will be ${years} when it starts`}`,
  };
}

function area({ eligibility }: Programme, person: Person): Criterion<'area'> {
  const where = eligibility.area;
  if (!where) return { name: 'area', result: 'met', explanation: 'For any area' };
  const district = postcodeDistrict(person.postcode);
  if (district !== undefined && where.postcodeDistricts.includes(district)) {
    return { name: 'area', result: 'met', explanation: `Lives in ${district}, in ${where.name}` };
  }
  if (where.gpPracticeCodes.includes(person.gpPracticeCode.toUpperCase())) {
    return {
      name: 'area',
      result: 'met',
      explanation: `GP practice ${person.gpPracticeCode} is in ${where.name}`,
    };
  }
  // Outside by address: only a GP practice in the area would do, and not every practice is known here.
  const withoutPractice = person.gpPracticeCode === GP_PRACTICE.none;
  const otherPractice = where.gpPracticeCodes.length > 0 && person.gpPracticeCode !== GP_PRACTICE.unknown;
  if (person.postcode !== NO_FIXED_ADDRESS && (withoutPractice || otherPractice)) {
    return {
      name: 'area',
      result: 'not-met',
      explanation: `For people with a GP or an address in ${where.name}`,
    };
  }
  return {
    name: 'area',
    result: 'unknown',
    explanation: `For people with a GP or an address in ${where.name}; this address is not, and the GP practice has to be checked`,
  };
}

function accepting({ accepting }: Programme): Criterion<'accepting'> {
  return accepting
    ? { name: 'accepting', result: 'met', explanation: 'Accepts referrals now' }
    : { name: 'accepting', result: 'not-met', explanation: 'Does not accept referrals now' };
}

/** The age band that an offer shows instead of a date of birth. */
export function ageBand(dateOfBirth: string, now: string): string {
  const years = ageOn(dateOfBirth, now);
  if (years < 16) return 'under 16';
  if (years < 18) return '16 to 17';
  if (years < 25) return '18 to 24';
  if (years < 40) return '25 to 39';
  if (years < 65) return '40 to 64';
  return '65 or over';
}
