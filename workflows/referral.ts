/**
 * The referral: one record, one schema. What is stored is exactly this, checked on the way in and on the way out.
 * The shape follows PRSB's Social Prescribing Standard v1.1 where it names a thing.
 */
import * as z from 'zod/mini';
import { NEEDS, TIMES_OF_WEEK } from './directory.ts';
import { code, instant, longText, shortText } from './fields.ts';
import { MESSAGE_KINDS, outboxEntry, RECIPIENTS } from './outbox-entry.ts';
import { CONTACT_METHODS, PERSON_FIELDS, personSchema, referrerSchema, requestSchema } from './request.ts';

/** Schema version of a stored referral. A change that old items do not satisfy raises it and comes with a migration on reading. */
export const SCHEMA_VERSION = 3;

/** The waiting steps of the state machine: each holds a task token until somebody answers. */
export const STEPS = ['review', 'information', 'provider', 'place', 'session', 'welfare'] as const;
export type Step = (typeof STEPS)[number];

/** How many corrections are kept apart; older ones are put together (corrections.ts). */
export const MOST_CORRECTIONS = 20;

/** A correction: which of the person's details changed, and what those were before, as far as they were known. Who made it is in the history. */
const correction = z.object({
  at: instant,
  fields: z.array(z.enum(PERSON_FIELDS)),
  before: z.partial(personSchema),
});
export type Correction = z.infer<typeof correction>;

/** Keyed hashes by which the same person is found again (functions/shared/person-index.ts). */
const personKeys = z.object({
  details: z.string(),
  nhsNumber: z.optional(z.string()),
  /** For searching; absent in what was recorded before there was a search. */
  name: z.optional(z.string()),
  familyName: z.optional(z.string()),
});
export type PersonKeys = z.infer<typeof personKeys>;

