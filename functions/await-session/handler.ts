/** The state machine's AwaitSession: plans the next session of the person's cohort and waits for its register. */
import { enterStep } from '../../workflows/steps.ts';
import { cohortOf } from '../shared/cohorts.ts';
import { environment } from '../shared/environment.ts';
import { referrals } from '../shared/record.ts';
import { changeReferral } from '../shared/step.ts';
import { task, waitPayload } from '../shared/task.ts';

export const handler = task(waitPayload, async ({ referralId, now, token, execution }) => {
  const { TABLE_NAME } = environment('writer');
  const known = await referrals(TABLE_NAME).read(referralId);
  const cohort =
    known?.stage === 'programme' ? await cohortOf(TABLE_NAME, known, known.programme, now) : undefined;
  await changeReferral(referralId, now, (referral) =>
    enterStep(referral, 'session', { token, execution }, now, cohort),
  );
  return {};
});
