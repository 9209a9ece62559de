/**
 * The small changes that every transition is made of. Each returns a new referral; nothing is changed in place.
 * A transition's whole result is stored by one conditional write.
 */

import type { MessageKind, OutboxEntry, Recipient } from './outbox-entry.ts';
import { afterQuiet } from './quiet.ts';
import type {
  Due,
  DueStep,
  HistoryEntry,
  Link,
  LinkPurpose,
  Offer,
  OfferQuestion,
  Referral,
  Step,
} from './referral.ts';
import { figure } from './reminder-policy.ts';
import { after } from './time.ts';

/** Why a transition was not made. `recorded` is what had been decided before, if that is why. */
export type Refusal = { refused: 'already-decided' | 'not-now'; recorded?: string };

/** A transition's result: the new referral, or why not. */
export type Outcome = Referral | Refusal;

export function isRefusal(outcome: Outcome): outcome is Refusal {
  return 'refused' in outcome;
}

/** Adds one thing that happened; `name` says who of the team, where somebody was signed in, and `more` what else is to be known of it. */
export function happened<R extends Referral>(
  referral: R,
  at: string,
  by: HistoryEntry['by'],
  event: string,
  detail?: string,
  name?: string,
  more: Pick<HistoryEntry, 'whom' | 'hold'> = {},
): R {
  const entry: HistoryEntry = {
    at,
    by,
    event,
    ...(detail === undefined ? {} : { detail }),
    ...(name === undefined ? {} : { name }),
    ...more,
  };
  return { ...referral, history: [...referral.history, entry] };
}

/** Adds what can be said again without end: it takes the place of the last entry, where that is one of the same `events` by the same. */
export function saidAgain<R extends Referral>(
  referral: R,
  at: string,
  by: HistoryEntry['by'],
  event: string,
  events: readonly string[] = [event],
  name?: string,
): R {
  const last = referral.history.at(-1);
  const isSame = last && events.includes(last.event) && last.by === by && last.name === name;
  const before = isSame ? referral.history.slice(0, -1) : referral.history;
  return happened({ ...referral, history: before }, at, by, event, undefined, name);
}

/** Puts an entry into the outbox, unless its cause already put one there. */
function queue<R extends Referral>(referral: R, entry: OutboxEntry): R {
  if (referral.outbox.some((existing) => existing.key === entry.key)) return referral;
  return { ...referral, outbox: [...referral.outbox, entry] };
}

/** Queues an email. `cause` tells this sending from every other of the same message to the same recipient. */
export function email<R extends Referral>(
  referral: R,
  now: string,
  mail: { message: MessageKind; to: Recipient; cause: string; link?: string; by?: string; team?: string },
): R {
  const { cause, ...rest } = mail;
  const programmeId = mail.to === 'provider' ? referral.offers.at(-1)?.programmeId : undefined;
  return queue(referral, {
    kind: 'email',
    key: emailKey(mail),
    attempts: 0,
    notBefore: now,
    ...rest,
    ...(programmeId === undefined ? {} : { programmeId }),
  });
}

/** Queues an email in place of the same one that has not gone out: who gets it again, at another address, gets it once. */
export function emailInstead<R extends Referral>(
  referral: R,
  now: string,
  mail: Parameters<typeof email>[2],
): R {
  const outbox = referral.outbox.filter((entry) => !isSameMail(entry, mail));
  return email({ ...referral, outbox }, now, mail);
}

/** Whether an entry is an email that says the same to the same recipient, with the same link. */
export function isSameMail(
  entry: OutboxEntry,
  { message, to, link }: { message: MessageKind; to: Recipient; link?: string | undefined },
): boolean {
  return entry.kind === 'email' && entry.message === message && entry.to === to && entry.link === link;
}

/** What an email is called in the outbox. */
export function emailKey({
  message,
  to,
  cause,
}: {
  message: MessageKind;
  to: Recipient;
  cause: string;
}): string {
  return `email:${message}:${to}:${cause}`;
}

/**
 * The cause of what is sent at a due time: done again after a crash it is the same mail, and the next time another, though the reminders began anew. One with the
 * same cause looks to mail programs like the one before.
 */
