/** What follows from a person's details. */
import { GP_PRACTICE } from './checks.ts';
import type { Referral } from './referral.ts';
import type { Person } from './request.ts';

/** The full name, as it is written: one name where there is one. */
export function fullName({ firstName, familyName }: Pick<Person, 'firstName' | 'familyName'>): string {
  return firstName === undefined ? familyName : `${firstName} ${familyName}`;
}

type Named = Pick<Referral, 'reference'> & { person: Pick<Person, 'firstName' | 'familyName'> };

/** The order of those who are shown together: by name, then by reference. */
export function byName(a: Named, b: Named): number {
  return keyOf(a).localeCompare(keyOf(b)) || a.reference.localeCompare(b.reference);
}

/** What each of those who are shown together is called: their full name, and their reference where somebody else among them has the same name. */
export function namesAmong(people: readonly Named[]): (who: Named) => string {
  const keys = people.map(keyOf);
  const twice = new Set(keys.filter((key, i) => keys.indexOf(key) !== i));
  return (who) =>
    twice.has(keyOf(who)) ? `${fullName(who.person)} (${who.reference})` : fullName(who.person);
}

/** Capital letters tell nobody apart who reads the names aloud. */
function keyOf({ person }: Named): string {
  return fullName(person).toLowerCase();
}

/** The address to which we may write; undefined where there is none, or where somebody else may read it. */
export function emailOf({ email, contact }: Pick<Person, 'email' | 'contact'>): string | undefined {
  return contact?.mayEmail === false ? undefined : email;
}

/**
 * The address at which email reaches them: undefined where there is none to which we may write, or where what was sent there came back and nobody has seen to
 * that yet. What they must hear is told in another way then.
 */
export function reachedAt({
  person,
  undelivered = [],
}: Pick<Referral, 'person' | 'undelivered'>): string | undefined {
  const isBack = undelivered.some(({ to, settledAt }) => to === 'person' && settledAt === undefined);
  return isBack ? undefined : emailOf(person);
}

/** Whether there is a practice to write to: one whose code, name or address is known. */
export function hasGpPractice({
  gpPracticeCode,
  gpPracticeName,
  gpPracticeEmail,
}: Pick<Person, 'gpPracticeCode' | 'gpPracticeName' | 'gpPracticeEmail'>): boolean {
  if (gpPracticeCode === GP_PRACTICE.none) return false;
  const unknown = gpPracticeCode === GP_PRACTICE.unknown;
  return !unknown || gpPracticeName !== undefined || gpPracticeEmail !== undefined;
}
