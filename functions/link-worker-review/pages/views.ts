/** The link worker's pages: the review of a referral, and the contact with a person who missed two sessions. */
import type { Reader } from '../../../workflows/closing.ts';
import { isOffered, type Programme } from '../../../workflows/directory.ts';
import { needsConfirming } from '../../../workflows/matching.ts';
import { heldSessions } from '../../../workflows/programme.ts';
import {
  type Correction,
  type Ending,
  type HistoryEntry,
  HOLD_REASONS,
  type Offer,
  type Person,
  type Preferences,
  type ProgrammeRecord,
  type Question,
  type Referral,
  type Referrer,
  type Request,
  type Session,
  type Stage,
} from '../../../workflows/referral.ts';
import { DECLINE_REASONS, type DeclineReason } from '../../../workflows/review.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import type { Wait } from '../../../workflows/waits.ts';
import { flaggedInWords, personInWords } from '../../shared/pages/case.ts';
import type { CloseStep } from '../../shared/pages/contacts.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import { sessionsInWords } from '../../shared/pages/sessions.ts';
import {
  declineReasonWords,
  endingWords,
  offerDeclineReasonWords,
  recordedInWords,
  referrerKindWords,
  stageWords,
} from '../../shared/pages/words.ts';
import { whomToAsk } from '../asking.ts';
import { rankFor, rankingKey } from '../ranking.ts';
import caseDoor from './case-door.njk';
import caseTemplate from './case-page.njk';
import otherTeam from './other-team.njk';
import { PREFERENCES_FIELDS, preferencesForm, preferencesInWords } from './preferences.ts';
import { programmeItems, programmesInWords } from './programmes.ts';
import recorded from './recorded.njk';
import review from './review.njk';
import reviewDoor from './review-door.njk';
import { holdReasonWords, type Standing, standingInWords } from './standing.ts';
import { type Happened, timelineInWords } from './timeline.ts';
import welfare from './welfare.njk';
import welfareDoor from './welfare-door.njk';

export type ReviewDoorView = Site & {
  reference: string;
  danger?: boolean | undefined;
  ageBand: string;
  /** When the referral was made. */
  since: string;
  /** When a decision is due. */
  by?: string | undefined;
};

/** Before the referral is opened: what it is about, and nothing that tells who. */
export function reviewDoorPage({ reference, danger, ageBand, since, by, ...site }: ReviewDoorView) {
  return page(site, {
    title: danger ? 'Urgent: a referral waits for your review' : 'A referral waits for your review',
    template: reviewDoor,
    context: { reference, danger, ageBand, since: dateInWords(since), by: by && dateInWords(by) },
  });
}

/** Another open referral with the same NHS number, or the same name, date of birth and postcode. */
export type Duplicate = Pick<Referral, 'reference' | 'createdAt' | 'stage'> & {
  /** What it is for; of another team's nobody is told. */
  ours?: (Pick<Referral, 'referrer' | 'request' | 'offers'> & { sameNhsNumber: boolean }) | undefined;
};

/** A person with their referral, as the link worker may see them. */
type Case = {
  reference: string;
  createdAt: string;
  /** Other open referrals that may be of the same person. */
  duplicates?: readonly Duplicate[];
  person: Person;
  /** What the person corrected. */
  corrections?: Correction[] | undefined;
  referrer: Referrer;
  request: Request;
  history: readonly HistoryEntry[];
  /** What else happened. */
  happened: Happened;
  /** Whether there are links to the other pages of the referral. */
  nav?: boolean;
  /** What follows while nobody answers. */
  close?: CloseStep | undefined;
  /** Whose it is and what can be taken back, for those who work with it. */
  standing?: Standing;
  /** To rank, and to name the programmes of offers and history. */
  programmes: readonly Programme[];
  now: string;
};

export type ReviewView = Site &
  Case & {
    questions: readonly Question[];
    offers: readonly Offer[];
    /** The id of the review's link, and the teams that it can be passed to. */
    review?: string;
    otherTeams?: readonly { id: string; name: string }[];
    preferences?: Preferences | undefined;
    /** What somebody ticked who was not the fastest. */
    latePreferences?: Preferences | undefined;
    /** Measured, by programme. */
    waits?: ReadonlyMap<string, Wait>;
    form?: Form | undefined;
  };

