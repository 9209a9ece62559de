/** Writes the email of an outbox entry: to whom, about which reference, by when, with which link. Nothing else goes in. */

import { createHash } from 'node:crypto';
import type { AssuranceMessage } from '../../workflows/assurance.ts';
import { keepsPlace } from '../../workflows/check-in.ts';
import { READERS } from '../../workflows/closing.ts';
import type { CohortOutboxEntry, CohortRecord, CohortSession } from '../../workflows/cohort-record.ts';
import { dangerStands } from '../../workflows/danger.ts';
import type { OutboxEntry } from '../../workflows/outbox-entry.ts';
import { emailOf } from '../../workflows/person.ts';
import type { Referral } from '../../workflows/referral.ts';
import { answerBy } from '../../workflows/steps.ts';
import { ANY_TEAM } from '../../workflows/teams.ts';
import { dateInWords, inWords, londonTime } from '../../workflows/time.ts';
import { findProgramme } from '../shared/directory/directory.ts';
import { cohortMessage } from '../shared/email/cohort-messages.ts';
import { composeEmail } from '../shared/email/compose.ts';
import {
  assuranceMessage,
  codeMessage,
  draftMessage,
  message,
  type OffersMessage,
  offersMessage,
} from '../shared/email/messages.ts';
import { type ServiceNews, serviceMessage } from '../shared/email/service-messages.ts';
import { signsIn } from '../shared/email/wordings.ts';
import type { CrisisContact, Team } from '../shared/environment.ts';

export type MailSettings = {
  sender: string;
  serviceName: string;
  baseUrl: string;
  /** Of a team that has no address of its own. */
  linkWorkerAddress: string;
  teams: readonly Pick<Team, 'id' | 'email'>[];
  coordinatorAddress: string;
  /** Whom to turn to in danger. */
  crisisContacts: readonly CrisisContact[];
};

type EmailEntry = Extract<OutboxEntry, { kind: 'email' }>;

/** The message as SES takes it; undefined when there is nobody to send it to (the person has no email address). */
export async function writeMail(
  referral: Referral,
  entry: EmailEntry,
  token: string | undefined,
  settings: MailSettings,
  now: string,
): Promise<{ to: string; raw: Uint8Array } | undefined> {
  const to = addressOf(referral, entry, settings);
  if (to === undefined) return undefined;
  const path = pathOf(referral, entry, token);
  const url = path === undefined ? undefined : addressWith(settings.baseUrl, path);
  const danger = dangerStands(referral);
  const ofSession = entry.message === 'session-reminder' || entry.message.endsWith('-by-hand');
  const byTheHour = ofSession || (danger && ASKS_THE_TEAM.test(entry.message));
  const by = entry.by && (byTheHour ? inWords(entry.by) : dateInWords(entry.by));
  const { subject, ...body } = message(entry.message, {
    reference: referral.reference,
    serviceName: settings.serviceName,
    crisisContacts: settings.crisisContacts,
    to: entry.to,
    danger,
    keepsPlace: keepsPlace(referral),
    ...(url === undefined ? {} : { url }),
    ...(by === undefined ? {} : { by }),
  });
  const raw = await composeEmail({
    to,
    from: { name: settings.serviceName, address: settings.sender },
    subject,
    message: body,
    key: `${referral.id}:${entry.key}`,
    now,
  });
  return { to, raw };
}

/** The email with the link of an unfinished form. It has no reference yet. */
export async function writeDraftMail(
  { to, token, until }: { to: string; token: string; until: string },
  settings: MailSettings,
  now: string,
): Promise<Uint8Array> {
  const { serviceName, sender, baseUrl, crisisContacts } = settings;
  const { subject, ...body } = draftMessage({
    serviceName,
    crisisContacts,
    url: addressWith(baseUrl, `refer/return/${token}`),
    until: dateInWords(until),
  });
  const key = `draft:${createHash('sha256').update(token).digest('hex')}:${now}`;
  return composeEmail({ to, from: { name: serviceName, address: sender }, subject, message: body, key, now });
}

