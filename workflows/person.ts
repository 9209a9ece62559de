/** What follows from a person's details. */
import { GP_PRACTICE } from './checks.ts';
import type { Person } from './referral.ts';

/** The full name, as it is written: one name where there is one. */
export function fullName({ firstName, familyName }: Pick<Person, 'firstName' | 'familyName'>): string {
  return firstName === undefined ? familyName : `${firstName} ${familyName}`;
}

/** The address to which we may write; undefined where there is none, or where somebody else may read it. */
export function emailOf({ email, contact }: Pick<Person, 'email' | 'contact'>): string | undefined {
  return contact?.mayEmail === false ? undefined : email;
}

/** False where the person is registered with none: there is nobody to write to. */
export function hasGpPractice({ gpPracticeCode }: Pick<Person, 'gpPracticeCode'>): boolean {
  return gpPracticeCode !== GP_PRACTICE.none;
}
