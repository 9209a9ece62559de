/** Links to an entry of the directory for its provider: the same tokens as for referrals, with an id made of the programme's. */
import { createHash } from 'node:crypto';

/** What the id in a token is for a programme: 32 hexadecimal digits. */
export function assuranceIdOf(programmeId: string): string {
  return createHash('sha256').update(`directory ${programmeId}`).digest('hex').slice(0, 32);
}
