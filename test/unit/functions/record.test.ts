import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dueItems } from '../../../functions/reminder-sweep/due.ts';
import {
  ContendedReferralError,
  nextDue,
  Referrals,
  shardOf,
  UnreadableReferralError,
} from '../../../functions/shared/record.ts';
import { documentsOf } from '../../../functions/shared/table.ts';
import { happened } from '../../../workflows/change.ts';
import { referenceOf } from '../../../workflows/intake.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { actOnDue } from '../../../workflows/reminders.ts';
import { elsewhereKey, urgencyKey } from '../../../workflows/worklist.ts';
import { NOW, submitted } from '../workflows/builders.ts';
import { startTable, TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.stop());

let ids = 0;
function fresh(): Referral {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  return { ...submitted(), id, execution: { number: 1, name: `${id}-1`, startedAt: NOW } };
}

const LATER = '2026-11-24T09:00:00.000Z';

describe('the record', () => {
  it('reads back what was written, and nothing for an unknown id', async () => {
    const referral = fresh();
    await table.referrals.create(referral);
    expect(await table.referrals.read(referral.id)).toEqual(referral);
    expect(await table.referrals.read('f'.repeat(32))).toBeUndefined();
    expect(await table.referrals.change('f'.repeat(32), NOW, (same) => same)).toEqual({ state: 'missing' });
  });

  it('makes one referral of ten submissions at once', async () => {
    const referral = fresh();
    const results = await Promise.all(Array.from({ length: 10 }, () => table.referrals.create(referral)));
    expect(results.filter((result) => result.created)).toHaveLength(1);
    expect(new Set(results.map((result) => result.referral.reference)).size).toBe(1);
  });

  it('loses no change of five at once, and counts each', async () => {
    const referral = fresh();
    await table.referrals.create(referral);
    await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        table.referrals.change(referral.id, LATER, (current) =>
          happened(current, LATER, 'operator', `change-${i}`),
        ),
      ),
    );
    const after = await table.referrals.read(referral.id);
    expect(after?.version).toBe(5);
    expect(after?.history.map((entry) => entry.event).sort()).toEqual([
      'change-0',
      'change-1',
      'change-2',
      'change-3',
      'change-4',
      'submitted',
    ]);
  });

  it('says so when it cannot get a word in, and writes nothing', async () => {
    const referral = fresh();
    await table.referrals.create(referral);
    class Busy extends Referrals {
      override async read(id: string) {
        const seen = await super.read(id);
        await table.referrals.change(id, NOW, (current) => happened(current, NOW, 'operator', 'faster'));
        return seen;
      }
    }
    const busy = new Busy(TABLE, table.client);
    const change = busy.change(referral.id, NOW, (current) => happened(current, NOW, 'operator', 'never'));
    await expect(change).rejects.toThrow(ContendedReferralError);
    const after = await table.referrals.read(referral.id);
    expect(after?.history.some((entry) => entry.event === 'never')).toBe(false);
  });

  it('does not act on a stored stage that it does not know, and names where without quoting it', async () => {
    const id = 'd'.repeat(32);
    await table.put({ pk: `REFERRAL#${id}`, sk: 'REFERRAL', id, stage: 'lost-in-space', schemaVersion: '1' });
    await expect(table.referrals.read(id)).rejects.toThrow(UnreadableReferralError);
    await expect(table.referrals.read(id)).rejects.not.toThrow(/lost-in-space/);
  });

  it('refuses to store what it could not read again', async () => {
    const referral = { ...fresh(), stage: 'nowhere' } as unknown as Referral;
    await expect(table.referrals.create(referral)).rejects.toThrow(UnreadableReferralError);
    expect(await table.referrals.read(referral.id)).toBeUndefined();
  });

  it('has a referral in the due index from its earliest time on, and only while something is due', async () => {
    const referral = { ...fresh(), outbox: [] };
    await table.referrals.create(referral);
    const dueBy = async (now: string) => {
      const found: string[] = [];
      const items = dueItems(TABLE, shardOf(referral.id), now, documentsOf(table.client));
      for await (const { id } of items) found.push(id);
      return found.filter((id) => id === referral.id);
    };
    expect(nextDue(referral)).toBe('2026-11-23T09:15:00.000Z');
    expect(await dueBy('2026-11-23T09:14:59.000Z')).toEqual([]);
    expect(await dueBy('2026-11-23T09:15:00.000Z')).toEqual([referral.id]);
    await table.referrals.change(
      referral.id,
      LATER,
      (current) => actOnDue(current, LATER) ?? { refused: 'not-now' },
    );
    expect(await dueBy('2026-11-23T09:15:00.000Z')).toEqual([]);
    await table.referrals.change(
      referral.id,
      LATER,
      ({ due: _due, ...rest }) => ({ ...rest, outbox: [] }) as Referral,
    );
    expect(await dueBy('2999-01-01T00:00:00.000Z')).toEqual([]);
  });
});

