/** The loop closed: however it ended, the person, the referrer and the GP practice hear. */
import { addLink, email, happened, type Outcome } from './change.ts';
import { planFollowUp } from './measure-times.ts';
import type { Recipient } from './outbox-entry.ts';
import { emailOf, hasGpPractice } from './person.ts';
import type { Referral } from './referral.ts';
import type { Referrer } from './request.ts';
import { nothingToTell } from './undelivered.ts';

/** Who a letter is for. */
export type Reader = 'person' | 'referrer' | 'gp';
export const READERS: readonly Reader[] = ['person', 'referrer', 'gp'];

/** What a letter may say: how it ended and with which programme, how often they came, what they answered, and the code for a record. */
export type MayKnow = { ending: boolean; attendance: 'sum' | 'codes'; measures: boolean; snomed: boolean };

/**
 * What each reader may know. A professional who referred hears how it ended and whether it was of use: how many sessions there were and how many
 * the person came to. Family and friends hear that it has ended: where somebody goes, and whether, is theirs to tell. What the person answered
 * about themself is theirs too, and goes to the practice that looks after them.
 */
const MAY_KNOW: Record<Reader | 'family-or-friend', MayKnow> = {
  person: { ending: true, attendance: 'codes', measures: true, snomed: false },
  referrer: { ending: true, attendance: 'sum', measures: false, snomed: false },
  'family-or-friend': { ending: false, attendance: 'sum', measures: false, snomed: false },
  gp: { ending: true, attendance: 'codes', measures: true, snomed: true },
};

/** What a reader of a referral's letters may know. */
export function mayKnow(reader: Reader, { kind }: Pick<Referrer, 'kind'>): MayKnow {
  return MAY_KNOW[reader === 'referrer' && kind === 'family-or-friend' ? kind : reader];
}

/** Closes a referral whose ending was decided. Already closed: nothing changes. */
export function close(referral: Referral, now: string): Outcome {
  if (referral.stage === 'closed') return { refused: 'already-decided', recorded: referral.ending.kind };
  if (referral.stage !== 'closing') return { refused: 'not-now' };
  const { due: _due, waiting: _waiting, ...rest } = referral;
  const closed = nothingToTell(planFollowUp({ ...rest, stage: 'closed', closedAt: now }, now), now);
  return readersOf(closed).reduce<Referral>(
    (told, reader) => sendLetter(told, reader, now),
    happened(closed, now, 'workflow', 'closed', referral.ending.kind),
  );
}

/** Who gets a letter: where they are known. A person who refers themself gets one, not two. */
export function readersOf({ referrer, person }: Pick<Referral, 'referrer' | 'person'>): Reader[] {
  return READERS.filter(
    (reader) =>
      (reader !== 'referrer' || referrer.kind !== 'self') && (reader !== 'gp' || hasGpPractice(person)),
  );
}

function sendLetter(referral: Referral, reader: Reader, now: string): Referral {
  const message = `letter-${reader}` as const;
  const to = addresseeOf(referral, reader);
  // Who prints it signs in.
  if (to === 'link-worker') return email(referral, now, { message, to, cause: 'closed' });
  return email(addLink(referral, message, 'letters'), now, { message, to, cause: 'closed', link: message });
}

/** Where we have no email address, a link worker prints the letter and sends it on. */
export function isToPrint({ person }: Pick<Referral, 'person'>, reader: Reader): boolean {
  if (reader === 'person') return emailOf(person) === undefined;
  return reader === 'gp' && person.gpPracticeEmail === undefined;
}

function addresseeOf(referral: Referral, reader: Reader): Recipient {
  if (isToPrint(referral, reader)) return 'link-worker';
  return reader === 'gp' ? 'gp-practice' : reader;
}