export function causeOf(what: string, { at }: Pick<Due, 'at'>): string {
  return `${what}-at-${at}`;
}

/** The field of a step's answer that the state machine's choice reads. */
const ANSWER_FIELD: Record<Step, string> = {
  review: 'decision',
  information: 'reply',
  provider: 'reply',
  place: 'reply',
  session: 'outcome',
  welfare: 'outcome',
};

/** The output of a waiting step for a code. */
export function answerOutput(step: Step, code: string): Record<string, string> {
  return { [ANSWER_FIELD[step]]: code };
}

/** Queues an answer to a task token. */
export function answerToken<R extends Referral>(
  referral: R,
  now: string,
  token: string,
  step: Step,
  code: string,
): R {
  return queue(referral, {
    kind: 'answer',
    key: `answer:${step}:${fingerprint(token)}`,
    attempts: 0,
    notBefore: now,
    token,
    output: answerOutput(step, code),
  });
}

/**
 * Answers whatever step waits now, if one does, at `at` or, when that is left out, at once; from then on the workflow must act.
 */
export function answerWaiting<R extends Referral>(referral: R, now: string, code: string, at = now): R {
  const { waiting, ...rest } = referral;
  const next = waiting ? answerToken(rest as R, at, waiting.token, waiting.step, code) : (rest as R);
  return dueAfter(next, at, 'workflow');
}

/** The step whose token an answer is for. */
export function stepOfAnswer({ key }: Extract<OutboxEntry, { kind: 'answer' }>): Step {
  return key.split(':')[1] as Step;
}

/** Queues a (new) execution. `stop` names the one that it replaces. */
export function startExecution<R extends Referral>(referral: R, now: string, stop?: string): R {
  const name = referral.execution.name;
  return queue(referral, {
    kind: 'start',
    key: `start:${name}`,
    attempts: 0,
    notBefore: now,
    execution: name,
    ...(stop === undefined ? {} : { stop }),
  });
}

/**
 * Replaces the execution by the next one; whatever token the old one held is void. Who was asked stays asked: their reminders
 * go on as they were. Otherwise the workflow must act soon.
 */
export function nextExecution<R extends Referral>(referral: R, now: string): R {
  const { waiting: _void, ...rest } = referral;
  const number = referral.execution.number + 1;
  const name = `${referral.id}-${number}`;
  const next = { ...rest, execution: { number, name, startedAt: now } } as R;
  const { first, also } = toStop(referral);
  const started = startExecution(withoutVoid(also ? stopExecution(next, now, also) : next), now, first);
  return referral.due && referral.due.step !== 'workflow' ? started : dueAfter(started, now, 'workflow');
}

/** What was to start or to answer another execution is done no more: only the newest counts, and it is answered when it asks. */
function withoutVoid<R extends Referral>(referral: R): R {
  return { ...referral, outbox: referral.outbox.filter(({ kind }) => kind !== 'start' && kind !== 'answer') };
}

/**
 * The executions that may be running. While a start waits, nobody has tried it, and it is the one that was to be stopped for it. Once
 * somebody has, nobody knows how far they came: it may run, and so may the other.
 */
function toStop({ execution, outbox }: Referral): { first?: string | undefined; also?: string | undefined } {
  const queued = outbox.find((entry) => entry.kind === 'start');
  if (!queued) return { first: execution.name };
  return queued.attempts === 0 ? { first: queued.stop } : { first: execution.name, also: queued.stop };
}

/**
 * What the referral stands for among the places of the programme of its newest offer is to be brought to the ledger (places.ts). Every change has an
 * entry of its own: one that is being done may have looked before this.
 */
export function settlePlaces<R extends Referral>(referral: R, now: string): R {
  const programmeId = referral.offers.at(-1)?.programmeId;
  if (programmeId === undefined) return referral;
  const key = `places:${programmeId}:${referral.version}`;
  return queue(referral, { kind: 'places', key, attempts: 0, notBefore: now, programmeId });
}

