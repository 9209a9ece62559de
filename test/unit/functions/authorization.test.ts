/**
 * Who may do what: every route, as the API has it, asked by nobody, by each role, by another team, and with a session that is over or made
 * up. A route without an entry here fails, and so does an answer that is another one than its entry's.
 */
import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as personalData } from '../../../functions/personal-data/handler.ts';
import { ensureCohort, ownPlan } from '../../../functions/shared/cohorts.ts';
import { mintToken } from '../../../functions/shared/links.ts';
import { keepNote, mintNoteKey } from '../../../functions/shared/notes.ts';
import { personKeysOf } from '../../../functions/shared/person-index.ts';
import { ROLES, type Role } from '../../../functions/shared/roles.ts';
import { beginSession, whoIsSignedIn } from '../../../functions/shared/session.ts';
import type { Visit } from '../../../functions/shared/web.ts';
import { ROUTES } from '../../../infra/web.ts';
import { after } from '../../../workflows/time.ts';
import { accepted, entered, inReview, NOW, submitted, validFields } from '../workflows/builders.ts';
import { type Request, request, startEnvironment } from './environment.ts';
import { startLambdas } from './lambdas.ts';
import { type SignInIssuer, startSignInIssuer } from './sign-in-issuer.ts';
import { TABLE, type TestTable } from './table.ts';

const CALLERS = ['nobody', ...ROLES, 'no role', 'other team', 'expired', 'forged'] as const;
type Caller = (typeof CALLERS)[number];

/** A status, and for a redirect where it leads. */
type Answer = `${number}` | `303 ${string}`;
type Entry = { answers: Record<Caller, Answer>; ask?: Partial<Request> };

/** The team whose referral is asked for, and of which every caller is but one. */
const TEAM = 'camden';
const REFERENCE = 'SP-7K4M-2Q9X';
/** A group in which is somebody of that team. */
const GROUP = 'GR-5T5T-0AAZ';
/** The person's, and nobody else's. */
const FAMILY_NAME = 'Zachariasdottir';
/** An open referral of the same person that is with another team, and a word that stands in everything that it says. */
const ELSEWHERE = { reference: 'SP-9W2C-77HA', team: 'all', word: 'Quetzalcoatl' };

/** The same answer to everybody: being signed in opens nothing here, and closes nothing. */
function everybody(answer: Answer, ask: Partial<Request> = {}): Entry {
  return { answers: Object.fromEntries(CALLERS.map((caller) => [caller, answer])) as Entry['answers'], ask };
}

/** Opened by the secret in its address and by nothing else: without it there is nothing. */
const byLink = (path: Record<string, string> = {}) =>
  everybody('404', { path: { link: mintToken('f'.repeat(32)).token, ...path } });

/** For people who are signed in. `otherTeam`: what somebody with the role is answered who is not of the team. */
function forRoles(
  roles: readonly Role[] | 'anyone',
  answer: Answer,
  { nobody, otherTeam = answer, ...ask }: { nobody: Answer; otherTeam?: Answer } & Partial<Request>,
): Entry {
  const of = (role: Role) => (roles === 'anyone' || roles.includes(role) ? answer : '403');
  return {
    answers: {
      ...(Object.fromEntries(ROLES.map((role) => [role, of(role)])) as Record<Role, Answer>),
      ...{ nobody, expired: nobody, forged: nobody },
      'no role': roles === 'anyone' ? answer : '403',
      'other team': roles === 'anyone' || roles.includes('link-worker') ? otherTeam : '403',
    },
    ask,
  };
}

/** For whoever is not signed in; who is, is led on to their work, or to their account if they have none here. */
function forNobody(answer: Answer): Entry {
  const { answers } = forRoles('anyone', '303 /account', { nobody: answer });
  const work = '303 /worklist';
  return { answers: { ...answers, 'link-worker': work, coordinator: work, 'other team': work } };
}

const step = { path: { step: 'name' } };
const referral = { path: { reference: REFERENCE } };
const group = { path: { reference: GROUP } };
const programme = { path: { programme: 'hive-music' } };
const READERS = ['link-worker', 'coordinator', 'auditor'] as const;

