/** The provider: accepts, declines or puts on the waiting list, and learns who the person is only after accepting. */

import { openOffer, openOfferQuestion } from '../../workflows/change.ts';
import { clean, postcodeDistrict } from '../../workflows/checks.ts';
import { newCohort, planOf } from '../../workflows/cohort.ts';
import { hasOpenRisk } from '../../workflows/concerns.ts';
import { NEED_WORDS, TIME_WORDS } from '../../workflows/criteria.ts';
import { type Programme, sessionsFor } from '../../workflows/directory.ts';
import { LIMITS } from '../../workflows/fields.ts';
import type { FieldErrors } from '../../workflows/form.ts';
import { isForReader } from '../../workflows/links.ts';
import { ageBand } from '../../workflows/matching.ts';
import { replyToOffer } from '../../workflows/offer.ts';
import { askAboutOffer, nextQuestion } from '../../workflows/offer-questions.ts';
import { reachedAt } from '../../workflows/person.ts';
import { freeIn } from '../../workflows/places.ts';
import { nextExpected, sessionsFrom } from '../../workflows/planning.ts';
import { proposedFirstSession } from '../../workflows/programme.ts';
import type { In, Offer, Preferences } from '../../workflows/referral.ts';
import { answerBy } from '../../workflows/steps.ts';
import { ageOn } from '../../workflows/time.ts';
import { daysWaited } from '../../workflows/waits.ts';
import { cohortItemId, ensureCohort, readCohort } from '../shared/cohorts.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { recordWait } from '../shared/directory/waits.ts';
import { environment } from '../shared/environment.ts';
import { readToken } from '../shared/links.ts';
import { Message, note, warn } from '../shared/log.ts';
import { communicationNeedsInWords } from '../shared/pages/person.ts';
import { problemPage } from '../shared/pages/problems.ts';
import { readPlaces } from '../shared/places.ts';
import { providerIdOf, readProvider } from '../shared/providers.ts';
import {
  audit,
  conflict,
  decide,
  type Opened,
  openLink,
  type PageResult,
  pages,
  redirect,
  refuseLink,
  site,
  type Visit,
} from '../shared/web.ts';
import { askForCode, type For, mayLook, maySee, type Tried, tryCode } from './code.ts';
import {
  codePage,
  contactPage,
  type Expected,
  type Group,
  offerDoorPage,
  offerPage,
  offerRecordedPage,
  type Waiting,
  waitlistPage,
} from './pages/views.ts';
import { inGroups, readReply } from './reply.ts';

export const handler = pages({
  'GET /offer/{link}': async (visit) => {
    const opened = await openOfferLink(visit);
    const { referral, link } = opened;
    const { reference } = referral;
    const offer = offerOf(opened);
    const programme = findProgramme(offer?.programmeId);
    if (!offer || !programme) return problemPage('error', site());
    if (link.recorded) {
      const running = shows(opened);
      if (running && visit.query.code === 'sent') return enterCode(visit, opened, programme);
      return offerRecordedPage({
        ...site(),
        reference,
        programmeName: programme.name,
        ...link.recorded,
        expected: running ? await expectedAt(opened.referral, visit) : undefined,
        reminded: running && reachedAt(referral) !== undefined,
        running,
        known: running && (await maySee(visit, programme.provider.email)),
      });
    }
    const waiting = waitingSince(opened);
    if (waiting) {
      const asked = openOfferQuestion(referral)?.askedAt;
      const group = await groupOf(offer, programme, visit);
      return waitlistPage({ ...site(), ...replyForm(visit, programme, group), reference, waiting, asked });
    }
    const asked = openOfferQuestion(referral)?.askedAt;
    const by = asked === undefined ? answerBy(referral) : undefined;
    return offerDoorPage({ ...site(), reference, programmeName: programme.name, by, asked });
  },
  'POST /offer/{link}': async (visit) => {
    const opened = await openOfferLink(visit);
    const programme = findProgramme(offerOf(opened)?.programmeId);
    if (!programme) return problemPage('error', { ...site(), requestId: visit.requestId });
    if (visit.fields.action === 'code') return code(visit, opened, programme);
    if (visit.fields.action === 'enter') return enter(visit, opened, programme);
    if (visit.fields.action === 'ask') return ask(visit, opened, programme);
    if (visit.fields.action !== 'reply') return open(visit, opened, programme);
    const group = await groupOf(offerOf(opened), programme, visit);
    const read = readReply(visit.fields, opened.referral, programme, group, visit.now);
    if ('errors' in read) return open(visit, opened, programme, read.errors);
    const { reply } = read;
    if (reply.reply === 'accept') await makeGroup(offerOf(opened), programme, visit);
    // Into a group, acceptance is the same whenever it is sent again: what is left of the group's sessions is not part of it.
    const content = group && reply.reply === 'accept' ? { ...visit.fields, cohortId: group.cohortId } : reply;
    const decided = await decide(visit, opened, reply.reply, content, (referral) =>
      replyToOffer(referral, opened.id, reply, visit.now),
    );
    if (decided.state !== 'stands') return conflict(opened, 'offer', decided);
    if (reply.reply === 'accept') await measureWait(visit, opened, reply.firstSessionAt);
    return redirect(`/offer/${visit.path.link}`);
  },
});

