/** The group's schedule: its facilitator, or the team, sees all sessions, and changes or cancels those that are to come. */

import { clean, realDate, timeIn } from '../../workflows/checks.ts';
import { restorableUntil, tellFacilitator } from '../../workflows/cohort.ts';
import type { CohortRecord, CohortSession } from '../../workflows/cohort-record.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import {
  AGAINST,
  AGAINST_RESTORING,
  type Against,
  type AskedChange,
  cancelComing,
  holdAfterAll,
  moveSession,
} from '../../workflows/session-change.ts';
import { isDue } from '../../workflows/time.ts';
import { placeOf } from '../shared/cohort-place.ts';
import { calendarToken } from '../shared/cohort-secret.ts';
import { changeCohort } from '../shared/cohorts.ts';
import { deliverCohort } from '../shared/deliver.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import type { Site } from '../shared/pages/page.ts';
import { againstDayWords } from '../shared/pages/words.ts';
import { type PageResult, Problem, redirect, site, type Visit } from '../shared/web.ts';
import {
  type ChangeView,
  changePage,
  DONE,
  schedulePage,
  type TeamView,
  type TooLateView,
  tooLatePage,
} from './pages/schedule-views.ts';

/** Whoever has the schedule before them, and where they go from it. */
export type Seat = {
  site: Site;
  /** The address of the schedule. */
  address: string;
  /** The address of the register of a session, for whoever keeps it. */
  register?: (number: number) => string;
  /** The address of the calendar, for whoever has one. */
  calendar?: string;
  /** It is the team's, and the facilitator hears of what is changed. */
  team?: true;
};

/** The facilitator's, by their link. */
export function facilitatorsSeat(visit: Visit): Seat {
  return {
    site: site(),
    address: `${addressOf(visit)}/group`,
    register: (number) => `${addressOf(visit)}?session=${number}`,
    calendar: `/register/${calendarToken(visit.path.link ?? '')}/calendar.ics`,
  };
}

/** All sessions, or the forms for the one that the address names. `team`: what the team sees besides. */
export function showSchedule(visit: Visit, cohort: CohortRecord, seat: Seat, team?: TeamView): PageResult {
  if (visit.query.session !== undefined) return showChange(visit, cohort, seat);
  return schedulePage({
    ...seat.site,
    ...{ group: cohort, seat, team },
    place: placeOf(cohort),
    now: visit.now,
    done: DONE.find((known) => known === visit.query.done),
  });
}

/** Changes or cancels the session that the address names. */
export async function changeSchedule(visit: Visit, cohort: CohortRecord, seat: Seat): Promise<PageResult> {
  const { number } = sessionIn(visit, cohort);
  const { fields, now } = visit;
  const cancels = fields.action === 'cancel';
  const basedOn = /^\d{1,6}$/.test(fields.sequence ?? '') ? Number(fields.sequence) : -1;
  const restores = fields.action === 'restore';
  const read = cancels || restores ? undefined : readChange(fields, basedOn);
  if (read && 'errors' in read) return showChange(visit, cohort, seat, { errors: read.errors });
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const changed = await changeCohort(TABLE_NAME, cohort.id, now, (current) => {
    const outcome = read
      ? moveSession(current, number, read.change, now)
      : restores
        ? holdAfterAll(current, number, { basedOn, anyDay: fields.anyDay === 'yes' }, now)
        : cancelComing(current, number, basedOn, now);
    return seat.team ? tellFacilitator(current, outcome, number, now) : outcome;
  });
  if (changed.state === 'missing') throw new Problem('not-found');
  if (changed.state === 'stored') {
    note(Message.cohortChanged, { cohort: cohort.id });
    await deliverCohort(OUTBOX_FUNCTION, cohort.id, now);
    return redirect(`${seat.address}?done=${restores ? 'restored' : cancels ? 'cancelled' : 'changed'}`);
  }
  const { recorded } = changed.refusal;
  const speaks = restores ? AGAINST_RESTORING.find((known) => known === recorded) : undefined;
  if (speaks) return showTooLate(visit, changed.item, seat, speaks);
  const against = AGAINST.find((known) => known === recorded);
  if (against) return showChange(visit, changed.item, seat, { errors: errorOf(against) });
  if (recorded === 'too-many') return showTooLate(visit, changed.item, seat, 'too-many');
  return recorded === 'changed-meanwhile'
    ? showChange(visit, changed.item, seat, { meanwhile: true })
    : showTooLate(visit, changed.item, seat);
}

