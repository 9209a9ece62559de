/** The state machine's CloseReferral: records the ending and tells everyone who should hear it. */
import { close } from '../../workflows/closing.ts';
import { environment } from '../shared/environment.ts';
import { recordEpisode } from '../shared/episodes.ts';
import { recordOutcomes } from '../shared/outcomes.ts';
import { changeReferral } from '../shared/step.ts';
import { TaskError, task, taskPayload } from '../shared/task.ts';

export const handler = task(taskPayload, async ({ referralId, now }) => {
  const referral = await changeReferral(referralId, now, (open) => close(open, now));
  if (referral.stage !== 'closed') throw new TaskError('NotEnded');
  // Fails it, the step is tried again, and writes the same.
  const { TABLE_NAME } = environment('writer');
  await recordOutcomes(TABLE_NAME, referral);
  await recordEpisode(TABLE_NAME, referral);
  return { ending: referral.ending.kind };
});
