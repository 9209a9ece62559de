/**
 * The log. Every message is one of these, with fields that cannot hold personal data: ids, codes and numbers.
 */
import { Logger } from '@aws-lambda-powertools/logger';

export const log = new Logger();

/** What we log, each with its meaning. */
export const Message = {
  referralChanged: 'REFERRAL_CHANGED',
  referralCreated: 'REFERRAL_CREATED',
  referralUnreadable: 'REFERRAL_UNREADABLE',
  changeRefused: 'CHANGE_REFUSED',
  linkRefused: 'LINK_REFUSED',
  codeRefused: 'CODE_REFUSED',
  offersSent: 'OFFERS_SENT',
  pageFailed: 'PAGE_FAILED',
  apiFailed: 'API_FAILED',
  apiRefused: 'API_REFUSED',
  throttleFailed: 'THROTTLE_FAILED',
  waitNotMeasured: 'WAIT_NOT_MEASURED',
  placeFound: 'PLACE_FOUND',
  cohortChanged: 'COHORT_CHANGED',
  accessRefused: 'ACCESS_REFUSED',
  searchMetOthers: 'SEARCH_MET_OTHER_TEAMS',
  searchedTooOften: 'SEARCHED_TOO_OFTEN',
  signedIn: 'SIGNED_IN',
  signInRefused: 'SIGN_IN_REFUSED',
  signedOut: 'SIGNED_OUT',
  taskFailed: 'TASK_FAILED',
  outboxNotInvoked: 'OUTBOX_NOT_INVOKED',
  outboxEntryDone: 'OUTBOX_ENTRY_DONE',
  outboxEntryFailed: 'OUTBOX_ENTRY_FAILED',
  /** It is known that nothing reaches the address. */
  emailNotSent: 'EMAIL_NOT_SENT',
  /** That email is held could not be noted, so nobody will be told of it. */
  sendingNotNoted: 'SENDING_NOT_NOTED',
  /** What came back about an email that was sent. */
  emailEvent: 'EMAIL_EVENT',
  emailEventUnknown: 'EMAIL_EVENT_UNKNOWN',
  sweepDone: 'SWEEP_DONE',
  sweepItemFailed: 'SWEEP_ITEM_FAILED',
  /** It failed again and again and is tried no more: see `npm run parked`. */
  sweepItemParked: 'SWEEP_ITEM_PARKED',
  sweepNotListed: 'SWEEP_NOT_LISTED',
  /** The service's secret could not be read again: a key that is new is not known here. */
  secretNotRead: 'SECRET_NOT_READ',
  directoryNotRead: 'DIRECTORY_NOT_READ',
  directoryChanged: 'DIRECTORY_CHANGED',
  directorySweepDone: 'DIRECTORY_SWEEP_DONE',
  erasureDone: 'ERASURE_DONE',
  erasureRefused: 'ERASURE_REFUSED',
  erasureNotInvoked: 'ERASURE_NOT_INVOKED',
  rebuildDone: 'REBUILD_DONE',
  rebuildFailed: 'REBUILD_FAILED',
} as const;
export type Message = (typeof Message)[keyof typeof Message];

/** The only fields that a log line may carry besides Powertools' own. */
export type LogFields = {
  referralId?: string;
  programmeId?: string;
  /** The id of a cohort's record. */
  cohort?: string;
  stage?: string;
  step?: string;
  reason?: string;
  key?: string;
  requestId?: string;
  route?: string;
  /** A path in the referral's schema, not what is there. */
  where?: string;
  error?: string;
  frames?: string[];
  /** The issuer's name for the account of somebody who works here: no name, no address. */
  by?: string;
  count?: number;
  /** Of `count`'s kind, in other teams. */
  others?: number;
  failed?: number;
  /** How many things that were due are parked. An alarm looks at it (infra/reminders.ts). */
  parked?: number;
  /** How many are left for the next run. */
  left?: number;
  lagSeconds?: number;
};

/** Logs at level info. */
export function note(message: Message, fields: LogFields = {}): void {
  log.info(message, fields);
}

/** Logs something that needs looking at: the kind of error and where it was thrown, never its text, which may quote data. */
export function warn(message: Message, error: unknown, fields: LogFields = {}): void {
  log.error(message, { ...fields, ...describe(error) });
}

function describe(error: unknown): Pick<LogFields, 'error' | 'frames' | 'where'> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  const where = 'where' in error && typeof error.where === 'string' ? { where: error.where } : {};
  return { error: error.name, ...where, frames: frames.slice(0, 6).map((line) => line.trim()) };
}
