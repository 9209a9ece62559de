/** The facilitator: keeps the register of a cohort's sessions, by a link from the email. */
import {
  ASSESSMENT_SESSIONS,
  type CohortRecord,
  type CohortSession,
  correctableUntil,
  type GroupRegister,
  inOrder,
  ordinalOf,
  REGISTER_CODES,
  type RegisterEntry,
  recordGroupRegister,
} from '../../workflows/cohort.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { fullName } from '../../workflows/person.ts';
import type { Referral } from '../../workflows/referral.ts';
import { isDue } from '../../workflows/time.ts';
import { openCohortLink } from '../shared/cohort-link.ts';
import { changeCohort } from '../shared/cohorts.ts';
import { deliverCohort } from '../shared/deliver.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { participantsOf } from '../shared/participants.ts';
import { referrals } from '../shared/record.ts';
import { audit, type PageResult, Problem, pages, redirect, site, type Visit } from '../shared/web.ts';
import {
  registerConflictPage,
  registerDoorPage,
  registerPage,
  registerRecordedPage,
  type Which,
} from './pages/views.ts';

export const handler = pages({
  'GET /register/{link}': async (visit) => {
    const cohort = await openCohortLink(visit);
    const session = sessionOf(cohort, visit);
    return session.status === 'planned'
      ? registerDoorPage({ ...site(), ...which(cohort, session), open: isDue(session.startsAt, visit.now) })
      : recordedPage(cohort, session, visit);
  },
  'POST /register/{link}': async (visit) => {
    const cohort = await openCohortLink(visit);
    const session = sessionOf(cohort, visit);
    if (!isDue(session.startsAt, visit.now)) return redirect(addressOf(visit, session));
    const participants = await participantsAt(cohort, session, visit);
    if (visit.fields.action !== 'record') return showRegister(visit, cohort, session, participants);
    const read = readRegister(visit.fields, participants, session, ordinalOf(cohort, session.number));
    if ('errors' in read) return showRegister(visit, cohort, session, participants, read.errors);
    const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
    const changed = await changeCohort(TABLE_NAME, cohort.id, visit.now, (current) =>
      recordGroupRegister(current, session.number, read.register, visit.now),
    );
    if (changed.state === 'missing') throw new Problem('not-found');
    if (changed.state === 'refused') {
      const now = changed.item.sessions.find(({ number }) => number === session.number) ?? session;
      return registerConflictPage({ ...site(), ...which(changed.item, now), status: now.status });
    }
    note(Message.cohortChanged, { cohort: cohort.id });
    await deliverCohort(OUTBOX_FUNCTION, cohort.id, visit.now);
    return redirect(addressOf(visit, session));
  },
});

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

function addressOf({ path }: Visit, session: CohortSession): string {
  return `/register/${path.link}?session=${session.number}`;
}

function which(cohort: CohortRecord, session: CohortSession): Which {
  const { reference, programmeId } = cohort;
  return {
    reference,
    programmeName: findProgramme(programmeId)?.name ?? programmeId,
    number: ordinalOf(cohort, session.number),
    planned: cohort.sessions.filter(({ status }) => status !== 'cancelled').length,
    session,
  };
}

/** Who takes part in a session, by name: those who had joined by then, and whoever the register names already. */
async function participantsAt(
  cohort: CohortRecord,
  session: CohortSession,
  visit: Visit,
): Promise<Referral[]> {
  const { TABLE_NAME } = environment('page');
  const known = Object.keys(session.register?.entries ?? {});
  const ids = [...new Set([...(await participantsOf(TABLE_NAME, cohort, visit.now)), ...known])];
  const read = await referrals(TABLE_NAME).readSeveral(ids);
  return read
    .filter(
      ({ id, stage, programme }) =>
        known.includes(id) ||
        (stage === 'programme' &&
          programme?.cohortId === cohort.cohortId &&
          (programme.joinedAt ?? '') < session.startsAt),
    )
    .sort((a, b) => fullName(a.person).localeCompare(fullName(b.person)));
}

/** The register with the names of those who take part; each look is in the audit of each of them. */
async function showRegister(
  visit: Visit,
  cohort: CohortRecord,
  session: CohortSession,
  participants: readonly Referral[],
  errors?: FieldErrors,
): Promise<PageResult> {
  const closed = session.status === 'held' && isDue(correctableUntil(cohort, session), visit.now);
  if (session.status === 'cancelled' || closed) return redirect(addressOf(visit, session));
  await Promise.all(
    participants.map((referral) => audit(visit, { referral, id: `register-${session.number}` }, 'register')),
  );
  const view = which(cohort, session);
  return registerPage({
    ...site(),
    ...view,
    people: participants.map((referral) => ({
      id: referral.id,
      name: fullName(referral.person),
      entry: session.register?.entries[referral.id],
    })),
    assessment: view.number <= ASSESSMENT_SESSIONS,
    corrects: session.status === 'held',
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

function recordedPage(cohort: CohortRecord, session: CohortSession, { now }: Visit): PageResult {
  const correctable = session.status === 'held' && !isDue(correctableUntil(cohort, session), now);
  return registerRecordedPage({
    ...site(),
    ...which(cohort, session),
    ...(session.register ? { at: session.register.at } : {}),
    status: session.status === 'cancelled' ? 'cancelled' : 'held',
    attendance: Object.values(session.register?.entries ?? {}).map(({ attendance }) => attendance),
    held: cohort.sessions.filter(({ status }) => status === 'held').length,
    ...(correctable ? { correctableUntil: correctableUntil(cohort, session) } : {}),
  });
}

function readRegister(
  fields: Fields,
  participants: readonly Pick<Referral, 'id'>[],
  session: CohortSession,
  ordinal: number,
): { register: GroupRegister } | { errors: FieldErrors } {
  if (session.status === 'planned' && fields.held === 'cancelled') return { register: { held: false } };
  if (session.status === 'planned' && fields.held !== 'yes') {
    return { errors: { held: 'Select whether the session was held' } };
  }
  const errors: FieldErrors = {};
  const entries: Record<string, RegisterEntry> = {};
  for (const { id } of participants) {
    const attendance = REGISTER_CODES.find((code) => code === fields[`attendance-${id}`]);
    if (!attendance) {
      errors[`attendance-${id}`] = 'Select whether they came';
      continue;
    }
    const notRight = ordinal <= ASSESSMENT_SESSIONS && fields[`notRight-${id}`] === 'yes';
    entries[id] = { attendance, ...(notRight ? { notRight: true as const } : {}) };
  }
  return Object.keys(errors).length ? { errors } : { register: { held: true, entries } };
}
