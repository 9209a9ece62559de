/** The link worker's pages: the review of a referral, and the contact with a person who missed sessions or may not be safe. */
import { waitsOnList } from '../../../workflows/change.ts';
import { clean } from '../../../workflows/checks.ts';
import type { MayBeInDanger } from '../../../workflows/danger.ts';
import { isOffered, type Programme } from '../../../workflows/directory.ts';
import { LIMITS } from '../../../workflows/fields.ts';
import { needsConfirming } from '../../../workflows/matching.ts';
import type { CriterionName } from '../../../workflows/matching-policy.ts';
import { namesIn } from '../../../workflows/naming.ts';
import { untilTheEnd } from '../../../workflows/past-register.ts';
import { emailOf } from '../../../workflows/person.ts';
import { ETHNIC_GROUP_WORDS } from '../../../workflows/preferences.ts';
import { heldSessions } from '../../../workflows/programme.ts';
import {
  type Concern,
  type Correction,
  type Ending,
  type EthnicGroup,
  type HistoryEntry,
  HOLD_REASONS,
  type Offer,
  type Preferences,
  type ProgrammeRecord,
  type Question,
  type Referral,
  type Session,
  type Undelivered,
} from '../../../workflows/referral.ts';
import type { Person, Referrer } from '../../../workflows/request.ts';
import { DECLINE_REASONS } from '../../../workflows/review.ts';
import { ENDED_AT_PROVIDER } from '../../../workflows/team-ends.ts';
import { dateInWords } from '../../../workflows/time.ts';
import { flaggedInWords, personInWords } from '../../shared/pages/case.ts';
import type { CloseStep } from '../../shared/pages/contacts.ts';
import { type Form, page, type Site } from '../../shared/pages/page.ts';
import type { Unsent } from '../../shared/pages/problems.ts';
import { missedInWords, sessionsInWords } from '../../shared/pages/sessions.ts';
import {
  declineReasonWords,
  endingWords,
  holdReasonWords,
  offerDeclineReasonWords,
  recordedInWords,
  referrerKindWords,
  stageInWords,
  type Where,
} from '../../shared/pages/words.ts';
import { whomToAsk } from '../asking.ts';
import { type Counted, rankFor, rankingKey, seenFull } from '../ranking.ts';
import { type AsTold, asToldInWords } from './as-told.ts';
import caseTemplate from './case-page.njk';
import { documentsInWords } from './documents.ts';
import otherTeam from './other-team.njk';
import { PREFERENCES_FIELDS, preferencesForm, preferencesInWords, type Ticked } from './preferences.ts';
import { NAMES, programmeItems, programmesInWords, shownOf } from './programmes.ts';
import review from './review.njk';
import { type Standing, standingInWords } from './standing.ts';
import { type Happened, timelineInWords } from './timeline.ts';
import welfare from './welfare.njk';

/** Another open referral with the same NHS number, or the same name, date of birth and postcode. */
export type Duplicate = Pick<Referral, 'reference' | 'createdAt'> &
  Pick<Where, 'stage' | 'hold'> & {
    /** What it is for; of another team's nobody is told. */
    ours?: (Pick<Referral, 'referrer' | 'request' | 'offers'> & { sameNhsNumber: boolean }) | undefined;
  };

/** A person with their referral, as the link worker may see them. */
type Case = MayBeInDanger & {
  reference: string;
  /** Other open referrals that may be of the same person. */
  duplicates?: readonly Duplicate[];
  person: Person;
  /** What was corrected of their details. */
  corrections?: Correction[] | undefined;
  /** For what they wait to be contacted. */
  concerns?: Concern[] | undefined;
  undelivered?: Undelivered[] | undefined;
  referrer: Referrer;
  /** Until when it waits, and why. */
  hold?: Where['hold'];
  history: HistoryEntry[];
  /** What else happened. */
  happened: Happened;
  /** When the GP practice got its summary. */
  summaryGivenAt?: string | undefined;
  /** Whether there are links to the other pages of the referral. */
  nav?: boolean;
  /** What follows while nobody answers. */
  close?: CloseStep | undefined;
  /** Whose it is and what can be taken back, for those who work with it. */
  standing?: Standing;
  /** What was entered and is not saved: beside something that has just been, or all of it. */
  left?: 'other' | 'all' | 'gone' | undefined;
  /** What they can record in the person's place, for the same. */
  asTold?: AsTold;
  /** To rank, and to name the programmes of offers and history. */
  programmes: readonly Programme[];
  now: string;
};

