/**
 * Concerns: the person asks to be contacted, says that they do not feel safe, or left while a risk was open. A link worker is told at once, and it
 * stays first in the worklist until somebody has seen to it, whatever becomes of the referral meanwhile.
 */
import { takenBy } from './assignment.ts';
import { email, happened, type Outcome, openOffer, settlePlaces } from './change.ts';
import type { OutboxEntry } from './outbox-entry.ts';
import { type Concern, type ConcernKind, MOST_CONCERNS, type Referral, type TeamMember } from './referral.ts';
import { figure } from './reminder-policy.ts';
import { after } from './time.ts';

/** Which comes first. */
const GRAVEST: readonly ConcernKind[] = ['unsafe', 'left-at-risk', 'contact'];

/** The gravest concern that nobody has seen to, of several the oldest; undefined where there is none. */
export function openConcern({ concerns = [] }: Pick<Referral, 'concerns'>): Concern | undefined {
  const open = concerns.filter(({ settledAt }) => settledAt === undefined);
  return GRAVEST.map((kind) => open.find((concern) => concern.kind === kind)).find(Boolean);
}

/** Somebody said that there are risks, or danger, or the person waits to be contacted. */
export function hasOpenRisk({ request, concerns }: Pick<Referral, 'request' | 'concerns'>): boolean {
  return request.risks.known || request.danger === true || openConcern({ concerns }) !== undefined;
}

/** By when somebody is to see to it; then the coordinator hears that nobody has. */
export function concernDue({ at, kind }: Concern): string {
  return after(at, figure(kind));
}

/**
 * Records a concern and tells the link workers. While one of its kind is open there is no second; what is said meanwhile (`said`: the key of its
 * form) is told as that one was.
 */
export function raiseConcern<R extends Referral>(
  referral: R,
  kind: ConcernKind,
  now: string,
  said?: string,
): R {
  const { concerns = [] } = referral;
  const open = concerns.find((concern) => concern.kind === kind && concern.settledAt === undefined);
  if (open)
    return said === undefined ? referral : told(referral, kind, `concern-${open.number}-${said}`, now);
  const number = (concerns.at(-1)?.number ?? 0) + 1;
  const concern: Concern = { number, at: now, kind };
  const raised = happened(
    inLineAnew({ ...referral, concerns: bounded([...concerns, concern]) }, now),
    now,
    'person',
    'concern-raised',
    codeOf(kind),
  );
  return tellThatItWaits(told(raised, kind, causeOf(concern), now), concern, concernDue(concern));
}

/**
 * The coordinator has been told that a concern waits: they are told again, until somebody has seen to it. Changes nothing where that is still to
 * be told, and where no concern is open.
 */
export function tellUntilSettled<R extends Referral>(referral: R, now: string): R {
  return (referral.concerns ?? [])
    .filter((concern) => concern.settledAt === undefined)
    .reduce((told, concern) => tellThatItWaits(told, concern, after(now, figure(concern.kind, 1))), referral);
}

/** Each time is a mail of its own: one with the same cause looks to mail programs like the one before. */
function tellThatItWaits<R extends Referral>(referral: R, concern: Concern, at: string): R {
  if (referral.outbox.some((entry) => isToTell(entry, concern.number))) return referral;
  const cause = `${causeOf(concern)}-at-${at}`;
  return email(referral, at, { message: 'concern-waiting', to: 'coordinator', cause });
}

/** Whether an entry is to tell that a concern waits. */
function isToTell({ key }: OutboxEntry, number: number): boolean {
  const first = `email:concern-waiting:coordinator:${causeOf({ number })}`;
  // Older versions stored it without a time.
  return key === first || key.startsWith(`${first}-at-`);
}

function causeOf({ number }: Pick<Concern, 'number'>): string {
  return `concern-${number}`;
}

/** Of somebody who left the link workers hear anyway. Where somebody may not be safe, the coordinator is not to hear last. */
function told<R extends Referral>(referral: R, kind: ConcernKind, cause: string, now: string): R {
  switch (kind) {
    case 'left-at-risk':
      return referral;
    case 'contact':
      return email(referral, now, { message: 'concern', to: 'link-worker', cause });
    case 'unsafe': {
      const message = 'concern-urgent';
      return email(email(referral, now, { message, to: 'link-worker', cause }), now, {
        message,
        to: 'coordinator',
        cause,
      });
    }
  }
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
  const { waitlistedAt, cohortId } = openOffer(referral) ?? {};
  return waitlistedAt !== undefined && cohortId === undefined ? settlePlaces(referral, now) : referral;
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