/** The email with a link to all of a provider's work, and the references of what waits for them. */
export async function writeOffersMail(
  why: OffersMessage,
  about: {
    to: string;
    waiting: readonly Referral[];
    /** The references of groups whose register is missing. */
    missing: readonly string[];
    open: number;
    more: boolean;
    path: string | undefined;
    key: string;
  },
  { serviceName, sender, baseUrl }: MailSettings,
  now: string,
): Promise<Uint8Array> {
  const { to, waiting, missing, open, more, path, key } = about;
  const { subject, ...body } = offersMessage(why, {
    serviceName,
    open: more ? `more than ${open}` : String(open),
    waiting: waiting.slice(0, MOST_NAMED).map((referral) => {
      const by = answerBy(referral);
      return { reference: referral.reference, ...(by === undefined ? {} : { by: dateInWords(by) }) };
    }),
    missing: missing.slice(0, MOST_NAMED),
    others: Math.max(0, waiting.length - MOST_NAMED) + Math.max(0, missing.length - MOST_NAMED),
    ...(path === undefined ? {} : { url: addressWith(baseUrl, path) }),
  });
  return composeEmail({ to, from: { name: serviceName, address: sender }, subject, message: body, key, now });
}

/** How many references an email names: the longest waiting. */
const MOST_NAMED = 20;

/** A one-time code, to the address that the directory has now: no link, and nothing of a person. */
export async function writeCodeMail(
  code: { programmeId: string; reference: string; digits: string; until: string },
  { serviceName, sender }: MailSettings,
  now: string,
): Promise<{ to: string; raw: Uint8Array }> {
  const { programmeId, reference, digits, until } = code;
  const to = providerAddress(programmeId);
  const { subject, ...body } = codeMessage({ serviceName, reference, digits, until: londonTime(until) });
  const from = { name: serviceName, address: sender };
  const key = `code:${reference}:${now}`;
  return { to, raw: await composeEmail({ to, from, subject, message: body, key, now }) };
}

/** An email about an entry of the directory, to its provider or the coordinator. */
export async function writeAssuranceMail(
  message: AssuranceMessage,
  { to, path, key }: { to: string; path: string; key: string },
  settings: MailSettings,
  now: string,
): Promise<Uint8Array> {
  const { serviceName, sender, baseUrl } = settings;
  const url = addressWith(baseUrl, path);
  const { subject, ...body } = assuranceMessage(message, { serviceName, url });
  return composeEmail({ to, from: { name: serviceName, address: sender }, subject, message: body, key, now });
}

/** An email about a session of a cohort, to its facilitator or the coordinator. */
export async function writeCohortMail(
  { id, programmeId, reference, own }: CohortRecord,
  session: CohortSession,
  { message, to, by, key }: Extract<CohortOutboxEntry, { kind: 'email' }>,
  token: string,
  settings: MailSettings,
  now: string,
): Promise<{ to: string; raw: Uint8Array }> {
  const { serviceName, sender, baseUrl, coordinatorAddress } = settings;
  const isOfAll = message === 'group-page' || message === 'sessions-changed';
  const page = isOfAll ? '/group' : `?session=${session.number}`;
  // Who signs in sees there who the provider is. One person's reference and a service are never in one email.
  const signedIn = own === undefined ? `directory/${programmeId}` : `referrals/${reference}`;
  const path = to === 'provider' ? `register/${token}${page}` : signedIn;
  const { subject, ...body } = cohortMessage(message, {
    serviceName,
    reference,
    session: inWords(session.startsAt),
    url: addressWith(baseUrl, path),
    ...(by === undefined ? {} : { by: dateInWords(by) }),
  });
  const address = to === 'provider' ? providerAddress(programmeId) : coordinatorAddress;
  const raw = await composeEmail({
    to: address,
    from: { name: serviceName, address: sender },
    subject,
    message: body,
    key: `cohort:${id}:${key}`,
    now,
  });
  return { to: address, raw };
}

