import { describe, expect, it } from 'vitest';
import { onACloud } from './on-a-cloud.ts';
import { Referral } from './people.ts';

const cloud = onACloud();

describe('a referral lives its whole life', () => {
  it('from the form to twelve sessions and letters to everyone', async () => {
    const referral = await Referral.submitted(cloud.baseUrl);
    expect(await referral.status()).toMatch(/link worker/i);

    await referral.match();
    await referral.accept();
    await referral.attend(12);

    const letters = await referral.letters();
    for (const reader of ['person', 'referrer', 'gp'] as const) {
      expect(letters[reader]).toContain(referral.reference);
      expect(letters[reader]).toMatch(/12/);
    }
    const executions = await referral.cloud.executions();
    expect(executions.map((execution) => execution.status)).toContain('SUCCEEDED');
    await expect(referral.link('register', 21)).rejects.toThrow(/no email/);
  });
});
