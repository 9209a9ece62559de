/** The provider: accepts, declines or puts on the waiting list, and learns who the person is only after accepting. */

import { postcodeDistrict, realDate } from '../../workflows/checks.ts';
import type { Programme } from '../../workflows/directory.ts';
import type { FieldErrors, Fields } from '../../workflows/form.ts';
import { ageBand } from '../../workflows/matching.ts';
import { OFFER_DECLINE_REASONS, type OfferReply, replyToOffer } from '../../workflows/offer.ts';
import { emailOf } from '../../workflows/person.ts';
import { proposedFirstSession } from '../../workflows/programme.ts';
import type { Offer } from '../../workflows/referral.ts';
import { answerBy } from '../../workflows/steps.ts';
import { ageOn, londonDate, londonInstant } from '../../workflows/time.ts';
import { daysWaited } from '../../workflows/waits.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { recordWait } from '../shared/directory/waits.ts';
import { environment } from '../shared/environment.ts';
import { Message, warn } from '../shared/log.ts';
import { communicationInWords } from '../shared/pages/person.ts';
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
import {
  contactPage,
  offerDoorPage,
  offerPage,
  offerRecordedPage,
  type Waiting,
  waitlistPage,
} from './pages/views.ts';

const TIME = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/;

export const handler = pages({
  'GET /offer/{link}': async (visit) => {
    const opened = await openLink(visit, 'offer');
    const { referral, link } = opened;
    const { reference, person } = referral;
    const offer = offerOf(opened);
    const programme = findProgramme(offer?.programmeId);
    if (!offer || !programme) return problemPage('error', site());
    if (link.recorded) {
      return offerRecordedPage({
        ...site(),
        reference,
        programmeName: programme.name,
        ...link.recorded,
        firstSessionAt: offer.result === 'accepted' ? referral.programme?.firstSessionAt : undefined,
        reminded: emailOf(person) !== undefined,
        running: referral.stage === 'programme',
      });
    }
    const waiting = waitingSince(opened);
    if (waiting) return waitlistPage({ ...site(), ...replyForm(visit, programme), reference, waiting });
    const by = answerBy(referral);
    return offerDoorPage({ ...site(), reference, programmeName: programme.name, by });
  },
  'POST /offer/{link}': async (visit) => {
    const opened = await openLink(visit, 'offer');
    const programme = findProgramme(offerOf(opened)?.programmeId);
    if (!programme) return problemPage('error', { ...site(), requestId: visit.requestId });
    if (visit.fields.action !== 'reply') return open(visit, opened, programme);
    const read = readReply(visit.fields, programme, visit.now);
    if ('errors' in read) return open(visit, opened, programme, read.errors);
    const decided = await decide(visit, opened, read.reply.reply, read.reply, (referral) =>
      replyToOffer(referral, opened.id, read.reply, visit.now),
    );
    if (decided.state !== 'stands') return conflict(opened, 'offer', decided);
    if (read.reply.reply === 'accept') await measureWait(visit, opened, read.reply.firstSessionAt);
    return redirect(`/offer/${visit.path.link}`);
  },
});

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
  const since = offerOf(opened)?.waitlistedAt;
  if (since === undefined) return undefined;
  const again = opened.referral.history.findLast(
    ({ event, at }) => event === 'offer-still-waitlisted' && at >= since,
  );
  return { since, confirmedAt: again?.at };
}

function replyForm({ now, fields }: Visit, programme: Programme, errors?: FieldErrors) {
  return {
    programme,
    firstSession: proposedFirstSession(programme, now),
    ...(errors ? { form: { values: fields, errors } } : {}),
  };
}

/** What is behind the door: what somebody needs to decide, or whom they accepted. Each look is in the audit. */
async function open(visit: Visit, opened: Opened, programme: Programme, errors?: FieldErrors) {
  const { referral, link } = opened;
  const { reference, person, request } = referral;
  const offer = offerOf(opened);
  if (link.recorded) return openContact(visit, opened, programme);
  await audit(visit, opened, 'offer');
  const waiting = waitingSince(opened);
  return offerPage({
    ...site(),
    ...replyForm(visit, programme, errors),
    reference,
    ageBand: ageBand(person.dateOfBirth, visit.now),
    young: ageOn(person.dateOfBirth, visit.now) < 18,
    area: postcodeDistrict(person.postcode),
    summary: offer?.summary,
    riskSummary: offer?.riskSummary,
    accessNeeds: communicationInWords(person),
    knownRisks: request.risks.known,
    by: waiting ? undefined : answerBy(referral),
    waiting,
  });
}

/** Identity and contact details: after acceptance and while the programme runs. Otherwise what was recorded. */
async function openContact(visit: Visit, opened: Opened, programme: Programme): Promise<PageResult> {
  const { referral } = opened;
  if (offerOf(opened)?.result !== 'accepted' || referral.stage !== 'programme') {
    return redirect(`/offer/${visit.path.link}`);
  }
  await audit(visit, opened, 'contact-details');
  return contactPage({
    ...site(),
    reference: referral.reference,
    programmeName: programme.name,
    person: referral.person,
    risks: referral.request.risks,
    firstSessionAt: referral.programme.firstSessionAt,
    now: visit.now,
  });
}

function readReply(
  fields: Fields,
  programme: Programme,
  now: string,
): { reply: OfferReply } | { errors: FieldErrors } {
  switch (fields.reply) {
    case 'waitlist':
      return { reply: { reply: 'waitlist' } };
    case 'decline': {
      const reason = OFFER_DECLINE_REASONS.find((known) => known === fields.declineReason);
      return reason
        ? { reply: { reply: 'decline', reason } }
        : { errors: { declineReason: 'Select why you decline' } };
    }
    case 'accept': {
      const { count: sessions, minutes: sessionMinutes } = programme.sessions;
      const first = readFirstSession(fields, now);
      return 'errors' in first
        ? first
        : { reply: { reply: 'accept', firstSessionAt: first.at, sessions, sessionMinutes } };
    }
    default:
      return { errors: { reply: 'Select your reply' } };
  }
}

/** A year ahead is the furthest that a first session can be. */
const FURTHEST_DAYS = 366;

function readFirstSession(fields: Fields, now: string): { at: string } | { errors: FieldErrors } {
  const [day, month, year] = ['day', 'month', 'year'].map(
    (part) => fields[`firstSessionDate-${part}`]?.trim() ?? '',
  );
  const date = realDate(day ?? '', month ?? '', year ?? '');
  const time = TIME.exec(fields.firstSessionTime?.trim() ?? '');
  const errors: FieldErrors = {};
  if (date === undefined) errors.firstSessionDate = 'Enter a real date for the first session, like 15 1 2027';
  else if (date < londonDate(now)) errors.firstSessionDate = 'The first session must be today or later';
  if (!time) errors.firstSessionTime = 'Enter a time on the 24-hour clock, like 16:00';
  if (date === undefined || !time || Object.keys(errors).length) return { errors };
  const at = londonInstant(date, `${time[1]}:${time[2]}`);
  const days = (Date.parse(at) - Date.parse(now)) / 86_400_000;
  if (days > FURTHEST_DAYS)
    return { errors: { firstSessionDate: 'The first session must be within a year' } };
  return { at };
}