/** Why a referral waits, as agreed with the person. */
export const HOLD_REASONS = [
  'person-asked',
  'person-unwell-or-away',
  'waits-for-another-service',
  'waits-for-a-programme',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** The review waits until a date, when it is put to the link worker again. */
const hold = z.object({ until: instant, reason: z.enum(HOLD_REASONS), since: instant });

/** One thing that happened, in codes only: who, what, when. */
const historyEntry = z.object({
  at: instant,
  by: z.enum([
    'referrer',
    'person',
    'link-worker',
    'provider',
    'facilitator',
    'workflow',
    'sweep',
    'operator',
  ]),
  event: code,
  detail: z.optional(code),
  /** Who of the team, where somebody was signed in. */
  name: z.optional(shortText),
  /** To whom of the team it was given. */
  whom: z.optional(shortText),
  /** Until when it was to wait, and why, of what put it on hold. */
  hold: z.optional(z.omit(hold, { since: true })),
});
export type HistoryEntry = z.infer<typeof historyEntry>;

export const LINK_PURPOSES = [
  'review',
  'information',
  'offer',
  'welfare',
  'person',
  'status',
  'letters',
  'measures',
] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

export const DUE_STEPS = [
  'workflow',
  'review',
  'urgent-review',
  'hold',
  'information',
  'offer',
  'offer-question',
  'place',
  'session-reminder',
  'register',
  'register-missing',
  'welfare',
  'follow-up',
] as const;
export type DueStep = (typeof DUE_STEPS)[number];

const offerQuestion = z.object({
  number: z.int().check(z.positive()),
  text: longText,
  askedAt: instant,
  answer: z.optional(longText),
  answeredAt: z.optional(instant),
  by: z.optional(shortText),
});
export type OfferQuestion = z.infer<typeof offerQuestion>;

/** More questions about one offer are better talked over. */
export const MOST_OFFER_QUESTIONS = 20;

const offer = z.object({
  number: z.int().check(z.positive()),
  programmeId: code,
  /** Why this programme, where the ranking put others first. */
  againstRanking: z.optional(z.object({ rank: z.int().check(z.positive()), reason: longText })),
  /** Which criteria of the programme's were not met, and offered all the same (matching-policy.ts). */
  confirmed: z.optional(z.array(code)),
  summary: z.optional(longText),
  /** The known risks in the link worker's words: what a provider needs to decide, without names. */
  riskSummary: z.optional(longText),
  offeredAt: instant,
  /** The cohort that the link worker chose for them; absent where any of the programme's will do. */
  chosenCohortId: z.optional(code),
  /** The cohort in which a place is held for it; absent while they wait for one, and where the programme has no cohorts. */
  cohortId: z.optional(code),
  askedAt: z.optional(instant),
  /** When its provider first went to it from the page of all of theirs. */
  seenAt: z.optional(instant),
  /** On the waiting list since then, also once a place was found. */
  waitlistedAt: z.optional(instant),
  /** When the link worker was told that the programme for which they wait has no group any more. */
  noGroupToldAt: z.optional(instant),
  /** When they came to be next and a place was held for them. */
  calledAt: z.optional(instant),
  /** The cohort in which the provider found no room, whatever the directory says. */
  fullCohortId: z.optional(code),
  /** When they said so. */
  fullAt: z.optional(instant),
  /** What the provider asks before they reply, oldest first. */
  questions: z.optional(z.array(offerQuestion).check(z.maxLength(MOST_OFFER_QUESTIONS))),
  result: z.optional(z.enum(['accepted', 'declined', 'silence', 'withdrawn'])),
  declineReason: z.optional(code),
  repliedAt: z.optional(instant),
});
export type Offer = z.infer<typeof offer>;

const question = z.object({
  number: z.int().check(z.positive()),
  to: z.enum(['referrer', 'person']),
  question: longText,
  askedAt: z.optional(instant),
  answer: z.optional(longText),
  answeredAt: z.optional(instant),
  /** When the link worker took it back. */
  withdrawnAt: z.optional(instant),
});
export type Question = z.infer<typeof question>;

/** NHS Data Dictionary attendance codes; 4 (cancelled by provider) goes with a cancelled session. */
export const ATTENDANCE = ['5', '6', '7', '2', '3', '4'] as const;
export type Attendance = (typeof ATTENDANCE)[number];

const session = z.object({
  number: z.int().check(z.positive()),
  startsAt: instant,
  endsAt: instant,
  status: z.enum(['planned', 'held', 'cancelled']),
  attendance: z.optional(z.enum(ATTENDANCE)),
  recordedAt: z.optional(instant),
  /** Of the register and of the change that it is known by: an older one told late changes nothing. */
  revision: z.optional(z.int()),
  sequence: z.optional(z.int()),
  /** When it was waited for no more, because nobody had recorded it. */
  unrecordedAt: z.optional(instant),
  /** When the person said beforehand that they cannot come. */
  excusedAt: z.optional(instant),
  /** They were accepted too short before it to be blamed for not being there (SHORT_NOTICE in reminder-policy.ts). */
  shortNotice: z.optional(z.literal(true)),
  /** What reports go on saying, where its register was corrected when they were final. */
  inReport: z.optional(z.enum(ATTENDANCE)),
  /** When they are to be reminded of it although something else is waited for: a welfare contact, during which their group goes on. */
  remindAt: z.optional(instant),
});
export type Session = z.infer<typeof session>;

const welfareContact = z.object({
  number: z.int().check(z.positive()),
  afterSession: z.int(),
  openedAt: instant,
  /** Why, where it is not that they missed sessions: they may not be safe, and their programme would have ended. */
  why: z.optional(z.literal('concern')),
  /** How many sessions they have missed in a row; absent in what was opened before that was noted. */
  missed: z.optional(z.int().check(z.nonnegative())),
  /** For how many in a row they had said that they cannot come, where they are contacted because of that. */
  excused: z.optional(z.int().check(z.nonnegative())),
  /** When a register was corrected since, so that they are fewer than when it was asked for. */
  correctedAt: z.optional(instant),
  askedAt: z.optional(instant),
  /** `not-needed`: a register was corrected before anybody tried to contact them. */
  outcome: z.optional(z.enum(['continue', 'close', 'left', 'not-right', 'not-needed'])),
  note: z.optional(longText),
  decidedAt: z.optional(instant),
});
export type WelfareContact = z.infer<typeof welfareContact>;

const programme = z.object({
  programmeId: code,
  /** Whose sessions it is (cohort.ts). */
  cohortId: code,
  /** They take part in the sessions from then on. */
  joinedAt: z.optional(instant),
  planned: z.int().check(z.positive()),
  firstSessionAt: instant,
  sessionMinutes: z.int().check(z.positive()),
  /** Where their own sessions are, as the directory said when they were accepted. Absent in a group, and where that was before this was noted. */
  place: z.optional(longText),
  sessions: z.array(session),
  welfare: z.array(welfareContact),
  /** How many of their first sessions are of assessment, as the directory said when they were accepted; absent where it did not say. */
  assessments: z.optional(z.int().check(z.nonnegative())),
});
export type ProgrammeRecord = z.infer<typeof programme>;

/** Somebody of the team, by the issuer's name for the account. */
export const teamMember = z.object({ id: shortText, name: shortText });
export type TeamMember = z.infer<typeof teamMember>;

export const CONTACT_CHANNELS = [...CONTACT_METHODS, 'video', 'in-person'] as const;
export type ContactChannel = (typeof CONTACT_CHANNELS)[number];

/** What came of an attempt to make contact. `sent`: a letter, text or email went out, and nobody has answered yet. */
export const CONTACT_OUTCOMES = ['reached', 'no-answer', 'left-message', 'sent', 'not-possible'] as const;
export type ContactOutcome = (typeof CONTACT_OUTCOMES)[number];

/** More are not kept: who was tried so often is to be seen in person. */
export const MOST_CONTACTS = 100;

const contact = z.object({
  number: z.int().check(z.positive()),
  at: instant,
  channel: z.enum(CONTACT_CHANNELS),
  outcome: z.enum(CONTACT_OUTCOMES),
  /** The day when it is tried again. */
  next: z.optional(z.iso.date()),
  by: teamMember,
});
export type Contact = z.infer<typeof contact>;

/**
 * Why a link worker is to get in touch: the person asks for it, does not feel safe, or left while a risk was open. Or a colleague of another team,
 * who covers, has left a note, which is to be read.
 */
export const CONCERNS = ['contact', 'unsafe', 'left-at-risk', 'colleague-note'] as const;
export type ConcernKind = (typeof CONCERNS)[number];

/** More are not kept with a concern; every note is. */
export const MOST_CONCERN_NOTES = 20;

const concern = z.object({
  number: z.int().check(z.positive()),
  at: instant,
  kind: z.enum(CONCERNS),
  /** The colleague of another team who raised it; absent where it was the person. */
  by: z.optional(teamMember),
  /** The keys of what such colleagues wrote, oldest first. */
  notes: z.optional(z.array(shortText).check(z.maxLength(MOST_CONCERN_NOTES))),
  /** When a link worker had seen to it, and who; absent while it is open. */
  settledAt: z.optional(instant),
  settledBy: z.optional(teamMember),
});
export type Concern = z.infer<typeof concern>;

/** How it was, on the service's own scale. */
export const RATINGS = ['very-good', 'good', 'mixed', 'poor', 'very-poor'] as const;
export type Rating = (typeof RATINGS)[number];

/** That the person told us something, and how it was. What they wrote is an item of its own, of the same key. */
const feedback = z.object({
  key: shortText,
  at: instant,
  about: code,
  rating: z.optional(z.enum(RATINGS)),
});
export type Feedback = z.infer<typeof feedback>;

/** More are not kept on the referral; every text is. */
export const MOST_FEEDBACK = 60;
export const MOST_CONCERNS = 60;

/** The newest question to somebody who waits whether they still want this; number 0 where they said so unasked. */
const checkIn = z.object({
  number: z.int().check(z.nonnegative()),
  askedAt: instant,
  answer: z.optional(z.enum(['still-want', 'worried'])),
  answeredAt: z.optional(instant),
});

/** Telling somebody about a service: a record of its own, and no referral (PRSB). */
const signpost = z.object({
  number: z.int().check(z.positive()),
  at: instant,
  to: longText,
  by: z.optional(teamMember),
  /** When the decision was taken back of which it was a part; absent where it stands. */
  takenBackAt: z.optional(instant),
});

/** An email that has gone out, without what is in it. */
const sentEmail = z.object({
  at: instant,
  message: z.enum(MESSAGE_KINDS),
  to: z.enum(RECIPIENTS),
  /** It was not sent: nothing reaches the address. */
  notSent: z.optional(z.literal(true)),
});
export type SentEmail = z.infer<typeof sentEmail>;

/** Of the emails that have gone out so many are kept, the newest. */
export const MOST_SENT = 200;

/**
 * Why email does not reach somebody: it came back, whoever reads it said that it is unwanted, what we sent was refused, or there is no address that we may
 * write to.
 */
export const UNDELIVERED_WHY = ['bounced', 'complained', 'rejected', 'no-address'] as const;

/** Of one recipient so many emails that did not arrive are kept, the newest; of recipients so many, what is open always. */
export const MOST_MISSED = 20;
export const MOST_UNDELIVERED = 20;

/** An email that did not arrive, or was not sent since there is nowhere to send it. */
const missedEmail = z.object({
  /** Of the email, or of what it was to tell: the same one reported again is the same. */
  id: shortText,
  message: z.enum(MESSAGE_KINDS),
  to: z.enum(RECIPIENTS),
  link: z.optional(shortText),
});
export type MissedEmail = z.infer<typeof missedEmail>;

/** A recipient whom email does not reach (undelivered.ts). */
const undelivered = z.object({
  number: z.int().check(z.positive()),
  at: instant,
  to: z.enum(RECIPIENTS),
  why: z.enum(UNDELIVERED_WHY),
  /** When what they missed begins, or was to begin, if that is sooner than anybody would have to see to it. */
  by: z.optional(instant),
  missed: z.array(missedEmail).check(z.maxLength(MOST_MISSED)),
  /** When a link worker had seen to it, and who; nobody where the address was put right. */
  settledAt: z.optional(instant),
  settledBy: z.optional(teamMember),
});
export type Undelivered = z.infer<typeof undelivered>;

/** What the link worker and the person agreed to look for: what programmes are matched on besides the person's own details. */
const preferences = z.object({
  needs: z.array(z.enum(NEEDS)),
  times: z.optional(z.array(z.enum(TIMES_OF_WEEK))),
  /** Only what costs nothing. */
  freeOnly: z.optional(z.boolean()),
});
export type Preferences = z.infer<typeof preferences>;

/**
 * How somebody describes their ethnic group: the five high-level groups of the 2021 Census of England and Wales (ONS, Census 2021 dictionary, variable
 * "Ethnic group", classification 6a; Government Statistical Service, harmonised standard for ethnicity), and that they would rather not say.
 */
export const ETHNIC_GROUPS = ['asian', 'black', 'mixed', 'white', 'other', 'not-said'] as const;
export type EthnicGroup = (typeof ETHNIC_GROUPS)[number];

const due = z.object({
  at: instant,
  step: z.enum(DUE_STEPS),
  count: z.int().check(z.nonnegative()),
  /** When the person is to be tried again, as whoever tried them last planned it: what the team waits for until then. */
  tryAt: z.optional(instant),
});
export type Due = z.infer<typeof due>;

const assignee = z.extend(teamMember, { since: instant });

/** How a review stood: whose it was, since when it had been asked for, and what was due, or until when it waited. */
const before = z.object({
  assignee: z.optional(assignee),
  askedAt: z.optional(instant),
  due: z.optional(due),
  hold: z.optional(hold),
});

const link = z.object({
  purpose: z.enum(LINK_PURPOSES),
  /** SHA-256 of each secret sent, newest last. The secrets themselves are stored nowhere. */
  hashes: z.array(
    z.object({
      hash: z.string(),
      expiresAt: instant,
      /** Of a provider's: the id of the address that it was sent to, and when; absent in what was sent before that was noted. */
      to: z.optional(z.string()),
      at: z.optional(instant),
    }),
  ),
  revokedAt: z.optional(instant),
  /** What was decided through this link: a second POST shows it. */
  recorded: z.optional(
    z.object({
      at: instant,
      decision: code,
      /** Of the whole decision: tells the same one sent again from another one with the same code. */
      digest: z.optional(z.string()),
    }),
  ),
  /** What was there before a decision of a review, to be put back with it; absent in what was decided before this was kept. */
  before: z.optional(before),
  /** When what was decided was taken back. */
  undoneAt: z.optional(instant),
});
export type Link = z.infer<typeof link>;

export const ENDINGS = ['completed', 'declined', 'signposted', 'withdrawn', 'ended-early'] as const;
const ending = z.object({
  kind: z.enum(ENDINGS),
  decidedAt: instant,
  reason: z.optional(code),
  signpostedTo: z.optional(longText),
});
export type Ending = z.infer<typeof ending>;

const common = {
  schemaVersion: z.literal(SCHEMA_VERSION),
  id: z.string().check(z.regex(/^[a-f0-9]{32}$/)),
  reference: z.string(),
  /** Counts writes. Every change is conditional on it. */
  version: z.int().check(z.nonnegative()),
  createdAt: instant,
  updatedAt: instant,
  person: personSchema,
  referrer: referrerSchema,
  request: requestSchema,
  personKeys: z.optional(personKeys),
  /** Oldest first. */
  corrections: z.optional(z.array(correction).check(z.maxLength(MOST_CORRECTIONS))),
  /** The team of link workers that looks after it, by area; absent where one team looks after all. */
  team: z.optional(code),
  /** The referring system that sent it, where one did: only it may ask for its status. */
  clientId: z.optional(shortText),
  history: z.array(historyEntry),
  outbox: z.array(outboxEntry),
  links: z.record(z.string(), link),
  /** The next thing that happens if nobody acts. Absent only when the referral is closed; then too it is there while somebody is still to be asked how they are. */
  due: z.optional(due),
  execution: z.object({ number: z.int().check(z.positive()), name: z.string(), startedAt: instant }),
  /** The task token of the step that waits now. */
  waiting: z.optional(z.object({ step: z.enum(STEPS), token: z.string(), since: instant })),
  reviews: z.int().check(z.nonnegative()),
  questions: z.array(question),
  offers: z.array(offer),
  programme: z.optional(programme),
  /** Programmes that turned out not to be right for the person, oldest first. */
  earlierProgrammes: z.optional(z.array(programme)),
  /** The link worker whose referral it is; absent while nobody has taken it. */
  assignee: z.optional(assignee),
  /** Oldest first. */
  contacts: z.optional(z.array(contact).check(z.maxLength(MOST_CONTACTS))),
  signposts: z.optional(z.array(signpost)),
  /** Oldest first. */
  sent: z.optional(z.array(sentEmail).check(z.maxLength(MOST_SENT))),
  /** Oldest first. */
  undelivered: z.optional(z.array(undelivered)),
  preferences: z.optional(preferences),
  /** For counting whom the service reaches, and for nothing else; absent where nobody asked. */
  ethnicGroup: z.optional(z.enum(ETHNIC_GROUPS)),
  /** Oldest first. */
  concerns: z.optional(z.array(concern).check(z.maxLength(MOST_CONCERNS))),
  /** Oldest first. */
  feedback: z.optional(z.array(feedback).check(z.maxLength(MOST_FEEDBACK))),
  checkIn: z.optional(checkIn),
  /** When the summary with the episode's SNOMED CT code was given to the GP practice: once. */
  summaryGivenAt: z.optional(instant),
  /** The newest version of the plan whose days are reminded of. */
  planVersion: z.optional(z.int().check(z.positive())),
  /** Nothing of it is erased while this is here (data-rights.ts). */
  legalHold: z.optional(z.object({ since: instant, by: teamMember, reason: longText })),
  /** When the coordinator was warned that it is going to be erased (retention.ts). */
  erasureWarnedAt: z.optional(instant),
};

/** A referral in one of its stages. The stage says which parts must be there. */
export const referralSchema = z.discriminatedUnion('stage', [
  z.object({ ...common, stage: z.literal('intake') }),
  z.object({
    ...common,
    stage: z.literal('review'),
    askedAt: z.optional(instant),
    hold: z.optional(hold),
    /** The team that passed it on, until somebody of this one decides. */
    passedOnBy: z.optional(code),
    /** When somebody of this one first saved something about it that is kept beside it: a note, or the plan. */
    workedOnAt: z.optional(instant),
  }),
  z.object({ ...common, stage: z.literal('information') }),
  z.object({ ...common, stage: z.literal('offer') }),
  z.object({ ...common, stage: z.literal('programme'), programme }),
  z.object({ ...common, stage: z.literal('closing'), ending }),
  z.object({ ...common, stage: z.literal('closed'), ending, closedAt: instant }),
]);
export type Referral = z.infer<typeof referralSchema>;
export type Stage = Referral['stage'];
export type In<S extends Stage> = Extract<Referral, { stage: S }>;

/** The cohort that is made for one person, where the provider chose a first session and the directory knows of no cohort. */
export function ownCohortId(referralId: string, offer: number): string {
  return `own-${referralId}-${offer}`;
}

/** Whether a cohort was made for one person. */
export function isOwn(cohortId: string): boolean {
  return cohortId.startsWith('own-');
}
