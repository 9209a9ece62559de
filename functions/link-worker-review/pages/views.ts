/** The link worker's pages: the review of a referral, and the contact with a person who missed two sessions. */
import type { Programme } from '../../../workflows/directory.ts';
import { type Match, rankProgrammes } from '../../../workflows/matching.ts';
import type {
  HistoryEntry,
  Offer,
  Person,
  Question,
  Referrer,
  Request,
  Session,
} from '../../../workflows/referral.ts';
import { DECLINE_REASONS } from '../../../workflows/review.ts';
import { ageOn, dateInWords, inWords } from '../../../workflows/time.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { sessionsInWords } from '../../shared/pages/sessions.ts';
import {
  criterionColours,
  criterionWords,
  declineReasonWords,
  historyInWords,
  nhsNumberInWords,
  offerDeclineReasonWords,
  recordedInWords,
  referrerKindWords,
} from '../../shared/pages/words.ts';
import recorded from './recorded.njk';
import review from './review.njk';
import reviewDoor from './review-door.njk';
import welfare from './welfare.njk';
import welfareDoor from './welfare-door.njk';

export type ReviewDoorView = Site & {
  reference: string;
  ageBand: string;
  /** When the referral was made. */
  since: string;
  /** When a decision is due. */
  by?: string | undefined;
};

/** Before the referral is opened: what it is about, and nothing that tells who. */
export function reviewDoorPage({ serviceName, reference, ageBand, since, by }: ReviewDoorView) {
  return page(
    { serviceName },
    {
      title: 'A referral waits for your review',
      template: reviewDoor,
      context: { reference, ageBand, since: dateInWords(since), by: by && dateInWords(by) },
    },
  );
}

/** A person with their referral, as the link worker may see them. */
type Case = {
  reference: string;
  person: Person;
  referrer: Referrer;
  request: Request;
  history: readonly HistoryEntry[];
  /** To name the programmes of offers and history. */
  programmes: readonly Programme[];
  now: string;
};

export type ReviewView = Site &
  Case & {
    createdAt: string;
    questions: readonly Question[];
    offers: readonly Offer[];
    form?: Form | undefined;
  };

/** In the order of the page. */
const REVIEW_FIELDS = [
  'decision',
  'programmeId',
  'summary',
  'matchAnyway',
  'askWhom',
  'question',
  'signpostedTo',
  'declineReason',
] as const;

/** The opened referral with everything that a decision needs, and the decision. */
export function reviewPage(view: ReviewView) {
  const { questions, offers, createdAt, form } = view;
  const matches = rankProgrammes(view.programmes, view.person, view.now);
  return page(view, {
    title: 'Review a referral',
    template: review,
    context: {
      ...caseInWords(view),
      createdAt: inWords(createdAt),
      waiting: dateInWords(createdAt),
      questions: questions.map((question) => ({
        question: question.question,
        to: question.to === 'person' ? 'the person' : 'the referrer',
        answer: question.answer,
        answeredAt: question.answeredAt && dateInWords(question.answeredAt),
      })),
      offers: offers.map((offer) => offerInWords(offer, view.programmes)),
      matches: matches.map(matchInWords),
      programmeItems: matches.map(programmeItem),
      someNotEligible: matches.some((match) => !match.eligible),
      declineItems: DECLINE_REASONS.map((value) => ({ value, text: declineReasonWords[value] })),
    },
    form,
    fields: REVIEW_FIELDS,
  });
}

export type RecordedView = Site & { reference: string; decision: string; at: string };

/** What was decided in a review, and when. */
export function reviewRecordedPage({ reference, decision, at, ...site }: RecordedView) {
  const next: Record<string, string> = {
    match:
      'The provider has been asked whether they can take the person. If they decline or do not reply, the referral comes back to you.',
    'ask-for-more':
      'They have been asked by email. The referral comes back to you with the answer, or without one in time.',
    signpost: 'The person, the referrer and the GP practice will each get a letter that says so.',
    decline: 'The person, the referrer and the GP practice will each get a letter that says so.',
  };
  return page(site, {
    title: recordedInWords('review', decision),
    template: recorded,
    context: { reference, next: next[decision], at: inWords(at) },
  });
}

