/** The sessions that a person's page lists, by their cohort's schedule. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { handler } from '../../../functions/person-page/handler.ts';
import { sessionsOf } from '../../../functions/person-page/sessions.ts';
import { changeCohort, ensureCohort, ownPlan, readCohort } from '../../../functions/shared/cohorts.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { withHash } from '../../../workflows/links.ts';
import { after as later } from '../../../workflows/time.ts';
import { accepted, FIRST_SESSION, NOW, register } from '../workflows/builders.ts';
import { request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

let table: TestTable;
beforeAll(async () => {
  table = await startEnvironment();
});
afterAll(() => table.stop());

it('all those of the cohort that are to come, each where and when it is; those that were, with what became of them', async () => {
  const after2 = register(register(accepted(), '5'), '2');
  const { programme } = after2;
  if (!programme) throw new Error('no programme');
  const now = later(FIRST_SESSION, { days: 9 });
  // Nobody has made it yet: what is recorded is what there is.
  expect(sessionsOf(programme, undefined, now)).toHaveLength(3);
  const cohort = await ensureCohort(TABLE, ownPlan(after2, programme), after2.reference, NOW);
  await changeCohort(TABLE, cohort.id, NOW, (current) => ({
    ...current,
    sessions: current.sessions.map((session) =>
      session.number === 5 ? { ...session, place: 'Camden Arts Centre' } : session,
    ),
  }));
  const sessions = sessionsOf(programme, await readCohort(TABLE, cohort.id), now);
  expect(sessions.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(sessions.map(({ status }) => status)).toEqual(['held', 'held', ...Array(10).fill('planned')]);
  expect(sessions[4]?.place).toBe('Camden Arts Centre');

  const id = 'd'.repeat(32);
  const { token, hash } = mintToken(id);
  const { person, ...others } = after2.links;
  if (!person) throw new Error('no link');
  await table.referrals.create({
    ...{ ...after2, id, version: 0, outbox: [] },
    links: { ...others, person: withHash(person, hash, NOW) },
  });
  const at = { path: { link: token }, now };
  const closed = await request(handler, { ...at, route: 'GET /person/{link}' });
  expect(closed.body).not.toContain('Camden Arts Centre');
  expect(closed.body).toContain('You could not come');
  const open = await request(handler, { ...at, route: 'POST /person/{link}', fields: { action: 'open' } });
  expect(parse(open.body ?? '').querySelectorAll('.osp-sessions__item')).toHaveLength(12);
  expect(open.body).toContain('Camden Arts Centre');
});