/** An email to the coordinator that is about no referral. */
export async function writeServiceMail(
  news: ServiceNews,
  key: string,
  { serviceName, sender, baseUrl, coordinatorAddress: to }: MailSettings,
  now: string,
): Promise<{ to: string; raw: Uint8Array }> {
  const programmeId = news.kind === 'address' ? news.programmeId : undefined;
  const path = programmeId === undefined ? 'worklist' : `directory/${programmeId}`;
  const { subject, ...body } = serviceMessage(news, {
    serviceName,
    url: addressWith(baseUrl, path),
    ...(news.kind === 'held' ? { since: inWords(news.since) } : {}),
  });
  const from = { name: serviceName, address: sender };
  return { to, raw: await composeEmail({ to, from, subject, message: body, key, now }) };
}

function addressOf(
  referral: Referral,
  { to: recipient, message: kind, programmeId, team }: EmailEntry,
  settings: MailSettings,
): string | undefined {
  switch (recipient) {
    case 'referrer':
      // PRSB: who the response returns to need not be who referred.
      return (kind === 'letter-referrer' && referral.referrer.respondTo?.email) || referral.referrer.email;
    case 'person':
      return emailOf(referral.person);
    case 'gp-practice':
      return referral.person.gpPracticeEmail;
    case 'link-worker':
      return teamAddress(team === undefined ? referral : { team }, settings);
    case 'coordinator':
      return settings.coordinatorAddress;
    case 'provider':
      return providerAddress(programmeId);
  }
}

/** A programme that left the directory must not swallow its provider's mail: it fails, is tried again, and is reported. */
function providerAddress(programmeId: string | undefined): string {
  const programme = findProgramme(programmeId);
  if (!programme) throw new Error('the directory has no such programme');
  return programme.provider.email;
}

/** Where a team reads its mail: the one that looks after the referral now, unless the mail is for another. */
function teamAddress(
  { team = ANY_TEAM }: Pick<Referral, 'team'>,
  { teams, linkWorkerAddress }: MailSettings,
): string {
  return teams.find(({ id }) => id === team)?.email ?? linkWorkerAddress;
}

/** The team is led to the referral, behind the sign-in, or to the letter to print; others to the page that their link opens. */
function pathOf(
  { reference, links }: Referral,
  { to, message: kind, link }: EmailEntry,
  token: string | undefined,
): string | undefined {
  if (signsIn(to)) {
    const reader = READERS.find((reader) => kind === `letter-${reader}`);
    if (SAID.has(kind)) return `referrals/${reference}/contacts#said`;
    if (UNDELIVERED.has(kind)) return `referrals/${reference}/contacts#undelivered`;
    if (kind === 'danger-reminder' || kind === 'danger-escalation') return `referrals/${reference}/contacts`;
    if (kind === 'erasure-warning') return `referrals/${reference}/data`;
    if (kind === 'plan-review') return `referrals/${reference}/plan`;
    if (kind === 'facilitator-note') return `referrals/${reference}/contacts#notes`;
    return `referrals/${reference}${reader === undefined ? '' : `/letters/${reader}`}`;
  }
  if (link === undefined || token === undefined) return undefined;
  const purpose = links[link]?.purpose;
  if (purpose === undefined) throw new Error('an email names a link that is not there');
  return `${purpose}/${token}${kind === 'check-in' ? '/check-in' : ''}`;
}

/** A review is asked for: where somebody may be in danger, within hours. */
const ASKS_THE_TEAM = /^(review-|information-answered$)/;

/** What the person said, and what a colleague of another team wrote, stands beside the notes. */
const SAID: ReadonlySet<string> = new Set([
  'feedback',
  'concern',
  'concern-urgent',
  'concern-waiting',
  'colleague-note',
  'colleague-note-urgent',
  'colleague-note-waiting',
]);

/** What did not reach somebody, and what they are to be told in another way, stands above their contacts. */
const UNDELIVERED: ReadonlySet<string> = new Set([
  ...['undelivered', 'undelivered-waiting', 'offer-accepted-by-hand', 'not-right-by-hand'],
  'list-ended-by-hand',
  ...['session-cancelled-by-hand', 'session-moved-by-hand', 'session-restored-by-hand'],
  ...['session-added-by-hand', 'session-not-needed-by-hand'],
]);

function addressWith(baseUrl: string, path: string): string {
  return new URL(path, `${baseUrl.replace(/\/$/, '')}/`).href;
}
