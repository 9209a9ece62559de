/** A word to whoever waits for long: do they still want this, and how are they? Nobody who waits hears nothing for weeks. */
import { email, happened, type Outcome, openOffer } from './change.ts';
import { openConcern } from './concerns.ts';
import { asOthersSee } from './held-back.ts';
import { reachedAt } from './person.ts';
import { afterQuiet } from './quiet.ts';
import type { In, ProgrammeRecord, Referral } from './referral.ts';
import { figure } from './reminder-policy.ts';
import { after, isDue } from './time.ts';

/** Whether they wait for others: for a link worker's review, for a place, or for their first session. Who agreed to wait until a day has heard when. */
export function isWaiting(referral: Referral): boolean {
  return (
    referral.stage === 'offer' ||
    (referral.stage === 'review' && referral.hold === undefined) ||
    waitsToStart(referral)
  );
}

/** Whether there is a place that they keep while they wait: on a waiting list, also where one was found since, or in a programme that is to start. */
export function keepsPlace(referral: Referral): boolean {
  return openOffer(referral)?.waitlistedAt !== undefined || waitsToStart(referral);
}

/** Whether a provider has accepted them, and the first session is so far away that they would hear nothing for too long. */
function waitsToStart(referral: Referral): referral is In<'programme'> {
  if (referral.stage !== 'programme') return false;
  const { joinedAt = referral.createdAt, sessions } = referral.programme;
  const isFar = startOf(referral.programme) > after(joinedAt, figure('check-in'));
  return isFar && sessions.every(({ status }) => status !== 'held');
}

/** When they start, as their group's sessions are now: later than when they were accepted, where it was postponed. What nobody recorded may have been held. */
function startOf({ firstSessionAt, sessions }: ProgrammeRecord): string {
  return sessions.find(({ status }) => status === 'planned')?.startsAt ?? firstSessionAt;
}

/**
 * When to ask somebody who has long to wait for their first session: until it comes nothing else may be due. Undefined for all others, who are asked
 * when something else is due.
 */
export function nextCheckIn(referral: Referral): string | undefined {
  if (!waitsToStart(referral) || openConcern(referral)) return undefined;
  const at = afterQuiet(after(lastWord(referral), figure('check-in')));
  return at < startOf(referral.programme) ? at : undefined;
}

/**
 * Asks the person how they are if they wait, and there has been no word to or from them for as long as the policy says. Whom email does not reach is the
 * link workers' to ask. Any other referral stays as it is. Called whenever something is due.
 */
export function checkIn(referral: Referral, now: string): Referral {
  if (!isWaiting(referral) || openConcern(referral)) return referral;
  if (!isDue(after(lastWord(referral), figure('check-in')), now)) return referral;
  const number = (referral.checkIn?.number ?? 0) + 1;
  const cause = `check-in-${number}`;
  const asked = happened({ ...referral, checkIn: { number, askedAt: now } }, now, 'sweep', 'check-in');
  return reachedAt(referral) === undefined
    ? email(asked, now, { message: 'check-in-by-hand', to: 'link-worker', cause })
    : email(asked, now, { message: 'check-in', to: 'person', cause, link: 'person' });
}

/** When somebody last heard from us, or we from them. */
function lastWord({ createdAt, history, contacts = [], sent = [], outbox, checkIn }: Referral): string {
  return [
    createdAt,
    ...(checkIn ? [checkIn.askedAt] : []),
    // Until a hold is over they agreed to wait.
    ...history.filter(({ by, event }) => by === 'person' || event === 'hold-ended').map(({ at }) => at),
    ...contacts.filter(({ outcome }) => outcome === 'reached').map(({ at }) => at),
    ...sent.filter(({ to }) => to === 'person').map(({ at }) => at),
    ...outbox.flatMap((entry) => (entry.kind === 'email' && entry.to === 'person' ? [entry.notBefore] : [])),
  ].reduce((latest, at) => (at > latest ? at : latest));
}

/** Records that somebody who waits still wants this, or is worried. The same answer again changes nothing; `not-now` where they wait no more. */
export function answerCheckIn(referral: Referral, answer: 'still-want' | 'worried', now: string): Outcome {
  if (!isWaiting(asOthersSee(referral))) return { refused: 'not-now' };
  const { checkIn: asked } = referral;
  if (asked?.answer === answer) return referral;
  const answered = { number: 0, askedAt: now, ...asked, answer, answeredAt: now };
  return happened({ ...referral, checkIn: answered }, now, 'person', 'check-in-answered', answer);
}
