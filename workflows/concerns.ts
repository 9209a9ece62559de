/**
 * Concerns: the person asks to be contacted, says that they do not feel safe, or left while a risk was open. A link worker is told at once, and it
 * stays first in the worklist until somebody has seen to it, whatever becomes of the referral meanwhile. A note that a colleague of another team
 * left is told and waits in the same way; by itself it is no risk, and holds back nothing.
 */
import { takenBy } from './assignment.ts';
import { email, happened, type Outcome, openOffer, settlePlaces, waitsOnList } from './change.ts';
import type { MessageKind, OutboxEntry } from './outbox-entry.ts';
import {
  type Concern,
  type ConcernKind,
  MOST_CONCERN_NOTES,
  MOST_CONCERNS,
  type Referral,
  type TeamMember,
} from './referral.ts';
import { figure } from './reminder-policy.ts';
import { after } from './time.ts';

/** Which comes first. */
const GRAVEST: readonly ConcernKind[] = ['unsafe', 'left-at-risk', 'contact', 'colleague-note'];

/** What somebody of the team is to see to first: the gravest concern, then a colleague's note; undefined where there is none. */
export function toSeeTo({ concerns = [] }: Pick<Referral, 'concerns'>): Concern | undefined {
  const open = concerns.filter(({ settledAt }) => settledAt === undefined);
  return GRAVEST.map((kind) => open.find((concern) => concern.kind === kind)).find(Boolean);
}

/** The gravest concern about the person that nobody has seen to, of several the oldest; undefined where there is none. A note to be read is none. */
export function openConcern(referral: Pick<Referral, 'concerns'>): Concern | undefined {
  const first = toSeeTo(referral);
  return first?.kind === 'colleague-note' ? undefined : first;
}

/** Somebody said that there are risks, or danger, or the person waits to be contacted. */
export function hasOpenRisk({ request, concerns }: Pick<Referral, 'request' | 'concerns'>): boolean {
  return request.risks.known || request.danger === true || openConcern({ concerns }) !== undefined;
}

/** By when somebody is to see to it; then the coordinator hears that nobody has. */
export function concernDue({ at, kind }: Concern): string {
  return after(at, figure(figureOf(kind)));
}

/** A note waits as long as somebody who asks to be contacted. */
function figureOf(kind: ConcernKind): Exclude<ConcernKind, 'colleague-note'> {
  return kind === 'colleague-note' ? 'contact' : kind;
}

/**
 * Records a concern of the person and tells the link workers. While one of its kind is open there is no second; what is said meanwhile (`said`: the
 * key of its form) is told as that one was.
 */
export function raiseConcern<R extends Referral>(
  referral: R,
  kind: Exclude<ConcernKind, 'colleague-note'>,
  now: string,
  said?: string,
): R {
  return raise(referral, kind, now, said);
}

/** A note that somebody of another team left. */
export type ColleagueNote = {
  /** Under which it is kept (functions/shared/notes.ts). */
  key: string;
  by: TeamMember;
  /** They say that the person may not be safe. */
  unsafe: boolean;
};

/**
 * Records that a colleague's note is to be seen to, or that the person may not be safe where they say so, and tells the link workers. What they wrote is
 * in none of it. The same note again changes nothing, also once somebody has seen to it.
 */
export function raiseByColleague<R extends Referral>(
  referral: R,
  { key, by, unsafe }: ColleagueNote,
  now: string,
): R {
  const kind = unsafe ? 'unsafe' : 'colleague-note';
  if (referral.concerns?.some((concern) => concern.kind === kind && concern.notes?.includes(key)))
    return referral;
  const raised = raise(referral, kind, now, key, by);
  const concerns = raised.concerns?.map((concern) =>
    concern.kind === kind && concern.settledAt === undefined
      ? { ...concern, notes: [...(concern.notes ?? []), key].slice(-MOST_CONCERN_NOTES) }
      : concern,
  );
  return { ...raised, concerns };
}

function raise<R extends Referral>(
  referral: R,
  kind: ConcernKind,
  now: string,
  said?: string,
  by?: TeamMember,
): R {
  const { concerns = [] } = referral;
  const message = messageOf(kind, by);
  const open = concerns.find((concern) => concern.kind === kind && concern.settledAt === undefined);
  if (open)
    return said === undefined ? referral : told(referral, message, `concern-${open.number}-${said}`, now);
  const number = (concerns.at(-1)?.number ?? 0) + 1;
  const concern: Concern = { number, at: now, kind, ...(by ? { by } : {}) };
  const raised = happened(
    inLineAnew({ ...referral, concerns: bounded([...concerns, concern]) }, now),
    now,
    by ? 'link-worker' : 'person',
    'concern-raised',
    codeOf(kind),
    by?.name,
  );
  return tellThatItWaits(told(raised, message, causeOf(concern), now), concern, concernDue(concern));
}

