/** Who somebody is here, by what the issuer says of them. */
import type { JWTPayload } from 'jose';
import { clean } from '../../workflows/checks.ts';
import { LIMITS } from '../../workflows/fields.ts';
import { environment } from '../shared/environment.ts';
import { ROLES, teamGroup } from '../shared/roles.ts';
import type { Person } from '../shared/session.ts';

/** The person of some claims. Roles and teams that this service does not know say nothing. */
export function personOf(claims: JWTPayload): Person {
  const { CLAIMS, ROLE_NAMES, TEAMS } = environment('signIn');
  const roles = textsIn(claims[CLAIMS.roles]);
  const teams = textsIn(claims[CLAIMS.teams]);
  const email = lineOf(claims.email);
  const inParts = [claims.given_name, claims.family_name].map(lineOf).filter(Boolean).join(' ');
  return {
    sub: claims.sub ?? '',
    name: lineOf(claims.name) || inParts || email || 'Somebody without a name',
    email,
    roles: ROLES.filter((role) => roles.has(ROLE_NAMES[role])),
    teams: TEAMS.map(({ id }) => id).filter((id) => teams.has(teamGroup(id))),
  };
}

/** Everything that a claim names: one text with spaces or commas, a list, or objects that have it somewhere inside. */
function textsIn(claim: unknown): Set<string> {
  return new Set(typeof claim === 'string' ? claim.split(/[\s,]+/) : leavesOf(claim));
}

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}

function lineOf(claim: unknown): string {
  return typeof claim === 'string' ? clean(claim).replace(/\s+/g, ' ').slice(0, LIMITS.line) : '';
}
