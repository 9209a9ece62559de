/** Somebody is in danger, says the referral: whether that still stands, for urgency, due times, emails and pages. */
import type { Referral } from './referral.ts';

/** What tells whether it stands. */
export type MayBeInDanger = Pick<
  Referral,
  'request' | 'stage' | 'createdAt' | 'contacts' | 'earlierProgrammes'
>;

/**
 * Whether somebody may be in danger now: nothing is arranged for the person yet, and nobody has spoken with them since the referral came in, however
 * often it was decided, taken back or passed on. From then on it is a known risk. Whoever was in a programme was met there.
 */
export function dangerStands(referral: MayBeInDanger): boolean {
  const { request, stage, createdAt, contacts = [], earlierProgrammes = [] } = referral;
  const isBefore = stage === 'intake' || stage === 'review' || stage === 'information';
  const wasReached = contacts.some(({ outcome, at }) => outcome === 'reached' && at >= createdAt);
  return request.danger === true && isBefore && !wasReached && earlierProgrammes.length === 0;
}
