/** The person: sees where their referral is, and can leave at any time. */
import { leave } from '../../workflows/leaving.ts';
import { heldSessions, openWelfare } from '../../workflows/programme.ts';
import type { ProgrammeRecord, Session } from '../../workflows/referral.ts';
import { answerBy, isEnded } from '../../workflows/steps.ts';
import { after, sameTimeWeeksLater } from '../../workflows/time.ts';
import { findProgramme } from '../shared/directory/directory.ts';
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
import { leftPage, personPage } from './pages/views.ts';

export const handler = pages({
  'GET /person/{link}': async (visit) => showPerson(visit, await openLink(visit, 'person')),
  'POST /person/{link}': async (visit) => {
    const opened = await openLink(visit, 'person');
    if (visit.fields.action !== 'leave') {
      await audit(visit, opened);
      const { person, programme } = opened.referral;
      const details = { firstName: person.firstName, programme: findProgramme(programme?.programmeId) };
      return showPerson(visit, opened, { details });
    }
    if (visit.fields.confirm !== 'yes') {
      const errors = { confirm: 'Tick the box to confirm that you want to leave' };
      return showPerson(visit, opened, { form: { values: visit.fields, errors } });
    }
    const decided = await decide(visit, opened, 'withdrawn', 'leave', (referral) =>
      leave(referral, opened.id, visit.now),
    );
    return decided.state === 'stands'
      ? redirect(`/person/${visit.path.link}`)
      : conflict(opened, 'person', { ...decided, recorded: undefined });
  },
});

function showPerson(
  { now }: Visit,
  { referral, link }: Opened,
  extra: Pick<Parameters<typeof personPage>[0], 'details' | 'form'> = {},
): PageResult {
  const { reference, stage, programme, offers, questions } = referral;
  const contacting = programme !== undefined && openWelfare(programme) !== undefined;
  if (link.recorded) return leftPage({ ...site(), reference, at: link.recorded.at });
  return personPage({
    ...site(),
    reference,
    stage,
    now,
    waitlisted: stage === 'offer' && offers.at(-1)?.waitlistedAt !== undefined,
    askedYou: questions.at(-1)?.to === 'person',
    ending: isEnded(referral) ? referral.ending.kind : undefined,
    by: stage === 'programme' ? undefined : answerBy(referral),
    contacting,
    sessions: programme?.sessions,
    coming: programme && stage === 'programme' && !contacting ? comingSessions(programme) : [],
    planned: programme?.planned,
    ...extra,
  });
}

/** The sessions that are not planned one by one yet: weekly, until as many are held as the programme has. */
function comingSessions(programme: ProgrammeRecord): Session[] {
  const { sessions, planned, firstSessionAt, sessionMinutes } = programme;
  const held = heldSessions(programme);
  const open = sessions.filter(({ status }) => status === 'planned').length;
  return Array.from({ length: Math.max(0, planned - held - open) }, (_, i) => {
    const startsAt = sameTimeWeeksLater(firstSessionAt, sessions.length + i);
    const endsAt = after(startsAt, { minutes: sessionMinutes });
    return { number: sessions.length + i + 1, startsAt, endsAt, status: 'planned' };
  });
}
