/** The facilitator: keeps the register of a cohort's sessions, and its schedule, by a link from the email. The team sees the schedule, signed in. */
import {
  correctableUntil,
  inOrder,
  listOpensAt,
  ordinalOf,
  recordGroupRegister,
  restorableUntil,
} from '../../workflows/cohort.ts';
import type { CohortRecord, CohortSession } from '../../workflows/cohort-record.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { isOf } from '../../workflows/past-register.ts';
import { byName, namesAmong } from '../../workflows/person.ts';
import { isAssessment } from '../../workflows/programme.ts';
import type { Referral } from '../../workflows/referral.ts';
import { isEnded } from '../../workflows/steps.ts';
import { isDue } from '../../workflows/time.ts';
import { openCohortLink } from '../shared/cohort-link.ts';
import { placeOf } from '../shared/cohort-place.ts';
import { changeCohort } from '../shared/cohorts.ts';
import { deliverCohort } from '../shared/deliver.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { participantsOf, perhapsLeft, recordIn, tookPart } from '../shared/participants.ts';
import { referrals } from '../shared/record.ts';
import { guarded } from '../shared/session.ts';
import { audit, type PageResult, Problem, pages, redirect, site, type Visit } from '../shared/web.ts';
import {
  type Changeable,
  listPage,
  registerConflictPage,
  registerDoorPage,
  registerPage,
  registerRecordedPage,
  type Which,
} from './pages/views.ts';
import { basedOnIn, keepNotes, readRegister, typedIn } from './register.ts';
import { addressOf, changeSchedule, facilitatorsSeat, showSchedule } from './schedule.ts';
import { teamRoutes } from './team.ts';

export const handler = pages({
  ...guarded(teamRoutes),
  'GET /register/{link}': async (visit) => {
    const cohort = await openCohortLink(visit);
    const session = sessionOf(cohort, visit);
    return session.status === 'planned'
      ? registerDoorPage({
          ...site(),
          ...which(visit, cohort, session),
          open: isDue(session.startsAt, visit.now),
          listOpensAt: listOpensAt(session),
        })
      : recordedPage(cohort, session, visit);
  },
  'POST /register/{link}': async (visit) => {
    const cohort = await openCohortLink(visit);
    const session = sessionOf(cohort, visit);
    if (!isDue(session.startsAt, visit.now)) return redirect(at(visit, session));
    const participants = await participantsAt(cohort, session, visit);
    return visit.fields.action === 'record'
      ? record(visit, cohort, session, participants)
      : showRegister(visit, cohort, session, participants);
  },
  'GET /register/{link}/list': async (visit) =>
    redirect(at(visit, sessionOf(await openCohortLink(visit), visit))),
  'POST /register/{link}/list': async (visit) => {
    const cohort = await openCohortLink(visit);
    return showList(visit, cohort, sessionOf(cohort, visit));
  },
  'GET /register/{link}/group': async (visit) =>
    showSchedule(visit, await openCohortLink(visit), facilitatorsSeat(visit)),
  'POST /register/{link}/group': async (visit) =>
    changeSchedule(visit, await openCohortLink(visit), facilitatorsSeat(visit)),
});

/** Keeps the notes, then the register: whatever becomes of that, no note is lost. */
async function record(
  visit: Visit,
  cohort: CohortRecord,
  session: CohortSession,
  participants: readonly Referral[],
): Promise<PageResult> {
  const { now, fields } = visit;
  const read = readRegister(fields, participants, cohort, session);
  if ('errors' in read) return showRegister(visit, cohort, session, participants, { errors: read.errors });
  await keepNotes(read.notes, cohort, session, now);
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const changed = await changeCohort(TABLE_NAME, cohort.id, now, (current) =>
    recordGroupRegister(current, session.number, read.register, now),
  );
  if (changed.state === 'missing') throw new Problem('not-found');
  if (changed.state === 'stored') {
    note(Message.cohortChanged, { cohort: cohort.id });
    await deliverCohort(OUTBOX_FUNCTION, cohort.id, now);
    return redirect(at(visit, session));
  }
  const { item, refusal } = changed;
  const current = item.sessions.find(({ number }) => number === session.number) ?? session;
  if (refusal.recorded === 'recorded-meanwhile') {
    return showRegister(visit, item, current, participants, { meanwhile: current.register?.at ?? now });
  }
  const typed = typedIn(fields, participants, cohort, session);
  if (typed.length > 0) await auditAll(visit, current, participants);
  return registerConflictPage({
    ...{ ...site(), ...which(visit, item, current), status: current.status, typed },
    ...changeable(item, current, visit),
  });
}

/** The session that the address names; without a name, the first whose register is open, or else the last. Throws a problem where it is none. */
function sessionOf(cohort: CohortRecord, { query }: Visit): CohortSession {
  const ordered = inOrder(cohort);
  const session =
    query.session === undefined
      ? (ordered.find(({ status }) => status === 'planned') ?? ordered.at(-1))
      : cohort.sessions.find(({ number }) => String(number) === query.session);
  if (!session) throw new Problem('not-found');
  return session;
}

function at(visit: Visit, session: CohortSession): string {
  return `${addressOf(visit)}?session=${session.number}`;
}

