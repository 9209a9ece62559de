/** The facilitator: records one session of one person, by a link from the email. */
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { fullName } from '../../workflows/person.ts';
import { heldSessions, openWelfare, type Register, recordRegister } from '../../workflows/programme.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { problemPage } from '../shared/pages/problems.ts';
import {
  audit,
  conflict,
  decide,
  type Opened,
  openLink,
  type PageResult,
  pages,
  redirect,
  site,
  type Visit,
} from '../shared/web.ts';
import { registerDoorPage, registerPage, registerRecordedPage, type Which } from './pages/views.ts';

const ATTENDED = ['5', '6', '7', '2', '3'] as const;

export const handler = pages({
  'GET /register/{link}': async (visit) => {
    const opened = await openLink(visit, 'register');
    const which = whichSession(opened);
    if (!which) return problemPage('error', site());
    return recordedPage(opened) ?? registerDoorPage({ ...site(), ...which });
  },
  'POST /register/{link}': async (visit) => {
    const opened = await openLink(visit, 'register');
    if (visit.fields.action !== 'record') return showRegister(visit, opened);
    const register = readRegister(visit.fields);
    if ('errors' in register) return showRegister(visit, opened, register.errors);
    const decision = register.held ? `attendance-${register.attendance}` : 'cancelled-by-provider';
    const decided = await decide(visit, opened, decision, register, (referral) =>
      recordRegister(referral, opened.id, register, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/register/${visit.path.link}`)
      : conflict(opened, 'register', decided);
  },
});

function whichSession({ referral, id }: Opened): Which | undefined {
  const { reference, programme } = referral;
  const session = programme?.sessions.find(({ number }) => id === `register-${number}`);
  if (!programme || !session) return undefined;
  const { planned } = programme;
  const programmeName = findProgramme(programme.programmeId)?.name ?? programme.programmeId;
  // A session that is held counts; after the last planned one, a further one can only replace one that was cancelled.
  const number = Math.min(heldSessions(programme) + 1, planned);
  return { reference, programmeName, number, planned, session };
}

function recordedPage(opened: Opened): PageResult | undefined {
  const { referral, link } = opened;
  const which = whichSession(opened);
  if (!link.recorded || !which || !referral.programme) return undefined;
  const { reference, planned, session } = which;
  const paused = openWelfare(referral.programme) !== undefined;
  return registerRecordedPage({
    ...site(),
    reference,
    ...link.recorded,
    startsAt: session.startsAt,
    held: heldSessions(referral.programme),
    planned,
    next: referral.stage === 'programme' ? (paused ? 'paused' : 'session') : 'ended',
  });
}

/** The register with the person's name; each look is in the audit. */
async function showRegister(visit: Visit, opened: Opened, errors?: FieldErrors): Promise<PageResult> {
  const which = whichSession(opened);
  if (!which) return problemPage('error', site());
  const recorded = recordedPage(opened);
  if (recorded) return recorded;
  await audit(visit, opened, 'register');
  return registerPage({
    ...site(),
    ...which,
    personName: fullName(opened.referral.person),
    ...(errors ? { form: { values: visit.fields, errors } } : {}),
  });
}

function readRegister(fields: Fields): Register | { errors: FieldErrors } {
  if (fields.held === 'cancelled') return { held: false };
  if (fields.held !== 'yes') return { errors: { held: 'Select whether the session was held' } };
  const attendance = ATTENDED.find((code) => code === fields.attendance);
  return attendance
    ? { held: true, attendance }
    : { errors: { attendance: 'Select whether the person came' } };
}