export type ReviewView = Site &
  Case & {
    questions: readonly Question[];
    offers: readonly Offer[];
    /** The id of the review's link, and the teams that it can be passed to. */
    review: string;
    otherTeams?: readonly { id: string; name: string }[];
    preferences?: Preferences | undefined;
    ethnicGroup?: EthnicGroup | undefined;
    /** What somebody ticked and is not saved yet; `late`: somebody else has saved other things meanwhile. */
    ticked?: Ticked | undefined;
    late?: boolean | undefined;
    /** Waits and places, by programme. */
    counted?: Counted;
    form?: Form | undefined;
  };

/** In the order of the page. */
const REVIEW_FIELDS = [
  'to',
  'signpost',
  ...PREFERENCES_FIELDS,
  'decision',
  'programmeId',
  'find',
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
  const counted = view.counted ?? { waits: new Map(), places: new Map() };
  const ranked = rankFor(view.programmes.filter(isOffered), view, counted, view.now);
  const preferences = preferencesForm(view, view.ticked, view.late);
  const query = clean(view.form?.values.find).slice(0, LIMITS.line);
  const kept = [view.request.programmeId, view.form?.values.programmeId?.split('/')[0]];
  const { shown, found } = shownOf(ranked, query, kept);
  const form = {
    values: { summary, riskSummary, askWhom: onlyOneToAsk(view), ...view.form?.values },
    errors: view.form?.errors,
  };
  return page(view, {
    title: 'Review a referral',
    template: review,
    context: {
      ...caseInWords(view),
      questions: questions.map(questionInWords),
      offers: offers.map((offer) => offerInWords(offer, view.programmes)),
      preferences,
      matches: programmesInWords(shown, ranked),
      programmeItems: programmeItems(shown, ranked, view.now),
      find: ranked.length > shown.length || query !== '' ? { all: ranked.length, query, found } : undefined,
      rankingKey: rankingKey(ranked),
      seenFull: seenFull(ranked),
      someRankedLower: ranked.some(({ rank }) => rank > 1),
      someToConfirm: ranked.some(needsConfirming),
      askItems: whomToAsk(view).map(askItem),
      declineItems: DECLINE_REASONS.map((value) => ({ value, text: declineReasonWords[value] })),
      holdItems: HOLD_REASONS.map((value) => ({ value, text: holdReasonWords[value] })),
      teamItems: (view.otherTeams ?? []).map(({ id, name }) => ({ value: id, text: name })),
      review: view.review,
      names: namesIn(`${form.values.summary ?? ''}\n${form.values.riskSummary ?? ''}`, view.person),
    },
    form: { ...form, errors: { ...form.errors, ...preferences.form.errors } },
    fields: REVIEW_FIELDS,
  });
}