describe('the worklist', () => {
  const TEAM = `team-${Math.random().toString(36).slice(2)}`;
  const waiting = { team: TEAM, waiting: true };
  let counter = 0xc000;
  const put = async (change: (referral: Referral) => Referral) => {
    counter += 1;
    const id = counter.toString(16).padStart(32, '0');
    const referral = change({ ...submitted(), team: TEAM });
    await table.referrals.create({ ...referral, id, reference: referenceOf(id), version: 0 });
    return id;
  };
  const danger = (referral: Referral): Referral => ({
    ...referral,
    request: { ...referral.request, danger: true },
  });
  const risky = (referral: Referral): Referral => ({
    ...referral,
    request: { ...referral.request, risks: { known: true, detail: 'Falls' } },
  });
  const due = (referral: Referral, at: string): Referral => ({
    ...referral,
    due: { at, step: 'workflow', count: 0 },
  });

  it('has who is in danger first, then known risks, then by due time, a page at a time', async () => {
    const late = await put((referral) => due(referral, '2026-12-01T09:00:00.000Z'));
    const soon = await put((referral) => due(referral, '2026-11-25T09:00:00.000Z'));
    const risk = await put((referral) => risky(due(referral, '2026-12-02T09:00:00.000Z')));
    const now = await put((referral) => danger(due(referral, '2026-12-03T09:00:00.000Z')));
    const first = await table.referrals.listOpen(waiting, { limit: 3 });
    expect(first.referrals.map(({ id }) => id)).toEqual([now, risk, soon]);
    const second = await table.referrals.listOpen(waiting, { limit: 3, after: first.next });
    expect(second.referrals.map(({ id }) => id)).toEqual([late]);
    expect(second.next).toBeUndefined();
    const risks = await table.referrals.listOpen({ team: TEAM, prefix: urgencyKey('risk') }, { limit: 3 });
    expect(risks.referrals.map(({ id }) => id)).toEqual([risk]);
    expect(await table.referrals.countOpen({ team: TEAM, prefix: urgencyKey('none') }, 10)).toBe(2);
    expect(await table.referrals.countOpen({ team: TEAM, prefix: urgencyKey('none') }, 1)).toBe(1);
  });

  it('lets go of a referral that waits for somebody else, and knows nothing of other teams', async () => {
    const id = await put((referral) => referral);
    const { referrals: before } = await table.referrals.listOpen(waiting, { limit: 100 });
    expect(before.map((referral) => referral.id)).toContain(id);
    await table.referrals.change(id, NOW, (referral) => ({ ...referral, stage: 'offer' }) as Referral);
    const { referrals: after } = await table.referrals.listOpen(waiting, { limit: 100 });
    expect(after.map((referral) => referral.id)).not.toContain(id);
    const offered = { team: TEAM, prefix: elsewhereKey('offer') };
    const { referrals: elsewhere } = await table.referrals.listOpen(offered, { limit: 100 });
    expect(elsewhere.map((referral) => referral.id)).toEqual([id]);
    expect((await table.referrals.listOpen({ team: 'elsewhere' }, { limit: 100 })).referrals).toEqual([]);
  });

  it('has each link worker’s own, and what is nobody’s', async () => {
    const assignee = { id: 'sub#1', name: 'Amina', since: NOW };
    const mine = await put((referral) => ({ ...referral, assignee }));
    const list = { team: TEAM, memberId: assignee.id, waiting: true };
    const { referrals: found, next } = await table.referrals.listOpen(list, { limit: 1 });
    expect([found.map((referral) => referral.id), next !== undefined]).toEqual([[mine], true]);
    expect((await table.referrals.listOpen(list, { limit: 1, after: next })).referrals).toEqual([]);
    const nobodys = await table.referrals.listOpen({ ...list, memberId: '' }, { limit: 100 });
    expect(nobodys.referrals.length).toBeGreaterThan(0);
    expect(nobodys.referrals.every((referral) => referral.assignee === undefined)).toBe(true);
    await table.referrals.change(mine, NOW, (referral) => ({ ...referral, assignee: undefined }) as Referral);
    expect(await table.referrals.countOpen(list, 10)).toBe(0);
  });
});
