/** Giving several referrals at once: each is a change of its own, and whoever was faster keeps theirs. */
import { assign } from '../../workflows/assignment.ts';
import type { TeamMember } from '../../workflows/referral.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import type { Referrals } from '../shared/record.ts';

/** What became of each: given, somebody else's by now, or ended or another team's. By reference, but those that were given. */
export type Given = { given: number; taken: readonly string[]; gone: readonly string[] };

/**
 * Gives each of these referrals of a team to somebody, or to nobody. `from`: whose they were when they were chosen. What is theirs already
 * counts as given: the same form sent again says the same.
 */
export async function giveAll(
  table: Referrals,
  ids: readonly string[],
  { team, to, from }: { team: string; to: TeamMember | undefined; from: string | undefined },
  now: string,
  by: TeamMember,
): Promise<Given> {
  const results = await Promise.all(
    ids.map(async (id) => {
      const changed = await table.change(id, now, (referral) =>
        (referral.team ?? ANY_TEAM) === team
          ? assign(referral, to, from, now, by)
          : { refused: 'not-now' as const },
      );
      if (changed.state === 'missing') return undefined;
      const { reference } = changed.referral;
      if (changed.state === 'stored') return { reference, became: 'given' as const };
      return {
        reference,
        became: changed.refusal.refused === 'already-decided' ? ('taken' as const) : ('gone' as const),
      };
    }),
  );
  const those = (became: 'given' | 'taken' | 'gone') =>
    results.flatMap((result) => (result?.became === became ? [result.reference] : []));
  return { given: those('given').length, taken: those('taken'), gone: those('gone') };
}
