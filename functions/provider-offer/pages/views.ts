/** The provider's pages: what they need to decide, and who the person is once they have accepted. */
import type { Programme } from '../../../workflows/directory.ts';
import { OFFER_DECLINE_REASONS } from '../../../workflows/offer.ts';
import { fullName } from '../../../workflows/person.ts';
import type { OfferQuestion } from '../../../workflows/referral.ts';
import { answerWithin } from '../../../workflows/reminder-policy.ts';
import type { Person } from '../../../workflows/request.ts';
import { ageOn, dateInWords, inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { communicationInWords, contactInWords } from '../../shared/pages/person.ts';
import { offerDeclineReasonWords, recordedInWords, spanInWords } from '../../shared/pages/words.ts';
import code from './code.njk';
import contact from './contact.njk';
import door from './door.njk';
import offer from './offer.njk';
import recorded from './recorded.njk';
import waitlist from './waitlist.njk';

export type OfferDoorView = Site & {
  reference: string;
  programmeName: string;
  by?: string | undefined;
  /** When the provider asked something that is not answered yet. */
  asked?: string | undefined;
};

/** Before the offer is opened: for which programme, and by when. Nothing of the person. */
export function offerDoorPage({ reference, programmeName, by, asked, ...site }: OfferDoorView) {
  return page(site, {
    title: 'A referral is offered to you',
    template: door,
    context: { reference, programmeName, by: by && dateInWords(by), asked: asked && dateInWords(asked) },
  });
}

/** Since when the person is on this provider's waiting list, and when the provider last said so again. */
export type Waiting = {
  since: string;
  confirmedAt?: string | undefined;
  /** The provider said that a group of theirs, in which a place was held, has no room for them. */
  noRoom?: boolean;
};

/** The group in which a place is held: the sessions that are left of it, and how many more places are free. */
export type Group = {
  cohortId: string;
  sessions: readonly string[];
  free: number;
  capacity: number;
  place: string;
};

/** What the form to reply with needs. */
type Replying = {
  programme: Programme;
  /** Where the directory knows of one: whoever accepts chooses no first session. */
  group?: Group | undefined;
  /** No place is free in the groups that the directory knows of: nobody can be accepted yet. */
  full?: boolean;
  /** The first session that the form proposes: a date (YYYY-MM-DD) and a time (HH:MM) on the clock in London. */
  firstSession: { date: string; time: string };
  /** Whether it is held on a day on which nothing is, all the same. */
  asksForDay?: boolean;
  form?: Form | undefined;
};

export type OfferView = Site &
  Replying & {
    reference: string;
    ageBand: string;
    /** Under 18. */
    young: boolean;
    /** The first part of the person's postcode. */
    area?: string | undefined;
    /** What the link worker wrote for the provider. */
    summary?: string | undefined;
    /** Whether risks are known, or may be: danger was spoken of, or a concern is open. */
    openRisk: boolean;
    /** The risks in the link worker's words. */
    riskSummary?: string | undefined;
    accessNeeds?: string | undefined;
    /** What they look for that the programme is for, and when they can come. */
    interests?: string | undefined;
    by?: string | undefined;
    waiting?: Waiting | undefined;
    /** What was asked about this offer, with the answers. */
    questions?: readonly OfferQuestion[];
    /** The number of the next question; absent while none can be asked. */
    nextQuestion?: number | undefined;
  };

/** In the order of the page. */
const OFFER_FIELDS = [
  'reply',
  'firstSessionDate',
  'anyDay',
  'firstSessionTime',
  'declineReason',
  'question',
] as const;

/** An opened offer with the reply form. It tells what somebody needs to decide, and not who the person is. */
export function offerPage(view: OfferView) {
  const { reference, ageBand, young, area, summary, accessNeeds, by, waiting } = view;
  return page(view, {
    title: waiting ? WAITING_TITLE : 'A referral is offered to you',
    template: offer,
    context: {
      reference,
      ageBand,
      young,
      area,
      summary,
      accessNeeds,
      interests: view.interests,
      risks: risksInWords(view, 'There may be risks: ask the link worker before you accept'),
      by: by && dateInWords(by),
      questions: (view.questions ?? []).map(questionInWords),
      nextQuestion: view.nextQuestion,
      ...replyContext(view, waiting),
    },
    form: proposing(view),
    fields: OFFER_FIELDS,
  });
}

function questionInWords({ text, askedAt, answer, answeredAt }: OfferQuestion) {
  return {
    text,
    askedAt: dateInWords(askedAt),
    answer,
    answeredAt: answeredAt && dateInWords(answeredAt),
  };
}

const WAITING_TITLE = 'On your waiting list';

export type WaitlistView = Site &
  Replying & { reference: string; waiting: Waiting; asked?: string | undefined };

/** The person is on the waiting list: that it is recorded, and the form for when it changes. Nothing of the person. */
export function waitlistPage(view: WaitlistView) {
  const { reference, waiting, asked } = view;
  return page(view, {
    title: WAITING_TITLE,
    template: waitlist,
    context: { reference, asked: asked && dateInWords(asked), ...replyContext(view, waiting) },
    form: proposing(view),
    fields: OFFER_FIELDS,
  });
}

/** What the link worker wrote stays, also once somebody has seen to it. */
function risksInWords({ openRisk, riskSummary }: Pick<OfferView, 'openRisk' | 'riskSummary'>, ask: string) {
  return riskSummary ?? (openRisk ? ask : 'No known risks');
}

function replyContext({ programme, group, full, asksForDay }: Replying, waiting: Waiting | undefined) {
  return {
    programme,
    group: group && groupInWords(group, programme),
    full,
    asksForDay,
    waiting: waiting && {
      ...waiting,
      since: dateInWords(waiting.since),
      confirmedAt: waiting.confirmedAt && dateInWords(waiting.confirmedAt),
    },
    askAgain: spanInWords(answerWithin('place')),
    declineItems: OFFER_DECLINE_REASONS.map((value) => ({ value, text: offerDeclineReasonWords[value] })),
  };
}

function groupInWords({ cohortId, sessions, free, capacity, place }: Group, programme: Programme) {
  const [first] = sessions;
  const count = sessions.length === 1 ? '1 session' : `${sessions.length} sessions`;
  return {
    cohortId,
    when:
      first === undefined
        ? 'No session is left'
        : `${count} of ${programme.sessions.minutes} minutes from ${inWords(first)}, weekly, at ${place}`,
    places: `One is held for this person. Of ${capacity}, ${free} more ${free === 1 ? 'is' : 'are'} free`,
  };
}

/** The form with the next date of the programme filled in, unless something else was entered. */
function proposing({ firstSession, form }: Replying): Form {
  const [year, month, day] = firstSession.date.split('-').map(Number);
  const proposed = {
    'firstSessionDate-day': String(day),
    'firstSessionDate-month': String(month),
    'firstSessionDate-year': String(year),
    firstSessionTime: firstSession.time,
  };
  return { ...form, values: { ...proposed, ...form?.values } };
}

/** When somebody who was accepted is expected next; `first`: for the first time. */
export type Expected = { startsAt: string | undefined; first: boolean };

function expectedInWords({ startsAt, first }: Expected) {
  return {
    key: first ? 'First session' : 'Next session',
    value: startsAt === undefined ? 'None is to come' : inWords(startsAt),
  };
}

export type OfferRecordedView = Site & {
  reference: string;
  programmeName: string;
  /** accept or decline. */
  decision: string;
  at: string;
  /** After accepting, while the programme runs. */
  expected?: Expected | undefined;
  /** Whether the person has an email address to be reminded at. */
  reminded?: boolean | undefined;
  /** Whether the programme still runs, so that contact details are shown. */
  running?: boolean | undefined;
  /** Whether this browser may see them without another code. */
  known?: boolean | undefined;
};

/** What the provider replied. After accepting, a button shows whom they accepted. */
export function offerRecordedPage(view: OfferRecordedView) {
  const { reference, programmeName, decision, at, expected, reminded, running, known } = view;
  return page(view, {
    title: recordedInWords('offer', decision),
    template: recorded,
    context: {
      reference,
      programmeName,
      decision,
      at: inWords(at),
      expected: expected && expectedInWords(expected),
      reminded,
      running,
      known,
    },
  });
}

export type CodeView = Site & {
  reference: string;
  /** Where the code goes: shown in part, so that whoever has it knows in which inbox to look. */
  address: string;
  /** When a code was sent, if one was. */
  sentAt?: string | undefined;
  form?: Form | undefined;
};

/** Where the code is entered. Nothing of the person. */
export function codePage({ reference, address, sentAt, form, ...site }: CodeView) {
  return page(site, {
    title: 'Enter the code from your email',
    template: code,
    context: { reference, address: inPart(address), sent: sentAt !== undefined },
    form,
    fields: ['code'],
  });
}

/** "a•••@example.org": enough for its owner, and little for anybody else. */
function inPart(address: string): string {
  return address.replace(/^(.).*(?=@[^@]*$)/, '$1•••');
}

export type ContactView = Site & {
  reference: string;
  programmeName: string;
  person: Person;
  openRisk: boolean;
  /** The risks in the link worker's words, and not in the referrer's. */
  riskSummary?: string | undefined;
  expected: Expected;
  now: string;
};

/** Who the person is and how to reach them: for a provider who accepted. */
export function contactPage({
  reference,
  programmeName,
  person,
  openRisk,
  riskSummary,
  expected,
  now,
  ...site
}: ContactView) {
  const age = ageOn(person.dateOfBirth, now);
  return page(site, {
    title: 'The person you accepted',
    template: contact,
    context: {
      reference,
      programmeName,
      dateOfBirth: `${dateInWords(`${person.dateOfBirth}T12:00:00Z`)} (age ${age})`,
      young: age < 18 ? age : undefined,
      name: fullName(person),
      email: person.email,
      phone: person.phone,
      contact: contactInWords(person),
      accessNeeds: communicationInWords(person),
      risks: risksInWords({ openRisk, riskSummary }, 'There may be risks: ask the link worker'),
      expected: expectedInWords(expected),
      first: expected.first,
    },
  });
}