function which(visit: Visit, cohort: CohortRecord, session: CohortSession): Which {
  const { reference, programmeId } = cohort;
  const address = addressOf(visit);
  return {
    reference,
    programmeName: findProgramme(programmeId)?.name ?? programmeId,
    number: ordinalOf(cohort, session.number),
    planned: cohort.sessions.filter(({ status }) => status !== 'cancelled').length,
    session,
    schedule: `${address}/group`,
    ...(hasList(session, visit) ? { list: `${address}/list?session=${session.number}` } : {}),
  };
}

/** Whether there is a list of names: from the working day before on, while the register is not recorded. */
function hasList(session: CohortSession, { now }: Visit): boolean {
  return session.status === 'planned' && isDue(listOpensAt(session), now);
}

/**
 * Who takes part in a session, by name, then by reference: those who had joined by then, also if they have left since it began, and whoever the register names
 * already.
 */
async function participantsAt(
  cohort: CohortRecord,
  session: CohortSession,
  visit: Visit,
): Promise<Referral[]> {
  const { TABLE_NAME } = environment('page');
  const known = Object.keys(session.register?.entries ?? {});
  const [now, since] = await Promise.all([
    participantsOf(TABLE_NAME, cohort, visit.now),
    perhapsLeft(TABLE_NAME, cohort, session, visit.now),
  ]);
  const read = await referrals(TABLE_NAME).readSeveral([...new Set([...now, ...since, ...known])]);
  return read
    .filter((referral) => known.includes(referral.id) || tookPart(referral, cohort, session))
    .sort(byName);
}

/** Each look at the names is in the audit of each of those whom it shows. */
async function auditAll(visit: Visit, session: CohortSession, people: readonly Referral[]): Promise<void> {
  const id = `register-${session.number}`;
  await Promise.all(people.map((referral) => audit(visit, { referral, id }, 'register')));
}

/** The register with the names of those who take part. */
async function showRegister(
  visit: Visit,
  cohort: CohortRecord,
  session: CohortSession,
  participants: readonly Referral[],
  { errors, meanwhile }: { errors?: FieldErrors; meanwhile?: string } = {},
): Promise<PageResult> {
  const closed = session.status === 'held' && isDue(correctableUntil(cohort, session), visit.now);
  if (session.status === 'cancelled' || closed) return redirect(at(visit, session));
  await auditAll(visit, session, participants);
  const view = which(visit, cohort, session);
  const sent = errors !== undefined || meanwhile !== undefined;
  const nameOf = namesAmong(participants);
  return registerPage({
    ...site(),
    ...view,
    people: participants.map((referral) => ({
      id: referral.id,
      name: nameOf(referral),
      entry: session.register?.entries[referral.id],
      excused: isExcused(referral, cohort, session),
      left: isEnded(referral) || !referral.programme || !isOf(referral.programme, cohort),
      assessment: isAssessment(recordIn(referral, cohort), cohort, session.number),
    })),
    corrects: session.status === 'held',
    // Who sees what is wrong with their answers has not seen what was recorded meanwhile.
    basedOn: errors ? basedOnIn(visit.fields) : (session.register?.revision ?? 'none'),
    ...(meanwhile === undefined ? {} : { meanwhile }),
    ...(sent ? { form: { values: visit.fields, errors: errors ?? {} } } : {}),
  });
}

/** Whether they said that they cannot come. What they said of another group's sessions since is not for this one. */
function isExcused(referral: Referral, cohort: CohortRecord, { number }: CohortSession): boolean {
  const { programme } = referral;
  if (!programme || !isOf(programme, cohort)) return false;
  return programme.sessions.find((each) => each.number === number)?.excusedAt !== undefined;
}

/** The list to print, while there is one. */
async function showList(visit: Visit, cohort: CohortRecord, session: CohortSession): Promise<PageResult> {
  if (!hasList(session, visit)) return redirect(at(visit, session));
  const participants = await participantsAt(cohort, session, visit);
  await auditAll(visit, session, participants);
  const nameOf = namesAmong(participants);
  return listPage({
    ...site(),
    ...which(visit, cohort, session),
    back: at(visit, session),
    place: session.place ?? placeOf(cohort),
    people: participants.map((referral) => ({
      name: nameOf(referral),
      excused: isExcused(referral, cohort, session),
    })),
    now: visit.now,
  });
}

function recordedPage(cohort: CohortRecord, session: CohortSession, visit: Visit): PageResult {
  const planned = inOrder(cohort).filter(({ status }) => status === 'planned');
  return registerRecordedPage({
    ...site(),
    ...which(visit, cohort, session),
    ...(session.register ? { at: session.register.at } : {}),
    status: session.status === 'cancelled' ? 'cancelled' : 'held',
    attendance: Object.values(session.register?.entries ?? {}).map(({ attendance }) => attendance),
    held: cohort.sessions.filter(({ status }) => status === 'held').length,
    hasNext: planned.some(({ endsAt }) => !isDue(endsAt, visit.now)),
    missing: planned
      .filter(({ endsAt }) => isDue(endsAt, visit.now))
      .map((each) => ({ startsAt: each.startsAt, href: at(visit, each) })),
    ...changeable(cohort, session, visit),
  });
}

/** What the facilitator can change of a session that is recorded, where, and until when. */
function changeable(cohort: CohortRecord, session: CohortSession, visit: Visit): Changeable {
  const until = restorableUntil(cohort, session.number, visit.now);
  const corrects = correctableUntil(cohort, session);
  return {
    ...(until ? { restore: { until, href: `${addressOf(visit)}/group?session=${session.number}` } } : {}),
    ...(session.status === 'held' && !isDue(corrects, visit.now) ? { correctableUntil: corrects } : {}),
  };
}
