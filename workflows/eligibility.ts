/** Whether somebody may take part in what they ask for: the programme's own rules, checked when the referral comes in, and explained. */
import { NO_FIXED_ADDRESS } from './checks.ts';
import type { Criterion } from './criteria.ts';
import type { Programme } from './directory.ts';
import { type Match, matchProgramme, rankProgrammes } from './matching.ts';
import type { EligibilityRule } from './matching-policy.ts';
import type { Person, Request } from './request.ts';
import type { Submission } from './submission.ts';

/**
 * Not eligible, or not as far as is known: for which programme and why (none where no programme is open to them), and what else there is.
 */
export type NotEligible = {
  wanted: Match<EligibilityRule> | undefined;
  doubts: Criterion<EligibilityRule>[];
  others: Match<EligibilityRule>[];
};

/** Why a person is not, or may not be, eligible for what they ask for; undefined when nothing speaks against it. */
export function whyNotEligible(
  programmes: readonly Programme[],
  person: Person,
  { programmeId }: Pick<Request, 'programmeId'>,
  now: string,
): NotEligible | undefined {
  const programme = programmes.find(({ id }) => id === programmeId);
  const wanted = programme && matchProgramme(programme, person, now);
  const doubts = wanted?.criteria.filter((criterion) => isDoubt(criterion, person)) ?? [];
  if (wanted && doubts.length === 0) return undefined;
  const others = rankProgrammes(programmes, person, now).filter(
    (match) => match.eligible && match.programme.id !== programmeId,
  );
  if (!wanted && others.length > 0) return undefined;
  return { wanted, doubts, others };
}

/** Whoever lives outside the area and did not name a practice inside it is told: the directory does not know every practice. */
function isDoubt({ name, result }: Criterion, { postcode }: Person): boolean {
  return result === 'not-met' || (name === 'area' && result === 'unknown' && postcode !== NO_FIXED_ADDRESS);
}

/**
 * The submission as it may be recorded: eligible, or known not to be and sent all the same, which it then says. Otherwise why it is
 * not: whoever sends it has to be told first.
 */
export function admitted(
  programmes: readonly Programme[],
  { submission, askLinkWorker }: { submission: Submission; askLinkWorker: boolean },
  now: string,
): { submission: Submission } | { notEligible: NotEligible } {
  const { person, request } = submission;
  const notEligible = whyNotEligible(programmes, person, request, now);
  if (!notEligible) return { submission };
  return askLinkWorker
    ? { submission: { ...submission, request: { ...request, knownNotEligible: true } } }
    : { notEligible };
}