export type WelfareDoorView = Site & { reference: string; by?: string | undefined };

/** Before the page of a welfare contact is opened. */
export function welfareDoorPage({ reference, by, ...site }: WelfareDoorView) {
  return page(site, {
    title: 'Please contact a person: two sessions missed',
    template: welfareDoor,
    context: { reference, by: by && dateInWords(by) },
  });
}

export type WelfareView = Site &
  Case & {
    programme: Programme | undefined;
    sessions: readonly Session[];
    form?: Form | undefined;
  };

/** Whom to contact, what is known of them, and what came of it. */
export function welfarePage(view: WelfareView) {
  const { programme, sessions, form } = view;
  return page(view, {
    title: 'Contact a person who missed two sessions',
    template: welfare,
    context: {
      ...caseInWords(view),
      programme: programme && { name: programme.name, provider: programme.provider },
      sessions: sessionsInWords(sessions, view.now, 'staff'),
    },
    form,
    fields: ['outcome', 'note'],
  });
}

/** What came of a welfare contact, and when it was recorded. */
export function welfareRecordedPage({ reference, decision, at, ...site }: RecordedView) {
  const next: Record<string, string> = {
    continue: 'The next session is planned, and the person is reminded of it the day before.',
    close:
      'The person, the referrer and the GP practice will each get a letter. The provider can give the place to somebody else.',
  };
  return page(site, {
    title: recordedInWords('welfare', decision),
    template: recorded,
    context: { reference, next: next[decision], at: inWords(at) },
  });
}

function caseInWords({ reference, person, referrer, request, history, programmes, now }: Case) {
  const nameOf = (id: string) => programmes.find((programme) => programme.id === id)?.name;
  const age = ageOn(person.dateOfBirth, now);
  return {
    reference,
    person: {
      ...person,
      name: `${person.firstName} ${person.familyName}`,
      dateOfBirth: `${dateInWords(`${person.dateOfBirth}T12:00:00Z`)} (age ${age})`,
      nhsNumber: person.nhsNumber && nhsNumberInWords(person.nhsNumber),
    },
    // PRSB's standard was written for adults.
    young: age < 18 ? age : undefined,
    referrer: { ...referrer, kind: referrerKindWords[referrer.kind], self: referrer.kind === 'self' },
    needs: request.needs,
    risks: request.risks.known ? request.risks.detail : undefined,
    history: history.map((entry) => ({ at: inWords(entry.at), text: historyInWords(entry, nameOf) })),
  };
}

function offerInWords(offer: Offer, programmes: readonly Programme[]) {
  const name = programmes.find((programme) => programme.id === offer.programmeId)?.name ?? offer.programmeId;
  const results = {
    accepted: 'accepted',
    declined: `declined (${reasonInWords(offer.declineReason)})`,
    silence: 'no reply in time',
    withdrawn: 'withdrawn',
  };
  return { name, result: offer.result ? results[offer.result] : 'waits for a reply' };
}

function reasonInWords(reason: string | undefined): string {
  const words: Record<string, string> = offerDeclineReasonWords;
  return (reason && words[reason]) ?? 'no reason given';
}

function matchInWords({ programme, criteria, eligible }: Match) {
  return {
    name: programme.name,
    provider: programme.provider.name,
    example: programme.example,
    description: programme.description,
    eligible,
    sessions: `${programme.sessions.count} sessions, ${programme.sessions.place}`,
    criteria: criteria.map(({ result, explanation }) => ({
      result: criterionWords[result],
      colour: criterionColours[result],
      explanation,
    })),
  };
}

function programmeItem({ programme, criteria }: Match) {
  const notMet = criteria.filter(({ result }) => result === 'not-met').map(({ name }) => name);
  const unknown = criteria.filter(({ result }) => result === 'unknown').map(({ name }) => name);
  const hint = [
    ...(notMet.length ? [`Not met: ${notMet.join(', ')}.`] : []),
    ...(unknown.length ? [`Not known: ${unknown.join(', ')}.`] : []),
  ];
  return {
    value: programme.id,
    text: programme.name,
    hint: hint.length ? hint.join(' ') : 'Every criterion is met.',
  };
}
