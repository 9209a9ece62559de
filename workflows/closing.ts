/** The loop closed: however it ended, the person, the referrer and the GP practice hear. */
import { addLink, email, happened, type Outcome } from './change.ts';
import { emailOf, hasGpPractice } from './person.ts';
import type { In, Recipient, Referral } from './referral.ts';

/** Who a letter is for. */
export type Reader = 'person' | 'referrer' | 'gp';
export const READERS: readonly Reader[] = ['person', 'referrer', 'gp'];

/**
 * What each reader may know of the programme. Whoever referred hears whether it was of use: how many sessions there were and how many the
 * person came to. What the person answered about themself is theirs, and goes to the practice that looks after them.
 */
export const MAY_KNOW: Record<Reader, { attendance: 'sum' | 'codes'; measures: boolean; snomed: boolean }> = {
  person: { attendance: 'codes', measures: true, snomed: false },
  referrer: { attendance: 'sum', measures: false, snomed: false },
  gp: { attendance: 'codes', measures: true, snomed: true },
};

/** Closes a referral whose ending was decided. Already closed: nothing changes. */
export function close(referral: Referral, now: string): Outcome {
  if (referral.stage === 'closed') return { refused: 'already-decided', recorded: referral.ending.kind };
  if (referral.stage !== 'closing') return { refused: 'not-now' };
  const { due: _due, waiting: _waiting, ...rest } = referral;
  const closed: In<'closed'> = { ...rest, stage: 'closed', closedAt: now };
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
