/** Calendar files of sessions, by the link of the facilitator or of the person. They change nothing and say nothing of anybody. */
import { asOthersSee } from '../../workflows/held-back.ts';
import type { ProgrammeRecord, Referral } from '../../workflows/referral.ts';
import { openCohortCalendar } from '../shared/cohort-link.ts';
import { placeOf } from '../shared/cohort-place.ts';
import { cohortItemId, readCohort } from '../shared/cohorts.ts';
import { environment } from '../shared/environment.ts';
import { pageSecretOf } from '../shared/person-calendar.ts';
import { openLink, type PageResult, Problem, pages } from '../shared/web.ts';
import { type CalendarEvent, calendarOf } from './calendar.ts';
import { eventsOfGroup, eventsOfPerson } from './events.ts';

export const handler = pages({
  'GET /register/{link}/calendar.ics': async (visit) => {
    const cohort = await openCohortCalendar(visit);
    const { reference, updatedAt } = cohort;
    return file(eventsOfGroup(cohort, { reference, place: placeOf(cohort), stamp: updatedAt }));
  },
  'GET /person/{link}/calendar.ics': async (visit) => {
    const { referral } = await openLink(visit, 'person', { secretOf: pageSecretOf });
    const events = await eventsFor(asOthersSee(referral));
    if (events.length === 0) throw new Problem('not-found');
    return file(events);
  },
});

/**
 * Of every programme in which they were or are, since a calendar may have the sessions of one that they left. Of a session that was theirs at
 * several times in the same group, what the last of them says.
 */
async function eventsFor(referral: Referral): Promise<CalendarEvent[]> {
  const { reference, stage, programme, earlierProgrammes = [] } = referral;
  const programmes = [
    ...earlierProgrammes.map((earlier) => ({ programme: earlier, runs: false })),
    ...(programme === undefined ? [] : [{ programme, runs: stage === 'programme' }]),
  ];
  const found = await Promise.all(
    programmes.map(async ({ programme, runs }, i) => {
      const cohort = await readCohort(environment('reader').TABLE_NAME, itemIdOf(programme));
      if (!cohort) return [];
      const stamp = cohort.updatedAt > referral.updatedAt ? cohort.updatedAt : referral.updatedAt;
      const before = programmes
        .slice(0, i)
        .filter((earlier) => itemIdOf(earlier.programme) === cohort.id).length;
      const facts = { reference, place: placeOf(cohort), stamp };
      return eventsOfPerson(cohort, programme, { runs, before }, facts);
    }),
  );
  const events = found.flat();
  return [...new Map(events.map((event) => [event.uid, event])).values()];
}

function itemIdOf({ programmeId, cohortId }: ProgrammeRecord): string {
  return cohortItemId(programmeId, cohortId);
}

function file(events: readonly CalendarEvent[]): PageResult {
  return {
    statusCode: 200,
    headers: {
      'content-type': 'text/calendar; charset=utf-8',
      'content-disposition': 'attachment; filename="sessions.ics"',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    },
    body: calendarOf('Sessions', events),
  };
}
