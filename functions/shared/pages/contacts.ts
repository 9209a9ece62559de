/** Attempts to make contact in plain words, and what is missing before somebody counts as not reached. */
import {
  CONTACT_POLICY,
  type Reach,
  reachOf,
  unanswered,
  type Weighed,
  weighed,
} from '../../../workflows/contacts.ts';
import { openWelfare } from '../../../workflows/programme.ts';
import type { Contact, ContactChannel, ContactOutcome, Referral } from '../../../workflows/referral.ts';
import { isEnded } from '../../../workflows/steps.ts';
import { dateInWords, inWords } from '../../../workflows/time.ts';
import { contactMethodWords } from './person.ts';

export const channelWords: Record<ContactChannel, string> = {
  ...contactMethodWords,
  video: 'Video call',
  'in-person': 'In person',
};

export const outcomeWords: Record<ContactOutcome, string> = {
  reached: 'I reached them',
  'no-answer': 'No answer',
  'left-message': 'I left a message',
  sent: 'It is sent, no answer yet',
  'not-possible': 'It was not possible',
};

/** What came of it, as others read it. */
const outcomeOfOthers: Record<ContactOutcome, string> = {
  ...outcomeWords,
  reached: 'Reached them',
  'left-message': 'Left a message',
  sent: 'Sent, no answer yet',
  'not-possible': 'Not possible',
};

const outcomeColours: Record<ContactOutcome, string> = {
  reached: 'green',
  'no-answer': 'grey',
  'left-message': 'grey',
  sent: 'grey',
  'not-possible': 'yellow',
};

/** An attempt: "Phone call: no answer". */
export function contactInOneLine({ channel, outcome }: Contact): string {
  return `${channelWords[channel]}: ${outcomeOfOthers[outcome].toLowerCase()}`;
}

/** The attempts, the newest first; while it is not enough to close the referral, with why one of them does not count (yet). */
export function contactsInRows(referral: Referral, now: string) {
  const isAsked = !isEnded(referral) && reachOf(referral, now).state === 'not-yet';
  const all = isAsked ? weighed(referral, now) : [];
  return [...(referral.contacts ?? [])]
    .sort((a, b) => b.at.localeCompare(a.at))
    .map((contact) => contactInRows(contact, all.find((each) => each.contact === contact)?.counts));
}

function contactInRows(contact: Contact, counts: Weighed['counts'] | undefined) {
  const { at, channel, outcome, next, by } = contact;
  return {
    counts: counts && countsInWords(counts),
    channel: channelWords[channel],
    outcome: outcomeOfOthers[outcome],
    colour: outcomeColours[outcome],
    at: inWords(at),
    by: by.name,
    next: next && dateInWords(`${next}T12:00:00Z`),
  };
}

function countsInWords(counts: Weighed['counts']): string | undefined {
  if (counts === 'yes') return undefined;
  return counts === 'no'
    ? 'Does not count as an attempt: you knew already that this way does not work'
    : `Counts as an attempt from ${dateInWords(counts.from)}, if nobody answers until then`;
}

/** What follows while nobody answers, for close-step.njk. */
export type CloseStep = {
  state: Reach['state'];
  /** How many attempts came to nothing. */
  times: number;
  /** One was not possible. */
  isWayClosed?: boolean;
  /** What has to be tried before it can be closed with a letter. */
  missing: string[];
  /** The review that waits for a decision, by which it can be closed now. */
  review: string | undefined;
  /** A contact is waited for by which the programme can be ended. */
  contact: boolean;
  /** Until when a colleague has put it on hold. */
  hold: string | undefined;
  danger: boolean;
};

/** Undefined before anything was tried in vain, and once the referral has ended. */
export function closeStepOf(referral: Referral, now: string): CloseStep | undefined {
  const tried = unanswered(referral);
  if (tried.length === 0 || isEnded(referral)) return undefined;
  const reach = reachOf(referral, now);
  return {
    state: reach.state,
    times: reach.state === 'unreached' ? reach.attempts : tried.length,
    isWayClosed: tried.some(({ outcome }) => outcome === 'not-possible'),
    missing: reach.state === 'not-yet' ? missingIn(reach) : [],
    review: referral.stage === 'review' ? `review-${referral.reviews}` : undefined,
    contact: referral.stage === 'programme' && openWelfare(referral.programme) !== undefined,
    hold: referral.stage === 'review' && referral.hold ? dateInWords(referral.hold.until) : undefined,
    danger: referral.request.danger === true,
  };
}

function missingIn({ attempts, days, channels, from }: Extract<Reach, { state: 'not-yet' }>): string[] {
  const policy = CONTACT_POLICY;
  return [
    ...(attempts < policy.attempts ? [counted(policy.attempts - attempts, 'more attempt')] : []),
    ...(days < policy.days ? [`attempts on ${counted(policy.days - days, 'more day')}`] : []),
    ...(channels < policy.channels ? ['an attempt in another way'] : []),
    ...(from === undefined ? [] : [`wait until ${dateInWords(from)}`]),
  ];
}

/** Why somebody may not be declined as not reached; undefined where they may. */
export function whyNotUnreached(reach: Reach): string | undefined {
  if (reach.state === 'unreached') return undefined;
  if (reach.state === 'risk-open') {
    return 'There is a known risk: do not close it because nobody answers. Keep trying, and talk to your coordinator today';
  }
  const { attempts, days, channels, workingDays, answerWorkingDays } = CONTACT_POLICY;
  return `Under “Contacts and notes”, first record ${attempts} attempts that nobody answered, on ${days} days, in ${channels} or more ways, over ${workingDays} working days. What was sent counts after ${answerWorkingDays} working days, and a way that does not work counts once`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
