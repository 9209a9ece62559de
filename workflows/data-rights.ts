/** What a person may ask of us about their data, beyond correcting it (corrections.ts): whether it may be erased, and what keeps it. */
import { happened, type Outcome } from './change.ts';
import type { CohortRecord } from './cohort-record.ts';
import { LIMITS } from './fields.ts';
import type { Referral, TeamMember } from './referral.ts';

/** Why a referral is not erased. `closing`: its letters are about to be written; `not-due`: it was to be erased because of its age. */
export type WhyKept = 'open' | 'closing' | 'legal-hold' | 'not-due';

/** Why a referral cannot be erased now; undefined where it can. */
export function whyKept({ stage, legalHold }: Pick<Referral, 'stage' | 'legalHold'>): WhyKept | undefined {
  if (legalHold) return 'legal-hold';
  if (stage === 'closed') return undefined;
  return stage === 'closing' ? 'closing' : 'open';
}

/**
 * Keeps everything as it is until it is released, whatever was asked for and however long it has been kept. The same again, by whomever, changes
 * nothing; with another reason it is refused: one hold has one reason.
 */
export function placeHold(
  referral: Referral,
  { reason, by }: { reason: string; by: TeamMember },
  now: string,
): Outcome {
  const { legalHold } = referral;
  if (legalHold?.reason === reason) return referral;
  if (legalHold) return { refused: 'already-decided', recorded: 'legal-hold' };
  const held = { ...referral, legalHold: { since: now, by, reason: reason.slice(0, LIMITS.text) } };
  return happened(held, now, 'link-worker', 'legal-hold-placed', undefined, by.name);
}

/** Ends a legal hold. Whoever coordinates is warned anew before anything is erased. Where there is none nothing changes. */
export function releaseHold(referral: Referral, by: TeamMember, now: string): Outcome {
  if (!referral.legalHold) return referral;
  const { legalHold: _over, erasureWarnedAt: _before, ...rest } = referral;
  return happened(rest as Referral, now, 'link-worker', 'legal-hold-released', undefined, by.name);
}

/**
 * Whether two referrals are of one person: of the same name, date of birth and postcode, or of the same NHS number and date of birth. Never by
 * the number alone: one digit typed wrongly is another person's.
 */
export function isSamePerson(
  one: Pick<Referral, 'person' | 'personKeys'>,
  other: Pick<Referral, 'person' | 'personKeys'>,
): boolean {
  const [a, b] = [one.personKeys, other.personKeys];
  if (a && b && a.details === b.details) return true;
  const { nhsNumber, dateOfBirth } = one.person;
  return (
    nhsNumber !== undefined &&
    other.person.nhsNumber === nhsNumber &&
    other.person.dateOfBirth === dateOfBirth
  );
}

/** A group's registers with `as`, which stands for nobody, in a person's place: how many came stays as it was. Where they are in none nothing changes. */
export function withoutPerson(cohort: CohortRecord, referralId: string, as: string): CohortRecord {
  if (!cohort.sessions.some(({ register }) => register?.entries[referralId])) return cohort;
  const sessions = cohort.sessions.map((session) => {
    const { register } = session;
    const { [referralId]: theirs, ...others } = register?.entries ?? {};
    if (!register || !theirs) return session;
    return { ...session, register: { ...register, entries: { ...others, [as]: theirs } } };
  });
  return { ...cohort, sessions };
}
