/**
 * Email that does not arrive, or has nowhere to go: what a referral does about a recipient whom email does not reach. A link worker is told whom, and it stays in the worklist until somebody has reached them in another way or has put the address right.
 */
import { takenBy } from './assignment.ts';
import { email, happened, isSameMail, type Outcome } from './change.ts';
import type { MessageKind, Recipient } from './outbox-entry.ts';
import { remindedAnew } from './planning.ts';
import {
  type MissedEmail,
  MOST_MISSED,
  MOST_UNDELIVERED,
  type Referral,
  type TeamMember,
  type Undelivered,
} from './referral.ts';
import { after, type Span } from './time.ts';

/** By when a link worker is to have seen to it; then the coordinator hears that nobody has. */
const SEEN_TO_WITHIN: Span = { workingDays: 2 };

/** Whom email does not reach: who refers themself is the person. */
export function reachedAs({ referrer }: Pick<Referral, 'referrer'>, to: Recipient): Recipient {
  return to === 'referrer' && referrer.kind === 'self' ? 'person' : to;
}

/** Recipients whom email does not reach and nobody has reached in another way, oldest first. */
export function openUndelivered({ undelivered = [] }: Pick<Referral, 'undelivered'>): Undelivered[] {
  return undelivered.filter(({ settledAt }) => settledAt === undefined);
}

/** By when somebody is to have seen to it: sooner where it is about a session that begins before. */
export function undeliveredDue({ at, by }: Pick<Undelivered, 'at' | 'by'>): string {
  return earlier(after(at, SEEN_TO_WITHIN), by);
}

function earlier(at: string, by: string | undefined): string {
  return by !== undefined && by < at ? by : at;
}

/**
 * Notes that an email did not reach its recipient, and tells the link workers: once for each recipient, until somebody has seen to it. The same
 * email again changes nothing. A person who complained, or whose mail server refuses what we send, is sent no more email.
 */
export function noteUndelivered(
  referral: Referral,
  { to, why, missed }: { to: Recipient; why: Undelivered['why']; missed: MissedEmail },
  now: string,
): Referral {
  const { undelivered = [] } = referral;
  if (undelivered.some((each) => each.missed.some(({ id }) => id === missed.id))) return referral;
  const whom = reachedAs(referral, to);
  const open = undelivered.find((each) => each.to === whom && each.settledAt === undefined);
  if (open) {
    const more = { ...open, missed: [...open.missed, missed].slice(-MOST_MISSED) };
    const all = undelivered.map((each) => (each === open ? more : each));
    return withoutEmail({ ...referral, undelivered: all }, whom, why);
  }
  const number = (undelivered.at(-1)?.number ?? 0) + 1;
  const entry: Undelivered = { number, at: now, to: whom, why, missed: [missed] };
  const noted = happened(
    { ...referral, undelivered: bounded([...undelivered, entry]) },
    now,
    'workflow',
    'email-undelivered',
    whom,
  );
  const told = email(noted, now, { message: 'undelivered', to: 'link-worker', cause: causeOf(entry) });
  return remindedAnew(referral, withoutEmail(tellCoordinator(told, entry), whom, why), now);
}

/**
 * A link worker says that they have seen to it. `again`: what was missed is sent once more, because the address was put right. The same said again
 * changes nothing; `already-decided` where it was somebody else.
 */
export function settleUndelivered(
  referral: Referral,
  number: number,
  by: TeamMember,
  again: boolean,
  now: string,
): Outcome {
  const entry = referral.undelivered?.find((each) => each.number === number);
  if (!entry) return { refused: 'not-now' };
  if (entry.settledAt !== undefined) {
    return entry.settledBy?.id === by.id
      ? referral
      : { refused: 'already-decided', recorded: entry.settledBy?.name ?? '' };
  }
  const settled = settle(referral, entry, now, by);
  const sent = remindedAnew(referral, again ? sendAgain(settled, entry, now) : settled, now);
  return referral.stage === 'closed' ? sent : takenBy(sent, by, now);
}

/** The address of a recipient was put right: what they missed and still need is sent there, and nobody has to reach them in another way. `by`: who put it right, if not they themselves. */
export function reachableAgain(referral: Referral, to: Recipient, now: string, by?: TeamMember): Referral {
  return openUndelivered(referral)
    .filter((entry) => entry.to === to)
    .reduce((before, entry) => sendAgain(settle(before, entry, now, by), entry, now), referral);
}

/**
 * Notes that the person is to be told something otherwise than by email, since that does not reach them: until somebody has, it stays in the worklist, and then
 * the coordinator hears. The link workers are asked by an email of its own (`…-by-hand`). `id`: the same again is the same. `by`: when it begins, or was to.
 */
