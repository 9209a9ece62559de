/** What is still to be done for a referral outside its record: an email, an answer to its state machine, a start. The outbox does it (functions/outbox). */
import * as z from 'zod/mini';
import { code, instant } from './fields.ts';

export const RECIPIENTS = [
  'referrer',
  'person',
  'link-worker',
  'coordinator',
  'provider',
  'gp-practice',
] as const;
export type Recipient = (typeof RECIPIENTS)[number];

/** Every email that a referral can cause. The words are in functions/shared/email/wordings.ts. */
export const MESSAGE_KINDS = [
  'acknowledgement-referrer',
  'acknowledgement-person',
  'danger-alert',
  'review-request',
  'review-reminder',
  'review-escalation',
  'taken-back',
  'danger-reminder',
  'danger-escalation',
  'information-request',
  'information-reminder',
  'information-answered',
  'information-late',
  'offer',
  'offer-reminder',
  'offer-withdrawn',
  'offer-accepted',
  'offer-confirmed',
  'offer-question',
  'offer-question-reminder',
  'offer-question-escalation',
  'offer-answered',
  'waitlisted',
  'place-check',
  'no-room',
  'place-free',
  'still-waiting',
  'register-missing',
  'session-reminder',
  'session-moved',
  'session-cancelled',
  'session-restored',
  'session-added',
  'session-not-needed',
  'session-missed',
  'place-ended',
  'list-ended',
  'not-right',
  'facilitator-note',
  'plan-review',
  'welfare-request',
  'welfare-reminder',
  'welfare-escalation',
  'measures-request',
  'person-left',
  'feedback',
  'concern',
  'concern-urgent',
  'concern-waiting',
  'colleague-note',
  'colleague-note-urgent',
  'colleague-note-waiting',
  'check-in',
  'offer-accepted-by-hand',
  'check-in-by-hand',
  'reminder-by-hand',
  'session-cancelled-by-hand',
  'session-moved-by-hand',
  'session-restored-by-hand',
  'session-added-by-hand',
  'session-not-needed-by-hand',
  'session-missed-by-hand',
  'not-right-by-hand',
  'list-ended-by-hand',
  'details-corrected',
  'undelivered',
  'undelivered-waiting',
  'letter-person',
  'letter-referrer',
  'letter-gp',
  'alert-coordinator',
  'erasure-warning',
] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

const entryBase = {
  /** Made from its cause, so that a retry cannot invent a second one. */
  key: z.string().check(z.minLength(1), z.maxLength(120)),
  attempts: z.int().check(z.nonnegative()),
  /** Not to be tried before: a claim by whoever is at it now, or the delay after a failure. */
  notBefore: instant,
  /** When it was first to be done, kept from the first claim on. */
  since: z.optional(instant),
};
export const outboxEntry = z.discriminatedUnion('kind', [
  z.object({
    ...entryBase,
    kind: z.literal('email'),
    message: z.enum(MESSAGE_KINDS),
    to: z.enum(RECIPIENTS),
    link: z.optional(z.string()),
    /** The time that the message speaks of: do it by then, or the session is then. */
    by: z.optional(instant),
    /** To the link workers of this team, where it is not the one that has the referral when the mail goes out. */
    team: z.optional(code),
    /** To a provider: whose programme it is about, fixed when the mail was caused. */
    programmeId: z.optional(code),
  }),
  z.object({
    ...entryBase,
    kind: z.literal('answer'),
    token: z.string(),
    output: z.record(z.string(), code),
  }),
  z.object({
    ...entryBase,
    kind: z.literal('start'),
    execution: z.string(),
    stop: z.optional(z.string()),
  }),
  z.object({ ...entryBase, kind: z.literal('stop'), execution: z.string() }),
  /** What the referral now stands for among the places of a programme is to be brought to its ledger (places.ts). */
  z.object({ ...entryBase, kind: z.literal('places'), programmeId: code }),
]);
export type OutboxEntry = z.infer<typeof outboxEntry>;
