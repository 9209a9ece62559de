/** The record of a cohort, as it is stored: its sessions with their registers, the facilitator's link, what is still to be done for it, and when. */
import * as z from 'zod/mini';

const instant = z.iso.datetime();
const text = z.string().check(z.minLength(1), z.maxLength(1000));

/** What a register says of one person: came on time, late but seen, late and not seen, said they cannot come, did not come (NHS Data Dictionary). */
export const REGISTER_CODES = ['5', '6', '7', '2', '3'] as const;
export type RegisterCode = (typeof REGISTER_CODES)[number];

const registerEntry = z.object({
  attendance: z.enum(REGISTER_CODES),
  /** The facilitator finds, in one of the sessions of assessment, that the programme is not right for them. */
  notRight: z.optional(z.literal(true)),
});
export type RegisterEntry = z.infer<typeof registerEntry>;

const cohortSession = z.object({
  number: z.int().check(z.positive()),
  startsAt: instant,
  endsAt: instant,
  /** Where it is not where the others are. */
  place: z.optional(text),
  status: z.enum(['planned', 'held', 'cancelled']),
  /** When it would be, where its facilitator or the team has put it at another time. */
  plannedAt: z.optional(instant),
  /** Counts changes of time or place, and the cancellation: what calendars call its sequence. */
  sequence: z.int().check(z.nonnegative()),
  /** When it was said that it is cancelled, or was not held. */
  cancelledAt: z.optional(instant),
  /** The session in whose place it is held, where that one was cancelled. */
  insteadOf: z.optional(z.int().check(z.positive())),
  /** Cancelled because the session in whose place it was to be is held after all: it is nobody's loss, and nobody is told. */
  notNeeded: z.optional(z.literal(true)),
  /** When it was changed together with others by the directory: of all those its people are told once. */
  together: z.optional(instant),
  /** By the ids of referrals. Absent where a session was held of which nobody of ours was a part. */
  register: z.optional(
    z.object({
      at: instant,
      /** When it first came, once it has been corrected. */
      firstAt: z.optional(instant),
      /** Counts corrections. */
      revision: z.int().check(z.nonnegative()),
      entries: z.record(z.string(), registerEntry),
    }),
  ),
  /** How often its register was asked for, and when it is next. */
  asked: z.optional(z.object({ count: z.int().check(z.positive()), next: instant })),
});
export type CohortSession = z.infer<typeof cohortSession>;

export const COHORT_MESSAGES = [
  'group-page',
  'sessions-changed',
  'register-request',
  'register-reminder',
  'register-escalation',
  'group-alert',
  'cancelled-often',
] as const;
export type CohortMessage = (typeof COHORT_MESSAGES)[number];

const entryBase = {
  /** Made from its cause. */
  key: z.string(),
  session: z.int().check(z.positive()),
  attempts: z.int().check(z.nonnegative()),
  notBefore: instant,
  /** When it was first to be done, kept from the first claim on. */
  since: z.optional(instant),
};
const outboxEntry = z.discriminatedUnion('kind', [
  z.object({
    ...entryBase,
    kind: z.literal('email'),
    message: z.enum(COHORT_MESSAGES),
    to: z.enum(['provider', 'coordinator']),
    /** By when it is to be done. */
    by: z.optional(instant),
  }),
  /** Every participant's referral learns of the session. */
  z.object({ ...entryBase, kind: z.literal('tell') }),
]);
export type CohortOutboxEntry = z.infer<typeof outboxEntry>;

export const cohortRecordSchema = z.object({
  schemaVersion: z.literal(1),
  /** 32 hexadecimal digits, made of the programme and the cohort: what is in its links. */
  id: z.string().check(z.regex(/^[a-f0-9]{32}$/)),
  programmeId: z.string(),
  cohortId: z.string(),
  /** What emails call it. */
  reference: z.string(),
  version: z.int().check(z.nonnegative()),
  createdAt: instant,
  updatedAt: instant,
  /** The one referral for which it was made, where the directory has no cohorts and the provider chose a first session. */
  own: z.optional(z.string().check(z.regex(/^[a-f0-9]{32}$/))),
  minutes: z.int().check(z.positive()),
  /** From when its weeks are counted, where the directory said another time since it was planned. */
  firstAt: z.optional(instant),
  /** Where its people were told that it is: of one person's own from the beginning, of others where the directory said another place since. */
  place: z.optional(text),
  breaks: z.array(z.object({ from: z.iso.date(), to: z.iso.date() })),
  /** In the order in which they were planned; one in place of a cancelled one comes last. */
  sessions: z.array(cohortSession).check(z.minLength(1)),
  /**
   * SHA-256 of each secret of its link that was sent, newest last; of the one of the calendar that goes with it; and to whom it was sent, as the
   * id of a provider.
   */
  hashes: z.array(
    z.object({
      hash: z.string(),
      expiresAt: instant,
      calendar: z.optional(z.string()),
      to: z.optional(z.string()),
      /** When the team closed it. */
      closedAt: z.optional(instant),
    }),
  ),
  outbox: z.array(outboxEntry),
  /** When its facilitator was told of the group's page: once somebody is in it. */
  welcomedAt: z.optional(instant),
  /** The register that is to be asked for, or for which it was asked so many times. Absent when every session is over. */
  due: z.optional(z.object({ at: instant, session: z.int(), count: z.int().check(z.nonnegative()) })),
});
export type CohortRecord = z.infer<typeof cohortRecordSchema>;
