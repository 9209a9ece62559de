/**
 * Who is signed in. A session is an item in the table under the hash of a random token that only the browser's cookie holds; whoever reads
 * the table can sign in as nobody. It ends when nobody used it for a while, after some hours whatever happens, and by signing out.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { after, isDue } from '../../workflows/time.ts';
import { cookie, cookieIn, noCookie } from './cookies.ts';
import { environment } from './environment.ts';
import { SEARCHED } from './indexes.ts';
import { Message, note } from './log.ts';
import { routeOf } from './log-fields.ts';
import type { Site } from './pages/page.ts';
import { problemPage } from './pages/problems.ts';
import { sendAgainPage, signedOutWithTextPage } from './pages/unsent.ts';
import { ROLES, type Role } from './roles.ts';
import { keyFor, keysFor } from './secret.ts';
import { documents } from './table.ts';
import { type PageResult, pages, redirect, site, type Visit } from './web.ts';

export type { Role } from './roles.ts';

/** Where people come to sign in. */
const SIGN_IN = '/sign-in';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Use is noted no more often than this: a session may seem unused for so much longer than it is. */
const NOTED_EVERY = { minutes: 2 };

/** Whoever has signed in, as the issuer of their account describes them. */
const personSchema = z.object({
  /** The issuer's name for the account, which never changes. */
  sub: z.string(),
  name: z.string(),
  /** Empty where the issuer tells none. */
  email: z.string(),
  roles: z.array(z.enum(ROLES)),
  /** The ids of the teams that they belong to. */
  teams: z.array(z.string()),
});
export type Person = z.infer<typeof personSchema>;

/** A search that found somebody, by the keyed hashes that it was made with: what was typed is kept nowhere. */
const searchSchema = z.object({
  at: z.iso.datetime(),
  keys: z.partialRecord(z.enum(SEARCHED.indexes), z.string()),
  /** Those by which the same was found before, where they are others. */
  formerKeys: z.optional(z.partialRecord(z.enum(SEARCHED.indexes), z.string())),
});
export type KeptSearch = z.infer<typeof searchSchema>;

const sessionSchema = z.extend(personSchema, {
  createdAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  searches: z.optional(z.array(searchSchema)),
});

export type SignedIn = Person & {
  /** When they signed in, ISO 8601. */
  since: string;
  /** What every form of theirs carries, in a field of this name. */
  csrf: string;
  /** Their last searches, the newest last. */
  searches?: readonly KeptSearch[] | undefined;
};

/** Whom a route is for, and how it is answered. */
export type WorkspaceRoute = {
  /** Any of these; `anyone` is whoever is signed in, also without a role. */
  roles: readonly Role[] | 'anyone';
  answer: (visit: Visit, who: SignedIn) => Promise<PageResult>;
};

/**
 * A handler for routes ("GET /worklist") that are for people who have signed in, each answered by a page. Nobody signed in is led to the
 * sign-in and back; who has no such role is told so; a POST that does not come from a page of the same session changes nothing.
 */
export function workspace(routes: Record<string, WorkspaceRoute>) {
  return pages(guarded(routes));
}

/** The same for handlers that also have routes for everybody. */
export function guarded(
  routes: Record<string, WorkspaceRoute>,
): Record<string, (visit: Visit) => Promise<PageResult>> {
  return Object.fromEntries(
    Object.entries(routes).map(([route, { roles, answer }]) => {
      const [method, path = ''] = route.split(' ');
      // A form's address is a page to come back to only where it can be opened too.
      const hasPage = Object.hasOwn(routes, `GET ${path}`);
      return [
        route,
        async (visit) => {
          const who = await whoIsSignedIn(visit);
          if (!who) {
            const signIn = signInAddress(hasPage ? visit.address : undefined);
            return method === 'GET' ? redirect(signIn) : signedOut(visit, signIn);
          }
          if (roles !== 'anyone' && !roles.some((role) => who.roles.includes(role))) {
            return refused(route, 'role', problemPage('not-for-you', siteFor(who)));
          }
          if (method !== 'GET' && !(await isOwnForm(visit))) {
            return refused(route, 'csrf', notOfThisSession(visit, who));
          }
          return answer(visit, who);
        },
      ];
    }),
  );
}

/** Nothing was taken, and what was typed is on the page. */
function signedOut({ fields, fromOwnPage }: Visit, signIn: string): PageResult {
  const view = { ...site(), signIn };
  return (fromOwnPage && signedOutWithTextPage({ ...view, fields })) || problemPage('signed-out', view);
}

/**
 * A form of a session before this one, most likely: it is shown, to be sent by a click on a page of this session, which is all that the hidden
 * field asks for. Only what the browser says is from a page of our own is shown or offered to be sent, here and to whoever is signed out:
 * nobody else's page, not on a neighbouring host either, can put words there and have somebody click. A page of ours runs no scripts, and
 * nobody can frame it. Browsers that do not say where a form comes from get the page that asks to go back and send it again.
 */
function notOfThisSession({ fields, fromOwnPage, address }: Visit, who: SignedIn): PageResult {
  const view = siteFor(who);
  return (fromOwnPage && sendAgainPage({ ...view, fields, address })) || problemPage('not-from-here', view);
}

function refused(route: string, reason: 'role' | 'csrf', answer: PageResult): PageResult {
  note(Message.accessRefused, { route: routeOf(route), reason });
  return answer;
}

/** What every page knows of the service, and who is signed in and where they can go, for the page's header and its forms. */
export function siteFor({ name, csrf, roles }: SignedIn): Site {
  const links = MENU.filter((entry) => entry.roles.some((role) => roles.includes(role)));
  return { ...site(), signedIn: { name, csrf, links, coordinates: roles.includes('coordinator') } };
}

