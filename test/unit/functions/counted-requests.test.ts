/**
 * What each page for people who are signed in costs: the same requests to the table with a few open referrals as with many. A page without
 * an entry here fails. The bench measures how long they take with 100,000 (test/bench/worklist.ts).
 */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureCohort, ownPlan } from '../../../functions/shared/cohorts.ts';
import { allProgrammes } from '../../../functions/shared/directory/directory.ts';
import { beginSession, whoIsSignedIn } from '../../../functions/shared/session.ts';
import { documents } from '../../../functions/shared/table.ts';
import { noteMember } from '../../../functions/shared/team-members.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { ROUTES } from '../../../infra/web.ts';
import { isRefusal } from '../../../workflows/change.ts';
import { close } from '../../../workflows/closing.ts';
import type { Referral } from '../../../workflows/referral.ts';
import { ELSEWHERE, elsewhere, placeInWorklist, URGENCIES } from '../../../workflows/worklist.ts';
import { type Seeding, seededReferral } from '../../seed/referrals.ts';
import { writeSeeded } from '../../seed/write.ts';
import { NOW } from '../workflows/builders.ts';
import { type Request, request, startEnvironment } from './environment.ts';
import { TABLE, type TestTable } from './table.ts';

const TEAM = 'camden';
const AMINA = { id: 'amina', name: 'Amina Rahman' };
const OTHER = { id: 'jo', name: 'Jo Fairley' };

/** More than any page counts to or shows. */
const MANY = 2_000;

const seeding: Seeding = {
  seed: 1,
  now: NOW,
  teams: [{ id: TEAM, members: [AMINA, OTHER] }],
  programmes: allProgrammes(),
  lawfulBasis: { article6: 'public-task', article9: 'health-or-social-care' },
};

/** The lists in which a referral is: of each, a page shows some. */
const LISTS = [
  ...URGENCIES.map((urgency) => ({ urgency })),
  ...ELSEWHERE.map((where) => ({ where })),
  ...['everyone', 'mine', 'nobody', OTHER.id].map((whose) => ({ whose })),
];
function listsOf(referral: Referral): object[] {
  const place = placeInWorklist(referral);
  const whose = { [AMINA.id]: 'mine', [OTHER.id]: OTHER.id }[referral.assignee?.id ?? ''] ?? 'nobody';
  return [
    ...(place ? [{ urgency: place.urgency }, { whose }, { whose: 'everyone' }] : []),
    ...(place ? [] : [{ where: elsewhere(referral) }]),
  ];
}

type Ask = Pick<Request, 'path' | 'query' | 'fields'>;

/** How each page is asked for; those of a referral, for one referral at each stage. */
const ofAReferral = () => referrals.map(({ reference }): Ask => ({ path: { reference } }));
const once =
  (ask: Ask = {}) =>
  () => [ask];
const PAGES: Record<string, () => Ask[]> = {
  'GET /worklist': () => [
    ...LISTS.map((query) => ({ query })),
    { query: { whose: 'everyone', after: `1#2020-01-01T00:00:00.000Z#${'0'.repeat(32)}` } },
  ],
  'GET /worklist/search': once(),
  'POST /worklist/search': () => {
    const { firstName, familyName, nhsNumber } =
      referrals.find(({ person }) => person.nhsNumber)?.person ?? {};
    return [`${firstName} ${familyName}`, familyName ?? '', nhsNumber ?? ''].map((query) => ({
      fields: { query },
    }));
  },
  'GET /team': once(),
  'GET /referrals/{reference}': ofAReferral,
  'GET /referrals/{reference}/contacts': ofAReferral,
  'GET /referrals/{reference}/plan': ofAReferral,
  'GET /referrals/{reference}/measures': ofAReferral,
  'GET /referrals/{reference}/summary': ofAReferral,
  'GET /referrals/{reference}/questions': ofAReferral,
  'GET /insights': once(),
  'GET /report': once(),
  'GET /report/{programme}': once({ path: { programme: 'hive-music' } }),
  'GET /groups/{reference}': () =>
    referrals.filter(({ stage }) => stage === 'programme').map(({ reference }) => ({ path: { reference } })),
  // A letter is there at the end.
  'GET /referrals/{reference}/letters/{reader}': () =>
    referrals
      .filter(({ stage }) => stage === 'closed')
      .map(({ reference }) => ({ path: { reference, reader: 'person' } })),
  'GET /directory': once(),
  'GET /directory/new': once(),
  'GET /directory/import': once(),
  'GET /directory/export.json': once(),
  'GET /directory/export.csv': once(),
  'GET /directory/{programme}': once({ path: { programme: 'hive-music' } }),
  'GET /referrals/{reference}/data': ofAReferral,
  'GET /referrals/{reference}/data/correct': ofAReferral,
  'GET /referrals/{reference}/data/erase': ofAReferral,
  'GET /audit': () => referrals.map(({ reference }) => ({ query: { reference } })),
  'GET /account': once(),
};

const routes = ROUTES.flatMap(([path, methods, answeredBy]) =>
  methods.map((method) => ({ route: `${method} ${path}`, answeredBy })),
);