/**
 * The coordinator has been told that a concern waits: they are told again, until somebody has seen to it. Changes nothing where that is still to
 * be told, and where no concern is open.
 */
export function tellUntilSettled<R extends Referral>(referral: R, now: string): R {
  return (referral.concerns ?? [])
    .filter((concern) => concern.settledAt === undefined)
    .reduce(
      (told, concern) => tellThatItWaits(told, concern, after(now, figure(figureOf(concern.kind), 1))),
      referral,
    );
}

/** Each time is a mail of its own: one with the same cause looks to mail programs like the one before. */
function tellThatItWaits<R extends Referral>(referral: R, concern: Concern, at: string): R {
  if (referral.outbox.some((entry) => isToTell(entry, concern.number))) return referral;
  const cause = `${causeOf(concern)}-at-${at}`;
  const message = concern.kind === 'colleague-note' ? 'colleague-note-waiting' : 'concern-waiting';
  return email(referral, at, { message, to: 'coordinator', cause });
}

/** Whether an entry is to tell that a concern waits. */
function isToTell({ key }: OutboxEntry, number: number): boolean {
  return ['concern-waiting', 'colleague-note-waiting'].some((message) => {
    const first = `email:${message}:coordinator:${causeOf({ number })}`;
    // Older versions stored it without a time.
    return key === first || key.startsWith(`${first}-at-`);
  });
}

function causeOf({ number }: Pick<Concern, 'number'>): string {
  return `concern-${number}`;
}

/** How the link workers hear of it; of somebody who left they do anyway. */
function messageOf(kind: ConcernKind, by: TeamMember | undefined): MessageKind | undefined {
  switch (kind) {
    case 'left-at-risk':
      return undefined;
    case 'unsafe':
      return by ? 'colleague-note-urgent' : 'concern-urgent';
    case 'contact':
      return 'concern';
    case 'colleague-note':
      return kind;
  }
}

/** Where somebody may not be safe, the coordinator is not to hear last. */
function told<R extends Referral>(
  referral: R,
  message: MessageKind | undefined,
  cause: string,
  now: string,
): R {
  if (message === undefined) return referral;
  const mailed = email(referral, now, { message, to: 'link-worker', cause });
  return message.endsWith('-urgent') ? email(mailed, now, { message, to: 'coordinator', cause }) : mailed;
}

/**
 * Records that somebody has seen to a concern; nobody else is told that it waits. The same said again changes nothing; `already-decided` where it
 * was somebody else, whose name is what was recorded.
 */
export function settleConcern(referral: Referral, number: number, by: TeamMember, now: string): Outcome {
  const concern = referral.concerns?.find((each) => each.number === number);
  if (!concern) return { refused: 'not-now' };
  if (concern.settledAt !== undefined) {
    return concern.settledBy?.id === by.id
      ? referral
      : { refused: 'already-decided', recorded: concern.settledBy?.name ?? '' };
  }
  const settled = { ...concern, settledAt: now, settledBy: by };
  const concerns = referral.concerns?.map((each) => (each === concern ? settled : each));
  const outbox = referral.outbox.filter((entry) => !isToTell(entry, number));
  const noted = happened(
    inLineAnew({ ...referral, concerns, outbox }, now),
    now,
    'link-worker',
    'concern-settled',
    codeOf(concern.kind),
    by.name,
  );
  return referral.stage === 'closed' ? noted : takenBy(noted, by, now);
}

/** Who waits for a place is in the line by how urgent it is, which a concern changes. */
function inLineAnew<R extends Referral>(referral: R, now: string): R {
  return waitsOnList(openOffer(referral)) ? settlePlaces(referral, now) : referral;
}

/** In the history, where "contact" is how to reach somebody. */
function codeOf(kind: ConcernKind): string {
  return kind === 'contact' ? 'asks-for-contact' : kind;
}

/** Where there are too many the oldest that are settled go: what is open stays. */
function bounded(concerns: readonly Concern[]): Concern[] {
  if (concerns.length <= MOST_CONCERNS) return [...concerns];
  const oldest = concerns.find(({ settledAt }) => settledAt !== undefined);
  return concerns.filter((concern) => concern !== oldest);
}
