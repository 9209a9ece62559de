/** Groups that run, where their entry changes: which of their sessions move is shown first, then done and told. */
import { createHash } from 'node:crypto';
import { inOrder } from '../../workflows/cohort.ts';
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import type { Programme } from '../../workflows/directory.ts';
import type { EntryChange, EntryField } from '../../workflows/directory-entry.ts';
import { followEntry, type Moved, movedBy, startsAnew } from '../../workflows/regroup.ts';
import { dateInWords } from '../../workflows/time.ts';
import { changeCohort, cohortItemId, readCohort } from '../shared/cohorts.ts';
import { deliverCohort } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';

/** The fields that say when and where sessions are. */
const OF_SESSIONS: readonly EntryField[] = ['weekday', 'time', 'sessionMinutes', 'place', 'cohorts'];

/** What a change of an entry does to a group that runs. */
export type GroupMoves = { cohort: CohortRecord; moved: Moved[] };

/** The groups of which sessions would move, with those sessions. */
export async function movesOf(
  before: Programme,
  entry: Programme,
  changes: readonly EntryChange[],
  now: string,
): Promise<GroupMoves[]> {
  if (!changes.some(({ field }) => OF_SESSIONS.includes(field))) return [];
  const groups = await groupsOf(entry);
  return groups
    .map((cohort) => ({ cohort, moved: movedBy(cohort, before, entry, now) }))
    .filter(({ moved }) => moved.length > 0);
}

/** A group that an entry would have start anew, and when it began, for people. */
export type Begun = { id: string; startsOn: string };

/** The groups that have begun and that an entry would have start after their last session. Only groups of which it says another day than before are read. */
export async function begunAnew(before: Programme, entry: Programme, now: string): Promise<Begun[]> {
  const { cohorts = [] } = before;
  const other = entry.cohorts?.filter(
    ({ id, startsOn }) => cohorts.find((each) => each.id === id)?.startsOn !== startsOn,
  );
  const groups = await groupsOf({ id: entry.id, cohorts: other });
  return groups
    .filter((cohort) => startsAnew(cohort, entry, now))
    .map((cohort) => ({ id: cohort.cohortId, startsOn: dateInWords(inOrder(cohort)[0]?.startsAt ?? now) }));
}

/** Stands for what was shown: where anything of it is another by now, it is shown anew. */
export function digestOfMoves(moves: readonly GroupMoves[]): string {
  const shown = moves.map(({ cohort, moved }) => [cohort.id, moved]);
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 22);
}

/** Has every group that runs follow its entry, and everybody in it told. What was done before changes nothing. */
export async function followAll(before: Programme, entry: Programme, now: string): Promise<void> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('directory');
  for (const { id } of await groupsOf(entry)) {
    const changed = await changeCohort(TABLE_NAME, id, now, (cohort) =>
      followEntry(cohort, before, entry, now),
    );
    if (changed.state !== 'stored') continue;
    note(Message.cohortChanged, { cohort: id });
    await deliverCohort(OUTBOX_FUNCTION, id, now);
  }
}

/** The groups of an entry that somebody has been accepted into. */
async function groupsOf({ id, cohorts = [] }: Pick<Programme, 'id' | 'cohorts'>): Promise<CohortRecord[]> {
  const { TABLE_NAME } = environment('directory');
  const read = await Promise.all(
    cohorts.map((cohort) => readCohort(TABLE_NAME, cohortItemId(id, cohort.id))),
  );
  return read.filter((cohort) => cohort !== undefined);
}
