/** What every function that serves pages has in common: fields in, pages out, links checked, problems in plain words. */
import { createHash } from 'node:crypto';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isRefusal, type Outcome } from '../../workflows/change.ts';
import type { Fields } from '../../workflows/form.ts';
import { checkLink, type LinkCheck } from '../../workflows/links.ts';
import type { Link, LinkPurpose, Referral } from '../../workflows/referral.ts';
import type { LookedAt } from './audit-entry.ts';
import { bytesOf, MAXIMUM_BODY_BYTES, textOf } from './body.ts';
import { clientAddress } from './client-address.ts';
import { deliver } from './deliver.ts';
import { environment } from './environment.ts';
import { freshen } from './fresh.ts';
import { readToken } from './links.ts';
import { logAbout, Message, note, warn } from './log.ts';
import { requestAt } from './log-fields.ts';
import type { Site } from './pages/page.ts';
import { conflictPage, problemPage, type Unsent } from './pages/problems.ts';
import { unsentIn } from './pages/unsent.ts';
import { isPassing } from './passing.ts';
import { referrals } from './record.ts';
import type { SignedIn } from './session.ts';

/** A page as API Gateway takes it. */
export type PageResult = APIGatewayProxyStructuredResultV2;

/** One request: when it came, by which address, with which fields. */
export type Visit = {
  /** The moment the gateway received it. */
  now: string;
  requestId: string;
  /** Path parameters of the route. */
  path: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** Path and query as this service's own pages name them. */
  address: string;
  cookies: readonly string[];
  /** The address that it comes from, for counting only. */
  client: string;
  /** Whether it came over TLS, as everything does but on a laptop. */
  secure: boolean;
  /** Whether the browser says that a page of this very service sent it. Older browsers do not. */
  fromOwnPage?: boolean;
  fields: Fields;
};

/** What a link opened. */
export type Opened = {
  referral: Referral;
  id: string;
  link: Link;
  /** Who opened it, where somebody is signed in, and why, where it is another team's. */
  who?: SignedIn;
  reason?: string;
};

/** A request that is answered by a problem page. */
export class Problem extends Error {
  readonly kind: Parameters<typeof problemPage>[0];
  /** What was sent with it, to be copied. */
  readonly unsent: Unsent | undefined;
  constructor(kind: Parameters<typeof problemPage>[0], unsent?: Unsent) {
    super(kind);
    this.kind = kind;
    this.unsent = unsent;
  }
}

/** Of a route that takes files: how many bytes of a body, and what whoever sends more is told. */
export type TakesFiles = { most: number; tooLarge: Problem['kind'] };

/**
 * A handler for routes ("GET /refer"), each answered by a page. Whatever goes wrong is answered by a page too. `files`: those whose forms may
 * have files.
 */
export function pages(
  routes: Record<string, (visit: Visit) => Promise<PageResult>>,
  files: Record<string, TakesFiles> = {},
) {
  return middy(async (event: APIGatewayProxyEventV2): Promise<PageResult> => {
    const now = new Date(event.requestContext.timeEpoch).toISOString();
    logAbout({ referralId: readToken(event.pathParameters?.link)?.referralId, now });
    const route = routes[event.routeKey];
    if (!route) throw new Problem('not-found');
    await freshen(now);
    return route({
      now,
      requestId: event.requestContext.requestId,
      path: event.pathParameters ?? {},
      query: event.queryStringParameters ?? {},
      address: addressOf(event),
      cookies: event.cookies ?? [],
      client: clientAddress(event, process.env.EDGE === 'on'),
      secure: event.headers['x-forwarded-proto'] === 'https',
      fromOwnPage: event.headers['sec-fetch-site'] === 'same-origin',
      fields: await fieldsOf(event, files[event.routeKey]),
    });
  }).onError((request) => {
    const { requestContext, routeKey } = request.event;
    request.response = answerTo(request.error, requestAt(requestContext.requestId, routeKey));
  });
}

function answerTo(error: unknown, at: ReturnType<typeof requestAt>): PageResult {
  if (error instanceof Problem) return problemPage(error.kind, { ...site(), unsent: error.unsent });
  warn(Message.pageFailed, error, at);
  return problemPage(isPassing(error) ? 'try-again' : 'error', { ...site(), requestId: at.requestId });
}

