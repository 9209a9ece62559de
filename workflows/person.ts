/** What follows from a person's details. */
import { GP_PRACTICE } from './checks.ts';
import type { Person } from './referral.ts';

/** The full name, as it is written: one name where there is one. */
export function fullName({ firstName, familyName }: Pick<Person, 'firstName' | 'familyName'>): string {
  return firstName === undefined ? familyName : `${firstName} ${familyName}`;
}

/** False where the person is registered with none: there is nobody to write to. */
export function hasGpPractice({ gpPracticeCode }: Pick<Person, 'gpPracticeCode'>): boolean {
  return gpPracticeCode !== GP_PRACTICE.none;
}
