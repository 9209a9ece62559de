/** The person: sees where their referral is, and can leave at any time. */
import { isRefusal, openOffer, waitsOnList } from '../../workflows/change.ts';
import { isWaiting } from '../../workflows/check-in.ts';
import { correctDetails, keepingReminders } from '../../workflows/corrections.ts';
import { dangerStands } from '../../workflows/danger.ts';
import { type Programme, sessionsFor } from '../../workflows/directory.ts';
import { excuse } from '../../workflows/excuse.ts';
import { type FieldErrors, fieldsOfPerson, parsePersonForm } from '../../workflows/form.ts';
import { asOthersSee, holdOf } from '../../workflows/held-back.ts';
import { leave } from '../../workflows/leaving.ts';
import { checkLink, withHash } from '../../workflows/links.ts';
import { measuresDue, openMeasures } from '../../workflows/measure-times.ts';
import { untilTheEnd } from '../../workflows/past-register.ts';
import { emailOf } from '../../workflows/person.ts';
import { nextToCome } from '../../workflows/planning.ts';
import { openWelfare } from '../../workflows/programme.ts';
import type { ProgrammeRecord, Referral } from '../../workflows/referral.ts';
import type { Person } from '../../workflows/request.ts';
import { remindedBy } from '../../workflows/session-reminder.ts';
import { answerBy, isEnded } from '../../workflows/steps.ts';
import { after, isDue, type Span } from '../../workflows/time.ts';
import { goesOnToTheEnd, missedBy } from '../../workflows/welfare.ts';
import { correctedTooOften, sentTooMuch } from '../shared/admission.ts';
import { cohortItemId, readCohort } from '../shared/cohorts.ts';
import { deliver } from '../shared/deliver.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { environment } from '../shared/environment.ts';
import { derivedToken, readToken, successorOf } from '../shared/links.ts';
import { Message, note } from '../shared/log.ts';
import { newestLooks } from '../shared/looks.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { personCalendarToken } from '../shared/person-calendar.ts';
import { personKeysOf } from '../shared/person-index.ts';
import { referrals } from '../shared/record.ts';
import { keyFor, keysFor } from '../shared/secret.ts';
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
import { sessionsOf } from './sessions.ts';

