/** Other referrals of one person. */
import { isSamePerson } from '../../workflows/data-rights.ts';
import type { Referral } from '../../workflows/referral.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { referralLists } from './lists.ts';

/**
 * The other referrals of the same person, open and closed: of some teams (all, where none are said), and the rest. Costs a request for each key and
 * one for what they find; of a name that many have only the newest are looked at.
 */
export async function othersOf(
  table: string,
  referral: Referral,
  teams: readonly string[] | undefined,
): Promise<{ ours: Referral[]; elsewhere: Referral[] }> {
  const { name, nhsNumber } = referral.personKeys ?? {};
  const { others } = await referralLists(table).search(
    {
      ...(name === undefined ? {} : { nameKey: name }),
      ...(nhsNumber === undefined ? {} : { nhsNumberKey: nhsNumber }),
    },
    [],
  );
  const theirs = others.filter((other) => other.id !== referral.id && isSamePerson(referral, other));
  const isOurs = ({ team = ANY_TEAM }: Referral) => teams === undefined || teams.includes(team);
  return { ours: theirs.filter(isOurs), elsewhere: theirs.filter((other) => !isOurs(other)) };
}