/** What was asked for, without the name of the API's stage: that is nobody's business, and behind the edge it must not be known. */
function addressOf({ rawPath, rawQueryString, requestContext: { stage } }: APIGatewayProxyEventV2): string {
  const path = rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) : rawPath;
  return rawQueryString === '' ? path : `${path}?${rawQueryString}`;
}

/** The fields of a form; the first of each name. Throws a problem for what another site sends, is no form or is too big, before it is parsed. */
async function fieldsOf(event: APIGatewayProxyEventV2, files?: TakesFiles): Promise<Fields> {
  if (event.requestContext.http.method !== 'POST') return {};
  // Nobody else's page may send our forms in somebody's name. Browsers that do not say where a form comes from keep our cookies from it.
  if (event.headers['sec-fetch-site'] === 'cross-site') throw new Problem('other-site');
  const bytes = bytesOf(event, files?.most ?? MAXIMUM_BODY_BYTES);
  if (bytes === undefined) throw new Problem(files?.tooLarge ?? 'too-large');
  const type = event.headers['content-type'] ?? '';
  const fields: Fields = {};
  for (const [name, value] of await partsOf(bytes, type, files !== undefined))
    if (!Object.hasOwn(fields, name)) fields[name] = value;
  return fields;
}

/** The names and values of a form. Those with files come as multipart/form-data, which Node reads by itself. */
async function partsOf(bytes: Buffer, type: string, mayHaveFiles: boolean): Promise<[string, string][]> {
  if (/^application\/x-www-form-urlencoded(;|$)/i.test(type)) {
    return [...new URLSearchParams(bytes.toString('utf8'))];
  }
  if (!mayHaveFiles || !/^multipart\/form-data(;|$)/i.test(type)) throw new Problem('not-a-form');
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })
    .formData()
    .catch(() => {
      throw new Problem('not-a-form');
    });
  return Promise.all(
    [...form].map(
      async ([name, value]): Promise<[string, string]> => [
        name,
        typeof value === 'string' ? value : textOf(new Uint8Array(await value.arrayBuffer())),
      ],
    ),
  );
}

/**
 * Opens the link of the address. Throws a problem when it opens nothing (any more), with what was typed. `secretOf`: the hash of the link's secret, where
 * what the address has was only made of it. `revokedToo`: opens also what was taken back, as long as it would work otherwise.
 */
export async function openLink(
  visit: Visit,
  purpose: LinkPurpose,
  {
    secretOf = async (_referral: Referral, hash: string) => hash,
    revokedToo = false,
  }: { secretOf?: (referral: Referral, hash: string) => Promise<string>; revokedToo?: boolean } = {},
): Promise<Opened> {
  const token = readToken(visit.path.link);
  const referral = token && (await referrals(environment('reader').TABLE_NAME).read(token.referralId));
  const check =
    token && referral
      ? { ...checkLink(referral, purpose, await secretOf(referral, token.hash), visit.now), referral }
      : ({ state: 'unknown' } as const);
  if (check.state === 'open' || (revokedToo && check.state === 'revoked' && !check.expired)) {
    return { referral: check.referral, id: check.id, link: check.link };
  }
  return refuseLink(visit, purpose, check.state);
}

/** Says that a link opens nothing (any more): with what was typed, where it once did. */
export function refuseLink(
  { fields }: Visit,
  purpose: LinkPurpose,
  reason: Exclude<LinkCheck['state'], 'open'>,
): never {
  note(Message.linkRefused, { reason, step: purpose });
  if (reason === 'unknown') throw new Problem('not-found');
  const kind = reason === 'expired' && purpose === 'offer' ? 'offer-expired' : reason;
  throw new Problem(kind, unsentIn(fields));
}