export const handler = pages({
  'GET /person/corrected': async () => correctedPage(site()),
  'GET /person/{link}': async (visit) => {
    const opened = await openLink(visit, 'person');
    if (visit.query.corrected === 'yes') return showCorrected(visit, opened);
    return showPerson(visit, opened, { done: doneIn(visit) });
  },
  'POST /person/{link}': async (visit) => {
    if (visit.fields.action === 'save-details') {
      const answered = (await sentTooMuch(visit)) ?? (await sentAgain(visit));
      return answered ?? saveDetails(visit, await openLink(visit, 'person'));
    }
    const opened = await openLink(visit, 'person');
    const { action } = visit.fields;
    if (action === 'correct') return showDetails(visit, opened);
    if (action === 'cannot-come' || action === 'comes') return sayWhetherTheyCome(visit, opened, action);
    if (action === 'measures') return goToMeasures(visit, opened);
    if (action !== 'leave') {
      await audit(visit, opened, 'own-page');
      const { person, programme } = opened.referral;
      const details = {
        firstName: person.firstName ?? person.familyName,
        programme: programme && programmeOf(programme),
        looks: await newestLooks(environment('page').TABLE_NAME, opened.referral),
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
    // They may have told a link worker meanwhile: they have left all the same.
    return decided.state === 'stands' || decided.recorded === 'withdrawn'
      ? redirect(`/person/${visit.path.link}`)
      : conflict(opened, 'person', { ...decided, recorded: undefined });
  },
});

/** "I can't make this one", or that they can after all. The page says what was recorded, and shows what is. */
async function sayWhetherTheyCome(
  { now, fields, path }: Visit,
  { referral: { id, ...referral } }: Opened,
  said: 'cannot-come' | 'comes',
): Promise<PageResult> {
  const { TABLE_NAME } = environment('page');
  const number = Number(fields.session);
  const cohort = await groupOf(referral);
  const changed = await referrals(TABLE_NAME).change(id, now, (referral) =>
    excuse(referral, number, said === 'comes', now, cohort),
  );
  if (changed.state === 'stored')
    note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
  return redirect(`/person/${path.link}?done=${changed.state === 'stored' ? said : 'too-late'}`);
}

/**
 * The programme as it is for somebody: at the time and place of their group, or the place that they were promised, of which the programme's postcode is
 * none where it is another.
 */
function programmeOf({ programmeId, cohortId, place }: ProgrammeRecord): Programme | undefined {
  const programme = findProgramme(programmeId);
  if (!programme) return undefined;
  const { postcode, ...rest } = { ...programme, sessions: sessionsFor(programme, cohortId, place) };
  return rest.sessions.place === programme.sessions.place && postcode !== undefined
    ? { ...rest, postcode }
    : rest;
}

/** The group in which they take part now; undefined where they do in none. It makes and changes nothing. */
async function groupOf({ stage, programme }: Pick<Referral, 'stage' | 'programme'>) {
  if (stage !== 'programme' || !programme) return undefined;
  const { TABLE_NAME } = environment('page');
  return readCohort(TABLE_NAME, cohortItemId(programme.programmeId, programme.cohortId));
}

/**
 * Leads to the questions that are due, by a link of their own: made of this page's link, so that it is the same one however often it is asked for.
 * That link opens nothing else.
 */
async function goToMeasures({ now, path }: Visit, { referral }: Opened): Promise<PageResult> {
  const { id } = referral;
  const from = `measures ${path.link} ${measuresDue(referral)?.link}`;
  const { token, hash } = derivedToken(id, from, await keyFor('form'));
  const changed = await referrals(environment('page').TABLE_NAME).change(
    id,
    now,
    (current) => openMeasures(current, hash, now),
    referral,
  );
  return redirect(changed.state === 'stored' ? `/measures/${token}` : `/person/${path.link}`);
}

const DONE = ['cannot-come', 'comes', 'too-late'] as const;

function doneIn({ query }: Visit) {
  return DONE.find((known) => known === query.done);
}

/** What is recorded of the person, to correct; each look is in the audit. */
async function showDetails(visit: Visit, opened: Opened, errors?: FieldErrors): Promise<PageResult> {
  const { reference, person } = opened.referral;
  if (isEnded(asOthersSee(opened.referral))) return showPerson(visit, opened);
  await audit(visit, opened, 'own-details');
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
  const { id } = opened.referral;
  const refused = await correctedTooOften(id, now);
  if (refused) return refused;
  const person = keepingWhatIsNotAsked(parsed.person, opened.referral.person);
  const personKeys = await personKeysOf(person);
  const successor = successorOf(path.link ?? '', await keyFor('form'));
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const changed = await referrals(TABLE_NAME).change(id, now, (referral) => {
    const corrected = correctDetails(referral, person, personKeys, now);
    if (isRefusal(corrected)) return corrected;
    const leftWithout = emailOf(referral.person) !== undefined && emailOf(corrected.person) === undefined;
    if (!leftWithout) return corrected;
    // The link in the inbox is closed, and no other can be sent: the browser that has the page goes on with one that nobody else has.
    return withLink(corrected, successor.hash, now);
  });
  if (changed.state === 'missing') return problemPage('not-found', site());
  if (changed.state === 'refused') return showPerson(visit, { ...opened, referral: changed.referral });
  note(Message.referralChanged, { referralId: id, stage: changed.referral.stage });
  await deliver(OUTBOX_FUNCTION, changed.referral, now);
  return toCorrected(visit, changed.referral);
}

/** So long after a link was closed, a second click of what closed it is told that it was done. */
const SECOND_CLICK: Span = { minutes: 10 };

/**
 * A correction that closed its own link, sent again to the letter: leads to where the first one did. Undefined for everything else.
 * Whoever tries out details here has as few attempts as for corrections.
 */
async function sentAgain(visit: Visit): Promise<PageResult | undefined> {
  const { now, fields, path } = visit;
  const token = readToken(path.link);
  const referral = token && (await referrals(environment('page').TABLE_NAME).read(token.referralId));
  const expiresAt = referral?.links.person?.hashes.find(({ hash }) => hash === token?.hash)?.expiresAt;
  if (!referral || expiresAt === undefined || !isDue(expiresAt, now)) return undefined;
  if (isDue(after(expiresAt, SECOND_CLICK), now)) return undefined;
  const parsed = parsePersonForm(fields, now);
  if ('errors' in parsed) return undefined;
  const refused = await correctedTooOften(referral.id, now);
  if (refused) return refused;
  const person = keepingWhatIsNotAsked(parsed.person, referral.person);
  const same = correctDetails(referral, person, await personKeysOf(person), now) === referral;
  return same ? toCorrected(visit, referral) : undefined;
}

/** Leads to a page that says that the details are corrected, by whichever link opens it now, or by none. */
async function toCorrected({ path: { link = '' }, now }: Visit, referral: Referral): Promise<PageResult> {
  const successors = (await keysFor('form')).map((key) => successorOf(link, key).token);
  const open = [link, ...successors].find((token) => {
    const hash = readToken(token)?.hash;
    return hash !== undefined && checkLink(referral, 'person', hash, now).state === 'open';
  });
  return redirect(open === undefined ? '/person/corrected' : `/person/${open}?corrected=yes`);
}

function withLink(referral: Referral, hash: string, now: string): Referral {
  const { person } = referral.links;
  if (!person) return referral;
  return { ...referral, links: { ...referral.links, person: withHash(person, hash, now) } };
}

function showCorrected({ path }: Visit, { referral }: Opened): PageResult {
  const { reference, person } = referral;
  const corrected = { reference, back: `/person/${path.link}`, mayEmail: emailOf(person) !== undefined };
  return correctedPage({ ...site(), corrected });
}

/** The practice's address is the referrer's to give, and how to be reminded has a page of its own. */
function keepingWhatIsNotAsked(given: Person, before: Person): Person {
  const { gpPracticeEmail } = before;
  const { gpPracticeEmail: _notAsked, ...asked } = given;
  const person = gpPracticeEmail === undefined ? asked : { ...asked, gpPracticeEmail };
  return keepingReminders(person, before);
}

async function showPerson(
  { now, path }: Visit,
  { referral: current, link }: Opened,
  extra: Pick<Parameters<typeof personPage>[0], 'details' | 'done' | 'form'> = {},
): Promise<PageResult> {
  const referral = asOthersSee(current);
  const { reference, stage, programme, earlierProgrammes = [], offers, questions } = referral;
  const address = `/person/${path.link}`;
  if (link.recorded)
    return leftPage({ ...site(), reference, address, at: link.recorded.at, looks: extra.details?.looks });
  const cohort = await groupOf(referral);
  const next = nextToCome(referral, now, cohort);
  return personPage({
    ...site(),
    reference,
    address,
    stage,
    now,
    waitlisted: waitsOnList(openOffer(referral)),
    askedYou: questions.at(-1)?.to === 'person',
    ending: isEnded(referral) ? referral.ending.kind : undefined,
    by: stage === 'programme' ? undefined : answerBy(referral),
    urgent: dangerStands(referral),
    heldUntil: holdOf(referral)?.until,
    returned: earlierProgrammes.length > 0 && offers.at(-1)?.result === 'accepted',
    offList: offers.at(-1)?.waitlistedAt !== undefined && offers.at(-1)?.result !== 'accepted',
    contacting: programme && contactingFor(programme, next !== undefined),
    reminded: remindedBy(referral),
    sessions:
      programme &&
      untilTheEnd(sessionsOf(programme, cohort, now), isEnded(referral) ? referral.ending : undefined),
    planned: programme?.planned,
    earlier: earlierProgrammes.map(({ programmeId, sessions }) => ({
      programme: findProgramme(programmeId)?.name,
      sessions,
    })),
    calendar: `/person/${await personCalendarToken(path.link ?? '')}/calendar.ics`,
    next,
    asks: measuresDue(referral) !== undefined,
    waits: isWaiting(referral),
    ...extra,
  });
}

/** Why a link worker is asked to find out how they are; undefined where none is. */
function contactingFor(programme: ProgrammeRecord, hasNext: boolean) {
  if (!openWelfare(programme)) return undefined;
  if (!hasNext || goesOnToTheEnd(programme)) return 'at-the-end';
  return missedBy(programme) ? 'missed' : 'asking';
}
