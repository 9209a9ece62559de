/**
 * The log. Every message is one of these, with fields that cannot hold personal data: ids, codes and numbers (log-fields.ts). What each means:
 * log-catalogue.ts.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import type { ErrorCode, InfoCode } from './log-catalogue.ts';
import { type FieldsOf, fitting } from './log-fields.ts';

export const log = new Logger();

/** What we log. */
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
  issuerUnavailable: 'ISSUER_UNAVAILABLE',
  signedOut: 'SIGNED_OUT',
  taskFailed: 'TASK_FAILED',
  outboxNotInvoked: 'OUTBOX_NOT_INVOKED',
  outboxEntryDone: 'OUTBOX_ENTRY_DONE',
  outboxEntryFailed: 'OUTBOX_ENTRY_FAILED',
  emailNotSent: 'EMAIL_NOT_SENT',
  sendingNotNoted: 'SENDING_NOT_NOTED',
  emailEvent: 'EMAIL_EVENT',
  emailEventUnknown: 'EMAIL_EVENT_UNKNOWN',
  sweepDone: 'SWEEP_DONE',
  sweepItemFailed: 'SWEEP_ITEM_FAILED',
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
  episodeNotRecorded: 'EPISODE_NOT_RECORDED',
  rebuildDone: 'REBUILD_DONE',
  rebuildFailed: 'REBUILD_FAILED',
  measured: 'MEASURED',
} as const satisfies Record<string, InfoCode | ErrorCode>;

/** When the invocation happens that the log is about now. */
let moment: string | undefined;

/** Begins an invocation: every line of it names the referral that it is about, where it is about one; and its errors are counted as of `now`. */
export function logAbout({
  referralId,
  now,
}: {
  referralId?: string | undefined;
  now?: string | undefined;
}): void {
  moment = now;
  log.resetKeys();
  if (referralId !== undefined) log.appendKeys({ referralId });
}

/** What makes a metric of a line of the log: CloudWatch's embedded metric format. */
export function embedded(metric: string, value: number, by: Readonly<Record<string, string>>, now: string) {
  return {
    _aws: {
      Timestamp: Date.parse(now),
      CloudWatchMetrics: [
        {
          Namespace: process.env.POWERTOOLS_METRICS_NAMESPACE ?? '',
          Dimensions: [Object.keys(by)],
          Metrics: [{ Name: metric }],
        },
      ],
    },
    ...by,
    [metric]: value,
  };
}

/** Logs at level info. */
export function note<C extends InfoCode>(message: C, ...[fields]: Fields<C>): void {
  log.info(message, fitting(fields ?? {}));
}

/** Logs something that needs looking at: the kind of error and where it was thrown, never its text, which may quote data. It counts as a metric. */
export function warn<C extends ErrorCode>(message: C, error: unknown, ...[fields]: Fields<C>): void {
  const counted = moment === undefined ? {} : embedded('Errors', 1, { code: message }, moment);
  log.error(message, { ...fitting(fields ?? {}), ...describe(error), ...counted });
}

/** What may be said besides a message: nothing, where it has no fields. */
type Fields<C> = C extends keyof FieldsOf
  ? Record<never, never> extends FieldsOf[C]
    ? [FieldsOf[C]?]
    : [FieldsOf[C]]
  : [];

/** Its kind, where it was thrown, and the path in a schema of what is wrong: not what is there. */
function describe(error: unknown): { error: string; where?: string; frames?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { error: error.name, ...whereIn(error), frames: frames.slice(0, 6).map((line) => line.trim()) };
}

function whereIn(error: Error): { where?: string } {
  if ('where' in error && typeof error.where === 'string') return { where: error.where };
  const [issue] = 'issues' in error && Array.isArray(error.issues) ? error.issues : [];
  return Array.isArray(issue?.path) ? { where: issue.path.join('.') } : {};
}
