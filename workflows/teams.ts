/** Which team of link workers looks after whom. */
import { postcodeDistrict } from './checks.ts';

/** A team and its area. The one without districts looks after everybody whom no other's area names. */
export type Team = { id: string; name: string; postcodeDistricts: readonly string[] };

/** The team of those whom no team's area names. */
export const ANY_TEAM = 'all';

/** The id of the team for a postcode. Throws when no team looks after the rest. */
export function teamFor(postcode: string, teams: readonly Team[]): string {
  const district = postcodeDistrict(postcode);
  const ofTheArea = teams.find(({ postcodeDistricts }) =>
    postcodeDistricts.some((each) => each === district),
  );
  const team = ofTheArea ?? teams.find(({ postcodeDistricts }) => postcodeDistricts.length === 0);
  if (!team) throw new Error('no team looks after the rest');
  return team.id;
}
