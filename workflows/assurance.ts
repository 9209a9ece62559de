/**
 * How old an entry of the directory may be, and what is done about it: its provider is asked once a year whether it is still right, asked
 * again after a month, and after another month the coordinator is told. Where nobody confirms it, all of that begins anew a year after it ended, and as soon as
 * there is another address to ask.
 */
import * as z from 'zod/mini';
import { isOffered, type Programme } from './directory.ts';
import { after, isDue, londonDate, type Span } from './time.ts';

const instant = z.iso.datetime();

/** How long a provider is waited for, each time. */
const SILENCE: Span = { days: 30 };
/** How often a provider is asked before the coordinator is told. */
const ASKED_AT_MOST = 2;
/** The link in the email works until some time after the coordinator is told. */
export const ASSURANCE_LINK_LIFETIME: Span = { days: 75 };
/** How many secrets of the link are remembered, the newest ones. */
const REMEMBERED = 10;
/** After this long an entry is called old, whatever its provider is asked. */
const OLD_AFTER: Span = { days: 365 };

export const ASSURANCE_MESSAGES = ['confirm', 'confirm-again', 'silent', 'changed'] as const;
export type AssuranceMessage = (typeof ASSURANCE_MESSAGES)[number];

const answer = z.object({
  at: instant,
  result: z.enum(['right', 'changed']),
  /** What has changed, in the provider's words. */
  text: z.optional(z.string().check(z.maxLength(4000))),
});

/** Whether an entry is right: who was asked when, and what the provider said. */
export const assuranceSchema = z.object({
  /** Counts writes. Every change is conditional on it. */
  version: z.int().check(z.nonnegative()),
  /** What `assuredOn` was when it began: once that has changed, this is over. */
  round: z.string(),
  askedAt: z.array(instant),
  /** Whom it began with; absent in what was written before that was noted. */
  to: z.optional(z.string()),
  coordinatorToldAt: z.optional(instant),
  /** SHA-256 of each secret sent, newest last, with the address that it went to. */
  hashes: z.array(z.object({ hash: z.string(), to: z.string(), expiresAt: instant })),
  answer: z.optional(answer),
  /** What the provider said when they were asked before, and nobody has seen to yet. */
  saidBefore: z.optional(answer),
  /** Emails to be sent: put there with what causes them, and taken away when they are gone. */
  pending: z.array(z.object({ message: z.enum(ASSURANCE_MESSAGES), notBefore: instant })),
});
export type Assurance = z.infer<typeof assuranceSchema>;

/** What a round is called: the day when the entry was last confirmed. */
export function roundOf({ assuredOn }: Pick<Programme, 'assuredOn'>): string {
  return assuredOn ?? 'never';
}

/** What is known of the round that the entry is in now. */
export function currentRound(programme: Programme, before: Assurance | undefined): Assurance {
  const round = roundOf(programme);
  if (before?.round === round) return before;
  return { version: before?.version ?? 0, round, askedAt: [], hashes: [], pending: [] };
}

/**
 * The same where nobody has confirmed the entry and all of that begins anew. The links of before are remembered, so that they go on to say why they open
 * nothing any more.
 */
function begunAnew(programme: Programme, state: Assurance, now: string, days: number): Assurance {
  const { answer, coordinatorToldAt, hashes, version, round } = state;
  const endedAt = answer?.at ?? coordinatorToldAt;
  const isAYearAgo = endedAt !== undefined && isOver(londonDate(endedAt), { days }, now);
  const to = state.to ?? hashes.at(-1)?.to;
  const isElsewhere = answer === undefined && to !== undefined && to !== programme.provider.email;
  if (!isAYearAgo && !isElsewhere) return state;
  const said = openAnswer(programme, state);
  return { version, round, hashes, askedAt: [], pending: [], ...(said ? { saidBefore: said } : {}) };
}

/** How old an entry is: confirmed within the year, longer ago, or never. */
export function ageOfEntry(
  { assuredOn }: Pick<Programme, 'assuredOn'>,
  now: string,
): 'fresh' | 'old' | 'never' {
  if (assuredOn === undefined) return 'never';
  return isOver(assuredOn, OLD_AFTER, now) ? 'old' : 'fresh';
}

/** What is to be done about an entry at `now`; undefined when nothing is. @param days how long a confirmation lasts. */
export function dueAssurance(
  programme: Programme,
  before: Assurance | undefined,
  now: string,
  days: number,
): Assurance | undefined {
  const { assuredOn, example } = programme;
  if (example || !isOffered(programme)) return undefined;
  if (assuredOn !== undefined && !isOver(assuredOn, { days }, now)) return undefined;
  const state = begunAnew(programme, currentRound(programme, before), now, days);
  if (state.answer || state.coordinatorToldAt) return undefined;
  const last = state.askedAt.at(-1);
  if (last !== undefined && !isDue(after(last, SILENCE), now)) return undefined;
  if (state.askedAt.length >= ASKED_AT_MOST) {
    return withMessage({ ...state, coordinatorToldAt: now }, 'silent', now);
  }
  const asked = { ...state, askedAt: [...state.askedAt, now] };
  return last === undefined
    ? withMessage({ ...asked, to: programme.provider.email }, 'confirm', now)
    : withMessage(asked, 'confirm-again', now);
}

/** The provider has said that everything is right, or that something has changed, which the coordinator hears. */
export function withAnswer(
  state: Assurance,
  result: 'right' | 'changed',
  text: string,
  now: string,
): Assurance {
  const answered = { ...state, answer: { at: now, result, ...(text === '' ? {} : { text }) } };
  return result === 'right' ? answered : withMessage(answered, 'changed', now);
}

/** What the provider said and nobody has seen to yet: whoever confirms the entry has. */
export function openAnswer(programme: Programme, state: Assurance | undefined): Assurance['answer'] {
  const { answer, saidBefore } = currentRound(programme, state);
  return answer?.result === 'changed' ? answer : saidBefore;
}

/** With the hash of a further secret, which works from `now`. */
export function withSecret(state: Assurance, hash: string, to: string, now: string): Assurance {
  const expiresAt = after(now, ASSURANCE_LINK_LIFETIME);
  return { ...state, hashes: [...state.hashes, { hash, to, expiresAt }].slice(-REMEMBERED) };
}

/** What a secret opens. It is revoked when the entry was confirmed in another way since, is offered no more, or has another provider. */
export function checkSecret(
  programme: Programme,
  state: Assurance,
  hash: string,
  now: string,
): 'unknown' | 'revoked' | 'expired' | 'open' {
  const found = state.hashes.find((each) => each.hash === hash);
  if (!found) return 'unknown';
  const over = state.round !== roundOf(programme) && state.answer?.result !== 'right';
  if (over || found.to !== programme.provider.email || !isOffered(programme)) return 'revoked';
  return isDue(found.expiresAt, now) ? 'expired' : 'open';
}

function withMessage(state: Assurance, message: AssuranceMessage, now: string): Assurance {
  const others = state.pending.filter((each) => each.message !== message);
  return { ...state, pending: [...others, { message, notBefore: now }] };
}

/** Whether a span has passed since a day. */
function isOver(day: string, span: Span, now: string): boolean {
  return londonDate(after(`${day}T12:00:00.000Z`, span)) <= londonDate(now);
}