let table: TestTable;
/** Those that the pages show, one at each stage, and a closed one. */
let referrals: Referral[] = [];
let cookie = '';
let csrf = '';
const few = new Map<string, object>();

beforeAll(async () => {
  table = await startEnvironment();
  for (const { id, name } of [AMINA, OTHER]) {
    const person = { sub: id, name, email: '', roles: ['link-worker' as const], teams: [TEAM] };
    await noteMember(TABLE, person, NOW);
  }
  // As few as there can be of whom each list has somebody: a list without anybody costs less.
  const missing = new Set(LISTS.map((list) => JSON.stringify(list)));
  const stages = new Map<string, Referral>();
  for (let number = 0; missing.size > 0 && number < MANY; number++) {
    const referral = await seededReferral(number, seeding);
    const lists = listsOf(referral).map((list) => JSON.stringify(list));
    if (!lists.some((list) => missing.has(list)) && stages.has(referral.stage)) continue;
    for (const list of lists) missing.delete(list);
    stages.set(referral.stage, referral);
    await table.referrals.create(referral);
  }
  expect([...missing]).toEqual([]);
  referrals = [...stages.values(), await closedReferral()];
  for (const { id, reference, offers, programme, stage } of referrals) {
    if (stage !== 'programme' || !programme) continue;
    // One person's own group has their reference.
    const plan = { ...ownPlan({ id, offers }, programme), cohortId: programme.cohortId };
    await ensureCohort(TABLE, plan, reference, NOW);
  }
  const nothing = { path: {}, query: {}, fields: {}, cookies: [], client: '', requestId: '', address: '/' };
  const visit: Visit = { ...nothing, now: NOW, secure: false };
  const roles = ['link-worker' as const, 'coordinator' as const];
  const begun = await beginSession(visit, {
    sub: AMINA.id,
    name: AMINA.name,
    email: '',
    roles,
    teams: [TEAM],
  });
  cookie = begun.split(';')[0] ?? '';
  csrf = (await whoIsSignedIn({ ...visit, cookies: [cookie] }))?.csrf ?? '';
  for (const [name, ask] of asks()) {
    // Once to warm what is kept between requests.
    await costOf(ask);
    few.set(name, await costOf(ask));
  }
  await writeSeeded(documents(), TABLE, { from: 0, to: MANY }, seeding);
}, 120_000);
afterAll(() => table.stop());

/** Stored besides those that are open. */
async function closedReferral(): Promise<Referral> {
  for (let number = MANY; ; number++) {
    const closed = close(await seededReferral(number, seeding), NOW);
    if (isRefusal(closed)) continue;
    await table.referrals.create(closed);
    return closed;
  }
}

type Asked = Ask & { route: string; answeredBy: string };

function asks(): [name: string, Asked][] {
  return routes.flatMap(({ route, answeredBy }) =>
    (PAGES[route]?.() ?? []).map((ask, i): [string, Asked] => [
      `${route} ${i}`,
      { route, answeredBy, ...ask },
    ]),
  );
}

/** How often each operation of DynamoDB was asked for, for one page. */
async function costOf({ answeredBy, fields, ...ask }: Asked): Promise<Record<string, number>> {
  const { handler } = (await import(`../../../functions/${answeredBy}/handler.ts`)) as { handler: unknown };
  return table.counted(async () => {
    const sent = { cookies: [cookie], now: NOW };
    let answer = await request(handler, { ...ask, ...sent, fields: { ...fields, csrf } });
    // What a form leads to is part of what it costs.
    if (answer.statusCode === 303) {
      const { pathname, searchParams } = new URL(String(answer.headers?.location), 'https://any.example');
      answer = await request(handler, {
        ...{ ...sent, route: `GET ${pathname}`, query: Object.fromEntries(searchParams) },
      });
    }
    expect([ask.route, answer.statusCode]).toEqual([ask.route, 200]);
  });
}

it('every page for people who are signed in has an entry', async () => {
  const asked = routes.filter(({ route }) => route.startsWith('GET '));
  const signedIn: string[] = [];
  for (const { route, answeredBy } of asked) {
    const { handler } = (await import(`../../../functions/${answeredBy}/handler.ts`)) as { handler: unknown };
    const answer: APIGatewayProxyStructuredResultV2 = await request(handler, {
      ...{
        route,
        now: NOW,
        path: {
          reference: 'SP-7K4M-2Q9X',
          reader: 'person',
          programme: 'hive-music',
          step: 'name',
          file: 'x',
        },
      },
    });
    if (String(answer.headers?.location).startsWith('/sign-in')) signedIn.push(route);
  }
  expect(
    Object.keys(PAGES)
      .filter((route) => route.startsWith('GET '))
      .sort(),
  ).toEqual(signedIn.sort());
});

describe(`with ${MANY} open referrals as with a few`, () => {
  it.each(Object.keys(PAGES))('%s costs the same', async (route) => {
    const ofRoute = asks().filter(([, ask]) => ask.route === route);
    expect(ofRoute).not.toEqual([]);
    for (const [name, ask] of ofRoute) {
      const many = await costOf(ask);
      expect([name, many]).toEqual([name, few.get(name)]);
      expect(Object.keys(many)).toContain('GetItem');
    }
  });
});
