/** Codes in plain words, for every page alike. */

import { waitsOnList } from '../../../workflows/change.ts';
import type { CriterionResult } from '../../../workflows/criteria.ts';
import { SNOMED } from '../../../workflows/episode-code.ts';
import type { OfferDeclineReason } from '../../../workflows/offer.ts';
import type {
  Ending,
  HistoryEntry,
  HoldReason,
  In,
  LinkPurpose,
  Offer,
  Session,
  Stage,
} from '../../../workflows/referral.ts';
import type { Referrer } from '../../../workflows/request.ts';
import type { DeclineReason } from '../../../workflows/review.ts';
import { dateInWords, type Span } from '../../../workflows/time.ts';

/** Attendance, by NHS Data Dictionary code. */
export const attendanceWords: Record<NonNullable<Session['attendance']>, string> = {
  '5': 'Attended on time',
  '6': 'Arrived late, but was seen',
  '7': 'Arrived late, could not be seen',
  '2': 'Cancelled by the person, or for them',
  '3': 'Did not attend and gave no notice',
  '4': 'Cancelled by the provider',
};

export const referrerKindWords: Record<Referrer['kind'], string> = {
  self: 'The person themself',
  professional: 'Health or care professional',
  'family-or-friend': 'Family member or friend',
  'charity-worker': 'Charity worker',
};

export const declineReasonWords: Record<DeclineReason, string> = {
  'not-eligible': 'No programme that we know of is open to this person',
  'needs-other-service': 'The person needs a different kind of service',
  'could-not-reach': 'We could not reach the person',
  'person-does-not-want-it': 'The person does not want it',
  duplicate: 'There is another referral for the same need',
};

export const offerDeclineReasonWords: Record<OfferDeclineReason, string> = {
  'no-capacity': 'No place, now or soon',
  'not-eligible': 'The person is not eligible for the programme',
  'needs-assessment': 'The person needs an assessment first',
  'cannot-meet-access-needs': 'We cannot meet the access needs',
  other: 'Another reason',
};

export const criterionWords: Record<CriterionResult, string> = {
  met: 'Met',
  'not-met': 'Not met',
  unknown: 'Not known',
};

export const criterionColours: Record<CriterionResult, string> = {
  met: 'green',
  'not-met': 'red',
  unknown: 'yellow',
};

const stageWords: Record<Stage, string> = {
  intake: 'It has just arrived',
  review: 'It waits for a review',
  information: 'It waits for an answer to a question',
  offer: 'It is offered to a provider',
  programme: 'The person is in a programme',
  closing: 'It is being closed',
  closed: 'It is closed',
};

/** Where a referral is, for those who work on it. */
export function stageInWords({ stage, hold, offers }: Where): string {
  if (hold) return `It is on hold until ${dateInWords(hold.until)}`;
  return stage === 'offer' && waitsOnList(offers?.at(-1)) ? 'It is on a waiting list' : stageWords[stage];
}

/** What tells where a referral is. */
export type Where = {
  stage: Stage;
  hold?: In<'review'>['hold'] | undefined;
  offers?: readonly Offer[] | undefined;
};

export const holdReasonWords: Record<HoldReason, string> = {
  'person-asked': 'The person asked to wait',
  'person-unwell-or-away': 'The person is unwell or away',
  'waits-for-another-service': 'Another service comes first',
  'waits-for-a-programme': 'A programme that fits starts later',
};

export const endingWords: Record<Ending['kind'], string> = {
  completed: 'The programme was completed',
  declined: 'The referral was declined',
  signposted: 'The person was told about another service',
  withdrawn: 'The person left',
  'ended-early': 'The programme ended early',
};

/** What was decided through a link, as a sentence without an end. */
const recorded: Record<LinkPurpose, Record<string, string>> = {
  review: {
    match: 'The person was matched to a programme',
    'ask-for-more': 'More information was asked for',
    signpost: 'The person was told about another service',
    decline: 'The referral was declined',
    hold: 'The referral was put on hold',
    transfer: 'The referral was passed to another team',
  },
  information: { answered: 'The question was answered' },
  offer: {
    accept: 'The offer was accepted',
    waitlist: 'The person was put on the waiting list',
    decline: 'The offer was declined',
  },
  welfare: {
    continue: 'The person goes on with the programme',
    close: 'The programme ends early',
    'not-needed': 'No contact was needed: the register was corrected',
  },
  person: { leave: 'The person left' },
  status: {},
  letters: {},
  measures: {},
};