const ENTRIES: Record<string, Entry> = {
  // What everybody may read and send.
  'GET /': everybody('200'),
  'GET /privacy': everybody('200'),
  'GET /refer': everybody('200'),
  'GET /refer/professional': everybody('200'),
  'POST /refer/professional': everybody('422'),
  'GET /refer/myself': everybody('200'),
  'POST /refer/myself': everybody('422'),
  'GET /refer/someone-i-know': everybody('200'),
  'POST /refer/someone-i-know': everybody('422'),
  'GET /refer/help-now/{reference}': everybody('200', referral),
  'GET /refer/sent/{reference}': everybody('200', referral),
  'GET /assets/{file}': everybody('404', { path: { file: 'none.css' } }),
  'GET /person/corrected': everybody('200'),
  'GET /offers': everybody('200'),
  'POST /offers': everybody('422'),
  // Forms that are not finished: whoever has not begun one has none.
  'GET /refer/myself/{step}': everybody('410', step),
  'POST /refer/myself/{step}': everybody('410', step),
  'GET /refer/someone-i-know/{step}': everybody('410', step),
  'POST /refer/someone-i-know/{step}': everybody('410', step),
  'GET /refer/return/{draft}': everybody('410', { path: { draft: 'x'.repeat(64) } }),
  'POST /refer/return/{draft}': everybody('410', { path: { draft: 'x'.repeat(64) } }),
  // Links in emails.
  'GET /information/{link}': byLink(),
  'POST /information/{link}': byLink(),
  'GET /offers/{link}': byLink(),
  'POST /offers/{link}': byLink(),
  'GET /offers/{link}/report/{programme}': byLink({ programme: 'hive-music' }),
  'GET /offer/{link}': byLink(),
  'POST /offer/{link}': byLink(),
  'GET /register/{link}': byLink(),
  'POST /register/{link}': byLink(),
  'GET /register/{link}/list': byLink(),
  'POST /register/{link}/list': byLink(),
  'GET /register/{link}/group': byLink(),
  'POST /register/{link}/group': byLink(),
  'GET /register/{link}/calendar.ics': byLink(),
  'GET /person/{link}/calendar.ics': byLink(),
  'GET /person/{link}': byLink(),
  'POST /person/{link}': byLink(),
  'GET /person/{link}/feedback': byLink(),
  'POST /person/{link}/feedback': byLink(),
  'GET /person/{link}/check-in': byLink(),
  'POST /person/{link}/check-in': byLink(),
  'GET /person/{link}/contact': byLink(),
  'POST /person/{link}/contact': byLink(),
  'GET /status/{link}': byLink(),
  'GET /letters/{link}': byLink(),
  'POST /letters/{link}': byLink(),
  'GET /measures/{link}': byLink(),
  'POST /measures/{link}': byLink(),
  // Other systems, by their tokens.
  'GET /api': everybody('200'),
  'GET /api/openapi.json': everybody('200'),
  'GET /api/services': everybody('200'),
  'GET /api/services/{id}': everybody('404', { path: { id: 'none' } }),
  'POST /api/referrals': everybody('401'),
  'GET /api/referrals/{reference}': everybody('401', referral),
  // People who have signed in.
  'GET /worklist': forRoles(['link-worker', 'coordinator'], '200', {
    nobody: '303 /sign-in?return=%2Fworklist%3Fteam%3Dcamden',
    otherTeam: '403',
    query: { team: TEAM },
  }),
  'GET /worklist/search': forRoles(['link-worker', 'coordinator'], '200', {
    nobody: '303 /sign-in?return=%2Fworklist%2Fsearch',
  }),
  // Whoever is of another team learns that there is one, and not who.
  'POST /worklist/search': forRoles(
    ['link-worker', 'coordinator'],
    `303 /worklist/search?found=${encodeURIComponent(NOW)}`,
    {
      nobody: '401',
      fields: { query: '943 476 5919' },
    },
  ),
  'GET /team': forRoles(['coordinator'], '200', {
    nobody: '303 /sign-in?return=%2Fteam%3Fteam%3Dcamden',
    query: { team: TEAM },
  }),
  'POST /team': forRoles(['coordinator'], '422', { nobody: '401' }),
  // Another team's referral: nothing of the person, but the question why it is opened.
  'GET /referrals/{reference}': forRoles(['link-worker', 'coordinator', 'auditor'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}`,
    ...referral,
  }),
  'POST /referrals/{reference}': forRoles(['link-worker', 'coordinator', 'auditor'], '200', {
    nobody: '401',
    otherTeam: '409',
    ...referral,
  }),
  'GET /referrals/{reference}/questions': forRoles(['link-worker', 'coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fquestions`,
    otherTeam: `303 /referrals/${REFERENCE}`,
    ...referral,
  }),
  'POST /referrals/{reference}/questions': forRoles(['link-worker', 'coordinator'], '422', {
    nobody: '401',
    otherTeam: '409',
    ...referral,
  }),
  'GET /referrals/{reference}/contacts': forRoles(['link-worker', 'coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fcontacts`,
    otherTeam: `303 /referrals/${REFERENCE}`,
    ...referral,
  }),
  'POST /referrals/{reference}/contacts': forRoles(['link-worker', 'coordinator'], '422', {
    nobody: '401',
    otherTeam: '409',
    ...referral,
  }),
  // A group in which nobody of theirs is is nobody's business of theirs.
  'GET /groups/{reference}': forRoles(['link-worker', 'coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Fgroups%2F${GROUP}`,
    otherTeam: '403',
    ...group,
  }),
  'POST /groups/{reference}': forRoles(
    ['link-worker', 'coordinator'],
    `303 /groups/${GROUP}?done=link-sent`,
    {
      nobody: '401',
      otherTeam: '403',
      fields: { action: 'link' },
      ...group,
    },
  ),
  // The directory: nobody's people, so every team reads all of it.
  'GET /directory': forRoles(READERS, '200', { nobody: '303 /sign-in?return=%2Fdirectory' }),
  'GET /directory/export.json': forRoles(READERS, '200', {
    nobody: '303 /sign-in?return=%2Fdirectory%2Fexport.json',
  }),
  'GET /directory/export.csv': forRoles(READERS, '200', {
    nobody: '303 /sign-in?return=%2Fdirectory%2Fexport.csv',
  }),
  'GET /directory/{programme}': forRoles(READERS, '200', {
    nobody: '303 /sign-in?return=%2Fdirectory%2Fhive-music',
    ...programme,
  }),
  'POST /directory/{programme}': forRoles(['coordinator'], '422', { nobody: '401', ...programme }),
  'GET /directory/new': forRoles(['coordinator'], '200', {
    nobody: '303 /sign-in?return=%2Fdirectory%2Fnew',
  }),
  'POST /directory/new': forRoles(['coordinator'], '422', { nobody: '401' }),
  'GET /directory/import': forRoles(['coordinator'], '200', {
    nobody: '303 /sign-in?return=%2Fdirectory%2Fimport',
  }),
  'POST /directory/import': forRoles(['coordinator'], '422', { nobody: '401' }),
  'GET /assurance/{link}': byLink(),
  'POST /assurance/{link}': byLink(),
  // The plan, the measures and the summary of a person of one's own team.
  'GET /referrals/{reference}/plan': forRoles(['link-worker', 'coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fplan`,
    otherTeam: `303 /referrals/${REFERENCE}`,
    ...referral,
  }),
  'POST /referrals/{reference}/plan': forRoles(['link-worker', 'coordinator'], '422', {
    nobody: '401',
    otherTeam: '409',
    ...referral,
  }),
  'GET /referrals/{reference}/measures': forRoles(['link-worker', 'coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fmeasures`,
    otherTeam: `303 /referrals/${REFERENCE}`,
    ...referral,
  }),
  'POST /referrals/{reference}/measures': forRoles(['link-worker', 'coordinator'], '422', {
    nobody: '401',
    otherTeam: '409',
    ...referral,
  }),
  'GET /referrals/{reference}/summary': forRoles(['link-worker', 'coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fsummary`,
    otherTeam: `303 /referrals/${REFERENCE}`,
    ...referral,
  }),
  'POST /referrals/{reference}/summary': forRoles(
    ['link-worker', 'coordinator'],
    `303 /referrals/${REFERENCE}/summary`,
    {
      nobody: '401',
      otherTeam: '409',
      ...referral,
    },
  ),
  // There is no letter as long as nothing has ended.
  'GET /referrals/{reference}/letters/{reader}': forRoles(['link-worker', 'coordinator'], '404', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fletters%2Fperson`,
    otherTeam: `303 /referrals/${REFERENCE}`,
    path: { reference: REFERENCE, reader: 'person' },
  }),
  // What may be done with everything about a person is for coordinators. Nobody erases what is open.
  'GET /referrals/{reference}/data': forRoles(['coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fdata`,
    ...referral,
  }),
  'POST /referrals/{reference}/data': forRoles(['coordinator'], '422', { nobody: '401', ...referral }),
  'POST /referrals/{reference}/data/copy': forRoles(['coordinator'], '200', { nobody: '401', ...referral }),
  'GET /referrals/{reference}/data/correct': forRoles(['coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fdata%2Fcorrect`,
    ...referral,
  }),
  'POST /referrals/{reference}/data/correct': forRoles(['coordinator'], '422', {
    nobody: '401',
    ...referral,
  }),
  'GET /referrals/{reference}/data/erase': forRoles(['coordinator'], '200', {
    nobody: `303 /sign-in?return=%2Freferrals%2F${REFERENCE}%2Fdata%2Ferase`,
    ...referral,
  }),
  'POST /referrals/{reference}/data/erase': forRoles(['coordinator'], '409', { nobody: '401', ...referral }),
  // Whose referral it is matters to coordinators: test/unit/functions/audit-page.test.ts.
  'GET /audit': forRoles(['coordinator', 'auditor'], '200', {
    nobody: `303 /sign-in?return=%2Faudit%3Freference%3D${REFERENCE}`,
    query: { reference: REFERENCE },
  }),
  // Numbers about many people, for whoever passes them on.
  'GET /report': forRoles(['coordinator'], '200', { nobody: '303 /sign-in?return=%2Freport' }),
  'GET /report/{programme}': forRoles(['coordinator'], '200', {
    nobody: '303 /sign-in?return=%2Freport%2Fhive-music',
    ...programme,
  }),
  'GET /insights': forRoles(['coordinator'], '200', { nobody: '303 /sign-in?return=%2Finsights' }),
  'GET /sign-in': forNobody('200'),
  'POST /sign-in': everybody('303 issuer'),
  'GET /sign-in/callback': forNobody('400'),
  'POST /sign-out': everybody('200'),
  'GET /account': forRoles('anyone', '200', { nobody: '303 /sign-in?return=%2Faccount' }),
};

