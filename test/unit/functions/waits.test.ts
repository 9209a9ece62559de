import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/provider-offer/handler.ts';
import { measuredWaits, recordWait } from '../../../functions/shared/directory/waits.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { log } from '../../../functions/shared/log.ts';
import { documents } from '../../../functions/shared/table.ts';
import { withHash } from '../../../workflows/links.ts';
import { after } from '../../../workflows/time.ts';
import { MOST_MEASURED } from '../../../workflows/waits.ts';
import { NOW, offered } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

const one = (key: string, days: number, at = NOW) => ({ key, at, days });

describe('measured waits', () => {
  it('count each person once, however often and in however many requests at once', async () => {
    await Promise.all(['a', 'b', 'a'].map((key) => recordWait(TABLE, 'choir', one(key, 10))));
    await recordWait(TABLE, 'choir', one('c', 40));
    await recordWait(TABLE, 'choir', one('c', 400));
    await recordWait(TABLE, 'arts', one('a', 21));
    expect(Object.fromEntries(await measuredWaits(TABLE))).toEqual({
      choir: { days: 10, people: 3 },
      arts: { days: 21, people: 1 },
    });
  });

  it('forget the oldest, and take nothing that is older', async () => {
    for (let i = 0; i < MOST_MEASURED + 2; i++) {
      await recordWait(TABLE, 'garden', one(`${i}`, i, after(NOW, { days: i })));
    }
    await recordWait(TABLE, 'garden', one('0', 999, NOW));
    expect((await measuredWaits(TABLE)).get('garden')).toEqual({ days: 17, people: MOST_MEASURED });
  });
});

describe('a provider who accepts', () => {
  let ids = 0;

  /** Stores an offer and gives what accepts it by its link. */
  async function waiting() {
    ids += 1;
    const id = ids.toString(16).padStart(32, '0');
    const referral = offered();
    const { token, hash } = mintToken(id);
    const link = referral.links['offer-1'];
    if (!link) throw new Error('no link to the offer');
    const links = { ...referral.links, 'offer-1': withHash(link, hash, NOW) };
    await table.referrals.create({ ...referral, id, version: 0, links });
    const fields = {
      ...{ action: 'reply', reply: 'accept', anyDay: 'yes', firstSessionTime: '16:00' },
      ...{ 'firstSessionDate-day': '28', 'firstSessionDate-month': '12', 'firstSessionDate-year': '2026' },
    };
    const route = 'POST /offer/{link}';
    return { id, accept: () => request(handler, { route, path: { link: token }, fields, now: NOW }) };
  }

  it('adds a person’s wait, once, from the offer to the first session', async () => {
    const { accept } = await waiting();
    for (let i = 0; i < 2; i++) expect((await accept()).statusCode).toBe(303);
    expect((await measuredWaits(TABLE)).get('hive-music')).toEqual({ days: 35, people: 1 });
  });

  it('has accepted also when the wait cannot be noted', async () => {
    const { id, accept } = await waiting();
    const send = documents().send.bind(documents());
    const failing = vi
      .spyOn(documents(), 'send')
      .mockImplementation(((command: { input: object }) =>
        JSON.stringify(command.input).includes('WAITS#')
          ? Promise.reject(new Error('no'))
          : send(command as never)) as never);
    const said = vi.spyOn(log, 'error').mockImplementation(() => {});
    expect((await accept()).statusCode).toBe(303);
    expect(said).toHaveBeenCalledWith('WAIT_NOT_MEASURED', expect.objectContaining({ referralId: id }));
    said.mockRestore();
    failing.mockRestore();
    expect((await table.referrals.read(id))?.stage).toBe('programme');
    expect((await measuredWaits(TABLE)).get('hive-music')?.people).toBe(1);
  });
});