/** Opens the link as `openLink` does. What went to a former address of the provider's, or was closed since by the team, is refused as expired. */
async function openOfferLink(visit: Visit): Promise<Opened> {
  const opened = await openLink(visit, 'offer');
  const said = readToken(visit.path.link)?.hash;
  const secret = opened.link.hashes.find(({ hash }) => hash === said);
  const address = findProgramme(offerOf(opened)?.programmeId)?.provider.email;
  const id = address === undefined ? undefined : providerIdOf(address);
  const provider = id === undefined ? undefined : await readProvider(environment('page').TABLE_NAME, id);
  if (secret && isForReader(secret, { id, linksClosedAt: provider?.linksClosedAt })) return opened;
  return refuseLink(visit, 'offer', 'expired');
}

/** Asks the link worker something. What was typed stays on the page where it is not taken. */
async function ask(visit: Visit, opened: Opened, programme: Programme): Promise<PageResult> {
  const text = clean(visit.fields.question);
  const number = Number(visit.fields.number);
  const error = whyNoQuestion(text);
  if (error !== undefined) return open(visit, opened, programme, { question: error });
  const decided = await decide(visit, opened, 'ask', { number, text }, (referral) =>
    askAboutOffer(referral, opened.id, { number, text }, visit.now),
  );
  if (decided.state === 'stands') return redirect(`/offer/${visit.path.link}`);
  const { referral } = decided;
  const link = referral.links[opened.id];
  if (!openOffer(referral) || !link || link.revokedAt) return conflict(opened, 'offer', decided);
  return open(visit, { ...opened, referral, link }, programme, { question: LATE });
}

const LATE =
  'Somebody else has asked a question since you opened this page. It is shown above, and yours was not sent';

function whyNoQuestion(text: string): string | undefined {
  if (text === '') return 'Enter your question';
  return text.length > LIMITS.text ? `Use ${LIMITS.text} characters or fewer` : undefined;
}

/** The group in which a place is held for an offer, as it is or is to be; undefined where the directory knows of none. */
async function groupOf(
  offer: Offer | undefined,
  programme: Programme,
  { now }: Visit,
): Promise<Group | undefined> {
  const cohortId = offer?.cohortId;
  if (cohortId === undefined) return undefined;
  const { TABLE_NAME } = environment('page');
  const id = cohortItemId(programme.id, cohortId);
  const [there, places] = await Promise.all([
    readCohort(TABLE_NAME, id),
    readPlaces(TABLE_NAME, programme.id, now),
  ]);
  const plan = planOf(programme, cohortId);
  const cohort = there ?? (plan && newCohort(plan, { id, reference: '', now }));
  if (!cohort) return undefined;
  return {
    cohortId,
    sessions: sessionsFrom(cohort, now).map(({ startsAt }) => startsAt),
    free: freeIn(places, cohortId),
    capacity: places.cohorts.find((each) => each.id === cohortId)?.capacity ?? 0,
    place: sessionsFor(programme, cohortId).place,
  };
}