/** The pages that show the person of the referral, to whoever gets them and is of the team. No other page does, to anybody. */
const SHOW_PERSON = [
  'GET /worklist',
  'POST /worklist/search',
  'GET /team',
  'POST /team',
  'GET /referrals/{reference}',
  'POST /referrals/{reference}',
  ...['contacts', 'plan', 'measures'].flatMap((part) =>
    ['GET', 'POST'].map((method) => `${method} /referrals/{reference}/${part}`),
  ),
  'GET /referrals/{reference}/summary',
  'GET /referrals/{reference}/data',
  'POST /referrals/{reference}/data',
  'POST /referrals/{reference}/data/copy',
  'GET /referrals/{reference}/data/correct',
];

/** What is entered in a referral, in the words of whoever does. */
const SAID = [
  ...['referrerName', 'referrerRole', 'referrerOrganisation', 'firstName', 'familyName'],
  ...['needs', 'whatMatters', 'contactNote', 'address', 'gpPracticeName'],
];

const routes = ROUTES.flatMap(([path, methods, answeredBy]) =>
  methods.map((method) => ({ route: `${method} ${path}`, answeredBy })),
);

let table: TestTable;
let issuer: SignInIssuer;
let lambdas: Awaited<ReturnType<typeof startLambdas>>;
beforeAll(async () => {
  table = await startEnvironment();
  lambdas = await startLambdas({ 'personal-data': personalData });
  issuer = await startSignInIssuer();
  vi.stubEnv('IDENTITY_ISSUER', issuer.url);
  const referral = inReview();
  const person = { ...referral.person, familyName: FAMILY_NAME };
  const personKeys = await personKeysOf(person);
  await table.referrals.create({
    ...referral,
    ...{ person, personKeys, reference: REFERENCE, team: TEAM, version: 0 },
  });
  await groupOf(TEAM);
  const { word, ...elsewhere } = ELSEWHERE;
  const said = Object.fromEntries(SAID.map((field) => [field, word]));
  const other = entered(submitted({ ...validFields, ...said }), 'review');
  const id = 'e'.repeat(32);
  const by = { id: word, name: word };
  const contacts = [{ number: 1, at: NOW, channel: 'phone', outcome: 'no-answer', by } as const];
  const signposts = [{ number: 1, at: NOW, to: word, by }];
  await table.referrals.create({
    ...other,
    ...{ ...elsewhere, id, personKeys, assignee: { ...by, since: NOW }, contacts, signposts, version: 0 },
  });
  await keepNote(TABLE, id, mintNoteKey(NOW), { at: NOW, by, text: word });
  await table.referrals.audit(id, { at: NOW, requestId: word, name: word, page: 'overview' });
});
afterAll(async () => {
  issuer.stop();
  lambdas.stop();
  await table.stop();
});