export type CaseView = Site &
  Case & {
    questions: readonly Question[];
    offers: readonly Offer[];
    preferences?: Preferences | undefined;
    ethnicGroup?: EthnicGroup | undefined;
    programme: ProgrammeRecord | undefined;
    ending: Ending | undefined;
    /** Of another team's, opened for a reason by somebody who may add a note: what the form carries, and whether one has just been kept. */
    cover?: { reason: string; key: string; saved: boolean } | undefined;
    /** What was typed into a form that is gone, to be copied. */
    unsent?: Unsent | undefined;
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
      ethnicGroup: view.ethnicGroup && ETHNIC_GROUP_WORDS[view.ethnicGroup],
      questions: questions.map(questionInWords),
      offers: offers.map((offer) => offerInWords(offer, programmes)),
      programme: programmes.find(({ id }) => id === programme?.programmeId),
      sessions: sessionsInWords(untilTheEnd(programme?.sessions ?? [], view.ending), now, 'staff'),
      contacts: contacts.map(({ outcome, note, decidedAt }) => ({
        at: decidedAt && dateInWords(decidedAt),
        outcome: recordedInWords('welfare', outcome ?? ''),
        note,
      })),
      signpostedTo: view.ending?.signpostedTo,
      cover: view.cover,
      ...view.unsent,
    },
    form: view.form,
    fields: ['to', 'leaves', 'endedAtProvider', 'signpost', 'coverNote', 'coverUnsafe'],
  });
}

/** Where the referral is, for those who look after it. */
function statusOf({ stage, hold, offers, programme, programmes, ending }: CaseView): string {
  const offer = offers.at(-1);
  const name = offer && nameIn(programmes, offer.programmeId);
  switch (stage) {
    case 'intake':
    case 'review':
      return hold
        ? `On hold until ${dateInWords(hold.until)}. ${holdReasonWords[hold.reason]}`
        : 'Waits for a link worker’s decision';
    case 'information':
      return 'Waits for the answer to a question';
    case 'offer':
      return waitsOnList(offer)
        ? `On the waiting list of ${name} since ${dateInWords(offer.waitlistedAt)}${groupChosen(offer, programmes)}`
        : `Offered to ${name}, who have not replied yet`;
    case 'programme':
      return `In the programme: ${programme ? heldSessions(programme) : 0} of ${programme?.planned ?? 0} sessions held`;
    case 'closing':
    case 'closed':
      return endingInWords(ending);
  }
}

/** For which group they wait, where one was chosen for them that the directory still has. */
function groupChosen({ programmeId, chosenCohortId }: Offer, programmes: readonly Programme[]): string {
  const { cohorts = [] } = programmes.find(({ id }) => id === programmeId) ?? {};
  const { startsOn } = cohorts.find(({ id }) => id === chosenCohortId) ?? {};
  return startsOn === undefined ? '' : `, for the group of ${dateInWords(`${startsOn}T12:00:00Z`)}`;
}

function endingInWords(ending: Ending | undefined): string {
  if (!ending) return 'Closed';
  const reasons: Record<string, string> = {
    ...declineReasonWords,
    'after-welfare-contact': 'As agreed with the person',
    'could-not-reach': 'The person could not be reached',
    [ENDED_AT_PROVIDER]: 'Its provider holds it no more',
  };
  const reason = ending.reason === undefined ? undefined : reasons[ending.reason];
  return `${endingWords[ending.kind]} on ${dateInWords(ending.decidedAt)}${reason === undefined ? '' : `. ${reason}`}`;
}

export type OtherTeamView = Site & {
  reference: string;
  /** The link of the review by which the reader's team passed it on, while that can be taken back. */
  passedOn?: string | undefined;
  /** What the reader typed on it before they passed it on, to be copied. */
  unsent?: Unsent | undefined;
  form?: Form;
};

/** Another team's referral, before it is opened for a reason. */
export function otherTeamPage({ reference, passedOn, unsent, form, ...site }: OtherTeamView) {
  return page(site, {
    title: 'This referral is another team’s',
    template: otherTeam,
    context: { reference, passedOn, ...unsent },
    form,
    fields: ['reason'],
  });
}

