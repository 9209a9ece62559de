import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Cloud } from './cloud.ts';
import { onACloud } from './on-a-cloud.ts';
import { formOf, professionalForm, Referral } from './people.ts';

const cloud = onACloud();
const THROTTLED = 'ProvisionedThroughputExceededException';
/** The SDK tries three times; this is more than it tries. */
const FOR_LONGER_THAN_RETRIES = 30;

describe('a throttled table', () => {
  it('asks people to try again, loses nothing, and works when they do', async () => {
    const control = new Cloud(cloud.baseUrl);
    const form = await professionalForm(control);
    const answers = formOf(randomUUID().slice(0, 8));
    await control.faults({ dynamodb: THROTTLED, times: FOR_LONGER_THAN_RETRIES });
    const busy = await form.submit(undefined, answers);
    await control.faults({});
    expect(busy.status).toBe(503);
    expect(busy.text).toMatch(/try again/i);
    expect((await form.submit(undefined, answers)).status).toBe(200);
  });

  it('recovers by itself when the workflow was throttled', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    const opened = await referral.openReview();
    await referral.cloud.settle();
    await opened.submit('decide', { decision: 'match', programmeId: 'hive-music' });
    await referral.cloud.faults({ dynamodb: THROTTLED, times: 8 });
    await referral.cloud.settle();
    await referral.cloud.faults({});
    await referral.accept();
    await referral.attend(1);
    expect(await referral.status()).toMatch(/session/i);
  });
});