/** In the order of the page. */
const REVIEW_FIELDS = [
  'signpost',
  ...PREFERENCES_FIELDS,
  'decision',
  'programmeId',
  'rankingReason',
  'summary',
  'riskSummary',
  'matchAnyway',
  'askWhom',
  'question',
  'signpostedTo',
  'holdUntil',
  'holdReason',
  'team',
  'declineReason',
] as const;

/** The opened referral with everything that a decision needs, and the decision. */
export function reviewPage(view: ReviewView) {
  const { questions, offers } = view;
  // What was written for the provider asked last is a start for the next one.
  const { summary, riskSummary } = offers.at(-1) ?? {};
  const ranked = rankFor(view.programmes.filter(isOffered), view, view.waits ?? new Map(), view.now);
  const preferences = preferencesForm(view.preferences, view.latePreferences);
  const form = view.form ?? { values: { summary, riskSummary, askWhom: onlyOneToAsk(view) } };
  return page(view, {
    title: 'Review a referral',
    template: review,
    context: {
      ...caseInWords(view),
      questions: questions.map(questionInWords),
      offers: offers.map((offer) => offerInWords(offer, view.programmes)),
      preferences,
      preferencesAction: view.signedIn && `/referrals/${view.reference}/preferences`,
      matches: programmesInWords(ranked),
      programmeItems: programmeItems(ranked),
      rankingKey: rankingKey(ranked),
      someRankedLower: ranked.some(({ rank }) => rank > 1),
      someToConfirm: ranked.some(needsConfirming),
      askItems: whomToAsk(view).map(askItem),
      declineItems: DECLINE_REASONS.map((value) => ({ value, text: declineReasonWords[value] })),
      holdItems: HOLD_REASONS.map((value) => ({ value, text: holdReasonWords[value] })),
      teamItems: (view.otherTeams ?? []).map(({ id, name }) => ({ value: id, text: name })),
      review: view.review,
    },
    form: { ...form, errors: { ...form.errors, ...preferences.form.errors } },
    fields: REVIEW_FIELDS,
  });
}

/** What a review decided, beyond its kind; as much of it as a page may show that anybody with the link can open. */
export type WhatWasDecided = {
  programmeName?: string | undefined;
  asked?: Question['to'] | undefined;
  declineReason?: DeclineReason | undefined;
};

type RecordedView = Site & {
  reference: string;
  decision: string;
  at: string;
  /** Who gets a letter at the end. */
  letters: readonly Reader[];
};
export type ReviewRecordedView = RecordedView & {
  what?: WhatWasDecided | undefined;
  /** When it was taken back; or whether it still can be. */
  undone?: string | undefined;
  undo?: boolean;
};

/** What was decided in a review, and when. A button opens the referral again. */
export function reviewRecordedPage(view: ReviewRecordedView) {
  const { reference, decision, at, what = {}, undone, undo } = view;
  const { programmeName, asked, declineReason } = what;
  const letters = lettersInWords(view.letters);
  const next: Record<string, string> = {
    match:
      'The provider has been asked whether they can take the person. If they decline or do not reply, the referral comes back to you.',
    'ask-for-more':
      'They have been asked by email. The referral comes back to you with the answer, or without one in time.',
    signpost: letters,
    decline: letters,
    hold: 'It comes back to the team by itself when the time is over.',
    transfer: 'The other team has been asked to review it.',
  };
  const facts: Record<string, { key: string; value: string | undefined }> = {
    match: { key: 'Programme', value: programmeName },
    'ask-for-more': { key: 'Asked', value: asked && askedInWords(asked) },
    decline: { key: 'Reason', value: declineReason && declineReasonWords[declineReason] },
  };
  return page(view, {
    title: recordedInWords('review', decision),
    template: recorded,
    context: {
      reference,
      next: undone === undefined ? next[decision] : undefined,
      fact: facts[decision],
      at: inWords(at),
      undone: undone && inWords(undone),
      undo,
    },
  });
}

const READER_WORDS: Record<Reader, string> = {
  person: 'the person',
  referrer: 'the referrer',
  gp: 'the GP practice',
};

function lettersInWords(readers: readonly Reader[]): string {
  const all = new Intl.ListFormat('en-GB').format(readers.map((reader) => READER_WORDS[reader]));
  const verb = readers.length === 1 ? 'gets' : 'each get';
  return `${all.replace(/^t/, 'T')} ${verb} a letter that says so.`;
}

