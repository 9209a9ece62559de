/** The outbox: what other functions store with a decision is done here, at least once. */
import * as z from 'zod/mini';
import { environment } from '../shared/environment.ts';
import { referrals } from '../shared/record.ts';
import { instantSchema, task } from '../shared/task.ts';
import { awsEffects, type Effects } from './effects.ts';
import { emptyOutbox } from './outbox.ts';

const payload = z.object({ referralId: z.string().check(z.regex(/^[a-f0-9]{32}$/)), now: instantSchema });

let effects: Effects | undefined;

export const handler = task(payload, async ({ referralId, now }) => {
  const settings = environment('outbox');
  effects ??= awsEffects({
    stateMachineArn: settings.STATE_MACHINE_ARN,
    configurationSet: settings.CONFIGURATION_SET,
    sender: settings.SENDER,
  });
  const mail = {
    sender: settings.SENDER,
    serviceName: settings.SERVICE_NAME,
    baseUrl: settings.BASE_URL,
    linkWorkerAddress: settings.LINK_WORKER_ADDRESS,
    coordinatorAddress: settings.COORDINATOR_ADDRESS,
  };
  return emptyOutbox(referrals(settings.TABLE_NAME), effects, mail, referralId, now);
});
