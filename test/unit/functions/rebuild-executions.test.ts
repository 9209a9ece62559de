import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { subYears } from 'date-fns';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/rebuild-executions/handler.ts';
import { personKeysOf } from '../../../functions/shared/person-index.ts';
import { documents } from '../../../functions/shared/table.ts';
import { close } from '../../../workflows/closing.ts';
import { leave } from '../../../workflows/leaving.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { inReview, NOW, stored } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const run = (more: object = {}) =>
  (handler as (event: unknown, context: unknown) => Promise<unknown>)(
    { now: later(NOW, { days: 1 }), ...more },
    {},
  );
const withId = (referral: Referral, id: string): Referral => ({ ...referral, id: id.repeat(32), version: 0 });

describe('the rebuild', () => {
  it('gives each open referral a new execution, and finds again whom an older version did not', async () => {
    const { personKeys: _none, ...old } = withId(inReview(), 'a');
    await table.referrals.create(old);
    const before = { details: 'details-key', nhsNumber: 'nhs-number-key', name: 'name-key' };
    const { nhsNumber: _unknown, ...person } = { ...inReview().person, familyName: 'Wałęsa' };
    await table.referrals.create({ ...withId(inReview(), 'b'), person, personKeys: before });
    const closed = stored(close(stored(leave(inReview(), 'person', NOW)), NOW));
    await table.referrals.create(withId(closed, 'c'));
    expect(await run()).toEqual({ count: 2, failed: 0, skipped: 0, stages: { review: 2 } });

    const found = (await table.referrals.read(old.id)) as Referral;
    expect(found.personKeys).toEqual(await personKeysOf(old.person));
    expect(found.execution.number).toBe(2);
    const other = withId({ ...inReview(), personKeys: found.personKeys }, 'd');
    expect((await table.referrals.samePerson(other)).map(({ id }) => id)).toEqual([old.id]);
    // Its keys were of an older version.
    expect((await table.referrals.read('b'.repeat(32)))?.personKeys).toEqual(await personKeysOf(person));
    expect((await table.referrals.read('c'.repeat(32)))?.execution.number).toBe(1);
  });

  it('lets closed ones be looked at by shorter periods of retention, and touches nothing else', async () => {
    const closed = stored(close(stored(leave(inReview(), 'person', NOW)), NOW));
    for (const id of ['1', '2']) await table.referrals.create({ ...withId(closed, id), outbox: [] });
    const dueAt = async (id: string) => {
      const Key = { pk: `REFERRAL#${id.repeat(32)}`, sk: 'REFERRAL' };
      const { Item } = await documents().send(new GetCommand({ TableName: TABLE, Key }));
      return Item?.dueAt;
    };
    const open = await table.referrals.read('a'.repeat(32));
    const before = await dueAt('1');
    const retention = (more: object = {}) => run({ retention: true, ...more });
    expect(await retention()).toMatchObject({ count: 0, failed: 0 });

    vi.stubEnv('REMINDERS', JSON.stringify({ retention: { noProgrammeMonths: 12 } }));
    expect(await retention({ dryRun: true })).toMatchObject({ count: 2 });
    expect(await dueAt('1')).toBe(before);
    expect(await retention()).toMatchObject({ count: 2, failed: 0, stages: { closed: 2 } });
    expect(await dueAt('1')).toBe(subYears(before, 1).toISOString());
    expect(await retention()).toMatchObject({ count: 0 });
    // And they are warned of, as anybody.
    expect(await table.referrals.read('1'.repeat(32))).not.toHaveProperty('erasureWarnedAt');
    expect(await table.referrals.read('a'.repeat(32))).toEqual(open);
    vi.stubEnv('REMINDERS', '{}');
  });
});
