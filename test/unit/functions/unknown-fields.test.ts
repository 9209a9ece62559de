/** A release that is deployed again over a newer one: what the newer one stored is written back as it was. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeCohort } from '../../../functions/shared/cohorts.ts';
import { carryUnknown, restoreUnknown } from '../../../functions/shared/unknown-fields.ts';
import { leave } from '../../../workflows/leaving.ts';
import { NOW } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { storedGroup } from './group.ts';
import type { Item } from './memory-table.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const LATER = { fromALaterRelease: { reason: 'a complaint' } };

function itemOf(pk: string, sk: string): Item {
  const found = table.items().find((item) => item.pk === pk && item.sk === sk);
  if (!found) throw new Error(`no ${pk} ${sk}`);
  return found;
}

/** Puts fields of a later release into an item: into itself, what is in it, and each of these lists. */
async function putLater(item: Item, inside: readonly string[], lists: readonly string[]): Promise<void> {
  const all = (name: string) => (item[name] as object[]).map((each) => ({ ...each, ...LATER }));
  await table.put({
    ...item,
    ...Object.fromEntries(inside.map((name) => [name, { ...(item[name] as object), ...LATER }])),
    ...Object.fromEntries(lists.map((name) => [name, all(name)])),
    ...LATER,
  });
}

it('stay in a referral that goes on and ends, wherever they are, and no rule sees them', async () => {
  const group = await storedGroup(table, 1);
  const [id = ''] = group.people;
  const key = [`REFERRAL#${id}`, 'REFERRAL'] as const;
  await putLater(itemOf(...key), ['person', 'programme', 'consent'], ['offers', 'history']);
  const before = itemOf(...key);
  const read = await table.referrals.read(id);
  expect(JSON.stringify(read)).not.toContain('fromALaterRelease');

  const links = Object.entries(read?.links ?? {});
  const [linkId = ''] = links.find(([, { purpose }]) => purpose === 'person') ?? [];
  const left = await table.referrals.change(id, NOW, (current) => leave(current, linkId, NOW));
  expect(left).toMatchObject({ state: 'stored' });
  const after = itemOf(...key);
  expect(after.stage).not.toBe(before.stage);
  for (const name of ['person', 'consent']) expect(after[name]).toEqual(before[name]);
  expect(after).toMatchObject({ ...LATER, programme: LATER });
  expect((after.offers as object[]).every((offer) => 'fromALaterRelease' in offer)).toBe(true);
  const history = after.history as object[];
  expect(history.length).toBeGreaterThan((before.history as object[]).length);
  expect(history.map((each) => 'fromALaterRelease' in each)).toEqual(
    history.map((_, i) => i < (before.history as object[]).length),
  );
});

it('stay in a group, whose place in the indexes is its own all the same', async () => {
  const group = await storedGroup(table, 1);
  const key = [`COHORT#${group.id}`, 'COHORT'] as const;
  await putLater({ ...itemOf(...key), dueAt: '2020-01-01T00:00:00.000Z', dueShard: '0' }, [], ['sessions']);
  await changeCohort(TABLE, group.id, NOW, (current) => ({ ...current, due: undefined }));
  const after = itemOf(...key);
  expect(after).toMatchObject(LATER);
  expect((after.sessions as object[]).every((session) => 'fromALaterRelease' in session)).toBe(true);
  expect(after.dueAt).not.toBe('2020-01-01T00:00:00.000Z');
});

it('leave sets and binary values beside them as they are', () => {
  const known = { box: Uint8Array.of(1, 2), names: new Set(['a']), inner: { at: 1 } };
  const carried = carryUnknown({ ...known, inner: { ...known.inner, ...LATER } }, known);
  const restored = restoreUnknown({ ...carried }, known);
  expect(restored).toEqual({ ...known, inner: { at: 1, ...LATER } });
  expect([restored.box, restored.names]).toEqual([known.box, known.names]);
  expect(restored.box).toBeInstanceOf(Uint8Array);
});
