/** What is only noted, or only asked for, and cannot be: the rest goes on, and the log says so. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { SendingHeldError } from '../../../functions/outbox/post.ts';
import { tryEntry } from '../../../functions/outbox/trying.ts';
import { deliverErasure } from '../../../functions/shared/deliver.ts';
import { log } from '../../../functions/shared/log.ts';
import { documents } from '../../../functions/shared/table.ts';
import { ID, NOW } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
let said: MockInstance;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());
beforeEach(() => {
  said = vi.spyOn(log, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it('that SES takes no email stands in the way of nothing', async () => {
  vi.spyOn(documents(), 'send').mockRejectedValue(new Error('no room') as never);
  const held = () => Promise.reject(new SendingHeldError('AccountSendingPausedException'));
  expect(await tryEntry(TABLE, held, { referralId: ID }, NOW)).toEqual({ state: 'held' });
  expect(said).toHaveBeenCalledWith('SENDING_NOT_NOTED', expect.objectContaining({ error: 'Error' }));
});

it('an erasure that cannot be asked for is left to the sweep', async () => {
  // Nobody listens.
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', 'http://127.0.0.1:1');
  await deliverErasure('personal-data', { act: 'retention', referralId: ID }, NOW);
  expect(said).toHaveBeenCalledWith('ERASURE_NOT_INVOKED', expect.objectContaining({ referralId: ID }));
});