/** Before a case is opened that needs no decision. */
export function caseDoorPage({ reference, ...site }: Site & { reference: string }) {
  return page(site, { title: 'Where a referral is', template: caseDoor, context: { reference } });
}

export type CaseView = Site &
  Case & {
    stage: Stage;
    questions: readonly Question[];
    offers: readonly Offer[];
    preferences?: Preferences | undefined;
    programme: ProgrammeRecord | undefined;
    ending: Ending | undefined;
    form?: Form;
  };

/** All of a referral, to read: who, why, what happened, where it is. */
export function casePage(view: CaseView) {
  const { questions, offers, programme, programmes, now } = view;
  const contacts = programme?.welfare.filter(({ outcome }) => outcome !== undefined) ?? [];
  return page(view, {
    title: 'The referral so far',
    template: caseTemplate,
    context: {
      ...caseInWords(view),
      status: statusOf(view),
      lookingFor: preferencesInWords(view.preferences),
      questions: questions.map(questionInWords),
      offers: offers.map((offer) => offerInWords(offer, programmes)),
      programme: programmes.find(({ id }) => id === programme?.programmeId),
      sessions: sessionsInWords(programme?.sessions ?? [], now, 'staff'),
      contacts: contacts.map(({ outcome, note, decidedAt }) => ({
        at: decidedAt && dateInWords(decidedAt),
        outcome: recordedInWords('welfare', outcome ?? ''),
        note,
      })),
      signpostedTo: view.ending?.signpostedTo,
    },
    form: view.form,
    fields: ['signpost'],
  });
}

/** Where the referral is, for those who look after it. */
function statusOf({ stage, offers, programme, programmes, ending }: CaseView): string {
  const offer = offers.at(-1);
  const name = offer && nameIn(programmes, offer.programmeId);
  switch (stage) {
    case 'intake':
    case 'review':
      return 'Waits for a link worker’s decision';
    case 'information':
      return 'Waits for the answer to a question';
    case 'offer':
      return offer?.waitlistedAt === undefined
        ? `Offered to ${name}, who have not replied yet`
        : `On the waiting list of ${name} since ${dateInWords(offer.waitlistedAt)}`;
    case 'programme':
      return `In the programme: ${programme ? heldSessions(programme) : 0} of ${programme?.planned ?? 0} sessions held`;
    case 'closing':
    case 'closed':
      return endingInWords(ending);
  }
}

function endingInWords(ending: Ending | undefined): string {
  if (!ending) return 'Closed';
  const reasons: Record<string, string> = {
    ...declineReasonWords,
    'after-welfare-contact': 'As agreed with the person after missed sessions',
    'could-not-reach': 'The person could not be reached',
  };
  const reason = ending.reason === undefined ? undefined : reasons[ending.reason];
  return `${endingWords[ending.kind]} on ${dateInWords(ending.decidedAt)}${reason === undefined ? '' : `. ${reason}`}`;
}

export type OtherTeamView = Site & {
  reference: string;
  /** The link of the review by which the reader's team passed it on, while that can be taken back. */
  passedOn?: string | undefined;
  form?: Form;
};