/** When whom they accepted is expected next. One person's own group is made a moment after the acceptance. */
async function expectedAt({ programme }: In<'programme'>, { now }: Visit): Promise<Expected> {
  const id = cohortItemId(programme.programmeId, programme.cohortId);
  const cohort = await readCohort(environment('page').TABLE_NAME, id);
  return cohort ? nextExpected(programme, cohort, now) : { startsAt: programme.firstSessionAt, first: true };
}

/** Makes the group's sessions if somebody accepts into it for the first time. One person's own are made from what is stored (cohorts.ts). */
async function makeGroup(offer: Offer | undefined, programme: Programme, { now }: Visit): Promise<void> {
  const plan = offer?.cohortId === undefined ? undefined : planOf(programme, offer.cohortId);
  if (plan) await ensureCohort(environment('page').TABLE_NAME, plan, undefined, now);
}

/** Notes how long this person waited, for whoever is matched next. The acceptance stands whether or not that can be noted. */
async function measureWait({ now }: Visit, opened: Opened, firstSessionAt: string): Promise<void> {
  const offer = offerOf(opened);
  if (!offer) return;
  const { id } = opened.referral;
  const one = {
    key: `${id}-${offer.number}`,
    at: offer.repliedAt ?? now,
    days: daysWaited(offer.offeredAt, firstSessionAt),
  };
  try {
    await recordWait(environment('page').TABLE_NAME, offer.programmeId, one);
  } catch (error) {
    warn(Message.waitNotMeasured, error, { referralId: id });
  }
}

function offerOf({ referral, id }: Opened): Offer | undefined {
  return referral.offers.find(({ number }) => id === `offer-${number}`);
}

/** Since when the person is on the waiting list of this offer, and when the provider last said that they still are. */
function waitingSince(opened: Opened): Waiting | undefined {
  const { waitlistedAt: since, fullCohortId } = offerOf(opened) ?? {};
  if (since === undefined) return undefined;
  const again = opened.referral.history.findLast(
    ({ event, at }) => event === 'offer-still-waitlisted' && at >= since,
  );
  return { since, confirmedAt: again?.at, noRoom: fullCohortId !== undefined };
}

function replyForm(
  { now, fields }: Visit,
  programme: Programme,
  group: Group | undefined,
  errors?: FieldErrors,
) {
  return {
    programme,
    group,
    full: !group && inGroups(programme),
    firstSession: proposedFirstSession(programme, now),
    asksForDay: errors?.anyDay !== undefined || fields.anyDay === 'yes',
    ...(errors ? { form: { values: fields, errors } } : {}),
  };
}

/** What is behind the door: what somebody needs to decide, or whom they accepted. Each look is in the audit. */
async function open(visit: Visit, opened: Opened, programme: Programme, errors?: FieldErrors) {
  const { referral, link } = opened;
  const { reference, person } = referral;
  const offer = offerOf(opened);
  if (link.recorded) return openContact(visit, opened, programme);
  await audit(visit, opened, 'offer');
  const waiting = waitingSince(opened);
  return offerPage({
    ...site(),
    ...replyForm(visit, programme, await groupOf(offer, programme, visit), errors),
    reference,
    ageBand: ageBand(person.dateOfBirth, visit.now),
    young: ageOn(person.dateOfBirth, visit.now) < 18,
    area: postcodeDistrict(person.postcode),
    summary: offer?.summary,
    riskSummary: offer?.riskSummary,
    accessNeeds: communicationNeedsInWords(person),
    interests: interestsFor(referral.preferences, programme),
    openRisk: hasOpenRisk(referral),
    by: waiting || openOfferQuestion(referral) ? undefined : answerBy(referral),
    waiting,
    questions: offer?.questions ?? [],
    nextQuestion: offer && nextQuestion(offer),
  });
}

/** What the person looks for of what this programme is for, and when they can come: nothing else that they need is the provider's business. */
function interestsFor(preferences: Preferences | undefined, { needs = [] }: Programme): string | undefined {
  const said = [
    ...(preferences?.needs ?? []).filter((need) => needs.includes(need)).map((need) => NEED_WORDS[need]),
    ...(preferences?.times ?? []).map((time) => TIME_WORDS[time]),
  ].join('; ');
  return said === '' ? undefined : said.charAt(0).toUpperCase() + said.slice(1);
}

