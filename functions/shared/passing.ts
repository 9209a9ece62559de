/** Errors that pass: the same request may well succeed a moment later. Nothing was written. */
import { ContendedReferralError } from './record.ts';

/** As AWS names them, and drafts.ts. */
const PASSING = new Set([
  'ContendedDraftError',
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'InternalServerError',
  'TimeoutError',
  'TransactionConflictException',
]);

/** Whether it is worth while to try the same again. */
export function isPassing(error: unknown): boolean {
  return error instanceof Error && (PASSING.has(error.name) || error instanceof ContendedReferralError);
}