/** What was decided through a link of a purpose, in words. */
export function recordedInWords(purpose: LinkPurpose, code: string): string {
  return recorded[purpose][code] ?? inWordsAtLeast(code);
}

const who: Record<HistoryEntry['by'], string> = {
  referrer: 'Referrer',
  person: 'Person',
  'link-worker': 'Link worker',
  provider: 'Provider',
  facilitator: 'Facilitator',
  workflow: 'System',
  sweep: 'System',
  operator: 'Operator',
};

const events: Record<string, string> = {
  submitted: 'Sent the referral',
  'danger-reported': 'Said that somebody is in danger now',
  'details-corrected': 'Corrected their details',
  'feedback-given': 'Told us how it is',
  'concern-raised': 'Raised a concern',
  'concern-settled': 'Saw to the concern',
  'email-undelivered': 'Found that an email did not arrive',
  'undelivered-settled': 'Saw to the email that did not arrive',
  'told-by-hand': 'Told somebody whom no email reaches',
  'address-corrected': 'Put an email address right',
  'cannot-come': 'Said that they cannot come to the next session',
  'comes-after-all': 'Said that they come to the next session after all',
  'cannot-come-as-told': 'Recorded that the person cannot come to the next session',
  'comes-as-told': 'Recorded that the person comes to the next session after all',
  'check-in': 'Asked the person how they are while they wait',
  'check-in-answered': 'Answered how they are while they wait',
  'reminder-by-hand': 'Asked the link workers to remind the person of their session',
  'review-requested': 'Asked the link workers to review it',
  reviewed: 'Reviewed it',
  'decision-undone': 'Took the decision back',
  'hold-ended': 'Put it to the link workers again after the hold',
  transferred: 'Passed it to another team',
  taken: 'Took it on',
  assigned: 'Gave it to somebody of the team',
  'given-back': 'Gave it back: it is nobody’s now',
  signposted: 'Told the person about another service',
  'contact-tried': 'Tried to make contact',
  'contact-reached': 'Reached the person',
  matched: 'Matched the person to a programme',
  'matched-against-ranking': 'Matched the person to a programme that others ranked above',
  'preferences-recorded': 'Recorded what the person is looking for',
  'danger-reminder': 'Reminded the link workers to speak with the person now',
  'danger-escalation': 'Told the coordinator that nobody has spoken with the person yet',
  'information-requested': 'Asked for more information',
  'information-given': 'Gave more information',
  'information-not-given': 'Stopped waiting for more information',
  'offer-sent': 'Offered it to the provider',
  'offer-accepted': 'Accepted the offer',
  'offer-declined': 'Declined the offer',
  'offer-waitlisted': 'Put the person on the waiting list',
  'offer-still-waitlisted': 'Said that there is still no place',
  'offer-question-asked': 'Asked a question before they reply',
  'offer-question-answered': 'Answered the provider’s question',
  'offer-question-reminder': 'Reminded the link workers of the provider’s question',
  'offer-question-escalation': 'Told the coordinator that a provider waits for an answer',
  'offer-released': 'Took the offer back: no reply',
  'place-asked': 'Asked the provider whether a place is free',
  'session-reminder': 'Reminded the person of their session',
  'register-requested': 'Asked the facilitator who came',
  register: 'Recorded a session',
  'register-corrected': 'Corrected the register of a session',
  'session-changed': 'Changed when or where a session is',
  'facilitator-note': 'Left a note for the link worker',
  'not-right': 'Found that the programme is not right for the person',
  'welfare-contact-requested': 'Asked the link workers to contact the person',
  'welfare-contact': 'Contacted the person',
  'welfare-contact-not-needed': 'Corrected the register, so that no contact is needed',
  'legal-hold-placed': 'Placed a legal hold',
  'legal-hold-released': 'Released the legal hold',
  'erasure-warned': 'Warned the coordinator that this is going to be erased',
  'measures-asked': 'Asked the person how things are for them',
  'measures-opened': 'Opened the questions about how things are for them',
  'measures-not-wanted': 'Would rather not say how things are for them',
  'measures-taken': 'Recorded how things are for the person',
  left: 'Left',
  'left-as-told': 'Recorded that the person leaves',
  'ended-at-provider': 'Ended the programme for the person: it has ended at the provider',
  'programme-completed': 'All sessions were held',
  closed: 'Closed the referral',
  'summary-given': 'Gave the summary to the GP practice',
  'execution-restarted': 'Started the workflow again',
  'workflow-failed': 'The workflow failed; it is tried again',
};