/** Another team's referral, before it is opened for a reason. */
export function otherTeamPage({ reference, passedOn, form, ...site }: OtherTeamView) {
  return page(site, {
    title: 'This referral is another team’s',
    template: otherTeam,
    context: { reference, passedOn },
    form,
    fields: ['reason'],
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

export type WelfareRecordedView = RecordedView & {
  /** Why the programme ended, when it did. */
  reason?: string | undefined;
  /** Whether the person has an email address to be reminded at. */
  reminded?: boolean | undefined;
};

/** What came of a welfare contact, and when it was recorded. */
export function welfareRecordedPage(view: WelfareRecordedView) {
  const { reference, decision, at, letters, reason, reminded } = view;
  const next: Record<string, string> = {
    continue: reminded
      ? 'The next session is planned, and the person is reminded of it by email the day before.'
      : 'The next session is planned. We have no email address of the person: please see that they know when it is.',
    close: `${lettersInWords(letters)} The provider can give the place to somebody else.`,
  };
  const unreached = decision === 'close' && reason === 'could-not-reach';
  return page(view, {
    title: unreached
      ? 'The person could not be reached, and the programme ends'
      : recordedInWords('welfare', decision),
    template: recorded,
    context: { reference, next: next[decision], at: inWords(at) },
  });
}

/** Enough of another referral to tell whether it is for the same need, where it is of one's own team. */
function duplicateInWords(
  { reference, createdAt, stage, ours }: Duplicate,
  programmes: readonly Programme[],
) {
  const known = { reference, since: dateInWords(createdAt), stage: stageWords[stage] };
  if (!ours) return { ...known, elsewhere: true };
  const { sameNhsNumber, referrer, request, offers } = ours;
  const offered = offers.at(-1)?.programmeId;
  const named = (programmeId: string | undefined) => programmeId && nameIn(programmes, programmeId);
  return {
    ...known,
    same: sameNhsNumber ? 'the same NHS number' : 'the same name, date of birth and postcode',
    offered: named(offered),
    asked: named(request.programmeId),
    referrer: referrerKindWords[referrer.kind],
    needs: firstWords(request.needs),
  };
}

/** How many characters of a need tell what it is about. */
const FIRST_WORDS = 100;

function firstWords(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= FIRST_WORDS
    ? line
    : `${line.slice(0, FIRST_WORDS).replace(/\s?\S*$/, '') || line.slice(0, FIRST_WORDS - 1)}…`;
}

function caseInWords(view: Case) {
  const { reference, person, referrer, request, history, happened, programmes, now } = view;
  const { duplicates = [], nav, close, standing } = view;
  const nameOf = (id: string) => programmes.find((programme) => programme.id === id)?.name;
  return {
    reference,
    standing: standing && standingInWords(standing),
    person: personInWords(person, now),
    flagged: {
      ...flaggedInWords(view),
      duplicates: duplicates.map((other) => duplicateInWords(other, programmes)),
    },
    referrer: {
      ...referrer,
      kind: referrerKindWords[referrer.kind],
      self: referrer.kind === 'self',
      outcomeTo: referrer.respondTo && `${referrer.respondTo.name}, ${referrer.respondTo.email}`,
    },
    request: {
      ...request,
      programme: request.programmeId && nameIn(programmes, request.programmeId),
      self: referrer.kind === 'self',
      agreedOn: request.consent.given ? dateInWords(request.consent.at) : undefined,
    },
    history: timelineInWords(history, happened, nameOf),
    ...{ nav, close },
  };
}

function offerInWords(offer: Offer, programmes: readonly Programme[]) {
  const results = {
    accepted: 'accepted',
    declined: `declined (${reasonInWords(offer.declineReason)})`,
    silence: 'no reply in time',
    withdrawn: 'withdrawn',
  };
  return {
    name: nameIn(programmes, offer.programmeId),
    result: offer.result
      ? results[offer.result]
      : offer.waitlistedAt
        ? 'on the waiting list'
        : 'waits for a reply',
    offeredAt: dateInWords(offer.offeredAt),
    againstRanking:
      offer.againstRanking && `Ranked ${offer.againstRanking.rank}. ${offer.againstRanking.reason}`,
    summary: offer.summary,
    riskSummary: offer.riskSummary,
  };
}

function nameIn(programmes: readonly Programme[], id: string): string {
  return programmes.find((programme) => programme.id === id)?.name ?? id;
}

function questionInWords({ question, to, answer, answeredAt }: Question) {
  return {
    question,
    to: askedInWords(to).toLowerCase(),
    answer,
    answeredAt: answeredAt && dateInWords(answeredAt),
  };
}

function askItem({ to, address }: ReturnType<typeof whomToAsk>[number]) {
  const hint = address === undefined ? 'We have no email address to ask them at' : undefined;
  return { value: to, text: askedInWords(to), hint };
}

/** Whom there is to ask, where it is one only. */
function onlyOneToAsk(view: ReviewView): Question['to'] | undefined {
  const [first, ...others] = whomToAsk(view);
  return others.length === 0 ? first?.to : undefined;
}

function askedInWords(to: Question['to']): string {
  return to === 'person' ? 'The person' : 'The referrer';
}

function reasonInWords(reason: string | undefined): string {
  const words: Record<string, string> = offerDeclineReasonWords;
  return (reason && words[reason]) ?? 'no reason given';
}
