/** Tasks of the state machine that change a referral. */
import type { Outcome } from '../../workflows/change.ts';
import type { Referral, Step } from '../../workflows/referral.ts';
import { enterStep } from '../../workflows/steps.ts';
import { deliver } from './deliver.ts';
import { environment } from './environment.ts';
import { recordEpisode } from './episodes.ts';
import { Message, note, warn } from './log.ts';
import { referrals } from './record.ts';
import { TaskError, task, waitPayload } from './task.ts';

/** Changes a referral by a rule, stores it, wakes the outbox. Throws TaskError('UnknownReferral'). */
export async function changeReferral(
  referralId: string,
  now: string,
  rule: (referral: Referral) => Outcome,
): Promise<Referral> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('writer');
  const changed = await referrals(TABLE_NAME).change(referralId, now, rule);
  if (changed.state === 'missing') throw new TaskError('UnknownReferral');
  const { referral } = changed;
  if (changed.state === 'refused') {
    note(Message.changeRefused, { referralId, stage: referral.stage, reason: changed.refusal.refused });
  } else {
    note(Message.referralChanged, { referralId, stage: referral.stage });
  }
  await deliver(OUTBOX_FUNCTION, referral, now);
  return referral;
}

/** The handler of a waiting step: records the token and asks, or answers at once when the referral is past it. */
export function awaitStep(step: Step) {
  return task(waitPayload, async ({ referralId, now, token, execution }) => {
    const entered = await changeReferral(referralId, now, (referral) =>
      enterStep(referral, step, { token, execution }, now),
    );
    // What is counted of those who are still waited for would otherwise be known once they are no more. No figure holds a referral up.
    await recordEpisode(environment('writer').TABLE_NAME, entered).catch((error) =>
      warn(Message.episodeNotRecorded, error, { referralId }),
    );
    return {};
  });
}