export type WelfareView = Site &
  Case & {
    programme: Programme | undefined;
    sessions: readonly Session[];
    /** The id of the link of the contact. */
    contact: string;
    /** How many sessions they missed in a row; undefined where it is not because of that. */
    missed: number | undefined;
    /** For how many in a row they had said that they cannot come, where it is because of that. */
    excused?: number | undefined;
    /** All of their sessions are over: going on means that the programme is complete. */
    isOver?: boolean;
    /** A register was corrected since, so that these are fewer. */
    corrected?: boolean;
    /** Going on needs a note. */
    mustSayWhy: boolean;
    /** Nobody has seen yet to a concern of theirs. */
    concerned: boolean;
    form?: Form | undefined;
  };

/** Whom to contact, what is known of them, and what came of it. */
export function welfarePage(view: WelfareView) {
  const { programme, sessions, contact, person, form, missed, excused, isOver, mustSayWhy, concerned } = view;
  const isNone = (missed ?? excused) === 0;
  return page(view, {
    title: isNone
      ? 'Contact a person whose register was corrected'
      : missed !== undefined
        ? `Contact a person who missed ${missedInWords(missed)}${missed === 1 ? '' : ' in a row'}`
        : excused !== undefined
          ? couldNotComeTo(excused, isOver)
          : 'Contact a person before their programme ends',
    template: welfare,
    context: {
      ...caseInWords(view),
      programme: programme && { name: programme.name, provider: programme.provider },
      sessions: sessionsInWords(sessions, view.now, 'staff'),
      contactId: contact,
      isAtEnd: missed === undefined && excused === undefined,
      ...{ isOver, mustSayWhy, concerned, corrected: view.corrected },
      isReminded: emailOf(person) !== undefined,
    },
    form,
    fields: ['to', 'leaves', 'endedAtProvider', 'signpost', 'outcome', 'note'],
  });
}

/** Whom to contact because they had said that they cannot come. */
function couldNotComeTo(excused: number, isOver = false): string {
  if (isOver) {
    return `Contact a person who could not come to the last ${excused === 1 ? 'session' : missedInWords(excused)}`;
  }
  const inARow = excused === 1 ? '' : ' in a row';
  return `Ask a person who could not come to ${missedInWords(excused)}${inARow} whether it still suits them`;
}

/** Enough of another referral to tell whether it is for the same need, where it is of one's own team. */
function duplicateInWords(
  { reference, createdAt, stage, hold, ours }: Duplicate,
  programmes: readonly Programme[],
) {
  const known = {
    reference,
    since: dateInWords(createdAt),
    stage: stageInWords({ stage, hold, offers: ours?.offers }),
  };
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
  const { reference, referrer, request, history, happened, programmes, now } = view;
  const { duplicates = [], nav, close, standing, asTold } = view;
  const nameOf = (id: string) => programmes.find((programme) => programme.id === id)?.name;
  return {
    reference,
    left: view.left,
    standing: standing && standingInWords(standing),
    asTold: asTold && asToldInWords(asTold),
    person: personInWords(view, now),
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
    documents: documentsInWords({ ...view, sent: happened.sent }),
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
      : waitsOnList(offer)
        ? 'on the waiting list'
        : 'waits for a reply',
    offeredAt: dateInWords(offer.offeredAt),
    againstRanking:
      offer.againstRanking && `Ranked ${offer.againstRanking.rank}. ${offer.againstRanking.reason}`,
    although:
      offer.confirmed &&
      `Not met: ${offer.confirmed.map((name) => (NAMES[name as CriterionName] ?? name).toLowerCase()).join(', ')}`,
    summary: offer.summary,
    riskSummary: offer.riskSummary,
  };
}

function nameIn(programmes: readonly Programme[], id: string): string {
  return programmes.find((programme) => programme.id === id)?.name ?? id;
}

function questionInWords({ question, to, answer, answeredAt, withdrawnAt }: Question) {
  return {
    question,
    to: askedInWords(to).toLowerCase(),
    answer,
    answeredAt: answeredAt && dateInWords(answeredAt),
    withdrawn: withdrawnAt !== undefined,
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