export function noteToTell<R extends Referral>(
  referral: R,
  { message, id, by }: { message: MessageKind; id: string; by?: string },
  now: string,
): R {
  const { undelivered = [] } = referral;
  const missed: MissedEmail = { id, message, to: 'person' };
  const open = undelivered.find((each) => each.to === 'person' && each.settledAt === undefined);
  if (open?.missed.some((each) => each.id === id)) return referral;
  if (open) {
    const more = { ...open, missed: [...open.missed, missed].slice(-MOST_MISSED) };
    const sooner = by === undefined ? more : { ...more, by: earlier(by, open.by) };
    return { ...referral, undelivered: undelivered.map((each) => (each === open ? sooner : each)) };
  }
  const entry: Undelivered = {
    ...{ number: (undelivered.at(-1)?.number ?? 0) + 1, at: now, to: 'person', why: 'no-address' },
    ...(by === undefined ? {} : { by }),
    missed: [missed],
  };
  return tellCoordinator({ ...referral, undelivered: bounded([...undelivered, entry]) }, entry);
}

/** Whoever has spoken with somebody whom no email reaches has told them what was to be told by then: it stands on the page where they record that. */
export function toldByHand(referral: Referral, at: string, by: TeamMember, now: string): Referral {
  return openUndelivered(referral)
    .filter((entry) => entry.why === 'no-address' && entry.at <= at)
    .reduce((before, entry) => settle(before, entry, now, by), referral);
}

/** The coordinator hears when nobody has seen to it in time. */
function tellCoordinator<R extends Referral>(referral: R, entry: Undelivered): R {
  const mail = { message: 'undelivered-waiting', to: 'coordinator', cause: causeOf(entry) } as const;
  return email(referral, undeliveredDue(entry), mail);
}

/** It has ended: what somebody was to be told of their sessions is of no use any more, and their letter says the rest. */
export function nothingToTell<R extends Referral>(referral: R, now: string): R {
  return openUndelivered(referral)
    .filter(({ why }) => why === 'no-address')
    .reduce((before, entry) => withSettled(before, { ...entry, settledAt: now }), referral);
}

function settle(referral: Referral, entry: Undelivered, now: string, by?: TeamMember): Referral {
  return happened(
    withSettled(referral, { ...entry, settledAt: now, ...(by === undefined ? {} : { settledBy: by }) }),
    now,
    by === undefined ? 'workflow' : 'link-worker',
    entry.why === 'no-address' && by !== undefined ? 'told-by-hand' : 'undelivered-settled',
    entry.to,
    by?.name,
  );
}

/** With an entry that is settled: nobody has to hear of it any more. */
function withSettled<R extends Referral>(referral: R, settled: Undelivered): R {
  const theirs = [
    `email:undelivered:link-worker:${causeOf(settled)}`,
    `email:undelivered-waiting:coordinator:${causeOf(settled)}`,
  ];
  return {
    ...referral,
    undelivered: referral.undelivered?.map((each) => (each.number === settled.number ? settled : each)),
    outbox: referral.outbox.filter(({ key }) => !theirs.includes(key)),
  };
}

/** What somebody still needs, however late it comes. Everything else is told by their page, or was to be told then or never. */
const STILL_NEEDED: ReadonlySet<MessageKind> = new Set<MessageKind>([
  ...(['acknowledgement-person', 'acknowledgement-referrer', 'information-request'] as const),
  ...(['offer', 'place-free', 'offer-confirmed', 'measures-request'] as const),
  ...(['letter-person', 'letter-referrer', 'letter-gp'] as const),
]);

/** Mail for a link that is used up is left out when it would be sent (functions/outbox/outbox.ts). What goes to the new address already is not sent twice. */
function sendAgain(referral: Referral, entry: Undelivered, now: string): Referral {
  return entry.missed
    .filter(({ message }) => STILL_NEEDED.has(message))
    .reduce((before, { message, to, link }) => {
      const mail = { message, to, ...(link === undefined ? {} : { link }) };
      if (before.outbox.some((each) => each.attempts === 0 && isSameMail(each, mail))) return before;
      const cause = `again-${entry.number}${link === undefined ? '' : `-${link}`}`;
      return email(before, now, { ...mail, cause });
    }, referral);
}

function withoutEmail(referral: Referral, whom: Recipient, why: Undelivered['why']): Referral {
  if (whom !== 'person' || why === 'bounced') return referral;
  const { person } = referral;
  return { ...referral, person: { ...person, contact: { ...person.contact, mayEmail: false } } };
}

function causeOf({ number }: Pick<Undelivered, 'number'>): string {
  return `undelivered-${number}`;
}

/** Where there are too many the oldest that are settled go: what is open stays. */
function bounded(all: readonly Undelivered[]): Undelivered[] {
  if (all.length <= MOST_UNDELIVERED) return [...all];
  const oldest = all.find(({ settledAt }) => settledAt !== undefined);
  return all.filter((each) => each !== oldest);
}