/** Stops an execution that was replaced and runs all the same. */
export function stopExecution<R extends Referral>(referral: R, now: string, execution: string): R {
  return queue(referral, { kind: 'stop', key: `stop:${execution}`, attempts: 0, notBefore: now, execution });
}

/** The offer that a provider has to answer now. */
export function openOffer({ stage, offers }: Referral): Offer | undefined {
  const offer = offers.at(-1);
  return stage === 'offer' && offer?.result === undefined ? offer : undefined;
}

/** Whether the person of an offer waits for a place: nobody more once one is held for them, of which the provider has been asked. */
export function waitsOnList(offer: Offer | undefined): offer is Offer & { waitlistedAt: string } {
  return offer?.waitlistedAt !== undefined && offer.cohortId === undefined && offer.result === undefined;
}

/** The question of a provider that waits for the link worker's answer; undefined when none does. */
export function openOfferQuestion(referral: Referral): OfferQuestion | undefined {
  const last = openOffer(referral)?.questions?.at(-1);
  return last?.answer === undefined ? last : undefined;
}

/** From when a provider's time to reply counts: since they were asked, or since their question was answered, or they were next. */
export function offerRunsFrom({ askedAt, questions }: Offer): string | undefined {
  const answeredAt = questions?.at(-1)?.answeredAt;
  return answeredAt !== undefined && askedAt !== undefined && answeredAt > askedAt ? answeredAt : askedAt;
}

/**
 * Sets the next due time to reminder number `count` of a step. While a provider waits for an answer nobody waits for the provider: then it is
 * the link worker who is reminded, whatever would have been due.
 */
export function dueAfter<R extends Referral>(referral: R, now: string, step: DueStep, count = 0): R {
  if ((step === 'offer' || step === 'place') && openOfferQuestion(referral)) {
    return dueAt(referral, after(now, figure('offer-question')), 'offer-question');
  }
  const at = after(now, figure(step, count));
  return dueAt(referral, OUTSIDE.has(step) ? afterQuiet(at) : at, step, count);
}

/** The steps whose reminders go to people outside the service: not in quiet hours. */
const OUTSIDE: ReadonlySet<DueStep> = new Set(['information', 'offer', 'place', 'follow-up']);

/** Sets the next due time. */
export function dueAt<R extends Referral>(referral: R, at: string, step: DueStep, count = 0): R {
  return { ...referral, due: { at, step, count } };
}

/**
 * Adds a link if it is not there yet. Its secrets are minted when an email carries it; a review and a welfare contact have none, because
 * those who decide them sign in: there it is the place where the decision is recorded.
 */
export function addLink<R extends Referral>(referral: R, id: string, purpose: LinkPurpose): R {
  if (referral.links[id]) return referral;
  return { ...referral, links: { ...referral.links, [id]: { purpose, hashes: [] } } };
}

/** Notes what was decided through a link. */
export function recordOnLink<R extends Referral>(
  referral: R,
  id: string | undefined,
  now: string,
  decision: string,
): R {
  const link = id === undefined ? undefined : referral.links[id];
  if (id === undefined || !link) return referral;
  return { ...referral, links: { ...referral.links, [id]: { ...link, recorded: { at: now, decision } } } };
}

/** Takes back every unused link of these purposes: whoever opens one is told that it is no longer needed. */
export function revokeLinks<R extends Referral>(referral: R, now: string, purposes: LinkPurpose[]): R {
  const links: Record<string, Link> = {};
  for (const [id, link] of Object.entries(referral.links)) {
    const revoke = purposes.includes(link.purpose) && !link.recorded && !link.revokedAt;
    links[id] = revoke ? { ...link, revokedAt: now } : link;
  }
  return { ...referral, links };
}

/** Takes back the links that make no sense any more once the referral has ended. */
export function revokeAfterEnding<R extends Referral>(referral: R, now: string): R {
  return revokeLinks(referral, now, ['review', 'information', 'offer', 'welfare', 'measures']);
}

/** A short name for a token (FNV-1a), so that the outbox key stays short. Not a secret and not for secrets. */
function fingerprint(token: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of token) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  }
  return hash.toString(36);
}
