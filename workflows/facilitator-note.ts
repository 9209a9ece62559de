/** What a facilitator writes to the link worker about one person, beside the register of a session. The text itself is a note beside the referral. */
import { email, happened, type Outcome } from './change.ts';
import type { Referral } from './referral.ts';

/**
 * Records that a note was left, at any stage: the link workers hear of it by one email. `mark` tells the note from every other (lower-case letters and
 * digits): the same one again changes nothing.
 */
export function tellOfNote(referral: Referral, mark: string, now: string): Outcome {
  const known = referral.history.some(({ event, detail }) => event === 'facilitator-note' && detail === mark);
  if (known) return referral;
  const noted = happened(referral, now, 'facilitator', 'facilitator-note', mark);
  return email(noted, now, { message: 'facilitator-note', to: 'link-worker', cause: mark });
}
