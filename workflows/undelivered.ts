/**
 * Email that does not arrive: what a referral does about a recipient whom email does not reach. A link worker is told whom, and it stays in the worklist until somebody has reached them in another way or has put the address right.
 */
import { takenBy } from './assignment.ts';
import { email, happened, type Outcome } from './change.ts';
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

/** By when somebody is to have seen to it. */
export function undeliveredDue({ at }: Pick<Undelivered, 'at'>): string {
  return after(at, SEEN_TO_WITHIN);
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
  const later = email(told, undeliveredDue(entry), {
    message: 'undelivered-waiting',
    to: 'coordinator',
    cause: causeOf(entry),
  });
  return remindedAnew(referral, withoutEmail(later, whom, why), now);
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

function settle(referral: Referral, entry: Undelivered, now: string, by?: TeamMember): Referral {
  const settled = { ...entry, settledAt: now, ...(by === undefined ? {} : { settledBy: by }) };
  const undelivered = referral.undelivered?.map((each) => (each.number === entry.number ? settled : each));
  const theirs = [
    `email:undelivered:link-worker:${causeOf(entry)}`,
    `email:undelivered-waiting:coordinator:${causeOf(entry)}`,
  ];
  const outbox = referral.outbox.filter(({ key }) => !theirs.includes(key));
  return happened(
    { ...referral, undelivered, outbox },
    now,
    by === undefined ? 'workflow' : 'link-worker',
    'undelivered-settled',
    entry.to,
    by?.name,
  );
}

/** What somebody still needs, however late it comes. Everything else is told by their page, or was to be told then or never. */
const STILL_NEEDED: ReadonlySet<MessageKind> = new Set<MessageKind>([
  ...(['acknowledgement-person', 'acknowledgement-referrer', 'information-request'] as const),
  ...(['offer', 'place-free', 'offer-confirmed', 'measures-request'] as const),
  ...(['letter-person', 'letter-referrer', 'letter-gp'] as const),
]);

/** Mail for a link that is used up is left out when it would be sent (functions/outbox/outbox.ts). */
function sendAgain(referral: Referral, entry: Undelivered, now: string): Referral {
  return entry.missed
    .filter(({ message }) => STILL_NEEDED.has(message))
    .reduce(
      (before, { message, to, link }) =>
        email(before, now, {
          message,
          to,
          cause: `again-${entry.number}${link === undefined ? '' : `-${link}`}`,
          ...(link === undefined ? {} : { link }),
        }),
      referral,
    );
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
