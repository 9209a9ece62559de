import { parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/insights/handler.ts';
import { keepSnapshot, recordEpisode } from '../../../functions/shared/episodes.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { after as later } from '../../../workflows/time.ts';
import { accepted, inReview, NOW, offered } from '../workflows/builders.ts';
import { atWork } from './at-work.ts';
import { startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
let referrals: Referral[];
beforeAll(async () => {
  table = await startEnvironment();
  const kinds = [inReview, offered, accepted];
  referrals = Array.from({ length: 24 }, (_, i): Referral => {
    const referral = (kinds[i % 3] ?? inReview)();
    const postcode = i < 14 ? 'NW1 4AA' : 'N19 3AA';
    return {
      ...{ ...referral, id: i.toString(16).padStart(32, '0'), team: i % 4 === 0 ? 'camden' : 'all' },
      // Of this year of the service, and of the one before.
      createdAt: later(NOW, { days: i % 5 < 3 ? -30 * (i % 5) : -300 }),
      person: { ...referral.person, postcode },
      ...(i % 2 === 0 ? { ethnicGroup: 'white' } : {}),
    };
  });
  for (const referral of referrals) await recordEpisode(TABLE, referral);
  await keepSnapshot(TABLE, {
    ...{ date: '2026-11-22', overdue: [] },
    open: [{ stage: 'review', count: 41, oldestDays: 17.5 }],
  });
});
afterAll(() => table.stop());

async function open(teams: string[], query: Record<string, string> = {}) {
  const tom = await atWork('Tom', { roles: ['coordinator'], teams });
  return tom.open(handler, { route: '/insights', path: {}, query });
}

/** The values of a table in the file, by row and column. */
async function file(teams: string[], query: Record<string, string> = {}) {
  const { body = '' } = await open(teams, { ...query, format: 'csv' });
  const rows = body
    .split('\n')
    .map((line) => line.match(/"[^"]*"|[^,]+/g)?.map((cell) => cell.replaceAll('"', '')));
  return (of: string) => rows.flatMap((row) => (row?.[0] === of ? [row.slice(1)] : []));
}

/** A plain count of the referrals by month, of the team's. */
function received(of: Referral[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { createdAt } of of) counts[createdAt.slice(0, 7)] = (counts[createdAt.slice(0, 7)] ?? 0) + 1;
  return counts;
}

describe('the insights', () => {
  it('count each referral of the coordinator’s teams once, and no other', async () => {
    for (const teams of [['all'], ['camden'], ['all', 'camden'], []]) {
      const said = (await file(teams))('Referrals, and how they ended')
        .filter(([, column, value]) => column === 'Received' && value !== '0')
        .map(([month = '', , value]) => [
          new Date(`15 ${month} 12:00 UTC`).toISOString().slice(0, 7),
          Number(value),
        ]);
      const ours = referrals.filter(({ team = 'all' }) => teams.includes(team));
      expect(Object.fromEntries(said)).toEqual(received(ours));
    }
  });

  it.each([
    ['this month', 9, {}],
    ['a month that is over', 9, { to: '2026-03' }],
    ['this month of one programme', 5, { of: 'programme:hive-music' }],
  ])(
    'until %s show the same numbers in the tables and in the file, a chart beside each that says what it is',
    async (_, count, query) => {
      const { body = '', headers } = await open(['all', 'camden'], query);
      const page = parse(body);
      const csv = await file(['all', 'camden'], query);
      const sections = page.querySelectorAll('section.osp-insight');
      expect(sections.length).toBe(count);
      for (const section of sections) {
        const cells = section.querySelectorAll('tbody td > span:last-child').map(({ text }) => text);
        expect(cells.length).toBeGreaterThan(0);
        expect(csv(section.querySelector('h2')?.text ?? '').map(([, , value]) => value)).toEqual(cells);
        for (const chart of section.querySelectorAll('[role="img"]')) {
          const says = (chart.getAttribute('aria-labelledby') ?? '').split(' ');
          expect(says.map((id) => page.getElementById(id)?.text)).not.toContain(undefined);
          expect(chart.querySelectorAll('svg').length).toBe(1);
          expect(chart.toString()).not.toMatch(/ style=|<style|<script|href=/);
        }
      }
      // What a page allows is what it has.
      expect(headers?.['content-security-policy']).not.toContain('unsafe');
    },
  );

  it('show who is reached and how many are open where nothing can be taken from anything', async () => {
    const titles = async (teams: string[], query = {}) =>
      parse((await open(teams, query)).body ?? '')
        .querySelectorAll('section h2')
        .map(({ text }) => text);
    expect(await titles(['all', 'camden'])).toContain('Open referrals, and where they are');
    expect(await titles(['camden'])).not.toContain('Open referrals, and where they are');
    expect(await titles(['camden'])).toContain('Who we reach: area');
    const one = await titles(['all', 'camden'], { of: 'programme:hive-music' });
    expect(one.filter((title) => /Who we reach|Open/.test(title))).toEqual([]);
    expect(one).toContain('How long people wait');
  });

  it('show who is reached in half-years that are over, of which no two overlap, whichever months are looked at', async () => {
    const page = parse((await open(['all'])).body ?? '');
    const ends = page.querySelectorAll('#to option').map((option) => option.getAttribute('value') ?? '');
    expect(ends).toHaveLength(24);
    const shown = ends.map(async (to) => {
      const about = Object.fromEntries((await file(['all'], { to }))('About'));
      return `${about['Who we reach: from']} ${about['Who we reach: to']}`;
    });
    expect([...new Set(await Promise.all(shown))]).toEqual([
      '2026-04 2026-09',
      '2025-10 2026-03',
      '2025-04 2025-09',
      '2024-10 2025-03',
      '2024-04 2024-09',
    ]);
    expect(page.getElementById('area-says')?.text).toContain('came from April 2026 to September 2026');
    // Whoever came in a half-year is counted in it, and nobody else: nine did, four of them fewer than may be said.
    const area = (await file(['all', 'camden'], { to: '2026-03' }))('Who we reach: area');
    const nine = referrals.filter(({ createdAt }) => createdAt < '2026-04');
    expect(nine).toHaveLength(9);
    expect(new Set(area.map(([name]) => name))).toEqual(new Set(['NW1', 'Other areas']));
    // One programme, of which it is not shown, says no half-year either.
    const one = await file(['all'], { of: 'programme:hive-music' });
    expect(Object.fromEntries(one('About'))['Who we reach: to']).toBeUndefined();
  });

  it('say in the file what may be passed on', async () => {
    const about = (await file(['all']))('About').find(([name]) => name === 'Before you pass this on');
    expect(about?.join()).toMatch(/fewer than 5 people are not shown.*use the reports/);
  });

  it('say nothing of months that are not asked for', async () => {
    const said = (await file(['all'], { to: '2026-08' }))('Referrals, and how they ended');
    expect(said.map(([month]) => month)).not.toContain('November 2026');
    expect(said.map(([month]) => month)).toContain('September 2025');
  });

  it('call a column what it is in its table', async () => {
    const csv = await file(['all', 'camden']);
    const columns = (of: string) => new Set(csv(of).map(([, column]) => column));
    expect(columns('How long people wait')).toContain('First offer');
    expect(columns('Open referrals, and where they are')).not.toContain('First offer');
    expect(columns('Open referrals, and where they are')).toContain('With a provider');
  });
});
