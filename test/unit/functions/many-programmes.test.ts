/** What a directory of hundreds looks like: to whoever chooses a programme from it, and to whoever looks after it. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as directory } from '../../../functions/directory/handler.ts';
import { handler as review } from '../../../functions/link-worker-review/handler.ts';
import { deployedProgramme } from '../../../functions/shared/directory/directory.ts';
import { storeEntry } from '../../../functions/shared/directory/store.ts';
import { freshen } from '../../../functions/shared/fresh.ts';
import type { Programme } from '../../../workflows/directory.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { entered, NOW, submitted, validFields } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
  const hive = deployedProgramme('hive-music') as Programme;
  for (let i = 0; i < 200; i++) {
    const programme = { ...hive, id: `group-${i}`, name: `Group ${i}` };
    const named = i === 120 ? { name: 'Café singers', provider: { ...hive.provider, name: 'Oakfield' } } : {};
    // Whoever does not take referrals now is last.
    const entry = { programme: { ...programme, ...named, accepting: i < 50 }, at: NOW, changes: [] };
    await storeEntry(TABLE, undefined, { ...entry, how: 'added' });
  }
  await freshen(later(NOW, { days: 1 }));
});
afterAll(() => table.stop());

type Fields = Record<string, string>;

describe('the review of a referral, among hundreds of programmes', () => {
  let referrals = 0;
  async function waiting(change: Partial<Referral> = {}) {
    referrals += 1;
    const id = `${referrals.toString(16).padStart(10, '0')}${'b'.repeat(22)}`;
    const reference = referenceOf(id);
    const referral = entered(submitted(validFields), 'review');
    await table.referrals.create({ ...referral, id, reference, version: 0, ...change } as Referral);
    const at = { route: '/referrals/{reference}', path: { reference } };
    const amina = await atWork();
    const open = async () => parse((await amina.open(review, at)).body ?? '');
    const [ranking = '', reviewed = ''] = ['ranking', 'review'].map((name) => `[name=${name}]`);
    const page = await open();
    const carried = {
      ranking: page.querySelector(ranking)?.getAttribute('value') ?? '',
      review: page.querySelector(reviewed)?.getAttribute('value') ?? '',
    };
    return {
      page,
      send: async (fields: Fields) => amina.send(review, { ...at, fields: { ...carried, ...fields } }),
      stored: async () => (await table.referrals.read(id)) as Referral,
    };
  }
  const choices = (page: ReturnType<typeof parse>) =>
    page.querySelectorAll('[name=programmeId]').map((radio) => radio.getAttribute('value'));

  it('shows the best ten, and the one that they asked for wherever it stands', async () => {
    const { page } = await waiting();
    expect(choices(page)).toHaveLength(10);
    expect(page.querySelectorAll('.osp-programme')).toHaveLength(10);
    expect(page.outerHTML.length).toBeLessThan(100_000);
    const { request } = entered(submitted(validFields), 'review');
    const asked = await waiting({ request: { ...request, programmeId: 'group-150' } });
    expect(choices(asked.page)).toContain('group-150');
  });

  it('finds others by name or provider, and loses nothing that was typed', async () => {
    const { send, stored } = await waiting();
    const typed = {
      ...{ decision: 'match', programmeId: 'group-3', summary: 'Loves to sing', rankingReason: 'Near' },
      'holdUntil-day': '3',
    };
    for (const [find, expected] of [
      ['cafe SINGERS', ['group-120']],
      ['oakfield', ['group-120']],
      ['nothing like this', []],
    ] as const) {
      const { statusCode, body = '' } = await send({ action: 'find', ...typed, find });
      const page = parse(body);
      expect([statusCode, new Set(choices(page))]).toEqual([200, new Set(['group-3', ...expected])]);
      expect(page.querySelector('[name=summary]')?.text.trim()).toBe('Loves to sing');
      expect(page.querySelector('[name=holdUntil-day]')?.getAttribute('value')).toBe('3');
      expect(page.querySelector('[name=programmeId][checked]')?.getAttribute('value')).toBe('group-3');
    }
    expect((await stored()).stage).toBe('review');
    const decided = await send({
      ...{ action: 'decide', ...typed, programmeId: 'group-120', find: 'oakfield' },
      matchAnyway: 'yes',
    });
    expect(decided.statusCode).toBe(303);
    const [offer] = (await stored()).offers;
    expect(offer).toMatchObject({ programmeId: 'group-120', againstRanking: { reason: 'Near' } });
    // Whoever looks on, and is late, is told, with what they typed.
    const late = await send({ action: 'find', ...typed, find: 'oakfield' });
    expect([late.statusCode, late.body?.includes('Loves to sing')]).toEqual([409, true]);
  });
});

describe('the directory', () => {
  const names = async (query: Fields) => {
    const tom = await atWork('Tom', { roles: ['coordinator'] });
    const { body } = await tom.open(directory, { route: '/directory', path: {}, query });
    return parse(body ?? '')
      .querySelectorAll('.osp-worklist__name')
      .map(({ text }) => text.trim());
  };

  it('is searched by name and provider', async () => {
    expect((await names({})).length).toBeGreaterThan(200);
    expect(await names({ find: 'CAFE' })).toEqual(['Café singers']);
    expect(await names({ find: ' oakfield singers ' })).toEqual(['Café singers']);
    expect(await names({ find: 'nothing like this' })).toEqual([]);
  });
});