function readChange(fields: Fields, basedOn: number): { change: AskedChange } | { errors: FieldErrors } {
  const [day = '', month = '', year = ''] = ['day', 'month', 'year'].map((part) =>
    clean(fields[`startsOn-${part}`]),
  );
  const date = realDate(day, month, year);
  const time = timeIn(clean(fields.time));
  const place = clean(fields.place);
  const errors: FieldErrors = {};
  if (date === undefined) errors.startsOn = 'Enter a real date, like 15 1 2027';
  if (!time) errors.time = 'Enter a time on the 24-hour clock, like 16:00';
  if (place.length > LIMITS.line) errors.place = `Use ${LIMITS.line} characters or fewer`;
  if (date === undefined || !time || Object.keys(errors).length > 0) return { errors };
  return {
    change: {
      date,
      time,
      anyDay: fields.anyDay === 'yes',
      basedOn,
      ...(place === '' ? {} : { place }),
    },
  };
}

function errorOf(against: Against): FieldErrors {
  switch (against) {
    case 'no-such-time':
      return { time: 'The clocks go forward that night, and leave this time out: enter another one' };
    case 'past':
      return { startsOn: 'The new time must be in the future' };
    case 'too-far':
      return { startsOn: 'The new date must be within a year' };
    case 'overlaps':
      return { time: 'Another session of the group is at that time: enter another one' };
    case 'bank-holiday':
    case 'break':
      return { anyDay: againstDayWords[against] };
  }
}

function showChange(
  visit: Visit,
  cohort: CohortRecord,
  seat: Seat,
  { errors, meanwhile }: { errors?: FieldErrors; meanwhile?: boolean } = {},
): PageResult {
  const session = sessionIn(visit, cohort);
  if (session.status !== 'planned' || isDue(session.startsAt, visit.now))
    return showTooLate(visit, cohort, seat);
  const sent = errors !== undefined || (meanwhile === true && visit.fields.action !== 'cancel');
  const view: ChangeView = {
    ...seat.site,
    group: cohort,
    session,
    back: seat.address,
    usualPlace: placeOf(cohort),
    asksForDay: errors?.anyDay !== undefined || visit.fields.anyDay === 'yes',
    ...(meanwhile ? { meanwhile } : {}),
    ...(sent ? { form: { values: visit.fields, ...(errors ? { errors } : {}) } } : {}),
  };
  return changePage(view);
}

function showTooLate(
  visit: Visit,
  cohort: CohortRecord,
  seat: Seat,
  because?: TooLateView['because'],
): PageResult {
  const { fields } = visit;
  const session = sessionIn(visit, cohort);
  const date = ['day', 'month', 'year'].map((part) => clean(fields[`startsOn-${part}`])).filter(Boolean);
  return tooLatePage({
    ...seat.site,
    group: cohort,
    session,
    back: seat.address,
    register: seat.register?.(session.number),
    sent: fields.action !== undefined,
    because,
    restorableUntil: restorableUntil(cohort, session.number, visit.now),
    typed: [
      { key: 'New date', value: date.join(' ') },
      { key: 'Time it begins', value: clean(fields.time) },
      { key: 'Where', value: clean(fields.place) },
    ].filter(({ value }) => value !== ''),
  });
}

/** Throws a problem where the address names no session of the group. */
function sessionIn({ query }: Visit, { sessions }: CohortRecord): CohortSession {
  const session = sessions.find(({ number }) => String(number) === query.session);
  if (!session) throw new Problem('not-found');
  return session;
}

/** The address of the group's link. */
export function addressOf({ path }: Visit): string {
  return `/register/${path.link}`;
}
