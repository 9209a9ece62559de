/** Where a group's sessions are, where nothing else is said of one. */
import type { CohortRecord } from '../../workflows/cohort-record.ts';
import { sessionsFor } from '../../workflows/directory.ts';
import { findProgramme } from './directory/directory.ts';

/** Where its people were told that it is; where that was not noted, as the directory says now. Undefined where that knows no such programme. */
export function placeOf({
  programmeId,
  cohortId,
  place,
}: Pick<CohortRecord, 'programmeId' | 'cohortId' | 'place'>): string | undefined {
  if (place !== undefined) return place;
  const programme = findProgramme(programmeId);
  return programme && sessionsFor(programme, cohortId).place;
}