/** Notes that someone looked at a page with a person's details, through a link or signed in, with what they were at that moment. */
export async function audit(
  visit: Visit,
  { referral, id, who, reason }: Omit<Opened, 'link'>,
  page: LookedAt,
): Promise<void> {
  await referrals(environment('reader').TABLE_NAME).audit(referral.id, {
    at: visit.now,
    requestId: visit.requestId,
    page,
    link: id,
    ...(who ? { by: who.sub, name: who.name, roles: who.roles, teams: who.teams } : {}),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** What became of a decision: it stands; or another one stood already (`recorded`), or its time has passed. */
export type Decided =
  | { state: 'stands'; referral: Referral }
  | { state: 'other'; recorded: string | undefined; referral: Referral };

/**
 * Stores a decision made through a link and wakes the outbox. The same decision sent again, to the letter, stands as if it were the
 * first; another one is told what was recorded, even if it has the same code. What was taken back stands no more, whoever sends it again.
 */
export async function decide(
  visit: Visit,
  opened: Opened,
  decision: string,
  content: unknown,
  rule: (referral: Referral) => Outcome,
): Promise<Decided> {
  const { TABLE_NAME, OUTBOX_FUNCTION } = environment('page');
  const digest = digestOf(content);
  const signed = (referral: Referral) =>
    referral.links[opened.id]?.recorded ? rule(referral) : withDigest(rule(referral), opened.id, digest);
  const changed = await referrals(TABLE_NAME).change(opened.referral.id, visit.now, signed, opened.referral);
  if (changed.state === 'missing') throw new Problem('not-found');
  const { referral } = changed;
  if (changed.state === 'stored') {
    note(Message.referralChanged, { referralId: referral.id, stage: referral.stage });
    await deliver(OUTBOX_FUNCTION, referral, visit.now);
    return { state: 'stands', referral };
  }
  const { refused, recorded } = changed.refusal;
  note(Message.changeRefused, { referralId: referral.id, stage: referral.stage, reason: refused });
  const { recorded: before, undoneAt } = referral.links[opened.id] ?? {};
  const same = recorded === decision && (before === undefined || before.digest === digest);
  return same && undoneAt === undefined
    ? { state: 'stands', referral }
    : { state: 'other', recorded, referral };
}

/** Tells a decision from another one with the same code. */
export function digestOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
}

/** Keeps the digest of the decision beside what was recorded on its link. What was recorded before keeps the one that it has. */
function withDigest(outcome: Outcome, id: string, digest: string): Outcome {
  const link = isRefusal(outcome) ? undefined : outcome.links[id];
  if (isRefusal(outcome) || !link?.recorded) return outcome;
  const recorded = { ...link.recorded, digest };
  return { ...outcome, links: { ...outcome.links, [id]: { ...link, recorded } } };
}

/** What the history says of a decision that somebody of the team takes: they alone have names there. */
const EVENT_OF: Partial<Record<LinkPurpose, string>> = { review: 'reviewed', welfare: 'welfare-contact' };

/**
 * The page for a decision that came too late: what was recorded, when, and by whom of the team, for those who may know. `unsent`: what
 * they sent themselves, which is kept nowhere else.
 */
export function conflict(
  { referral, id, who }: Opened,
  purpose: LinkPurpose,
  decided: Extract<Decided, { state: 'other' }>,
  unsent?: Unsent,
): PageResult {
  const { recorded, undoneAt } = (decided.recorded !== undefined && decided.referral.links[id]) || {};
  const nameOf = (at: string | undefined, event: string | undefined) =>
    who && decided.referral.history.find((entry) => entry.at === at && entry.event === event)?.name;
  return conflictPage({
    ...site(),
    ...(who ? { signedIn: { name: who.name, csrf: who.csrf } } : {}),
    reference: referral.reference,
    purpose,
    recorded: decided.recorded,
    at: recorded?.at,
    by: nameOf(recorded?.at, EVENT_OF[purpose]),
    takenBack: undoneAt === undefined ? undefined : { at: undoneAt, by: nameOf(undoneAt, 'decision-undone') },
    unsent,
  });
}

/** Sends the browser to a page by GET, so that a reload repeats nothing. */
export function redirect(location: string, cookies: string[] = []): PageResult {
  return {
    statusCode: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    ...(cookies.length > 0 ? { cookies } : {}),
  };
}

/** What every page knows of the service. */
export function site(): Site {
  const { SERVICE_NAME, LINK_WORKER_ADDRESS, CRISIS_CONTACTS, NHS_IDENTITY } = environment('reader');
  return {
    serviceName: SERVICE_NAME,
    linkWorkers: LINK_WORKER_ADDRESS,
    crisisContacts: CRISIS_CONTACTS,
    nhsIdentity: NHS_IDENTITY === 'yes',
  };
}
