/** Who of the team is at work, as what they write keeps it. */
import { LIMITS } from '../../workflows/fields.ts';
import type { TeamMember } from '../../workflows/referral.ts';
import type { Case } from '../shared/case-access.ts';

export function memberOf({ who }: Case): TeamMember {
  return { id: who.sub, name: who.name.slice(0, LIMITS.line) };
}
