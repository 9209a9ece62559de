/** The group that a laptop's directory is given, so that there are places to offer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployedProgramme } from '../../../functions/shared/directory/directory.ts';
import { storedEntry, storeEntry } from '../../../functions/shared/directory/store.ts';
import { addExampleGroup } from '../../../local/example-group.ts';
import { weekdayOf } from '../../../workflows/time.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const CHOIR = 'example-dementia-choir';

describe('the group of the example choir', () => {
  it('begins on the choir’s day that is no bank holiday, and whatever somebody made of it stays', async () => {
    // The Wednesdays six and seven weeks later are Christmas Day and New Year’s Day.
    await addExampleGroup(TABLE, '2030-11-12T09:00:00.000Z');
    const entry = await storedEntry(TABLE, CHOIR);
    expect(entry?.programme).toEqual({
      ...deployedProgramme(CHOIR),
      cohorts: [{ id: '2031-01-08', startsOn: '2031-01-08', capacity: 3 }],
    });
    expect(entry?.programme.example).toBe(true);
    expect(weekdayOf('2031-01-08')).toBe(entry?.programme.sessions.weekday);
    expect(entry?.changes.map(({ field }) => field)).toEqual(['cohorts']);

    await addExampleGroup(TABLE, '2031-05-01T09:00:00.000Z');
    expect(await storedEntry(TABLE, CHOIR)).toEqual(entry);
    const without = { ...entry?.programme, cohorts: [] } as NonNullable<typeof entry>['programme'];
    await storeEntry(TABLE, entry, {
      programme: without,
      at: '2031-05-01T10:00:00.000Z',
      how: 'edited',
      changes: [],
    });
    await addExampleGroup(TABLE, '2031-05-02T09:00:00.000Z');
    expect((await storedEntry(TABLE, CHOIR))?.programme.cohorts).toEqual([]);
  });
});
