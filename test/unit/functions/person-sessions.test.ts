/** The sessions that a person's page lists, by their cohort's schedule. */
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { handler } from '../../../functions/person-page/handler.ts';
import { sessionsOf } from '../../../functions/person-page/sessions.ts';
import { changeCohort, ensureCohort, ownPlan, readCohort } from '../../../functions/shared/cohorts.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { withHash } from '../../../workflows/links.ts';
import type { Referral } from '../../../workflows/referral.ts';
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

let ids = 0xd500;

/** What somebody reads on their own page, whose group is stored. */
async function pageOf(referral: Referral, now: string): Promise<string> {
  ids += 1;
  const id = ids.toString(16).padStart(32, '0');
  const { token, hash } = mintToken(id);
  const { person, ...others } = referral.links;
  if (!person) throw new Error('no link');
  const links = { ...others, person: withHash(person, hash, later(now, { days: -1 })) };
  const owned = { ...referral, id, version: 0, outbox: [], links } as Referral;
  await table.referrals.create(owned);
  const { body } = await request(handler, { route: 'GET /person/{link}', path: { link: token }, now });
  return parse(body ?? '').structuredText;
}

it('says how many there will be only until it ends', async () => {
  const referral = register(register(accepted(), '5'), '5');
  const now = later(FIRST_SESSION, { days: 9 });
  expect(await pageOf(referral, now)).toContain('Your sessions (there will be 12)');
  const ending = { kind: 'ended-early', decidedAt: now };
  const left = await pageOf({ ...referral, stage: 'closing', ending } as Referral, now);
  expect(left).toContain('Your sessions');
  expect(left).not.toContain('there will be');
});

it('says that all are over while only a register is missing, and promises no reminder of any', async () => {
  let referral = accepted();
  for (let n = 1; n < 12; n++) referral = register(referral, '5');
  const { endsAt = '' } = referral.programme?.sessions.at(-1) ?? {};
  const before = await pageOf(referral, later(endsAt, { hours: -3 }));
  expect(before).toContain('You have a place, and your sessions are planned');
  const over = await pageOf(referral, later(endsAt, { days: 10 }));
  expect(over).toContain('All of your sessions are over');
  expect(over).not.toMatch(/We remind you|there will be/);
});
