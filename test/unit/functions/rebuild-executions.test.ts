import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/rebuild-executions/handler.ts';
import { personKeysOf } from '../../../functions/shared/person-index.ts';
import { close } from '../../../workflows/closing.ts';
import { leave } from '../../../workflows/leaving.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { inReview, NOW, stored } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import type { TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const run = () =>
  (handler as (event: unknown, context: unknown) => Promise<unknown>)({ now: later(NOW, { days: 1 }) }, {});
const withId = (referral: Referral, id: string): Referral => ({ ...referral, id: id.repeat(32), version: 0 });

describe('the rebuild', () => {
  it('gives each open referral a new execution, and finds again whom an older version did not', async () => {
    const { personKeys: _none, ...old } = withId(inReview(), 'a');
    await table.referrals.create(old);
    const before = { details: 'details-key', nhsNumber: 'nhs-number-key', name: 'name-key' };
    await table.referrals.create({ ...withId(inReview(), 'b'), personKeys: before });
    const closed = stored(close(stored(leave(inReview(), 'person', NOW)), NOW));
    await table.referrals.create(withId(closed, 'c'));
    expect(await run()).toEqual({ count: 2, failed: 0, skipped: 0, stages: { review: 2 } });

    const found = (await table.referrals.read(old.id)) as Referral;
    expect(found.personKeys).toEqual(await personKeysOf(old.person));
    expect(found.execution.number).toBe(2);
    const other = withId({ ...inReview(), personKeys: found.personKeys }, 'd');
    expect((await table.referrals.samePerson(other)).map(({ id }) => id)).toEqual([old.id]);
    expect((await table.referrals.read('b'.repeat(32)))?.personKeys).toEqual(before);
    expect((await table.referrals.read('c'.repeat(32)))?.execution.number).toBe(1);
  });
});