/** Has a code sent to the provider's own address. Whoever has entered one needs no other. */
async function code(visit: Visit, opened: Opened, programme: Programme): Promise<PageResult> {
  if (!shows(opened) || (await maySee(visit, programme.provider.email))) {
    return openContact(visit, opened, programme);
  }
  const asked = await askForCode(visit, whoseCode(opened, programme));
  switch (asked.state) {
    case 'sent':
      return redirect(`/offer/${visit.path.link}?code=sent`);
    case 'failed':
      return enterCode(visit, opened, programme, 'We could not send the code. Please ask for it again');
    case 'too-many': {
      const wait = asked.minutes === 1 ? '1 minute' : `${asked.minutes} minutes`;
      return enterCode(visit, opened, programme, `You have asked for many codes. Please wait ${wait}`);
    }
  }
}

/** The code that somebody has read. If it is right they see the person, and may look again for a while. */
async function enter(visit: Visit, opened: Opened, programme: Programme): Promise<PageResult> {
  const { email } = programme.provider;
  // Sent twice, it was right the first time.
  if (!shows(opened) || (await maySee(visit, email))) return openContact(visit, opened, programme);
  const digits = clean(visit.fields.code).replace(/\s/g, '');
  if (!/^\d{6}$/.test(digits)) {
    return enterCode(visit, opened, programme, 'Enter the 6 digits of the code');
  }
  const tried = await tryCode(visit, whoseCode(opened, programme), digits);
  if (tried !== 'right') {
    note(Message.codeRefused, { referralId: opened.referral.id, reason: tried });
    return enterCode(visit, opened, programme, WHY_NOT[tried]);
  }
  const cookies = [await mayLook(visit, email)];
  return { ...(await showContact(visit, opened, programme)), cookies };
}

const WHY_NOT: Record<Exclude<Tried, 'right'>, string> = {
  wrong: 'That is not the code. Look for the newest email, and enter its code',
  expired: 'That code was for 10 minutes and works no more. Ask for a new one',
  used: 'That code has been used. Ask for a new one',
  spent: 'That code was tried too often and works no more. Ask for a new one',
  none: 'There is no code to enter. Ask for one',
};

function enterCode(visit: Visit, { referral }: Opened, programme: Programme, error?: string): PageResult {
  return codePage({
    ...site(),
    reference: referral.reference,
    address: programme.provider.email,
    sentAt: error === undefined ? visit.now : undefined,
    form: error === undefined ? undefined : { values: {}, errors: { code: error } },
  });
}

function whoseCode({ referral, id }: Opened, { id: programmeId, provider }: Programme): For {
  return { referral, id, programmeId, address: provider.email };
}

/** Whether the programme that the person has, or had last, is the one of this offer: what followed at another provider is not theirs to know. */
function isTheirs(opened: Opened): boolean {
  const offer = offerOf(opened);
  return offer?.result === 'accepted' && offer === opened.referral.offers.at(-1);
}

/** Identity and contact details are shown after acceptance and while the programme runs. */
function shows(opened: Opened): opened is Opened & { referral: In<'programme'> } {
  return isTheirs(opened) && opened.referral.stage === 'programme';
}

/** Identity and contact details, to whoever entered a code a short time ago. Otherwise what was recorded, from which a code is asked for. */
async function openContact(visit: Visit, opened: Opened, programme: Programme): Promise<PageResult> {
  if (!shows(opened) || !(await maySee(visit, programme.provider.email))) {
    return redirect(`/offer/${visit.path.link}`);
  }
  return showContact(visit, opened, programme);
}

async function showContact(
  visit: Visit,
  opened: Opened & { referral: In<'programme'> },
  programme: Programme,
): Promise<PageResult> {
  const { referral } = opened;
  await audit(visit, opened, 'contact-details');
  return contactPage({
    ...site(),
    reference: referral.reference,
    programmeName: programme.name,
    person: referral.person,
    openRisk: hasOpenRisk(referral),
    riskSummary: offerOf(opened)?.riskSummary,
    expected: await expectedAt(referral, visit),
    now: visit.now,
  });
}
