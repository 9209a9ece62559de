/** The facilitator: records one session of one person, by a link from the email. */
import type { Fields } from '../../workflows/intake.ts';
import { heldSessions, type Register, recordRegister } from '../../workflows/programme.ts';
import { isDue } from '../../workflows/time.ts';
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
import { registerEarlyPage, registerPage, registerRecordedPage } from './pages/views.ts';

const ATTENDED = ['5', '6', '7', '2', '3'] as const;

export const handler = pages({
  'GET /register/{link}': async (visit) => showRegister(visit, await openLink(visit, 'register')),
  'POST /register/{link}': async (visit) => {
    const opened = await openLink(visit, 'register');
    if (visit.fields.action !== 'record') {
      await audit(visit, opened);
      const { firstName, familyName } = opened.referral.person;
      return showRegister(visit, opened, { personName: `${firstName} ${familyName}` });
    }
    const register = readRegister(visit.fields);
    if ('errors' in register) {
      return showRegister(visit, opened, { form: { values: visit.fields, errors: register.errors } });
    }
    const decision = register.held ? `attendance-${register.attendance}` : 'cancelled-by-provider';
    const decided = await decide(visit, opened, decision, register, (referral) =>
      recordRegister(referral, opened.id, register, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/register/${visit.path.link}`)
      : conflict(opened, 'register', decided);
  },
});

function showRegister(
  { now }: Visit,
  { referral, link, id }: Opened,
  extra: Pick<Parameters<typeof registerPage>[0], 'personName' | 'form'> = {},
): PageResult {
  const { reference, programme } = referral;
  const session = programme?.sessions.find(({ number }) => id === `register-${number}`);
  if (!programme || !session) return problemPage('error', site());
  const { planned } = programme;
  const held = heldSessions(programme);
  if (link.recorded) return registerRecordedPage({ ...site(), reference, ...link.recorded, held, planned });
  const programmeName = findProgramme(programme.programmeId)?.name ?? programme.programmeId;
  // A session that is held counts; after the last planned one, a further one can only replace one that was cancelled.
  const view = { ...site(), reference, programmeName, number: Math.min(held + 1, planned), planned, session };
  return isDue(session.startsAt, now) ? registerPage({ ...view, ...extra }) : registerEarlyPage(view);
}

function readRegister(fields: Fields): Register | { errors: Record<string, string> } {
  if (fields.held === 'cancelled') return { held: false };
  if (fields.held !== 'yes') return { errors: { held: 'Select whether the session was held' } };
  const attendance = ATTENDED.find((code) => code === fields.attendance);
  return attendance
    ? { held: true, attendance }
    : { errors: { attendance: 'Select whether the person came' } };
}