/** A group in which somebody of a team is. */
async function groupOf(team: string): Promise<void> {
  const inGroup = accepted();
  if (inGroup.stage !== 'programme') throw new Error('no programme');
  const { cohortId } = inGroup.programme;
  const own = 'd'.repeat(32);
  const plan = { ...ownPlan({ ...inGroup, id: own }, inGroup.programme), cohortId };
  await ensureCohort(TABLE, plan, GROUP, NOW);
  const reference = 'SP-5T5T-0AAZ';
  await table.referrals.create({ ...inGroup, id: own, reference, team, version: 0, outbox: [] });
}

/** What a caller's browser sends, and what the forms of their session carry. */
async function sentBy(caller: Caller): Promise<{ cookies: string[]; csrf: string }> {
  if (caller === 'nobody') return { cookies: [], csrf: '' };
  if (caller === 'forged') return { cookies: [`session=${randomBytes(32).toString('base64url')}`], csrf: '' };
  const nothing = { path: {}, query: {}, fields: {}, cookies: [], client: '', requestId: '', address: '/' };
  const visit: Visit = {
    ...nothing,
    now: caller === 'expired' ? after(NOW, { hours: -1 }) : NOW,
    secure: false,
  };
  const role = ROLES.find((each) => each === caller);
  const roles = caller === 'no role' ? [] : [role ?? 'link-worker'];
  const teams = [caller === 'other team' ? 'all' : TEAM];
  const begun = await beginSession(visit, { sub: caller, name: 'Amina', email: '', roles, teams });
  const cookies = [begun.split(';')[0] ?? ''];
  return { cookies, csrf: (await whoIsSignedIn({ ...visit, now: NOW, cookies }))?.csrf ?? '' };
}

