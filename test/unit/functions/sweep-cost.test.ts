/** What the sweep costs grows with what is due and not with what is there. `npm run bench -- --sweep` does the same with 100,000. */
import { expect, it, vi } from 'vitest';
import { DUE, startSweptTable } from '../../bench/sweep.ts';

it(`with ${DUE} due asks the table for as much among 1,000 open referrals as among 300`, async () => {
  const before = { ...process.env };
  const swept = await startSweptTable();
  try {
    const counts: Record<string, number>[] = [];
    for (const more of [300, 700]) {
      await swept.add(more - DUE, false);
      await swept.add(DUE, true);
      counts.push(
        await swept.requests(async () => expect(await swept.sweep()).toMatchObject({ count: DUE })),
      );
    }
    expect(counts[1]).toEqual(counts[0]);
    // A page for each part of the index and one for what is parked; each referral read and written once, and its outbox woken.
    expect(counts[0]).toEqual({ Query: 5, Get: DUE, Put: DUE, woken: DUE });
  } finally {
    await swept.stop();
    vi.unstubAllEnvs();
    process.env = before;
  }
}, 60_000);
