/** Who is eligible for what, criterion by criterion, and the order in which programmes are offered to the link worker. */
import { GP_PRACTICE, NO_FIXED_ADDRESS, postcodeDistrict } from './checks.ts';
import type { Programme } from './directory.ts';
import type { Person } from './referral.ts';
import { ageOn, londonDate, londonInstant } from './time.ts';

export type CriterionResult = 'met' | 'not-met' | 'unknown';
export type Criterion = { name: 'age' | 'area' | 'accepting'; result: CriterionResult; explanation: string };
export type Match = { programme: Programme; criteria: Criterion[]; eligible: boolean };

/**
 * The programmes, best match first: fewest criteria not met, real entries before examples, fewest unknown, those made for fewer
 * people (a narrower age range, an area) before those for everybody, then by name.
 */
export function rankProgrammes(programmes: readonly Programme[], person: Person, now: string): Match[] {
  return programmes
    .map((programme) => matchProgramme(programme, person, now))
    .sort(
      (a, b) =>
        count(a, 'not-met') - count(b, 'not-met') ||
        Number(a.programme.example) - Number(b.programme.example) ||
        count(a, 'unknown') - count(b, 'unknown') ||
        restrictions(b.programme) - restrictions(a.programme) ||
        a.programme.name.localeCompare(b.programme.name),
    );
}

/** One programme's criteria for one person. Eligible means that none is known not to be met. */
export function matchProgramme(programme: Programme, person: Person, now: string): Match {
  const criteria = [age(programme, person, now), area(programme, person), accepting(programme)];
  return { programme, criteria, eligible: criteria.every((criterion) => criterion.result !== 'not-met') };
}

/** In how many ways a programme is for some people and not for all. */
function restrictions({ eligibility }: Programme): number {
  return [eligibility.minimumAge, eligibility.maximumAge, eligibility.area].filter(
    (rule) => rule !== undefined,
  ).length;
}

function count(match: Match, result: CriterionResult): number {
  return match.criteria.filter((criterion) => criterion.result === result).length;
}

/** The ages that a programme is for, in words after "aged": "16 to 24"; undefined when it is for every age. */
export function ageRange({ minimumAge, maximumAge }: Programme['eligibility']): string | undefined {
  if (minimumAge === undefined) return maximumAge === undefined ? undefined : `${maximumAge} or under`;
  return maximumAge === undefined ? `${minimumAge} or over` : `${minimumAge} to ${maximumAge}`;
}

/** Age counts on the day when the programme next starts, where the directory knows it. */
function age({ eligibility, sessions }: Programme, person: Person, now: string): Criterion {
  const { minimumAge, maximumAge } = eligibility;
  const starts =
    sessions.startsOn !== undefined && sessions.startsOn > londonDate(now) ? sessions.startsOn : undefined;
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

function area({ eligibility }: Programme, person: Person): Criterion {
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

function accepting({ accepting }: Programme): Criterion {
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
