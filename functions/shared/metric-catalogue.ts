/**
 * Every metric: in what it counts, the values that each of its dimensions may have, and what it says. docs/runbook.md has the same table, which a test
 * keeps so. Functions do not carry it (metrics.ts).
 */
import { REPLIES, STANDINGS } from '../../workflows/figures.ts';
import { ATTENDANCE, ENDINGS } from '../../workflows/referral.ts';
import { REFERRER_KINDS } from '../../workflows/request.ts';
import { URGENCIES } from '../../workflows/worklist.ts';
import { CATALOGUE, type ErrorCode } from './log-catalogue.ts';

/** What comes back about an email, as workflows/addresses.ts calls it. */
const MAIL_EVENTS = ['permanent', 'passing', 'complaint', 'reject', 'delay'] as const;

const ERROR_CODES = (Object.keys(CATALOGUE) as (keyof typeof CATALOGUE)[]).filter(
  (code): code is ErrorCode => CATALOGUE[code].level === 'error',
);

export const METRICS = {
  ReferralsReceived: {
    unit: 'count',
    by: { from: REFERRER_KINDS },
    meaning: 'Referrals that came in, by who sent them.',
  },
  HoursToFirstContact: {
    unit: 'hours',
    by: {},
    meaning: 'From the referral to the first attempt to reach the person.',
  },
  HoursToOffer: {
    unit: 'hours',
    by: {},
    meaning: 'From the referral to the first offer to a provider.',
  },
  HoursToAcceptance: {
    unit: 'hours',
    by: {},
    meaning: 'From the referral to the first acceptance by a provider.',
  },
  HoursToFirstSession: {
    unit: 'hours',
    by: {},
    meaning: 'From the referral to the first session that the person came to.',
  },
  ProviderReplyHours: {
    unit: 'hours',
    by: { reply: REPLIES },
    meaning:
      'How long a provider took to reply, by what they replied; silence is an offer released without one.',
  },
  Attendance: {
    unit: 'count',
    by: { attendance: ATTENDANCE },
    meaning:
      'What registers say of each person and session, by the NHS attendance code; corrections are not counted again.',
  },
  Endings: {
    unit: 'count',
    by: { ending: ENDINGS },
    meaning: 'Referrals that ended, by how; what a review decided, when it can no longer be taken back.',
  },
  EmailsSent: {
    unit: 'count',
    by: {},
    meaning: 'Emails that SES took.',
  },
  EmailsNotSent: {
    unit: 'count',
    by: {},
    meaning: 'Emails not sent because nothing reaches the address.',
  },
  EmailEvents: {
    unit: 'count',
    by: { event: MAIL_EVENTS },
    meaning: 'What came back about emails that were sent.',
  },
  OutboxTriesFailed: {
    unit: 'count',
    by: {},
    meaning: 'Tries of an email, an answer or a start of an execution that failed; each is tried again.',
  },
  OpenReferrals: {
    unit: 'count',
    by: { stage: STANDINGS },
    meaning: 'Open referrals, by where they stand.',
  },
  OldestDays: {
    unit: 'days',
    by: { stage: STANDINGS },
    meaning: 'For how long the one that stands there longest has, in days.',
  },
  Overdue: {
    unit: 'count',
    by: { urgency: URGENCIES },
    meaning: 'Referrals that wait for a link worker longer than was promised, by urgency.',
  },
  LongestOverdueHours: {
    unit: 'hours',
    by: { urgency: URGENCIES },
    meaning: 'By how many hours the longest of those is late.',
  },
  OutboxWaiting: {
    unit: 'count',
    by: {},
    meaning: 'Records with an email, an answer or a start that was to be done by now.',
  },
  OutboxOldestMinutes: {
    unit: 'minutes',
    by: {},
    meaning: 'For how long the longest of those has waited.',
  },
  SweepsDone: {
    unit: 'count',
    by: {},
    meaning: 'Sweeps that came to their end, and could read all that was due.',
  },
  SweepLagMinutes: {
    unit: 'minutes',
    by: {},
    meaning: 'For how long the longest due reminder has not been done.',
  },
  Parked: {
    unit: 'count',
    by: {},
    meaning: 'What was due, failed again and again, and is tried no more until an operator acts.',
  },
  Errors: {
    unit: 'count',
    by: { code: ERROR_CODES },
    meaning: 'Errors in the log, by their code: see the table of messages.',
  },
} as const satisfies Record<
  string,
  { unit: 'count' | 'minutes' | 'hours' | 'days'; by: Record<string, readonly string[]>; meaning: string }
>;
export type Metric = keyof typeof METRICS;
type Values<L> = L extends readonly (infer V)[] ? V : never;

/** A metric by its name, with a value and one of the values of each dimension. */
export type Measurement = {
  [M in Metric]: {
    metric: M;
    value: number;
    by: { [D in keyof (typeof METRICS)[M]['by']]: Values<(typeof METRICS)[M]['by'][D]> };
  };
}[Metric];
