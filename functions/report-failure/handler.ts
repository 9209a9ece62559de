/** The state machine's ReportFailure: the coordinator hears which referral stopped. */
import { reportFailure } from '../../workflows/failure.ts';
import { changeReferral } from '../shared/step.ts';
import { task, taskPayload } from '../shared/task.ts';

export const handler = task(taskPayload, async ({ referralId, now, execution }) => {
  const referral = await changeReferral(referralId, now, (failed) => reportFailure(failed, execution, now));
  return { stage: referral.stage };
});
