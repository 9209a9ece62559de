/** The groups of a provider in which somebody takes part or is about to, with who they are. */
import { inOrder } from '../../workflows/cohort.ts';
import type { CohortRecord, CohortSession } from '../../workflows/cohort-record.ts';
import { sessionsFrom } from '../../workflows/planning.ts';
import type { In } from '../../workflows/referral.ts';
import { isDue } from '../../workflows/time.ts';
import { cohortItemId, readCohorts } from './cohorts.ts';
import { participantsIn } from './open-offers.ts';

export type RunningGroup = {
  cohort: CohortRecord;
  /** Who takes part, the longest first. */
  people: In<'programme'>[];
  /** The session that is to come; undefined when all are over. */
  next: CohortSession | undefined;
  /** Those that are over and of which nobody has said who came. */
  missing: CohortSession[];
};

/**
 * The groups of these programmes, those whose register is missing first, then by their next session: of at most a hundred people, and in two requests
 * and one for each programme. `more` says that there are more people.
 */
export async function runningGroupsOf(
  table: string,
  programmeIds: readonly string[],
  now: string,
): Promise<{ groups: RunningGroup[]; more: boolean }> {
  const { people, more } = await participantsIn(table, programmeIds);
  const members = Map.groupBy(people, ({ programme }) =>
    cohortItemId(programme.programmeId, programme.cohortId),
  );
  const cohorts = await readCohorts(table, [...members.keys()]);
  const groups = cohorts.map((cohort) => ({
    cohort,
    people: members.get(cohort.id) ?? [],
    next: sessionsFrom(cohort, now)[0],
    missing: missingIn(cohort, now),
  }));
  const rank = ({ missing, next }: RunningGroup) => `${missing.length > 0 ? 0 : 1} ${next?.startsAt ?? 'z'}`;
  return { groups: groups.sort((a, b) => rank(a).localeCompare(rank(b))), more };
}

/** The sessions that are over and of which there is no register. */
export function missingIn(cohort: Pick<CohortRecord, 'sessions'>, now: string): CohortSession[] {
  return inOrder(cohort).filter(({ status, endsAt }) => status === 'planned' && isDue(endsAt, now));
}