const details: Record<string, string> = {
  ...Object.fromEntries(Object.values(SNOMED).map(({ code, words }) => [code, `SNOMED CT: ${words}`])),
  'ask-for-more': 'asked for more information',
  signpost: 'told the person about another service',
  decline: 'declined',
  match: 'matched to a programme',
  hold: 'put on hold',
  transfer: 'passed to another team',
  continue: 'goes on with the programme',
  close: 'ends the programme',
  'could-not-reach': 'could not reach the person, ends the programme',
  'cancelled-by-provider': 'cancelled by the provider',
  intake: 'before the review',
  review: 'during the review',
  information: 'while information was asked for',
  offer: 'while it was offered',
  programme: 'during the programme',
  name: 'name',
  'date-of-birth': 'date of birth',
  'nhs-number': 'NHS number',
  contact: 'how to reach them',
  home: 'address',
  'gp-practice': 'GP practice',
  communication: 'how to communicate',
  several: 'several of them',
  unsafe: 'does not feel safe',
  'left-at-risk': 'left while a risk was open',
  'asks-for-contact': 'asks to be contacted',
  'colleague-note': 'a note from another team, to be read',
  session: 'a session',
  waiting: 'while waiting',
  'still-want': 'still wants this',
  worried: 'is worried, or something has changed',
  baseline: 'at the start',
  middle: 'in the middle',
  end: 'at the end',
  'follow-up': 'some months after the end',
  'in-between': 'at another time',
  ...offerDeclineReasonWords,
  ...endingWords,
  ...Object.fromEntries(
    Object.entries(attendanceWords).map(([code, words]) => [`attendance-${code}`, words]),
  ),
};

/** The detail of these tells one from another, and nobody anything. */
const KEYED: ReadonlySet<string> = new Set(['facilitator-note', 'session-changed']);

/** One entry of a referral's history: who did what. */
export function historyInWords(
  entry: HistoryEntry,
  programmeName: (id: string) => string | undefined = () => undefined,
): string {
  const event = events[entry.event] ?? inWordsAtLeast(entry.event);
  const { detail, hold, whom } = entry;
  const by = entry.name ?? who[entry.by];
  if (whom !== undefined) return `${by}: Gave it to ${whom}`;
  if (detail === undefined || KEYED.has(entry.event)) return `${by}: ${event}`;
  const words =
    entry.event === 'matched' || entry.event === 'matched-against-ranking'
      ? (programmeName(detail) ?? inWordsAtLeast(detail))
      : (details[detail] ?? inWordsAtLeast(detail).toLowerCase());
  return `${by}: ${event} (${words}${hold ? untilInWords(hold) : ''})`;
}

/** " until 20 January 2027: the person is unwell or away". */
function untilInWords({ until, reason }: NonNullable<HistoryEntry['hold']>): string {
  const why = holdReasonWords[reason];
  return ` until ${dateInWords(until)}: ${why.charAt(0).toLowerCase()}${why.slice(1)}`;
}

/** A code that has no words here yet, readable nevertheless. */
function inWordsAtLeast(code: string): string {
  const text = code.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An NHS number as the service manual writes it: 943 476 5919. */
export function nhsNumberInWords(digits: string): string {
  return digits.replace(/^(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3');
}

/** A length of time: "2 working days", "4 weeks". */
export function spanInWords(span: Span): string {
  const [unit, count] = Object.entries(span)[0] as [string, number];
  if (unit === 'days' && count % 7 === 0) return counted(count / 7, 'weeks');
  return counted(count, unit === 'workingDays' ? 'working days' : unit);
}

function counted(count: number, plural: string): string {
  return `${count} ${count === 1 ? plural.replace(/s$/, '') : plural}`;
}

/** Why a session is on a day only where somebody says that it is all the same. */
export const againstDayWords = {
  'bank-holiday': 'That day is a bank holiday: tick the box to hold it all the same, or enter another date',
  break: 'The group has a break on that day: tick the box to hold it all the same, or enter another date',
} as const;
