/** Whether somebody may take part in what they ask for: the programme's own rules, checked when the referral comes in, and explained. */
import type { Programme } from './directory.ts';
import { type Match, matchProgramme, rankProgrammes } from './matching.ts';
import type { Person, Request } from './referral.ts';

/** Not eligible: for which programme and why (none where no programme is open to them), and what else there is. */
export type NotEligible = { wanted: Match | undefined; others: Match[] };

/** Why a person is not eligible for what they ask for; undefined when nothing known speaks against it. */
export function whyNotEligible(
  programmes: readonly Programme[],
  person: Person,
  { programmeId }: Pick<Request, 'programmeId'>,
  now: string,
): NotEligible | undefined {
  const programme = programmes.find(({ id }) => id === programmeId);
  const wanted = programme && matchProgramme(programme, person, now);
  if (wanted?.eligible) return undefined;
  const others = rankProgrammes(programmes, person, now).filter(({ eligible }) => eligible);
  if (!wanted && others.length > 0) return undefined;
  return { wanted, others };
}
