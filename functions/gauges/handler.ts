/**
 * EventBridge Scheduler's look at how things stand: how many referrals are open and where, who waits longer than was promised, what the outbox and
 * the sweep have not done. It reads keys of indexes only, and of those only what is open, waits or is late. How it stood last on each day is kept.
 */
import * as z from 'zod/mini';
import type { Snapshot } from '../../workflows/episode.ts';
import { STANDINGS } from '../../workflows/figures.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { londonDate } from '../../workflows/time.ts';
import { URGENCIES, urgencyKey } from '../../workflows/worklist.ts';
import { environment } from '../shared/environment.ts';
import { keepSnapshot } from '../shared/episodes.ts';
import { OUTBOX, OUTBOX_OF, STANDING, WORKLIST } from '../shared/indexes.ts';
import { measure } from '../shared/metrics.ts';
import { DUE_SHARDS } from '../shared/shards.ts';
import { instantSchema, task } from '../shared/task.ts';
import { type Part, standing } from './standing.ts';

const MINUTE = 60_000;

export const handler = task(z.object({ now: instantSchema }), async ({ now }) => {
  const { TABLE_NAME, TEAMS } = environment('gauges');
  const age = (since: string | undefined, unit: number) =>
    since === undefined
      ? 0
      : Math.max(0, Math.round(((Date.parse(now) - Date.parse(since)) / unit) * 10) / 10);
  const look = (parts: readonly Part[]) => standing(TABLE_NAME, parts);

  const snapshot: Snapshot = { date: londonDate(now), open: [], overdue: [] };
  for (const stage of STANDINGS) {
    const { count, first } = await look([{ ...BY_STANDING, value: stage }]);
    const oldestDays = age(first, 24 * 60 * MINUTE);
    measure({ metric: 'OpenReferrals', value: count, by: { stage } }, now);
    measure({ metric: 'OldestDays', value: oldestDays, by: { stage } }, now);
    snapshot.open.push({ stage, count, oldestDays });
  }
  const teams = new Set([...TEAMS.map(({ id }) => id), ANY_TEAM]);
  for (const urgency of URGENCIES) {
    const from = urgencyKey(urgency);
    const late = [...teams].map((value) => ({ ...BY_TEAM, value, from, until: `${from}${now}` }));
    const { count, first } = await look(late);
    const by = first?.slice(from.length, first.lastIndexOf('#'));
    measure({ metric: 'Overdue', value: count, by: { urgency } }, now);
    measure({ metric: 'LongestOverdueHours', value: age(by, 60 * MINUTE), by: { urgency } }, now);
    snapshot.overdue.push({ urgency, count });
  }
  const waiting = await look(OUTBOX_OF.map((value) => ({ ...BY_OUTBOX, value, until: now })));
  measure({ metric: 'OutboxWaiting', value: waiting.count, by: {} }, now);
  measure({ metric: 'OutboxOldestMinutes', value: age(waiting.first, MINUTE), by: {} }, now);

  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => String(shard));
  const due = await look(shards.map((value) => ({ ...BY_DUE, value, until: now })));
  measure({ metric: 'SweepLagMinutes', value: age(due.first, MINUTE), by: {} }, now);
  const parked = await look([{ ...BY_DUE, value: 'parked' }]);
  measure({ metric: 'Parked', value: parked.count, by: {} }, now);
  // Last, so that what it may fail of leaves the alarms their numbers.
  await keepSnapshot(TABLE_NAME, snapshot);
  return {};
});

const BY_STANDING = { index: STANDING.index, of: STANDING.at, key: STANDING.since };
const BY_TEAM = { index: WORKLIST.index, of: WORKLIST.team, key: WORKLIST.key };
const BY_OUTBOX = { index: OUTBOX.index, of: OUTBOX.of, key: OUTBOX.since };
const BY_DUE = { index: 'due', of: 'dueShard', key: 'dueAt' };
