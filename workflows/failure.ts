/** A step failed after every retry: the coordinator hears, and the referral stays in the due index so that it is tried again. */
import { dueAfter, email, happened, type Outcome } from './change.ts';
import type { Referral } from './referral.ts';

/** The workflow's third restart delay (an hour): the short ones were used up by the retries that failed. */
const FIRST_RESTART = 2;

/** Records that an execution failed. Refused when it is not the referral's own any more, or the referral is closed. */
export function reportFailure(referral: Referral, execution: string, now: string): Outcome {
  if (execution !== referral.execution.name) return { refused: 'not-now' };
  if (referral.stage === 'closed') return { refused: 'already-decided', recorded: 'closed' };
  const { waiting: _void, ...rest } = referral;
  const told = email(rest as Referral, now, {
    message: 'alert-coordinator',
    to: 'coordinator',
    cause: execution,
  });
  const count =
    referral.due?.step === 'workflow' ? Math.max(referral.due.count, FIRST_RESTART) : FIRST_RESTART;
  return dueAfter(happened(told, now, 'workflow', 'workflow-failed'), now, 'workflow', count);
}