async function answerTo(
  caller: Caller,
  route: string,
  answeredBy: string,
  csrf = true,
  ask = ENTRIES[route]?.ask,
): Promise<{ answer: Answer; body: string }> {
  const { handler } = (await import(`../../../functions/${answeredBy}/handler.ts`)) as { handler: unknown };
  const sent = await sentBy(caller);
  const {
    statusCode,
    headers = {},
    body = '',
  } = (await request(handler, {
    ...ask,
    route,
    cookies: sent.cookies,
    fields: { ...ask?.fields, ...(csrf ? { csrf: sent.csrf } : {}) },
    now: NOW,
  })) as APIGatewayProxyStructuredResultV2;
  if (statusCode !== 303) return { answer: `${statusCode ?? 0}`, body };
  const location = String(headers.location);
  return { answer: `303 ${location.startsWith(issuer.url) ? 'issuer' : location}`, body };
}

it('every route has an entry, and every entry a route', () => {
  expect(Object.keys(ENTRIES).sort()).toEqual(routes.map(({ route }) => route).sort());
});

describe.each(routes)('$route', ({ route, answeredBy }) => {
  it.each(CALLERS)('asked by: %s', async (caller) => {
    const { answer, body } = await answerTo(caller, route, answeredBy);
    expect(answer).toBe(ENTRIES[route]?.answers[caller]);
    const mayRead = SHOW_PERSON.includes(route) && /^(200|422)$/.test(answer) && caller !== 'other team';
    expect(body.includes(FAMILY_NAME)).toBe(mayRead);
    if (caller !== 'other team') expect(body).not.toContain(ELSEWHERE.word);
  });
});

it('another team’s referral of the same person is named, and read by that team', async () => {
  const ask = (caller: Caller, reference: string) =>
    answerTo(caller, 'GET /referrals/{reference}', 'link-worker-review', true, { path: { reference } });
  expect((await ask('link-worker', REFERENCE)).body).toContain(`/referrals/${ELSEWHERE.reference}`);
  expect((await ask('link-worker', ELSEWHERE.reference)).body).not.toContain(ELSEWHERE.word);
  expect((await ask('other team', ELSEWHERE.reference)).body).toContain(ELSEWHERE.word);
});

/** What only people who are signed in may send: whoever else is told so, by 401. */
const guardedForms = routes.filter(
  ({ route }) =>
    route.startsWith('POST ') && ENTRIES[route]?.answers.nobody === '401' && !route.includes(' /api'),
);

it.each(guardedForms)(
  '$route takes no form from elsewhere, whoever is signed in',
  async ({ route, answeredBy }) => {
    const may = ROLES.filter((role) => ENTRIES[route]?.answers[role] !== '403');
    expect(may).not.toEqual([]);
    for (const role of may) expect((await answerTo(role, route, answeredBy, false)).answer).toBe('403');
  },
);
