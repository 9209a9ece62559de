/** How each error that the log may name is met: by faults of the cloud, and what people and the clock do meanwhile. */
import { expect } from 'vitest';
import type { ErrorCode } from '../../functions/shared/log-catalogue.ts';
import type { FaultRequest } from '../../local/faults.ts';
import { after } from '../../workflows/time.ts';
import { visit } from './browser.ts';
import { FOR_LONG, type Scene } from './drills/scene.ts';
import type { Referral } from './people.ts';
import { signIn } from './sign-in.ts';
import { accessToken } from './token.ts';
import { fillIn } from './ways.ts';

/** Errors that no fault of the embedded cloud makes, why, and the test of the functions that meets them. */
export const NOT_MET: Partial<
  Record<ErrorCode, { why: string; test: readonly [file: string, title: string] }>
> = {
  EPISODE_NOT_RECORDED: {
    why: 'the second of two writes of one call would have to fail, and faults are of the next ones of a kind',
    test: [
      'test/unit/functions/episodes.test.ts',
      'holds no referral up where it cannot be written, and the log says so',
    ],
  },
  WAIT_NOT_MEASURED: {
    why: 'it is written after the acceptance by the same call',
    test: ['test/unit/functions/waits.test.ts', 'has accepted also when the wait cannot be noted'],
  },
  SENDING_NOT_NOTED: {
    why: 'it is written after the claim of an entry by the same call',
    test: ['test/unit/functions/not-noted.test.ts', 'that SES takes no email stands in the way of nothing'],
  },
  SECRET_NOT_READ: {
    why: 'the embedded Secrets Manager has no faults',
    test: [
      'test/unit/functions/rotation.test.ts',
      'a warm function goes on with the keys that it has while the secret cannot be read',
    ],
  },
  ERASURE_NOT_INVOKED: {
    why: 'Lambda takes calls that nobody waits for, also of a function that is turned away',
    test: [
      'test/unit/functions/not-noted.test.ts',
      'an erasure that cannot be asked for is left to the sweep',
    ],
  },
};

/** No client tries again what has this code. */
const GONE = 'ResourceNotFoundException';

/** Meets those that the lives of others do not. `broken` is read by nobody from now on: it was written by a later version of the service. */
export async function meetErrors(scene: Scene, broken: Referral): Promise<void> {
  const { control } = scene;
  const during = async (fault: FaultRequest, act: () => Promise<void>) => {
    await control.faults(fault);
    await act();
    await control.faults({});
  };
  const table = (operation: string) => ({ dynamodb: GONE, times: FOR_LONG, operation });

  // What the issuer said of itself is asked again.
  await control.advance({ to: after(await control.now(), { minutes: 10 }) });
  await during({ identity: 'unavailable', times: FOR_LONG }, async () => {
    const door = await visit(`${control.baseUrl}/sign-in`, new Map());
    expect((await door.submit(undefined, { return: '' })).heading).toBe('You cannot sign in at the moment');
  });
  const authorization = `Bearer ${await accessToken(control)}`;
  await during(table('Query'), async () => {
    const asked = async (path: string) =>
      (await fetch(`${control.baseUrl}/api/${path}`, { headers: { authorization } })).status;
    // The directory that is built in goes on.
    expect(await asked('services')).toBe(200);
    expect(await asked(`referrals/${broken.reference}`)).toBe(500);
    await expect(scene.byHand('reminder-sweep')).rejects.toThrow(GONE);
  });
  const search = await signIn(control, new Map(), 'amina', '/worklist/search');
  await during(table('UpdateItem'), async () => {
    expect((await search.submit(undefined, { query: 'Nobody Known' })).status).toBe(200);
  });
  await during(table('GetItem'), async () => {
    expect(await scene.byHand('rebuild-executions')).toMatchObject({ count: 0, failed: expect.any(Number) });
  });
  const form = await fillIn(control, 'myself', {
    ...{ danger: { danger: 'no' }, programme: { programmeId: 'hive-music' } },
  });
  const address = await form.submit('save');
  await during({ function: 'outbox', throttled: true }, async () => {
    expect((await address.submit(undefined, { saveTo: 'later@people.example' })).status).not.toBe(200);
  });
  // The sweep will try it until it is parked.
  await scene.setVersion(broken, 99);
  const list = await signIn(control, new Map(), 'amina', '/worklist');
  expect(list.html).not.toContain(broken.reference);
}