/** The pages that each role begins at. */
const MENU: readonly { text: string; href: string; roles: readonly Role[] }[] = [
  { text: 'Worklist', href: '/worklist', roles: ['link-worker', 'coordinator'] },
  { text: 'Find a person', href: '/worklist/search', roles: ['link-worker', 'coordinator'] },
  { text: 'Team', href: '/team', roles: ['coordinator'] },
  { text: 'Directory', href: '/directory', roles: ['link-worker', 'coordinator', 'auditor'] },
  { text: 'Insights', href: '/insights', roles: ['coordinator'] },
  { text: 'Reports', href: '/report', roles: ['coordinator'] },
  { text: 'Audit', href: '/audit', roles: ['coordinator', 'auditor'] },
];

/** Where to sign in; `from` is the local address to come back to. */
export function signInAddress(from?: string): string {
  return from === undefined ? SIGN_IN : `${SIGN_IN}?${new URLSearchParams({ return: from })}`;
}

/** Who is signed in, by the browser's cookie; undefined when nobody is (any more). Notes that the session is used. */
export async function whoIsSignedIn(visit: Visit): Promise<SignedIn | undefined> {
  const id = sessionIn(visit);
  if (id === undefined) return undefined;
  const { TABLE_NAME, SESSION_IDLE_MINUTES, SESSION_HOURS } = environment('session');
  const { Item } = await documents().send(
    // Whoever just signed in must not be sent to sign in again, nor be let in who just signed out.
    new GetCommand({ TableName: TABLE_NAME, Key: keyOf(id), ConsistentRead: true }),
  );
  const session = sessionSchema.safeParse(Item);
  if (!session.success) return undefined;
  const { createdAt, seenAt, ...person } = session.data;
  const { now } = visit;
  // DynamoDB removes what has expired when it comes round to it.
  if (isDue(after(createdAt, { hours: SESSION_HOURS }), now)) return undefined;
  if (isDue(after(seenAt, { minutes: SESSION_IDLE_MINUTES }), now)) return undefined;
  if (isDue(after(seenAt, NOTED_EVERY), now)) await noteUse(TABLE_NAME, id, now);
  return { ...person, since: createdAt, csrf: csrfOf(id, await keyFor('session')) };
}

/** Whether a form comes from a page of the same session: nobody else can know what it carries. */
export async function isOwnForm(visit: Visit): Promise<boolean> {
  const id = sessionIn(visit);
  if (id === undefined) return false;
  const sent = Buffer.from(visit.fields.csrf ?? '');
  return (await keysFor('session')).some((key) => {
    const expected = Buffer.from(csrfOf(id, key));
    return sent.length === expected.length && timingSafeEqual(sent, expected);
  });
}

/** Begins a session for somebody who has just signed in, with a token of its own, and ends the browser's former one. Gives the cookie. */
export async function beginSession(visit: Visit, person: Person): Promise<string> {
  const { TABLE_NAME, SESSION_HOURS } = environment('session');
  const { now } = visit;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await endSession(visit);
  await documents().send(
    new PutCommand({
      TableName: TABLE_NAME,
      Item: {
        ...keyOf(hashOf(token)),
        ...personSchema.parse(person),
        createdAt: now,
        seenAt: now,
        expiresAt: Math.ceil(Date.parse(after(now, { hours: SESSION_HOURS })) / 1000),
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
  return cookie('session', token, visit);
}

/** So many searches are kept: as many tabs as somebody goes back in. */
const KEPT_SEARCHES = 5;

/**
 * Keeps a search with the session, so that its answer is a page that one can come back to without sending a form again. Of two at the same
 * moment one is kept.
 */
export async function keepSearch(visit: Visit, who: SignedIn, search: KeptSearch): Promise<void> {
  const id = sessionIn(visit);
  if (id === undefined) return;
  const others = (who.searches ?? []).filter(({ at }) => at !== search.at);
  const searches = [...others, search].slice(-KEPT_SEARCHES);
  await changeSession({
    TableName: environment('session').TABLE_NAME,
    Key: keyOf(id),
    UpdateExpression: 'SET searches = :searches',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':searches': searches },
  });
}

/** Ends the browser's session, if it has one, and gives the cookie that makes the browser forget it. */
export async function endSession(visit: Visit): Promise<string> {
  const id = sessionIn(visit);
  if (id !== undefined) {
    await documents().send(
      new DeleteCommand({ TableName: environment('session').TABLE_NAME, Key: keyOf(id) }),
    );
  }
  return noCookie('session', visit);
}

/** The id of the session that the browser's cookie names, whether or not there is one. */
function sessionIn(visit: Visit): string | undefined {
  const token = cookieIn(visit, 'session');
  return token !== undefined && TOKEN.test(token) ? hashOf(token) : undefined;
}

/** Nothing is made anew: what was ended meanwhile stays ended. */
function noteUse(TableName: string, id: string, now: string): Promise<void> {
  return changeSession({
    TableName,
    Key: keyOf(id),
    UpdateExpression: 'SET seenAt = :now',
    ConditionExpression: 'seenAt < :now',
    ExpressionAttributeValues: { ':now': now },
  });
}

async function changeSession(change: UpdateCommandInput): Promise<void> {
  try {
    await documents().send(new UpdateCommand(change));
  } catch (error) {
    // Signed out in another tab, or noted by it.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

function keyOf(id: string) {
  return { pk: `SESSION#${id}`, sk: 'SESSION' };
}

/** A plain hash is enough: 256 random bits cannot be found by trial. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function csrfOf(id: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`csrf ${id}`).digest('base64url');
}
