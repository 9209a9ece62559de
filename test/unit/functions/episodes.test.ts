import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as awaitReview } from '../../../functions/await-review/handler.ts';
import { episodesIn, forgetEpisode, recordEpisode } from '../../../functions/shared/episodes.ts';
import { log } from '../../../functions/shared/log.ts';
import { documents } from '../../../functions/shared/table.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { accepted, entered, ID, inReview, NOW, register } from '../workflows/builders.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

type Handler = (payload: object, context: object) => Promise<unknown>;

let table: TestTable;
beforeEach(async () => {
  table = await startEnvironment();
});
afterEach(() => table.stop());

const kept = async (teams = ['all']) => (await episodesIn(TABLE, ['2026-11'], teams)).episodes;

describe('the record of a referral for figures', () => {
  it('is one, of the newest version that was written, whichever came last', async () => {
    const old: Referral = { ...inReview(), version: 3 };
    const joined = accepted();
    const newest: Referral = {
      ...{ ...register(entered(joined, 'session'), '5'), version: 9, ethnicGroup: 'mixed' },
      contacts: [
        {
          ...{ number: 1, at: later(NOW, { hours: 26 }), channel: 'phone', outcome: 'reached' },
          by: { id: 'amina', name: 'Amina Rahman' },
        },
      ],
    };
    await recordEpisode(TABLE, old);
    expect(await kept()).toMatchObject([{ version: 3, reached: false, ethnicGroup: 'unknown', replies: [] }]);
    for (const referral of [newest, newest, old]) await recordEpisode(TABLE, referral);
    expect(await kept()).toMatchObject([
      {
        ...{ version: 9, month: '2026-11', team: 'all', reached: true, ethnicGroup: 'mixed' },
        ...{ held: 1, attended: 1, hours: { contact: 26, offer: 0, acceptance: 0 } },
        replies: [{ programmeId: joined.offers[0]?.programmeId, reply: 'accepted', hours: 0 }],
      },
    ]);
    expect(await kept(['camden'])).toEqual([]);
  });

  it('says nothing by which the person can be found', async () => {
    await recordEpisode(TABLE, inReview());
    const text = JSON.stringify(table.items());
    const { person, referrer, reference } = inReview();
    const theirs = [ID, reference, person.familyName, person.dateOfBirth, person.postcode, person.email];
    for (const each of [...theirs, referrer.name]) if (each) expect(text).not.toContain(each);
  });

  it('holds no referral up where it cannot be written, and the log says so', async () => {
    const id = 'e'.repeat(32);
    const { waiting: _waiting, ...rest } = inReview();
    const execution = { number: 1, name: `${id}-1`, startedAt: NOW };
    await table.referrals.create({ ...rest, id, version: 0, execution, outbox: [] } as Referral);
    const send = documents().send.bind(documents());
    const isRecord = ({ input }: { input: object }) =>
      String((input as { Item?: { pk: unknown } }).Item?.pk).startsWith('EPISODES#');
    const failing = async (command: Parameters<typeof send>[0]) =>
      isRecord(command) ? Promise.reject(new Error('no room')) : send(command);
    vi.spyOn(documents(), 'send').mockImplementation(failing as never);
    const said = vi.spyOn(log, 'error').mockImplementation(() => {});
    await (awaitReview as unknown as Handler)(
      { referralId: id, now: NOW, token: 't', execution: execution.name },
      {},
    );
    expect((await table.referrals.read(id))?.waiting).toMatchObject({ token: 't' });
    expect(said).toHaveBeenCalledWith('EPISODE_NOT_RECORDED', expect.objectContaining({ referralId: id }));
    vi.restoreAllMocks();
  });

  it('stays when whose it was is forgotten, under another key, and goes where it was counted already', async () => {
    await recordEpisode(TABLE, inReview());
    const before = await kept();
    const records = () => table.items().filter(({ pk }) => String(pk).startsWith('EPISODES#'));
    const keys = () => records().map(({ sk }) => sk);
    const [key] = keys();
    const whose = { referralId: ID, month: '2026-11' };
    for (let time = 0; time < 2; time++) await forgetEpisode(TABLE, whose, 'a secret');
    expect(await kept()).toEqual(before.map((episode) => ({ ...episode, version: 0 })));
    expect(keys()).toHaveLength(1);
    expect(keys()).not.toContain(key);
    // A backup brought it back.
    await recordEpisode(TABLE, inReview());
    expect(await kept()).toHaveLength(2);
    await forgetEpisode(TABLE, whose, undefined);
    expect(await kept()).toHaveLength(1);
  });
});
