/** The person: sees where their referral is, and can leave at any time. */
import { isDeepStrictEqual } from 'node:util';
import { correctDetails } from '../../workflows/corrections.ts';
import { type FieldErrors, fieldsOfPerson, parsePersonForm } from '../../workflows/form.ts';
import { leave } from '../../workflows/leaving.ts';
import { heldSessions, openWelfare } from '../../workflows/programme.ts';
import type { Person, ProgrammeRecord, Session } from '../../workflows/referral.ts';
import { answerBy, isEnded } from '../../workflows/steps.ts';
import { after, sameTimeWeeksLater } from '../../workflows/time.ts';
import { deliver } from '../shared/deliver.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { Message, note } from '../shared/log.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { personKeysOf } from '../shared/person-index.ts';
import { referrals } from '../shared/record.ts';
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
import { correctedPage, correctPage, leftPage, personPage } from './pages/views.ts';

export const handler = pages({
  'GET /person/{link}': async (visit) => showPerson(visit, await openLink(visit, 'person')),
  'POST /person/{link}': async (visit) => {
    const opened = await openLink(visit, 'person');
    if (visit.fields.action === 'correct') return showDetails(visit, opened);
    if (visit.fields.action === 'save-details') return saveDetails(visit, opened);
    if (visit.fields.action !== 'leave') {
      await audit(visit, opened);
      const { person, programme } = opened.referral;
      const details = {
        firstName: person.firstName ?? person.familyName,
        programme: findProgramme(programme?.programmeId),
      };
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

/** What is recorded of the person, to correct; each look is in the audit. */
async function showDetails(visit: Visit, opened: Opened, errors?: FieldErrors): Promise<PageResult> {
  const { reference, person } = opened.referral;
  if (isEnded(opened.referral)) return showPerson(visit, opened);
  await audit(visit, opened);
  const values = errors ? visit.fields : fieldsOfPerson(person);
  return correctPage({
    ...site(),
    reference,
    back: `/person/${visit.path.link}`,
    form: { values, ...(errors ? { errors } : {}) },
  });
}

/** Stores the corrected details. The same ones sent again change nothing. */
async function saveDetails(visit: Visit, opened: Opened): Promise<PageResult> {
  const { now, fields, path } = visit;
  const parsed = parsePersonForm(fields, now);
  if ('errors' in parsed) return showDetails(visit, opened, parsed.errors);
  const person = keepingWhatIsNotAsked(parsed.person, opened.referral.person);
  const personKeys = await personKeysOf(person);
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const changed = await referrals(TABLE_NAME).change(opened.referral.id, now, (referral) =>
    isDeepStrictEqual(referral.person, person) ? referral : correctDetails(referral, person, personKeys, now),
  );
  if (changed.state === 'missing') return problemPage('not-found', site());
  if (changed.state === 'refused') return showPerson(visit, { ...opened, referral: changed.referral });
  note(Message.referralChanged, { referralId: changed.referral.id, stage: changed.referral.stage });
  await deliver(OUTBOX_FUNCTION, changed.referral, now);
  const { reference } = opened.referral;
  const emailChanged = person.email !== opened.referral.person.email;
  return correctedPage({ ...site(), reference, back: `/person/${path.link}`, emailChanged });
}

/** The practice's address is the referrer's to give. */
function keepingWhatIsNotAsked(person: Person, { gpPracticeEmail }: Person): Person {
  return gpPracticeEmail === undefined ? person : { ...person, gpPracticeEmail };
}

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
    urgent: referral.request.danger,
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
